use crate::both;
use crate::harness::World;
use backend::guard::inventory;
use backend::locker::orders::{self, import};
use backend::{Actor, ImportOptions};
use domain::error::{Problem, Refusal};
use domain::ids::ThingsSq;
use domain::locker::orders::{ImportReport, OrderStatus};
use encoding_rs::{EUC_KR, Encoding, GB18030};

const HEADER: &str = "thingsSq,customerNo,customerName,address,meterKind,business,status\n";

async fn read(w: &World, bytes: &[u8]) -> Result<ImportReport, Refusal> {
    orders::import_csv(&w.b, &Actor::Cli, bytes).await
}

fn field(name: &str, problem: Problem) -> Refusal {
    Refusal::field(name, problem)
}

async fn name_of(w: &World, key: &str) -> String {
    let operator = w.operator().await;
    orders::get(&w.b, &operator, &ThingsSq(key.to_owned()))
        .await
        .unwrap()
        .customer_name
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

both! {
    async fn rows_stand_or_fall_one_by_one(w: &World) {
        w.business("한빛전기").await;
        let file = format!(
            "{HEADER}1001,0211,홍길동,\"서울, 중구\",전자식,한빛전기,A\n\
             1002,0212,김,서울,전자식,없는회사,A\n\
             1003,,김,서울,전자식,한빛전기,A\n\
             1004,0214,김,서울,전자식,한빛전기\n\
             1005,0215,김,서울,전자식,한빛전기,C\n\
             1006,0216,김,서울,전자식,한빛전기,B\n"
        );
        let report = read(w, file.as_bytes()).await.unwrap();
        assert_eq!((report.added, report.unchanged, report.encoding.as_str()), (3, 0, "UTF-8"));
        let errors: Vec<_> = report.errors.into_iter().map(|error| (error.line, error.refusal)).collect();
        assert_eq!(errors[0], (3, field("business", Problem::Unknown)));
        assert_eq!(errors[1], (4, field("customerNo", Problem::Required)));
        // A last cell that is missing is empty.
        assert_eq!(errors[2..], [(6, field("status", Problem::Contradicts))]);
        let operator = w.operator().await;
        let order = orders::get(&w.b, &operator, &ThingsSq("1001".to_owned())).await.unwrap();
        assert_eq!((order.address.as_str(), order.status), ("서울, 중구", OrderStatus::Received));
    }

    async fn the_same_file_again_changes_nothing(w: &World) {
        w.business("한빛전기").await;
        let file = format!("{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,A\n1002,0212,김,서울,전자식,한빛전기,B\n");
        assert_eq!(read(w, file.as_bytes()).await.unwrap().added, 2);
        let again = read(w, file.as_bytes()).await.unwrap();
        assert_eq!((again.added, again.updated, again.unchanged, again.errors.len()), (0, 0, 2, 0));
    }

    async fn a_row_moves_its_order_on_to_ready_but_never_back(w: &World) {
        let operator = w.operator().await;
        w.business("한빛전기").await;
        let row = |status: &str| format!("{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,{status}\n");
        read(w, row("A").as_bytes()).await.unwrap();
        assert_eq!(read(w, row("B").as_bytes()).await.unwrap().updated, 1);
        assert_eq!(w.status(&operator, &ThingsSq("1001".to_owned())).await, OrderStatus::Ready);
        assert_eq!(read(w, row("A").as_bytes()).await.unwrap().unchanged, 1);
        assert_eq!(w.status(&operator, &ThingsSq("1001".to_owned())).await, OrderStatus::Ready);
    }

    async fn a_known_key_with_other_content_is_taken(w: &World) {
        w.business("한빛전기").await;
        let file = format!(
            "{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,A\n\
             1001,0211,홍길동,서울,전자식,한빛전기,A\n\
             1001,0299,다른사람,서울,전자식,한빛전기,A\n"
        );
        let report = read(w, file.as_bytes()).await.unwrap();
        assert_eq!((report.added, report.unchanged), (1, 1));
        assert_eq!(report.errors.len(), 1);
        assert_eq!((report.errors[0].line, &report.errors[0].refusal), (4, &field("thingsSq", Problem::Taken)));
        assert_eq!(name_of(w, "1001").await, "홍길동");
    }

    async fn columns_may_come_in_any_order_and_case(w: &World) {
        w.business("한빛전기").await;
        let file = "BUSINESS;meterkind;Address;customerName;customerNo;thingssq\r\n한빛전기;전자식;서울;홍길동;0211;1001\r\n";
        assert_eq!(read(w, file.as_bytes()).await.unwrap().added, 1);
        assert_eq!(name_of(w, "1001").await, "홍길동");
    }

    async fn wrong_columns_refuse_the_whole_file(w: &World) {
        w.business("한빛전기").await;
        let row = "1001,0211,홍길동,서울,전자식,한빛전기,A\n";
        for (header, refusal) in [
            ("thingsSq,customerName,address,meterKind,business,status\n", field("customerNo", Problem::Required)),
            ("thingsSq,customerNo,customerName,address,meterKind,business,statsu\n", field("statsu", Problem::Unknown)),
            ("thingsSq,thingsSq,customerName,address,meterKind,business,status\n", field("thingsSq", Problem::Taken)),
            ("", field("1001", Problem::Unknown)),
        ] {
            assert_eq!(read(w, format!("{header}{row}").as_bytes()).await, Err(refusal), "{header}");
        }
        assert_eq!(read(w, b"").await, Err(field("thingsSq", Problem::Required)));
        assert!(w.sql("SELECT things_sq FROM orders").await.is_empty());
    }

    async fn a_byte_order_mark_is_ignored(w: &World) {
        w.business("한빛전기").await;
        let file = format!("\u{feff}{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,A\n");
        assert_eq!(read(w, file.as_bytes()).await.unwrap().added, 1);
    }

    async fn korean_files_of_old_systems_are_read(w: &World) {
        w.business("한빛전기").await;
        let file = format!("{HEADER}1001,0211,홍길동,서울특별시 중구 뷁로,전자식,한빛전기,A\n");
        let report = read(w, &encoded(&file, EUC_KR)).await.unwrap();
        assert_eq!((report.added, report.encoding.as_str()), (1, "EUC-KR"));
        assert_eq!(name_of(w, "1001").await, "홍길동");
    }

    async fn chinese_files_of_old_systems_are_read(w: &World) {
        w.business("北京电力公司").await;
        let file = format!("{HEADER}1001,0211,张伟,北京市海淀区中关村大街1号,单相电子式电能表,北京电力公司,A\n");
        let report = read(w, &encoded(&file, GB18030)).await.unwrap();
        assert_eq!((report.added, report.encoding.as_str()), (1, "GBK"));
        assert_eq!(name_of(w, "1001").await, "张伟");
    }

    async fn sql_and_html_in_a_cell_are_only_text(w: &World) {
        w.business("한빛전기").await;
        let nasty = "'); DROP TABLE orders; -- <b>&amp;\"x\"</b> =1+1";
        let quoted = nasty.replace('"', "\"\"");
        let file = format!("{HEADER}1001,0211,\"{quoted}\",서울,전자식,한빛전기,A\n");
        read(w, file.as_bytes()).await.unwrap();
        assert_eq!(name_of(w, "1001").await, nasty);
    }

    async fn what_is_too_large_or_no_text_is_refused(w: &World) {
        let huge = vec![b'a'; import::BYTES_MAX + 1];
        assert!(matches!(read(w, &huge).await, Err(Refusal::TooLarge { .. })));
        assert!(matches!(read(w, b"\x00\x01\x02\xff\xfe\xfd").await, Err(Refusal::Malformed { .. })));
        let long = format!("{HEADER}{}", "1,2,3,4,5,6,A\n".repeat(import::ROWS_MAX as usize + 1));
        let max = import::ROWS_MAX;
        assert_eq!(read(w, long.as_bytes()).await, Err(field("file", Problem::TooLong { max })));
    }

    async fn an_unclosed_quote_harms_only_what_follows(w: &World) {
        w.business("한빛전기").await;
        let file = format!("{HEADER}1001,0211,홍,서울,전자식,한빛전기,A\n1002,0212,\"김,서울,전자식,한빛전기,A\n1003,0213,박,서울,전자식,한빛전기,A\n");
        let report = read(w, file.as_bytes()).await.unwrap();
        assert_eq!((report.added, report.errors.len()), (1, 1));
    }

    async fn a_name_alone_is_read_in_its_own_encoding(w: &World) {
        let operator = w.operator().await;
        w.business("Hanbit").await;
        for (key, name, encoding) in [("1001", "홍길동", EUC_KR), ("1002", "김철수", EUC_KR), ("1003", "张伟", GB18030), ("1004", "李娜", GB18030)] {
            let file = format!("{HEADER}{key},0211,{name},Seoul,LP,Hanbit,A\r\n");
            assert_eq!(read(w, &encoded(&file, encoding)).await.unwrap().added, 1, "{name}");
            let order = orders::get(&w.b, &operator, &ThingsSq(key.to_owned())).await.unwrap();
            assert_eq!(order.customer_name, name);
        }
    }

    async fn the_names_of_businesses_tell_the_encoding(w: &World) {
        let (name, business) = ("휑뎅", "휑뎅기");
        let file = format!("{HEADER}1001,0211,{name},Seoul,LP,{business},A\n");
        let bytes = encoded(&file, EUC_KR);
        assert_eq!(read(w, &bytes).await, Err(field("file", Problem::Encoding)));
        w.business(business).await;
        let report = read(w, &bytes).await.unwrap();
        assert_eq!((report.added, report.encoding.as_str()), (1, "EUC-KR"));
        assert_eq!(name_of(w, "1001").await, name);
    }

    async fn an_encoding_may_be_given(w: &World) {
        w.business("Hanbit").await;
        let bytes = encoded(&format!("{HEADER}1001,0211,휑뎅,Seoul,LP,Hanbit,A\n"), EUC_KR);
        let options = |name: &str| ImportOptions { encoding: Some(name.parse().unwrap()), dry_run: false };
        let refused = orders::import_csv_with(&w.b, &Actor::Cli, &bytes, options("utf-8")).await;
        assert!(matches!(refused, Err(Refusal::Malformed { .. })));
        assert_eq!(orders::import_csv_with(&w.b, &Actor::Cli, &bytes, options("euc-kr")).await.unwrap().added, 1);
        assert_eq!(name_of(w, "1001").await, "휑뎅");
    }

    async fn a_dry_run_says_what_would_come_of_it_and_changes_nothing(w: &World) {
        w.business("한빛전기").await;
        read(w, format!("{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,A\n1002,0212,김,서울,전자식,한빛전기,A\n").as_bytes()).await.unwrap();
        let mut file = format!(
            "{HEADER}1001,0211,홍길동,서울,전자식,한빛전기,B\n1002,0212,박,서울,전자식,한빛전기,A\n1003,0213,이,서울,전자식,없는회사,A\n\
             1004,0214,최,서울,전자식,한빛전기,A\n1004,0214,최,서울,전자식,한빛전기,B\n1004,0214,정,서울,전자식,한빛전기,A\n"
        );
        for row in 0..450 {
            file += &format!("{},0214,최,서울,전자식,한빛전기,A\n", 2000 + row % 300);
        }
        let (orders_before, evidence) = (w.sql("SELECT things_sq FROM orders").await.len(), w.sql("SELECT id FROM evidence").await.len());
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let planned = orders::import_csv_with(&w.b, &Actor::Cli, file.as_bytes(), options).await.unwrap();
        assert_eq!(w.sql("SELECT things_sq FROM orders").await.len(), orders_before);
        assert_eq!(w.sql("SELECT id FROM evidence").await.len(), evidence);
        assert_eq!(planned.sample[0].cells, ["1001", "0211", "홍길동", "서울", "전자식", "한빛전기", "B"]);
        assert_eq!((planned.added, planned.updated, planned.unchanged, planned.errors.len()), (301, 2, 150, 3));
        assert_eq!(read(w, file.as_bytes()).await.unwrap(), planned, "and then it comes to pass");
    }

    async fn what_spreadsheets_add_is_no_part_of_the_table(w: &World) {
        w.business("한빛전기").await;
        let file = "sep=;\r\nthingsSq;customerNo;customerName;address;meterKind;business;status;;\r\n\
                    ;;;;;;;;\r\n1001;=\"0211\";홍길동;\"서울\r\n중구\";전자식;한빛전기;B;;\r\n\r\n\
                    2.02501E+15;0212;김;서울;전자식;한빛전기;A\r\n1003;0213;박;서울;전자식;한빛전기\r\n";
        let report = read(w, file.as_bytes()).await.unwrap();
        assert_eq!(report.added, 2);
        assert_eq!(report.errors.len(), 1);
        assert_eq!((report.errors[0].line, &report.errors[0].refusal), (5, &field("thingsSq", Problem::Spreadsheet)));
        let operator = w.operator().await;
        let order = orders::get(&w.b, &operator, &ThingsSq("1001".to_owned())).await.unwrap();
        assert_eq!((order.address.as_str(), order.customer_no.as_str()), ("서울 중구", "0211"));
    }

    async fn guards_are_read_by_the_same_rules(w: &World) {
        let file = "sep=,\r\nguardId,deviceKey,,\r\nG0001,a-good-device-key,,\r\n,,,\r\n1E+12,a-good-device-key\r\nG0002\r\n";
        let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let planned = inventory::import_csv_with(&w.b, &Actor::Cli, file.as_bytes(), dry).await.unwrap();
        assert!(w.sql("SELECT guard_id FROM guards").await.is_empty());
        assert_eq!(planned.sample.iter().map(|row| row.cells.join(",")).collect::<Vec<_>>(), ["G0001", "G0002"], "keys are not shown");
        let report = inventory::import_csv(&w.b, &Actor::Cli, file.as_bytes()).await.unwrap();
        assert_eq!(report, planned);
        let errors: Vec<_> = report.errors.into_iter().map(|error| (error.line, error.refusal)).collect();
        assert_eq!(errors, [(4, field("guardId", Problem::Spreadsheet)), (5, field("deviceKey", Problem::Required))]);
        assert_eq!(report.added, 1);
        let again = "guardId,deviceKey\nG0001,a-good-device-key\nG0001,another-device-key\nG0003,a-good-device-key\nG0003,another-device-key\n";
        let planned = inventory::import_csv_with(&w.b, &Actor::Cli, again.as_bytes(), dry).await.unwrap();
        assert_eq!((planned.added, planned.unchanged, planned.errors.len()), (1, 1, 2));
        assert_eq!(inventory::import_csv(&w.b, &Actor::Cli, again.as_bytes()).await.unwrap(), planned);
    }

    async fn only_operators_import(w: &World) {
        let staff = w.staff("01000000002").await;
        let refused = orders::import_csv(&w.b, &Actor::from(&staff), HEADER.as_bytes()).await;
        assert_eq!(refused, Err(Refusal::NotYours));
    }
}
