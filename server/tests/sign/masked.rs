//! What those above an owner see of cards by message: no more than their page shows without a trace.

use crate::harness::World;
use crate::sign_rig::{GUARD, ZHANG, add_card};
use domain::guard::grants::Key;
use domain::guard::ids::ServiceNumb;
use domain::guard::link::{Attempt, Happening, Record};
use serde_json::json;

const NUMBER: &str = "110101199003071234";
const MASKED: &str = "110***********1234";

on_every_engine! {
    a_superior_sees_no_whole_card_number_in_any_message,
}

async fn a_superior_sees_no_whole_card_number_in_any_message(world: World) {
    let ([zhang, li, ..], guard) = world.family().await;
    assert_eq!(world.result(&zhang, add_card(&world, "card-1")).await, 0);
    let opened = Record {
        seq: 1,
        at: world.now(),
        uncertainty_ms: Some(5),
        what: Happening::Opened {
            attempt: Attempt::Card {
                card_numb: None,
                dn_code: None,
            },
            key: Key::Grant {
                service_numb: ServiceNumb::parse("card-1").unwrap(),
            },
        },
    };
    assert_eq!(guard.store_records(&[opened]).await, Ok(1));
    for (token, shown) in [(&zhang, NUMBER), (&li, MASKED)] {
        let cards = json!({ "sign": 13, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": token });
        let cards = world.say(&cards).await;
        assert_eq!(cards["userList"][0]["cardNumb"], shown, "{cards}");
        let records = json!({
            "sign": 22, "ownerPhoneNumber": ZHANG, "startTime": world.minute(-1), "endTime": world.minute(1), "token": token,
        });
        let records = world.say(&records).await;
        let text = records.to_string();
        assert!(text.contains(shown), "{text}");
    }
    // Whatever else a superior may ask, the number is in none of it.
    for sign in [12, 13, 16, 22] {
        let asked = json!({
            "sign": sign, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "startTime": world.minute(-1), "endTime": world.minute(1),
            "token": li,
        });
        let answer = world.raw(asked.to_string()).await.text();
        assert!(!answer.contains(NUMBER), "{sign}: {answer}");
    }
}
