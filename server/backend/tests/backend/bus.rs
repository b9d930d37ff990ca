//! What one node does another one hears of at once. PostgreSQL only: on SQLite there is one node.

use crate::guard_rig::id;
use crate::harness::{World, port};
use backend::bus::Hint;
use backend::guard::hub::{Live, Wake};
use backend::locker::{kiosks, scans};
use backend::{Actor, Backend, nodes, people, signed_in, tokens};
use domain::error::Refusal;
use domain::ids::Phone;
use domain::token::{Payload, TokenKey};
use sqlx::Row as _;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// By notification: nothing else is as fast.
const SOON: Duration = Duration::from_millis(800);

/// Both nodes listen: the first hint of one has come to the other.
async fn listening(one: &Backend, other: &Backend) {
    for (from, to) in [(one, other), (other, one)] {
        let late = Instant::now() + Duration::from_secs(10);
        let before = to.bus().nodes_changed();
        while to.bus().nodes_changed() <= before + 1 {
            assert!(Instant::now() < late, "a node does not listen");
            from.bus().tell(Hint::Nodes);
            sleep(Duration::from_millis(30)).await;
        }
    }
    // What was still under way.
    sleep(Duration::from_millis(100)).await;
}

async fn two_nodes() -> Option<(World, Backend)> {
    let world = World::postgres().await?;
    let other = world.another_node().await;
    listening(&world.b, &other).await;
    Some((world, other))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_and_a_page_hear_of_what_another_node_did() {
    let Some((w, other)) = two_nodes().await else { return };
    let owner = Phone("13800000001".to_owned());
    let mut link = other.hub().subscribe_guard(&id("G1"), 1);
    let mut page = other.hub().subscribe(&owner);
    w.b.hub().changed(&id("G1"));
    w.b.hub().publish(&owner, Live::RecordStored);
    w.b.hub().publish(&owner, Live::SignedInElsewhere);
    assert_eq!(timeout(SOON, link.woken()).await, Ok(Wake::Changed));
    assert_eq!(timeout(SOON, page.next()).await, Ok(Live::RecordStored));
    assert_eq!(timeout(SOON, page.next()).await, Ok(Live::SignedInElsewhere));
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_does_just_before_it_ends_is_heard_by_the_others() {
    let Some((w, other)) = two_nodes().await else { return };
    let mut link = w.b.hub().subscribe_guard(&id("G1"), 1);
    other.hub().changed(&id("G1"));
    other.close().await;
    assert_eq!(timeout(SOON, link.woken()).await, Ok(Wake::Changed));
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_connects_here_ends_its_link_there_and_not_its_own() {
    let Some((w, other)) = two_nodes().await else { return };
    let mut there = other.hub().subscribe_guard(&id("G1"), 1);
    let mut here = w.b.hub().subscribe_guard(&id("G1"), 2);
    assert_eq!(timeout(SOON, there.woken()).await, Ok(Wake::Superseded));
    assert_eq!(other.hub().connected_guards(), 0);
    // Its own hint came back to this node long ago.
    sleep(Duration::from_millis(200)).await;
    assert!(!here.is_superseded());
    assert_eq!(w.b.hub().connected_guards(), 1);
    other.hub().changed(&id("G1"));
    assert_eq!(timeout(SOON, here.woken()).await, Ok(Wake::Changed));
    other.close().await;
    w.end().await;
}

/// The clock of this test stands still, so that nothing is read again because it is old.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_blocked_at_one_node_is_rejected_at_another_one() {
    let Some((w, other)) = two_nodes().await else { return };
    let staff = w.staff("01000000002").await;
    let token = tokens::issue_for_person(&w.b, &staff).await.unwrap().token;
    assert!(tokens::authenticate(&other, &token).await.is_ok());
    assert!(signed_in::person(&other, &staff.phone).await.unwrap().unwrap().active);
    people::set_active(&w.b, &Actor::Cli, &staff.phone, false)
        .await
        .unwrap();
    sleep(SOON).await;
    assert_eq!(tokens::authenticate(&other, &token).await, Err(Refusal::NotSignedIn));
    assert!(!signed_in::person(&other, &staff.phone).await.unwrap().unwrap().active);
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_while_nobody_listened_counts_as_changed() {
    let Some((w, other)) = two_nodes().await else { return };
    let mut link = other.hub().subscribe_guard(&id("G1"), 1);
    let mut page = other.hub().subscribe(&Phone("13800000001".to_owned()));
    let ended = w
        .sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'latchkey-bus' AND datname = current_database()",
        )
        .await;
    assert_eq!(ended.len(), 2);
    assert_eq!(timeout(2 * SOON, link.woken()).await, Ok(Wake::Changed));
    assert_eq!(timeout(SOON, page.next()).await, Ok(Live::RecordStored));
    listening(&w.b, &other).await;
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enrolled_kiosk_is_read_again_at_every_node() {
    let Some((w, other)) = two_nodes().await else { return };
    let staff = w.staff("01000000002").await;
    let kiosk = w.kiosk(1234, 2).await;
    let code = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
    scans::read_code(&other, &staff, &code).await.unwrap();
    let old = kiosk.key.clone();
    let code = kiosks::enrolment_code(&w.b, &Actor::Cli, kiosk.yid).await.unwrap();
    let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
    sleep(SOON).await;
    // The clock of this test stands still, so that nothing is read again because it is old.
    let payload = Payload::OpenToSave(kiosk.put_in(port(1, 2), "48214"));
    let mut bytes = |bytes: &mut [u8]| bytes.fill(3);
    let old = domain::token::seal(&old, kiosk.yid, w.now(), &payload, &mut bytes).unwrap();
    assert!(scans::read_code(&other, &staff, &old).await.is_err());
    let new = TokenKey::new(enrolled.secret.as_bytes());
    let new = domain::token::seal(&new, kiosk.yid, w.now(), &payload, &mut bytes).unwrap();
    scans::read_code(&other, &staff, &new).await.unwrap();
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_that_changed_while_nobody_listened_is_read_again() {
    let Some((w, other)) = two_nodes().await else { return };
    let staff = w.staff("01000000002").await;
    let kiosk = w.kiosk(1234, 2).await;
    let secret = w.sql("SELECT secret FROM kiosks").await[0].get::<String, _>(0);
    let code = kiosks::enrolment_code(&w.b, &Actor::Cli, kiosk.yid).await.unwrap();
    let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
    sleep(SOON).await;
    let payload = Payload::OpenToSave(kiosk.put_in(port(1, 2), "48214"));
    let new = TokenKey::new(enrolled.secret.as_bytes());
    let mut bytes = |bytes: &mut [u8]| bytes.fill(3);
    let new = domain::token::seal(&new, kiosk.yid, w.now(), &payload, &mut bytes).unwrap();
    scans::read_code(&other, &staff, &new).await.unwrap();
    // Nobody says so: it has the secret from before.
    w.sql(&format!("UPDATE kiosks SET secret = '{secret}'")).await;
    let before = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
    assert!(scans::read_code(&other, &staff, &before).await.is_err());
    w.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'latchkey-bus' AND datname = current_database()",
    )
    .await;
    sleep(2 * SOON).await;
    scans::read_code(&other, &staff, &before).await.unwrap();
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_said_is_said_as_soon_as_it_can_be() {
    let Some((w, other)) = two_nodes().await else { return };
    let mut link = other.hub().subscribe_guard(&id("G1"), 1);
    let known = async || backend::people::get(&w.b, &Phone("13800000001".to_owned())).await;
    for round in 0..5 {
        // What woke it before does not count.
        while timeout(Duration::from_millis(100), link.woken()).await.is_ok() {}
        // So that a connection is there that was used just now, which is not tried before it is used again.
        while known().await.is_err() {}
        w.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'latchkey' AND datname = current_database()",
        )
        .await;
        w.b.hub().changed(&id("G1"));
        let told = timeout(2 * SOON, link.woken()).await;
        assert_eq!(told, Ok(Wake::Changed), "round {round}");
    }
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_comes_or_stops_is_known_at_the_others_at_once() {
    let Some((w, other)) = two_nodes().await else { return };
    // Without a word they would look again after a second; how many they see they know from just now.
    let soon = async |count: usize| {
        let begun = Instant::now();
        while nodes::live(&other).await.unwrap().len() != count {
            assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
            sleep(Duration::from_millis(5)).await;
        }
    };
    for _ in 0..3 {
        nodes::refresh(&other);
        soon(0).await;
        nodes::register(&w.b).await.unwrap();
        soon(1).await;
        nodes::stop(&w.b).await;
        soon(0).await;
    }
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_changes_cost_few_notifications() {
    let Some((w, other)) = two_nodes().await else { return };
    let url = w.url.clone();
    let mut listener = sqlx::postgres::PgListener::connect(&url).await.unwrap();
    listener.listen("latchkey").await.unwrap();
    // As fast as 3,000 changes a second, for half a second.
    for number in 0..1_500 {
        w.b.hub().changed(&id(&format!("G{number}")));
        if number % 30 == 0 {
            sleep(Duration::from_millis(10)).await;
        }
    }
    let (mut messages, mut guards) = (0, 0);
    while let Ok(Ok(said)) = timeout(SOON, listener.recv()).await {
        messages += 1;
        guards += said.payload().matches("{\"g\":").count();
    }
    println!("{guards} changes in {messages} notifications");
    assert_eq!(guards, 1_500);
    assert!(messages <= 110, "{messages}");
    other.close().await;
    w.end().await;
}
