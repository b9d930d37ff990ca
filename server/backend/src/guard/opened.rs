//! What was unsealed once: each sealed text has its own random nonce, so it stands for the same content for ever. Bounded, and only in memory.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// How many are kept; then it begins again, which costs one opening each.
const MOST: usize = 1 << 16;

/// By the sealed text. Only this program makes those, so a hash function that is fast and not made against attacks will do.
pub(crate) struct Opened<T>(RwLock<HashMap<Box<str>, T, foldhash::fast::RandomState>>);

impl<T> Default for Opened<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Opened<T> {
    /// What `sealed` holds: known, or found out by `open`; `None` where it cannot be opened.
    pub(crate) fn get(&self, sealed: &str, open: impl FnOnce() -> Option<T>) -> Option<T> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(sealed) {
            return Some(known.clone());
        }
        let found = open()?;
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(sealed.into(), found.clone());
        Some(found)
    }
}
