//! The sockets of all clients: how many there may be, how long each may be silent, and who makes place when there is none left.
//!
//! Every socket is counted from its accept to its end, also while TLS begins and while it is a guard's link. Where there is no place,
//! connections without a request make place, the oldest first, of the address that has most; so silent sockets keep nobody out, however many there are.

mod listener;
mod requests;
mod socket;

pub use listener::{Arrived, BoundedListener};
pub use requests::{PerConnection, Requests};
pub use socket::Guarded;

use super::address::{Network, TrustedProxies};
use super::bounds::Bounds;
use super::counters::{Count, Counters, Seldom};
use futures::task::AtomicWaker;
use http::Version;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// Connections that make place are gone this soon.
const PLACE_WITHIN: Duration = Duration::from_secs(1);
/// One in this number makes place at once, so that not every new connection has to look for one.
const EVICTED_PART: usize = 16;

/// The open sockets of this process; cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    proxies: TrustedProxies,
    counters: Arc<Counters>,
    open: Mutex<Open>,
    /// A connection ended.
    left: Notify,
    refused: Seldom,
    evicted: Seldom,
    failed: Seldom,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// In the order they came.
    all: BTreeMap<u64, Arc<Connection>>,
    /// How many of an address are counted against it.
    by_network: HashMap<Network, usize>,
}

impl Connections {
    /// None yet.
    pub fn new(bounds: Bounds, proxies: TrustedProxies, counters: Arc<Counters>) -> Self {
        Self(Arc::new(Inner {
            bounds,
            proxies,
            counters,
            open: Mutex::default(),
            left: Notify::new(),
            refused: Seldom::default(),
            evicted: Seldom::default(),
            failed: Seldom::default(),
        }))
    }

    /// Open now.
    pub fn open(&self) -> usize {
        self.0.lock().all.len()
    }

    /// A place for a new socket; `None`: there is none.
    async fn admit(&self, address: IpAddr) -> Option<Arc<Connection>> {
        let network = Network::of(address);
        // A proxy stands for all of its clients.
        let counts = !self.0.proxies.contains(address);
        let inner = &self.0;
        if counts && inner.of(network) >= inner.bounds.per_address {
            let part = inner.bounds.per_address / EVICTED_PART;
            if inner.evict(Some(network), part.max(1)) == 0 {
                return self.refuse(network);
            }
        }
        if self.open() >= inner.bounds.connections {
            inner.evict(None, (inner.bounds.connections / EVICTED_PART).max(1));
            let place = async {
                loop {
                    let left = inner.left.notified();
                    if self.open() < inner.bounds.connections {
                        break;
                    }
                    left.await;
                }
            };
            if timeout(PLACE_WITHIN, place).await.is_err() {
                return self.refuse(network);
            }
        }
        inner.counters.add(Count::ConnectionAccepted);
        Some(inner.enter(network, counts))
    }

    fn refuse(&self, network: Network) -> Option<Arc<Connection>> {
        self.0.counters.add(Count::ConnectionRefused);
        if let Some(times) = self.0.refused.due() {
            let open = self.open();
            tracing::warn!(times, last = %network, open, "connections were refused: there is no place for them");
        }
        None
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, network: Network) -> usize {
        self.lock().by_network.get(&network).copied().unwrap_or(0)
    }

    fn enter(self: &Arc<Self>, network: Network, counts: bool) -> Arc<Connection> {
        let mut open = self.lock();
        let id = open.next;
        open.next += 1;
        let connection = Arc::new(Connection {
            id,
            network,
            all: Arc::clone(self),
            state: Mutex::new(State::new(counts)),
            told: AtomicWaker::new(),
        });
        if counts {
            *open.by_network.entry(network).or_default() += 1;
        }
        open.all.insert(id, Arc::clone(&connection));
        connection
    }

    fn leave(&self, connection: &Connection) {
        self.uncount(connection);
        self.lock().all.remove(&connection.id);
        self.left.notify_waiters();
    }

    /// It is not counted against its address any more.
    fn uncount(&self, connection: &Connection) {
        if !std::mem::take(&mut connection.lock().counts) {
            return;
        }
        let mut open = self.lock();
        if let Some(count) = open.by_network.get_mut(&connection.network) {
            *count -= 1;
            if *count == 0 {
                open.by_network.remove(&connection.network);
            }
        }
    }

    /// Ends the oldest connections without a request, of this address or of the one that has most; answers how many.
    fn evict(&self, network: Option<Network>, most: usize) -> usize {
        let count = self.evict_oldest(network, most);
        if count > 0
            && let Some(times) = self.evicted.due()
        {
            tracing::warn!(
                times,
                "there was no place for new connections, so connections without a request were closed for them"
            );
        }
        count
    }

    fn evict_oldest(&self, network: Option<Network>, most: usize) -> usize {
        let open = self.lock();
        let biggest = || {
            let biggest = open.by_network.iter().max_by_key(|(_, count)| **count);
            biggest.map(|(network, _)| *network)
        };
        let chosen = network.or_else(biggest);
        let evicted = |of: Option<Network>| {
            let candidates = open.all.values();
            let candidates = candidates.filter(|one| of.is_none_or(|network| network == one.network));
            candidates.filter(|one| one.make_place()).take(most).count()
        };
        match (evicted(chosen), network) {
            (0, None) => evicted(None),
            (count, _) => count,
        }
    }
}

/// One socket. An extension of its requests.
pub struct Connection {
    id: u64,
    network: Network,
    all: Arc<Inner>,
    state: Mutex<State>,
    /// Wakes the task that waits for the socket, because it has to end.
    told: AtomicWaker,
}

struct State {
    phase: Phase,
    since: Instant,
    born: Instant,
    /// Requests under way.
    busy: u32,
    /// Bytes say nothing about requests there.
    http_2: bool,
    /// Since when nothing is taken of what is sent.
    stalled: Option<Instant>,
    /// Against its address.
    counts: bool,
    evicted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing came yet.
    Silent,
    /// A head is on its way.
    Head,
    /// Between two requests.
    Idle,
    /// Not HTTP any more: the link has bounds of its own.
    Upgraded,
}

impl State {
    fn new(counts: bool) -> Self {
        let now = Instant::now();
        Self {
            phase: Phase::Silent,
            since: now,
            born: now,
            busy: 0,
            http_2: false,
            stalled: None,
            counts,
            evicted: false,
        }
    }

    /// When it has to end, and why, as it is now.
    fn end(&self, bounds: &Bounds) -> Option<(Instant, Count)> {
        if self.phase == Phase::Upgraded {
            return None;
        }
        let old = (self.born + bounds.life * 2, Count::LifeOver);
        let stalled = self
            .stalled
            .map(|since| (since + bounds.write_within, Count::WriteStalled));
        let waiting = (self.busy == 0).then(|| match self.phase {
            Phase::Silent => (self.since + bounds.first_byte_within, Count::FirstByteLate),
            Phase::Head => (self.since + bounds.head_within, Count::HeadLate),
            _ => {
                let idle = (self.since + bounds.idle_within, Count::IdleEnded);
                idle.min((self.since.max(self.born + bounds.life), Count::LifeOver))
            }
        });
        [Some(old), stalled, waiting]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }
}

impl Connection {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The guard of this link was admitted: it has a place of its own.
    pub fn admitted(&self) {
        self.all.uncount(self);
    }

    fn came(&self) {
        let mut state = self.lock();
        let begins = match state.phase {
            Phase::Silent => true,
            Phase::Idle => state.busy == 0 && !state.http_2,
            Phase::Head | Phase::Upgraded => false,
        };
        if begins {
            state.phase = Phase::Head;
            state.since = Instant::now();
        }
    }

    fn went(&self, went: bool) {
        let mut state = self.lock();
        if went {
            state.stalled = None;
        } else if state.stalled.is_none() {
            state.stalled = Some(Instant::now());
        }
    }

    fn begin(self: &Arc<Self>, version: Version) -> Busy {
        let mut state = self.lock();
        state.busy += 1;
        state.http_2 = version >= Version::HTTP_2;
        drop(state);
        Busy(Arc::clone(self))
    }

    fn upgraded(&self) {
        self.lock().phase = Phase::Upgraded;
    }

    /// Ends it if no request is under way; `false` if one is, or if it is told already.
    fn make_place(&self) -> bool {
        let mut state = self.lock();
        if state.busy > 0 || state.evicted || state.phase == Phase::Upgraded {
            return false;
        }
        state.evicted = true;
        drop(state);
        self.all.counters.add(Count::ConnectionEvicted);
        self.told.wake();
        true
    }

    /// The reason why it has to end now, or else until when it may go on as it is.
    fn verdict(&self) -> Result<Option<Instant>, &'static str> {
        let state = self.lock();
        if state.evicted {
            return Err("it made place for another one");
        }
        let Some((at, why)) = state.end(&self.all.bounds) else {
            return Ok(None);
        };
        if Instant::now() < at {
            return Ok(Some(at));
        }
        drop(state);
        self.all.counters.add(why);
        Err(why.name())
    }
}

/// A request under way.
struct Busy(Arc<Connection>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.busy = state.busy.saturating_sub(1);
        if state.busy == 0 && state.phase != Phase::Upgraded {
            state.phase = Phase::Idle;
            state.since = Instant::now();
        }
    }
}
