//! What was shown or typed at a reader, as a guard compares it.

use super::super::wiegand::Card;
use crate::guard::grants::Presented;
use crate::guard::ids::{CardNumb, DnCode};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How the bits of a card become the number by which a grant knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// They do not: a grant knows the card by its bits.
    #[default]
    None,
    /// 26 bits as facility × 100000 + number, as UHPPOTE controllers have it; 34 bits as one number.
    Facility,
    /// 26 bits as one number of 24 bits, 34 bits as one of 32, as it is printed on many cards.
    Decimal,
}

/// What a card says to a guard: its bits as hexadecimal digits, and its number. `None` where it was not read well, which a wrong parity shows.
pub fn presented(bytes: &[u8], bits: usize, numbers: Numbers) -> Option<Presented> {
    if bits == 0 || bytes.len() != bits.div_ceil(8) {
        return None;
    }
    let number = match numbers {
        Numbers::None => None,
        Numbers::Facility | Numbers::Decimal if matches!(bits, 26 | 34) => {
            let number = match (Card::read(bytes, bits)?, numbers) {
                (Card::Bits34 { number }, _) => number,
                (Card::Bits26 { facility, number }, Numbers::Decimal) => u32::from(facility) << 16 | u32::from(number),
                (card, _) => card.uhppote()?,
            };
            Some(CardNumb::parse(&number.to_string()).ok()?)
        }
        // Nothing says what the bits of other lengths mean.
        _ => None,
    };
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        // A text takes whatever is written to it.
        let _written = write!(hex, "{byte:02X}");
        hex
    });
    Some(Presented::Card {
        card_numb: number,
        dn_code: Some(DnCode::parse(&hex).ok()?),
    })
}

/// Digits that are being typed.
#[derive(Clone, Default)]
pub(super) struct Typing {
    digits: String,
    last: Option<crate::ids::Millis>,
}

/// Between two keys.
const PAUSE_MS: i64 = 10_000;
/// More than any password has.
const MOST: usize = 32;

impl std::fmt::Debug for Typing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typing")
    }
}

impl Typing {
    /// A key: `#` ends, `*` clears. What was typed, when it ends.
    pub(super) fn key(&mut self, key: u8, now: crate::ids::Millis) -> Option<String> {
        if self.last.replace(now).is_some_and(|last| now.since(last) > PAUSE_MS) {
            self.digits.clear();
        }
        match key {
            b'0'..=b'9' if self.digits.len() < MOST => self.digits.push(char::from(key)),
            // By the standard `#` is 0D and `*` is 7F; readers send either.
            b'#' | 0x0D => return Some(std::mem::take(&mut self.digits)).filter(|typed| !typed.is_empty()),
            b'*' | 0x7F => self.digits.clear(),
            _ => {}
        }
        None
    }

    pub(super) fn clear(&mut self) {
        self.digits.clear();
    }
}
