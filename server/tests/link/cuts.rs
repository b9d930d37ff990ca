//! Whatever breaks, and wherever: no record is lost or doubled, and the guard comes to have the grants it should have.

use crate::link::proxy::{At, Cut, Proxy};
use crate::link_rig::*;
use server::guard_sim::Event;

const GUARD: &str = "G0001";

struct Broken {
    node: Node,
    proxy: Proxy,
    door: Door,
    folder: tempfile::TempDir,
    rounds: usize,
}

impl Broken {
    async fn new() -> Self {
        let node = Node::start().await;
        let proxy = Proxy::to(node.address).await;
        let folder = tempfile::tempdir().unwrap();
        node.import(&[GUARD]).await;
        let mut door = Door::new(GUARD, target(proxy.address), on_disk(folder.path()), node.clock.clone());
        door.linked().await;
        node.add(GUARD).await;
        door.converged(&node).await;
        Self {
            node,
            proxy,
            door,
            folder,
            rounds: 0,
        }
    }

    /// Two records and a grant that must get through a connection that breaks. Answers whether it did break.
    async fn round(&mut self, cut: Cut) -> bool {
        self.rounds += 1;
        let cuts = self.proxy.cuts();
        self.door.net(false).await;
        self.door.card().await;
        self.door.card().await;
        let number = format!("N{}", self.rounds);
        self.node
            .password(GUARD, &number, &format!("{:06}", 100_000 + self.rounds))
            .await;
        self.proxy.cut_next(cut);
        self.door.net(true).await;
        self.door.converged(&self.node).await;
        self.is_whole().await;
        self.proxy.cuts() > cuts
    }

    async fn is_whole(&self) {
        let stored = self.node.stored(GUARD).await;
        assert!(without_a_gap(&stored), "{stored:?}");
        assert_eq!(stored.len() as i64, self.door.last_record());
        let grants = &self.door.runner.guard.device.grants.grants;
        assert_eq!(grants.len(), self.rounds);
    }

    async fn restart_server(mut self) -> Self {
        self.door.net(false).await;
        let node = self.node.restart().await;
        self.proxy.redirect(node.address);
        Self { node, ..self }
    }

    /// Another program on the same state.
    fn restart_guard(self) -> Self {
        let door = Door::new(
            GUARD,
            target(self.proxy.address),
            on_disk(self.folder.path()),
            self.node.clock.clone(),
        );
        assert_eq!(door.runner.guard.device.log.last(), self.door.last_record());
        Self { door, ..self }
    }
}

/// Up: hello, then grants confirmed and records in either order. Down: challenge, welcome, grants, records confirmed.
fn everywhere() -> Vec<Cut> {
    let places = [
        At::Byte(0),
        At::Byte(1),
        At::Byte(3),
        At::Middle,
        At::LastByte,
        At::After,
    ];
    let frames = [
        (true, 1),
        (true, 2),
        (true, 3),
        (false, 1),
        (false, 2),
        (false, 3),
        (false, 4),
    ];
    frames
        .into_iter()
        .flat_map(|(up, frame)| places.map(|at| Cut { up, frame, at }))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_in_front_of_in_and_behind_every_frame_loses_and_doubles_nothing() {
    let mut broken = Broken::new().await;
    for cut in everywhere() {
        assert!(broken.round(cut).await, "{cut:?} never came");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_at_many_bytes_of_records_and_of_their_confirmation_loses_and_doubles_nothing() {
    let mut broken = Broken::new().await;
    for byte in (0..16).chain((16..400).step_by(24)) {
        // Which of the two frames up carries the records is chance; both are cut.
        for (up, frame) in [(true, 2), (true, 3), (false, 4)] {
            let at = At::Byte(byte);
            broken.round(Cut { up, frame, at }).await;
        }
    }
    assert!(broken.proxy.cuts() > 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_of_server_and_guard_between_the_cuts_change_nothing_of_that() {
    let mut broken = Broken::new().await;
    for (number, cut) in everywhere()
        .into_iter()
        .enumerate()
        .filter(|(number, _)| number % 2 == 0)
    {
        if number % 3 == 0 {
            broken = broken.restart_server().await;
        }
        if number % 4 == 0 {
            broken = broken.restart_guard();
        }
        broken.round(cut).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_without_network_opens_by_its_last_grants_and_tells_later() {
    let mut broken = Broken::new().await;
    broken
        .round(Cut {
            up: true,
            frame: 9,
            at: At::After,
        })
        .await;
    broken.door.net(false).await;
    let events = broken.door.types("100001").await;
    assert!(matches!(events.as_slice(), [Event::Opened(_)]), "{events:?}");
    let events = broken.door.types("999999").await;
    assert!(matches!(events.as_slice(), [Event::Refused { .. }]), "{events:?}");
    broken = broken.restart_guard();
    let events = broken.door.types("100001").await;
    assert!(matches!(events.as_slice(), [Event::Opened(_)]), "{events:?}");
    broken.door.converged(&broken.node).await;
    broken.is_whole().await;
    assert_eq!(broken.node.stored(GUARD).await.len(), 5);
}
