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
