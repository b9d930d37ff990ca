//! What a code looks like from outside, before anything of it is verified: `eyJ….….…` with a signature of fixed length. By that a whole code is
//! told from a piece of one, and from one typed with Caps Lock on or by another layout.

use super::Trouble;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How the header of every code begins: base64url of `{"`.
pub(super) const START: &str = "eyJ";
/// The same typed with Caps Lock on.
pub(super) const SWAPPED: &str = "EYj";
/// The signature of HS256, 32 bytes, in base64url.
const SIGNATURE_CHARS: usize = 43;

/// The whole code in `text`, where there is one; before it there may be a piece of an earlier reading.
pub(super) fn whole(text: &str) -> Option<&str> {
    text.rmatch_indices(START)
        .map(|(at, _)| &text[at..])
        .find(|rest| is_whole(rest))
}

fn is_whole(text: &str) -> bool {
    let mut parts = text.split('.');
    let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    !claims.is_empty()
        && signature.len() == SIGNATURE_CHARS
        && text.chars().all(is_code_char)
        && URL_SAFE_NO_PAD
            .decode(header)
            .is_ok_and(|json| serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&json).is_ok())
}

/// Letters of the other case, as Caps Lock makes them.
pub(super) fn swapped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

/// The whole code in `text`, in either case; without one the text itself.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    if let Some(code) = whole(text) {
        return Cow::Borrowed(code);
    }
    if !text.contains(SWAPPED) {
        return Cow::Borrowed(text);
    }
    match whole(&swapped(text)) {
        Some(code) => Cow::Owned(code.to_owned()),
        None => Cow::Borrowed(text),
    }
}

/// Does it begin like a code, in whatever case?
pub(super) fn begins_like_a_code(text: &str) -> bool {
    text.get(..START.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// What is wrong with a text that does not verify.
pub(super) fn fault(text: &str) -> Trouble {
    let rest = [START, SWAPPED]
        .into_iter()
        .find_map(|start| text.find(start).map(|at| &text[at..]));
    match rest {
        Some(_) if whole(text).is_some() => Trouble::CodeDamaged,
        Some(rest) if rest.chars().all(is_code_char) => Trouble::CodePartial,
        Some(_) => Trouble::ScannerKeys,
        None if begins_like_a_code(text) => Trouble::ScannerKeys,
        None => Trouble::CodeDamaged,
    }
}

fn is_code_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}
