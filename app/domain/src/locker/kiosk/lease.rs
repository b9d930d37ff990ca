//! Which of several windows runs the kiosk, where the browser has no locks (pages over plain HTTP): a lease beside the state.
//!
//! Its holder renews it. Every write of the state looks in the same transaction whether it is still held, so that a window that slept and
//! lost it can do nothing more.

use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// A lease not renewed for this long has ended.
pub const LEASE_MS: i64 = 6_000;

/// Who may run the kiosk, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// The window.
    pub holder: String,
    /// Until then, by the device's clock.
    pub until: Millis,
}

impl Lease {
    /// The lease for `holder` from `now` on, or `None` while another holds it.
    pub fn take(current: Option<&Self>, holder: &str, now: Millis) -> Option<Self> {
        let ends = now.plus(LEASE_MS);
        // One that ends later than any can was taken before the device's clock was set back.
        let taken = current.is_some_and(|lease| lease.holder != holder && lease.until > now && lease.until <= ends);
        (!taken).then(|| Self {
            holder: holder.to_owned(),
            until: ends,
        })
    }

    /// The lease for `holder` some time longer, or `None` if another had it meanwhile: what `holder` knows is no longer what is stored.
    pub fn renew(current: Option<&Self>, holder: &str, now: Millis) -> Option<Self> {
        Self::is_held(current, holder).then(|| Self {
            holder: holder.to_owned(),
            until: now.plus(LEASE_MS),
        })
    }

    /// May `holder` write? Nobody else took it meanwhile; that it ended does not matter then.
    pub fn is_held(current: Option<&Self>, holder: &str) -> bool {
        current.is_some_and(|lease| lease.holder == holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    #[test]
    fn a_second_window_waits_until_the_first_has_stopped_renewing() {
        let first = Lease::take(None, "first", NOW).unwrap();
        assert_eq!(Lease::take(Some(&first), "second", NOW.plus(LEASE_MS - 1)), None);
        let renewed = Lease::renew(Some(&first), "first", NOW.plus(2_000)).unwrap();
        assert_eq!(Lease::take(Some(&renewed), "second", NOW.plus(LEASE_MS)), None);
        assert!(Lease::take(Some(&renewed), "second", NOW.plus(2_000 + LEASE_MS)).is_some());
    }

    #[test]
    fn a_window_that_slept_can_write_nothing_once_another_took_over() {
        let first = Lease::take(None, "first", NOW).unwrap();
        let later = NOW.plus(10 * LEASE_MS);
        assert!(Lease::is_held(Some(&first), "first"), "ended, and nobody took it");
        let second = Lease::take(Some(&first), "second", later).unwrap();
        assert!(!Lease::is_held(Some(&second), "first"));
        assert!(Lease::is_held(Some(&second), "second"));
        assert_eq!(Lease::take(Some(&second), "first", later), None);
        assert_eq!(Lease::renew(Some(&second), "first", later), None);
        let long_after = later.plus(100 * LEASE_MS);
        assert_eq!(
            Lease::renew(Some(&second), "first", long_after),
            None,
            "ended, but it was there"
        );
        assert!(!Lease::is_held(None, "first"), "the storage was cleared");
    }

    #[test]
    fn a_device_clock_set_back_locks_no_window_out() {
        let first = Lease::take(None, "first", NOW).unwrap();
        assert!(Lease::take(Some(&first), "second", NOW.plus(-86_400_000)).is_some());
    }
}
