//! What happens at one node holds at every other: grants, records, sessions, tokens, codes, limits, links.

use crate::cluster_rig::{Cluster, FORM, ZHANG};
use crate::harness::{PASSWORD, deposited};
use crate::link_rig::{Door, target};
use backend::Actor;
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use backend::locker::kiosks;
use domain::guard::grants::GrantKind;
use domain::ids::Yid;
use domain::people::Role;
use domain::token::{self, Payload, TokenKey};
use serde_json::{Value, json};
use server::guard_sim::{Disk, Event};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const GUARD: &str = "G0001";
const STAFF: &str = "01011110002";
/// Of `NOTIFY` and nothing else: looking again now and then would take longer.
const SOON: Duration = Duration::from_millis(1_500);

fn has(door: &Door, digits: &str) -> bool {
    let grants = &door.runner.guard.device.grants.grants;
    grants
        .iter()
        .any(|grant| matches!(&grant.kind, GrantKind::Password { password } if password.as_str() == digits))
}

/// Waits until this is true, as long as a hint may take.
async fn soon(is_true: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_true().await {
        assert!(begun.elapsed() < SOON, "another node did not hear of it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_changed_at_one_node_reaches_a_guard_at_another() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let mut door = cluster.door(GUARD, b.address).await;
    let token = cluster.token(a).await;
    let mut took = Vec::new();
    for number in 0..30 {
        let digits = format!("{}", 135_000 + number);
        let begun = Instant::now();
        let message = cluster.password(&token, GUARD, &format!("N{number}"), &digits);
        assert_eq!(a.say(&message).await["result"], 0);
        while !has(&door, &digits) {
            assert!(begun.elapsed() < SOON, "grant {number} did not arrive");
            door.live(Duration::from_millis(1)).await;
        }
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    println!("a grant across nodes: p50 {:?}, most {:?}", took[15], took[29]);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_arrives_at_one_node_is_live_on_a_page_at_another() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let mut door = cluster.door(GUARD, b.address).await;
    let mut page = a.live(&a.cookie(ZHANG).await).await;
    door.card().await;
    let begun = Instant::now();
    let told = tokio::spawn(async move {
        while let Some(event) = page.event().await {
            if event == "records" {
                return Some(begun.elapsed());
            }
        }
        None
    });
    door.until("stored", |door| door.runner.guard.device.log.confirmed() == 1)
        .await;
    let told = told.await.unwrap().expect("the page was told");
    println!("a record across nodes: {told:?}");
    assert!(told < SOON, "{told:?}");
    // The page that is fetched then, at either node, has it.
    for node in [a, b] {
        let page = node.get("/owner/records", &a.cookie(ZHANG).await).await;
        assert!(page.status == 200 && page.text().contains("大门"), "{}", page.text());
    }
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_tokens_count_everywhere_and_end_everywhere() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let cookie = a.cookie(ZHANG).await;
    assert_eq!(b.get("/owner", &cookie).await.status, 200);
    let out = a
        .ask(
            "POST",
            "/do/anyone/sign-out",
            &[("cookie", &cookie), ("content-type", FORM)],
            "",
        )
        .await;
    assert_eq!(out.status, 200);
    assert_eq!(a.get("/owner", &cookie).await.status, 303, "here at once");
    let turned_away = soon(async || {
        let after = b.get("/owner", &cookie).await;
        after.status == 303 && after.header("location").unwrap().starts_with("/sign-in")
    });
    turned_away.await;
    let guards = |token: &str| json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": token });
    let which = |token: &str| json!({ "sign": 21, "ownerPhoneNumber": ZHANG, "token": token });
    let first = cluster.token(a).await;
    assert_eq!(b.say(&guards(&first)).await["result"], 0);
    // Another device signs in elsewhere: the first one is told here, and then it is over everywhere.
    let reply = b.say(&cluster.sign_in("imei-2")).await;
    assert_eq!(reply["imei"], "imei-1", "{reply}");
    assert_eq!(a.say(&guards(&first)).await["result"], 0);
    assert_eq!(a.say(&which(&first)).await["imei"], "imei-2");
    assert_ne!(a.say(&guards(&first)).await["result"], 0, "here at once");
    soon(async || b.say(&guards(&first)).await["result"] != 0).await;
    let second = reply["token"].as_str().unwrap();
    assert_eq!(a.say(&which(second)).await["imei"], "imei-2");
    cluster.end().await;
}

/// A kiosk's device, enrolled at this node.
async fn enrol(cluster: &Cluster, node: usize) -> TokenKey {
    let code = kiosks::enrolment_code(&cluster.backend, &Actor::Cli, Yid(1234))
        .await
        .unwrap();
    let body = json!({ "code": code.code }).to_string();
    let kind = [("content-type", "application/json")];
    let enrolled = cluster.nodes[node]
        .ask("POST", "/v1/Kiosks/Enrol", &kind, &body)
        .await
        .json();
    TokenKey::new(enrolled["secret"].as_str().unwrap().as_bytes())
}

fn deposit_code(key: &TokenKey, serial: i64) -> Value {
    let payload = Payload::OpenToSave(deposited(1, serial));
    let mut random = |bytes: &mut [u8]| SystemRng.fill(bytes);
    let code = token::seal(key, Yid(1234), SystemClock.now(), &payload, &mut random).unwrap();
    json!({ "data": code })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_accepted_once_in_the_whole_cluster() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    cluster.person(STAFF, Role::Staff).await;
    cluster.kiosk().await;
    let key = enrol(&cluster, 0).await;
    let login = json!({ "phoneNumber": STAFF, "password": PASSWORD }).to_string();
    let login = a
        .ask("POST", "/v1/Login", &[("content-type", "application/json")], &login)
        .await
        .json();
    let staff = login["token"].as_str().unwrap();
    let code = deposit_code(&key, 1);
    assert_eq!(a.v1("/v1/QrData", staff, &code).await.status, 200);
    let again = b.v1("/v1/QrData", staff, &code).await;
    assert_eq!(
        (again.status, again.json()["reason"]["code"].as_str()),
        (409, Some("code-used"))
    );
    for round in 0..20 {
        let code = deposit_code(&key, 1 + round % 8);
        let (one, other) = tokio::join!(a.v1("/v1/QrData", staff, &code), b.v1("/v1/QrData", staff, &code));
        let mut both = [one.status, other.status];
        both.sort_unstable();
        assert_eq!(both, [200, 409], "round {round}");
    }
    // The device is replaced at one node; the other, which knows the old secret, hears of it at once.
    let new = enrol(&cluster, 0).await;
    let begun = Instant::now();
    loop {
        let read = b.v1("/v1/QrData", staff, &deposit_code(&new, 2)).await;
        if read.status == 200 {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{} {}",
            read.status,
            read.text()
        );
    }
    println!("a kiosk's new secret at another node: {:?}", begun.elapsed());
    assert_eq!(b.v1("/v1/QrData", staff, &deposit_code(&key, 3)).await.status, 400);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_spread_over_the_nodes_are_counted_together() {
    let Some(cluster) = Cluster::start(3).await else { return };
    let login = async |node: usize, password: &str| {
        let body = json!({ "phoneNumber": ZHANG, "password": password }).to_string();
        let kind = [("content-type", "application/json")];
        cluster.nodes[node].ask("POST", "/v1/Login", &kind, &body).await
    };
    for wrong in 0..5 {
        assert_eq!(login(wrong % 3, "wrong password").await.status, 401, "try {wrong}");
    }
    for node in 0..3 {
        let refused = login(node, PASSWORD).await;
        assert_eq!(refused.status, 429, "{}", refused.text());
        assert!(refused.header("retry-after").is_some());
    }
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_connects_elsewhere_leaves_no_link_behind() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let mut old = cluster.door(GUARD, a.address).await;
    let mut new = Door::new(GUARD, target(b.address), Disk::None, Arc::new(SystemClock));
    old.events.clear();
    new.linked().await;
    let begun = Instant::now();
    old.until("ended", |door| {
        door.events.iter().any(|event| matches!(event, Event::Unlinked { .. }))
    })
    .await;
    println!("an older link at another node ended after {:?}", begun.elapsed());
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(old.runner.why().contains("4002"), "{}", old.runner.why());
    // And its end does not make the guard count as gone.
    old.net(false).await;
    new.live(Duration::from_millis(400)).await;
    let guards = json!({ "sign": 12, "ownerPhoneNumber": ZHANG, "token": cluster.token(a).await });
    for node in [a, b] {
        let list = node.say(&guards).await;
        assert_eq!(list["guards"][0]["guardStatus"], 1, "{list}");
    }
    cluster.end().await;
}

/// Waits until this number of processes listens on the bus.
async fn listening(cluster: &Cluster, count: usize) {
    let listens =
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey-bus' AND datname = current_database()";
    let all = async {
        while cluster.sql(listens).await.len() < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), all).await;
    waited.expect("every node listens, and so does the test");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_heard_is_caught_up_with() {
    let Some(cluster) = Cluster::start(2).await else { return };
    let [a, b] = &cluster.nodes[..] else { unreachable!() };
    let mut door = cluster.door(GUARD, b.address).await;
    let token = cluster.token(a).await;
    let mut page = b.live(&b.cookie(ZHANG).await).await;
    for round in 0..3 {
        listening(&cluster, 3).await;
        let ended = cluster
            .sql(
                "SELECT pid FROM (SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'latchkey-bus' AND datname = current_database()) ended",
            )
            .await;
        assert_eq!(ended.len(), 3, "every node listens, and so does the test");
        // Nobody listens now.
        let digits = format!("{}", 246_800 + round);
        let message = cluster.password(&token, GUARD, &format!("N{round}"), &digits);
        assert_eq!(a.say(&message).await["result"], 0);
        let begun = Instant::now();
        door.until("caught up", |door| has(door, &digits)).await;
        println!("caught up after {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert!(page.event().await.is_some());
    }
    cluster.end().await;
}
