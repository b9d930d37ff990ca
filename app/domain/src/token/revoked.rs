//! What the server revoked: lost phones (a sign-in), people who left, and single vouchers, as a list small enough to ride in codes.
//!
//! The list is a Golomb-coded set. Each id is hashed to a number below `count << 20`; the numbers are sorted, and what is written is the
//! difference to the one before: the part above 20 bits as that many ones and a zero, then the 20 bits. An id takes about 21.5 bits. An id that
//! was not revoked is taken for one with a chance of one in a million; the maker of a list names those who may not be ([`Revocations::of`]).
//!
//! A list is only about codes made before it: what the server makes later it makes knowing the list. So a person who comes back needs no
//! newer list at every kiosk.

use crate::ids::{Millis, Phone};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// A list that rides in a code takes at most this number of bytes, and less where the code has no room. A complete one may be longer.
pub const IN_CODE_BYTES: usize = 2_048;

/// The same for a code that moves: about 13,000 ids, as many as the longest token has room for.
pub const IN_MOVING_CODE_BYTES: usize = 35 * 1_024;

/// No list names more.
pub const IDS_MAX: usize = 20_000;

/// How long an id stays on the list: until everything made for it before has ended by itself, a voucher last of all.
pub const LISTED_MS: i64 = 3 * 86_400_000;

/// How far ahead of a kiosk's clock a list may be.
const AHEAD_MS: i64 = 600_000;
/// The number of lists that a kiosk keeps.
const KEPT: usize = 4;

const FORM: u8 = 1;
const COMPLETE: u8 = 0x80;
const LOW_BITS: u32 = 20;
const DOMAIN: &[u8] = b"latchkey/revoked/v1";

/// What can be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject<'a> {
    /// A person, who left: everything made for them.
    Person(&'a Phone),
    /// One sign-in, of a phone that was lost: everything that was made for it.
    SignIn(&'a str),
    /// One code, by its id.
    Code(&'a str),
}

impl Subject<'_> {
    fn hash(self, salt: u8) -> u64 {
        let (kind, text) = match self {
            Self::Person(phone) => (1, phone.as_str()),
            Self::SignIn(id) => (2, id),
            Self::Code(id) => (3, id),
        };
        let mut sha = Sha256::new();
        sha.update(DOMAIN);
        sha.update([salt, kind]);
        sha.update(text.as_bytes());
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = sha.finalize().into();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    fn number(self, salt: u8, count: usize) -> u64 {
        let range = (count as u128) << LOW_BITS;
        // Below the range, which is below 2^35.
        ((u128::from(self.hash(salt)) * range) >> 64) as u64
    }
}

/// A list of what was revoked.
#[derive(Clone, PartialEq, Eq)]
pub struct Revocations {
    /// When it was made, by the server's clock.
    pub at: Millis,
    /// It holds everything that was revoked and still matters. Otherwise: the newest of it.
    pub complete: bool,
    salt: u8,
    count: usize,
    bits: Vec<u8>,
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("at", &self.at)
            .field("complete", &self.complete)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl Revocations {
    /// A complete list. `spared` are certainly not taken for any of these. `None`: more than a list may name.
    pub fn of(at: Millis, revoked: &[Subject<'_>], spared: &[Subject<'_>]) -> Option<Self> {
        Self::made(at, true, revoked, spared)
    }

    /// The newest of `revoked`, which is sorted newest first: as many as fit into `room` bytes, and into [`IN_CODE_BYTES`]. `None`: there is room
    /// for none of them.
    pub fn newest(at: Millis, revoked: &[Subject<'_>], spared: &[Subject<'_>], room: usize) -> Option<Self> {
        Self::fitting(at, revoked, spared, room.min(IN_CODE_BYTES))
    }

    /// The same for a code that moves, which is longer than any other: all of `revoked`, or as many as fit into [`IN_MOVING_CODE_BYTES`].
    pub fn moving(at: Millis, revoked: &[Subject<'_>], spared: &[Subject<'_>]) -> Option<Self> {
        Self::fitting(at, revoked, spared, IN_MOVING_CODE_BYTES)
    }

    fn fitting(at: Millis, revoked: &[Subject<'_>], spared: &[Subject<'_>], room: usize) -> Option<Self> {
        let mut most = revoked.len().min(room * 8 / LOW_BITS as usize);
        loop {
            let list = Self::made(at, most == revoked.len(), &revoked[..most], spared)?;
            let over = list.to_bytes().len().saturating_sub(room);
            if over == 0 && (most > 0 || revoked.is_empty()) {
                return Some(list);
            }
            if most == 0 {
                return None;
            }
            // An id takes less than three bytes: a step that does not overshoot by much.
            most = most.saturating_sub(over.div_ceil(3));
        }
    }

    fn made(at: Millis, complete: bool, revoked: &[Subject<'_>], spared: &[Subject<'_>]) -> Option<Self> {
        if revoked.len() > IDS_MAX {
            return None;
        }
        let harmed = |list: &Self| {
            spared
                .iter()
                .any(|spared| list.holds(*spared) && !revoked.contains(spared))
        };
        let lists = (0..=u8::MAX).map(|salt| Self::coded(at, complete, salt, revoked));
        let mut last = None;
        for list in lists {
            if !harmed(&list) {
                return Some(list);
            }
            last = Some(list);
        }
        last
    }

    fn coded(at: Millis, complete: bool, salt: u8, revoked: &[Subject<'_>]) -> Self {
        let count = revoked.len();
        let mut numbers: Vec<u64> = revoked.iter().map(|one| one.number(salt, count)).collect();
        numbers.sort_unstable();
        let mut bits = Bits::default();
        let mut above = 0;
        for number in numbers {
            let step = number - above;
            above = number;
            for _ in 0..step >> LOW_BITS {
                bits.push(true);
            }
            bits.push(false);
            for bit in (0..LOW_BITS).rev() {
                bits.push(step >> bit & 1 == 1);
            }
        }
        Self {
            at,
            complete,
            salt,
            count,
            bits: bits.bytes,
        }
    }

    /// How many it names.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Is this one of them?
    pub fn holds(&self, subject: Subject<'_>) -> bool {
        if self.count == 0 {
            return false;
        }
        let wanted = subject.number(self.salt, self.count);
        let mut reader = BitReader::new(&self.bits);
        let mut number = 0;
        for _ in 0..self.count {
            let Some(step) = reader.step() else {
                return false;
            };
            number += step;
            if number >= wanted {
                return number == wanted;
            }
        }
        false
    }

    /// The compact form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM | if self.complete { COMPLETE } else { 0 }, self.salt];
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(u32::try_from(self.count).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(&self.bits);
        bytes
    }

    /// The inverse of [`Revocations::to_bytes`]; `None` for anything it did not make.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[form, salt], rest) = bytes.split_first_chunk::<2>()?;
        if form & !COMPLETE != FORM {
            return None;
        }
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let (count, bits) = rest.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        if count > IDS_MAX {
            return None;
        }
        let mut reader = BitReader::new(bits);
        for _ in 0..count {
            reader.step()?;
        }
        reader.is_at_the_end().then(|| Self {
            at: Millis(i64::from_be_bytes(*at)),
            complete: form & COMPLETE != 0,
            salt,
            count,
            bits: bits.to_vec(),
        })
    }
}

/// In the state of a kiosk: the compact form in base64url.
impl Serialize for Revocations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.to_bytes()))
    }
}

impl<'de> Deserialize<'de> for Revocations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| D::Error::custom("expected a list of revocations"))
    }
}

/// The lists a kiosk learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Learnt {
    /// The newest complete one and the newest others since, oldest first.
    lists: Vec<Revocations>,
}

impl Learnt {
    /// Learns a list that came in a code of this kiosk, whatever became of the code; `now` is the kiosk's corrected time. A list from ahead of
    /// it was made by a clock that was wrong, and would stand in the way of the right ones.
    pub fn learn(&mut self, list: &Revocations, now: Millis) {
        let is_newer = |known: &Revocations| list.at > known.at;
        let complete_at = self
            .lists
            .iter()
            .filter(|known| known.complete)
            .map(|known| known.at)
            .max();
        let is_known = self
            .lists
            .iter()
            .any(|known| known.at == list.at && known.complete == list.complete);
        let is_covered = complete_at.is_some_and(|at| list.at <= at);
        if list.at > now.plus(AHEAD_MS) || is_known || is_covered {
            return;
        }
        if list.complete {
            self.lists.retain(|known| !is_newer(known));
        }
        let place = self.lists.partition_point(is_newer);
        self.lists.insert(place, list.clone());
        if self.lists.len() > KEPT {
            let oldest = self.lists.iter().position(|known| !known.complete).unwrap_or(0);
            self.lists.remove(oldest);
        }
    }

    /// Was this revoked, as far as is known here, after the code was made?
    pub fn revokes(&self, subject: Subject<'_>, code_made: Millis) -> bool {
        self.lists
            .iter()
            .any(|list| code_made <= list.at && list.holds(subject))
    }

    /// None was ever learnt.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u8,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.used == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (7 - self.used);
        }
        self.used = (self.used + 1) % 8;
    }
}

/// Reads up to 64 bits at a time.
struct BitReader<'a> {
    rest: &'a [u8],
    window: u64,
    held: u32,
}

impl<'a> BitReader<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            window: 0,
            held: 0,
        }
    }

    fn fill(&mut self) {
        while self.held <= 56
            && let Some((byte, rest)) = self.rest.split_first()
        {
            self.window |= u64::from(*byte) << (56 - self.held);
            self.held += 8;
            self.rest = rest;
        }
    }

    fn skip(&mut self, bits: u32) {
        self.window = self.window.checked_shl(bits).unwrap_or(0);
        self.held -= bits;
    }

    fn step(&mut self) -> Option<u64> {
        let mut high = 0;
        loop {
            self.fill();
            let ones = self.window.leading_ones().min(self.held);
            high += u64::from(ones);
            self.skip(ones);
            if self.held > 0 {
                self.skip(1);
                break;
            }
            if self.rest.is_empty() {
                return None;
            }
        }
        self.fill();
        if self.held < LOW_BITS {
            return None;
        }
        let low = self.window >> (64 - LOW_BITS);
        self.skip(LOW_BITS);
        Some(high << LOW_BITS | low)
    }

    /// Nothing is left but the zeros that fill the last byte.
    fn is_at_the_end(&self) -> bool {
        self.rest.is_empty() && self.held < 8 && self.window == 0
    }
}
