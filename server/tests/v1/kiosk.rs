//! Enrolment and events.

use crate::harness::{Answer, OPERATOR, STAFF, World, cabinet, stored};
use backend::Actor;
use backend::locker::kiosks;
use domain::boards::{Kind, Wiring};
use domain::ids::Yid;
use serde_json::{Value, json};

on_every_engine! {
    enrolling_answers_all_a_kiosk_needs,
    answers_are_written_as_they_always_were,
    a_code_enrols_once_and_not_for_ever,
    wrong_codes_end_no_open_one,
    enrolling_again_ends_the_earlier_token,
    events_are_acknowledged_without_a_gap,
    a_kiosk_learns_what_is_bound_to_its_compartments,
    settings_of_lock_boards_travel_both_ways,
    settings_a_kiosk_made_from_older_ones_do_not_count,
    settings_that_cannot_be_read_draw_no_doors,
    what_boards_report_reaches_the_operator,
    a_kiosk_asks_whose_an_old_meter_is,
    a_kiosk_that_looks_for_names_is_stopped,
    settings_of_the_deployment_reach_a_kiosk_with_its_events,
}

async fn code(world: &World) -> String {
    kiosks::enrolment_code(&world.backend, &Actor::Cli, Yid(1234))
        .await
        .unwrap()
        .code
}

async fn enrol(world: &World, code: &str) -> Answer {
    world
        .post("/v1/Kiosks/Enrol")
        .json(&json!({ "code": code }))
        .send()
        .await
}

async fn enrolling_answers_all_a_kiosk_needs(world: World) {
    let code = code(&world).await;
    assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let answer = enrol(&world, &code).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.ok();
    assert_eq!((&body["yid"], &body["name"]), (&json!(1234), &json!("1234호")));
    assert_eq!((&body["pin"], &body["ackedSeq"]), (&Value::Null, &json!(0)));
    assert_eq!(body["date"], json!(world.now().to_iso()));
    assert!(body["secret"].as_str().unwrap().len() >= 32 && body["overdueDays"].as_i64().unwrap() > 0);
    let doors = body["compartments"].as_array().unwrap();
    assert_eq!(doors.len(), 8);
    assert_eq!(
        doors[0],
        json!({ "jumper": 1, "serial": 1, "label": "A1", "size": 1, "status": "B" })
    );
}

/// Devices of other makers read them too.
async fn answers_are_written_as_they_always_were(world: World) {
    let device = world.kiosk(1234).await;
    let rows = json!({ "data": cabinet(&[stored(1, 2, Some("1002"))]), "date": world.now().to_iso() });
    world
        .post("/v1/SyncData/1234")
        .bearer(&device.token)
        .json(&rows)
        .send()
        .await
        .ok();
    let code = code(&world).await;
    let answer = enrol(&world, &code).await;
    let body = answer.ok();
    let (secret, token) = (body["secret"].as_str().unwrap(), body["token"].as_str().unwrap());
    let text = answer.text().replace(secret, "SECRET").replace(token, "TOKEN");
    let date = world.now().to_iso();
    let (_, from) = text.split_once("\"compartments\":[").unwrap();
    let (doors, rest) = from.split_once(']').unwrap();
    assert!(
        text.starts_with(r#"{"success":true,"yid":1234,"name":"1234호","address":"서울","secret":"SECRET","token":"TOKEN","compartments":[{"jumper":1,"serial":1,"label":"A1","size":1,"status":"D","unknownSince":"#),
        "{text}"
    );
    assert!(
        doors.contains(r#"{"jumper":1,"serial":2,"label":"A2","size":1,"status":"A","kind":"deposit","thingsSq":"1002","saveDate":"2026-05-01T10:00:00.000Z","pwd":"51277","unknownSince":""#),
        "{doors}"
    );
    assert_eq!(
        rest,
        format!(r#","pin":null,"overdueDays":14,"ackedSeq":0,"date":"{date}"}}"#)
    );
    let token = token.to_owned();
    let answer = world
        .post("/v1/Kiosks/1234/Events")
        .bearer(&token)
        .json(&json!({ "events": [] }))
        .send()
        .await;
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"success":true,"acked":0,"date":"{date}","bindings":[{{"jumper":1,"serial":2,"thingsSq":"1002"}}],"wanted":[],"overdueDays":14,"look":{{"contact":"","language":"","logo":""}}}}"#
        )
    );
}

async fn a_code_enrols_once_and_not_for_ever(world: World) {
    let first = code(&world).await;
    enrol(&world, &first).await.ok();
    assert_eq!(enrol(&world, &first).await.refused(404), "enrolment-code");
    let second = code(&world).await;
    world.clock.forward_minutes(11);
    assert_eq!(enrol(&world, &second).await.refused(404), "enrolment-code");
}

async fn wrong_codes_end_no_open_one(world: World) {
    let right = code(&world).await;
    let wrong = if right == "00000000" { "00000001" } else { "00000000" };
    for _ in 0..19 {
        assert_eq!(enrol(&world, wrong).await.refused(404), "enrolment-code");
    }
    enrol(&world, &right).await.ok();
    assert_eq!(enrol(&world, wrong).await.refused(404), "enrolment-code");
    assert_eq!(enrol(&world, wrong).await.refused(429), "too-many");
}

async fn enrolling_again_ends_the_earlier_token(world: World) {
    let before = world.kiosk(1234).await.token;
    let now = world.kiosk(1234).await.token;
    let events = json!({ "events": [] });
    let tell = async |token: &str| {
        world
            .post("/v1/Kiosks/1234/Events")
            .bearer(token)
            .json(&events)
            .send()
            .await
    };
    assert_eq!(tell(&before).await.refused(401), "not-signed-in");
    tell(&now).await.ok();
}

async fn events_are_acknowledged_without_a_gap(world: World) {
    let kiosk = world.kiosk(1234).await;
    let at = world.now().0;
    let event = |seq: i64| json!({ "seq": seq, "at": at, "kind": "started" });
    let tell = async |seqs: &[i64]| {
        let events: Vec<Value> = seqs.iter().map(|seq| event(*seq)).collect();
        let body = json!({ "events": events });
        let answer = world
            .post("/v1/Kiosks/1234/Events")
            .bearer(&kiosk.token)
            .json(&body)
            .send()
            .await;
        answer.ok()["acked"].as_i64().unwrap()
    };
    assert_eq!(tell(&[1, 2]).await, 2);
    assert_eq!(tell(&[2, 3]).await, 3);
    assert_eq!(tell(&[5, 6]).await, 3);
    assert_eq!(tell(&[]).await, 3);
    assert_eq!(tell(&[4, 5]).await, 5);
    let staff = world.person(STAFF).await;
    let kept = backend::locker::events::list(&world.backend, &staff, Yid(1234), None, 50)
        .await
        .unwrap();
    let seqs: Vec<i64> = kept.rows.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [5, 4, 3, 2, 1]);
}

async fn a_kiosk_learns_what_is_bound_to_its_compartments(world: World) {
    let kiosk = world.kiosk(1234).await;
    kiosk.syncs(&[stored(1, 2, Some("1002"))]).await;
    let body = json!({ "events": [] });
    let answer = world
        .post("/v1/Kiosks/1234/Events")
        .bearer(&kiosk.token)
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(
        answer["bindings"],
        json!([{ "jumper": 1, "serial": 2, "thingsSq": "1002" }])
    );
    assert_eq!(answer["date"], json!(world.now().to_iso()));
}

async fn tells(world: &World, token: &str, wired: Value) -> Value {
    let body = json!({ "events": [], "wired": wired });
    let answer = world
        .post("/v1/Kiosks/1234/Events")
        .bearer(token)
        .json(&body)
        .send()
        .await;
    answer.ok()["wired"].clone()
}

async fn settings_of_lock_boards_travel_both_ways(world: World) {
    let operator = world.person(OPERATOR).await;
    let oto = serde_json::to_value(Wiring::of(Kind::Oto)).unwrap();
    kiosks::set_wiring(&world.backend, &operator, Yid(1234), Some(Wiring::of(Kind::Oto)))
        .await
        .unwrap();
    let code = code(&world).await;
    let enrolled = enrol(&world, &code).await.ok();
    assert_eq!(enrolled["wired"], json!({ "revision": 1, "wiring": oto }));
    let token = enrolled["token"].as_str().unwrap();
    assert_eq!(tells(&world, token, Value::Null).await, enrolled["wired"]);
    let cu16 = serde_json::to_value(Wiring::of(Kind::Cu16)).unwrap();
    let told = tells(&world, token, json!({ "revision": 1, "wiring": cu16 })).await;
    assert_eq!(told, json!({ "revision": 2, "wiring": cu16 }));
    let known = kiosks::wiring(&world.backend, &operator, Yid(1234)).await.unwrap();
    assert_eq!(known, Some(Wiring::of(Kind::Cu16)));
    // The answer was lost, and the kiosk tells the same once more.
    let again = tells(&world, token, json!({ "revision": 1, "wiring": cu16 })).await;
    assert_eq!(again, told);
    let drawn = tells(&world, token, json!({ "revision": 2, "wiring": null })).await;
    assert_eq!(drawn, json!({ "revision": 3, "wiring": null }));
}

async fn settings_a_kiosk_made_from_older_ones_do_not_count(world: World) {
    let operator = world.person(OPERATOR).await;
    let token = world.kiosk(1234).await.token;
    for kind in [Kind::Oto, Kind::Xor8a] {
        kiosks::set_wiring(&world.backend, &operator, Yid(1234), Some(Wiring::of(kind)))
            .await
            .unwrap();
    }
    let cu16 = serde_json::to_value(Wiring::of(Kind::Cu16)).unwrap();
    let told = tells(&world, &token, json!({ "revision": 1, "wiring": cu16 })).await;
    assert_eq!(
        (&told["revision"], &told["wiring"]["boards"]["kind"]),
        (&json!(2), &json!("xor8a"))
    );
    // One that the layout contradicts: the kiosk's doors have more than one port a board.
    let single = serde_json::to_value(Wiring::of(Kind::OtoSingle)).unwrap();
    let told = tells(&world, &token, json!({ "revision": 2, "wiring": single })).await;
    assert_eq!(told["revision"], json!(2));
}

async fn settings_that_cannot_be_read_draw_no_doors(world: World) {
    let operator = world.person(OPERATOR).await;
    let token = world.kiosk(1234).await.token;
    kiosks::set_wiring(&world.backend, &operator, Yid(1234), Some(Wiring::of(Kind::Xor8a)))
        .await
        .unwrap();
    world.sql("UPDATE kiosks SET wiring = '{' WHERE yid = 1234").await;
    let told = tells(&world, &token, Value::Null).await;
    assert_eq!(told, Value::Null, "a kiosk keeps what it has");
    let enrolled = enrol(&world, &code(&world).await).await.ok();
    let wired = &enrolled["wired"];
    assert_eq!(
        (&wired["revision"], &wired["wiring"]["boards"]["kind"]),
        (&json!(1), &json!("unknown"))
    );
    let shown = kiosks::wiring(&world.backend, &operator, Yid(1234)).await.unwrap();
    assert_eq!(shown.unwrap().boards.kind, Kind::Unknown);
}

async fn what_boards_report_reaches_the_operator(world: World) {
    let token = world.kiosk(1234).await.token;
    let at = world.now().0;
    let kinds = [
        "door-forced",
        "door-left-open",
        "door-not-opened",
        "door-unsure",
        "door-said-closed",
        "test-opened",
        "wiring-set",
    ];
    let events: Vec<Value> = kinds
        .iter()
        .enumerate()
        .map(
            |(before, kind)| json!({ "seq": before + 1, "at": at, "kind": kind, "port": { "jumper": 1, "serial": 1 } }),
        )
        .chain([json!({ "seq": 8, "at": at, "kind": "board-failed", "detail": "2 garbled" })])
        .collect();
    let body = json!({ "events": events });
    let answer = world
        .post("/v1/Kiosks/1234/Events")
        .bearer(&token)
        .json(&body)
        .send()
        .await;
    assert_eq!(answer.ok()["acked"], json!(8));
    let cookie = world.cookie(OPERATOR).await;
    let page = world
        .get("/operator/kiosks/1234/log?lang=en")
        .cookie(&cookie)
        .send()
        .await
        .text();
    let kiosk = world
        .get("/operator/kiosks/1234?lang=en")
        .cookie(&cookie)
        .send()
        .await
        .text();
    for shown in [
        "event-door-forced",
        "event-door-left-open",
        "event-board-failed",
        "2 · answers something else",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
        assert!(kiosk.contains(shown), "{shown}: {kiosk}");
    }
}

async fn ask_whose(world: &World, token: &str, number: Value) -> Answer {
    world
        .post("/v1/Kiosks/1234/Whose")
        .bearer(token)
        .json(&number)
        .send()
        .await
}

async fn a_kiosk_asks_whose_an_old_meter_is(world: World) {
    let device = world.kiosk(1234).await;
    let ask = async |number: Value| ask_whose(&world, &device.token, number).await;
    // Its new meter was not fetched yet.
    assert_eq!(ask(json!({ "order": "1003" })).await.refused(404), "unknown");
    world
        .sql("UPDATE orders SET status = 'D' WHERE things_sq = '1003'")
        .await;
    assert_eq!(ask(json!({ "order": "1003" })).await.ok()["name"], json!("홍*동"));
    assert_eq!(
        ask(json!({ "customer": "100200303" })).await.ok()["name"],
        json!("홍*동")
    );
    for nobody in [json!({ "order": "99999999" }), json!({ "customer": "1" })] {
        let answer = ask(nobody).await;
        assert_eq!(answer.refused(404), "unknown");
        assert!(!answer.text().contains('홍'));
    }
    for malformed in [json!({ "order": "" }), json!({ "name": "홍길동" }), json!({})] {
        assert!(matches!(ask(malformed).await.status, 400 | 422));
    }
    // An order that was cancelled is nobody's return.
    world
        .sql("UPDATE orders SET status = 'X', yid = 1234 WHERE things_sq = '1003'")
        .await;
    assert_eq!(ask(json!({ "order": "1003" })).await.refused(404), "unknown");
}

async fn a_kiosk_that_looks_for_names_is_stopped(world: World) {
    let device = world.kiosk(1234).await;
    for number in 0..60 {
        let answer = ask_whose(&world, &device.token, json!({ "order": format!("9{number}") })).await;
        assert_eq!(answer.refused(404), "unknown");
    }
    let answer = ask_whose(&world, &device.token, json!({ "order": "999" })).await;
    assert_eq!(answer.refused(429), "too-many");
}

async fn settings_of_the_deployment_reach_a_kiosk_with_its_events(world: World) {
    let device = world.kiosk(1234).await;
    let new = backend::site::NewSite {
        name: "서울전력".to_owned(),
        contact: "02-123-4567".to_owned(),
        language: "ko".to_owned(),
        overdue_days: 14,
    };
    backend::site::change(&world.backend, &Actor::Cli, None, new)
        .await
        .unwrap();
    let answer = world
        .post("/v1/Kiosks/1234/Events")
        .bearer(&device.token)
        .json(&json!({ "events": [] }))
        .send()
        .await
        .ok();
    assert_eq!(
        answer["look"],
        json!({ "contact": "02-123-4567", "language": "ko", "logo": "" })
    );
    assert_eq!(answer["overdueDays"], json!(14));
}
