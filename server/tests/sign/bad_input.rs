//! Whatever a message holds, the answer is defined and nothing is changed by what was refused.

use crate::harness::World;
use crate::sign_rig::{GUARD, ZHANG, add_card, add_guard, add_password, all, failure, read, sign_of, with};
use serde_json::{Value, json};

on_every_engine! {
    every_field_of_every_message_with_every_wrong_type,
    a_missing_field_is_a_failure_and_one_too_many_is_nothing,
    times_that_are_none_are_refused,
    texts_that_do_not_fit_are_refused,
    a_service_number_is_used_once,
    only_what_is_there_is_cancelled,
    sql_and_html_are_only_text,
    a_guard_may_have_quotes_in_its_number_but_no_line_break,
    spans_of_records_are_bounded,
    an_end_that_is_over_is_refused,
}

/// Texts that may be empty, and are where they are null.
const MAY_BE_NULL: [&str; 4] = ["dnCode", "guardComment", "guardLocation", "imei"];

/// Everything an owner can see of what they have, but for what a sign-in changes.
async fn seen(world: &World, token: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for sign in [12, 13, 16, 22, 24] {
        let message = json!({
            "sign": sign, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": token,
            "startTime": world.minute(-1), "endTime": world.minute(1),
        });
        seen.push(world.say(&message).await);
    }
    seen
}

/// Those whose success would change something else than what `seen` shows are told apart by their failure value.
async fn must_fail(world: &World, token: &str, message: &Value, why: &str) {
    let sign = sign_of(message);
    let answer = world.raw(with(message.clone(), "token", token).to_string()).await;
    assert_eq!(
        (answer.status, answer.text()),
        (200, failure(sign)),
        "sign {sign}: {why}"
    );
}

async fn every_field_of_every_message_with_every_wrong_type(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let before = seen(&world, &zhang).await;
    for message in all(&world) {
        for field in message.as_object().unwrap().keys().filter(|field| *field != "sign") {
            for wrong in [json!([]), json!({}), json!(true), json!([["x"]]), json!(1.5)] {
                must_fail(
                    &world,
                    &zhang,
                    &with(message.clone(), field, wrong.clone()),
                    &format!("{field}={wrong}"),
                )
                .await;
            }
        }
    }
    assert_eq!(seen(&world, &zhang).await, before);
}

async fn a_missing_field_is_a_failure_and_one_too_many_is_nothing(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let before = seen(&world, &zhang).await;
    for message in all(&world) {
        let fields: Vec<String> = message.as_object().unwrap().keys().cloned().collect();
        for field in fields.iter().filter(|field| *field != "sign") {
            let mut without = message.clone();
            without.as_object_mut().unwrap().remove(field);
            must_fail(&world, &zhang, &without, &format!("no {field}")).await;
            if !MAY_BE_NULL.contains(&field.as_str()) {
                must_fail(
                    &world,
                    &zhang,
                    &with(message.clone(), field, json!(null)),
                    &format!("{field} is null"),
                )
                .await;
            }
        }
    }
    assert_eq!(seen(&world, &zhang).await, before);
    let more =
        json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "timetag": 7, "guardId": [{}], "role": "operator", "": 1 });
    assert_eq!(world.result(&zhang, more).await, 0);
}

async fn times_that_are_none_are_refused(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let before = seen(&world, &zhang).await;
    for wrong in [
        "20260230",
        "202602300000",
        "20260230000000",
        "202613010000",
        "202601012460",
        "000000000000",
        "2026-01-01 00:00",
        "99999999999999999999",
        "二〇二六",
        "",
        " ",
        "-20260101000",
        "1e11",
    ] {
        for message in all(&world) {
            for field in ["timetag", "startTime", "endTime"] {
                if message.get(field).is_some() {
                    must_fail(
                        &world,
                        &zhang,
                        &with(message.clone(), field, wrong),
                        &format!("{field}={wrong}"),
                    )
                    .await;
                }
            }
        }
    }
    for message in [add_card(&world, "c1"), add_password(&world, "p1", "135790")] {
        let same = with(message.clone(), "endTime", world.minute(0));
        must_fail(&world, &zhang, &same, "ends where it begins").await;
        let turned = with(with(message, "startTime", world.minute(2)), "endTime", world.minute(1));
        must_fail(&world, &zhang, &turned, "ends before it begins").await;
    }
    assert_eq!(seen(&world, &zhang).await, before);
}

async fn texts_that_do_not_fit_are_refused(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let before = seen(&world, &zhang).await;
    let long = "长".repeat(4_000);
    for message in all(&world) {
        let sign = sign_of(&message);
        for field in message.as_object().unwrap().keys().filter(|field| *field != "sign") {
            // Sign 7 answers a text that can be no code as it answers a wrong one.
            if sign == 7 && field == "opCode" {
                continue;
            }
            must_fail(&world, &zhang, &with(message.clone(), field, long.as_str()), field).await;
            // A login password is any text, and a remark may have lines.
            if !matches!(field.as_str(), "ownerPassword" | "newPassword") {
                must_fail(&world, &zhang, &with(message.clone(), field, "a\u{0}b"), field).await;
            }
        }
    }
    for password in ["123", "1234567890123", "12a4", "一二三四", "12 34", "-1234"] {
        must_fail(&world, &zhang, &add_password(&world, "p1", password), password).await;
    }
    for number in ["", &"1".repeat(33)] {
        must_fail(&world, &zhang, &add_password(&world, number, "135790"), number).await;
    }
    for phone in ["", "1", "x", "138 0000 00 x", "1380000000113800000001138"] {
        must_fail(&world, &zhang, &json!({ "sign": 12, "ownerPhoneNumber": phone }), phone).await;
    }
    assert_eq!(seen(&world, &zhang).await, before);
}

async fn a_service_number_is_used_once(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let password = add_password(&world, "20260302170000138000000011234567", "135790");
    assert_eq!(world.result(&zhang, password.clone()).await, 0);
    assert_eq!(world.result(&zhang, password.clone()).await, 0);
    for other in [
        with(password.clone(), "password", "097531"),
        with(password.clone(), "endTime", world.minute(3)),
        with(password.clone(), "startTime", world.minute(1)),
    ] {
        must_fail(&world, &zhang, &other, "the number belongs to something else").await;
    }
    // Cards have numbers of their own.
    let card = add_card(&world, "20260302170000138000000011234567");
    assert_eq!(world.result(&zhang, card).await, 0);
    let listed = json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    assert_eq!(world.say(&listed).await["passwordList"].as_array().unwrap().len(), 1);
    let cancel = json!({
        "sign": 18, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "serviceNumb": "20260302170000138000000011234567",
        "timetag": world.second(),
    });
    assert_eq!(world.result(&zhang, cancel).await, 0);
    must_fail(&world, &zhang, &password, "cancelled").await;
    assert_eq!(world.say(&listed).await["passwordList"], json!([]));
    // Of another guard's numbers nothing is known here, and two who say the same at once add one.
    let twice = add_card(&world, "twice");
    let (one, two) = tokio::join!(world.result(&zhang, twice.clone()), world.result(&zhang, twice));
    assert_eq!((one, two), (0, 0));
    let cards = json!({ "sign": 13, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    assert_eq!(world.say(&cards).await["userList"].as_array().unwrap().len(), 2);
}

async fn only_what_is_there_is_cancelled(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    assert_eq!(world.result(&zhang, add_card(&world, "c1")).await, 0);
    let cancel = |number: &str, card: &str| {
        json!({
            "sign": 15, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "serviceNumb": number, "cardNumb": card,
            "timetag": world.second(),
        })
    };
    must_fail(&world, &zhang, &cancel("c2", "110101199003071234"), "no such number").await;
    must_fail(&world, &zhang, &cancel("c1", "110101199003071235"), "another card").await;
    let as_password = json!({
        "sign": 18, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "serviceNumb": "c1", "timetag": world.second(),
    });
    must_fail(&world, &zhang, &as_password, "no password").await;
    let elsewhere = with(cancel("c1", "110101199003071234"), "guardId", "G0009");
    must_fail(&world, &zhang, &elsewhere, "no such guard").await;
    assert_eq!(world.result(&zhang, cancel("c1", "110101199003071234")).await, 0);
    let cards = json!({ "sign": 13, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    assert_eq!(world.say(&cards).await["userList"], json!([]));
}

async fn sql_and_html_are_only_text(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let nasty = "'); DROP TABLE guards; --<script>\"$1?1\\%_";
    let edit = json!({
        "sign": 9, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "guardName": nasty, "guardLocation": nasty,
        "guardComment": format!("{nasty}\r\n\t{nasty}"), "timetag": world.second(),
    });
    assert_eq!(world.result(&zhang, edit).await, 0);
    let card = with(with(add_card(&world, "'--"), "name", nasty), "cardNumb", nasty);
    assert_eq!(world.result(&zhang, card).await, 0);
    let listed = json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": zhang });
    assert_eq!(world.say(&listed).await["guards"][0]["guardName"], nasty);
    let cards = json!({ "sign": 13, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    let cards = world.say(&cards).await;
    assert_eq!(
        (&cards["userList"][0]["name"], &cards["userList"][0]["serviceNumb"]),
        (&json!(nasty), &json!("'--"))
    );
    for guard in [nasty, "' OR '1'='1", "%", "_", "*"] {
        must_fail(
            &world,
            &zhang,
            &json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": guard }),
            guard,
        )
        .await;
    }
}

async fn a_guard_may_have_quotes_in_its_number_but_no_line_break(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let strange = "门\"1'\\";
    let _device = world.device(strange, Some("000001")).await;
    assert_eq!(world.result(&zhang, add_guard(&world, ZHANG, strange)).await, 0);
    let listed = json!({ "sign": 11, "ownerPhoneNumber": ZHANG, "token": zhang });
    let hosts = world.say(&listed).await;
    let ids: Vec<&Value> = hosts["guardIpList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["guardId"])
        .collect();
    assert!(ids.contains(&&json!(strange)), "{hosts}");
    for broken in ["G0001\n", "G0\r\n001", "G0001\u{0}", "\u{7}"] {
        let message = json!({ "sign": 7, "ownerPhoneNumber": ZHANG, "guardId": broken, "opCode": "000001" });
        let result = world.result(&zhang, message).await;
        // Blanks and line ends around a number are what scanners add.
        assert_eq!(result, if broken.trim() == GUARD { 1 } else { -1 }, "{broken:?}");
    }
    // Sign 10 gives it as a number in the source.
    let _number = world.device("20170001", Some("000001")).await;
    assert_eq!(world.result(&zhang, add_guard(&world, ZHANG, "20170001")).await, 0);
    let delete = json!({ "sign": 10, "ownerPhoneNumber": ZHANG, "guardId": 20_170_001, "timetag": world.second() });
    assert_eq!(world.result(&zhang, delete.clone()).await, 0);
    assert_eq!(world.result(&zhang, delete).await, 1);
}

async fn spans_of_records_are_bounded(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let span =
        |from: &str, until: &str| json!({ "sign": 22, "ownerPhoneNumber": ZHANG, "startTime": from, "endTime": until });
    for (from, until, result) in [
        ("202601010000", "202701020000", 0),
        ("202601010000", "202701020001", 1),
        ("202601010000", "20260101000000", 0),
        ("20260101000000", "20260101000000", 0),
        ("20260101", "202601020000", 1),
    ] {
        assert_eq!(world.result(&zhang, span(from, until)).await, result, "{from} {until}");
    }
    must_fail(&world, &zhang, &span("202601010001", "202601010000"), "turned round").await;
}

async fn an_end_that_is_over_is_refused(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    for message in [add_card(&world, "c1"), add_password(&world, "p1", "135790")] {
        let over = with(
            with(message.clone(), "startTime", world.minute(-3)),
            "endTime",
            world.minute(-1),
        );
        must_fail(&world, &zhang, &over, "over").await;
        assert_eq!(world.result(&zhang, message).await, 0);
    }
    world.clock.forward_minutes(3 * 60);
    let listed = json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": zhang });
    let answer = world.raw(listed.to_string()).await;
    assert_eq!(read(&answer)["passwordList"], json!([]));
}
