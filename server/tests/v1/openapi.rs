//! The description of `/v1` is what the server does. Every answer of every test is held against it by [`check`].

use crate::harness::{Answer, Ask, BUSINESS, Device, OPERATOR, PASSWORD, STAFF, World, cabinet, deposited, stored};
use crate::link::frames::answer;
use crate::link_rig::Node;
use crate::v1::json_schema::{fault, resolved};
use domain::ids::{Millis, Yid};
use domain::token::{CompartmentRow, Payload};
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

on_every_engine! {
    every_address_is_described_and_every_description_has_an_address,
    each_described_answer_is_given,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(server::v1::document()).unwrap())
}

/// What other programs are told, as somebody last read it: `LATCHKEY_RECORD=1` writes it again.
#[test]
fn the_description_in_the_repository_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let current = format!("{:#}\n", document());
    if std::env::var_os("LATCHKEY_RECORD").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == current,
        "the description of /v1 changed; write docs/openapi.json again and read it"
    );
}

fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// The template of the document that an address fits.
fn template(path: &str) -> Option<&'static str> {
    let fits = |template: &str| {
        let (parts, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
        parts.len() == wanted.len()
            && parts
                .iter()
                .zip(&wanted)
                .all(|(part, wanted)| part == wanted || (wanted.starts_with('{') && !part.is_empty()))
    };
    let paths = document()["paths"].as_object().unwrap();
    paths.keys().map(String::as_str).find(|template| fits(template))
}

/// Fails where an answer of `/v1` is none the document describes, or where a request was accepted that it does not describe.
/// Answers which description was met.
pub fn check(method: &str, uri: &str, sent: &[u8], answer: &Answer) -> Option<String> {
    let path = match (method, uri.split('?').next()?) {
        // The messages have two addresses.
        ("POST", "/") => "/sign",
        (_, whole) => whole.strip_prefix("/v1")?,
    };
    let Some(template) = template(path) else {
        assert_eq!(answer.status, 404, "{method} {uri} is not described");
        return None;
    };
    let Some(operation) = document()["paths"][template].get(method.to_lowercase()) else {
        assert_eq!(answer.status, 405, "{method} {uri} is not described");
        return None;
    };
    let status = answer.status.to_string();
    let response = operation["responses"].get(&status).unwrap_or_else(|| {
        panic!(
            "{method} {template} answers {status}, which is not described: {}",
            answer.text()
        )
    });
    let kind = answer.header("content-type").split(';').next().unwrap();
    let response = resolved(response);
    let content = response["content"]
        .get(kind)
        .unwrap_or_else(|| panic!("{method} {template} answers {kind:?}, which is not described"));
    if kind == "application/json" {
        let fault = fault(&content["schema"], &answer.json(), true);
        assert_eq!(fault, None, "{method} {template} {status}: {}", answer.text());
    }
    if (template, answer.status) == ("/sign", 200) {
        check_message(sent, answer);
    } else if let (200, Some(body)) = (answer.status, operation.get("requestBody")) {
        let schema = &body["content"]["application/json"]["schema"];
        let sent: Value = serde_json::from_slice(sent).unwrap();
        assert_eq!(fault(schema, &sent, false), None, "{method} {template} accepted {sent}");
    }
    Some(format!("{method} {template} {status}"))
}

/// A message is held against the schemas of its own sign, and what it was accepted with against its request.
fn check_message(sent: &[u8], answer: &Answer) {
    let sent = sent.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sent);
    // Names may be in another encoding; what is described are the fields.
    let mut message: Value = serde_json::from_str(&String::from_utf8_lossy(sent)).unwrap();
    let sign = match &message["sign"] {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_u64(),
    };
    let schemas = document()["components"]["schemas"].as_object().unwrap();
    let of_sign = |schema: &Value| sign.is_some_and(|sign| schema["properties"]["sign"]["enum"][0] == sign);
    let Some((name, request)) = schemas.iter().find(|(_, schema)| of_sign(schema)) else {
        assert_eq!(answer.text(), r#"{"result":1}"#, "{message}");
        return;
    };
    let reply = answer.json();
    let wrong = fault(&schemas[&format!("{name}Reply")], &reply, true);
    assert_eq!(wrong, None, "{name}: {reply}");
    // The two successes of sign 7 are not 0.
    let result = reply["result"].as_i64().unwrap();
    if result == 0 || (sign == Some(7) && result > 0) {
        // Blanks around the digits are described in words.
        message["sign"] = Value::from(sign);
        assert_eq!(fault(request, &message, false), None, "{name} accepted {message}");
    }
}

async fn every_address_is_described_and_every_description_has_an_address(world: World) {
    let served = world.get("/v1/openapi.json").send().await;
    assert_eq!(served.json(), *document());
    let shape = |path: &str| {
        let parts = path.split('/');
        parts
            .map(|part| if part.starts_with('{') { "{}" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    };
    let described: BTreeSet<String> = document()["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(|path| shape(path))
        .collect();
    let there: BTreeSet<String> = server::v1::addresses()
        .iter()
        .map(|address| shape(address.path))
        .chain(["/sign", "/link"].map(str::to_owned))
        .collect();
    assert_eq!(described, there);
    for path in there {
        let template = template(&path).unwrap();
        for method in METHODS {
            let answer = world.ask(&method.to_uppercase(), &format!("/v1{path}")).send().await;
            let described = document()["paths"][template].get(method).is_some();
            assert_eq!(
                answer.status != 405,
                described,
                "{method} {template}: {}",
                answer.status
            );
        }
    }
}

/// Goes through `/v1` until every status the document gives for an operation was answered.
async fn each_described_answer_is_given(world: World) {
    let kiosk = world.kiosk(1234).await;
    let callers = Callers {
        staff: world.bearer(STAFF).await,
        business: world.bearer(BUSINESS).await,
        operator: world.bearer(OPERATOR).await,
    };
    alike(&world, &kiosk, &callers).await;
    codes(&world, &kiosk, &callers).await;
    deposit(&world, &kiosk, &callers).await;
    syncs(&world, &kiosk, &callers).await;
    made_codes(&world, &callers).await;
    world.get("/v1/Orders").bearer(&callers.staff).send().await.ok();
    world
        .get("/v1/Orders?status=B&status=C")
        .bearer(&callers.staff)
        .send()
        .await
        .refused(400);
    world
        .get("/v1/Orders?status=Z")
        .bearer(&callers.staff)
        .send()
        .await
        .refused(422);
    world.get("/v1/Clock").send().await.ok();
    assert_eq!(world.get("/v1/openapi.json").send().await.status, 200);
    enrolments(&world).await;
    sign_ins(&world).await;
    messages(&world).await;

    let wanted: BTreeSet<String> = operations()
        .filter(|(_, path, _)| *path != "/link")
        .flat_map(|(method, path, operation)| {
            let statuses = operation["responses"].as_object().unwrap().keys();
            statuses.map(move |status| format!("{} {path} {status}", method.to_uppercase()))
        })
        .collect();
    let seen = world.seen();
    let never: Vec<_> = wanted.difference(&seen).collect();
    assert!(never.is_empty(), "described and never answered: {never:#?}");
}

struct Callers {
    staff: String,
    business: String,
    operator: String,
}

/// What is refused everywhere in the same way: nobody, the wrong person, no JSON, too much of it.
async fn alike(world: &World, kiosk: &Device<'_>, callers: &Callers) {
    // The messages and the link refuse in their own ways.
    for (method, path, _) in operations().filter(|(_, path, _)| !["/sign", "/link"].contains(path)) {
        let uri = format!("/v1{path}")
            .replace("{yid}", "1234")
            .replace("{thingsSq}", "1002")
            .replace("{data}", "x");
        let ask = || world.ask(&method.to_uppercase(), &uri);
        let huge = format!("{{\"data\":\"{}\"}}", "x".repeat(1 << 20));
        let bearer = if uri.ends_with("/Events") {
            &kiosk.token
        } else {
            &callers.staff
        };
        ask().json(&json!({})).send().await;
        ask()
            .header("origin", "https://evil.example")
            .json(&json!({}))
            .send()
            .await;
        if uri.ends_with("/Logout") {
            continue;
        }
        ask().bearer(&callers.operator).json(&json!({})).send().await;
        if method != "get" {
            ask()
                .bearer(bearer)
                .body("application/json", "{")
                .send()
                .await
                .refused(400);
            ask()
                .bearer(bearer)
                .body("application/json", huge)
                .send()
                .await
                .refused(413);
        }
    }
    let login = json!({ "phoneNumber": STAFF, "password": PASSWORD });
    let token = world.post("/v1/Login").json(&login).send().await.ok();
    let token = token["token"].as_str().unwrap();
    world.post("/v1/Logout").bearer(token).send().await.ok();
}

async fn codes(world: &World, kiosk: &Device<'_>, callers: &Callers) {
    let foreign = Device {
        yid: Yid(99),
        ..world.kiosk(1235).await
    };
    let payload = || Payload::OpenToSave(deposited(1, 3));
    let read = async |token: &str| {
        let body = json!({ "data": token });
        world.post("/v1/QrData").bearer(&callers.staff).json(&body).send().await
    };
    let draw = async |token: &str, bearer: &str| world.get(&format!("/v1/QrImage/{token}")).bearer(bearer).send().await;
    let fresh = kiosk.seal(&payload());
    let old = kiosk.seal_at(world.now().plus(-601_000), &payload());
    read(&fresh).await.ok();
    read(&fresh).await.refused(409);
    read(&kiosk.seal(&Payload::SaveToData(cabinet(&[])))).await.ok();
    read(&kiosk.seal(&Payload::SyncDate)).await.refused(422);
    for (token, status) in [
        ("x", 400),
        (foreign.seal(&payload()).as_str(), 404),
        (old.as_str(), 410),
    ] {
        read(token).await.refused(status);
        draw(token, &callers.staff).await.refused(status);
    }
    for format in ["png", "svg"] {
        let image = draw(&format!("{fresh}?format={format}"), &callers.staff).await;
        assert_eq!(image.status, 200);
    }
    draw(&fresh, &callers.business).await.refused(403);
    draw(&format!("{fresh}?format=gif"), &callers.staff).await.refused(422);
    // More than any symbol holds.
    let rows: Vec<CompartmentRow> = (1..=256)
        .map(|serial| stored(1, serial, Some(&format!("{}", serial * 7919))))
        .collect();
    draw(&kiosk.seal(&Payload::SaveToData(rows)), &callers.staff)
        .await
        .refused(413);
}

async fn deposit(world: &World, kiosk: &Device<'_>, callers: &Callers) {
    let put = |order: &str| -> Ask<'_> {
        let path = format!("/v1/Powermeter/OpenToSave/{order}");
        world.ask("PUT", &path).bearer(&callers.staff)
    };
    let fields = |serial: i64| serde_json::to_value(deposited(1, serial)).unwrap();
    put("1002").json(&fields(4)).send().await.refused(403);
    let body = json!({ "data": kiosk.deposit_code(1, 4) });
    world
        .post("/v1/QrData")
        .bearer(&callers.staff)
        .json(&body)
        .send()
        .await
        .ok();
    put("9999").json(&fields(4)).send().await.refused(404);
    put("1001").json(&fields(4)).send().await.refused(409);
    let mut contradicting = fields(4);
    contradicting["pwd"] = json!("0000");
    put("1002").json(&contradicting).send().await.refused(422);
    put("1002").json(&fields(4)).send().await.ok();
}

async fn syncs(world: &World, kiosk: &Device<'_>, callers: &Callers) {
    let post = |path: &str| world.post(path).bearer(&kiosk.token);
    let rows = |at: Millis| json!({ "data": cabinet(&[stored(1, 4, Some("1002"))]), "date": at.to_iso() });
    let now = world.now();
    post("/v1/SyncData/1234").json(&rows(now)).send().await.ok();
    post("/v1/SyncData/1234")
        .json(&rows(now.plus(-60_000)))
        .send()
        .await
        .refused(409);
    post("/v1/SyncData/1234")
        .json(&json!({ "data": [] }))
        .send()
        .await
        .refused(422);
    post("/v1/SyncData/1235").json(&rows(now)).send().await.refused(403);
    world
        .post("/v1/SyncData/1234")
        .bearer(&callers.staff)
        .json(&rows(now))
        .send()
        .await
        .refused(403);
    let event = json!({ "seq": 1, "at": now.0, "kind": "deposit-opened", "port": { "jumper": 1, "serial": 4 } });
    post("/v1/Kiosks/1234/Events")
        .json(&json!({ "events": [event] }))
        .send()
        .await
        .ok();
    let long = json!({ "seq": 2, "at": 1, "kind": "started", "detail": "x".repeat(501) });
    post("/v1/Kiosks/1234/Events")
        .json(&json!({ "events": [long] }))
        .send()
        .await
        .refused(422);
    post("/v1/Kiosks/1235/Events")
        .json(&json!({ "events": [] }))
        .send()
        .await
        .refused(403);
    let whose = async |yid: i64, order: &str| {
        let path = format!("/v1/Kiosks/{yid}/Whose");
        post(&path).json(&json!({ "order": order })).send().await
    };
    world
        .sql("UPDATE orders SET status = 'D' WHERE things_sq = '2001'")
        .await;
    whose(1234, "2001").await.ok();
    world
        .sql("UPDATE orders SET status = 'B' WHERE things_sq = '2001'")
        .await;
    whose(0, "2001").await.refused(422);
    whose(1235, "2001").await.refused(403);
    for _ in 0..60 {
        whose(1234, "9").await.refused(404);
    }
    whose(1234, "9").await.refused(429);
}

async fn made_codes(world: &World, callers: &Callers) {
    let make = async |bearer: &str, data: Value| {
        let body = json!({ "data": data });
        world.post("/v1/Encrypt").bearer(bearer).json(&body).send().await
    };
    let Callers { staff, business, .. } = callers;
    make(staff, json!({ "cmd": "SyncDate", "yid": 1234 })).await.ok();
    make(staff, json!({ "cmd": "SyncDate", "yid": 99 })).await.refused(404);
    make(staff, json!({ "cmd": "SaveToData", "yid": 1234 }))
        .await
        .refused(422);
    make(staff, json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" }))
        .await
        .refused(403);
    make(
        business,
        json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" }),
    )
    .await
    .ok();
    make(
        business,
        json!({ "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1003" }),
    )
    .await
    .refused(409);
}

async fn enrolments(world: &World) {
    let mut statuses = BTreeSet::new();
    for _ in 0..60 {
        let answer = world
            .post("/v1/Kiosks/Enrol")
            .json(&json!({ "code": "x" }))
            .send()
            .await;
        statuses.insert(answer.status);
    }
    assert_eq!(statuses, BTreeSet::from([404, 429]));
}

async fn sign_ins(world: &World) {
    let wrong = json!({ "phoneNumber": STAFF, "password": "wrong pass" });
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(world.post("/v1/Login").json(&wrong).send().await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    let no_number = json!({ "phoneNumber": "my number", "password": "wrong pass" });
    assert_eq!(world.post("/v1/Login").json(&no_number).send().await.status, 422);
}

async fn messages(world: &World) {
    let say = |body: String| world.post("/v1/sign").body("text/json", body);
    let unknown = json!({ "sign": " 3", "ownerPhoneNumber": "13899999999" });
    for (ask, status) in [
        (say(unknown.to_string()), 200),
        (say("{".to_owned()), 400),
        (say("{}".to_owned()).header("origin", "https://evil.example"), 403),
        (say(" ".repeat(65_537)), 413),
    ] {
        assert_eq!(ask.send().await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_answers_what_is_described() {
    let node = Node::start().await;
    let upgrade = || {
        let request = Request::get("/v1/link").header("host", "x");
        [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "latchkey.guard.v1"),
        ]
        .into_iter()
        .fold(request, |request, (name, value)| request.header(name, value))
        .body(())
        .unwrap()
    };
    let mut seen = BTreeSet::new();
    seen.insert(answer(&node, &upgrade()).await);
    let plain = Request::get("/v1/link").header("host", "x").body(()).unwrap();
    seen.insert(answer(&node, &plain).await);
    node.links.end(Duration::ZERO).await;
    seen.insert(answer(&node, &upgrade()).await);
    let described = document()["paths"]["/link"]["get"]["responses"].as_object().unwrap();
    assert_eq!(seen, described.keys().cloned().collect());
}
