//! Guards that are sent from one node to another, real devices over real sockets.

use crate::link::proxy::Cable;
use crate::link_rig::{Door, Node, target, without_a_gap};
use backend::guard::directory;
use backend::{Actor, Backend, Config, nodes, password};
use domain::nodes::{Condition, NodeName};
use server::guard_sim::{Disk, Event, Servers};
use std::time::Duration;
use tokio::time::Instant;

const GUARDS: [&str; 4] = ["G1", "G2", "G3", "G4"];

/// Guards of one owner that are linked to this node.
async fn doors(node: &Node) -> Vec<Door> {
    let mut doors = Vec::new();
    for guard in GUARDS {
        doors.push(node.door(guard).await);
    }
    doors
}

/// All of them live, and somebody stands at each now and then, until `done`.
async fn live_until(doors: &mut [Door], within: Duration, mut done: impl AsyncFnMut(&[Door]) -> bool) {
    let late = Instant::now() + within;
    while !done(doors).await {
        assert!(
            Instant::now() < late,
            "never; {:?}",
            doors.iter().map(|door| door.runner.why()).collect::<Vec<_>>()
        );
        for door in doors.iter_mut() {
            door.card().await;
        }
        for _ in 0..5 {
            let living = doors.iter_mut().map(|door| door.live(Duration::from_millis(20)));
            futures::future::join_all(living).await;
        }
    }
}

fn linked(doors: &[Door]) -> bool {
    doors.iter().all(|door| door.runner.guard.device.is_connected())
}

/// Every record is stored once, as seen from this node.
async fn nothing_is_lost(doors: &mut [Door], node: &Node) {
    for door in doors {
        door.converged(node).await;
        let stored = node.stored(door.runner.guard.device.guard_id.as_str()).await;
        assert_eq!(stored.len() as i64, door.last_record());
        assert!(without_a_gap(&stored));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_of_a_frozen_node_is_at_another_one_within_seconds() {
    let a = Node::named("a").await;
    let b = a.beside("b").await;
    let cable = Cable::to(a.address).await;
    a.import(&["G1"]).await;
    let servers = Servers::new(target(cable.address), [b.target()]);
    let mut door = Door::new("G1", servers, Disk::None, a.clock.clone());
    door.linked().await;
    assert_eq!((a.links.open(), b.links.open()), (1, 0));
    // Its machine takes what is sent and lets others connect, and nothing comes back.
    cable.cut();
    let frozen = Instant::now();
    while b.links.linked_for(Duration::ZERO).is_empty() {
        assert!(frozen.elapsed() < Duration::from_secs(8), "{}", door.runner.why());
        door.live(Duration::from_millis(20)).await;
    }
    door.linked().await;
}

async fn drain(node: &Node, name: &str) {
    nodes::drain(&node.backend, &Actor::Cli, &NodeName::of(name))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_drain_takes_every_guard_elsewhere_and_loses_nothing() {
    let a = Node::named("a").await;
    let mut doors = doors(&a).await;
    let b = a.beside("b").await;
    drain(&b, "a").await;
    live_until(&mut doors, Duration::from_secs(20), async |doors| {
        linked(doors) && b.links.open() == doors.len() && a.links.open() == 0
    })
    .await;
    nothing_is_lost(&mut doors, &b).await;
    for door in &doors {
        let losses = door
            .events
            .iter()
            .filter(|event| matches!(event, Event::Unlinked { .. }));
        assert_eq!(losses.count(), 1, "one move each");
        let guard = &door.runner.guard.device.guard_id;
        let owner = b.owner().await;
        let told = directory::guard_host(&b.backend, &owner, "reached", guard).await;
        assert_eq!(told.unwrap(), "127.0.0.1");
    }
    // Grants reach them there, and they stay when the drain is over.
    nodes::undrain(&a.backend, &Actor::Cli, &NodeName::of("a"))
        .await
        .unwrap();
    b.password("G1", "N1", "471147").await;
    nothing_is_lost(&mut doors, &b).await;
    assert!(
        doors[0]
            .types("471147")
            .await
            .iter()
            .any(|event| matches!(event, Event::Opened(_)))
    );
    nothing_is_lost(&mut doors, &b).await;
    assert_eq!((a.links.open(), b.links.open()), (0, doors.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_added_gets_its_share_of_the_guards_when_an_operator_says_so() {
    let a = Node::named("a").await;
    let mut doors = doors(&a).await;
    // With its next heartbeat they are its own.
    live_until(&mut doors, Duration::from_secs(10), async |_| {
        let all = nodes::list(&a.backend, &Actor::Cli).await.unwrap();
        all[0].guards == 4
    })
    .await;
    let b = a.beside("c").await;
    live_until(&mut doors, Duration::from_secs(10), async |_| beat(&b).await).await;
    assert_eq!(
        (a.links.open(), b.links.open()),
        (4, 0),
        "it is there, and nobody moves by itself"
    );
    let moved = nodes::balance(&a.backend, &Actor::Cli).await.unwrap().guards;
    assert!((1..4).contains(&moved), "{moved} of 4");
    let share = usize::try_from(moved).unwrap();
    live_until(&mut doors, Duration::from_secs(20), async |doors| {
        linked(doors) && (a.links.open(), b.links.open()) == (4 - share, share)
    })
    .await;
    nothing_is_lost(&mut doors, &b).await;
    assert_eq!(nodes::balance(&b.backend, &Actor::Cli).await.unwrap().guards, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_tells_every_guard_where_to_go() {
    let a = Node::named("a").await;
    let mut doors = doors(&a).await;
    let b = a.beside("b").await;
    let begun = Instant::now();
    let stopping = tokio::spawn(a.stop());
    live_until(&mut doors, Duration::from_secs(8), async |doors| {
        linked(doors) && b.links.open() == doors.len()
    })
    .await;
    stopping.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8));
    nothing_is_lost(&mut doors, &b).await;
    let all = nodes::list(&b.backend, &Actor::Cli).await.unwrap();
    let conditions: Vec<Condition> = all.iter().map(|node| node.condition).collect();
    assert_eq!(conditions, [Condition::Stopped, Condition::Live]);
    assert_eq!((all[0].guards, all[1].guards), (0, 4));
}

/// A node in the list at whose address nobody answers.
async fn ghost(node: &Node) -> (tempfile::TempDir, Backend) {
    let apart = tempfile::tempdir().unwrap();
    std::fs::copy(node.data().join("master.key"), apart.path().join("master.key")).unwrap();
    let mut config = Config::new(apart.path(), Some(node.database_url()));
    config.clock = node.clock.clone();
    config.password_cost = password::Cost::CHEAP;
    config.node.name = NodeName::of("ghost");
    config.node.weight = 1_000;
    config.advertise = Some("127.0.0.1:1".to_owned());
    let backend = Backend::open(config).await.unwrap();
    nodes::register(&backend).await.unwrap();
    (apart, backend)
}

/// Every node that lives has said so within the last seconds.
async fn beat(node: &Node) -> bool {
    let all = nodes::list(&node.backend, &Actor::Cli).await.unwrap();
    let now = node.backend.now();
    let mut living = all.iter().filter(|node| node.name.as_str() != "ghost");
    living.all(|node| now.since(node.seen_at) < 4_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_sent_to_where_nobody_answers_comes_back() {
    let a = Node::named("a").await;
    let mut doors = doors(&a).await;
    let (_apart, ghost) = ghost(&a).await;
    drain(&a, "a").await;
    // All are sent away, find nobody, and are served where they came from.
    live_until(&mut doors, Duration::from_secs(20), async |doors| {
        let unlinked = |door: &Door| door.events.iter().any(|event| matches!(event, Event::Unlinked { .. }));
        linked(doors) && doors.iter().all(unlinked)
    })
    .await;
    nothing_is_lost(&mut doors, &a).await;
    // When the node that does not exist counts as dead they are sent to one that lives.
    let b = a.beside("b").await;
    for _ in 0..2 {
        // In steps, with heartbeats of those that live in between.
        a.clock.forward(7_500);
        live_until(&mut doors, Duration::from_secs(20), async |doors| {
            linked(doors) && beat(&a).await
        })
        .await;
    }
    live_until(&mut doors, Duration::from_secs(30), async |doors| {
        linked(doors) && b.links.open() == doors.len()
    })
    .await;
    nothing_is_lost(&mut doors, &b).await;
    ghost.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_knows_several_servers_asks_each_in_turn() {
    let a = Node::start().await;
    let b = a.beside("b").await;
    a.import(&["G1"]).await;
    let nobody = target("127.0.0.1:1".parse().unwrap());
    let servers = Servers::new(nobody, [a.target(), b.target()]);
    let mut door = Door::new("G1", servers, Disk::None, a.clock.clone());
    door.linked().await;
    assert_eq!((a.links.open(), b.links.open()), (1, 0));
    a.add("G1").await;
    door.card().await;
    door.converged(&a).await;
    // Gone without a word of where to go.
    let (links, gone) = (a.links.clone(), a.address);
    let ended = tokio::spawn(async move { links.end(Duration::from_secs(8)).await });
    a.close_door();
    door.until("linked to the other one", |_| b.links.open() == 1).await;
    ended.await.unwrap();
    door.card().await;
    door.converged(&b).await;
    assert!(without_a_gap(&b.stored("G1").await));
    assert!(tokio::net::TcpStream::connect(gone).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_drains_alone_keeps_its_guards() {
    let a = Node::named("a").await;
    let mut door = a.door("G1").await;
    drain(&a, "a").await;
    let told = nodes::draining(&a.backend);
    door.until("it learned that it drains", |_| *told.borrow()).await;
    let until = Instant::now() + Duration::from_secs(7);
    while Instant::now() < until {
        door.live(Duration::from_millis(50)).await;
    }
    assert!(!door.events.iter().any(|event| matches!(event, Event::Unlinked { .. })));
    assert_eq!(a.links.open(), 1);
}
