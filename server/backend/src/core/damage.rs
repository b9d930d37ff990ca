//! Rows that cannot be read: a flipped bit on a disk, a value sealed under a master key that is gone. Each of them is left out, or shown as one that
//! cannot be read, and never keeps others from being read. It is named once in the log, and to operators for as long as the process runs.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

/// The number that is remembered; more are only counted.
const MOST: usize = 1_000;

/// Rows this process could not read.
#[derive(Debug, Default)]
pub(crate) struct Damage(Mutex<BTreeSet<String>>);

impl Damage {
    /// `row` of `table`, by its key, cannot be read.
    pub(crate) fn note(&self, table: &'static str, row: impl Display) {
        let name = format!("{table} {row}");
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST && known.insert(name) {
            tracing::error!(table, %row, "a stored row cannot be read: it is left out");
        }
    }

    /// Table and key of each.
    pub(crate) fn rows(&self) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().cloned().collect()
    }
}
