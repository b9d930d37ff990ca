//! A meter on its whole way over HTTP: scanned, completed, fetched.

use crate::harness::{Answer, BUSINESS, OTHER_STAFF, STAFF, World, deposited, stored};
use domain::token::{self, Payload};
use serde_json::{Value, json};

on_every_engine! {
    a_meter_goes_in_and_comes_out,
    the_same_deposit_sent_again_is_answered_alike,
    a_deposit_sent_again_from_a_page_loaded_again_leads_on,
    of_two_phones_one_wins,
    without_a_scan_nothing_is_completed,
    a_scan_stands_for_thirty_minutes,
    an_order_that_is_not_ready_is_refused,
    a_taken_compartment_is_refused,
    values_that_contradict_the_scan_are_refused,
}

async fn scan(world: &World, phone: &str, token: &str) {
    let bearer = world.bearer(phone).await;
    world
        .post("/v1/QrData")
        .bearer(&bearer)
        .json(&json!({ "data": token }))
        .send()
        .await
        .ok();
}

fn fields(jumper: i64, serial: i64) -> Value {
    serde_json::to_value(deposited(jumper, serial)).unwrap()
}

async fn complete(world: &World, phone: &str, things_sq: &str, fields: &Value) -> Answer {
    let bearer = world.bearer(phone).await;
    let path = format!("/v1/Powermeter/OpenToSave/{things_sq}");
    world.ask("PUT", &path).bearer(&bearer).json(fields).send().await
}

async fn a_meter_goes_in_and_comes_out(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    let done = complete(&world, STAFF, "1002", &fields(1, 3)).await.ok();
    assert_eq!(
        (&done["status"], &done["yid"], &done["label"]),
        (&json!("C"), &json!(1234), &json!("A3"))
    );

    let business = world.bearer(BUSINESS).await;
    let list = world
        .get("/v1/Orders?customerNo=100200302")
        .bearer(&business)
        .send()
        .await
        .ok();
    assert_eq!(list["orders"][0]["status"], "C");
    let wanted = json!({ "data": { "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" } });
    let made = world
        .post("/v1/Encrypt")
        .bearer(&business)
        .json(&wanted)
        .send()
        .await
        .ok();
    let token = made["data"].as_str().unwrap();
    let opened = token::open(&kiosk.key, token).unwrap();
    let Payload::OpenToTake(take) = opened.payload else {
        panic!("{:?}", opened.claims)
    };
    assert_eq!((take.jumper, take.serial, take.pwd), (1, 3, deposited(1, 3).pwd));
    let image = world
        .get(&format!("/v1/QrImage/{token}"))
        .bearer(&business)
        .send()
        .await;
    assert_eq!((image.status, image.header("content-type")), (200, "image/png"));

    world.clock.forward_minutes(1);
    let synced = kiosk.syncs(&[]).await;
    assert_eq!((&synced["completed"], &synced["stored"]), (&json!(1), &json!(0)));
    assert_eq!(synced["changed"], json!([{ "thingsSq": "1002", "status": "D" }]));
    assert_eq!(world.status_of("1002").await, "D");
    world
        .post("/v1/Encrypt")
        .bearer(&business)
        .json(&wanted)
        .send()
        .await
        .refused(409);
}

async fn the_same_deposit_sent_again_is_answered_alike(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    let first = complete(&world, STAFF, "1002", &fields(1, 3)).await;
    let again = complete(&world, STAFF, "1002", &fields(1, 3)).await;
    first.ok();
    assert_eq!((again.status, again.text()), (200, first.text()));
    // Anybody else, and any other values, are refused as before.
    let other = complete(&world, OTHER_STAFF, "1002", &fields(1, 3)).await;
    assert_eq!(other.refused(403), "not-scanned");
    let mut contradicting = fields(1, 3);
    contradicting["pwd"] = json!("0000");
    complete(&world, STAFF, "1002", &contradicting).await.refused(422);
    world.clock.forward_minutes(1);
    kiosk.syncs(&[]).await;
    let fetched = complete(&world, STAFF, "1002", &fields(1, 3)).await;
    assert_eq!(fetched.refused(409), "order-status");
}

/// A one-use key belongs to a page as it was loaded; here it was loaded again after the answer was lost.
async fn a_deposit_sent_again_from_a_page_loaded_again_leads_on(world: World) {
    let kiosk = world.kiosk(1234).await;
    let cookie = world.cookie(STAFF).await;
    let send = async |path: &str, form: &[(&str, &str)]| {
        let answer = world.post(path).cookie(&cookie).form(form).send().await;
        (answer.status, answer.header("location").to_owned())
    };
    // The code first, then the order.
    let code = kiosk.deposit_code(1, 3);
    let read = [("do", "/do/staff/read-code"), ("code", code.as_str())];
    assert_eq!(send("/staff/scan", &read).await.0, 303);
    let form = world.hidden(&cookie, "/staff/orders/1002", "complete").await;
    for key in ["one", "two"] {
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), if name == "once" { key } else { value }))
            .collect();
        let answered = send("/staff/orders/1002", &fields).await;
        assert_eq!(answered, (303, "/staff/orders/1002/done".to_owned()), "{key}");
    }
    // The order first, then its code.
    let code = kiosk.deposit_code(1, 4);
    for key in ["three", "four"] {
        let read = [
            ("do", "/do/staff/read-code"),
            ("order", "1003"),
            ("code", code.as_str()),
            ("once", key),
        ];
        let answered = send("/staff/scan?order=1003", &read).await;
        assert_eq!(answered, (303, "/staff/orders/1003/done".to_owned()), "{key}");
    }
    let read = [
        ("do", "/do/staff/read-code"),
        ("order", "1003"),
        ("code", code.as_str()),
    ];
    let other = world.cookie(OTHER_STAFF).await;
    let refused = world.post("/staff/scan").cookie(&other).form(&read).send().await;
    assert_eq!(refused.status, 409);
}

async fn of_two_phones_one_wins(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 1)).await;
    scan(&world, OTHER_STAFF, &kiosk.deposit_code(1, 2)).await;
    let (first, second) = (fields(1, 1), fields(1, 2));
    let (one, other) = tokio::join!(
        complete(&world, STAFF, "1002", &first),
        complete(&world, OTHER_STAFF, "1002", &second)
    );
    let (winner, loser) = if one.status == 200 { (one, other) } else { (other, one) };
    winner.ok();
    assert_eq!(loser.refused(409), "order-status");
}

async fn without_a_scan_nothing_is_completed(world: World) {
    let kiosk = world.kiosk(1234).await;
    assert_eq!(
        complete(&world, STAFF, "1002", &fields(1, 3)).await.refused(403),
        "not-scanned"
    );
    scan(&world, OTHER_STAFF, &kiosk.deposit_code(1, 3)).await;
    assert_eq!(
        complete(&world, STAFF, "1002", &fields(1, 3)).await.refused(403),
        "not-scanned"
    );
    assert_eq!(world.status_of("1002").await, "B");
}

async fn a_scan_stands_for_thirty_minutes(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    world.clock.forward_minutes(31);
    assert_eq!(
        complete(&world, STAFF, "1002", &fields(1, 3)).await.refused(403),
        "not-scanned"
    );
}

async fn an_order_that_is_not_ready_is_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    assert_eq!(
        complete(&world, STAFF, "1001", &fields(1, 3)).await.refused(409),
        "order-status"
    );
    assert_eq!(
        complete(&world, STAFF, "9999", &fields(1, 3)).await.refused(404),
        "unknown"
    );
    assert_eq!(
        (world.status_of("1001").await, world.status_of("1002").await),
        ("A".into(), "B".into())
    );
}

async fn a_taken_compartment_is_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    complete(&world, STAFF, "1002", &fields(1, 3)).await.ok();
    world.clock.forward_minutes(1);
    scan(&world, OTHER_STAFF, &kiosk.deposit_code(1, 3)).await;
    assert_eq!(
        complete(&world, OTHER_STAFF, "1003", &fields(1, 3)).await.refused(409),
        "compartment-taken"
    );
    assert_eq!(world.status_of("1003").await, "B");
    // The kiosk, too, says that it is full.
    kiosk.syncs(&[stored(1, 3, Some("1002"))]).await;
    assert_eq!(world.status_of("1002").await, "C");
}

async fn values_that_contradict_the_scan_are_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    scan(&world, STAFF, &kiosk.deposit_code(1, 3)).await;
    for (field, value) in [
        ("pwd", json!("99999")),
        ("label", json!("B2")),
        ("saveDate", json!("yesterday")),
        ("thingsSq", json!("1003")),
    ] {
        let mut changed = fields(1, 3);
        changed[field] = value;
        let answer = complete(&world, STAFF, "1002", &changed).await;
        assert_eq!(answer.refused(422), "field", "{field}");
        assert_eq!(answer.json()["reason"]["field"], field);
    }
    let mut elsewhere = fields(1, 3);
    elsewhere["serial"] = json!(4);
    assert_eq!(
        complete(&world, STAFF, "1002", &elsewhere).await.refused(403),
        "not-scanned"
    );
    assert_eq!(world.status_of("1002").await, "B");
    // Numbers as kiosks of the field write them.
    let mut of_the_field = fields(1, 3);
    of_the_field["serial"] = json!("3.");
    of_the_field["jumper"] = json!(1.0);
    complete(&world, STAFF, "1002", &of_the_field).await.ok();
}
