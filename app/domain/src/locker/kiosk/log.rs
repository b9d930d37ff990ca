//! The event log: numbers without a gap; what the server has not confirmed is kept for ever.

use crate::ids::Millis;
use crate::locker::events::{EventKind, KioskEvent};
use serde::{Deserialize, Serialize};

/// How many confirmed events are kept to look at.
const KEPT_CONFIRMED: usize = 200;

/// What happened at the kiosk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// Oldest first: a few the server has confirmed, then all it has not.
    events: Vec<KioskEvent>,
    /// The number of the last event.
    last: i64,
    /// The server has all up to here.
    acked: i64,
}

impl Log {
    /// An empty log that goes on after number `acked`.
    pub(super) fn after(acked: i64) -> Self {
        Self {
            events: Vec::new(),
            last: acked.max(0),
            acked: acked.max(0),
        }
    }

    /// Adds an event and lends it, so that the caller can say more.
    pub(super) fn record(&mut self, at: Millis, kind: EventKind) -> &mut KioskEvent {
        self.last += 1;
        let event = KioskEvent {
            seq: self.last,
            at,
            kind,
            port: None,
            things_sq: None,
            actor: None,
            detail: None,
        };
        let index = self.events.len();
        self.events.push(event);
        &mut self.events[index]
    }

    /// All that are kept, oldest first.
    pub fn events(&self) -> &[KioskEvent] {
        &self.events
    }

    /// Those the server has not confirmed, oldest first.
    pub fn unconfirmed(&self) -> &[KioskEvent] {
        let first = self.events.partition_point(|event| event.seq <= self.acked);
        &self.events[first..]
    }

    /// The number of the last event.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The server has all up to this number.
    pub fn acked(&self) -> i64 {
        self.acked
    }

    /// The server has all up to `acked`. Where it has more than was ever said here (the device was replaced and its log lost), what it
    /// has not got is renumbered to follow. Where it has less than it once confirmed (it was restored from a backup) it gets again what
    /// is still kept; `is_newer` tells that from an answer that came late. True: one of these, and every number kept elsewhere is void.
    #[must_use]
    pub(super) fn confirmed(&mut self, acked: i64, is_newer: bool) -> bool {
        let has_less = is_newer && acked < self.acked;
        let begins_again = acked > self.last || has_less;
        if has_less {
            self.acked = acked;
        }
        if begins_again {
            self.renumber_after(acked);
        }
        self.acked = self.acked.max(acked);
        let confirmed = self.events.partition_point(|event| event.seq <= self.acked);
        self.events.drain(..confirmed.saturating_sub(KEPT_CONFIRMED));
        begins_again
    }

    /// The server takes the next number and no other.
    fn renumber_after(&mut self, acked: i64) {
        let first = self.events.partition_point(|event| event.seq <= self.acked);
        self.events.drain(..first);
        self.last = acked;
        for event in &mut self.events {
            self.last += 1;
            event.seq = self.last;
        }
    }
}
