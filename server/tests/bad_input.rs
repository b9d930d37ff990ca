//! Whatever is malformed gets a clear refusal and changes nothing.

use crate::harness::{Answer, STAFF, World, cabinet};
use crate::pages::inhabited::{Inhabited, inhabit};
use crate::sign_rig::{GUARD, ZHANG};
use serde_json::{Value, json};

on_every_engine! {
    bodies_that_are_no_json_are_refused,
    bodies_of_the_wrong_shape_are_refused,
    keys_given_twice_are_refused,
    unknown_fields_are_ignored,
    texts_are_texts_whatever_is_in_them,
    numbers_out_of_range_are_refused,
    paths_and_queries_are_checked,
    huge_bodies_are_refused_everywhere,
    forms_survive_anything,
}

const MEGABYTE: usize = 1 << 20;

/// Everything that takes a body, with one that is in order as far as its form goes.
fn endpoints() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("POST", "/v1/QrData", json!({ "data": "a.b.c" })),
        (
            "PUT",
            "/v1/Powermeter/OpenToSave/1002",
            json!({ "serial": 1, "jumper": 1, "pwd": "12345", "saveDate": "x", "label": "A1", "thingsSq": "1002" }),
        ),
        (
            "POST",
            "/v1/SyncData/1234",
            json!({ "data": [{ "jumper": 1, "serial": 1, "status": "B", "label": "A1" }] }),
        ),
        (
            "POST",
            "/v1/Encrypt",
            json!({ "data": { "cmd": "OpenToTake", "yid": 1234, "serial": 1, "jumper": 1, "pwd": "12345" } }),
        ),
        (
            "POST",
            "/v1/Login",
            json!({ "phoneNumber": "01000000000", "password": "x" }),
        ),
        ("POST", "/v1/Kiosks/Enrol", json!({ "code": "12345678" })),
        (
            "POST",
            "/v1/Kiosks/1234/Events",
            json!({ "events": [{ "seq": 1, "at": 1, "kind": "started" }] }),
        ),
    ]
}

struct Callers {
    staff: String,
    kiosk: String,
}

impl Callers {
    async fn of(world: &World) -> Self {
        Self {
            staff: world.bearer(STAFF).await,
            kiosk: world.kiosk(1234).await.token,
        }
    }

    async fn send(&self, world: &World, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let bearer = if path.ends_with("/Events") {
            &self.kiosk
        } else {
            &self.staff
        };
        world
            .ask(method, path)
            .bearer(bearer)
            .body("application/json", body)
            .send()
            .await
    }
}

/// What must not have changed.
async fn untouched(world: &World) {
    for (things_sq, status) in [("1001", "A"), ("1002", "B"), ("1003", "B"), ("2001", "B")] {
        assert_eq!(world.status_of(things_sq).await, status);
    }
    let staff = world.person(STAFF).await;
    let (kiosk, compartments) = backend::locker::kiosks::get(&world.backend, &staff, domain::ids::Yid(1234))
        .await
        .unwrap();
    assert_eq!((kiosk.acked_seq, compartments.len()), (0, 8));
    assert!(compartments.iter().all(|known| known.things_sq.is_none()));
}

async fn bodies_that_are_no_json_are_refused(world: World) {
    let callers = Callers::of(&world).await;
    let bodies: [&[u8]; 12] = [
        b"",
        b" \r\n",
        b"null",
        b"1",
        b"\"x\"",
        b"[]",
        b"{",
        b"{\"data\":",
        b"data=x",
        b"<a/>",
        b"\xff\xfe{\x00}\x00",
        b"{\"data\":\"\xff\",\"code\":\"\xff\",\"events\":\"\xff\",\"serial\":\"\xff\",\"password\":\"\xff\"}",
    ];
    for (method, path, _) in endpoints() {
        for body in bodies {
            let answer = callers.send(&world, method, path, body).await;
            assert_eq!(
                answer.refused(400),
                "malformed",
                "{path} {}",
                String::from_utf8_lossy(body)
            );
        }
        let deep = callers.send(&world, method, path, "[".repeat(200_000)).await;
        assert_eq!(deep.refused(400), "malformed", "{path}");
    }
    untouched(&world).await;
}

/// The body with every value inside it, one at a time, replaced by what `change` makes of it.
fn variations(body: &Value, change: &dyn Fn(&Value) -> Option<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    let mut inside = |whole: &dyn Fn(Value) -> Value, value: &Value| {
        all.extend(change(value).map(whole));
        all.extend(variations(value, change).into_iter().map(whole));
    };
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                let whole = |changed| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    Value::Object(fields)
                };
                inside(&whole, value);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                let whole = |changed| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                };
                inside(&whole, value);
            }
        }
        _ => {}
    }
    all
}

async fn bodies_of_the_wrong_shape_are_refused(world: World) {
    let callers = Callers::of(&world).await;
    for (method, path, body) in endpoints() {
        for wrong in [json!(true), json!([[]]), json!({ "x": {} })] {
            for changed in variations(&body, &|_| Some(wrong.clone())) {
                let answer = callers.send(&world, method, path, changed.to_string()).await;
                // An object in place of a word is to serde a word that is not known.
                let status = if wrong.is_object() && answer.status == 422 {
                    422
                } else {
                    400
                };
                answer.refused(status);
            }
        }
    }
    untouched(&world).await;
}

async fn keys_given_twice_are_refused(world: World) {
    let callers = Callers::of(&world).await;
    for (method, path, body) in endpoints() {
        let text = body.to_string();
        for (at, _) in text.match_indices('{') {
            // The first key of each object once more.
            let rest = &text[at + 1..];
            let Some((name, _)) = rest.split_once(':') else {
                continue;
            };
            let twice = format!("{}{{{name}:{},{rest}", &text[..at], first_value(&text[at..]));
            let answer = callers.send(&world, method, path, twice.clone()).await;
            assert_eq!(answer.refused(400), "malformed", "{path} {twice}");
        }
    }
    untouched(&world).await;
}

/// The value of the first key of the object a text begins with.
fn first_value(text: &str) -> Value {
    let object = serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .next()
        .unwrap()
        .unwrap();
    let name: String = serde_json::from_str(text[1..].split_once(':').unwrap().0).unwrap();
    object[&name].clone()
}

async fn unknown_fields_are_ignored(world: World) {
    let callers = Callers::of(&world).await;
    let mut rows = json!({ "data": cabinet(&[]), "more": { "a": [1] } });
    rows["data"][0]["extra"] = json!("x");
    let answer = callers
        .send(&world, "POST", "/v1/SyncData/1234", rows.to_string())
        .await;
    assert_eq!(answer.refused(403), "rows-not-scanned");
    let body = json!({ "data": { "cmd": "SyncDate", "yid": 1234, "iat": 1, "note": null } });
    callers.send(&world, "POST", "/v1/Encrypt", body.to_string()).await.ok();
}

async fn texts_are_texts_whatever_is_in_them(world: World) {
    let callers = Callers::of(&world).await;
    let long = "가".repeat(100_000);
    let nasty = [
        "'; DROP TABLE orders; --",
        "<script>alert(1)</script>",
        "\u{0}",
        "a\u{0}b",
        "\u{202e}\u{feff}",
        "%",
        "",
        &long,
    ];
    for (method, path, body) in endpoints() {
        for text in nasty {
            for changed in variations(&body, &|value| value.is_string().then(|| json!(text))) {
                let answer = callers.send(&world, method, path, changed.to_string()).await;
                assert!(
                    (400..500).contains(&answer.status),
                    "{path} {} {}",
                    answer.status,
                    answer.text()
                );
                answer.refused(answer.status);
                assert!(!answer.text().contains("<script>"), "{path}");
            }
        }
    }
    untouched(&world).await;
}

async fn numbers_out_of_range_are_refused(world: World) {
    let callers = Callers::of(&world).await;
    for (method, path, body) in endpoints() {
        for number in [
            "99999999999999999999999999",
            "-99999999999999999999",
            "1e400",
            "1.5",
            "-1",
            "9223372036854775807",
        ] {
            let marked = |value: &Value| value.is_number().then(|| json!("NUMBER"));
            for changed in variations(&body, &marked) {
                let changed = changed.to_string().replace("\"NUMBER\"", number);
                let answer = callers.send(&world, method, path, changed.clone()).await;
                let stored = answer.status == 200 && path.ends_with("/Events");
                if !stored {
                    assert!(
                        (400..500).contains(&answer.status),
                        "{path} {changed} {}",
                        answer.text()
                    );
                    answer.refused(answer.status);
                }
            }
        }
    }
    for things_sq in ["1002", "1003"] {
        assert_eq!(world.status_of(things_sq).await, "B");
    }
}

async fn paths_and_queries_are_checked(world: World) {
    let callers = Callers::of(&world).await;
    let fields = json!({ "serial": 1, "jumper": 1, "pwd": "12345" }).to_string();
    let long = "1".repeat(5_000);
    for (segment, statuses) in [
        ("%FF", &[400][..]),
        ("%00", &[404, 422]),
        ("a%0Ab", &[422]),
        ("%27%20OR%201%3D1", &[404]),
        ("%3Cscript%3E", &[404]),
        ("..%2F..%2Fetc", &[404]),
        (&long, &[422]),
        ("%20", &[422]),
    ] {
        let answer = callers
            .send(
                &world,
                "PUT",
                &format!("/v1/Powermeter/OpenToSave/{segment}"),
                fields.clone(),
            )
            .await;
        assert!(statuses.contains(&answer.status), "{segment}: {}", answer.text());
        answer.refused(answer.status);
    }
    let rows = json!({ "data": cabinet(&[]) }).to_string();
    for (yid, status) in [
        ("abc", 400),
        ("1.0", 400),
        ("%FF", 400),
        ("0x10", 400),
        ("-1", 422),
        ("0", 422),
        (&long, 422),
    ] {
        for (path, body) in [("SyncData/{}", rows.as_str()), ("Kiosks/{}/Events", r#"{"events":[]}"#)] {
            let path = format!("/v1/{}", path.replace("{}", yid));
            callers.send(&world, "POST", &path, body).await.refused(status);
        }
    }
    let get = async |path: String| world.get(&path).bearer(&callers.staff).send().await;
    for (query, status) in [
        ("status=Z", 422),
        ("status=b", 422),
        ("status=B&status=C", 400),
        ("customerNo=%FF", 400),
        ("customerNo=1&customerNo=2", 400),
    ] {
        get(format!("/v1/Orders?{query}")).await.refused(status);
    }
    for query in [
        "customerNo=%27%3B--",
        "customerNo=%25",
        "customerNo=_",
        "customerNo=%3Cb%3E",
        "customerNo=%EA%B0%80",
    ] {
        assert_eq!(
            get(format!("/v1/Orders?{query}")).await.ok()["orders"],
            json!([]),
            "{query}"
        );
    }
    for query in [
        "customerNo=%00".to_owned(),
        format!("customerNo={long}"),
        "cursor=%00".to_owned(),
        "cursor=x%27".to_owned(),
        format!("cursor={long}"),
    ] {
        let answer = get(format!("/v1/Orders?{query}")).await;
        assert!(
            answer.status == 200 || answer.status == 422 || answer.status == 400,
            "{query}: {}",
            answer.text()
        );
    }
    for token in [
        "%FF",
        "%00",
        "a",
        &long,
        "a.b.c",
        "%2F",
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.",
    ] {
        let answer = get(format!("/v1/QrImage/{token}")).await;
        answer.refused(400);
    }
}

async fn huge_bodies_are_refused_everywhere(world: World) {
    let callers = Callers::of(&world).await;
    let huge = format!("{{\"data\":\"{}\"}}", "x".repeat(MEGABYTE));
    for (method, path, _) in endpoints() {
        assert_eq!(
            callers.send(&world, method, path, huge.clone()).await.refused(413),
            "too-large",
            "{path}"
        );
    }
    let just_fits = format!("{{\"data\":\"{}\"}}", "x".repeat(MEGABYTE - 11));
    let answer = callers.send(&world, "POST", "/v1/QrData", just_fits).await;
    assert!(
        (400..=413).contains(&answer.status) && answer.status != 500,
        "{}",
        answer.text()
    );
    let form = format!("phone={}", "1".repeat(MEGABYTE + 1));
    let answer = world
        .post("/sign-in")
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (413, "text/html; charset=utf-8")
    );
    assert!(answer.text().contains("role=\"alert\""));
    untouched(&world).await;
}

/// What the forms of all pages could change, as people see it. Not the businesses: any text is a good name for one.
async fn everything(world: &World, inhabited: &Inhabited) -> Vec<String> {
    let mut seen = Vec::new();
    for things_sq in ["1001", "1002", "1003", "2001"] {
        seen.push(world.status_of(things_sq).await);
    }
    for (_, cookie) in &inhabited.people {
        for path in [
            "/operator/people",
            "/operator/kiosks",
            "/operator/guards",
            "/staff/kiosks",
        ] {
            let page = world.get(path).cookie(cookie).send().await;
            let rows = page.text().matches("<li").count() + page.text().matches("<tr").count();
            seen.push(format!("{path} {} {rows}", page.status));
        }
    }
    for sign in [12, 13, 16, 24] {
        let message = json!({ "sign": sign, "ownerPhoneNumber": ZHANG, "guardId": GUARD, "token": inhabited.zhang });
        seen.push(world.say(&message).await.to_string());
    }
    seen
}

async fn forms_survive_anything(world: World) {
    let inhabited = inhabit(&world).await;
    let before = everything(&world, &inhabited).await;
    let bodies: [&[u8]; 8] = [
        b"",
        b"\xff\xfe\x00",
        b"token=%FF%00&code=%FF%00&phone=%00&password=%00&name=%00&query=%00",
        b"token=a&token=b&code=a&code=b&phone=1&phone=2&password=1&password=2",
        b"token='%3B+DROP+TABLE+orders%3B--&code='%3B+DROP+TABLE&phone='+OR+1%3D1&name='",
        b"token=%3Cscript%3Ealert(1)%3C%2Fscript%3E&code=%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&phone=%22%3E%3Cscript%3Ealert(1)",
        b"=&&&==%",
        b"{\"token\":\"x\"}",
    ];
    // Deleting a guard and cancelling a password need no field: the address says it all. /account ends the session.
    let by_address = ["/delete", "/passwords/password-1", "/account"];
    let needs_fields = |path: &String| !by_address.iter().any(|end| path.ends_with(end));
    for path in inhabited.pages().into_iter().filter(needs_fields) {
        for (role, cookie) in &inhabited.people {
            for body in bodies {
                let answer = world
                    .post(&path)
                    .cookie(cookie)
                    .body("application/x-www-form-urlencoded", body)
                    .send()
                    .await;
                assert!(
                    answer.status < 500,
                    "{role:?} {path} {}: {}",
                    String::from_utf8_lossy(body),
                    answer.text()
                );
                assert!(!answer.text().contains("<script>alert"), "{path}");
            }
        }
    }
    assert_eq!(everything(&world, &inhabited).await, before);
}
