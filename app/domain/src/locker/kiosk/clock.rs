//! What a kiosk knows about its own clock.

use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// Smaller differences are the network's, not the clock's: no event is worth them.
const WORTH_SAYING_MS: i64 = 2_000;
/// A clock code older than what the server itself said last may be this much older: it was on its way on a phone.
const ON_ITS_WAY_MS: i64 = 600_000;

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
}

impl KioskClock {
    /// The device's `now` put right.
    pub fn corrected(&self, now: Millis) -> Millis {
        now.plus(self.offset_ms.saturating_neg())
    }

    /// Sets the clock from a `SyncDate`. False: it is older than what was accepted before, or the same once more.
    #[must_use]
    pub(super) fn set_by_code(&mut self, date: Millis, now: Millis) -> bool {
        let outdated = self.last_code.is_some_and(|last| date <= last)
            || self.last_server.is_some_and(|last| date < last.plus(-ON_ITS_WAY_MS));
        if !outdated {
            self.last_code = Some(date);
            self.offset_ms = now.since(date);
        }
        !outdated
    }

    /// Sets the clock from the server's own answer. True: the difference is worth an event.
    #[must_use]
    pub(super) fn set_by_server(&mut self, date: Millis, now: Millis) -> bool {
        if self.last_server.is_some_and(|last| date < last) {
            return false;
        }
        self.last_server = Some(date);
        let offset = now.since(date);
        let worth = offset.saturating_sub(self.offset_ms).saturating_abs() > WORTH_SAYING_MS;
        if worth {
            self.offset_ms = offset;
        }
        worth
    }
}
