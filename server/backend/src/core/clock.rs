//! Time and randomness, passed in so that tests own both.

use domain::ids::Millis;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
}

/// A source of unpredictable bytes.
pub trait Rng: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one real clock that is passed in everywhere else"
        )]
        let now = std::time::SystemTime::now();
        let millis = match now.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Millis(millis)
    }
}

/// The operating system's generator, by way of a thread-local one seeded from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        use rand::Rng as _;
        #[expect(
            clippy::disallowed_methods,
            reason = "the one real source that is passed in everywhere else"
        )]
        rand::rng().fill_bytes(bytes);
    }
}

/// The pause before the next try, in milliseconds: it doubles from `first_ms` with each try that failed, up to `longest_ms`.
pub(crate) fn growing_pause_ms(first_ms: i64, longest_ms: i64, tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(0, 20)).unwrap_or(20);
    first_ms.saturating_mul(1 << doublings).min(longest_ms)
}
