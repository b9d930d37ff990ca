//! Telling a hand scanner, which types a whole code within a blink and ends it with Enter, from people.

use crate::ids::Millis;

/// Keys further apart than this are not one scan. Scanners are quick, but a busy tablet may be slow to hear them.
const GAP_MS: i64 = 400;
/// On average a scanner is faster than anybody types.
const MEAN_MS: i64 = 45;
/// A text this long is a code; nobody types one, not even at a leisurely pace.
const LONG: usize = 40;
/// The mean for such a one.
const LONG_MEAN_MS: i64 = 150;
/// Shorter than any code or bar code worth scanning.
const SHORTEST: usize = 4;

/// What was typed without a pause.
#[derive(Default)]
pub struct Burst {
    text: String,
    began: Millis,
    last: Millis,
}

impl Burst {
    /// One key more.
    pub fn add(&mut self, key: &str, now: Millis) {
        if self.text.is_empty() || now.since(self.last) > GAP_MS {
            self.text.clear();
            self.began = now;
        }
        self.text.push_str(key);
        self.last = now;
    }

    /// Enter was pressed: the text, if it came from a scanner.
    pub fn end(&mut self, now: Millis) -> Option<String> {
        let text = std::mem::take(&mut self.text);
        let length = text.chars().count();
        let mean = if length >= LONG { LONG_MEAN_MS } else { MEAN_MS };
        let quick = i64::try_from(length).is_ok_and(|keys| now.since(self.began) <= keys.saturating_mul(mean));
        let unbroken = now.since(self.last) <= GAP_MS;
        (length >= SHORTEST && quick && unbroken).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str, every_ms: i64) -> Option<String> {
        let mut burst = Burst::default();
        let mut now = Millis(1_000_000);
        for key in text.chars() {
            burst.add(&key.to_string(), now);
            now = now.plus(every_ms);
        }
        burst.end(now)
    }

    #[test]
    fn a_scanner_is_told_from_a_person_by_its_speed() {
        assert_eq!(typed("eyJ0eXAi.abc.def", 5).as_deref(), Some("eyJ0eXAi.abc.def"));
        assert_eq!(typed("246810", 120), None);
        assert_eq!(typed("246810", 60), None);
        assert!(typed(&"x".repeat(400), 20).is_some(), "a busy tablet");
    }

    #[test]
    fn a_scan_after_slow_keys_is_the_scan_alone() {
        let mut burst = Burst::default();
        burst.add("7", Millis(0));
        for (at, key) in ["1", "0", "0", "1"].into_iter().enumerate() {
            burst.add(key, Millis(5_000 + at as i64));
        }
        assert_eq!(burst.end(Millis(5_010)).as_deref(), Some("1001"));
    }

    #[test]
    fn enter_alone_is_no_scan() {
        assert_eq!(typed("", 1), None);
        assert_eq!(typed("12", 1), None);
    }
}
