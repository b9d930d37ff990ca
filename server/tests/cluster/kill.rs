//! A node dies: its guards come back elsewhere, and nothing that was confirmed is lost or doubled.

use crate::cluster_rig::Cluster;
use crate::link::proxy::Proxy;
use crate::link_rig::{Door, target};
use backend::clock::SystemClock;
use server::guard_sim::{Disk, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const GUARDS: usize = 90;
const RECORD_EVERY: Duration = Duration::from_millis(300);

/// What becomes of all doors of a test.
#[derive(Default)]
pub struct Fleet {
    linked: AtomicUsize,
    /// So often a link was lost.
    lost: AtomicUsize,
    over: AtomicBool,
}

impl Fleet {
    pub fn linked(&self) -> usize {
        self.linked.load(Ordering::SeqCst)
    }

    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }

    /// No more records: each door ends as soon as all of its own are confirmed.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Somebody comes to this door every now and then. Answers how many records it made, all of them confirmed.
    pub async fn live(&self, mut door: Door) -> (String, i64) {
        let mut next = Instant::now() + RECORD_EVERY;
        let mut was_linked = false;
        let mut late = None;
        loop {
            door.live(Duration::from_millis(50)).await;
            let device = &door.runner.guard.device;
            if device.is_connected() != was_linked {
                was_linked = !was_linked;
                if was_linked {
                    self.linked.fetch_add(1, Ordering::SeqCst);
                } else {
                    self.linked.fetch_sub(1, Ordering::SeqCst);
                }
            }
            let lost = door
                .events
                .drain(..)
                .filter(|event| matches!(event, Event::Unlinked { .. }));
            self.lost.fetch_add(lost.count(), Ordering::SeqCst);
            let log = &door.runner.guard.device.log;
            if self.over.load(Ordering::SeqCst) {
                let late = *late.get_or_insert_with(|| Instant::now() + Duration::from_secs(30));
                if log.confirmed() == log.last() {
                    return (door.runner.guard.device.guard_id.to_string(), log.last());
                }
                assert!(
                    Instant::now() < late,
                    "{} of {} confirmed; {}",
                    log.confirmed(),
                    log.last(),
                    door.runner.why()
                );
            } else if Instant::now() >= next {
                next = Instant::now() + RECORD_EVERY;
                door.card().await;
            }
        }
    }

    /// Until all are linked.
    pub async fn all_linked(&self, count: usize, within: Duration) -> Duration {
        let begun = Instant::now();
        while self.linked() < count {
            assert!(begun.elapsed() < within, "{} of {count} are linked", self.linked());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }
}

/// Every record is there once.
pub async fn nothing_lost_or_doubled(cluster: &Cluster, made: Vec<(String, i64)>) {
    let mut all = 0;
    for (guard, last) in made {
        let stored = cluster.stored(&guard).await;
        assert_eq!(stored, (1..=last).collect::<Vec<i64>>(), "{guard}");
        all += last;
    }
    println!("{all} records, each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn guards_of_a_node_that_dies_are_back_at_others() {
    let Some(mut cluster) = Cluster::start(3).await else {
        return;
    };
    let guards: Vec<String> = (0..GUARDS).map(|number| format!("G{number:04}")).collect();
    cluster.import(&guards).await;
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.address).collect();
    let (fleet, mut doors) = (Arc::new(Fleet::default()), JoinSet::new());
    // What leads a guard to a node that lives: here the network, elsewhere a name with several addresses.
    let mut networks = Vec::new();
    for (number, guard) in guards.iter().enumerate() {
        let network = Proxy::to(addresses[number % 3]).await;
        let door = Door::new(guard, target(network.address), Disk::None, Arc::new(SystemClock));
        let fleet = fleet.clone();
        doors.spawn(async move { fleet.live(door).await });
        networks.push(network);
    }
    fleet.all_linked(GUARDS, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    cluster.nodes[0].kill();
    let killed = Instant::now();
    for (number, network) in networks.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
        network.redirect(addresses[1 + number / 3 % 2]);
    }
    // A third of them notices.
    while fleet.lost() < GUARDS / 3 {
        assert!(killed.elapsed() < Duration::from_secs(5), "{} noticed", fleet.lost());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    fleet.all_linked(GUARDS, Duration::from_secs(10)).await;
    println!("all guards of the dead node were back after {:?}", killed.elapsed());
    assert_eq!(fleet.lost(), GUARDS / 3, "the others noticed nothing");
    tokio::time::sleep(Duration::from_secs(1)).await;
    fleet.end();
    nothing_lost_or_doubled(&cluster, doors.join_all().await).await;
    // Those that lived end as they should.
    for node in &mut cluster.nodes[1..] {
        node.stop().await;
    }
    cluster.end().await;
}
