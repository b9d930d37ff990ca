//! `/v1` with the header `Idempotency-Key`.

use crate::engine::{database_of, url_of};
use crate::harness::{Answer, Ask, BUSINESS, OTHER_STAFF, PASSWORD, STAFF, World, cabinet, deposited, stored};
use crate::process::binary::Running;
use crate::v1::openapi::document;
use backend::locker::kiosks::{self, NewKiosk};
use backend::{Actor, Backend, Config};
use domain::ids::Yid;
use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};

on_every_engine! {
    each_address_that_does_something_answers_the_same_again,
    a_key_with_another_request_is_rejected,
    a_key_belongs_to_its_sender,
    a_refused_request_may_be_corrected_with_the_same_key,
    requests_at_once_are_answered_the_same,
    a_key_counts_for_a_day,
    keys_that_are_none_are_malformed,
    addresses_that_take_no_key_ignore_it,
}

fn keyed<'a>(ask: Ask<'a>, key: &str) -> Ask<'a> {
    ask.header("idempotency-key", &format!("\"{key}\""))
}

/// The addresses that take a key.
fn takers() -> Vec<&'static str> {
    let addresses = server::v1::addresses().into_iter();
    addresses
        .filter(|address| address.takes_key)
        .map(|address| address.path)
        .collect()
}

fn same(one: &Answer, two: &Answer) {
    assert_eq!(one.status, 200, "{}", one.text());
    assert_eq!((one.status, one.text()), (two.status, two.text()));
    for name in ["content-type", "cache-control"] {
        assert_eq!(one.header(name), two.header(name), "{name}");
    }
}

async fn each_address_that_does_something_answers_the_same_again(world: World) {
    let kiosk = world.kiosk(1234).await;
    let (staff, business) = (world.bearer(STAFF).await, world.bearer(BUSINESS).await);
    let code = kiosks::enrolment_code(&world.backend, &Actor::Cli, Yid(1235))
        .await
        .unwrap();
    let rows = json!({ "data": cabinet(&[stored(1, 3, Some("1002")), stored(1, 4, Some("1003"))]), "date": world.now().to_iso() });
    let event = json!({ "seq": 1, "at": world.now().0, "kind": "started" });
    let requests = [
        (
            "POST",
            "/v1/QrData".to_owned(),
            staff.as_str(),
            json!({ "data": kiosk.deposit_code(1, 3) }),
        ),
        (
            "PUT",
            "/v1/Powermeter/OpenToSave/1002".to_owned(),
            &staff,
            serde_json::to_value(deposited(1, 3)).unwrap(),
        ),
        ("POST", "/v1/SyncData/1234".to_owned(), &kiosk.token, rows),
        (
            "POST",
            "/v1/Encrypt".to_owned(),
            &business,
            json!({ "data": { "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" } }),
        ),
        ("POST", "/v1/Kiosks/Enrol".to_owned(), "", json!({ "code": code.code })),
        (
            "POST",
            "/v1/Kiosks/1234/Events".to_owned(),
            &kiosk.token,
            json!({ "events": [event] }),
        ),
    ];
    assert_eq!(requests.len(), takers().len());
    for (number, (method, path, token, body)) in requests.iter().enumerate() {
        let ask = || {
            let ask = world.ask(method, path).json(body);
            let ask = if token.is_empty() { ask } else { ask.bearer(token) };
            keyed(ask, &number.to_string())
        };
        let first = ask().send().await;
        world.clock.forward_minutes(1);
        same(&first, &ask().send().await);
    }
    // The codes of a business and of an enrolment are each another one without a key.
    let (_, path, _, body) = &requests[3];
    let again = world.post(path).bearer(&business).json(body).send().await;
    let first = keyed(world.post(path).bearer(&business).json(body), "3").send().await;
    assert_ne!(again.text(), first.text());
    let (_, path, _, body) = &requests[4];
    world.post(path).json(body).send().await.refused(404);
}

async fn a_key_with_another_request_is_rejected(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    let scan = |serial: i64| json!({ "data": kiosk.deposit_code(1, serial) });
    let ask = |path: &str, body: &Value| keyed(world.post(path).bearer(&staff).json(body), "k");
    let first = scan(3);
    ask("/v1/QrData", &first).send().await.ok();
    let other = scan(4);
    assert_eq!(ask("/v1/QrData", &other).send().await.refused(422), "key-reused");
    let made = json!({ "data": { "cmd": "SyncDate", "yid": 1234 } });
    assert_eq!(ask("/v1/Encrypt", &made).send().await.refused(422), "key-reused");
    // The other code was not read: it still can be.
    world.post("/v1/QrData").bearer(&staff).json(&other).send().await.ok();
    ask("/v1/QrData", &first).send().await.ok();
}

async fn a_key_belongs_to_its_sender(world: World) {
    let kiosk = world.kiosk(1234).await;
    let body = json!({ "data": kiosk.deposit_code(1, 3) });
    let ask = || keyed(world.post("/v1/QrData").json(&body), "k");
    ask().bearer(&world.bearer(STAFF).await).send().await.ok();
    let other = ask().bearer(&world.bearer(OTHER_STAFF).await).send().await;
    assert_eq!(other.refused(409), "code-used");
    ask().send().await.refused(401);
    ask().bearer("no token").send().await.refused(401);
    ask().bearer(&world.bearer(BUSINESS).await).send().await.refused(403);
    // The same person with a session instead of a token.
    ask().cookie(&world.cookie(STAFF).await).send().await.ok();
}

async fn a_refused_request_may_be_corrected_with_the_same_key(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    let ask = |token: &str| {
        keyed(
            world.post("/v1/QrData").bearer(&staff).json(&json!({ "data": token })),
            "k",
        )
    };
    ask("x").send().await.refused(400);
    let code = kiosk.deposit_code(1, 3);
    let first = ask(&code).send().await;
    same(&first, &ask(&code).send().await);
    ask("x").send().await.refused(422);
}

async fn requests_at_once_are_answered_the_same(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    for serial in 1..=4 {
        let code = json!({ "data": kiosk.deposit_code(2, serial) });
        let key = format!("k{serial}");
        let ask = || keyed(world.post("/v1/QrData").bearer(&staff).json(&code), &key).send();
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        same(&one, &two);
        same(&one, &three);
    }
}

async fn a_key_counts_for_a_day(world: World) {
    let business = world.bearer(STAFF).await;
    let body = json!({ "data": { "cmd": "SyncDate", "yid": 1234 } });
    let ask = || keyed(world.post("/v1/Encrypt").bearer(&business).json(&body), "k").send();
    let first = ask().await;
    world.clock.forward_minutes(24 * 60 - 1);
    let business = world.bearer(STAFF).await;
    let ask = || keyed(world.post("/v1/Encrypt").bearer(&business).json(&body), "k").send();
    same(&first, &ask().await);
    world.clock.forward_minutes(1);
    assert_ne!(ask().await.text(), first.text());
}

async fn keys_that_are_none_are_malformed(world: World) {
    let staff = world.bearer(STAFF).await;
    let body = json!({ "data": { "cmd": "SyncDate", "yid": 1234 } });
    let ask = |key: &str| {
        world
            .post("/v1/Encrypt")
            .bearer(&staff)
            .json(&body)
            .header("idempotency-key", key)
    };
    for key in ["", "\"\"", "\"a", "\"a\"b\"", &"k".repeat(256)] {
        assert_eq!(ask(key).send().await.refused(400), "malformed", "{key}");
    }
    assert_eq!(
        ask("a").header("idempotency-key", "b").send().await.refused(400),
        "malformed"
    );
    ask(&"k".repeat(255)).send().await.ok();
    same(&ask("bare").send().await, &ask("\"bare\"").send().await);
}

async fn addresses_that_take_no_key_ignore_it(world: World) {
    let login = json!({ "phoneNumber": STAFF, "password": PASSWORD });
    let sign_in = || keyed(world.post("/v1/Login").json(&login), "k").send();
    assert_ne!(sign_in().await.ok()["token"], sign_in().await.ok()["token"]);
    keyed(world.get("/v1/Clock"), "").send().await.ok();
}

#[test]
fn the_header_is_described_where_it_counts_and_nowhere_else() {
    let takes = takers();
    for (path, operations) in document()["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let described = parameters
                .into_iter()
                .flatten()
                .any(|parameter| crate::v1::json_schema::resolved(parameter)["name"] == "Idempotency-Key");
            assert_eq!(described, takes.contains(&path.as_str()), "{method} {path}");
        }
    }
}

/// A kiosk, and a look at the database beside the server.
async fn prepared(b: &Backend) {
    let new = NewKiosk {
        yid: 7,
        name: "키오스크".to_owned(),
        address: String::new(),
        boards: 1,
        ports: 2,
        secret: None,
    };
    kiosks::add(b, &Actor::Cli, new).await.unwrap();
}

fn enrol(code: &str) -> String {
    let body = json!({ "code": code }).to_string();
    format!(
        "POST /v1/Kiosks/Enrol HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: \"{code}\"\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends it, and kills the server as soon as what it does can be seen in the database. Nobody reads the answer.
async fn killed_in_between(address: SocketAddr, url: &str, request: &str, kill: impl FnOnce()) {
    sqlx::any::install_default_drivers();
    let mut database = sqlx::AnyConnection::connect(url).await.unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    loop {
        let open = sqlx::query("SELECT count(*) FROM enrolments")
            .fetch_one(&mut database)
            .await
            .unwrap();
        if open.get::<i64, _>(0) == 0 {
            break;
        }
    }
    kill();
    database.close().await.unwrap();
}

/// The answer a device gets that asks again: a secret, and a token that speaks for the kiosk.
fn enrolled(answer: &str) -> (String, String) {
    assert!(answer.contains(" 200 OK"), "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("secret"), text("token"))
}

fn events(token: &str) -> String {
    format!(
        "POST /v1/Kiosks/7/Events HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\ncontent-length: 13\r\n\r\n{{\"events\":[]}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_before_its_answer_gives_it_after_its_restart() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::open(Config::new(data.path(), database_of(data.path())))
        .await
        .unwrap();
    prepared(&backend).await;
    for _ in 0..4 {
        let server = Running::serve(data.path(), &[]);
        let code = kiosks::enrolment_code(&backend, &Actor::Cli, Yid(7))
            .await
            .unwrap()
            .code;
        let address = server.http.parse().unwrap();
        killed_in_between(address, &url_of(data.path()), &enrol(&code), || drop(server)).await;
        let server = Running::serve(data.path(), &[]);
        let first = enrolled(&server.ask(&enrol(&code)));
        assert_eq!(enrolled(&server.ask(&enrol(&code))), first);
        assert!(server.ask(&events(&first.1)).contains(" 200 OK"));
        let without = enrol(&code).replace("idempotency-key", "x-other");
        assert!(server.ask(&without).contains(" 404 "), "the code is used up");
    }
    backend.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_gives_the_answer_of_one_that_was_killed() {
    let Some(mut cluster) = crate::cluster_rig::Cluster::start(2).await else {
        return;
    };
    prepared(&cluster.backend).await;
    let code = kiosks::enrolment_code(&cluster.backend, &Actor::Cli, Yid(7))
        .await
        .unwrap()
        .code;
    let (url, request) = (cluster.url.clone(), enrol(&code));
    let mut node = cluster.nodes.remove(0);
    killed_in_between(node.address, &url, &request, || node.kill()).await;
    let body = json!({ "code": code });
    let key = format!("\"{code}\"");
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let mut answers = Vec::new();
    for _ in 0..2 {
        let answer = cluster.nodes[0]
            .ask("POST", "/v1/Kiosks/Enrol", &headers, &body.to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1]);
    cluster.end().await;
}
