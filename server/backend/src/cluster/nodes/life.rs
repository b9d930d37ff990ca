//! A node from its start to its end: it writes that it is there.

use super::{Of, changed, locked, refresh, settle};
use crate::cluster::known_time;
use crate::core::db::sql;
use crate::{Backend, Result, WeakBackend};
use domain::nodes::{CLOCK_WARNED_MS, HEARTBEAT_MS};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval_at, timeout};

const EVERY: Duration = Duration::from_millis(HEARTBEAT_MS.unsigned_abs());
/// A heartbeat that takes longer is given up, and the next one tried.
const WITHIN: Duration = Duration::from_secs(6);
/// At the end the database may be what ails: then it goes without.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// What came of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// It is written.
    Written,
    /// Another process has the name now; this one is no node any more, and serves as before.
    Superseded,
    /// This node has stopped.
    Stopped,
}

/// Registers this process as a node, and keeps it one for as long as there is a backend.
#[crate::boxed]
pub async fn start(b: &Backend) -> Result<()> {
    register(b).await?;
    crate::core::job::spawn("node", live(b.downgrade()));
    Ok(())
}

/// Writes that this process is the node of its name from now on. What an operator wants of that node stands.
#[crate::boxed]
pub async fn register(b: &Backend) -> Result<()> {
    let run = fresh_run(b);
    let (state, now) = (b.nodes(), b.now());
    b.db()
        .execute(sql!(
            "INSERT INTO nodes (name, host, weight, state, run, started_at, seen_at, guards, clock_offset_ms)
         VALUES ($1, $2, $3, 'live', $4, $5, $5, 0, $6)
         ON CONFLICT (name) DO UPDATE SET host = excluded.host, weight = excluded.weight, run = excluded.run,
             started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL, guards = 0,
             clock_offset_ms = excluded.clock_offset_ms",
            state.config.name.as_str(),
            state.host.as_ref().map(|host| host.as_str().to_owned()),
            i64::from(state.config.weight),
            run.clone(),
            now.0,
            measure_clock(b).await
        ))
        .await?;
    *locked(&state.run) = Some(run);
    let host = state.host.as_ref().map_or("", |host| host.as_str());
    tracing::info!(node = %state.config.name, host, weight = state.config.weight, "this node is there");
    changed(b);
    Ok(())
}

fn fresh_run(b: &Backend) -> String {
    let mut random = [0; 12];
    b.rng().fill(&mut random);
    random.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// Writes that this node is there, learns what an operator wants of it, and finds a node for guards that are here and have none.
#[crate::boxed]
pub async fn beat(b: &Backend) -> Result<Beat> {
    let state = b.nodes();
    let Some(run) = state.run() else {
        return Ok(Beat::Stopped);
    };
    // Before this heartbeat takes the place of one that knew a later moment.
    known_time::keep(b).await?;
    let linked = i64::try_from(b.linked_guards()).unwrap_or(i64::MAX);
    let clock_offset_ms = measure_clock(b).await;
    let row: Option<String> = b
        .db()
        .relaxed()
        .optional(sql!(
            "UPDATE nodes SET seen_at = $3, guards = $4, clock_offset_ms = $5
         WHERE name = $1 AND run = $2 AND stopped_at IS NULL RETURNING state",
            state.config.name.as_str(),
            run.clone(),
            b.now().0,
            linked,
            clock_offset_ms
        ))
        .await?;
    let Some(wanted) = row else {
        return displaced(b, &run).await;
    };
    locked(&state.heard).written(b.now());
    let draining = wanted == "draining";
    let is_news = state
        .draining
        .send_if_modified(|was| std::mem::replace(was, draining) != draining);
    if is_news {
        tracing::info!(node = %state.config.name, draining, "this node learned what is wanted of it");
        refresh(b);
    }
    settle_homeless(b).await?;
    Ok(Beat::Written)
}

/// This machine's clock minus the database's, told where it is worth telling.
async fn measure_clock(b: &Backend) -> Option<i64> {
    let asked = b.now();
    let database = b.db().clock().await?;
    let took = b.now().since(asked);
    let offset_ms = asked.plus(took / 2).since(database);
    let mut known = locked(&b.nodes().clock_offset_ms);
    let is_off = |offset: i64| offset.saturating_abs() > CLOCK_WARNED_MS + took;
    if is_off(offset_ms) && !known.is_some_and(is_off) {
        tracing::warn!(
            offset_ms,
            "this machine's clock differs from the database's: set it by NTP, as on every other node"
        );
    }
    *known = Some(offset_ms);
    Some(offset_ms)
}

/// The row is not this process's.
async fn displaced(b: &Backend, run: &str) -> Result<Beat> {
    let state = b.nodes();
    let row: Option<String> = b
        .db()
        .write()
        .optional(sql!(
            "SELECT run FROM nodes WHERE name = $1",
            state.config.name.as_str()
        ))
        .await?;
    match row {
        // Taken for dead while the database was out of reach, and forgotten.
        None => register(b).await.map(|()| Beat::Written),
        Some(other) if other != run => {
            *locked(&state.run) = None;
            state.draining.send_replace(false);
            tracing::warn!(node = %state.config.name, "another process has this node's name: this one is no node any more");
            Ok(Beat::Superseded)
        }
        Some(_) => Ok(Beat::Stopped),
    }
}

async fn live(backend: WeakBackend) {
    let mut every = interval_at(tokio::time::Instant::now() + EVERY, EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let Some(b) = backend.upgrade() else { return };
        if b.db().is_closed() {
            return;
        }
        // A failure is in the log already, and the next heartbeat tries again.
        match timeout(WITHIN, beat(&b)).await {
            Ok(Ok(Beat::Written) | Err(_)) => {}
            Ok(Ok(Beat::Superseded | Beat::Stopped)) => return,
            Err(_late) => tracing::warn!("a heartbeat of this node took too long"),
        }
    }
}

/// Gives guards that were here a node that lives.
async fn settle_homeless(b: &Backend) -> Result<()> {
    let homeless = std::mem::take(&mut *locked(&b.nodes().homeless));
    let rows = homeless.into_iter().map(|(id, node)| (id.as_str().to_owned(), node));
    settle(b, Of::Guard, rows.collect()).await?;
    Ok(())
}

/// Writes that this node ends: from now on nobody is sent here.
#[crate::boxed]
pub async fn stop(b: &Backend) {
    let Some(run) = b.nodes().run() else { return };
    let state = b.nodes();
    let stopping = b.db().write().try_execute(sql!(
        "UPDATE nodes SET stopped_at = $3, guards = 0 WHERE name = $1 AND run = $2",
        state.config.name.as_str(),
        run,
        b.now().0,
    ));
    match timeout(STOP_WITHIN, stopping).await {
        Ok(Ok(_)) => {}
        // After a while it is taken for dead, which comes to the same.
        Ok(Err(error)) => tracing::warn!(%error, "this node's end could not be written"),
        Err(_late) => tracing::warn!("this node's end could not be written in time"),
    }
    changed(b);
}
