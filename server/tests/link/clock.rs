//! The server's clock goes back: guards stay where they are.

use crate::harness::{OPERATOR, World};
use crate::link_rig::*;
use backend::clock::Clock;
use domain::guard::grants::Reason;
use server::guard_sim::{Disk, Event};
use std::sync::Arc;
use std::time::Duration;

const HOUR: i64 = 3_600_000;

fn is_ended(events: &[Event]) -> bool {
    let ended = |event: &Event| {
        matches!(
            event,
            Event::Refused {
                reason: Reason::Ended,
                ..
            }
        )
    };
    events.iter().any(ended)
}

/// A guard, with a clock of its own, that refused a password after its end.
async fn refusing(node: &Node, disk: Disk, clock: &Arc<Moved>) -> Door {
    node.import(&["G1"]).await;
    let mut door = Door::new("G1", node.target(), disk, clock.clone());
    door.linked().await;
    node.add("G1").await;
    node.password("G1", "N1", "471147").await;
    door.converged(node).await;
    for clock in [&node.clock, clock] {
        clock.forward(2 * HOUR);
    }
    door.live(Duration::from_millis(200)).await;
    door.linked().await;
    assert!(is_ended(&door.types("471147").await));
    door.converged(node).await;
    door
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_whose_clock_goes_back_gives_guards_no_time() {
    let node = Node::at_pace(quick()).await;
    let clock = Arc::new(Moved::default());
    let mut door = refusing(&node, Disk::None, &clock).await;
    node.clock.forward(-72 * HOUR);
    let heartbeats = tokio::time::Instant::now() + 3 * quick().heartbeat;
    while tokio::time::Instant::now() < heartbeats {
        door.live(Duration::from_millis(50)).await;
    }
    assert!(door.runner.guard.device.is_connected());
    assert!(is_ended(&door.types("471147").await));
    let device = &door.runner.guard.device;
    assert!(
        device.clock.uncertainty_ms(clock.now()).is_some(),
        "it still knows the time"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_with_its_clock_behind_gives_guards_no_time() {
    let node = Node::at_pace(quick()).await;
    let clock = Arc::new(Moved::default());
    let folder = tempfile::tempdir().unwrap();
    let door = refusing(&node, on_disk(folder.path()), &clock).await;
    door.end().await;
    node.clock.forward(-72 * HOUR);
    let node = node.restart().await;
    assert_eq!(node.backend.certain_now(), None);
    let mut door = Door::new("G1", node.target(), on_disk(folder.path()), clock.clone());
    door.linked().await;
    assert!(is_ended(&door.types("471147").await));
    // And with the time it knows again what it is.
    node.clock.forward(72 * HOUR);
    assert!(node.backend.certain_now().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_and_probes_are_told_that_the_clock_is_behind() {
    let world = World::on_sqlite().await;
    let ready = world.get("/readyz").send().await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    let cookie = world.cookie(OPERATOR).await;
    let page = world.get("/operator").cookie(&cookie).send().await;
    assert!(!page.text().contains("clock-behind"));
    world.clock.forward_minutes(-10);
    let ready = world.get("/readyz").send().await;
    assert_eq!(ready.status, 200);
    assert!(
        ready.text().contains("degraded: the clock is 600 s behind"),
        "{}",
        ready.text()
    );
    let page = world.get("/operator").cookie(&cookie).send().await;
    assert!(page.text().contains("clock-behind"), "{}", page.text());
}
