//! What a kiosk knows about its own clock: one rule for every code, event and tick.
//!
//! The device's clock, put right by its known difference to the server's, is believed as long as it is not behind the newest moment this kiosk
//! has seen by more than [`DRIFT_MS`]. Only the server itself, over the network, can take that moment back.

use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// Smaller differences are the network's, not the clock's: no event is worth them.
const WORTH_SAYING_MS: i64 = 2_000;
/// A code may be this much older than what the server itself said last: it was on its way on a phone. Nodes of one server differ by less.
const ON_ITS_WAY_MS: i64 = 600_000;
/// The clock never goes further back than this below the newest moment seen: a device drifts by less between two settings. A clock code is good
/// for as long.
const DRIFT_MS: i64 = 3_600_000;
/// While nobody does anything, the newest moment moves in steps longer than this, so that not every second has to be stored.
const STEP_MS: i64 = 3_600_000;
/// An answer of the server is awaited for less than this; one that is older than the last was overtaken by it within that time.
const OVERTAKEN_MS: i64 = 60_000;
/// Two looks at a clock that is behind are no further apart than this; a larger leap is another setting of the device's clock.
const LEAP_MS: i64 = 600_000;

/// The device's clock and its known difference to the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KioskClock {
    /// Device minus server, milliseconds.
    pub offset_ms: i64,
    /// The newest `SyncDate` accepted.
    pub last_code: Option<Millis>,
    /// What the server itself said last.
    pub last_server: Option<Millis>,
    /// When that was, by the device's clock.
    #[serde(default)]
    pub heard: Option<Millis>,
    /// The newest moment of an event, an accepted code or a tick. `None`: written by an older version.
    #[serde(default)]
    pub newest: Option<Millis>,
    /// Set while the device's clock is behind what is possible.
    #[serde(default)]
    pub behind: Option<Behind>,
}

/// How time goes on while the device's clock is behind: from the newest moment known, as fast as the device counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Behind {
    /// The device's clock at the last look.
    pub device: Millis,
    /// The moment that was taken for now at that look.
    pub at: Millis,
}

impl KioskClock {
    /// As the server sets it at enrolment: what was believed before from ahead of its `date` counts for nothing.
    pub(super) fn enrolled(mut self, date: Millis, now: Millis) -> Self {
        self.forget_after(date);
        Self {
            offset_ms: now.since(date),
            last_code: self.last_code,
            last_server: Some(date),
            heard: Some(now),
            newest: Some(date),
            behind: None,
        }
    }

    /// The device's `now` put right.
    pub fn corrected(&self, now: Millis) -> Millis {
        let device_time = self.device_time(now);
        match (self.newest, self.behind) {
            (Some(newest), _) if device_time >= newest.plus(-DRIFT_MS) => device_time,
            (Some(_), Some(behind)) => {
                let passed = now.since(behind.device);
                behind.at.plus(if (0..=LEAP_MS).contains(&passed) { passed } else { 0 })
            }
            (Some(newest), None) => newest,
            (None, _) => device_time,
        }
    }

    /// Is the device's clock so far behind that it is not believed?
    pub fn is_behind(&self, now: Millis) -> bool {
        self.newest
            .is_some_and(|newest| self.device_time(now) < newest.plus(-DRIFT_MS))
    }

    /// What the device says, corrected by nothing but the known difference.
    fn device_time(&self, now: Millis) -> Millis {
        now.plus(self.offset_ms.saturating_neg())
    }

    /// A look at the device's clock. The time that passed is remembered at once when somebody does something, else now and then.
    pub(super) fn look(&mut self, now: Millis, something_is_done: bool) {
        let at = self.corrected(now);
        self.behind = self.is_behind(now).then_some(Behind { device: now, at });
        if something_is_done || self.newest.is_none_or(|newest| at.since(newest) > STEP_MS) {
            self.saw(at);
        }
    }

    /// A moment that certainly came: of an event, or of a code that was accepted.
    pub(super) fn saw(&mut self, at: Millis) {
        self.newest = self.newest.max(Some(at));
    }

    /// Sets the clock from a `SyncDate`. False: it is older than what was accepted before, or the same again, or too old for what was seen.
    #[must_use]
    pub(super) fn set_by_code(&mut self, date: Millis, now: Millis) -> bool {
        let outdated = self.last_code.is_some_and(|last| date <= last)
            || self.last_server.is_some_and(|last| date < last.plus(-ON_ITS_WAY_MS))
            || self.newest.is_some_and(|newest| date < newest.plus(-DRIFT_MS));
        if !outdated {
            self.last_code = Some(date);
            self.offset_ms = now.since(date);
            self.behind = None;
            self.saw(date);
        }
        !outdated
    }

    /// Sets the clock from the server's own answer.
    ///
    /// An answer that is a little older than the last was overtaken by it, or is another node's. One that is much older tells that the server was
    /// put right: what was believed before from ahead of it counts for nothing, or it would keep every code out until that day comes.
    pub(super) fn set_by_server(&mut self, date: Millis, now: Millis) -> Heard {
        let older_by = self.last_server.map_or(0, |last| last.since(date));
        let just_now = self
            .heard
            .is_some_and(|heard| (0..OVERTAKEN_MS).contains(&now.since(heard)));
        let overtaken = if just_now { DRIFT_MS } else { ON_ITS_WAY_MS };
        if (1..=overtaken).contains(&older_by) {
            return Heard::Overtaken;
        }
        self.forget_after(date);
        self.saw(date);
        self.last_server = Some(date);
        self.heard = Some(now);
        if self.device_time(now).since(date).saturating_abs() <= WORTH_SAYING_MS {
            return Heard::AsBefore;
        }
        self.offset_ms = now.since(date);
        self.behind = None;
        Heard::Set
    }

    /// What is further ahead of the server's `date` than nodes and phones may be came from a wrong clock.
    fn forget_after(&mut self, date: Millis) {
        let ahead = date.plus(ON_ITS_WAY_MS);
        let bounded = |at: Millis| if at > ahead { date } else { at };
        self.last_code = self.last_code.map(bounded);
        self.newest = self.newest.map(bounded);
    }
}

/// What became of an answer's date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is older than one that came before: ignored.
    Overtaken,
    /// The clock is right already.
    AsBefore,
    /// The clock was set: worth an event.
    Set,
}
