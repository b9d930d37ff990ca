//! How messages travel (SPEC 4.1).

use crate::harness::{OWNER, World};
use crate::sign_rig::{GUARD, ZHANG, add_card, add_password, failure, read, registration, with};
use serde_json::{Value, json};

on_every_engine! {
    both_addresses_and_both_content_types,
    other_content_types_and_methods_are_no_messages,
    a_sign_may_be_a_text_with_a_blank_in_front,
    replies_are_ascii_and_read_the_same_as_gbk,
    a_reply_that_is_a_result_has_nothing_else,
    an_unknown_sign_has_result_1,
    what_is_no_object_is_400,
    more_than_64_kib_is_413,
    what_another_site_sends_is_refused,
    a_browser_still_gets_its_page,
    the_host_is_known_in_http_2_as_well,
    names_of_a_chinese_windows_are_read,
    a_broken_last_character_of_a_name_is_replaced,
}

fn locate() -> Value {
    json!({ "sign": 3, "ownerPhoneNumber": OWNER })
}

async fn both_addresses_and_both_content_types(world: World) {
    for path in ["/", "/v1/sign"] {
        for kind in [
            "text/json",
            "application/json",
            "Text/JSON; charset=UTF-8",
            "application/json;charset=gbk",
        ] {
            let answer = world.post(path).body(kind, locate().to_string()).send().await;
            assert_eq!(
                read(&answer),
                json!({ "result": 0, "ownerIp": "latchkey.test" }),
                "{path} {kind}"
            );
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let silent = world.post(path).send_raw(locate().to_string()).await;
        assert_eq!(read(&silent)["result"], 0);
    }
}

async fn other_content_types_and_methods_are_no_messages(world: World) {
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "",
    ] {
        let answer = world.post("/").body(kind, locate().to_string()).send().await;
        assert_eq!((answer.status, &answer.json()["result"]), (400, &json!(1)), "{kind}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let answer = world.ask(method, "/v1/sign").send().await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
        assert_eq!(answer.json()["errorCode"], 405);
    }
}

async fn a_sign_may_be_a_text_with_a_blank_in_front(world: World) {
    for sign in [json!(3), json!("3"), json!(" 3"), json!("\t3"), json!("03")] {
        assert_eq!(
            world.say(&with(locate(), "sign", sign.clone())).await["result"],
            0,
            "{sign}"
        );
    }
    let body = locate().to_string();
    for body in [format!(" \r\n\t{body} \n"), format!("\u{feff}{body}")] {
        assert_eq!(read(&world.raw(body).await)["result"], 0);
    }
}

async fn replies_are_ascii_and_read_the_same_as_gbk(world: World) {
    let ([zhang, li, ..], _guard) = world.family().await;
    assert_eq!(world.result(&zhang, add_card(&world, "c1")).await, 0);
    let rename =
        json!({ "sign": 20, "ownerPhoneNumber": ZHANG, "newName": "张三丰𠮷😀\\\"<é>", "timetag": world.second() });
    assert_eq!(world.result(&zhang, rename).await, 0);
    // `say` reads every answer as GBK and refuses what is not ASCII.
    let of = |sign: u64, token: &str, owner: &str| json!({ "sign": sign, "ownerPhoneNumber": owner, "guardId": GUARD, "token": token });
    let juniors = world.say(&of(24, &li, "13800000002")).await;
    assert_eq!(juniors["juniorList"][0]["juniorName"], "张三丰𠮷😀\\\"<é>");
    let guards = world.say(&of(12, &zhang, ZHANG)).await;
    assert_eq!(guards["guards"][0]["guardName"], "大门");
    assert_eq!(guards["guards"][0]["guardComment"], "两行\n备注");
    assert_eq!(world.say(&of(13, &zhang, ZHANG)).await["userList"][0]["name"], "赵敏");
    assert_eq!(world.sign_in(ZHANG, "imei-1").await["ownerName"], "张三丰𠮷😀\\\"<é>");
}

async fn a_reply_that_is_a_result_has_nothing_else(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let message = with(add_password(&world, "p1", "135790"), "token", zhang.as_str());
    assert_eq!(world.raw(message.to_string()).await.text(), r#"{"result":0}"#);
    let again = with(message, "password", "13579");
    assert_eq!(world.raw(again.to_string()).await.text(), r#"{"result":1}"#);
}

async fn an_unknown_sign_has_result_1(world: World) {
    for sign in [
        json!(0),
        json!(99),
        json!(-1),
        json!(3.5),
        json!("x"),
        json!(""),
        json!(null),
        json!([3]),
        json!(1e30),
    ] {
        let answer = world.raw(with(locate(), "sign", sign.clone()).to_string()).await;
        assert_eq!(
            (answer.status, answer.text()),
            (200, r#"{"result":1}"#.to_owned()),
            "{sign}"
        );
    }
    assert_eq!(
        world.raw(r#"{"ownerPhoneNumber":"13800000001"}"#).await.text(),
        r#"{"result":1}"#
    );
}

async fn what_is_no_object_is_400(world: World) {
    let deep = |depth: usize| {
        format!(
            r#"{{"sign":3,"ownerPhoneNumber":"{OWNER}","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let bodies: [Vec<u8>; 14] = [
        b"".to_vec(),
        b" ".to_vec(),
        b"x".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"3".to_vec(),
        b"{\"sign\":3}{\"sign\":3}".to_vec(),
        b"{\"sign\":3,}".to_vec(),
        b"{\"sign\":3,\"x\":\"\xff\"}".to_vec(),
        "{\"sign\":3,\"x\":\"门\"}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
        br#"{"sign":3,"ownerPhoneNumber":"1","ownerPhoneNumber":"2"}"#.to_vec(),
        "{\"sign\":3,\"门\":1,\"门\":2}".as_bytes().to_vec(),
        deep(60_000 / 2).into_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = world.raw(body).await;
        assert_eq!(answer.status, 400, "{shown}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.body.is_ascii());
        let refusal = answer.json();
        assert_eq!(
            (&refusal["result"], &refusal["success"], &refusal["errorCode"]),
            (&json!(1), &json!(false), &json!(400))
        );
        assert!(!refusal["message"].as_str().unwrap().is_empty());
    }
    let twice = world.raw(br#"{"sign":3,"sign":4}"#.to_vec()).await;
    assert_eq!(twice.json()["message"], r#"the key "sign" is there twice"#);
    // What a message does not know is ignored, also where it nests a little.
    assert_eq!(read(&world.raw(deep(8)).await)["result"], 0);
}

async fn more_than_64_kib_is_413(world: World) {
    let sized = |bytes: usize| {
        let rest = r#"{"sign":3,"ownerPhoneNumber":"01011110006","x":""}"#.len();
        with(locate(), "x", "y".repeat(bytes - rest)).to_string()
    };
    assert_eq!(sized(65_536).len(), 65_536);
    assert_eq!(read(&world.raw(sized(65_536)).await)["result"], 0);
    for bytes in [65_537, 500_000, 3 << 20] {
        let answer = world.raw(sized(bytes)).await;
        assert_eq!(
            (answer.status, &answer.json()["errorCode"]),
            (413, &json!(413)),
            "{bytes}"
        );
    }
}

async fn what_another_site_sends_is_refused(world: World) {
    let asked = world
        .post("/")
        .header("origin", "https://evil.example")
        .body("text/json", locate().to_string());
    let answer = asked.send().await;
    assert_eq!((answer.status, &answer.json()["result"]), (403, &json!(1)));
}

async fn a_browser_still_gets_its_page(world: World) {
    let answer = world.get("/").send().await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        world
            .raw(json!({ "sign": 5, "ownerPhoneNumber": ZHANG, "guardId": GUARD }).to_string())
            .await
            .text(),
        failure(5)
    );
}

async fn the_host_is_known_in_http_2_as_well(world: World) {
    for path in ["https://node7.example:2017/", "https://node7.example/v1/sign"] {
        let ask = world.post(path).over_http_2().body("text/json", locate().to_string());
        assert_eq!(
            read(&ask.send().await),
            json!({ "result": 0, "ownerIp": "node7.example" })
        );
    }
}

/// A body as a client writes it whose texts are GBK.
fn gbk(message: &Value) -> Vec<u8> {
    let text = message.to_string();
    let (bytes, _, lost) = encoding_rs::GBK.encode(&text);
    assert!(!lost && std::str::from_utf8(&bytes).is_err());
    bytes.into_owned()
}

async fn names_of_a_chinese_windows_are_read(world: World) {
    let phone = "13911110001";
    let register = registration(&world, phone, "张伟");
    let answer = world.raw(gbk(&register)).await;
    assert_eq!(
        (answer.status, &read(&answer)["result"]),
        (200, &json!(0)),
        "{}",
        answer.text()
    );
    let signed_in = world.sign_in(phone, "imei-1").await;
    assert_eq!(signed_in["ownerName"], "张伟");
    let token = signed_in["token"].as_str().unwrap();
    for name in ["李", "王小明", "绫濑"] {
        let rename = json!({ "sign": 20, "ownerPhoneNumber": phone, "newName": name, "timetag": world.second(), "token": token });
        for path in ["/", "/v1/sign"] {
            let answer = world
                .post(path)
                .body("text/json; charset=UTF-8", gbk(&rename))
                .send()
                .await;
            assert_eq!(read(&answer)["result"], 0, "{name}");
        }
        assert_eq!(world.sign_in(phone, "imei-1").await["ownerName"], name);
    }
    // It still says 400 to what is no text in either.
    let broken = [&gbk(&register)[..], b"\xff"].concat();
    assert_eq!(world.raw(broken).await.status, 400);
}

async fn a_broken_last_character_of_a_name_is_replaced(world: World) {
    let phone = "13911110001";
    let token = world.register(phone, "王").await;
    let rename = |name: &[u8]| {
        let text =
            json!({ "sign": 20, "ownerPhoneNumber": phone, "newName": "@", "timetag": world.second(), "token": token });
        let text = text.to_string();
        let (before, after) = text.split_once('@').unwrap();
        [before.as_bytes(), name, after.as_bytes()].concat()
    };
    for (sent, stored) in [
        // UTF-8, read as GBK and written as GBK: the last byte became a question mark.
        (b"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98?".as_slice(), "王小\u{fffd}?"),
        (b"\xe7\x8e\x8b\xe5\xb0", "王\u{fffd}"),
        (b"\xd5\xc5\xce", "张\u{fffd}"),
    ] {
        let answer = world.raw(rename(sent)).await;
        assert_eq!((answer.status, &read(&answer)["result"]), (200, &json!(0)), "{stored}");
        assert_eq!(world.sign_in(phone, "imei-1").await["ownerName"], stored);
    }
}
