//! Every server function called again with the same one-use key: at the same node, at another one, and after a crash.

use crate::everything::{differing, everything};
use crate::functions_rig::{Example, NEW_PASSWORD, call, examples, password};
use crate::harness::{Answer, PUSH_CONTACT, World};
use crate::process::binary::{Running, latchkey, post};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

on_every_engine! {
    every_function_called_again_is_done_once_at_either_node,
    every_function_cut_off_by_a_crash_is_done_once,
}

/// What a caller gets to see.
fn told(answer: &Answer) -> (u16, String, String) {
    (answer.status, answer.header("location").to_owned(), answer.text())
}

/// Functions after which the caller's session is another one: a caller who lost the answer signs in again first.
const ENDS_SESSIONS: [&str; 2] = ["/do/account/change-password", "/do/owner/sign-out-others"];

/// Functions that change sessions and nothing else.
const ENDS_ONLY_SESSIONS: [&str; 1] = ["/do/account/end-session"];

fn password_after(example: &Example) -> &'static str {
    if example.path == "/do/account/change-password" {
        NEW_PASSWORD
    } else {
        password(example.phone)
    }
}

async fn every_function_called_again_is_done_once_at_either_node(world: World) {
    let other = world.another_node().await;
    for (number, example) in examples(&world).await.into_iter().enumerate() {
        let path = example.path;
        let mut cookie = example.cookie(&world).await;
        let keyed = example.with_key(&format!("key {number}"));
        let before = everything(&world).await;

        let first = call(&world, path, &cookie, &keyed).await;

        assert_eq!(first.status, 200, "{path}: {}", first.text());
        let after = everything(&world).await;
        let changed = differing(&before, &after);
        let changes_nothing = example.only_reads() || ENDS_ONLY_SESSIONS.contains(&path);
        assert_eq!(changes_nothing, changed.is_empty(), "{path} changed {changed:?}");
        if ENDS_SESSIONS.contains(&path) {
            assert_eq!(call(&other, path, &cookie, &keyed).await.status, 401, "{path}");
            cookie = world.cookie_by(example.phone, password_after(&example)).await;
        }
        let (here, there) = tokio::join!(call(&world, path, &cookie, &keyed), call(&other, path, &cookie, &keyed));
        for again in [here, there] {
            assert_eq!(told(&again), told(&first), "{path}");
        }
        // The same key with something else is refused, whatever it is.
        let mut reasons = BTreeSet::new();
        for changed in another_body(&keyed) {
            for node in [&world, &other] {
                let refused = call(node, path, &cookie, &changed).await;
                assert_eq!(refused.status, 422, "{path} {}", refused.text());
                reasons.insert(refused.json()["code"].as_str().unwrap().to_owned());
            }
        }
        assert!(
            reasons
                .iter()
                .all(|reason| ["key-reused", "field"].contains(&reason.as_str())),
            "{path} {reasons:?}"
        );
        let takes_arguments = !example.arguments.as_object().unwrap().is_empty();
        assert_eq!(reasons.contains("key-reused"), takes_arguments, "{path} {reasons:?}");
        let differs = differing(&after, &everything(&world).await);
        assert!(differs.is_empty(), "{path} called again changed {differs:?}");
    }
    other.backend.close().await;
}

/// The same call with another value of one argument, of each in turn.
fn another_body(keyed: &Value) -> Vec<Value> {
    let arguments = keyed.as_object().unwrap().iter().filter(|(name, _)| *name != "once");
    let changed = arguments.map(|(name, value)| {
        let mut body = keyed.clone();
        body[name] = match value {
            Value::String(text) => json!(format!("{text}1")),
            Value::Number(number) => json!(number.as_i64().unwrap() + 1),
            Value::Bool(yes) => json!(!yes),
            Value::Object(_) => json!({}),
            Value::Null | Value::Array(_) => json!("1"),
        };
        body
    });
    changed.collect()
}

/// A server of its own process on the world's database.
fn serve(world: &World) -> Running {
    let mut command = latchkey(world.directory(), &["serve", "--http", "127.0.0.1:0"]);
    let command = command.env("LATCHKEY_PUSH_CONTACT", PUSH_CONTACT);
    Running::start(command.env("LATCHKEY_DATABASE_URL", world.url()))
}

fn request(path: &str, cookie: &str, arguments: &Value) -> String {
    let whole = post(path, "application/json", &arguments.to_string());
    whole.replacen("\r\n", &format!("\r\ncookie: {cookie}\r\n"), 1)
}

/// Status, where it leads, and body.
fn answer(text: &str) -> (String, String, String) {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let location = lines.filter(|(name, _)| *name == "location").map(|(_, value)| value);
    (status.to_owned(), location.collect(), body.to_owned())
}

/// Sends it and reads no answer; the server is killed as soon as the result is kept, or at a moment that has nothing to do with it.
async fn cut_off(world: &World, server: Running, request: &str, number: usize) {
    let before = world.kept_results().await;
    let mut stream = TcpStream::connect(&server.http).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    if number.is_multiple_of(3) {
        // From before the request is read until after it is answered.
        let moment = 700 * u64::try_from(number).unwrap();
        tokio::time::sleep(Duration::from_micros(moment)).await;
    } else {
        let mut looks = 0;
        while world.kept_results().await == before && looks < 2_000 {
            looks += 1;
        }
    }
    // Dropped: it is killed, not asked to stop.
    drop(server);
}

/// What is counted where it was done once: rows.
fn counts(state: &BTreeMap<String, Vec<String>>) -> BTreeMap<&str, usize> {
    let counts = state.iter().map(|(table, rows)| (table.as_str(), rows.len()));
    counts.collect()
}

async fn every_function_cut_off_by_a_crash_is_done_once(world: World) {
    // The same in a world without crashes, to compare with.
    let calm = world.apart(world.now(), |_| {}).await;
    for example in examples(&calm).await {
        let cookie = example.cookie(&calm).await;
        let done = call(&calm, example.path, &cookie, &example.arguments).await;
        assert_eq!(done.status, 200, "{}: {}", example.path, done.text());
    }
    let examples = examples(&world).await;
    let mut server = serve(&world);
    for (number, example) in examples.iter().filter(|example| !example.only_reads()).enumerate() {
        let path = example.path;
        let mut cookie = example.cookie(&world).await;
        let keyed = example.with_key(&format!("key {number}"));
        cut_off(&world, server, &request(path, &cookie, &keyed), number).await;
        server = serve(&world);

        let mut first = answer(&server.ask(&request(path, &cookie, &keyed)));

        if ENDS_SESSIONS.contains(&path) && first.0 == "401" {
            // It was done, and ended the session of who asks.
            cookie = world.cookie_by(example.phone, password_after(example)).await;
            first = answer(&server.ask(&request(path, &cookie, &keyed)));
        }
        assert_eq!(first.0, "200", "{path}: {first:?}");
        if ENDS_SESSIONS.contains(&path) {
            cookie = world.cookie_by(example.phone, password_after(example)).await;
        }
        let after = everything(&world).await;
        assert_eq!(answer(&server.ask(&request(path, &cookie, &keyed))), first, "{path}");
        let differs = differing(&after, &everything(&world).await);
        assert!(differs.is_empty(), "{path} called again changed {differs:?}");
    }
    drop(server);
    let (calm_state, state) = (everything(&calm).await, everything(&world).await);
    assert_eq!(counts(&calm_state), counts(&state));
    calm.backend.close().await;
}
