//! What a door did, by its contact.

use crate::guard::link::DoorState;
use crate::ids::Millis;

/// Two equal answers at least this far apart count: contacts bounce.
const CALM_MS: i64 = 100;
/// For this long after a start, a reconnect or an unlocking, a door that opens is not forced.
const GRACE_MS: i64 = 10_000;

/// How a contact is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A door that stands open for longer is held. Milliseconds.
    pub held_ms: i64,
    /// How long the lock is released. Milliseconds.
    pub pulse_ms: i64,
}

/// A door's contact over time.
#[derive(Clone, Debug)]
pub struct Contact {
    rules: Rules,
    /// What it reads for sure, and since when.
    open: Option<(bool, Millis)>,
    /// Since when it reads otherwise.
    doubt: Option<Millis>,
    /// Known since.
    known: Millis,
    unlocked: Option<Millis>,
    /// It was unlocked and has not been opened since.
    awaited: bool,
    held: bool,
}

impl Contact {
    /// Nothing is known yet.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            open: None,
            doubt: None,
            known: Millis(0),
            unlocked: None,
            awaited: false,
            held: false,
        }
    }

    /// Reads it open or closed, as an answer says; `sure` where the reader says it once only. A contact as it is first known is not something that happened.
    pub fn reads(&mut self, open: bool, sure: bool, now: Millis) -> Option<DoorState> {
        let Some((known, _)) = self.open else {
            self.open = Some((open, now));
            self.known = now;
            return None;
        };
        if known == open {
            self.doubt = None;
            return None;
        }
        let since = *self.doubt.get_or_insert(now);
        if !sure && now.since(since) < CALM_MS {
            return None;
        }
        self.doubt = None;
        self.open = Some((open, now));
        self.held = false;
        if !open {
            return Some(DoorState::Closed);
        }
        self.awaited = false;
        let window = self.rules.pulse_ms.saturating_add(GRACE_MS);
        let expected = self.unlocked.is_some_and(|at| now.since(at) <= window) || now.since(self.known) < GRACE_MS;
        Some(if expected { DoorState::Opened } else { DoorState::Forced })
    }

    /// Its lock was released.
    pub fn unlocked(&mut self, now: Millis) {
        self.unlocked = Some(now);
        self.awaited = matches!(self.open, Some((false, _)));
    }

    /// Time passes.
    pub fn tick(&mut self, now: Millis) -> Option<DoorState> {
        match self.open {
            Some((true, since)) if !self.held && now.since(since) >= self.rules.held_ms => {
                self.held = true;
                Some(DoorState::Held)
            }
            Some((false, _)) if self.awaited => {
                let window = self.rules.pulse_ms.saturating_add(GRACE_MS);
                if self.unlocked.is_some_and(|at| now.since(at) <= window) {
                    return None;
                }
                self.awaited = false;
                Some(DoorState::NotOpened)
            }
            _ => None,
        }
    }

    /// It is no longer read.
    pub fn lost(&mut self) {
        (self.open, self.doubt, self.awaited, self.held) = (None, None, false, false);
    }

    /// It is polled more often: it reads open, or may have changed.
    pub fn is_lively(&self) -> bool {
        self.doubt.is_some() || self.awaited || matches!(self.open, Some((true, _)))
    }
}
