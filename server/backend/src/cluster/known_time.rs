//! What is known of the time, beside what this machine's clock shows.
//!
//! A machine whose battery is empty, or whose clock somebody set, may come back days behind. A device that sets its clock by it would open doors to grants
//! that have ended. So the newest moment that was ever written or seen is kept, and while the clock is behind it this process gives nobody the time.
//! The same rule, and the same minute of tolerance, holds in a guard (`domain::guard::device`).
//!
//! A clock that was *ahead* leaves moments in the database that have not come yet. Only an operator can know that: [`trust`].

use crate::core::db::sql;
use crate::core::facts;
use crate::identity::Actor;
use crate::{Backend, Result};
use domain::guard::grants::BENEFIT_OF_DOUBT_MS;
use domain::ids::Millis;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// The newest moment known when a process was last behind it.
const NEWEST: &str = "newest-moment";
/// What an operator said of the clock, see [`Trusted`].
const TRUSTED: &str = "trusted-clock";

/// Moments that processes wrote by their own clocks; never those that a device reported. A heartbeat is written every few seconds, so the others are
/// for a database no node has used.
const MOMENTS: [&str; 9] = [
    // A node whose clock is a little ahead says by how much.
    "SELECT max(seen_at - CASE WHEN clock_offset_ms BETWEEN 0 AND 3600000 THEN clock_offset_ms ELSE 0 END)
     FROM nodes WHERE seen_at <= $1 OR seen_at > $2",
    "SELECT max(started_at) FROM nodes WHERE started_at <= $1 OR started_at > $2",
    "SELECT max(stopped_at) FROM nodes WHERE stopped_at <= $1 OR stopped_at > $2",
    "SELECT max(seen_at) FROM presence WHERE seen_at <= $1 OR seen_at > $2",
    "SELECT max(added_at) FROM grants WHERE added_at <= $1 OR added_at > $2",
    "SELECT max(cancelled_at) FROM grants WHERE cancelled_at <= $1 OR cancelled_at > $2",
    "SELECT max(scanned_at) FROM scans WHERE scanned_at <= $1 OR scanned_at > $2",
    "SELECT max(added_at) FROM orders WHERE added_at <= $1 OR added_at > $2",
    "SELECT max(added_at) FROM people WHERE added_at <= $1 OR added_at > $2",
];

/// What this process knows of the time.
#[derive(Debug)]
pub(crate) struct KnownTime {
    newest: AtomicI64,
    epoch: AtomicI64,
    is_behind: AtomicBool,
}

impl Default for KnownTime {
    fn default() -> Self {
        Self {
            newest: AtomicI64::new(i64::MIN),
            epoch: AtomicI64::new(0),
            is_behind: AtomicBool::new(false),
        }
    }
}

/// An operator said that the clock is right although later moments are known: those after `at` and up to `disbelieved` do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Trusted {
    /// How often that was said.
    epoch: i64,
    at: i64,
    disbelieved: i64,
}

impl Trusted {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            epoch: next()?,
            at: next()?,
            disbelieved: next()?,
        })
    }

    fn to_text(self) -> String {
        format!("{} {} {}", self.epoch, self.at, self.disbelieved)
    }

    fn believes(self, moment: i64) -> bool {
        moment <= self.at || moment > self.disbelieved
    }
}

impl Backend {
    /// The time, for those who set a clock by it or decide who may open a door. `None` while this machine's clock is more than a minute behind the
    /// newest moment that is known.
    pub fn certain_now(&self) -> Option<Millis> {
        let (now, known) = (self.now(), self.known_time());
        let newest = known.newest.fetch_max(now.0, Ordering::AcqRel);
        let behind_ms = newest.saturating_sub(now.0);
        let is_behind = behind_ms > BENEFIT_OF_DOUBT_MS;
        if known.is_behind.swap(is_behind, Ordering::AcqRel) != is_behind {
            said(is_behind, behind_ms, Millis(newest));
        }
        (!is_behind).then_some(now)
    }

    /// By how many milliseconds this machine's clock is behind the newest moment that is known, where it is; then guards are given no time.
    pub fn clock_behind_ms(&self) -> Option<i64> {
        let behind = self.certain_now().is_none();
        behind.then(|| self.latest().since(self.now()))
    }

    /// Which of the clocks this deployment has had, see [`trust`].
    pub fn clock_epoch(&self) -> i64 {
        self.known_time().epoch.load(Ordering::Acquire)
    }

    /// Now, or the newest moment that is known where that is later.
    pub(crate) fn latest(&self) -> Millis {
        Millis(self.known_time().newest.load(Ordering::Acquire)).max(self.now())
    }
}

fn said(is_behind: bool, behind_ms: i64, newest: Millis) {
    if is_behind {
        tracing::error!(
            seconds = behind_ms / 1000,
            newest = %newest.to_iso(),
            "this machine's clock is behind what the database knows: guards are given no time until it is past that. \
             Put the clock right; if it was ahead before and is right now, run: latchkey clock trust"
        );
    } else {
        tracing::info!("this machine's clock is past what the database knows: guards are given the time again");
    }
}

/// Learns the newest moment in the database, before this process writes one of its own.
#[crate::boxed]
pub async fn start(b: &Backend) -> Result<()> {
    let trusted = trusted(b).await?.unwrap_or_default();
    let stored: Option<String> = b.db().optional(facts::read(NEWEST)).await?;
    let mut newest = stored.and_then(|text| text.parse::<i64>().ok());
    newest = newest.filter(|moment| trusted.believes(*moment));
    for sql in MOMENTS {
        let moment: Option<i64> = b
            .db()
            .one(sql!("{moment}" { moment: one_of(MOMENTS, sql) }, trusted.at, trusted.disbelieved))
            .await?;
        newest = newest.max(moment);
    }
    let known = b.known_time();
    known.epoch.store(trusted.epoch, Ordering::Release);
    known.newest.fetch_max(newest.unwrap_or(i64::MIN), Ordering::AcqRel);
    keep(b).await
}

/// At each heartbeat of this node, before it is written: keeps the newest moment while the clock is behind it, for what is written now says less; and
/// hears what an operator says of the clock.
pub(crate) async fn keep(b: &Backend) -> Result<()> {
    let known = b.known_time();
    if let Some(trusted) = trusted(b).await?
        && trusted.epoch > known.epoch.load(Ordering::Acquire)
    {
        known.newest.store(b.now().0, Ordering::Release);
        known.epoch.store(trusted.epoch, Ordering::Release);
    }
    if b.certain_now().is_none() {
        let newest = facts::write(NEWEST, b.latest().0.to_string());
        b.db().execute(newest).await?;
    }
    Ok(())
}

/// The clock is right now, and later moments in the database are of a time when it was ahead. Guards follow it back. Answers the newest moment that
/// counted until now, where there is one that has not come yet.
#[crate::boxed]
pub async fn trust(b: &Backend, actor: &Actor) -> Result<Option<Millis>> {
    actor.require_operator()?;
    start(b).await?;
    let (now, newest) = (b.now(), b.latest());
    if newest.since(now) <= BENEFIT_OF_DOUBT_MS {
        return Ok(None);
    }
    let before = trusted(b).await?.unwrap_or_default();
    let trusted = Trusted {
        epoch: before.epoch + 1,
        at: now.0,
        disbelieved: newest.0,
    };
    b.db().execute(facts::write(TRUSTED, trusted.to_text())).await?;
    keep(b).await?;
    Ok(Some(newest))
}

async fn trusted(b: &Backend) -> Result<Option<Trusted>> {
    let stored: Option<String> = b.db().optional(facts::read(TRUSTED)).await?;
    Ok(stored.as_deref().and_then(Trusted::parse))
}
