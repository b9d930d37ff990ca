//! Notifications in browsers (Web Push): for people who turned them on, in the browsers in which they did, without a word of what they are about.
//!
//! What happened to an order goes into `push_events` in the transaction in which it happens. A task spreads it over the browsers of those whom it
//! concerns (`push_sends`) and hands it to their push services, again and again with longer and longer pauses, until they took it or it is too
//! late. A browser that its service no longer knows is forgotten.

mod encryption;
mod sending;
mod service;
mod subscriptions;
mod vapid;

pub use super::queue::Delivered;
pub use sending::deliver_due;
pub use subscriptions::{Subscription, count, end, end_everywhere, keep, renew};
pub(crate) use subscriptions::{context, end_of_person, end_of_session};

use super::queue;
use crate::core::db::{Tx, sql};
use crate::{Backend, Result};
use domain::push::Kind;
use p256::SecretKey;
use service::Service;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;
use vapid::Vapid;
use zeroize::Zeroizing;

/// Other nodes, and rows whose pause is over, are looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A deposit can be taken back at once, and several often follow each other: what is told waits a moment.
const SETTLES_MS: i64 = 15_000;
/// Later than this, nobody need be told.
const WORTH_MS: i64 = 24 * 3_600_000;
const ROWS_AT_ONCE: usize = 50;
/// The name of the key pair, and what it is sealed for.
const KEY: &str = "vapid";
pub(crate) const KEY_CONTEXT: &str = "push key vapid";
/// Where staff and businesses see what they are told of.
const STAFF_PAGE: &str = "/staff/kiosks";
const BUSINESS_PAGE: &str = "/business/orders";

/// That notifications are sent, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushSettings {
    /// Where a push service reaches the operators of this deployment: `mailto:…` or `https://…`.
    pub contact: String,
    /// Also to push services on this machine. For tests.
    pub loopback: bool,
}

/// What this keeps in memory.
pub(crate) struct Push {
    settings: Option<PushSettings>,
    ready: OnceLock<Ready>,
    wake: Arc<Notify>,
}

struct Ready {
    vapid: Vapid,
    service: Service,
    loopback: bool,
}

impl Push {
    pub(crate) fn new(settings: Option<PushSettings>) -> Self {
        Self {
            settings,
            ready: OnceLock::new(),
            wake: Arc::default(),
        }
    }

    fn ready(&self) -> Option<&Ready> {
        self.ready.get()
    }
}

/// The key that browsers subscribe with; `None`: this deployment sends no notifications.
pub fn public_key(b: &Backend) -> Option<String> {
    b.push().ready().map(|ready| ready.vapid.public().to_owned())
}

/// Loads the key pair, or makes it at the first start with the setting, and sends what is due from now on, until the backend is closed.
#[crate::boxed]
pub async fn start(b: &Backend) -> Result<()> {
    prepare(b).await?;
    if b.push().ready().is_some() {
        queue::start("push", b, b.push().wake.clone(), LOOK_EVERY, |b| deliver_due(b));
    }
    Ok(())
}

/// The first half of [`start`]. Without the setting it does nothing.
#[crate::boxed]
pub async fn prepare(b: &Backend) -> Result<()> {
    let Some(settings) = &b.push().settings else {
        return Ok(());
    };
    let Some(secret) = key_pair(b).await? else {
        tracing::error!("the key of notifications cannot be opened: none are sent");
        return Ok(());
    };
    let ready = Ready {
        vapid: Vapid::new(&secret, &settings.contact),
        service: Service::new(settings),
        loopback: settings.loopback,
    };
    // Another node may have made it first; both read the same row.
    let _first = b.push().ready.set(ready);
    Ok(())
}

/// The key pair of the deployment, which all nodes share; `None` where it cannot be read.
async fn key_pair(b: &Backend) -> Result<Option<SecretKey>> {
    let stored = || sql!("SELECT private FROM push_keys WHERE name = $1", KEY);
    let sealed: Option<String> = b.db().optional(stored()).await?;
    let sealed = match sealed {
        Some(sealed) => sealed,
        None => {
            let fresh = Zeroizing::new(vapid::fresh(b.rng()).to_bytes().to_vec());
            let fresh = b.keys().seal(b.rng(), KEY_CONTEXT, &fresh)?;
            let made = sql!(
                "INSERT INTO push_keys (name, private, made_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
                KEY,
                fresh,
                b.now().0
            );
            b.db().execute(made).await?;
            // Of two nodes that start at once, the key of one is there.
            b.db().one(stored()).await?
        }
    };
    let opened = b.keys().try_open(KEY_CONTEXT, &sealed);
    Ok(opened.and_then(|bytes| SecretKey::from_slice(&bytes).ok()))
}

/// What happened to an order.
pub(crate) struct OrderEvent<'a> {
    pub(crate) kind: Kind,
    pub(crate) things_sq: &'a str,
    pub(crate) business: &'a str,
}

/// Notes that those whom it concerns are to be told.
pub(crate) async fn note_within(b: &Backend, tx: &mut Tx, events: &[OrderEvent<'_>]) -> Result<()> {
    const WIDTH: usize = 5;
    if events.is_empty() || b.push().ready().is_none() {
        return Ok(());
    }
    let now = b.now();
    for events in events.chunks(ROWS_AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO push_events (things_sq, kind, business, next_at, ends) VALUES {rows} ON CONFLICT (things_sq, kind) DO NOTHING"
            { rows: rows(events.len(), WIDTH) }
        )
        .prepared_if(events.len() == 1);
        for event in events {
            let wait = if event.kind == Kind::MeterWaits { SETTLES_MS } else { 0 };
            query = query
                .bind(event.things_sq)
                .bind(event.kind.as_str())
                .bind(event.business)
                .bind(now.plus(wait).0)
                .bind(now.plus(WORTH_MS).0);
        }
        tx.execute(query).await?;
    }
    let wake = b.push().wake.clone();
    tx.when_over(move || wake.notify_one());
    Ok(())
}

/// The meter of this order does not wait any more, if that was not told yet.
pub(crate) async fn take_back_within(b: &Backend, tx: &mut Tx, things_sq: &str) -> Result<()> {
    if b.push().ready().is_none() {
        return Ok(());
    }
    tx.execute(sql!(
        "DELETE FROM push_events WHERE things_sq = $1 AND kind = $2",
        things_sq,
        Kind::MeterWaits.as_str()
    ))
    .await?;
    Ok(())
}
