//! The one form of short texts that people type, with its bounds.

use crate::Result;
use domain::error::{Problem, Refusal};
use domain::text;

/// One line of text that names something: normalised ([`domain::text::name`]), without control characters and what stands for bytes that
/// were no text, at most `max` characters; empty only if `may_be_empty`.
pub(crate) fn one_line(field: &str, text: &str, max: u32, may_be_empty: bool) -> Result<String> {
    bounded(field, text::name(text), max, may_be_empty)
}

/// The same for a number or code that people type: normalised as an identifier ([`domain::text::identifier`]).
pub(crate) fn identifier(field: &str, text: &str, max: u32, may_be_empty: bool) -> Result<String> {
    bounded(field, text::identifier(text), max, may_be_empty)
}

fn bounded(field: &str, text: String, max: u32, may_be_empty: bool) -> Result<String> {
    let problem = if text.is_empty() && !may_be_empty {
        Problem::Required
    } else if text.chars().count() > max as usize {
        Problem::TooLong { max }
    } else if text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
        Problem::Form
    } else {
        return Ok(text);
    };
    Err(Refusal::field(field, problem))
}
