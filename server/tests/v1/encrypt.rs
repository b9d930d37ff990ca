//! `POST /v1/Encrypt`: makes codes, and is never an oracle.

use crate::harness::{Answer, BUSINESS, OTHER_BUSINESS, STAFF, World, deposited};
use crate::pages::inhabited::store;
use domain::token::{self, Payload};
use serde_json::{Value, json};

on_every_engine! {
    staff_get_clock_codes_and_passes,
    a_business_gets_the_code_of_its_own_order,
    nobody_gets_a_code_that_only_kiosks_make,
    values_that_contradict_are_refused_and_tell_nothing,
    somebody_elses_compartment_looks_like_none,
}

async fn make(world: &World, phone: &str, data: Value) -> Answer {
    let bearer = world.bearer(phone).await;
    world
        .post("/v1/Encrypt")
        .bearer(&bearer)
        .json(&json!({ "data": data }))
        .send()
        .await
}

async fn staff_get_clock_codes_and_passes(world: World) {
    let kiosk = world.kiosk(1234).await;
    let open = |answer: Answer| token::open(&kiosk.key, answer.ok()["data"].as_str().unwrap()).unwrap();
    let clock = open(make(&world, STAFF, json!({ "cmd": "SyncDate", "yid": 1234 })).await);
    assert_eq!((clock.payload, clock.claims.date), (Payload::SyncDate, world.now()));
    let pass = open(make(&world, STAFF, json!({ "cmd": "StaffPass", "yid": 1234 })).await);
    let Payload::StaffPass(pass) = pass.payload else {
        panic!("no pass")
    };
    assert_eq!(pass.phone.as_str(), STAFF);
    for cmd in ["SyncDate", "StaffPass"] {
        assert_eq!(
            make(&world, BUSINESS, json!({ "cmd": cmd, "yid": 1234 }))
                .await
                .refused(403),
            "not-yours"
        );
        assert_eq!(
            make(&world, STAFF, json!({ "cmd": cmd, "yid": 77 })).await.refused(404),
            "unknown"
        );
    }
}

async fn a_business_gets_the_code_of_its_own_order(world: World) {
    let kiosk = store(&world).await;
    for data in [
        json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" }),
        json!({ "cmd": "OpenToTake", "yid": 1234, "serial": "1", "jumper": 1.0, "pwd": deposited(1, 1).pwd, "label": "A1" }),
    ] {
        let made = make(&world, BUSINESS, data).await.ok();
        let opened = token::open(&kiosk.key, made["data"].as_str().unwrap()).unwrap();
        let Payload::OpenToTake(fields) = opened.payload else {
            panic!("another kind")
        };
        assert_eq!((fields.jumper, fields.serial, fields.pwd), (1, 1, deposited(1, 1).pwd));
    }
    let data = json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" });
    assert_eq!(make(&world, STAFF, data).await.refused(403), "not-yours");
}

async fn nobody_gets_a_code_that_only_kiosks_make(world: World) {
    store(&world).await;
    for phone in [STAFF, BUSINESS] {
        for cmd in ["OpenToSave", "SaveToData"] {
            let data = json!({ "cmd": cmd, "yid": 1234, "serial": 1, "jumper": 1, "pwd": "12345", "thingsSq": "1002" });
            assert_eq!(make(&world, phone, data).await.refused(422), "code-kind");
        }
    }
    make(&world, STAFF, json!({ "cmd": "Open", "yid": 1234 }))
        .await
        .refused(422);
}

async fn values_that_contradict_are_refused_and_tell_nothing(world: World) {
    store(&world).await;
    let right = deposited(1, 1).pwd;
    for (field, value) in [
        ("pwd", json!("11111")),
        ("serial", json!(2)),
        ("jumper", json!(2)),
        ("label", json!("B1")),
        ("saveDate", json!("2020")),
        ("yid", json!(1235)),
    ] {
        let mut data = json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" });
        data[field] = value;
        let answer = make(&world, BUSINESS, data).await;
        answer.refused(422);
        assert!(!answer.text().contains(&right), "{field}: {}", answer.text());
    }
}

async fn somebody_elses_compartment_looks_like_none(world: World) {
    store(&world).await;
    let named = json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" });
    assert_eq!(make(&world, OTHER_BUSINESS, named).await.refused(403), "not-yours");
    let by_port = |serial: i64| json!({ "cmd": "OpenToTake", "yid": 1234, "jumper": 1, "serial": serial });
    let (theirs, empty, none) = (
        make(&world, OTHER_BUSINESS, by_port(1)).await,
        make(&world, OTHER_BUSINESS, by_port(2)).await,
        make(&world, OTHER_BUSINESS, by_port(99)).await,
    );
    assert_eq!(theirs.refused(403), "not-yours");
    assert_eq!((theirs.body == empty.body, theirs.body == none.body), (true, true));
}
