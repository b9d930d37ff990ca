//! Local times of the deployment's zone, and the moments they are.

use backend::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::times::{LocalMinute, LocalSecond};
use domain::ids::Millis;

/// Where something begins.
pub(super) fn moment(b: &Backend, field: &str, at: LocalMinute) -> Result<Millis> {
    at.to_millis(b.zone())
        .ok_or_else(|| Refusal::field(field, Problem::Form))
}

/// Where something ends.
pub(super) fn end_moment(b: &Backend, field: &str, at: LocalMinute) -> Result<Millis> {
    at.end_to_millis(b.zone())
        .ok_or_else(|| Refusal::field(field, Problem::Form))
}

pub(super) fn end_of(b: &Backend, field: &str, at: LocalSecond) -> Result<Millis> {
    at.end_to_millis(b.zone())
        .ok_or_else(|| Refusal::field(field, Problem::Form))
}

pub(super) fn start_of(b: &Backend, field: &str, at: LocalSecond) -> Result<Millis> {
    at.to_millis(b.zone())
        .ok_or_else(|| Refusal::field(field, Problem::Form))
}

pub(super) fn minute(b: &Backend, at: Millis) -> Result<LocalMinute> {
    LocalMinute::from_millis(at, b.zone()).ok_or(Refusal::Internal)
}

pub(super) fn second(b: &Backend, at: Millis) -> Result<LocalSecond> {
    LocalSecond::from_millis(at, b.zone()).ok_or(Refusal::Internal)
}
