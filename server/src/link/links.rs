//! All links of this process: how many, how fast, and their common end.

use domain::guard::link::HEARTBEAT_MS;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

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

/// Most sockets of one process; one more is refused before the upgrade.
const MOST: usize = 20_000;
/// So many links may work with whole batches at once; the others' wait in the network, not in memory.
const AT_WORK: usize = 256;

/// The links of this process; cheap to clone.
#[derive(Clone)]
pub struct Links(Arc<Inner>);

struct Inner {
    pace: Pace,
    open: AtomicUsize,
    at_work: Semaphore,
    ending: watch::Sender<bool>,
}

impl Default for Links {
    fn default() -> Self {
        Self::new(Pace::default())
    }
}

impl Links {
    /// None yet.
    pub fn new(pace: Pace) -> Self {
        Self(Arc::new(Inner {
            pace,
            open: AtomicUsize::new(0),
            at_work: Semaphore::new(AT_WORK),
            ending: watch::Sender::new(false),
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

    /// A place for one more socket; `None`: there is none, or the end has come.
    pub(super) fn enter(&self) -> Option<Place> {
        let ending = self.0.ending.subscribe();
        if *ending.borrow() {
            return None;
        }
        let before = self.0.open.fetch_add(1, Ordering::Relaxed);
        let place = Place {
            links: self.clone(),
            ending,
        };
        // Dropping the place counts it out again.
        (before < MOST).then_some(place)
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
    ending: watch::Receiver<bool>,
}

impl Place {
    /// Comes back when the process ends.
    pub(super) async fn ending(&mut self) {
        // An error means that nobody can end it any more, which is an end as well.
        let _either = self.ending.wait_for(|ending| *ending).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
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
    fn a_silent_guard_is_gone_within_what_is_promised() {
        assert!(Pace::default().silent_after() < Duration::from_secs(28));
    }
}
