//! All links of this process: how many, how fast, who is sent elsewhere, and their common end.

use super::wrong_keys::WrongKeys;
use crate::edge::connections::Connection;
use crate::edge::counters::Seldom;
use domain::guard::ids::GuardId;
use domain::guard::link::HEARTBEAT_MS;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot, watch};
use tokio::time::Instant;

/// How fast a conversation must go.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From the open socket to the hello.
    pub hello_within: Duration,
    /// Between two heartbeats of a guard.
    pub heartbeat: Duration,
    /// A frame must be taken off our hands within this.
    pub send_within: Duration,
    /// Grants that were not confirmed for so long are sent again.
    pub confirm_within: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            hello_within: Duration::from_secs(10),
            heartbeat: Duration::from_millis(HEARTBEAT_MS.unsigned_abs()),
            send_within: Duration::from_secs(10),
            confirm_within: Duration::from_secs(15),
        }
    }
}

impl Pace {
    /// A guard from which nothing came for so long is taken for gone: three heartbeats.
    pub fn silent_after(&self) -> Duration {
        self.heartbeat * 3
    }
}

/// Most sockets of one process, unless it may have fewer descriptors; one more is refused before the upgrade.
const MOST: usize = 20_000;
/// The number of links that may work with whole batches at once; the others' wait in the network, not in memory.
const AT_WORK: usize = 256;

/// The links of this process; cheap to clone.
#[derive(Clone)]
pub struct Links(Arc<Inner>);

struct Inner {
    pace: Pace,
    places: usize,
    open: AtomicUsize,
    at_work: Semaphore,
    ending: watch::Sender<bool>,
    linked: Mutex<HashMap<LinkId, Linked>>,
    next: AtomicU64,
    refused: Seldom,
    wrong_keys: WrongKeys,
}

/// Which link of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(u64);

/// A guard that was admitted.
struct Linked {
    guard_id: GuardId,
    since: Instant,
    away: oneshot::Sender<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self::new(Pace::default())
    }
}

impl Links {
    /// None yet.
    pub fn new(pace: Pace) -> Self {
        Self::with_places(pace, MOST)
    }

    /// None yet, and at most this number.
    pub fn with_places(pace: Pace, places: usize) -> Self {
        Self(Arc::new(Inner {
            pace,
            places: places.min(MOST),
            open: AtomicUsize::new(0),
            at_work: Semaphore::new(AT_WORK),
            ending: watch::Sender::new(false),
            linked: Mutex::default(),
            next: AtomicU64::new(0),
            refused: Seldom::default(),
            wrong_keys: WrongKeys::default(),
        }))
    }

    /// How fast conversations must go.
    pub fn pace(&self) -> &Pace {
        &self.0.pace
    }

    /// Sockets open now, admitted guards or not.
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Ends all links and lets no new one in; comes back when the last is gone, or when the time is over.
    pub async fn end(&self, within: Duration) {
        self.0.ending.send_replace(true);
        let _all_gone = tokio::time::timeout(within, self.0.ending.closed()).await;
    }

    /// Guards that have been linked for so long, in the order they came.
    pub fn linked_for(&self, at_least: Duration) -> Vec<(LinkId, GuardId)> {
        let linked = self.linked();
        let mut all: Vec<(LinkId, GuardId)> = linked
            .iter()
            .filter(|(_, guard)| guard.since.elapsed() >= at_least)
            .map(|(id, guard)| (*id, guard.guard_id.clone()))
            .collect();
        drop(linked);
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }

    /// Sends a guard to this host; `false`: it is gone already.
    pub fn send(&self, link: LinkId, host: String) -> bool {
        let guard = self.linked().remove(&link);
        guard.is_some_and(|guard| guard.away.send(host).is_ok())
    }

    fn linked(&self) -> MutexGuard<'_, HashMap<LinkId, Linked>> {
        self.0.linked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more socket; `None`: there is none, or the end has come.
    pub(super) fn enter(&self) -> Option<Place> {
        let ending = self.0.ending.subscribe();
        if *ending.borrow() {
            return None;
        }
        let before = self.0.open.fetch_add(1, Ordering::Relaxed);
        let place = Place {
            links: self.clone(),
            connection: None,
            id: LinkId(self.0.next.fetch_add(1, Ordering::Relaxed)),
            ending,
            away: None,
        };
        if before < self.0.places {
            return Some(place);
        }
        // Dropping the place counts it out again.
        if let Some(times) = self.0.refused.due() {
            let places = self.0.places;
            tracing::warn!(times, places, "links were refused: there is no place for them");
        }
        None
    }

    /// What was tried from where.
    pub(super) fn wrong_keys(&self) -> &WrongKeys {
        &self.0.wrong_keys
    }

    /// Waits for its turn to work with a whole batch.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so never `None`.
        self.0.at_work.acquire().await.ok()
    }
}

/// One socket.
pub(super) struct Place {
    links: Links,
    /// The socket, where the edge counts it.
    connection: Option<Arc<Connection>>,
    id: LinkId,
    ending: watch::Receiver<bool>,
    away: Option<oneshot::Receiver<String>>,
}

impl Place {
    /// Comes back when the process ends.
    pub(super) async fn ending(&mut self) {
        // An error means that nobody can end it any more, which is an end as well.
        let _either = self.ending.wait_for(|ending| *ending).await;
    }

    /// At this socket.
    pub(super) fn at(mut self, connection: Option<Arc<Connection>>) -> Self {
        self.connection = connection;
        self
    }

    /// The guard here was admitted, and may be sent elsewhere. Its socket does not count against its address any more.
    pub(super) fn admitted(&mut self, guard_id: GuardId) {
        if let Some(connection) = &self.connection {
            connection.admitted();
        }
        let (away, told) = oneshot::channel();
        self.away = Some(told);
        let since = Instant::now();
        let linked = Linked { guard_id, since, away };
        self.links.linked().insert(self.id, linked);
    }

    /// Comes back when the guard is sent elsewhere, with the host, or when the process ends.
    pub(super) async fn leaving(&mut self) -> Option<String> {
        let told = async {
            match &mut self.away {
                Some(told) => told.await.ok(),
                None => None,
            }
        };
        tokio::select! {
            biased;
            Some(host) = told => Some(host),
            _ = self.ending.wait_for(|ending| *ending) => None,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.away.is_some() {
            self.links.linked().remove(&self.id);
        }
        self.links.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_every_socket_and_lets_none_in() {
        let links = Links::default();
        let mut place = links.enter().unwrap();
        assert_eq!(links.open(), 1);
        let ended = tokio::spawn({
            let links = links.clone();
            async move { links.end(Duration::from_secs(60)).await }
        });
        place.ending().await;
        assert!(links.enter().is_none());
        assert!(!ended.is_finished());
        drop(place);
        ended.await.unwrap();
        assert_eq!(links.open(), 0);
    }

    #[test]
    fn places_are_limited_and_free_again_when_left() {
        let links = Links::default();
        let mut places: Vec<Place> = (0..MOST).map(|_| links.enter().unwrap()).collect();
        for _ in 0..3 {
            assert!(links.enter().is_none());
            assert_eq!(links.open(), MOST);
        }
        places.pop();
        places.push(links.enter().unwrap());
        assert!(links.enter().is_none());
        drop(places);
        assert_eq!(links.open(), 0);
    }

    #[tokio::test]
    async fn a_guard_is_sent_elsewhere_once() {
        let links = Links::default();
        let mut place = links.enter().unwrap();
        assert_eq!(links.linked_for(Duration::ZERO), []);
        let guard = GuardId::parse("G0001").unwrap();
        place.admitted(guard.clone());
        assert_eq!(links.linked_for(Duration::from_secs(1)), []);
        let [(link, linked)] = links.linked_for(Duration::ZERO).try_into().unwrap();
        assert_eq!(linked, guard);
        assert!(links.send(link, "b.example".to_owned()));
        assert!(!links.send(link, "c.example".to_owned()));
        assert_eq!(place.leaving().await.as_deref(), Some("b.example"));
        drop(place);
        assert_eq!((links.open(), links.linked_for(Duration::ZERO)), (0, Vec::new()));
    }

    #[test]
    fn a_silent_guard_is_gone_within_what_is_promised() {
        assert!(Pace::default().silent_after() < Duration::from_secs(28));
    }
}
