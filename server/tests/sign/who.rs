//! Who may say what: every message as everybody.

use crate::harness::{OPERATOR, World};
use crate::sign_rig::{
    CODE, GUARD, LI, SECRET, WANG, ZHANG, ZHAO, add_junior, add_password, all, failure, read, sign_in, sign_of, with,
};
use backend::notify::{self, Content, Message, NotSent, Notifier};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

on_every_engine! {
    every_message_as_everybody,
    a_superior_sees_no_password,
    the_owner_named_must_be_the_tokens,
    a_token_is_a_field_or_a_header,
    another_device_is_told_and_then_ended,
    a_browser_is_ended_by_no_device,
    a_new_password_by_token_ends_all_tokens,
    a_new_password_by_the_code_that_was_sent,
    an_address_speaks_only_in_the_legacy_window,
    public_messages_are_limited_by_number_and_address,
    asking_whose_guards_are_is_limited_by_person_and_address,
    two_additions_at_once,
}

const PUBLIC: [u64; 5] = [1, 2, 3, 4, 26];
const FOR_SUPERIORS: [u64; 4] = [12, 13, 16, 22];

/// Everything an owner can see of what they have.
async fn seen(world: &World, token: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for sign in [12, 13, 16, 24] {
        let message = json!({ "sign": sign, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": token });
        seen.push(world.say(&message).await);
    }
    seen
}

async fn every_message_as_everybody(world: World) {
    let expired = world.register(ZHANG, "张三").await;
    world.clock.forward_minutes(31 * 24 * 60);
    let ended = world.sign_in(ZHANG, "imei-0").await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let zhang = world.sign_in(ZHANG, "imei-1").await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = world
        .result(&ended, json!({ "sign": 21, "ownerPhoneNumber": ZHANG }))
        .await;
    assert_eq!(told, 0);
    let (li, wang) = (world.register(LI, "李四").await, world.register(WANG, "王五").await);
    let zhao = world.register(ZHAO, "赵六").await;
    let _guard = world.device(GUARD, Some(CODE)).await;
    let _other = world.device("G0002", Some(CODE)).await;
    assert_eq!(
        world
            .result(&zhang, crate::sign_rig::add_guard(&world, ZHANG, GUARD))
            .await,
        0
    );
    assert_eq!(world.result(&zhang, add_junior(ZHANG, WANG, 0)).await, 0);
    assert_eq!(world.result(&li, add_junior(LI, ZHANG, 0)).await, 0);
    world.agrees(ZHANG, LI).await;
    assert_eq!(world.result(&zhang, add_password(&world, "kept", "246810")).await, 0);

    let before = seen(&world, &zhang).await;
    let strangers = [
        ("nobody", None),
        ("another owner", Some(&zhao)),
        ("the superior", Some(&li)),
        ("the junior", Some(&wang)),
        ("an expired token", Some(&expired)),
        ("an ended token", Some(&ended)),
    ];
    for (who, token) in strangers {
        for message in all(&world) {
            let sign = sign_of(&message);
            if PUBLIC.contains(&sign) {
                continue;
            }
            let message = token.map_or(message.clone(), |token| with(message, "token", token.as_str()));
            let answer = world.raw(message.to_string()).await;
            if who == "the superior" && FOR_SUPERIORS.contains(&sign) {
                assert_eq!(read(&answer)["result"], 0, "{who} {sign}");
            } else {
                assert_eq!((answer.status, answer.text()), (200, failure(sign)), "{who} {sign}");
            }
        }
        assert_eq!(seen(&world, &zhang).await, before, "{who}");
    }
    for message in all(&world) {
        let sign = sign_of(&message);
        let expected = match sign {
            1 => 1,
            2 => 2,
            6 | 7 => 1,
            _ => 0,
        };
        // Sign 19 ends the token with which it was said.
        let token = world.sign_in(ZHANG, "imei-1").await["token"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(world.result(&token, message).await, expected, "Zhang {sign}");
    }
}

async fn a_superior_sees_no_password(world: World) {
    let ([zhang, li, ..], _guard) = world.family().await;
    assert_eq!(world.result(&zhang, add_password(&world, "p1", "135790")).await, 0);
    let passwords = |token: &str| json!({ "sign": 16, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": token });
    let own = world.say(&passwords(&zhang)).await;
    assert_eq!(own["passwordList"][0]["password"], "135790");
    assert_eq!(own["defaultPassword1"].as_str().unwrap().len(), 6);
    let above = world.say(&passwords(&li)).await;
    assert_eq!(above["passwordList"][0]["serviceNumb"], "p1");
    for text in [
        &above["passwordList"][0]["password"],
        &above["defaultPassword1"],
        &above["defaultPassword2"],
    ] {
        assert_eq!(*text, "");
    }
    let guards = world
        .say(&json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": li }))
        .await;
    assert_eq!(
        (
            &guards["guards"][0]["guardId"],
            &guards["guards"][0]["defaultPassword1"]
        ),
        (&json!(GUARD), &json!(""))
    );
    // Once Zhang is no junior any more, nothing is seen at all.
    let cancelled = json!({ "sign": 25, "ownerPhoneNumber": LI, "juniorPhoneNumber": ZHANG });
    assert_eq!(world.result(&li, cancelled).await, 0);
    assert_eq!(world.raw(passwords(&li).to_string()).await.text(), failure(16));
}

async fn the_owner_named_must_be_the_tokens(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    for message in all(&world) {
        let sign = sign_of(&message);
        if PUBLIC.contains(&sign) {
            continue;
        }
        let message = with(with(message, "ownerPhoneNumber", ZHAO), "token", zhang.as_str());
        assert_eq!(world.raw(message.to_string()).await.text(), failure(sign), "{sign}");
    }
}

async fn a_token_is_a_field_or_a_header(world: World) {
    let ([zhang, _, _, zhao], _guard) = world.family().await;
    let message = json!({ "sign": 12, "ownerPhoneNumber": ZHANG });
    let by_header = async |header: String, message: &Value| {
        let asked = world.post("/v1/sign").header("authorization", &header).json(message);
        read(&asked.send().await)["result"].as_i64().unwrap()
    };
    assert_eq!(by_header(format!("Bearer {zhang}"), &message).await, 0);
    assert_eq!(by_header(format!("bearer  {zhang} "), &message).await, 0);
    for wrong in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {zhang}"),
        format!("Bearer {zhao}"),
    ] {
        assert_eq!(by_header(wrong.clone(), &message).await, 1, "{wrong}");
    }
    // The one in the message is the one that was meant.
    assert_eq!(
        by_header(
            format!("Bearer {zhao}"),
            &with(message.clone(), "token", zhang.as_str())
        )
        .await,
        0
    );
    assert_eq!(
        by_header(
            format!("Bearer {zhang}"),
            &with(message.clone(), "token", zhao.as_str())
        )
        .await,
        1
    );
    for none in [json!(""), json!(null), json!(1), json!([zhang])] {
        assert_eq!(world.say(&with(message.clone(), "token", none)).await["result"], 1);
    }
}

async fn another_device_is_told_and_then_ended(world: World) {
    let old = world.register(ZHANG, "张三").await;
    let reply = world.sign_in(ZHANG, "imei-2").await;
    assert_eq!(
        (&reply["imei"], &reply["grade"], &reply["ownerName"]),
        (&json!("imei-1"), &json!("0"), &json!("张三"))
    );
    let new = reply["token"].as_str().unwrap();
    let which = |token: &str| json!({ "sign": 21, "ownerPhoneNumber": ZHANG, "token": token });
    assert_eq!(
        world
            .result(&old, json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await,
        0
    );
    assert_eq!(world.say(&which(&old)).await, json!({ "result": 0, "imei": "imei-2" }));
    assert_eq!(world.say(&which(&old)).await, json!({ "result": 1, "imei": "" }));
    for _ in 0..2 {
        assert_eq!(world.say(&which(new)).await, json!({ "result": 0, "imei": "imei-2" }));
    }
}

async fn a_browser_is_ended_by_no_device(world: World) {
    world.register(ZHANG, "张三").await;
    let tea = domain::guard::tea::encode(SECRET);
    let message = json!({ "sign": 26, "ownerPhoneNumber": ZHANG, "ownerPassword": tea, "timetag": world.second() });
    let reply = world.say(&message).await;
    assert_eq!((&reply["result"], &reply["ownerName"]), (&json!(0), &json!("张三")));
    let browser = reply["token"].as_str().unwrap();
    assert_eq!(world.sign_in(ZHANG, "imei-2").await["imei"], "imei-1");
    world.clock.forward_minutes(11);
    assert_eq!(
        world
            .result(browser, json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await,
        0
    );
    let wrong = with(message, "ownerPassword", SECRET);
    assert_eq!(world.raw(wrong.to_string()).await.text(), failure(26));
}

async fn a_new_password_by_token_ends_all_tokens(world: World) {
    let token = world.register(ZHANG, "张三").await;
    let reset = json!({ "sign": 19, "ownerPhoneNumber": ZHANG, "newPassword": "新", "timetag": world.second() });
    assert_eq!(world.result(&token, reset.clone()).await, 0);
    assert_eq!(world.result(&token, reset).await, 1);
    assert_eq!(world.sign_in(ZHANG, "imei-1").await["result"], 1);
    let fresh = with(sign_in(&world, ZHANG, "imei-1"), "ownerPassword", "新");
    assert_eq!(world.say(&fresh).await["result"], 0);
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Message>>);

#[async_trait::async_trait]
impl Notifier for Recorder {
    async fn send(&self, message: &Message) -> Result<(), NotSent> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

async fn a_new_password_by_the_code_that_was_sent(world: World) {
    let sent = Arc::new(Recorder::default());
    let notifier = sent.clone();
    let world = world
        .apart(world.now(), |config| config.notifier = Some(notifier))
        .await;
    world.register(ZHANG, "张三").await;
    let reset = json!({ "sign": 19, "ownerPhoneNumber": ZHANG, "newPassword": "新", "timetag": world.second() });
    assert_eq!(world.raw(reset.to_string()).await.text(), failure(19));
    notify::deliver_due(&world.backend).await.unwrap();
    let Content::ResetCode { code, .. } = sent.0.lock().unwrap()[0].content.clone() else {
        panic!("another message")
    };
    for wrong in [json!("00000000"), json!(12_345_678), json!(""), json!("' OR 1=1")] {
        assert_eq!(world.say(&with(reset.clone(), "code", wrong)).await["result"], 1);
    }
    let foreign = with(with(reset.clone(), "code", code.as_str()), "ownerPhoneNumber", ZHAO);
    assert_eq!(world.say(&foreign).await["result"], 1);
    let right = with(reset, "code", code.as_str());
    assert_eq!(world.say(&right).await, json!({ "result": 0 }));
    assert_eq!(world.say(&right).await, json!({ "result": 1 }));
    let fresh = with(sign_in(&world, ZHANG, "imei-1"), "ownerPassword", "新");
    assert_eq!(world.say(&fresh).await["result"], 0);
}

async fn an_address_speaks_only_in_the_legacy_window(world: World) {
    let say = async |world: &World, address: &str, message: &Value| {
        let asked = world.post("/").from(address).body("text/json", message.to_string());
        read(&asked.send().await)["result"].as_i64().unwrap()
    };
    let list = json!({ "sign": 12, "ownerPhoneNumber": ZHANG });
    world.register(ZHANG, "张三").await;
    assert_eq!(say(&world, "10.0.0.1", &sign_in(&world, ZHANG, "imei-1")).await, 0);
    assert_eq!(say(&world, "10.0.0.1", &list).await, 1);

    let said = async |world: &World| {
        let cookie = world.cookie(OPERATOR).await;
        let page = world.get("/operator").cookie(&cookie).send().await;
        page.text().contains("data-testid=\"legacy-window\"")
    };
    assert!(!said(&world).await);
    let window = Some(Duration::from_secs(30 * 60));
    let world = world.apart(world.now(), |config| config.legacy_window = window).await;
    assert!(said(&world).await);
    let old = world.register(ZHANG, "张三").await;
    assert_eq!(say(&world, "10.0.0.1", &list).await, 1);
    assert_eq!(say(&world, "10.0.0.1", &sign_in(&world, ZHANG, "imei-1")).await, 0);
    assert_eq!(say(&world, "10.0.0.1", &list).await, 0);
    assert_eq!(say(&world, "10.0.0.2", &list).await, 1);
    assert_eq!(
        say(&world, "10.0.0.1", &with(list.clone(), "ownerPhoneNumber", ZHAO)).await,
        1
    );
    // Not for what lasts: a new password, and somebody below.
    let reset = json!({ "sign": 19, "ownerPhoneNumber": ZHANG, "newPassword": "新", "timetag": world.second() });
    assert_eq!(say(&world, "10.0.0.1", &reset).await, 1);
    let junior = world.register(LI, "李四").await;
    assert_eq!(say(&world, "10.0.0.1", &add_junior(ZHANG, LI, 0)).await, 4);
    assert_eq!(
        say(
            &world,
            "10.0.0.1",
            &with(add_junior(ZHANG, LI, 0), "token", old.as_str())
        )
        .await,
        0
    );
    assert_eq!(world.result(&junior, reset.clone()).await, 1);
    // A token that is no good is not made good by the address.
    let token = with(list.clone(), "token", format!("{old}x"));
    assert_eq!(say(&world, "10.0.0.1", &token).await, 1);
    // Another device elsewhere ends it, after it was told.
    assert_eq!(say(&world, "10.0.0.2", &sign_in(&world, ZHANG, "imei-2")).await, 0);
    assert_eq!(
        say(&world, "10.0.0.1", &json!({ "sign": 21, "ownerPhoneNumber": ZHANG })).await,
        0
    );
    assert_eq!(say(&world, "10.0.0.1", &list).await, 1);
    assert_eq!(say(&world, "10.0.0.2", &list).await, 0);
    world.clock.forward_minutes(30);
    assert_eq!(say(&world, "10.0.0.2", &list).await, 1);
}

async fn public_messages_are_limited_by_number_and_address(world: World) {
    world.register(ZHANG, "张三").await;
    let wrong = with(sign_in(&world, ZHANG, "imei-1"), "ownerPassword", "wrong");
    for _ in 0..5 {
        assert_eq!(world.raw(wrong.to_string()).await.text(), failure(4));
    }
    assert_eq!(world.sign_in(ZHANG, "imei-1").await["result"], 1);
    world.clock.forward_minutes(5);
    assert_eq!(world.sign_in(ZHANG, "imei-1").await["result"], 0);

    let locate = json!({ "sign": 3, "ownerPhoneNumber": ZHANG });
    for _ in 0..60 {
        assert_eq!(world.say(&locate).await["result"], 0);
    }
    assert_eq!(world.raw(locate.to_string()).await.text(), failure(3));
    for number in 0..540 {
        let other = json!({ "sign": 1, "ownerPhoneNumber": format!("139{number:08}"), "timetag": world.second() });
        world.say(&other).await;
    }
    let one_more = json!({ "sign": 1, "ownerPhoneNumber": "13700000000", "timetag": world.second() });
    assert_eq!(world.raw(one_more.to_string()).await.text(), failure(1));
    world.clock.forward_minutes(5);
    assert_eq!(world.say(&one_more).await["result"], 0);
}

async fn asking_whose_guards_are_is_limited_by_person_and_address(world: World) {
    let zhang = world.register(ZHANG, "张三").await;
    let ask = async |token: &str, owner: &str, guard: u32, from: &str| {
        let message =
            json!({ "sign": 6, "ownerPhoneNumber": owner, "guardId": format!("G{guard:04}"), "token": token });
        let asked = world.post("/").body("text/json", message.to_string()).from(from).send();
        asked.await.text()
    };
    for guard in 0..60 {
        assert_ne!(ask(&zhang, ZHANG, guard, "10.0.0.1").await, failure(6), "{guard}");
    }
    assert_eq!(ask(&zhang, ZHANG, 60, "10.0.0.1").await, failure(6));
    // It is the person who is counted, wherever they are.
    assert_eq!(ask(&zhang, ZHANG, 60, "10.0.0.2").await, failure(6));
    world.clock.forward_minutes(5);
    assert_ne!(ask(&zhang, ZHANG, 60, "10.0.0.1").await, failure(6));

    // Many accounts at one address have no more.
    for number in 0..10 {
        let phone = format!("139{number:08}");
        let token = world.register(&phone, "李四").await;
        for guard in 0..60 {
            ask(&token, &phone, guard, "10.0.0.1").await;
        }
    }
    let wang = world.register(WANG, "王五").await;
    assert_eq!(ask(&wang, WANG, 1, "10.0.0.1").await, failure(6));
    assert_ne!(ask(&wang, WANG, 1, "10.0.0.2").await, failure(6));
}

async fn two_additions_at_once(world: World) {
    let mut tokens = Vec::new();
    for (phone, name) in [(ZHANG, "张三"), (LI, "李四"), (WANG, "王五")] {
        tokens.push(world.register(phone, name).await);
    }
    // A circle, then one junior of two superiors.
    let (one, two) = tokio::join!(
        world.result(&tokens[0], add_junior(ZHANG, LI, 0)),
        world.result(&tokens[1], add_junior(LI, ZHANG, 0)),
    );
    let mut results = [one, two];
    results.sort_unstable();
    assert!(results[0] == 0 && results[1] != 0, "{results:?}");
    let (one, two) = tokio::join!(
        world.result(&tokens[0], add_junior(ZHANG, WANG, 0)),
        world.result(&tokens[1], add_junior(LI, WANG, 0)),
    );
    let mut results = [one, two];
    results.sort_unstable();
    assert_eq!(results[0], 0);
    assert!(results[1] == 3, "{results:?}");
}
