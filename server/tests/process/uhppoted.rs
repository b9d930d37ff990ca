//! The client `uhppoted` of PyPI, an independent implementation: its packets are ours, and it understands our simulated controller, so that what the bridge is
//! tested against answers as others expect.

use crate::peers::Peer;
use crate::uhppote_sim::{SERIAL, Sim};
use domain::guard::drivers::uhppote::{Card, Day, DoorMode, Minute, Moment, Passcodes, Request, TimeProfile};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

const CARD: u32 = 10_058_400;

fn day(year: u16, month: u8, of_month: u8) -> Day {
    Day::new(year, month, of_month).unwrap()
}

/// Each request of ours, and what makes it there.
fn requests() -> Vec<(Request, &'static str, Value)> {
    let minute = |hour, minute| Minute::new(hour, minute).unwrap();
    let (from, to) = (day(2026, 11, 25), day(2026, 11, 26));
    let card = Card {
        number: CARD,
        from: Some(from),
        to: Some(to),
        doors: [1, 0, 29, 0],
        pin: 7531,
    };
    let profile = TimeProfile {
        number: 29,
        from,
        to,
        weekdays: [true, true, true, true, true, false, false],
        times: [
            (minute(8, 30), minute(9, 45)),
            (minute(11, 35), minute(13, 15)),
            (minute(0, 0), minute(0, 0)),
        ],
        linked: 3,
    };
    let (first, last) = (json!({"date": "2026-11-25"}), json!({"date": "2026-11-26"}));
    let listener = Request::SetListener {
        address: [192, 168, 1, 100],
        port: 60_001,
    };
    let controlled = Request::SetDoor {
        door: 1,
        mode: DoorMode::Controlled,
        seconds: 5,
    };
    let codes = Passcodes([471_147, 0, 999_999, 1]);
    let moment = Moment::new(from, 16, 8, 45).unwrap();
    let times = |from: &str, to: &str| [json!({"time": from}), json!({"time": to})];
    let spans = [
        times("08:30", "09:45"),
        times("11:35", "13:15"),
        times("00:00", "00:00"),
    ]
    .concat();
    let mut of_profile = vec![json!(29), first.clone(), last.clone()];
    of_profile.extend([true, true, true, true, true, false, false].map(Value::from));
    of_profile.extend(spans);
    of_profile.push(json!(3));
    vec![
        (Request::Controller, "get_controller_request", json!([])),
        (Request::Time, "get_time_request", json!([])),
        (
            Request::SetTime(moment),
            "set_time_request",
            json!([{"datetime": "2026-11-25 16:08:45"}]),
        ),
        (Request::Status, "get_status_request", json!([])),
        (Request::Open { door: 1 }, "open_door_request", json!([1])),
        (
            Request::PutCard(card),
            "put_card_request",
            json!([CARD, first, last, 1, 0, 29, 0, 7531]),
        ),
        (Request::Card { number: CARD }, "get_card_request", json!([CARD])),
        (
            Request::DeleteCard { number: CARD },
            "delete_card_request",
            json!([CARD]),
        ),
        (Request::DeleteCards, "delete_cards_request", json!([])),
        (
            Request::SetTimeProfile(profile),
            "set_time_profile_request",
            Value::Array(of_profile),
        ),
        (
            Request::ClearTimeProfiles,
            "delete_all_time_profiles_request",
            json!([]),
        ),
        (
            Request::SetPasscodes { door: 1, codes },
            "set_door_passcodes_request",
            json!([1, 471_147, 0, 999_999, 1]),
        ),
        (
            listener,
            "set_listener_request",
            json!([{"ip": "192.168.1.100"}, 60_001]),
        ),
        (
            Request::RecordSpecialEvents(true),
            "record_special_events_request",
            json!([true]),
        ),
        (Request::PcControl(true), "set_pc_control_request", json!([true])),
        (
            Request::Keypads([true, false, false, true]),
            "activate_keypads_request",
            json!([true, false, false, true]),
        ),
        (controlled, "set_door_control_request", json!([1, 3, 5])),
        (Request::Event { index: 57 }, "get_event_request", json!([57])),
        (Request::ReadMark, "get_event_index_request", json!([])),
        (
            Request::SetReadMark { index: 57 },
            "set_event_index_request",
            json!([57]),
        ),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_byte_for_byte_that_of_the_client_of_pypi() {
    let Some(mut client) = Peer::start("uhppoted_client.py", &[&SERIAL.to_string(), "127.0.0.1:9"]) else {
        return;
    };
    for (request, name, arguments) in requests() {
        client.tell(&json!({"encode": name, "args": arguments}));
        let answer = client
            .says(name, |said| said["encoded"] == name || said["told"]["encode"] == name)
            .await;
        assert_eq!(
            answer["hex"],
            hex(&request.encode(SERIAL).unwrap()),
            "{request:?}: {answer}"
        );
    }
    client.tell(&json!({"encode": "get_controller_request", "args": [], "serial": 0}));
    let everybody = hex(&Request::Controller.encode(0).unwrap());
    client
        .says("the question to every controller", |said| said["hex"] == everybody)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_pypi_understands_our_simulated_controller() {
    let sim = Sim::start().await;
    let Some(mut client) = Peer::start("uhppoted_client.py", &[&SERIAL.to_string(), &sim.address.to_string()]) else {
        return;
    };
    let (first, last) = (json!({"date": "2026-11-25"}), json!({"date": "2026-11-26"}));
    let mut calls = 0;
    let mut asks = async |name: &str, arguments: Value| {
        client.tell(&json!({"call": name, "args": arguments}));
        calls += 1;
        while client.said().len() < calls {
            sleep(Duration::from_millis(5)).await;
        }
        let said = client.said().pop().unwrap();
        assert_eq!(said["called"], name, "{said}");
        assert_eq!(said["reply"]["controller"], SERIAL, "{said}");
        said["reply"].clone()
    };
    assert_eq!(asks("get_controller", json!([])).await["version"], "v6.62");
    assert_eq!(asks("set_pc_control", json!([true])).await["ok"], true);
    assert_eq!(asks("record_special_events", json!([true])).await["updated"], true);
    assert_eq!(
        asks("set_time", json!([{"datetime": "2026-11-25 16:08:45"}])).await["datetime"],
        "2026-11-25 16:08:45"
    );
    let moment = asks("get_time", json!([])).await["datetime"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(moment.starts_with("20") && moment.len() == 19, "{moment}");

    sim.swipe(2, 471_147).await;
    let status = asks("get_status", json!([])).await;
    assert_eq!(
        [
            &status["event_index"],
            &status["event_door"],
            &status["event_card"],
            &status["event_reason"]
        ],
        [1, 2, 471_147, 5]
    );
    let event = asks("get_event", json!([1])).await;
    assert_eq!(
        [&event["index"], &event["door"], &event["card"], &event["reason"]],
        [1, 2, 471_147, 5]
    );
    assert_eq!(event["event_type"], 1);

    assert_eq!(asks("open_door", json!([2])).await["opened"], true);
    assert_eq!(sim.opened(), [2]);
    let event = asks("get_event", json!([2])).await;
    assert_eq!([&event["door"], &event["reason"]], [2, 44]);

    assert_eq!(
        asks("put_card", json!([CARD, first, last, 1, 0, 29, 0, 7531])).await["stored"],
        true
    );
    let card = asks("get_card", json!([CARD])).await;
    assert_eq!(
        [&card["card_number"], &card["door_1"], &card["door_3"], &card["pin"]],
        [CARD, 1, 29, 7531]
    );
    assert_eq!([&card["start_date"], &card["end_date"]], ["2026-11-25", "2026-11-26"]);
    assert_eq!(asks("delete_card", json!([CARD])).await["deleted"], true);
    assert_eq!(asks("delete_card", json!([CARD])).await["deleted"], false);
    assert_eq!(asks("set_door_control", json!([1, 3, 5])).await["delay"], 5);
    assert_eq!(asks("set_event_index", json!([2])).await["updated"], true);
    assert_eq!(asks("get_event_index", json!([])).await["event_index"], 2);
}
