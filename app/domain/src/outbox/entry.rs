//! One entry of the outbox.

use super::{Effect, FIRST_WAIT_MS, KEY_STANDS_MS, LONGEST_WAIT_MS, ON_ITS_WAY_MS, Work};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A one-use key: 128 random bits as text. Names the entry, and tells the server which requests are repeats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub String);

/// What kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "kind")]
pub enum Kind {
    /// A code that was read from a kiosk's screen.
    Scan,
    /// The order chosen for a scan.
    Deposit {
        /// When the phone read the code. The 30 minutes count from then to when the order was chosen, not to when it is sent.
        scanned_at: Millis,
    },
    /// The state of a kiosk, from its code.
    Sync,
    /// A password or card of a guard.
    Grant,
    /// A correction of an order.
    Correction,
}

/// An entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its one-use key.
    pub key: Key,
    /// 1, 2, 3 … in the order in which they were made.
    pub number: u64,
    /// When it was made, by the phone's clock.
    pub made_at: Millis,
    /// What kind of work.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it is about.
    pub about: String,
    /// What is sent. Never changes under this key.
    pub body: String,
    /// The entry it builds on, until that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Key>,
    /// How far it is.
    pub state: State,
    /// How often it was sent without a result.
    #[serde(default)]
    pub(crate) tries: u32,
    /// Why the server could not decide it yet, when it was sent last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_yet: Option<String>,
    /// How often in a row the server failed at it.
    #[serde(default)]
    pub(crate) failures: u32,
    /// It was sent, and it is not known whether it was done. `None`: it is known that it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<Unknown>,
}

/// Requests whose results are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unknown {
    /// When the first was sent.
    since: Millis,
    /// When the last was sent.
    last: Millis,
    /// How many there were.
    sends: u32,
    /// The number of the first among all that were begun.
    pub(crate) started: u64,
    /// The key is not to be trusted any more.
    #[serde(default)]
    pub(crate) ask_first: bool,
}

/// How far an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum State {
    /// It waits to be sent.
    Waiting {
        /// Not before this moment.
        not_before: Millis,
    },
    /// It was sent, and no answer came yet.
    Sent {
        /// When.
        at: Millis,
    },
    /// The server was asked what became of it.
    Asked {
        /// When.
        at: Millis,
    },
    /// A person has to decide.
    Conflict(Conflict),
}

/// Two truths: the entry's own, which is its body, and the server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Why: the code of a refusal, `unavailable` (the server failed again and again), or `unfounded` (what it builds on was discarded).
    pub reason: String,
    /// What is so at the server, where it told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// The values at the server that somebody else changed since, by the names of the entry's fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl Conflict {
    /// One of which the server told nothing.
    pub(super) fn because(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            theirs: None,
            values: BTreeMap::new(),
        }
    }
}

impl Entry {
    pub(super) fn new(key: Key, number: u64, now: Millis, work: Work) -> Self {
        Self {
            key,
            number,
            made_at: now,
            kind: work.kind,
            about: work.about,
            body: work.body,
            after: work.after,
            state: State::Waiting { not_before: now },
            tries: 0,
            not_yet: None,
            failures: 0,
            unknown: None,
        }
    }

    /// The same work in other words, under a key of its own, as old as this one.
    pub(super) fn instead(&self, key: Key, body: String, now: Millis) -> Self {
        let work = Work {
            kind: self.kind,
            about: self.about.clone(),
            body,
            after: None,
        };
        Self::new(key, self.number, now, work)
    }

    pub(super) fn wait(&mut self, not_before: Millis) {
        self.state = State::Waiting { not_before };
    }

    /// How long to wait after another try without a result: twice as long each time.
    pub(super) fn next_wait(&self) -> i64 {
        FIRST_WAIT_MS
            .saturating_mul(1 << self.tries.saturating_sub(1).min(20))
            .min(LONGEST_WAIT_MS)
    }

    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state, State::Sent { .. } | State::Asked { .. })
    }

    /// The request whose answer this is did nothing. If it was the only one, that is all there is to know.
    pub(super) fn refused(&mut self) {
        self.unknown = self.unknown.filter(|unknown| unknown.sends > 1);
    }

    /// It may go: it is sent, or the server is asked first, or it waits until no earlier try can arrive any more. `started` counts
    /// those that were begun.
    pub(super) fn go(&mut self, now: Millis, started: &mut u64) -> Option<Effect> {
        // A clock that was set back tells nothing of how long a key has stood.
        let stale = self
            .unknown
            .filter(|unknown| unknown.ask_first || !(0..KEY_STANDS_MS).contains(&now.since(unknown.since)));
        if let Some(Unknown { last, .. }) = stale {
            let arrives_until = last.plus(ON_ITS_WAY_MS);
            if (1..=ON_ITS_WAY_MS).contains(&arrives_until.since(now)) {
                self.wait(arrives_until);
                return None;
            }
            self.tries = self.tries.saturating_add(1);
            self.state = State::Asked { at: now };
            return Some(Effect::Ask(self.key.clone()));
        }
        self.tries = self.tries.saturating_add(1);
        self.not_yet = None;
        let unknown = self.unknown.get_or_insert_with(|| {
            *started += 1;
            Unknown {
                since: now,
                last: now,
                sends: 0,
                started: *started,
                ask_first: false,
            }
        });
        (unknown.last, unknown.sends) = (now, unknown.sends.saturating_add(1));
        self.state = State::Sent { at: now };
        Some(Effect::Send(self.key.clone()))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold a password.
        f.debug_struct("Entry")
            .field("key", &self.key)
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("about", &self.about)
            .field("after", &self.after)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
