//! Who is to be told at once: a guard's link that its grants changed, an owner's open pages that there is something new.
//!
//! None of it is stored: somebody who was not told finds out by asking. So nothing waits here, and nothing piles up: of several things of one
//! kind that happen before somebody looks, one is told. What happens at this node the bus tells the others, whose hubs tell theirs.

use crate::WeakBackend;
use crate::core::bus::{Bus, Hint};
use crate::core::db::scope::after_commit;
use crate::guard::marks::{Counters, Mark};
use crate::guard::superiors;
use domain::guard::ids::GuardId;
use domain::ids::Phone;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Superiors hear of what happens below them after this long, together.
const FORWARD_EVERY: Duration = Duration::from_millis(100);

/// Something an owner's open pages should know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Live {
    /// A record of one of their guards was stored.
    RecordStored,
    /// A guard, its grants or its connection changed; or who stands below them, or how those are called.
    GuardChanged,
    /// They signed in on another device.
    SignedInElsewhere,
}

impl Live {
    /// Those a page finds out by loading itself again, so that one too many does no harm.
    const SEEN_BY_LOADING: u8 = 1 | 2;
    const UPWARD: u8 = 1 | 2;
    const ALL: [Self; 3] = [Self::RecordStored, Self::GuardChanged, Self::SignedInElsewhere];

    fn bit(self) -> u8 {
        match self {
            Self::RecordStored => 1,
            Self::GuardChanged => 2,
            Self::SignedInElsewhere => 4,
        }
    }
}

/// Why a guard's link was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// There may be changes to send.
    Changed,
    /// The same guard connected again: this link is to end.
    Superseded,
}

/// What a guard's link waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Signal {
    session: i64,
    changes: u64,
}

#[derive(Debug)]
struct Watcher {
    news: AtomicU8,
    wake: Notify,
}

/// The way from what happens to those who wait for it; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bus: Bus,
    guards: Mutex<HashMap<GuardId, watch::Sender<Signal>>>,
    owners: Mutex<HashMap<Phone, Vec<Arc<Watcher>>>>,
    /// What superiors have not been told yet, by the owner it happened to.
    upward: Mutex<HashMap<Phone, u8>>,
    forward: Notify,
    counters: Counters,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub(crate) fn new(bus: Bus) -> Self {
        Self(Arc::new(Shared {
            bus,
            ..Shared::default()
        }))
    }

    /// The grants, owner or default passwords of this guard changed.
    pub fn changed(&self, guard_id: &GuardId) {
        let (hub, guard_id) = (self.clone(), guard_id.clone());
        after_commit(move || {
            hub.changed_elsewhere(&guard_id);
            hub.0.bus.tell(Hint::Guard(guard_id));
        });
    }

    /// Another node said so.
    pub(crate) fn changed_elsewhere(&self, guard_id: &GuardId) {
        if let Some(link) = locked(&self.0.guards).get(guard_id) {
            link.send_modify(|signal| signal.changes = signal.changes.wrapping_add(1));
        }
    }

    /// For the link of a guard; an older link of the same guard is told to end, at whichever node it is.
    pub fn subscribe_guard(&self, guard_id: &GuardId, session: i64) -> GuardSubscription {
        self.0.bus.tell(Hint::Link(guard_id.clone(), session));
        let mut guards = locked(&self.0.guards);
        let fresh = || watch::channel(Signal { session, changes: 0 }).0;
        let link = guards.entry(guard_id.clone()).or_insert_with(fresh);
        link.send_modify(|signal| signal.session = session);
        GuardSubscription {
            hub: self.clone(),
            guard_id: guard_id.clone(),
            session,
            signal: link.subscribe(),
        }
    }

    /// The guard connected to another node: an older link it has here is over. A newer one is not: then the guard has come here since, and
    /// only the word of its time elsewhere is late.
    pub(crate) fn linked_elsewhere(&self, guard_id: &GuardId, session: i64) {
        let mut guards = locked(&self.0.guards);
        if guards.get(guard_id).is_none_or(|link| link.borrow().session >= session) {
            return;
        }
        // Out of the list at once: the subscription, which is not of this session, would leave it there.
        if let Some(link) = guards.remove(guard_id) {
            link.send_modify(|signal| signal.session = session);
        }
    }

    /// Something may have happened that nobody here was told: every link and every page looks.
    pub(crate) fn everything_changed(&self) {
        self.0.counters.count_everybody();
        for link in locked(&self.0.guards).values() {
            link.send_modify(|signal| signal.changes = signal.changes.wrapping_add(1));
        }
        for watcher in locked(&self.0.owners).values().flatten() {
            watcher.tell(Live::SEEN_BY_LOADING);
        }
    }

    /// The number of guards with a link to this process.
    pub fn connected_guards(&self) -> usize {
        locked(&self.0.guards).len()
    }

    /// Tells everybody who watches for `owner`, and those who watch for a superior of `owner`.
    pub fn publish(&self, owner: &Phone, news: Live) {
        let (hub, owner) = (self.clone(), owner.clone());
        after_commit(move || {
            hub.published_elsewhere(&owner, news.bit());
            hub.0.bus.tell(Hint::Live(owner, news.bit()));
            if news == Live::GuardChanged {
                hub.0.bus.work_changed();
            }
        });
    }

    /// Another node said so; several of [`Live`] as bits.
    pub(crate) fn published_elsewhere(&self, owner: &Phone, bits: u8) {
        // Counted first: a listener that is told finds the new mark.
        if bits & Live::SEEN_BY_LOADING != 0 {
            self.0.counters.count(owner);
        }
        let somebody_watches = {
            let owners = locked(&self.0.owners);
            for watcher in owners.get(owner).into_iter().flatten() {
                watcher.tell(bits);
            }
            !owners.is_empty()
        };
        let upward = bits & Live::UPWARD;
        if somebody_watches && upward != 0 {
            *locked(&self.0.upward).entry(owner.clone()).or_default() |= upward;
            self.0.forward.notify_one();
        }
    }

    /// Where the events of `owner` stand. Taken before a page is read from the database, it says later whether the page may be old.
    pub fn mark(&self, owner: &Phone) -> Mark {
        self.0.counters.mark(self.0.bus.run(), owner)
    }

    /// What happens to `owner` and to everybody below, from now on.
    pub fn subscribe(&self, owner: &Phone) -> LiveSubscription {
        let watcher = Arc::new(Watcher {
            news: AtomicU8::new(0),
            wake: Notify::new(),
        });
        let mut owners = locked(&self.0.owners);
        owners.entry(owner.clone()).or_default().push(watcher.clone());
        LiveSubscription {
            hub: self.clone(),
            owner: owner.clone(),
            watcher,
        }
    }

    fn watched(&self) -> HashSet<Phone> {
        locked(&self.0.owners).keys().cloned().collect()
    }
}

impl Watcher {
    fn tell(&self, bits: u8) {
        self.news.fetch_or(bits, Ordering::AcqRel);
        self.wake.notify_one();
    }
}

/// What wakes one guard's link.
#[derive(Debug)]
pub struct GuardSubscription {
    hub: Hub,
    guard_id: GuardId,
    session: i64,
    signal: watch::Receiver<Signal>,
}

impl GuardSubscription {
    /// Waits until there is something to do. What happened since the last time is not missed.
    #[crate::boxed]
    pub async fn woken(&mut self) -> Wake {
        // The sender lives as long as the newest subscription does.
        let alive = self.signal.changed().await.is_ok();
        if alive && self.signal.borrow_and_update().session == self.session {
            Wake::Changed
        } else {
            Wake::Superseded
        }
    }

    /// Has the same guard connected again?
    pub fn is_superseded(&self) -> bool {
        self.signal.borrow().session != self.session
    }
}

impl Drop for GuardSubscription {
    fn drop(&mut self) {
        let mut guards = locked(&self.hub.0.guards);
        if guards
            .get(&self.guard_id)
            .is_some_and(|link| link.borrow().session == self.session)
        {
            guards.remove(&self.guard_id);
        }
    }
}

/// What one open page waits for.
#[derive(Debug)]
pub struct LiveSubscription {
    hub: Hub,
    owner: Phone,
    watcher: Arc<Watcher>,
}

impl LiveSubscription {
    /// The next news. What is told twice before it is looked at is told once.
    #[crate::boxed]
    pub async fn next(&mut self) -> Live {
        loop {
            let bits = self.watcher.news.load(Ordering::Acquire);
            if let Some(news) = Live::ALL.into_iter().find(|news| bits & news.bit() != 0) {
                self.watcher.news.fetch_and(!news.bit(), Ordering::AcqRel);
                return news;
            }
            self.watcher.wake.notified().await;
        }
    }
}

impl Drop for LiveSubscription {
    fn drop(&mut self) {
        let mut owners = locked(&self.hub.0.owners);
        if let Some(watchers) = owners.get_mut(&self.owner) {
            watchers.retain(|watcher| !Arc::ptr_eq(watcher, &self.watcher));
            if watchers.is_empty() {
                owners.remove(&self.owner);
            }
        }
    }
}

/// Tells superiors what happened below them, for as long as there is a backend.
pub(crate) async fn forward(hub: Hub, backend: WeakBackend) {
    loop {
        // Looked at again now and then, so that the task ends after the backend did.
        let _waited = tokio::time::timeout(Duration::from_secs(60), hub.0.forward.notified()).await;
        tokio::time::sleep(FORWARD_EVERY).await;
        let Some(b) = backend.upgrade() else { return };
        let waiting = std::mem::take(&mut *locked(&hub.0.upward));
        let watched = hub.watched();
        for (owner, bits) in waiting {
            // Nobody else watches: nothing to look up.
            if watched.iter().all(|phone| *phone == owner) {
                continue;
            }
            // A failure is in the log already; the pages find out when they are loaded again.
            for superior in superiors::readers(&b, &owner).await.unwrap_or_default() {
                for watcher in locked(&hub.0.owners).get(&superior).into_iter().flatten() {
                    watcher.tell(bits);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn guard() -> GuardId {
        GuardId::parse("G0001").unwrap()
    }

    fn phone(digits: &str) -> Phone {
        Phone(digits.to_owned())
    }

    #[tokio::test]
    async fn a_link_is_woken_once_for_many_changes() {
        let hub = Hub::default();
        let mut link = hub.subscribe_guard(&guard(), 1);
        hub.changed(&guard());
        hub.changed(&guard());
        assert_eq!(link.woken().await, Wake::Changed);
        assert_eq!(link.woken().now_or_never(), None);
        hub.changed(&GuardId::parse("G0002").unwrap());
        assert_eq!(link.woken().now_or_never(), None);
    }

    #[tokio::test]
    async fn an_older_link_ends_and_takes_nothing_with_it() {
        let hub = Hub::default();
        let mut old = hub.subscribe_guard(&guard(), 1);
        let mut new = hub.subscribe_guard(&guard(), 2);
        assert_eq!(old.woken().await, Wake::Superseded);
        assert!(old.is_superseded() && !new.is_superseded());
        drop(old);
        hub.changed(&guard());
        assert_eq!(new.woken().await, Wake::Changed);
        assert_eq!(hub.connected_guards(), 1);
        drop(new);
        assert_eq!(hub.connected_guards(), 0);
    }

    #[tokio::test]
    async fn a_link_at_another_node_ends_the_one_here() {
        let hub = Hub::default();
        let mut here = hub.subscribe_guard(&guard(), 1);
        hub.linked_elsewhere(&guard(), 2);
        assert_eq!(here.woken().await, Wake::Superseded);
        assert!(here.is_superseded());
        assert_eq!(hub.connected_guards(), 0);
        // It comes back here, and neither the old one's end nor a late word changes anything.
        let mut back = hub.subscribe_guard(&guard(), 3);
        drop(here);
        hub.linked_elsewhere(&guard(), 2);
        assert!(!back.is_superseded());
        hub.changed(&guard());
        assert_eq!(back.woken().await, Wake::Changed);
    }

    #[tokio::test]
    async fn when_something_may_have_been_missed_everybody_looks_and_nobody_is_sent_away() {
        let hub = Hub::default();
        let mut link = hub.subscribe_guard(&guard(), 1);
        let mut page = hub.subscribe(&phone("13800000001"));
        hub.everything_changed();
        assert_eq!(link.woken().await, Wake::Changed);
        assert_eq!(page.next().await, Live::RecordStored);
        assert_eq!(page.next().await, Live::GuardChanged);
        assert_eq!(page.next().now_or_never(), None);
    }

    #[tokio::test]
    async fn pages_hear_of_their_owner_only_and_of_each_kind_once() {
        let hub = Hub::default();
        let mut page = hub.subscribe(&phone("13800000001"));
        hub.publish(&phone("13800000002"), Live::GuardChanged);
        assert_eq!(page.next().now_or_never(), None);
        hub.publish(&phone("13800000001"), Live::GuardChanged);
        hub.publish(&phone("13800000001"), Live::GuardChanged);
        hub.publish(&phone("13800000001"), Live::SignedInElsewhere);
        assert_eq!(page.next().await, Live::GuardChanged);
        assert_eq!(page.next().await, Live::SignedInElsewhere);
        assert_eq!(page.next().now_or_never(), None);
    }
}
