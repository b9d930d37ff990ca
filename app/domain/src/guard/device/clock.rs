//! What a guard knows about its own clock.

use crate::guard::grants::BENEFIT_OF_DOUBT_MS;
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// A cheap crystal is off by no more than this in a million.
const DRIFT_PPM: i64 = 100;
/// An answer that took longer says too little about the time.
const SLOWEST_ANSWER_MS: i64 = 10_000;

/// The device's clock and its difference to the node's.
///
/// Time never goes back behind the newest moment that was known here: everything that could move it back, a node whose clock is wrong or the device's own
/// battery, would open the door to grants that have ended. While the corrected time is behind that moment, the time is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClock {
    /// Node minus device, milliseconds.
    pub offset_ms: i64,
    /// When the node last said the time, by the device's clock, and how exact that was; `None`: the time is not known.
    pub set: Option<ClockSet>,
    /// The newest moment, corrected, at which the time was set or a record was made while it was known.
    #[serde(default = "never")]
    pub newest: Millis,
    /// Which of the nodes' clocks [`DeviceClock::newest`] belongs to. The nodes raise it when an operator says that their clock was ahead.
    #[serde(default)]
    pub epoch: i64,
}

fn never() -> Millis {
    Millis(i64::MIN)
}

impl Default for DeviceClock {
    fn default() -> Self {
        Self {
            offset_ms: 0,
            set: None,
            newest: never(),
            epoch: 0,
        }
    }
}

/// One setting of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockSet {
    /// When, by the device's clock.
    pub at: Millis,
    /// How far off it may have been, either way.
    pub uncertainty_ms: i64,
}

impl DeviceClock {
    /// The device's `now` put right.
    pub fn corrected(&self, now: Millis) -> Millis {
        now.plus(self.offset_ms)
    }

    /// By how much [`DeviceClock::corrected`] may be wrong either way; `None`: the time is not known.
    pub fn uncertainty_ms(&self, now: Millis) -> Option<i64> {
        let set = self.set?;
        if self.is_behind(now) {
            return None;
        }
        let drift = now.since(set.at).saturating_abs() / 1_000_000 * DRIFT_PPM
            + now.since(set.at).saturating_abs() % 1_000_000 * DRIFT_PPM / 1_000_000;
        Some(set.uncertainty_ms.saturating_add(drift))
    }

    /// Does the corrected time contradict what was known before? A step back that is no larger than the doubt every grant gets is how the clocks
    /// of two nodes differ.
    fn is_behind(&self, now: Millis) -> bool {
        self.corrected(now) < self.newest.plus(-BENEFIT_OF_DOUBT_MS)
    }

    /// Something happened now: the time does not go back behind it.
    pub(super) fn happened(&mut self, now: Millis) {
        if self.uncertainty_ms(now).is_some() {
            self.newest = self.newest.max(self.corrected(now));
        }
    }

    /// The nodes say which clock theirs is. With a newer one, what was known by an older one is forgotten.
    pub(super) fn belongs_to(&mut self, epoch: i64) {
        if epoch > self.epoch {
            self.epoch = epoch;
            self.newest = never();
        }
    }

    /// A clock that went on shows a time after it was last set.
    pub(super) fn is_plausible(&self, now: Millis) -> bool {
        self.set.is_some_and(|set| now >= set.at)
    }

    /// The clock stood still or jumped.
    pub(super) fn lost(&mut self) {
        self.set = None;
    }

    /// Sets it by a node's answer to a frame sent at `sent`, both by the device's clock. `Some`: it was set, and the corrected time moved by so much.
    pub(super) fn set_by(&mut self, node_now: Millis, sent: Millis, now: Millis) -> Option<i64> {
        let took = now.since(sent);
        if !(0..=SLOWEST_ANSWER_MS).contains(&took) {
            return None;
        }
        let before = self.offset_ms;
        self.offset_ms = node_now.since(sent.plus(took / 2));
        self.set = Some(ClockSet {
            at: now,
            uncertainty_ms: took / 2 + 1,
        });
        self.happened(now);
        Some(self.offset_ms.saturating_sub(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_took_too_long_or_came_before_the_question_says_nothing_of_the_time() {
        let mut clock = DeviceClock::default();
        for took in [SLOWEST_ANSWER_MS + 1, -1] {
            assert_eq!(
                clock.set_by(Millis(5_000_000), Millis(1_000), Millis(1_000 + took)),
                None
            );
            assert_eq!(clock.uncertainty_ms(Millis(1_000)), None);
        }
        clock.set_by(Millis(5_000_000), Millis(1_000), Millis(1_000 + SLOWEST_ANSWER_MS));
        assert_eq!(clock.uncertainty_ms(Millis(11_000)), Some(SLOWEST_ANSWER_MS / 2 + 1));
    }
}
