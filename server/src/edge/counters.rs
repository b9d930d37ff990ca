//! What happened at the edge, counted by kind, for those who monitor the server; and warnings that are counted instead of repeated.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Warnings of one kind are at least this far apart.
const WARN_EVERY: Duration = Duration::from_secs(60);

macro_rules! counts {
    ($($(#[$about:meta])* $kind:ident = $name:literal,)+) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Count {
            $($(#[$about])* $kind,)+
        }

        impl Count {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The name under which it is shown.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name),+
                }
            }
        }

        const KINDS: usize = Count::ALL.len();
    };
}

counts! {
    /// A connection was accepted.
    ConnectionAccepted = "connections_accepted",
    /// A connection was refused because there is no place for it.
    ConnectionRefused = "connections_refused",
    /// A connection without a request was closed to make place for another one.
    ConnectionEvicted = "connections_evicted",
    /// The system gave no connection, because it had no descriptor left for instance.
    AcceptFailed = "accepts_failed",
    /// No byte came in time.
    FirstByteLate = "first_bytes_late",
    /// The head of a request was not complete in time.
    HeadLate = "heads_late",
    /// A connection was idle for too long.
    IdleEnded = "connections_idle",
    /// A client did not take what was sent to it.
    WriteStalled = "writes_stalled",
    /// A connection was open for too long.
    LifeOver = "connections_old",
    /// A body came too slowly.
    BodySlow = "bodies_slow",
    /// A body was too large.
    BodyLarge = "bodies_large",
    /// A request named no host, two of them, or one that is not served here.
    HostRefused = "hosts_refused",
    /// A request was sent by a page of another site.
    OtherSiteRefused = "other_sites_refused",
    /// `X-Forwarded-For` and `Forwarded` of a trusted proxy contradict each other.
    ForwardingContradicts = "forwarding_contradicts",
    /// A request ended in a panic.
    Panic = "panics",
    /// A response with a status of 500 or more was sent.
    Failure = "failures",
}

/// The counters; each is only ever added to.
#[derive(Debug)]
pub struct Counters([AtomicU64; KINDS]);

impl Default for Counters {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Counters {
    /// One more.
    pub fn add(&self, kind: Count) {
        self.0[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self, kind: Count) -> u64 {
        self.0[kind as usize].load(Ordering::Relaxed)
    }

    /// Every name with its number.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Count::ALL.iter().map(|kind| (kind.name(), self.get(*kind)))
    }
}

/// A warning that is written at most once a minute, with the number of times it was due since.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    times: u64,
    not_before: Option<Instant>,
}

impl Seldom {
    /// It is due; answers how many times since it was written last, if it may be written now.
    pub fn due(&self) -> Option<u64> {
        self.due_at(Instant::now())
    }

    fn due_at(&self, now: Instant) -> Option<u64> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.times += 1;
        if waiting.not_before.is_some_and(|at| now < at) {
            return None;
        }
        waiting.not_before = Some(now + WARN_EVERY);
        Some(std::mem::take(&mut waiting.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_a_name_and_a_counter_of_its_own() {
        let counters = Counters::default();
        for kind in Count::ALL {
            counters.add(*kind);
        }
        let names: BTreeSet<&str> = counters.all().map(|(name, _)| name).collect();
        assert_eq!(names.len(), KINDS);
        assert!(counters.all().all(|(_, number)| number == 1));
    }

    #[test]
    fn a_warning_is_written_once_a_minute_with_its_number() {
        let (seldom, now) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.due_at(now), Some(1));
        for _ in 0..41 {
            assert_eq!(seldom.due_at(now + WARN_EVERY / 2), None);
        }
        assert_eq!(seldom.due_at(now + WARN_EVERY), Some(42));
    }
}
