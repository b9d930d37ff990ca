//! Damaged rows on pages, in files and in messages: each of them is named, and none keeps others from being seen.

use crate::harness::{OPERATOR, World};
use crate::sign_rig::{GUARD, SECRET, ZHANG, add_card, add_password};
use domain::guard::grants::Key;
use domain::guard::ids::ServiceNumb;
use domain::guard::link::{Attempt, Happening, Record};
use domain::ids::Millis;
use serde_json::json;

on_every_engine! {
    damaged_rows_are_named_everywhere_and_the_others_are_seen,
}

fn opened(seq: i64, at: Millis, service_numb: &str) -> Record {
    Record {
        seq,
        at,
        uncertainty_ms: Some(5),
        what: Happening::Opened {
            attempt: Attempt::Password {
                masked: "******".to_owned(),
            },
            key: Key::Grant {
                service_numb: ServiceNumb::parse(service_numb).unwrap(),
            },
        },
    }
}

async fn damaged_rows_are_named_everywhere_and_the_others_are_seen(world: World) {
    let ([zhang, ..], guard) = world.family().await;
    for (number, digits) in [("whole", "135790"), ("broken", "246802")] {
        assert_eq!(world.result(&zhang, add_password(&world, number, digits)).await, 0);
    }
    assert_eq!(world.result(&zhang, add_card(&world, "card")).await, 0);
    let now = world.now();
    let records = [opened(1, now, "whole"), opened(2, now.plus(1_000), "whole")];
    assert_eq!(guard.store_records(&records).await, Ok(2));
    world.clock.forward_minutes(1);
    world
        .sql("UPDATE grants SET content = 'x' WHERE service_numb IN ('broken', 'card')")
        .await;
    world.sql("UPDATE records SET info = 'x' WHERE seq = 2").await;

    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let page = async |path: &str| {
        let answer = world
            .get(path)
            .header("accept-language", "en")
            .cookie(&cookie)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    let of_guard = page(&format!("/owner/guards/{GUARD}")).await;
    for shown in ["/passwords/whole\"", "authorisation broken", "authorisation card"] {
        assert!(of_guard.contains(shown), "{shown}: {of_guard}");
    }
    for kind in ["passwords/broken", "cards/card"] {
        let text = page(&format!("/owner/guards/{GUARD}/{kind}")).await;
        assert!(
            text.contains("data-testid=\"unreadable\"") && text.contains("cancel-yes"),
            "{kind}: {text}"
        );
    }
    let list = page("/owner/records").await;
    assert!(
        list.contains("data-testid=\"unreadable\"") && list.contains("******"),
        "{list}"
    );
    let file = page("/owner/records.csv").await;
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(file.contains("Cannot be read"), "{file}");

    let ask = async |sign: u64| {
        let asked = json!({
            "sign": sign, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "startTime": world.minute(-1), "endTime": world.minute(1),
            "token": zhang,
        });
        world.say(&asked).await
    };
    assert_eq!(ask(12).await["guards"].as_array().unwrap().len(), 1);
    assert_eq!(ask(13).await["userList"], json!([]));
    assert_eq!(ask(16).await["passwordList"].as_array().unwrap().len(), 1);
    assert_eq!(ask(22).await["recordList"].as_array().unwrap().len(), 2);

    let operator = world.cookie(OPERATOR).await;
    let first = world.get("/operator").cookie(&operator).send().await.text();
    for row in [
        "damaged-rows",
        "grants G0001 broken",
        "grants G0001 card",
        "records G0001 2",
    ] {
        assert!(first.contains(row), "{row}: {first}");
    }
}
