//! A voucher: an `OpenToTake` code that a phone without network can still show, because it is good until a moment of its own.
//!
//! It is bound to one kiosk (its key), to orders, and to the deposit of each (`saveDate` and `pwd`): the next deposit in the same compartment
//! makes it worthless there. Each of its doors opens once. The server signs it with the kiosk's secret, as every code.
//!
//! Its holder can pass on a part of it without network ([`narrow`]): a caveat is added to the header, and the signature is replaced by
//! its HMAC over the caveat. The signature that was replaced cannot be found from the new one, so nobody who got a narrowed voucher can widen
//! it again; and the kiosk, which can make the first signature, checks all of them alone.

use super::rows::CompartmentFields;
use super::sealing::{HEADER, bounded, parts, read_exp};
use crate::error::{Problem, Refusal};
use crate::ids::{Millis, Phone, ThingsSq, VoucherName};
use crate::qr::{self, Level};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// A voucher has at most this number of doors.
pub const DOORS_MAX: usize = 8;

/// A voucher is good for no longer than this: to the end of the day after it was made, in a zone that puts its clocks back that night. A kiosk
/// remembers what was used for longer.
pub const LONGEST_MS: i64 = 49 * 3_600_000;

/// A voucher can be narrowed this often.
pub const DEPTH_MAX: usize = 3;

/// Longest name in a caveat, in characters.
pub const NAME_MAX: usize = 40;

/// Each door opens this often (`use`).
pub(super) const USES: i64 = 1;

/// The first byte of what is encrypted; the JSON of a code for one door begins otherwise.
const FORM: u8 = 2;
const CAVEAT: &[u8] = b"latchkey/voucher/caveat/v1\n";
const MAC_BYTES: usize = 32;
const MAX_SIGN_IN_BYTES: usize = 64;

/// What a voucher grants.
#[derive(Clone, PartialEq, Eq)]
pub struct Voucher {
    /// From this moment on it is worthless. Whole seconds.
    pub until: Millis,
    /// Who asked for it.
    pub holder: Phone,
    /// Which of their sign-ins did, so that a lost phone can be revoked and its owner need not be. At most 64 bytes; empty: unknown.
    pub sign_in: String,
    /// The doors: 1 to 8, each with its order and the date of its deposit.
    pub doors: Vec<CompartmentFields>,
}

impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voucher")
            .field("until", &self.until)
            .field("doors", &self.doors)
            .finish_non_exhaustive()
    }
}

/// By what somebody narrowed a voucher before they passed it on. At least one of them is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caveat {
    /// Only these orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<ThingsSq>>,
    /// Only until then, in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// For this person, whose name the kiosk shows and writes down. 1 to 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Caveat {
    fn end(&self) -> Option<Millis> {
        self.until.map(|seconds| Millis(seconds.saturating_mul(1_000)))
    }

    fn is_sound(&self) -> bool {
        let says_something = self.orders.is_some() || self.until.is_some() || self.name.is_some();
        let orders = self
            .orders
            .as_ref()
            .is_none_or(|orders| (1..=DOORS_MAX).contains(&orders.len()));
        // In the one form of names: nothing invisible stands in what the kiosk shows.
        let name = self
            .name
            .as_ref()
            .is_none_or(|name| VoucherName::read(name).is_ok_and(|read| read.as_str() == name));
        says_something && orders && name
    }
}

impl Voucher {
    /// Refuses what may not be one, made at `date`.
    pub(super) fn check(&self, date: Millis) -> Result<(), Refusal> {
        let (min, max) = (1, DOORS_MAX as i64);
        if !(1..=DOORS_MAX).contains(&self.doors.len()) {
            return Err(Refusal::field("doors", Problem::Range { min, max }));
        }
        let life = self.until.since(date);
        if !(1..=LONGEST_MS).contains(&life) || self.until.0 % 1_000 != 0 {
            return Err(Refusal::field("exp", Problem::Form));
        }
        if self.sign_in.len() > MAX_SIGN_IN_BYTES {
            return Err(Refusal::field("signIn", Problem::Form));
        }
        for (at, door) in self.doors.iter().enumerate() {
            let digits = door.pwd.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !(4..=12).contains(&door.pwd.len()) {
                return Err(Refusal::field("pwd", Problem::Form));
            }
            // Without them it would not be bound to one deposit.
            if door.things_sq.is_none() || door.save_date.is_empty() {
                return Err(Refusal::field("saveDate", Problem::Required));
            }
            let before = &self.doors[..at];
            if before
                .iter()
                .any(|one| one.things_sq == door.things_sq || one.port() == door.port())
            {
                return Err(Refusal::field("doors", Problem::Taken));
            }
        }
        Ok(())
    }

    /// Every order a caveat names has to be one of the voucher's: a narrower voucher is a part of the wider one.
    pub(super) fn check_orders(&self, caveats: &[Caveat]) -> Result<(), Refusal> {
        let known = |order: &ThingsSq| self.doors.iter().any(|door| door.things_sq.as_ref() == Some(order));
        let named = caveats.iter().filter_map(|caveat| caveat.orders.as_ref());
        if named.flatten().all(known) {
            Ok(())
        } else {
            Err(Refusal::CodeDamaged)
        }
    }

    /// What is left of it under these caveats, which were checked.
    pub fn under(&self, caveats: &[Caveat]) -> Left {
        let mut left = Left {
            until: self.until,
            doors: self.doors.clone(),
            names: Vec::new(),
        };
        for caveat in caveats {
            left.until = caveat.end().map_or(left.until, |end| end.min(left.until));
            if let Some(orders) = &caveat.orders {
                left.doors
                    .retain(|door| door.things_sq.as_ref().is_some_and(|order| orders.contains(order)));
            }
            left.names.extend(caveat.name.clone());
        }
        left
    }

    pub(super) fn to_plain(&self) -> Result<Vec<u8>, Refusal> {
        let mut plain = Plain(vec![FORM]);
        plain.text(self.holder.as_str())?;
        plain.text(&self.sign_in)?;
        for door in &self.doors {
            plain.number(door.jumper);
            plain.number(door.serial);
            plain.text(&door.pwd)?;
            plain.text(&door.label)?;
            plain.text(door.things_sq.as_ref().map_or("", |order| order.as_str()))?;
            plain.date(&door.save_date)?;
        }
        Ok(plain.0)
    }

    pub(super) fn from_plain(plain: &[u8], until: Millis) -> Option<Self> {
        let (&FORM, rest) = plain.split_first()? else {
            return None;
        };
        let mut rest = Rest(rest);
        let mut voucher = Self {
            until,
            holder: Phone(rest.text()?),
            sign_in: rest.text()?,
            doors: Vec::new(),
        };
        while !rest.0.is_empty() {
            voucher.doors.push(CompartmentFields {
                jumper: rest.number()?,
                serial: rest.number()?,
                pwd: rest.text()?,
                label: rest.text()?,
                things_sq: Some(ThingsSq(rest.text()?)),
                save_date: rest.date()?,
            });
        }
        Some(voucher)
    }
}

/// What is encrypted, as it is written: a text is its length and its bytes; a number is zigzag LEB128.
struct Plain(Vec<u8>);

impl Plain {
    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        self.0.push(u8::try_from(text.len()).map_err(|_| Refusal::Internal)?);
        self.0.extend(text.as_bytes());
        Ok(())
    }

    fn number(&mut self, number: i64) {
        let mut left = ((number << 1) ^ (number >> 63)) as u64;
        while left > 127 {
            self.0.push(left as u8 | 128);
            left >>= 7;
        }
        self.0.push(left as u8);
    }

    /// Our own form of a date is shorter as a number, with an empty text before it. Any other is kept letter by letter.
    fn date(&mut self, date: &str) -> Result<(), Refusal> {
        match Millis::from_iso(date).filter(|at| at.to_iso() == date) {
            Some(at) => {
                self.text("")?;
                self.number(at.0);
                Ok(())
            }
            None => self.text(date),
        }
    }
}

/// What is left to read of it.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.byte()?;
        let (text, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }

    fn number(&mut self) -> Option<i64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127).checked_shl(shift)?;
            if byte < 128 {
                return Some(((number >> 1) as i64) ^ -((number & 1) as i64));
            }
        }
        None
    }

    fn date(&mut self) -> Option<String> {
        match self.text()? {
            none if none.is_empty() => Some(Millis(self.number()?).to_iso()),
            date => Some(date),
        }
    }
}

/// What a voucher grants to the one who shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// From this moment on it is worthless.
    pub until: Millis,
    /// The doors.
    pub doors: Vec<CompartmentFields>,
    /// Who it was passed on to, in that order.
    pub names: Vec<String>,
}

/// Passes a voucher on, narrowed by one more caveat. Needs no secret and no network.
///
/// Refuses what is no voucher ([`Refusal::CodeKind`]), what was narrowed three times already, a caveat that would widen it, and what would be too
/// long to be shown ([`Refusal::TooLarge`]). Whether the orders are the voucher's the kiosk finds out: they are encrypted.
pub fn narrow(token: &str, caveat: &Caveat) -> Result<String, Refusal> {
    let parts = parts(bounded(token)?)?;
    let exp = read_exp(parts.claims)?.ok_or(Refusal::CodeKind)?;
    let mut narrowed = match Narrowed::read(parts.header)? {
        Some(narrowed) => narrowed,
        None if parts.header == HEADER => Narrowed::default(),
        None => return Err(Refusal::CodeDamaged),
    };
    let text = serde_json::to_string(caveat).map_err(|_| Refusal::Internal)?;
    narrowed.texts.push(text.clone());
    narrowed.caveats.push(caveat.clone());
    check_caveats(Some(exp), &narrowed.caveats)?;
    let last = mac_of(parts.signature)?;
    let signature = chained(&last, &text)?.finalize().into_bytes();
    let signature = URL_SAFE_NO_PAD.encode(signature);
    let token = format!("{}.{}.{signature}", narrowed.header(), parts.claims);
    qr::encode(&token, Level::M)?;
    Ok(token)
}

/// Refuses caveats on what is no voucher, too many, senseless ones, and any that is wider than what was there before it.
pub(super) fn check_caveats(exp: Option<Millis>, caveats: &[Caveat]) -> Result<(), Refusal> {
    let Some(mut until) = exp else {
        return if caveats.is_empty() {
            Ok(())
        } else {
            Err(Refusal::CodeDamaged)
        };
    };
    let mut orders: Option<&Vec<ThingsSq>> = None;
    for caveat in caveats {
        let widens = caveat.end().is_some_and(|end| end > until)
            || caveat
                .orders
                .iter()
                .flatten()
                .any(|order| orders.is_some_and(|orders| !orders.contains(order)));
        if widens || !caveat.is_sound() || caveats.len() > DEPTH_MAX {
            return Err(Refusal::CodeDamaged);
        }
        until = caveat.end().unwrap_or(until);
        orders = caveat.orders.as_ref().or(orders);
    }
    Ok(())
}

/// The header of a voucher that was narrowed. It names the extension as critical (RFC 7515, 4.1.11), so that a reader that does not know it
/// refuses the code.
#[derive(Default)]
pub(super) struct Narrowed {
    pub(super) caveats: Vec<Caveat>,
    /// The same, as they were signed.
    texts: Vec<String>,
}

const BEFORE: &str = r#"{"typ":"JWT","alg":"HS256","crit":["cav"],"cav":["#;
const AFTER: &str = "]}";

impl Narrowed {
    /// `None`: the header of no narrowed voucher.
    pub(super) fn read(header: &str) -> Result<Option<Self>, Refusal> {
        if header == HEADER {
            return Ok(None);
        }
        let json = URL_SAFE_NO_PAD.decode(header).map_err(|_| Refusal::CodeDamaged)?;
        let json = std::str::from_utf8(&json).map_err(|_| Refusal::CodeDamaged)?;
        let Some(caveats) = json.strip_prefix(BEFORE).and_then(|json| json.strip_suffix(AFTER)) else {
            return Ok(None);
        };
        let texts = members(caveats);
        if texts.len() > DEPTH_MAX {
            return Err(Refusal::CodeDamaged);
        }
        let mut narrowed = Self::default();
        for text in texts {
            let caveat = serde_json::from_str(text).map_err(|_| Refusal::CodeDamaged)?;
            narrowed.caveats.push(caveat);
            narrowed.texts.push(text.to_owned());
        }
        Ok(Some(narrowed))
    }

    fn header(&self) -> String {
        URL_SAFE_NO_PAD.encode([BEFORE, &self.texts.join(","), AFTER].concat())
    }

    /// Whether the last signature is what the chain leads to from the first. Compares in constant time.
    pub(super) fn verify(&self, first: [u8; MAC_BYTES], signature: &str) -> Result<(), Refusal> {
        let given = mac_of(signature)?;
        let (last, before) = self.texts.split_last().ok_or(Refusal::CodeDamaged)?;
        let mut key = first;
        for text in before {
            key = chained(&key, text)?.finalize().into_bytes().into();
        }
        chained(&key, last)?
            .verify_slice(&given)
            .map_err(|_| Refusal::CodeDamaged)
    }
}

/// The members of a JSON list, without its brackets. Text that is not JSON gives text that is not JSON.
fn members(list: &str) -> Vec<&str> {
    let (mut members, mut begin, mut depth, mut in_text, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                members.push(&list[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    members.push(&list[begin..]);
    members
}

fn mac_of(signature: &str) -> Result<[u8; MAC_BYTES], Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Refusal::CodeDamaged)
}

fn chained(key: &[u8; MAC_BYTES], caveat: &str) -> Result<Hmac<Sha256>, Refusal> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Refusal::Internal)?;
    mac.update(CAVEAT);
    mac.update(caveat.as_bytes());
    Ok(mac)
}
