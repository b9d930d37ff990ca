//! Files that are kept, looked at, and imported in steps.

use crate::both;
use crate::harness::World;
use backend::locker::orders;
use backend::{Actor, ImportBounds, ImportGo, businesses, imports, uploads};
use domain::error::{Problem, Refusal};
use domain::ids::ThingsSq;
use domain::imports::{ImportKind, grouped};
use domain::locker::orders::OrderStatus;

const HEADER: &str = "thingsSq,customerNo,customerName,address,meterKind,business,status\n";
const STEP: ImportBounds = ImportBounds {
    rows: 200,
    ms: 1_000_000,
};
const ALL: ImportBounds = ImportBounds {
    rows: 50_000,
    ms: 1_000_000,
};

/// Rows of this business with these numbers.
fn rows(from: u32, to: u32, business: &str) -> String {
    (from..to)
        .map(|row| format!("{row},{row},이름,서울,전자식,{business},A\n"))
        .collect()
}

async fn orders_there(w: &World) -> i64 {
    use sqlx::Row as _;
    w.sql("SELECT count(*) FROM orders").await[0].get(0)
}

both! {
    async fn a_file_is_looked_at_and_nothing_is_imported(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let file = format!("{HEADER}{}", rows(0, 3, "한빛전기"));
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "주문 (1).csv", file.as_bytes()).await.unwrap();
        let report = imports::look(&w.b, &who, &id, None).await.unwrap();
        assert_eq!((report.added, report.rows, report.errors.len()), (3, 3, 0));
        assert_eq!(report.sample[0].cells[..3], ["0", "0", "이름"]);
        let upload = uploads::get(&w.b, &who, &id).await.unwrap();
        assert_eq!((upload.kind, upload.name.as_str(), upload.begun_at), (ImportKind::Orders, "주문 (1).csv", None));
        assert_eq!(orders_there(w).await, 0);
    }

    async fn an_import_that_was_left_in_the_middle_goes_on_where_it_stood(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let file = format!("{HEADER}{}", rows(0, 450, "한빛전기"));
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", file.as_bytes()).await.unwrap();
        let first = imports::go_on(&w.b, &who, &id, ImportGo::FromTheStart(None), STEP).await.unwrap();
        assert_eq!((first.done, first.rows, first.added), (200, 450, 200));
        assert!(first.is_unfinished());
        assert_eq!(orders_there(w).await, 200);
        // Another process goes on.
        let again = w.open_again().await.unwrap();
        let second = imports::go_on(&again, &who, &id, ImportGo::On, STEP).await.unwrap();
        assert_eq!((second.done, second.added), (400, 400));
        again.close().await;
        let last = imports::go_on(&w.b, &who, &id, ImportGo::On, ALL).await.unwrap();
        assert_eq!((last.done, last.added), (450, 450));
        assert!(last.is_finished());
        assert_eq!(uploads::get(&w.b, &who, &id).await.unwrap(), last);
        assert_eq!(orders_there(w).await, 450);
        let report = imports::look(&w.b, &who, &id, None).await.unwrap();
        assert_eq!((report.added, report.unchanged), (0, 450));
    }

    async fn two_who_go_on_with_one_file_count_every_row_once(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let file = format!("{HEADER}{}", rows(0, 1_000, "한빛전기"));
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", file.as_bytes()).await.unwrap();
        imports::go_on(&w.b, &who, &id, ImportGo::FromTheStart(None), STEP).await.unwrap();
        for _ in 0..5 {
            let go = || imports::go_on(&w.b, &who, &id, ImportGo::On, ALL);
            let (one, other) = tokio::join!(go(), go());
            assert!(one.is_ok() && other.is_ok());
        }
        let upload = uploads::get(&w.b, &who, &id).await.unwrap();
        assert_eq!((upload.done, upload.added), (1_000, 1_000));
        assert_eq!(orders_there(w).await, 1_000);
    }

    async fn what_was_mended_is_imported_from_the_same_file(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let file = format!("{HEADER}{}{}", rows(0, 5, "한빛전기"), rows(5, 505, "새 업체"));
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", file.as_bytes()).await.unwrap();
        let upload = imports::go_on(&w.b, &who, &id, ImportGo::FromTheStart(None), ALL).await.unwrap();
        assert_eq!((upload.added, upload.is_finished()), (5, true));
        let report = imports::look(&w.b, &who, &id, None).await.unwrap();
        let groups = grouped(&report.errors);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].refusal, Refusal::field("business", Problem::Unknown));
        assert_eq!((groups[0].count, groups[0].values[0].text.as_str()), (500, "새 업체"));
        businesses::add(&w.b, &Actor::from(&who), "새 업체").await.unwrap();
        assert_eq!(imports::look(&w.b, &who, &id, None).await.unwrap().added, 500);
        let upload = imports::go_on(&w.b, &who, &id, ImportGo::FromTheStart(None), ALL).await.unwrap();
        assert_eq!((upload.added, upload.is_finished()), (505, true));
        assert_eq!(orders_there(w).await, 505);
    }

    async fn refused_rows_come_as_they_stand_in_the_file_with_why(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let file = format!("{HEADER}1,1,김,서울,LP,한빛전기,A\n2,,\"이, 영\",서울,LP,한빛전기,A\n3,3,박,서울,LP,없는 곳,A\n");
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", file.as_bytes()).await.unwrap();
        let (lines, errors) = imports::refused(&w.b, &who, &id, None).await.unwrap();
        assert_eq!(lines.header.join(",") + "\n", HEADER);
        assert_eq!(lines.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(lines.rows[0].1[2], "이, 영");
        let values: Vec<Option<&str>> = errors.iter().map(|error| error.value.as_deref()).collect();
        assert_eq!(values, [Some(""), Some("없는 곳")]);
    }

    async fn a_file_in_another_encoding_is_read_again(w: &World) {
        let who = w.operator().await;
        w.business("Hanbit").await;
        let (korean, ..) = encoding_rs::EUC_KR.encode("휑뎅");
        let file = [HEADER.as_bytes(), b"1,1,", &korean, b",Seoul,LP,Hanbit,A\n"].concat();
        let id = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", &file).await.unwrap();
        let undecided = imports::look(&w.b, &who, &id, None).await;
        assert_eq!(undecided, Err(Refusal::field("file", Problem::Encoding)));
        let report = imports::look(&w.b, &who, &id, Some("euc-kr")).await.unwrap();
        assert_eq!((report.sample[0].cells[2].as_str(), report.encoding.as_str()), ("휑뎅", "EUC-KR"));
        let unknown = imports::look(&w.b, &who, &id, Some("klingon")).await;
        assert_eq!(unknown, Err(Refusal::field("encoding", Problem::Unknown)));
        let go = ImportGo::FromTheStart(Some("euc-kr".to_owned()));
        imports::go_on(&w.b, &who, &id, go, ALL).await.unwrap();
        let order = orders::get(&w.b, &who, &ThingsSq("1".to_owned())).await.unwrap();
        assert_eq!((order.customer_name.as_str(), order.status), ("휑뎅", OrderStatus::Received));
        // What it was imported as is what it is looked at as.
        assert_eq!(imports::look(&w.b, &who, &id, None).await.unwrap().unchanged, 1);
    }

    async fn a_file_belongs_to_who_sent_it_for_a_day(w: &World) {
        let who = w.operator().await;
        let other = w.person("01000000099", domain::people::Role::Operator, None).await;
        let id = imports::keep(&w.b, &who, ImportKind::Guards, "g.csv", b"guardId,deviceKey\nG1,a-good-device-key\n").await.unwrap();
        assert_eq!(uploads::get(&w.b, &other, &id).await, Err(Refusal::Unknown));
        assert_eq!(imports::look(&w.b, &other, &id, None).await.err(), Some(Refusal::Unknown));
        // It is no file of orders, and is read as what it is.
        assert_eq!(imports::look(&w.b, &who, &id, None).await.unwrap().added, 1);
        use sqlx::Row as _;
        let parts = w.sql("SELECT content FROM upload_parts").await;
        assert!(!parts[0].get::<String, _>(0).contains("a-good"));
        let done = imports::go_on(&w.b, &who, &id, ImportGo::On, ALL).await.unwrap();
        assert_eq!((done.added, done.is_finished()), (1, true));
        w.pass(uploads::KEPT_MS);
        assert_eq!(uploads::get(&w.b, &who, &id).await, Err(Refusal::Unknown));
        w.b.sweep().await.unwrap();
        assert!(w.sql("SELECT id FROM upload_parts").await.is_empty());
        assert!(w.sql("SELECT id FROM uploads").await.is_empty());
    }

    async fn old_files_of_one_person_make_room_for_new_ones(w: &World) {
        let who = w.operator().await;
        for _ in 0..uploads::KEPT_OF_ONE + 2 {
            imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", HEADER.as_bytes()).await.unwrap();
            w.pass(1_000);
        }
        assert_eq!(uploads::list(&w.b, &who).await.unwrap().len(), uploads::KEPT_OF_ONE);
        assert_eq!(w.sql("SELECT id FROM upload_parts").await.len(), uploads::KEPT_OF_ONE);
    }

    async fn a_file_nobody_can_read_is_not_kept(w: &World) {
        let who = w.operator().await;
        let wrong = imports::keep(&w.b, &who, ImportKind::Orders, "o.csv", b"a,b\n1,2\n").await;
        assert_eq!(wrong, Err(Refusal::field("a", Problem::Unknown)));
        assert!(w.sql("SELECT id FROM uploads").await.is_empty());
        assert!(w.sql("SELECT id FROM upload_parts").await.is_empty());
    }
}
