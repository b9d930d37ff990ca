//! Telling a hand scanner, which types like a keyboard, from people.
//!
//! A code is recognised by its form ([`super::shape`]), however slowly it arrives: a busy device hears keys late, and with pauses. Only texts that
//! could have been typed by people, such as a bar code of digits, are judged by their speed.

use super::{Trouble, shape};
use crate::ids::Millis;

/// Keys further apart than this are not of one stroke. Scanners are quick, but a busy device may be slow to hear them.
const GAP_MS: i64 = 400;
/// After such a pause a text is over that does not look like a code.
const PAUSE_MS: i64 = 2_000;
/// A text may have one pause for each group of this many keys.
const KEYS_A_PAUSE: usize = 4;
/// On average a scanner is faster than anybody types.
const MEAN_MS: i64 = 45;
/// A text this long, with other signs than digits, is a scan at any speed: outside of fields people type digits only.
const LONG: usize = 12;
/// Shorter than any code or bar code worth scanning.
const SHORTEST: usize = 4;
/// Longer than any code; a longer burst is rejected.
const LONGEST: usize = 8_192;
/// A whole code whose scanner sends no key at its end is taken after so long.
const SETTLED_MS: i64 = 300;
/// A piece of a code is given up after so long without a key.
const PATIENCE_MS: i64 = 4_000;
/// Enter or Tab that follow a scan within this time belong to it: some scanners send two of them, or send them late.
const TRAILING_MS: i64 = 300;
const TRAILING_LATE_MS: i64 = 3_000;
/// Stands for a key of which nothing is known.
const UNKNOWN: char = '\u{FFFD}';

/// A key as the browser reports it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key<'a> {
    /// What it types by the present layout, input language and Caps Lock. Empty where the browser does not tell (`Process`, `Unidentified`).
    pub typed: &'a str,
    /// Which key it is, by its place (`KeyE`, `Digit0`, `Minus`); empty where unknown.
    pub code: &'a str,
    /// Shift was held.
    pub shift: bool,
    /// A text field has the focus.
    pub in_field: bool,
}

/// What a hand scanner typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// This text.
    Text(String),
    /// Something that cannot be worked with.
    Failed(Trouble),
}

/// What Enter or Tab meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// A person pressed it.
    ByHand,
    /// It belongs to a scan that was taken already.
    Trailing,
    /// It ends this scan.
    Scan(Scan),
}

/// What was typed lately.
#[derive(Default)]
pub struct Burst {
    /// By the present layout.
    typed: String,
    /// By the keys' places, as an American keyboard has them.
    placed: String,
    keys: usize,
    in_field: bool,
    /// Began like a code.
    code: bool,
    /// Time between keys, pauses apart.
    took_ms: i64,
    pauses: usize,
    last: Millis,
    /// When `rest` first found that no key had come since the call before.
    quiet_since: Option<Millis>,
    trailing_until: Option<Millis>,
}

impl Burst {
    /// One key more, pressed at `now`.
    pub fn add(&mut self, key: Key<'_>, now: Millis) {
        let gap = now.since(self.last);
        let over = gap > PAUSE_MS && !self.code && !self.may_become_code();
        if self.keys == 0 || over || self.typed.len() >= LONGEST {
            *self = Self {
                in_field: key.in_field,
                ..Self::default()
            };
        } else if gap > GAP_MS {
            self.pauses += 1;
        } else {
            self.took_ms += gap.max(0);
        }
        let (typed, placed) = (key.typed, placed(key.code, key.shift));
        if typed.is_empty() {
            self.typed.push(UNKNOWN);
        } else {
            self.typed.push_str(typed);
        }
        self.placed.push(placed.unwrap_or(UNKNOWN));
        self.keys += 1;
        self.last = now;
        self.quiet_since = None;
        self.code = self.code || self.looks_like_code();
    }

    /// The field says what the last key typed, which the key itself did not tell.
    pub fn resolve(&mut self, text: &str) {
        if self.typed.ends_with(UNKNOWN) && self.placed.ends_with(UNKNOWN) {
            self.typed.pop();
            self.typed.push_str(text);
            self.code = self.code || self.looks_like_code();
        }
    }

    /// Is a code being typed? Its keys are then meant for nothing else.
    pub fn is_code(&self) -> bool {
        self.code
    }

    /// Enter or Tab was pressed.
    pub fn end(&mut self, now: Millis) -> Ended {
        let burst = std::mem::take(self);
        if burst.keys == 0 {
            let trailing = burst.trailing_until.is_some_and(|until| now <= until);
            self.trailing_until = burst.trailing_until;
            return if trailing { Ended::Trailing } else { Ended::ByHand };
        }
        match burst.scan(now) {
            Some(scan) => {
                self.trailing_until = Some(now.plus(TRAILING_MS));
                Ended::Scan(scan)
            }
            None => Ended::ByHand,
        }
    }

    /// Asked about once a second: a code that nothing has ended, whole or not, once no key was heard for a while. Counted from question to question,
    /// because keys may wait behind whatever keeps the device busy.
    pub fn rest(&mut self, now: Millis) -> Option<Scan> {
        if !self.code {
            return None;
        }
        let Some(since) = self.quiet_since else {
            self.quiet_since = Some(now);
            return None;
        };
        let scan = self.read();
        let patience = match scan {
            Scan::Text(_) => SETTLED_MS,
            Scan::Failed(_) => PATIENCE_MS,
        };
        if now.since(since) < patience {
            return None;
        }
        *self = Self {
            trailing_until: Some(now.plus(TRAILING_LATE_MS)),
            ..Self::default()
        };
        Some(scan)
    }

    fn scan(&self, now: Millis) -> Option<Scan> {
        if self.code {
            return Some(self.read());
        }
        let keys = i64::try_from(self.keys).unwrap_or(i64::MAX);
        let quick = self.took_ms <= keys.saturating_mul(MEAN_MS) && self.keys >= KEYS_A_PAUSE * (self.pauses + 1);
        let text = if self.typed.contains(UNKNOWN) {
            &self.placed
        } else {
            &self.typed
        };
        let only_a_scanner = !self.in_field && self.keys >= LONG && !text.chars().all(|c| c.is_ascii_digit());
        let is_scan = self.keys >= SHORTEST && now.since(self.last) <= PAUSE_MS && (quick || only_a_scanner);
        is_scan.then(|| {
            if text.contains(UNKNOWN) {
                Scan::Failed(Trouble::ScannerKeys)
            } else {
                Scan::Text(text.clone())
            }
        })
    }

    /// The code as typed, as typed without Caps Lock, or by the keys' places: whichever is whole.
    fn read(&self) -> Scan {
        let readings = [self.typed.clone(), shape::swapped(&self.typed), self.placed.clone()];
        if let Some(code) = readings.iter().find_map(|reading| shape::whole(reading)) {
            return Scan::Text(code.to_owned());
        }
        let cut = readings
            .iter()
            .any(|reading| shape::fault(reading) == Trouble::CodePartial);
        Scan::Failed(if cut {
            Trouble::CodePartial
        } else {
            Trouble::ScannerKeys
        })
    }

    fn looks_like_code(&self) -> bool {
        self.typed.contains(shape::START)
            || self.typed.contains(shape::SWAPPED)
            || self.placed.contains(shape::START)
            || shape::begins_like_a_code(&self.typed)
            || shape::begins_like_a_code(&self.placed)
    }

    /// Its first keys may be as slow as all others.
    fn may_become_code(&self) -> bool {
        [&self.typed, &self.placed].into_iter().any(|text| {
            let text = text.to_ascii_lowercase();
            text.ends_with('e') || text.ends_with("ey")
        })
    }
}

/// What a key types on an American keyboard, for which scanners are set unless told otherwise.
fn placed(code: &str, shift: bool) -> Option<char> {
    let pick = |plain: char, shifted: char| if shift { shifted } else { plain };
    if let Some(letter) = code.strip_prefix("Key").and_then(only) {
        return Some(pick(letter.to_ascii_lowercase(), letter));
    }
    if let Some(digit) = code.strip_prefix("Digit").and_then(only) {
        let shifted = usize::try_from(digit.to_digit(10)?)
            .ok()
            .and_then(|at| ")!@#$%^&*(".chars().nth(at))?;
        return Some(pick(digit, shifted));
    }
    if let Some(digit) = code.strip_prefix("Numpad").and_then(only) {
        return Some(digit);
    }
    Some(match code {
        "Minus" => pick('-', '_'),
        "Period" => pick('.', '>'),
        "Comma" => pick(',', '<'),
        "Slash" => pick('/', '?'),
        "Equal" => pick('=', '+'),
        "Semicolon" => pick(';', ':'),
        "Space" => ' ',
        "NumpadDecimal" => '.',
        "NumpadSubtract" => '-',
        _ => return None,
    })
}

/// The text's one character.
fn only(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}
