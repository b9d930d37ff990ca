//! Browsers that somebody signed in with before. They are counted by themselves, so that wrong passwords tried elsewhere, or by others
//! behind the same address, do not keep their owner out.
//!
//! A browser keeps a mark: `EXPIRES.RANDOM.MAC`, the MAC under the master key over the number it signed in with. It opens nothing by
//! itself, and no table holds it: a stolen one has five tries in five minutes like everybody else.

use crate::core::keys::random_text;
use crate::{Backend, Result};
use domain::ids::{Millis, Phone};

/// For so long a browser is known after its last sign-in.
pub const KNOWN_FOR_MS: i64 = 180 * 24 * 3_600_000;
/// Sets apart the marks of several people who use one browser.
const SEPARATOR: char = '~';
/// The number of people whose marks a browser keeps.
const MOST_PEOPLE: usize = 4;
const LONGEST: usize = 1024;
const RANDOM_BYTES: usize = 12;

/// What a browser that sent `kept` is to keep from now on, after this person signed in with it.
pub fn remember(b: &Backend, phone: &Phone, kept: &str) -> Result<String> {
    let expires = b.now().plus(KNOWN_FOR_MS);
    let random = random_text::<RANDOM_BYTES>(b.rng());
    let mac = mac(b, phone, &expires.0.to_string(), &random)?;
    let mut marks = vec![format!("{}.{random}.{mac}", expires.0)];
    let others = marks_of(kept).filter(|mark| id(b, phone, mark).is_none() && mark.split('.').count() == 3);
    marks.extend(others.take(MOST_PEOPLE - 1).map(str::to_owned));
    Ok(marks.join(&SEPARATOR.to_string()))
}

/// What this browser is counted under when somebody signs in with this number; `None` for one that nobody signed in to it with.
pub(crate) fn known(b: &Backend, phone: &Phone, kept: &str) -> Option<String> {
    marks_of(kept).find_map(|mark| id(b, phone, mark))
}

fn marks_of(kept: &str) -> impl Iterator<Item = &str> {
    let kept = if kept.len() <= LONGEST { kept } else { "" };
    kept.split(SEPARATOR).take(MOST_PEOPLE)
}

fn id(b: &Backend, phone: &Phone, mark: &str) -> Option<String> {
    let mut parts = mark.splitn(3, '.');
    let (expires, random, given) = (parts.next()?, parts.next()?, parts.next()?);
    let ends = Millis(expires.parse().ok()?);
    if b.now() >= ends {
        return None;
    }
    let wanted = mac(b, phone, expires, random).ok()?;
    // Every byte is looked at, so that the time says nothing about how many agree.
    let differ = given
        .bytes()
        .zip(wanted.bytes())
        .fold(0, |differ, (a, b)| differ | (a ^ b));
    (given.len() == wanted.len() && differ == 0).then(|| random.to_owned())
}

fn mac(b: &Backend, phone: &Phone, expires: &str, random: &str) -> Result<String> {
    b.keys()
        .digest(&format!("known device {phone}"), &format!("{expires}.{random}"))
}
