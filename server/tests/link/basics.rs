//! Connecting, grants, records, being gone.

use crate::link_rig::*;
use backend::guard::passwords;
use domain::guard::device::Input;
use domain::guard::ids::ServiceNumb;
use domain::guard::link::Status;
use domain::guard::messages::guards::GuardStatus;
use server::guard_sim::{Disk, Event};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn only_a_guard_of_the_inventory_with_its_key_is_admitted() {
    let node = Node::start().await;
    node.import(&["G1"]).await;
    let mut right = Door::new("G1", node.target(), Disk::None, node.clock.clone());
    right.linked().await;
    for (guard, key) in [("G1", "another-device-key"), ("G2", KEY)] {
        let mut door = Door::with_key(guard, key, node.target(), Disk::None, node.clock.clone());
        door.until("refused", |door| door.runner.why().contains("4001")).await;
        assert_eq!(door.events, []);
    }
    right.live(Duration::from_millis(50)).await;
    assert!(right.runner.guard.device.is_connected());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_many_wrong_keys_a_guard_is_not_let_in_from_there_and_others_are() {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let mut wrong = Door::with_key(
        "G1",
        "another-device-key",
        node.target(),
        Disk::None,
        node.clock.clone(),
    );
    let mut tries = 0;
    while tries < 10 {
        wrong.until("refused", |door| door.runner.why().contains("4001")).await;
        wrong.net(false).await;
        wrong.net(true).await;
        tries += 1;
    }
    let mut right = Door::new("G1", node.target(), Disk::None, node.clock.clone());
    right.until("refused", |door| door.runner.why().contains("4001")).await;
    assert_eq!(right.events, []);
    Door::new("G2", node.target(), Disk::None, node.clock.clone())
        .linked()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_reaches_the_guard_opens_it_and_ends_there() {
    let node = Node::start().await;
    let mut door = node.door("G1").await;
    assert!(door.runner.guard.device.grants.owned);
    node.password("G1", "N1", "471147").await;
    door.converged(&node).await;
    let opened = door.types("471147").await;
    assert!(matches!(opened[0], Event::Opened(_)));
    let seen = node.seen("G1").await;
    let defaults = seen.default_passwords.clone();
    assert_eq!((seen.status, seen.acked), (GuardStatus::Working, seen.desired));
    assert_eq!(door.runner.guard.device.grants.default_passwords, defaults);
    let owner = node.owner().await;
    let number = ServiceNumb::parse("N1").unwrap();
    passwords::cancel(&node.backend, &owner, &id("G1"), &number)
        .await
        .unwrap();
    door.converged(&node).await;
    let refused = door.types("471147").await;
    assert!(matches!(refused[0], Event::Refused { .. }));
    door.converged(&node).await;
    assert_eq!(node.stored("G1").await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_grants_and_of_records_go_through_in_batches() {
    let node = Node::start().await;
    let mut door = node.door("G1").await;
    door.net(false).await;
    for _ in 0..300 {
        door.card().await;
    }
    for number in 0..150 {
        node.password("G1", &format!("N{number}"), &format!("{:06}", 200_000 + number))
            .await;
    }
    door.net(true).await;
    door.converged(&node).await;
    assert_eq!(door.runner.guard.device.grants.grants.len(), 150);
    let stored = node.stored("G1").await;
    assert_eq!(stored.len(), 300);
    assert!(without_a_gap(&stored));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_clock_come_with_heartbeats() {
    let node = Node::at_pace(quick()).await;
    let mut door = node.door("G1").await;
    assert_eq!(node.seen("G1").await.status, GuardStatus::Working);
    let faulty = door.runner.feed(Input::Feels(Status::Faulty)).await.unwrap();
    assert_eq!(faulty, []);
    eventually("faulty", SOON, async || {
        node.seen("G1").await.status == GuardStatus::Faulty
    })
    .await;
    // A clock that is wrong by a day is right again after the next heartbeat.
    door.runner.guard.drift(-86_400_000).unwrap();
    door.until("the clock is right", |door| {
        let (device, now) = (&door.runner.guard.device, door.runner.guard.now());
        device.clock.corrected(now).since(node.backend.now()).abs() < 1_000
    })
    .await;
    // What it says of its clock then comes with the one after.
    let late = tokio::time::Instant::now() + SOON;
    while node.seen("G1").await.clock_uncertainty_ms.is_none_or(|ms| ms >= 1_000) {
        assert!(tokio::time::Instant::now() < late, "the clock is never certain");
        door.live(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_falls_silent_is_dropped_and_shows_as_not_connected() {
    let node = Node::at_pace(quick()).await;
    let door = node.door("G1").await;
    assert_eq!(node.links.open(), 1);
    // The socket stays open, but nobody lives behind it.
    eventually("dropped", SOON, async || node.links.open() == 0).await;
    eventually("not connected", SOON, async || {
        node.seen("G1").await.status == GuardStatus::NotConnected
    })
    .await;
    drop(door);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_was_not_heard_of_for_thirty_seconds_shows_as_not_connected() {
    let node = Node::start().await;
    let _door = node.door("G1").await;
    node.clock.forward(20_000);
    assert_eq!(node.seen("G1").await.status, GuardStatus::Working);
    node.clock.forward(10_000);
    assert_eq!(node.seen("G1").await.status, GuardStatus::NotConnected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_hangs_up_shows_as_not_connected_at_once() {
    let node = Node::start().await;
    let door = node.door("G1").await;
    door.end().await;
    eventually("not connected", Duration::from_secs(3), async || {
        node.seen("G1").await.status == GuardStatus::NotConnected
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_connection_of_a_guard_ends_the_first() {
    let node = Node::start().await;
    let mut first = node.door("G1").await;
    let mut second = Door::new("G1", node.target(), Disk::None, node.clock.clone());
    second.linked().await;
    first.until("ended", |door| door.runner.why().contains("4002")).await;
    drop(first);
    second.card().await;
    second
        .until("stored", |door| {
            door.runner.guard.device.log.confirmed() == door.last_record()
        })
        .await;
    assert_eq!(node.seen("G1").await.status, GuardStatus::Working);
    eventually("one link", SOON, async || node.links.open() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_says_goodbye_to_every_guard_and_takes_no_time() {
    let node = Node::start().await;
    let mut doors = vec![node.door("G1").await];
    doors.push(node.door("G2").await);
    let ending = tokio::spawn({
        let links = node.links.clone();
        async move { links.end(Duration::from_secs(8)).await }
    });
    for door in &mut doors {
        door.until("goodbye", |door| door.runner.why().contains("1001")).await;
    }
    tokio::time::timeout(Duration::from_secs(4), ending)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(node.links.open(), 0);
    // A guard that comes back now is turned away before the upgrade.
    doors[0]
        .until("turned away", |door| door.runner.why().contains("429"))
        .await;
}
