//! What nodes tell each other: hints that something changed. On PostgreSQL by `LISTEN` and `NOTIFY`; on SQLite there is one node, and
//! nothing to tell.
//!
//! A hint may be lost, late or doubled: the truth is in rows. So a hint is never the only way to learn something, and after the
//! connection was lost everything counts as changed. Hints that come together are sent together, once of each kind.

mod listen;
mod spread;

use crate::core::clock::Rng;
use crate::core::db::scope::after_commit;
use crate::core::db::{Db, Engine};
use crate::{Backend, Result};
use domain::guard::ids::GuardId;
use domain::ids::{Phone, Yid};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// `NOTIFY` on it.
const CHANNEL: &str = "latchkey";
/// More hints than this are not worth naming one by one.
const MOST_WAITING: usize = 20_000;

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hint {
    /// What this guard should know.
    #[serde(rename = "g")]
    Guard(GuardId),
    /// This guard has a link of this session now; others of it are over.
    #[serde(rename = "s")]
    Link(GuardId, i64),
    /// Something an owner's open pages should know of, as bits.
    #[serde(rename = "l")]
    Live(Phone, u8),
    /// A kiosk.
    #[serde(rename = "k")]
    Kiosk(Yid),
    /// A person, their sessions or their tokens.
    #[serde(rename = "i")]
    Identity(Phone),
    /// Which nodes there are, or who belongs to which.
    #[serde(rename = "n")]
    Nodes,
    /// Guards were given other nodes.
    #[serde(rename = "b")]
    Balanced,
    /// Something that operators' open pages should show.
    #[serde(rename = "w")]
    Work,
    /// More than can be named.
    #[serde(rename = "e")]
    Everything,
}

/// Where hints go; cheap to clone.
#[derive(Clone)]
pub struct Bus(Arc<Shared>);

struct Shared {
    /// Names this process, so that it does not listen to itself.
    run: String,
    /// False: nobody else is there.
    is_shared: bool,
    waiting: Mutex<Waiting>,
    wake: Arc<Notify>,
    nodes_changed: AtomicU64,
    /// Another number whenever there is something that operators' open pages should show.
    work: watch::Sender<u64>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The sending task ends.
        self.wake.notify_one();
    }
}

/// What was not sent yet, once of each.
#[derive(Default)]
struct Waiting {
    guards: HashSet<GuardId>,
    links: HashMap<GuardId, i64>,
    live: HashMap<Phone, u8>,
    kiosks: HashSet<Yid>,
    identities: HashSet<Phone>,
    nodes: bool,
    balanced: bool,
    work: bool,
    everything: bool,
}

impl Waiting {
    fn take(&mut self, hint: Hint) {
        match hint {
            Hint::Guard(guard_id) => _ = self.guards.insert(guard_id),
            Hint::Link(guard_id, session) => _ = self.links.insert(guard_id, session),
            Hint::Live(phone, bits) => *self.live.entry(phone).or_default() |= bits,
            Hint::Kiosk(yid) => _ = self.kiosks.insert(yid),
            Hint::Identity(phone) => _ = self.identities.insert(phone),
            Hint::Nodes => self.nodes = true,
            Hint::Balanced => self.balanced = true,
            Hint::Work => self.work = true,
            Hint::Everything => self.everything = true,
        }
        let count = self.guards.len() + self.links.len() + self.live.len() + self.kiosks.len() + self.identities.len();
        if count > MOST_WAITING {
            *self = Self {
                everything: true,
                ..Self::default()
            };
        }
    }

    fn hints(self) -> Vec<Hint> {
        if self.everything {
            return vec![Hint::Everything];
        }
        let mut hints: Vec<Hint> = self.guards.into_iter().map(Hint::Guard).collect();
        hints.extend(
            self.links
                .into_iter()
                .map(|(guard_id, session)| Hint::Link(guard_id, session)),
        );
        hints.extend(self.live.into_iter().map(|(phone, bits)| Hint::Live(phone, bits)));
        hints.extend(self.kiosks.into_iter().map(Hint::Kiosk));
        hints.extend(self.identities.into_iter().map(Hint::Identity));
        hints.extend(self.nodes.then_some(Hint::Nodes));
        hints.extend(self.balanced.then_some(Hint::Balanced));
        hints.extend(self.work.then_some(Hint::Work));
        hints
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("run", &self.0.run).finish_non_exhaustive()
    }
}

impl Default for Bus {
    /// A bus nobody else is on.
    fn default() -> Self {
        Self::of(String::new(), false)
    }
}

impl Bus {
    pub(crate) fn new(db: &Db, rng: &dyn Rng) -> Self {
        let mut random = [0; 8];
        rng.fill(&mut random);
        Self::of(
            format!("{:016x}", u64::from_be_bytes(random)),
            db.engine() == Engine::Postgres,
        )
    }

    fn of(run: String, is_shared: bool) -> Self {
        Self(Arc::new(Shared {
            run,
            is_shared,
            waiting: Mutex::default(),
            wake: Arc::default(),
            nodes_changed: AtomicU64::new(0),
            work: watch::Sender::new(0),
        }))
    }

    /// Names this process.
    pub(crate) fn run(&self) -> &str {
        &self.0.run
    }

    /// Tells the other nodes, in a few milliseconds.
    pub fn tell(&self, hint: Hint) {
        if self.0.is_shared {
            let bus = self.clone();
            after_commit(move || {
                bus.waiting().take(hint);
                bus.0.wake.notify_one();
            });
        }
    }

    /// There is something that operators' open pages should show, at every node.
    pub fn work_changed(&self) {
        let bus = self.clone();
        after_commit(move || {
            bus.note_work_changed();
            bus.tell(Hint::Work);
        });
    }

    /// Another node reported it, or may have.
    pub(crate) fn note_work_changed(&self) {
        self.0.work.send_modify(|number| *number = number.wrapping_add(1));
    }

    /// Wakes whenever there is something that operators' open pages should show.
    pub fn watch_work(&self) -> watch::Receiver<u64> {
        self.0.work.subscribe()
    }

    /// Where that stands now. Taken before a page is read from the database, it says later whether the page may be old.
    pub fn work_mark(&self) -> String {
        format!("{}.{}", self.0.run, *self.0.work.borrow())
    }

    /// A number that is another one whenever nodes may have changed.
    pub fn nodes_changed(&self) -> u64 {
        self.0.nodes_changed.load(Ordering::Acquire)
    }

    /// Another node reported a change of the nodes, or its report may have been missed.
    pub(crate) fn note_nodes_changed(&self) {
        self.0.nodes_changed.fetch_add(1, Ordering::AcqRel);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to send and to listen.
pub(crate) fn start(b: &Backend, database_url: &str, hearing: impl Hearing) {
    if b.bus().0.is_shared {
        crate::core::job::spawn("spread", spread::spread(b.downgrade(), b.bus().0.wake.clone()));
        crate::core::job::spawn(
            "listen",
            listen::listen(b.downgrade(), database_url.to_owned(), hearing),
        );
    }
}

/// Sends what waits, before the end.
pub(crate) async fn flush(b: &Backend) {
    if b.bus().0.is_shared {
        // A node that does not hear of it finds out by asking.
        let _sent = spread::send(b).await;
    }
}

/// What is done about what other nodes say, by those whom it concerns.
pub(crate) trait Hearing: Send + Sync + 'static {
    /// Nodes are heard from now on; what they said before was not heard. An error: nobody is heard.
    fn begins<'b>(&'b self, b: &'b Backend) -> BoxFuture<'b, Result<()>>;

    /// Another node said that this happened.
    fn heard(&self, b: &Backend, hint: Hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_thing_one_hint_waits_and_too_many_become_one() {
        let bus = Bus::of("1".to_owned(), true);
        let guard = |number: usize| GuardId::parse(&format!("G{number}")).unwrap();
        for _ in 0..3 {
            bus.tell(Hint::Guard(guard(1)));
            bus.tell(Hint::Live(Phone("13800000001".to_owned()), 1));
            bus.tell(Hint::Live(Phone("13800000001".to_owned()), 4));
        }
        bus.tell(Hint::Link(guard(1), 5));
        bus.tell(Hint::Link(guard(1), 6));
        let hints = std::mem::take(&mut *bus.waiting()).hints();
        assert_eq!(hints.len(), 3);
        assert!(hints.contains(&Hint::Link(guard(1), 6)));
        assert!(hints.contains(&Hint::Live(Phone("13800000001".to_owned()), 5)));
        for number in 0..=MOST_WAITING {
            bus.tell(Hint::Guard(guard(number)));
        }
        assert_eq!(std::mem::take(&mut *bus.waiting()).hints(), [Hint::Everything]);
    }

    #[test]
    fn where_nobody_else_is_nothing_waits() {
        let bus = Bus::default();
        bus.tell(Hint::Nodes);
        assert!(std::mem::take(&mut *bus.waiting()).hints().is_empty());
    }
}
