//! What a phone without network wants done: an outbox as a pure state machine.
//!
//! [`Outbox`] is plain data. [`Outbox::step`] takes one [`Input`] and answers [`Effect`]s; the shell around it stores the new state in one
//! transaction *before* it acts on them. Where storing fails (storage is full), it keeps the state from before and tells the person that this
//! step was not taken. Killed at any moment, the phone comes back knowing every entry it ever confirmed.
//!
//! **Nothing is lost**: an entry leaves the outbox only when the server confirmed it, or when the person discards it after a conflict.
//!
//! **Nothing is doubled**: each entry has a one-use key and a body that never changes; the server does the work of a key once and answers every
//! repeat with the first result. It keeps that result for a day, so an entry whose result has been unknown for nearly that long is not sent
//! again: the server is asked first what became of it ([`Effect::Ask`]). What a person changes after a conflict is sent under a key of its own
//! ([`Decision::Instead`]).
//!
//! **Order**: entries about the same thing go one after another, as they were made, and an entry that builds on another waits for it.

mod conflicts;
mod entry;
mod form;

pub use entry::{Conflict, Entry, Key, Kind, State};
pub use form::{FORM, Unreadable};

use crate::ids::Millis;
use crate::locker::scans::SCAN_STANDS_MS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// At most this number of entries is under way at once.
pub const AT_ONCE: usize = 4;

/// The server keeps the result of a one-use key for a day. Nearer to its end than an hour a key is not trusted.
pub const KEY_STANDS_MS: i64 = 23 * 3_600_000;

/// While the result of an entry is unknown, at most this number of others is begun: the server keeps the results of one person's last 100
/// keys, and other pages use some.
pub const OVERTAKEN_MAX: u64 = 50;

/// A request that was sent may arrive this much later, also when its answer was lost.
pub const ON_ITS_WAY_MS: i64 = 2 * 60_000;

/// So often in a row the server may fail at one entry before a person has to look at it and the others go on.
pub const FAILURES_MAX: u32 = 8;

/// What the server could not decide yet is sent again after this long, or when the data of a kiosk were.
pub const NOT_YET_WAIT_MS: i64 = 5 * 60_000;

const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 60_000;

/// The outbox of one person on one phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Oldest first.
    pub(crate) entries: Vec<Entry>,
    /// The number of the last entry.
    pub(crate) last: u64,
    /// How often one was sent of which it was known that it was not done.
    pub(crate) started: u64,
    /// How many were confirmed by the server.
    pub(crate) confirmed: u64,
    /// How many were discarded by the person after a conflict.
    pub(crate) discarded: u64,
    /// Nothing is sent: the network is known to be away. Not stored.
    pub(crate) offline: bool,
    /// Nothing is sent until the person has signed in again. Not stored: it is found out again.
    pub(crate) signed_out: bool,
}

/// Something to be done, as the page hands it over.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Work {
    /// What kind of work.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it is about, such as `kiosk 12` or `order 1001`: entries about the same go in their order.
    pub about: String,
    /// What is sent, letter by letter.
    pub body: String,
    /// The entry it builds on, such as the scan of a deposit.
    #[serde(default)]
    pub after: Option<Key>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The body may hold a password.
        f.debug_struct("Work")
            .field("kind", &self.kind)
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

/// What the outbox is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The page was opened (again), perhaps after it was killed.
    Started,
    /// The network is there as far as the browser knows.
    Online,
    /// It is not.
    Offline,
    /// Some time passed.
    Tick,
    /// The person signed in (again).
    SignedIn,
    /// What the server answered to an entry that was sent.
    Answered {
        /// The entry.
        key: Key,
        /// The answer.
        answer: Answer,
    },
    /// What the server answered when it was asked what became of an entry.
    Told {
        /// The entry.
        key: Key,
        /// Whether it was done.
        done: Told,
    },
    /// The person decided about an entry with a conflict.
    Decided {
        /// The entry.
        key: Key,
        /// What they want.
        decision: Decision,
    },
}

/// What came of sending an entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Answer {
    /// It is done, now or by an earlier try.
    Done,
    /// No answer came. Whether it was done is not known.
    Lost,
    /// The server failed, or is busy. Whether it was done is not known.
    Failed {
        /// It asks to wait for this long, in milliseconds.
        wait_ms: Option<i64>,
    },
    /// Nobody is signed in any more. It was not done.
    SignedOut,
    /// The server cannot decide it yet, because a kiosk has not reported: it was not done, and the same may be sent again.
    NotYet {
        /// The code of the refusal.
        reason: String,
    },
    /// The server refused it: it was not done.
    Refused {
        /// The code of the refusal.
        reason: String,
        /// What is so at the server instead.
        theirs: Option<String>,
        /// The values there that somebody else changed since, by the names of the entry's fields.
        #[serde(default)]
        values: BTreeMap<String, String>,
    },
}

/// What the server knows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// It was done.
    Done,
    /// It was not done, and is not on its way.
    NotDone,
    /// It could not be asked.
    NotAsked,
}

/// What a person wants of an entry with a conflict.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Try it again, as it is.
    Again,
    /// What the server knows is right.
    Discard,
    /// Send this in its place: a correction that is based on what the server knows now. A key stands for one body, so it has a key of its own.
    Instead {
        /// The fresh key.
        key: Key,
        /// What is sent.
        body: String,
    },
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Again => f.write_str("Again"),
            Self::Discard => f.write_str("Discard"),
            // The body names a customer.
            Self::Instead { key, .. } => f.debug_struct("Instead").field("key", key).finish_non_exhaustive(),
        }
    }
}

/// Something for the shell to do, after it has stored the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Send this entry with its key, and say what came of it.
    Send(Key),
    /// Ask the server what became of this entry: by its own truth, not by the key.
    Ask(Key),
    /// Something was confirmed.
    Confirmed(Key),
    /// An entry came back: a card with both truths.
    Conflict(Key),
    /// The person has to sign in again.
    SignIn,
}

/// Why something was not taken into the outbox. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotTaken {
    /// The phone has no room for it. What is there already stays.
    Full,
    /// A deposit is chosen within 30 minutes of the scan.
    ScanTooOld,
    /// What it builds on is not there.
    Unfounded,
    /// This key is there already.
    KeyTaken,
}

impl Outbox {
    /// Takes something in at `now`. `key` is fresh: 128 random bits, made by the shell. `room` is how many bytes the phone can store, where that
    /// is known.
    ///
    /// It is confirmed to the person when the shell has stored the new state, and not before.
    pub fn add(&mut self, work: Work, key: Key, now: Millis, room: Option<usize>) -> Result<Vec<Effect>, NotTaken> {
        if self.entry(&key).is_some() {
            return Err(NotTaken::KeyTaken);
        }
        if let Kind::Deposit { scanned_at } = work.kind
            && now.since(scanned_at) > SCAN_STANDS_MS
        {
            return Err(NotTaken::ScanTooOld);
        }
        let founded = |after: &Key| self.entry(after).is_some();
        if work.after.as_ref().is_some_and(|after| !founded(after)) {
            return Err(NotTaken::Unfounded);
        }
        self.last += 1;
        self.entries.push(Entry::new(key, self.last, now, work));
        if room.is_some_and(|room| self.to_text().len() > room) {
            self.entries.pop();
            self.last -= 1;
            return Err(NotTaken::Full);
        }
        Ok(self.send_what_may(now))
    }

    /// One step. An input that makes no sense changes nothing.
    pub fn step(&mut self, input: Input, now: Millis) -> Vec<Effect> {
        let mut effects = match input {
            Input::Started => self.started(now),
            Input::Online => {
                self.offline = false;
                self.wait_no_longer(now)
            }
            Input::Offline => {
                self.offline = true;
                Vec::new()
            }
            Input::Tick => self.give_up_waiting(now),
            Input::SignedIn => {
                self.signed_out = false;
                self.wait_no_longer(now)
            }
            Input::Answered { key, answer } => self.answered(&key, answer, now),
            Input::Told { key, done } => self.told(&key, done, now),
            Input::Decided { key, decision } => self.decided(&key, decision, now),
        };
        effects.extend(self.send_what_may(now));
        effects
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One entry.
    pub fn entry(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == *key)
    }

    /// How many are not confirmed: what the banner counts.
    pub fn unsent(&self) -> usize {
        self.entries.len()
    }

    /// How many the server confirmed, ever.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// How many the person discarded after a conflict, ever.
    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    /// Those a person has to decide about.
    pub fn conflicts(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(|entry| matches!(entry.state, State::Conflict(_)))
    }

    /// The earliest moment at which something may be sent that may not be now; the shell says [`Input::Tick`] then.
    pub fn next_at(&self) -> Option<Millis> {
        let waits = self.entries.iter().filter_map(|entry| match entry.state {
            State::Waiting { not_before, .. } => Some(not_before),
            _ => None,
        });
        waits.min()
    }

    fn at(&self, key: &Key) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == *key)
    }

    /// What was under way when the page was killed may have arrived or not.
    fn started(&mut self, now: Millis) -> Vec<Effect> {
        (self.offline, self.signed_out) = (false, false);
        for entry in &mut self.entries {
            if let State::Sent { .. } | State::Asked { .. } = entry.state {
                entry.wait(now);
            }
        }
        self.wait_no_longer(now)
    }

    /// The network came back: a wait that was for the network ends.
    fn wait_no_longer(&mut self, now: Millis) -> Vec<Effect> {
        for entry in &mut self.entries {
            if let State::Waiting { not_before } = &mut entry.state {
                *not_before = (*not_before).min(now);
            }
        }
        Vec::new()
    }

    /// No answer will come any more to what was sent so long ago, whatever became of the shell's request.
    fn give_up_waiting(&mut self, now: Millis) -> Vec<Effect> {
        for entry in &mut self.entries {
            if let State::Sent { at } | State::Asked { at } = entry.state
                && !(0..=ON_ITS_WAY_MS).contains(&now.since(at))
            {
                entry.wait(now);
            }
        }
        Vec::new()
    }

    fn answered(&mut self, key: &Key, answer: Answer, now: Millis) -> Vec<Effect> {
        let Some(at) = self.at(key) else {
            return Vec::new();
        };
        // An answer to an earlier try may come late; that it is done is true all the same.
        let under_way = matches!(self.entries[at].state, State::Sent { .. });
        let entry = &mut self.entries[at];
        match answer {
            Answer::Done => return self.done(at),
            _ if !under_way => {}
            Answer::Lost => entry.wait(now.plus(entry.next_wait())),
            Answer::Failed { wait_ms } => {
                entry.failures = entry.failures.saturating_add(1);
                if entry.failures >= FAILURES_MAX {
                    return self.conflict(at, Conflict::because("unavailable"));
                }
                let asked = wait_ms.unwrap_or(0).clamp(0, LONGEST_WAIT_MS);
                entry.wait(now.plus(entry.next_wait().max(asked)));
            }
            Answer::SignedOut => {
                // An earlier try, before the session ended, may have been done.
                entry.wait(now);
                self.signed_out = true;
                return vec![Effect::SignIn];
            }
            Answer::NotYet { reason } => {
                entry.refused();
                entry.not_yet = Some(reason);
                entry.wait(now.plus(NOT_YET_WAIT_MS));
            }
            Answer::Refused { reason, theirs, values } => {
                entry.refused();
                let conflict = Conflict { reason, theirs, values };
                return self.conflict(at, conflict);
            }
        }
        Vec::new()
    }

    fn told(&mut self, key: &Key, told: Told, now: Millis) -> Vec<Effect> {
        let Some(at) = self.at(key) else {
            return Vec::new();
        };
        if !matches!(self.entries[at].state, State::Asked { .. }) {
            return Vec::new();
        }
        let entry = &mut self.entries[at];
        match told {
            Told::Done => return self.done(at),
            Told::NotDone => {
                // Nothing of it is there and nothing on its way: it may be sent as on the first day.
                entry.unknown = None;
                entry.wait(now);
            }
            Told::NotAsked => entry.wait(now.plus(entry.next_wait())),
        }
        Vec::new()
    }

    fn done(&mut self, at: usize) -> Vec<Effect> {
        let entry = self.entries.remove(at);
        self.confirmed += 1;
        for later in &mut self.entries {
            if later.after.as_ref() == Some(&entry.key) {
                later.after = None;
            }
            // The data of a kiosk may be what it waited for.
            if entry.kind == Kind::Sync
                && later.not_yet.is_some()
                && let State::Waiting { not_before } = &mut later.state
            {
                *not_before = entry.made_at.min(*not_before);
            }
        }
        vec![Effect::Confirmed(entry.key)]
    }

    /// Sends what may be sent now, oldest first.
    fn send_what_may(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.offline || self.signed_out {
            return effects;
        }
        let mut under_way = self.entries.iter().filter(|entry| entry.is_under_way()).count();
        for at in 0..self.entries.len() {
            if under_way >= AT_ONCE {
                break;
            }
            if !self.may_go(at, now) {
                continue;
            }
            let Some(effect) = self.entries[at].go(now, &mut self.started) else {
                continue;
            };
            effects.push(effect);
            under_way += 1;
        }
        effects
    }

    /// It waits, its time has come, nothing older is about the same, and what it builds on is done.
    fn may_go(&self, at: usize, now: Millis) -> bool {
        let entry = &self.entries[at];
        let is_due = match entry.state {
            // A clock that was set back must not keep it for ever.
            State::Waiting { not_before } => {
                not_before <= now || not_before.since(now) > NOT_YET_WAIT_MS.max(ON_ITS_WAY_MS)
            }
            _ => false,
        };
        let older = &self.entries[..at];
        let may_overtake = entry.unknown.is_some() || !self.entries.iter().any(|one| self.is_overtaken(one));
        is_due && may_overtake && entry.after.is_none() && !older.iter().any(|one| one.about == entry.about)
    }

    /// Its result is unknown, and the server may soon forget its key, because many others were begun since.
    fn is_overtaken(&self, entry: &Entry) -> bool {
        let waits = !matches!(entry.state, State::Conflict(_));
        let others = entry
            .unknown
            .as_ref()
            .map_or(0, |unknown| self.started.saturating_sub(unknown.started));
        waits && others >= OVERTAKEN_MAX
    }
}
