//! Log lines of one kind are counted while a fault lasts, and not repeated: a full disk must not be filled by its own log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// One line of a kind is written in this time unless a place has its own.
const EVERY: Duration = Duration::from_secs(10);
/// Kinds that are told apart at once.
const MOST_KINDS: usize = 64;
/// Bytes of a kind's name that count.
const MOST_BYTES: usize = 200;

/// The lines of one place in the program.
#[derive(Debug)]
pub struct Counted {
    every: Duration,
    kinds: Mutex<BTreeMap<String, Kind>>,
}

#[derive(Debug)]
struct Kind {
    written_at: Instant,
    left_out: u64,
}

impl Default for Counted {
    fn default() -> Self {
        Self::new()
    }
}

impl Counted {
    /// One line of a kind in ten seconds.
    pub const fn new() -> Self {
        Self::every(EVERY)
    }

    /// One line of a kind in this time.
    pub const fn every(every: Duration) -> Self {
        Self {
            every,
            kinds: Mutex::new(BTreeMap::new()),
        }
    }

    /// `Some` when a line of this kind is to be written now, with the number of those that were left out since the one before.
    pub fn count(&self, kind: &str) -> Option<u64> {
        let mut end = kind.len().min(MOST_BYTES);
        while !kind.is_char_boundary(end) {
            end -= 1;
        }
        let (kind, now) = (&kind[..end], Instant::now());
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kinds.get_mut(kind) {
            if now.duration_since(known.written_at) < self.every {
                known.left_out += 1;
                return None;
            }
            known.written_at = now;
            return Some(std::mem::take(&mut known.left_out));
        }
        if kinds.len() >= MOST_KINDS {
            kinds.clear();
        }
        let fresh = Kind {
            written_at: now,
            left_out: 0,
        };
        kinds.insert(kind.to_owned(), fresh);
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_line_of_a_kind_is_written_and_the_next_says_how_many_were_left_out() {
        let short = Duration::from_millis(200);
        let lines = Counted::every(short);
        assert_eq!(lines.count("full"), Some(0));
        for _ in 0..500 {
            assert_eq!(lines.count("full"), None);
        }
        assert_eq!(lines.count("locked"), Some(0));
        tokio::time::sleep(short).await;
        assert_eq!(lines.count("full"), Some(500));
        assert_eq!(lines.count("full"), None);
    }

    #[test]
    fn kinds_are_bounded_and_may_be_any_text() {
        let lines = Counted::new();
        for number in 0..10 * MOST_KINDS {
            assert_eq!(lines.count(&format!("{}{number}", "글".repeat(20))), Some(0));
        }
        assert!(lines.kinds.lock().unwrap().len() <= MOST_KINDS);
        assert_eq!(lines.count(&"글".repeat(500)), Some(0));
        assert_eq!(lines.count(&"글".repeat(600)), None);
    }
}
