//! Finding orders by any part of them: those that wait and those in blocks, page by page, for everybody who may.

use crate::both;
use crate::harness::{World, port};
use backend::Actor;
use backend::locker::orders::{self, NewOrder};
use backend::locker::search::{self, catch_up, progress};
use domain::error::Refusal;
use domain::ids::{BusinessName, Yid};
use domain::locker::orders::{OrderSearch, OrderStatus, OrderTexts};
use domain::people::{Person, Role};
use domain::search::{Needle, Part};
use sqlx::Row as _;
use std::collections::BTreeSet;

const HEADER: &str = "thingsSq,customerNo,customerName,address,meterKind,business,status\n";

/// An order's texts, as they were added.
#[derive(Clone)]
struct Texts {
    key: String,
    number: String,
    name: String,
    address: String,
    business: &'static str,
    status: &'static str,
}

impl Texts {
    fn parts(&self) -> [(Part, &str); 5] {
        [
            (Part::CustomerNo, self.number.as_str()),
            (Part::OrderNo, self.key.as_str()),
            (Part::Name, self.name.as_str()),
            (Part::Address, self.address.as_str()),
            (Part::Business, self.business),
        ]
    }
}

/// Orders whose texts have much in common, as those of one city have.
fn city(from: u64, count: u64) -> Vec<Texts> {
    let pick = |of: &[&'static str], at: u64| of[(at % of.len() as u64) as usize];
    let texts = |at: u64| {
        let mixed = at
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            >> 20;
        let name = [
            pick(&["김", "이", "박", "최", "구", "강"], mixed),
            pick(&["민", "서", "지", "현", "도"], mixed / 7),
            pick(&["준", "연", "우", "호", "아", "진", "경"], mixed / 41),
        ];
        let (district, road) = (
            pick(&["마포구", "종로구", "중구", "강남구"], mixed / 307),
            pick(&["월드컵북로", "세종대로", "테헤란로"], mixed / 1009),
        );
        Texts {
            key: format!("T{:07}", at * 7919 % 10_000_000),
            number: format!("02-{:04}-{:04}", mixed % 10_000, mixed / 10_007 % 10_000),
            name: name.concat(),
            address: format!(
                "서울특별시 {district} {road} {} {}호",
                mixed / 3 % 400,
                mixed / 11 % 2000
            ),
            business: pick(&["한빛전기", "한빛전기", "한빛전기", "대성전력"], mixed / 13),
            status: pick(&["A", "B"], at),
        }
    };
    (from..from + count).map(texts).collect()
}

async fn import(w: &World, orders: &[Texts]) {
    let mut csv = HEADER.to_owned();
    for of in orders {
        let Texts {
            key,
            number,
            name,
            address,
            business,
            status,
        } = of;
        csv.push_str(&format!(
            "{key},{number},{name},\"{address}\",전자식,{business},{status}\n"
        ));
    }
    let report = orders::import_csv(&w.b, &Actor::Cli, csv.as_bytes()).await.unwrap();
    assert_eq!((report.added as usize, report.errors.len()), (orders.len(), 0));
}

fn asked(text: &str) -> OrderSearch {
    OrderSearch {
        text: text.to_owned(),
        limit: 50,
        ..OrderSearch::default()
    }
}

/// Every page, and how many there were.
async fn all_pages(w: &World, who: &Person, asked: &OrderSearch) -> (Vec<String>, usize) {
    let (mut keys, mut asked, mut pages) = (Vec::new(), asked.clone(), 0);
    loop {
        let hits = search::find(&w.b, who, &asked).await.unwrap();
        assert!(hits.rows.len() <= asked.limit as usize);
        pages += 1;
        keys.extend(hits.rows.into_iter().map(|hit| hit.of.things_sq.0));
        match hits.next {
            Some(next) => asked.cursor = Some(next),
            None => return (keys, pages),
        }
        assert!(pages < 1000, "{} has no end", asked.text);
    }
}

/// What a search must find, each once.
async fn assert_exact(w: &World, who: &Person, asked: &OrderSearch, all: &[Texts]) -> usize {
    let needle = Needle::parse(&asked.text);
    let fits = |of: &&Texts| {
        needle.find(&of.parts()).is_some()
            && asked.status.is_none_or(|status| status.letter() == of.status)
            && asked
                .business
                .as_ref()
                .is_none_or(|business| business.as_str() == of.business)
            && who
                .business
                .as_ref()
                .is_none_or(|business| business.as_str() == of.business)
    };
    let expected: BTreeSet<String> = all.iter().filter(fits).map(|of| of.key.clone()).collect();
    let (found, _) = all_pages(w, who, asked).await;
    let unique: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(found.len(), unique.len(), "{asked:?} finds orders twice");
    let missing: Vec<_> = expected.difference(&unique).take(5).collect();
    let wrong: Vec<_> = unique.difference(&expected).take(5).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "{asked:?}: missing {missing:?}, wrong {wrong:?}"
    );
    expected.len()
}

async fn blocks(w: &World) -> i64 {
    let rows = w.sql("SELECT count(DISTINCT block) FROM search_terms").await;
    rows[0].get(0)
}

const TYPED: [&str; 26] = [
    "0",
    "02",
    "77",
    "777",
    "7777",
    "02-12",
    "0212",
    "T0007919",
    "t79",
    "79190",
    "김",
    "김민",
    "김민준",
    "ㄱㅁㅈ",
    "ㄱ",
    "김ㅁㅈ",
    "ㅁ준",
    "월드",
    "북로 3",
    "마포구 김민",
    "중구 대성 12",
    "서울 퀭",
    "1호",
    "한빛",
    "특별시마포구월드컵북로",
    "민준 한빛 서울",
];

both! {
    async fn any_part_of_an_order_finds_it_and_is_named(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let new = NewOrder {
            things_sq: "T-2026/0017".to_owned(),
            texts: OrderTexts {
                customer_no: "02-1234-5678".to_owned(),
                customer_name: "김민준".to_owned(),
                address: "서울특별시 마포구 월드컵북로 396".to_owned(),
                business: "한빛전기".to_owned(),
                ..OrderTexts::default()
            },
            ..NewOrder::default()
        };
        orders::add(&w.b, &Actor::Cli, new).await.unwrap();
        for (typed, part, from, to) in [
            ("5678", Part::CustomerNo, 8, 12),
            ("０２ 1234", Part::CustomerNo, 0, 7),
            ("20260017", Part::OrderNo, 2, 11),
            ("민준", Part::Name, 1, 3),
            ("ㄱㅁㅈ", Part::Name, 0, 3),
            ("마포구월드", Part::Address, 6, 12),
            ("빛전", Part::Business, 1, 3),
        ] {
            let hits = search::find(&w.b, &staff, &asked(typed)).await.unwrap();
            let found: Vec<_> = hits.rows.iter().flat_map(|hit| &hit.found).map(|f| (f.part, f.start, f.end)).collect();
            assert_eq!(found, [(part, from, to)], "{typed}");
            assert!(!hits.incomplete);
        }
        for nothing in ["9999", "민준 99", "' OR 1=1 --", "_____", "%"] {
            assert!(search::find(&w.b, &staff, &asked(nothing)).await.unwrap().rows.is_empty(), "{nothing}");
        }
        assert_eq!(search::find(&w.b, &staff, &asked(" ")).await.unwrap().rows.len(), 1, "nothing typed is everything");
    }

    async fn searches_are_exact_in_blocks_and_before_on_every_page(w: &World) {
        let staff = w.staff("01000000002").await;
        for name in ["한빛전기", "대성전력"] {
            w.business(name).await;
        }
        let own = w.person("01000000004", Role::Business, Some("대성전력")).await;
        let all = city(1, 9_500);
        import(w, &all).await;
        assert_eq!(blocks(w).await, 2, "whole blocks were made during the import");
        let mut found = 0;
        for typed in TYPED {
            found += assert_exact(w, &staff, &asked(typed), &all).await;
            assert_exact(w, &own, &asked(typed), &all).await;
        }
        assert!(found > 20_000, "{found}");
        let business = Some(BusinessName("대성전력".to_owned()));
        for typed in ["12", "김", "ㄱㅁ", "마포구 김민"] {
            let only = OrderSearch { status: Some(OrderStatus::Ready), limit: 200, ..asked(typed) };
            assert_exact(w, &staff, &only, &all).await;
            assert_exact(w, &staff, &OrderSearch { business: business.clone(), ..only }, &all).await;
        }
    }

    async fn a_business_never_finds_what_is_not_its_own(w: &World) {
        let own = w.business_user("01000000004", "대성전력").await;
        w.business("한빛전기").await;
        let owner = w.person("13800000001", Role::Owner, None).await;
        import(w, &city(1, 200)).await;
        for business in [None, Some(BusinessName("한빛전기".to_owned()))] {
            let hits = search::find(&w.b, &own, &OrderSearch { business, ..asked("0") }).await.unwrap();
            assert!(!hits.rows.is_empty());
            assert!(hits.rows.iter().all(|hit| hit.of.business.as_str() == "대성전력"));
        }
        assert!(search::find(&w.b, &own, &asked("한빛")).await.unwrap().rows.is_empty());
        assert_eq!(search::find(&w.b, &owner, &asked("0")).await, Err(Refusal::NotYours));
        assert_eq!(search::find(&w.b, &owner, &asked("%")).await, Err(Refusal::NotYours));
    }

    async fn a_status_or_kiosk_with_few_orders_is_read_whole(w: &World) {
        let staff = w.staff("01000000002").await;
        for name in ["한빛전기", "대성전력"] {
            w.business(name).await;
        }
        let all = city(1, 30);
        import(w, &all).await;
        let kiosk = w.kiosk(1234, 1).await;
        let ready = all.iter().find(|of| of.status == "B").unwrap();
        kiosk.deposit(&staff, &domain::ids::ThingsSq(ready.key.clone()), port(1, 1), "48213").await;
        let of_kiosk = OrderSearch { yid: Some(Yid(1234)), ..asked(&ready.number) };
        assert_eq!(all_pages(w, &staff, &of_kiosk).await.0, std::slice::from_ref(&ready.key));
        let stored = OrderSearch { status: Some(OrderStatus::Stored), ..asked("서울") };
        assert_eq!(all_pages(w, &staff, &stored).await.0, std::slice::from_ref(&ready.key));
        let received = OrderSearch { status: Some(OrderStatus::Received), limit: 4, ..asked("서울") };
        let (found, pages) = all_pages(w, &staff, &received).await;
        assert_eq!((found.len(), pages), (15, 4));
    }

    async fn an_answer_that_cannot_look_at_everything_says_where_to_go_on(w: &World) {
        let staff = w.staff("01000000002").await;
        for name in ["한빛전기", "대성전력"] {
            w.business(name).await;
        }
        // The only ready ones that hold the word lie behind thousands that hold it and are not ready.
        let mut all = city(1, 6_500);
        for (at, of) in all.iter_mut().enumerate() {
            of.status = if at < 1_100 { "B" } else { "A" };
            let word = if (1_097..1_100).contains(&at) || of.status == "A" { "무지개" } else { "하늘" };
            of.address = format!("{word} {}", of.address);
        }
        import(w, &all).await;
        catch_up(&w.b).await.unwrap();
        assert_eq!(blocks(w).await, 2);
        let ready = OrderSearch { status: Some(OrderStatus::Ready), ..asked("무지개") };
        let first = search::find(&w.b, &staff, &ready).await.unwrap();
        assert!(first.rows.len() < 3 && first.next.is_some(), "{}", first.rows.len());
        assert_eq!(assert_exact(w, &staff, &ready, &all).await, 3);
    }

    async fn orders_put_into_a_block_between_two_pages_are_neither_lost_nor_doubled(w: &World) {
        let staff = w.staff("01000000002").await;
        for name in ["한빛전기", "대성전력"] {
            w.business(name).await;
        }
        let all = city(1, 2_100);
        import(w, &all).await;
        assert_eq!(blocks(w).await, 0);
        let mut asked = OrderSearch { limit: 200, ..asked("서울") };
        let mut seen: Vec<String> = Vec::new();
        for page in 0.. {
            let hits = search::find(&w.b, &staff, &asked).await.unwrap();
            seen.extend(hits.rows.into_iter().map(|hit| hit.of.things_sq.0));
            asked.cursor = hits.next;
            if asked.cursor.is_none() {
                break;
            }
            if page == 2 {
                catch_up(&w.b).await.unwrap();
                assert_eq!(blocks(w).await, 1);
            }
        }
        let unique: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (all.len(), all.len()));
    }

    async fn orders_from_before_the_table_are_put_into_blocks_once(w: &World) {
        let staff = w.staff("01000000002").await;
        for name in ["한빛전기", "대성전력"] {
            w.business(name).await;
        }
        let old = city(1, 5_000);
        import(w, &old).await;
        // As the migration leaves a database that had orders.
        for table in ["search_terms", "search_keys", "search_waiting"] {
            w.sql(&format!("DELETE FROM {table}")).await;
        }
        w.sql("INSERT INTO search_backlog (things_sq) SELECT things_sq FROM orders").await;
        w.sql("UPDATE settings SET value = '' WHERE name = 'search'").await;
        let fresh = w.another_node().await;
        let new = city(5_001, 10);
        import(w, &new).await;
        let hits = search::find(&fresh, &staff, &OrderSearch { limit: 200, ..asked("서울") }).await.unwrap();
        assert_eq!((hits.rows.len(), hits.incomplete), (10, true), "those added since are found");
        assert_eq!(progress(&fresh, 10_000).await.unwrap(), 5_000);

        // Several nodes at once; those that came too late come again.
        while progress(&fresh, 1).await.unwrap() > 0 {
            let (one, two) = tokio::join!(catch_up(&w.b), catch_up(&fresh));
            one.unwrap();
            two.unwrap();
        }
        let rows = w.sql("SELECT keys FROM search_keys").await;
        let keys: Vec<String> = rows.iter().flat_map(|row| {
            let keys: String = row.get(0);
            keys.split('\n').map(str::to_owned).collect::<Vec<_>>()
        }).collect();
        let unique: BTreeSet<&String> = keys.iter().collect();
        assert_eq!((keys.len(), unique.len()), (5_000, 5_000));
        let all: Vec<Texts> = old.into_iter().chain(new).collect();
        for typed in ["ㄱㅁㅈ", "서울", "7919", "마포구 김민"] {
            assert_exact(w, &staff, &asked(typed), &all).await;
        }
        let hits = search::find(&fresh, &staff, &asked("서울")).await.unwrap();
        assert!(!hits.incomplete);
        fresh.close().await;
    }

    async fn a_cursor_that_was_not_given_out_is_malformed(w: &World) {
        let staff = w.staff("01000000002").await;
        for cursor in ["forged", "", "ZmV3CmEKYg"] {
            let asked = OrderSearch { cursor: Some(cursor.to_owned()), ..asked("0") };
            assert!(matches!(search::find(&w.b, &staff, &asked).await, Err(Refusal::Malformed { .. })), "{cursor}");
        }
    }
}
