//! What was read from the database a moment ago, by key.
//!
//! An entry is trusted for [`TRUSTED_MS`]. The process that changes a row forgets it when the change is committed; other nodes forget it when they hear
//! of the change. The time limit covers a hint that is lost, and changes by the command line, which tells a server on SQLite nothing.

use crate::core::db::scope;
use domain::ids::Millis;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How long an entry is trusted.
pub(crate) const TRUSTED_MS: i64 = 2000;
/// Entries kept at most. When it is full, those that are not trusted any more are removed, or all if there are none.
const MOST: usize = 1 << 14;

/// Values by key. In an open transaction scope nothing is found and nothing is kept: what is read there may not be committed yet.
pub(crate) struct Recent<K, V>(RwLock<All<K, V>>);

struct All<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// How often something was forgotten.
    forgotten: u64,
}

struct Entry<V> {
    value: V,
    read_at: Millis,
}

impl<V> Entry<V> {
    /// A clock that was set back makes an entry old as well.
    fn is_trusted(&self, now: Millis) -> bool {
        (0..TRUSTED_MS).contains(&now.since(self.read_at))
    }
}

/// Taken before a value is read from the database: the time from which it is trusted, and what was forgotten until then.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    began: Millis,
    forgotten: u64,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(RwLock::new(All {
            entries: HashMap::new(),
            forgotten: 0,
        }))
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// The value, if it was read within [`TRUSTED_MS`].
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q, now: Millis) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if scope::is_open() {
            return None;
        }
        let all = self.read();
        let entry = all.entries.get(key)?;
        entry.is_trusted(now).then(|| entry.value.clone())
    }

    /// To be called before the value is read from the database.
    pub(crate) fn reading(&self, now: Millis) -> Reading {
        Reading {
            began: now,
            forgotten: self.read().forgotten,
        }
    }

    /// Keeps what was read, unless something was forgotten meanwhile: it may be what was to be forgotten.
    pub(crate) fn keep(&self, key: K, value: V, reading: Reading) {
        if scope::is_open() {
            return;
        }
        let mut all = self.write();
        if all.forgotten != reading.forgotten {
            return;
        }
        if all.entries.len() >= MOST {
            all.entries.retain(|_, entry| entry.is_trusted(reading.began));
        }
        if all.entries.len() >= MOST {
            all.entries.clear();
        }
        let read_at = reading.began;
        all.entries.insert(key, Entry { value, read_at });
    }

    /// After a change of this row.
    pub(crate) fn forget<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut all = self.write();
        all.forgotten += 1;
        all.entries.remove(key);
    }

    /// After a change of the rows of which this is true.
    pub(crate) fn forget_where(&self, changed: impl Fn(&V) -> bool) {
        let mut all = self.write();
        all.forgotten += 1;
        all.entries.retain(|_, entry| !changed(&entry.value));
    }

    /// When changes may have been missed.
    pub(crate) fn forget_all(&self) {
        let mut all = self.write();
        all.forgotten += 1;
        all.entries.clear();
    }

    fn read(&self) -> RwLockReadGuard<'_, All<K, V>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, All<K, V>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(0);

    #[test]
    fn a_value_that_was_read_before_it_was_forgotten_is_not_kept() {
        let recent = Recent::<u8, &str>::default();
        for forget in [
            (|recent| recent.forget(&1)) as fn(&Recent<u8, &str>),
            |recent| recent.forget_where(|_| true),
            |recent| recent.forget_all(),
        ] {
            let reading = recent.reading(NOW);
            forget(&recent);
            recent.keep(1, "old", reading);
            assert_eq!(recent.get(&1, NOW), None);
            recent.keep(1, "new", recent.reading(NOW));
            assert_eq!(recent.get(&1, NOW), Some("new"));
            forget(&recent);
            assert_eq!(recent.get(&1, NOW), None);
        }
    }

    #[test]
    fn a_value_is_trusted_from_the_beginning_of_its_reading_and_not_before() {
        let recent = Recent::<u8, &str>::default();
        recent.keep(1, "value", recent.reading(NOW));
        assert!(recent.get(&1, Millis(TRUSTED_MS - 1)).is_some());
        assert!(recent.get(&1, Millis(TRUSTED_MS)).is_none());
        assert!(recent.get(&1, Millis(-1)).is_none(), "the clock was set back");
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let recent = Recent::<usize, ()>::default();
        for key in 0..=MOST {
            recent.keep(key, (), recent.reading(NOW));
        }
        assert_eq!(recent.read().entries.len(), 1);
        assert!(recent.get(&MOST, NOW).is_some());
    }

    #[test]
    fn values_that_are_not_trusted_any_more_make_room_first() {
        let recent = Recent::<usize, ()>::default();
        for key in 1..MOST {
            recent.keep(key, (), recent.reading(NOW));
        }
        let later = Millis(TRUSTED_MS);
        for key in [MOST, 0] {
            recent.keep(key, (), recent.reading(later));
        }
        assert!(recent.get(&MOST, later).is_some());
        assert_eq!(recent.read().entries.len(), 2);
    }
}
