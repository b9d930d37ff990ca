//! Where an owner's events stand, as a text that an open page gives back: whether it missed something is known without drawing it again.
//!
//! Kept in memory alone: at another node, or after a restart, every mark counts as moved, and the page draws itself once too often.

use super::juniors;
use crate::Backend;
use domain::ids::Phone;
use domain::people::Person;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// Owners share a number with few others: with more numbers fewer pages draw themselves for somebody else's event.
const NUMBERS: usize = 4096;

/// Counts what happened.
pub(super) struct Counters {
    any: AtomicU64,
    owners: Vec<AtomicU64>,
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters")
            .field("any", &self.any)
            .finish_non_exhaustive()
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            any: AtomicU64::new(0),
            owners: (0..NUMBERS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Counters {
    fn of(&self, owner: &Phone) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        owner.as_str().hash(&mut hasher);
        // The remainder is smaller than the length.
        &self.owners[(hasher.finish() % NUMBERS as u64) as usize]
    }

    /// Something happened to this owner.
    pub(super) fn count(&self, owner: &Phone) {
        self.of(owner).fetch_add(1, Ordering::AcqRel);
        self.any.fetch_add(1, Ordering::AcqRel);
    }

    /// Something may have happened to anybody.
    pub(super) fn count_everybody(&self) {
        for number in &self.owners {
            number.fetch_add(1, Ordering::AcqRel);
        }
        self.any.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn mark(&self, run: &str, owner: &Phone) -> Mark {
        Mark {
            run: run.to_owned(),
            own: self.of(owner).load(Ordering::Acquire),
            any: self.any.load(Ordering::Acquire),
        }
    }
}

/// Where the events of one owner stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    run: String,
    own: u64,
    any: u64,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.run, self.own, self.any)
    }
}

impl Mark {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mark = Self {
            run: parts.next()?.to_owned(),
            own: parts.next()?.parse().ok()?,
            any: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(mark)
    }
}

/// May a page of this owner that was drawn at the mark `seen` show something old? What is no mark of this process counts as moved.
#[crate::boxed]
pub async fn moved(b: &Backend, who: &Person, seen: &str) -> bool {
    let now = b.hub().mark(&who.phone);
    match Mark::parse(seen) {
        Some(seen) if seen.run == now.run && seen.own == now.own => {
            // A superior's pages show what happens below as well, which is counted for those below.
            seen.any != now.any && !matches!(juniors::list(b, who).await, Ok(below) if below.is_empty())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::hub::{Hub, Live};

    fn phone(digits: &str) -> Phone {
        Phone(digits.to_owned())
    }

    #[test]
    fn a_mark_moves_with_what_its_owner_can_see_by_loading() {
        let hub = Hub::default();
        let (owner, other) = (phone("13800000001"), phone("13800000002"));
        let first = hub.mark(&owner);
        hub.publish(&owner, Live::SignedInElsewhere);
        assert_eq!(hub.mark(&owner), first);
        hub.publish(&other, Live::GuardChanged);
        let second = hub.mark(&owner);
        assert_eq!((second.own, second.any), (first.own, first.any + 1));
        hub.publish(&owner, Live::RecordStored);
        let third = hub.mark(&owner);
        assert_eq!((third.own, third.any), (second.own + 1, second.any + 1));
        hub.everything_changed();
        assert_eq!(hub.mark(&owner).own, third.own + 1);
    }

    #[test]
    fn a_mark_is_read_back_and_nothing_else_is_one() {
        let mark = Mark {
            run: "0f".to_owned(),
            own: 3,
            any: 17,
        };
        assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        for other in ["", "0f", "0f.3", "0f.3.x", "0f.3.17.1", "0f.-3.17"] {
            assert_eq!(Mark::parse(other), None, "{other}");
        }
    }
}
