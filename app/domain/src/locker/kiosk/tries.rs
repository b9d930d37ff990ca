//! Wrong tries at a pad: the first few cost nothing, then each costs twice the wait of the one before.

use crate::ids::Millis;
use serde::{Deserialize, Serialize};

const FREE_TRIES: i64 = 3;
const FIRST_WAIT_MS: i64 = 15_000;
const LONGEST_WAIT_MS: i64 = 900_000;

/// Wrong tries in a row and until when the next is refused. Survives a restart with the rest of the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tries {
    /// Wrong ones since the last right one.
    pub wrong: i64,
    /// Refused until then, by the device's clock.
    pub wait_until: Option<Millis>,
}

impl Tries {
    /// Seconds still to wait; `None`: a try is welcome.
    pub fn wait_seconds(&self, now: Millis) -> Option<i64> {
        let left = self.wait_until?.since(now);
        // A clock that was set back must not lock anybody out for longer than the longest wait.
        (left > 0).then(|| (left.min(LONGEST_WAIT_MS) + 999) / 1_000)
    }

    pub(crate) fn wrong(&mut self, now: Millis) {
        self.wrong = self.wrong.saturating_add(1);
        let over = self.wrong - FREE_TRIES;
        self.wait_until = (over >= 0).then(|| {
            let doubled = FIRST_WAIT_MS.saturating_mul(1 << over.min(20));
            now.plus(doubled.min(LONGEST_WAIT_MS))
        });
    }

    pub(crate) fn right(&mut self) {
        *self = Self::default();
    }

    /// Brings a wait back into bounds when the device's clock was set back under it.
    pub(crate) fn bound(&mut self, now: Millis) {
        let most = now.plus(LONGEST_WAIT_MS);
        if self.wait_until.is_some_and(|until| until > most) {
            self.wait_until = Some(most);
        }
    }
}
