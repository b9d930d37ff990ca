//! `/owner/records.csv`: what the page of records shows, as a file.

use crate::harness::World;
use crate::sign_rig::*;
use backend::guard::link::Session;
use domain::guard::grants::{Key, Reason};
use domain::guard::ids::ServiceNumb;
use domain::guard::link::{Attempt, Happening, Record};
use domain::ids::Millis;
use serde_json::json;

on_every_engine! {
    a_file_holds_every_record_newest_first_and_no_password,
    what_stands_in_a_file_is_masked_and_no_formula,
    a_file_holds_what_was_filtered,
    those_above_have_the_file_and_nobody_else,
}

/// 17:00 in Shanghai.
const START: Millis = Millis(1_772_442_000_000);

fn number(text: &str) -> ServiceNumb {
    ServiceNumb::parse(text).unwrap()
}

fn typed() -> Attempt {
    Attempt::Password {
        masked: "******".to_owned(),
    }
}

fn record(seq: i64, at: Millis, what: Happening) -> Record {
    Record {
        seq,
        at,
        uncertainty_ms: Some(5),
        what,
    }
}

fn by_password(service_numb: &str) -> Happening {
    Happening::Opened {
        attempt: typed(),
        key: Key::Grant {
            service_numb: number(service_numb),
        },
    }
}

fn by_card(service_numb: &str) -> Happening {
    Happening::Opened {
        attempt: Attempt::Card {
            card_numb: None,
            dn_code: None,
        },
        key: Key::Grant {
            service_numb: number(service_numb),
        },
    }
}

fn refused() -> Happening {
    Happening::Refused {
        attempt: typed(),
        reason: Reason::UnknownPassword,
        service_numb: None,
    }
}

/// The family in March, Zhang's guard with a password and a card.
async fn family(world: &World) -> (World, [String; 4], Session) {
    let world = world.apart(START, |_| {}).await;
    let (tokens, guard) = world.family().await;
    assert_eq!(world.result(&tokens[0], add_password(&world, "p1", "135790")).await, 0);
    let card = with(add_card(&world, "c1"), "name", "=HYPERLINK(\"http://evil\")");
    assert_eq!(world.result(&tokens[0], card).await, 0);
    (world, tokens, guard)
}

/// The lines of the file as this owner gets it, without the header.
async fn file(world: &World, phone: &str, query: &str) -> Vec<String> {
    let cookie = format!("{}; lang=en", world.cookie_by(phone, SECRET).await);
    let path = format!("/owner/records.csv?{query}");
    let answer = world.get(&path).cookie(&cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    let header = "\u{feff}Time,Uncertainty,Guard,Bar code,Result,Way,Who,Card number";
    let rows = text.strip_prefix(header).unwrap_or_else(|| panic!("{text}"));
    rows.split("\r\n")
        .filter(|row| !row.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn a_file_holds_every_record_newest_first_and_no_password(world: World) {
    let (world, [zhang, ..], guard) = family(&world).await;
    let listed = json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    let standing = world.say(&listed).await["defaultPassword1"]
        .as_str()
        .unwrap()
        .to_owned();
    let all: Vec<Record> = (1..=450)
        .map(|seq| {
            let key = Key::DefaultPassword { number: 1 };
            let what = match seq % 3 {
                0 => by_password("p1"),
                1 => refused(),
                _ => Happening::Opened { attempt: typed(), key },
            };
            record(seq, START.plus(seq * 1_000), what)
        })
        .collect();
    for batch in all.chunks(64) {
        guard.store_records(batch).await.unwrap();
    }
    let rows = file(&world, ZHANG, "").await;
    assert_eq!(rows.len(), 450);
    assert!(rows.is_sorted_by(|a, b| a > b));
    assert_eq!(
        [&rows[0], &rows[1], &rows[449]],
        [
            "2026-03-02 17:07:30,,大门,G0001,Unlocked,Password,******,",
            "2026-03-02 17:07:29,,大门,G0001,Unlocked,Password,Default password 1,",
            "2026-03-02 17:00:01,,大门,G0001,Refused: wrong password,Password,******,",
        ]
    );
    assert!(!rows.iter().any(|row| row.contains("135790") || row.contains(&standing)));
}

async fn what_stands_in_a_file_is_masked_and_no_formula(world: World) {
    let (world, [zhang, ..], guard) = family(&world).await;
    let renamed = json!({
        "sign": 9, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "guardName": "@SUM(A1), \"大\"", "guardLocation": "",
        "guardComment": "", "timetag": world.second(),
    });
    assert_eq!(world.result(&zhang, renamed).await, 0);
    let unsure = Record {
        uncertainty_ms: None,
        ..record(1, START.plus(60_000), by_card("c1"))
    };
    guard.store_records(&[unsure]).await.unwrap();
    let rows = file(&world, ZHANG, "").await;
    assert_eq!(rows.len(), 1);
    let (time, rest) = rows[0].split_once(',').unwrap();
    let (doubt, rest) = rest.split_once(',').unwrap();
    assert_eq!(time, "2026-03-02 17:01:00");
    assert!(!doubt.is_empty());
    assert_eq!(
        rest,
        r#""'@SUM(A1), ""大""",G0001,Unlocked,Card,"'=HYPERLINK(""http://evil"")",110***********1234"#
    );
}

async fn a_file_holds_what_was_filtered(world: World) {
    let (world, _, guard) = family(&world).await;
    let kinds = [by_password("p1"), by_card("c1"), refused(), by_card("c1")];
    let all: Vec<Record> = (1..)
        .zip(kinds)
        .map(|(seq, what)| record(seq, START.plus(seq * 1_000), what))
        .collect();
    guard.store_records(&all).await.unwrap();
    for (query, count) in [
        ("way=card", 2),
        ("way=password", 2),
        ("result=refused", 1),
        ("way=password&result=opened", 1),
        ("person=HYPERLINK", 2),
        ("guard=G0001", 4),
        ("guard=G0002", 0),
        ("from=2026-03-02&until=2026-03-02", 4),
        ("from=2026-03-03", 0),
        // A file has no pages.
        ("cursor=x", 4),
    ] {
        assert_eq!(file(&world, ZHANG, query).await.len(), count, "{query}");
    }
}

async fn those_above_have_the_file_and_nobody_else(world: World) {
    let (world, _, guard) = family(&world).await;
    guard
        .store_records(&[record(1, START.plus(1_000), by_password("p1"))])
        .await
        .unwrap();
    let of_zhang = format!("of={ZHANG}");
    assert_eq!(file(&world, LI, &of_zhang).await.len(), 1);
    assert!(file(&world, LI, "").await.is_empty());
    for stranger in [WANG, ZHAO] {
        let cookie = world.cookie_by(stranger, SECRET).await;
        let path = format!("/owner/records.csv?{of_zhang}");
        let answer = world.get(&path).cookie(&cookie).send().await;
        assert_eq!(answer.status, 403, "{stranger}: {}", answer.text());
        assert!(!answer.text().contains("17:00"));
    }
    let nobody = world.get("/owner/records.csv").send().await;
    assert_eq!(nobody.status, 303);
}
