//! Wrong device keys, counted by where they come from: nobody tries keys at one guard after the other, and nobody keeps a guard out by trying keys
//! from elsewhere. In memory, because a key cannot be guessed before a process ends; each node counts for itself.

use domain::guard::ids::GuardId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Wrong keys within [`WINDOW`] for one guard from one address; then its key is not looked at until the end of that time.
const OF_A_GUARD: u32 = 10;
/// Wrong keys within [`WINDOW`] from one address, for whichever guards.
const OF_AN_ADDRESS: u32 = 100;
const WINDOW: Duration = Duration::from_secs(600);
/// A guard that was admitted from an address within this is let in there, whatever others tried.
const KNOWN: Duration = Duration::from_secs(3_600);
/// Most addresses and guards that are remembered.
const MOST: usize = 50_000;

/// May this key be looked at?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Yes.
    Look,
    /// This guard's key was wrong too often from there.
    Refused,
    /// Too many wrong keys came from there; later.
    Later,
}

/// What was tried from where.
#[derive(Default)]
pub(super) struct WrongKeys(Mutex<Tried>);

#[derive(Default)]
struct Tried {
    addresses: HashMap<String, Count>,
    guards: HashMap<(String, GuardId), Count>,
    admitted: HashMap<(String, GuardId), Instant>,
}

#[derive(Clone, Copy)]
struct Count {
    wrong: u32,
    ends: Instant,
}

impl Count {
    fn reaches(this: Option<&Self>, most: u32, now: Instant) -> bool {
        this.is_some_and(|count| count.wrong >= most && now < count.ends)
    }

    fn one_more(this: &mut Self, now: Instant) {
        if now >= this.ends {
            *this = Self::new(now);
        }
        this.wrong = this.wrong.saturating_add(1);
    }

    fn new(now: Instant) -> Self {
        Self {
            wrong: 0,
            ends: now + WINDOW,
        }
    }
}

impl WrongKeys {
    pub(super) fn may_look(&self, address: &str, guard_id: &GuardId, now: Instant) -> Verdict {
        let tried = self.locked();
        let key = (address.to_owned(), guard_id.clone());
        let known = tried.admitted.get(&key).is_some_and(|at| now < *at + KNOWN);
        // Somebody else behind the same address must not keep a guard out that has been there.
        let most = if known { OF_AN_ADDRESS } else { OF_A_GUARD };
        if Count::reaches(tried.guards.get(&key), most, now) {
            return Verdict::Refused;
        }
        if !known && Count::reaches(tried.addresses.get(address), OF_AN_ADDRESS, now) {
            return Verdict::Later;
        }
        Verdict::Look
    }

    /// The key was wrong, or the guard is unknown. True: this is the first time for a while, and worth a line in the log.
    pub(super) fn wrong(&self, address: &str, guard_id: &GuardId, now: Instant) -> bool {
        let mut tried = self.locked();
        make_room(&mut tried.addresses, |count| now < count.ends);
        make_room(&mut tried.guards, |count| now < count.ends);
        let of_address = tried.addresses.entry(address.to_owned());
        Count::one_more(of_address.or_insert_with(|| Count::new(now)), now);
        let of_guard = tried.guards.entry((address.to_owned(), guard_id.clone()));
        let of_guard = of_guard.or_insert_with(|| Count::new(now));
        Count::one_more(of_guard, now);
        of_guard.wrong == 1
    }

    /// The guard proved its key from there.
    pub(super) fn admitted(&self, address: &str, guard_id: &GuardId, now: Instant) {
        let mut tried = self.locked();
        make_room(&mut tried.admitted, |at| now < *at + KNOWN);
        let key = (address.to_owned(), guard_id.clone());
        tried.guards.remove(&key);
        tried.admitted.insert(key, now);
    }

    fn locked(&self) -> MutexGuard<'_, Tried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what does not count any more; everything, where that is not enough.
fn make_room<K, V>(map: &mut HashMap<K, V>, counts: impl Fn(&V) -> bool) {
    if map.len() >= MOST {
        map.retain(|_, value| counts(value));
    }
    if map.len() >= MOST {
        map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "192.0.2.7";
    const THERE: &str = "198.51.100.9";

    fn guard(number: u32) -> GuardId {
        GuardId::parse(&format!("G{number:04}")).unwrap()
    }

    #[tokio::test]
    async fn one_guard_is_tried_a_few_times_from_one_address_and_stays_open_from_others() {
        let (keys, now) = (WrongKeys::default(), Instant::now());
        for turn in 0..OF_A_GUARD {
            assert_eq!(keys.may_look(HERE, &guard(1), now), Verdict::Look);
            assert_eq!(keys.wrong(HERE, &guard(1), now), turn == 0);
        }
        assert_eq!(keys.may_look(HERE, &guard(1), now), Verdict::Refused);
        assert_eq!(keys.may_look(THERE, &guard(1), now), Verdict::Look);
        assert_eq!(keys.may_look(HERE, &guard(2), now), Verdict::Look);
        assert_eq!(keys.may_look(HERE, &guard(1), now + WINDOW), Verdict::Look);
    }

    #[tokio::test]
    async fn many_guards_are_not_tried_from_one_address_and_those_known_there_stay() {
        let (keys, now) = (WrongKeys::default(), Instant::now());
        keys.admitted(HERE, &guard(5_000), now);
        for number in 0..OF_AN_ADDRESS {
            assert_eq!(keys.may_look(HERE, &guard(number), now), Verdict::Look);
            keys.wrong(HERE, &guard(number), now);
        }
        assert_eq!(keys.may_look(HERE, &guard(6_000), now), Verdict::Later);
        for _ in 1..OF_AN_ADDRESS {
            keys.wrong(HERE, &guard(5_000), now);
            assert_eq!(keys.may_look(HERE, &guard(5_000), now), Verdict::Look);
        }
        assert_eq!(keys.may_look(THERE, &guard(6_000), now), Verdict::Look);
        assert_eq!(keys.may_look(HERE, &guard(6_000), now + WINDOW), Verdict::Look);
    }

    #[tokio::test]
    async fn a_key_that_is_right_forgets_those_that_were_not() {
        let (keys, now) = (WrongKeys::default(), Instant::now());
        for _ in 1..OF_A_GUARD {
            keys.wrong(HERE, &guard(1), now);
        }
        keys.admitted(HERE, &guard(1), now);
        keys.wrong(HERE, &guard(1), now);
        assert_eq!(keys.may_look(HERE, &guard(1), now), Verdict::Look);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut map: HashMap<usize, bool> = (0..MOST).map(|number| (number, number % 2 == 0)).collect();
        make_room(&mut map, |counts| *counts);
        assert_eq!(map.len(), MOST / 2);
        let mut map: HashMap<usize, bool> = (0..MOST).map(|number| (number, true)).collect();
        make_room(&mut map, |counts| *counts);
        assert!(map.is_empty());
    }
}
