//! Dates that were stored while a clock was wrong.

use domain::ids::Millis;

/// Clocks of a phone, a kiosk and a server may differ by this much. What lies further ahead was made by a clock that must be set first.
pub(crate) const AHEAD_MS: i64 = 10 * 60 * 1000;

/// A stored date as it counts at `now`: the same date, unless it lies further ahead than clocks may differ. Such a date was stored while this
/// server's clock was wrong. It counts as the earliest moment that may still be called now, so that what kiosks and phones send now is newer.
pub(crate) fn believable(stored: Millis, now: Millis) -> Millis {
    if stored > now.plus(AHEAD_MS) {
        now.plus(-AHEAD_MS)
    } else {
        stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_date_further_ahead_than_clocks_may_differ_is_doubted() {
        let now = Millis(1_800_000_000_000);
        for near in [0, -1, AHEAD_MS, -86_400_000] {
            assert_eq!(believable(now.plus(near), now), now.plus(near));
        }
        for far in [AHEAD_MS + 1, 86_400_000, i64::MAX / 4] {
            assert_eq!(believable(now.plus(far), now), now.plus(-AHEAD_MS));
        }
        assert_eq!(believable(Millis(i64::MAX), now), now.plus(-AHEAD_MS));
    }
}
