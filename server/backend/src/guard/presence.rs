//! What guards say of themselves every few seconds: that they are there, how they feel, how far their grants stand. Thousands say so, so it
//! is collected here and written in batches; a question in between is answered from what waits.

use super::hub::Hub;
use crate::Result;
use crate::core::db::{Pool, row, sql};
use domain::guard::ids::GuardId;
use domain::guard::link::{Fault, Status};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::Millis;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// A guard that was not heard of for this long is not connected, whatever was last known.
pub const SILENT_MS: i64 = 25_000;

/// What is said is written after this long.
const WRITE_EVERY: Duration = Duration::from_millis(150);
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
const ROWS_AT_ONCE: usize = 128;
const WIDTH: usize = 8;

/// The last a guard said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The connection this is about.
    pub(crate) session: i64,
    pub(crate) connected: bool,
    pub(crate) seen_at: Millis,
    pub(crate) status: Status,
    /// Why it is faulty, where it says so.
    pub(crate) fault: Option<Fault>,
    pub(crate) clock_uncertainty_ms: Option<i64>,
    /// The version it knows.
    pub(crate) acked: i64,
    pub(crate) acked_at: Option<Millis>,
}

impl Said {
    /// What sign 12 says of it.
    pub(crate) fn guard_status(&self, now: Millis) -> GuardStatus {
        if !self.connected || now.since(self.seen_at) > SILENT_MS {
            return GuardStatus::NotConnected;
        }
        match self.status {
            Status::Working => GuardStatus::Working,
            Status::Faulty => GuardStatus::Faulty,
        }
    }
}

#[derive(Default)]
struct Waiting {
    /// With a number that changes when something else is said while this is being written.
    said: HashMap<GuardId, (Said, u64)>,
    count: u64,
    written: u64,
}

/// The way to the writing task, which ends when the last of these is dropped.
#[derive(Clone)]
pub(crate) struct Presence {
    waiting: Arc<Mutex<Waiting>>,
    wake: mpsc::Sender<()>,
    pool: Pool,
    behind: Option<Behind>,
}

/// Finds guards whose grants were changed by a process that cannot say so: a command beside a server on an SQLite file.
#[derive(Clone)]
pub(crate) struct Behind {
    pub(crate) read: Pool,
    pub(crate) hub: Hub,
}

impl Presence {
    pub(crate) fn start(pool: Pool, behind: Option<Behind>) -> Self {
        let (wake, woken) = mpsc::channel(1);
        let presence = Self {
            waiting: Arc::default(),
            wake,
            pool,
            behind,
        };
        let Self {
            waiting, pool, behind, ..
        } = presence.clone();
        crate::core::job::spawn("presence", write_regularly(waiting, woken, pool, behind));
        presence
    }

    /// Takes note. What an older connection of the same guard says last is nothing against what a newer one said.
    pub(crate) fn note(&self, guard_id: &GuardId, said: Said) {
        {
            let mut waiting = locked(&self.waiting);
            waiting.count += 1;
            let count = waiting.count;
            let newer = waiting.said.get(guard_id).map(|(newer, _)| *newer);
            if newer.is_some_and(|newer| !said.connected && newer.session != said.session) {
                return;
            }
            waiting.said.insert(guard_id.clone(), (said, count));
        }
        // A full channel means that the task is woken already.
        let _full = self.wake.try_send(());
    }

    /// What these said and may not be in the database yet.
    pub(crate) fn unwritten<'a>(&self, ids: impl IntoIterator<Item = &'a GuardId>) -> HashMap<GuardId, Said> {
        let waiting = locked(&self.waiting);
        if waiting.said.is_empty() {
            return HashMap::new();
        }
        let said = |id: &GuardId| Some((id.clone(), waiting.said.get(id)?.0));
        ids.into_iter().filter_map(said).collect()
    }

    /// How often something that waited was written, so that it does not wait any more.
    pub(crate) fn times_written(&self) -> u64 {
        locked(&self.waiting).written
    }

    /// Writes what waits.
    pub(crate) async fn flush(&self) -> Result<()> {
        flush(&self.waiting, &self.pool, None).await
    }
}

fn locked(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write_regularly(
    waiting: Arc<Mutex<Waiting>>,
    mut woken: mpsc::Receiver<()>,
    pool: Pool,
    behind: Option<Behind>,
) {
    while woken.recv().await.is_some() {
        tokio::time::sleep(WRITE_EVERY).await;
        // What could not be written is still there; the failure is in the log.
        while flush(&waiting, &pool, behind.as_ref()).await.is_err() && !woken.is_closed() && !pool.is_closed() {
            tokio::time::sleep(AFTER_A_FAILURE).await;
        }
    }
}

async fn flush(waiting: &Mutex<Waiting>, pool: &Pool, behind: Option<&Behind>) -> Result<()> {
    let mut all: Vec<(GuardId, Said, u64)> = locked(waiting)
        .said
        .iter()
        .map(|(guard_id, (said, count))| (guard_id.clone(), *said, *count))
        .collect();
    // In one order everywhere, so that two nodes that write the same guards do not block each other.
    all.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        // Few different lengths, so that each statement is prepared once.
        let length = 1 << rest.len().min(ROWS_AT_ONCE).ilog2();
        let (now, later) = rest.split_at(length);
        write(pool, now).await?;
        if let Some(behind) = behind {
            behind.wake(now).await?;
        }
        let mut waiting = locked(waiting);
        waiting.written += 1;
        for (guard_id, _, count) in now {
            if waiting.said.get(guard_id).is_some_and(|(_, newest)| newest == count) {
                waiting.said.remove(guard_id);
            }
        }
        rest = later;
    }
    Ok(())
}

impl Behind {
    /// Wakes the links of those that confirmed less than there is.
    async fn wake(&self, all: &[(GuardId, Said, u64)]) -> Result<()> {
        let mut query = sql!(
            "SELECT guard_id, version FROM guards WHERE guard_id IN ({ids})"
            { ids: list(1, all.len()) }
        );
        for (guard_id, ..) in all {
            query = query.bind(guard_id.as_str());
        }
        row! {
            struct Desired {
                guard_id: String,
                version: i64,
            }
        }
        let desired: Vec<Desired> = self.read.all(query).await?;
        let versions: HashMap<String, i64> = desired.into_iter().map(|row| (row.guard_id, row.version)).collect();
        for (guard_id, said, _) in all {
            let is_behind = versions
                .get(guard_id.as_str())
                .is_some_and(|version| *version > said.acked);
            if is_behind && said.connected {
                self.hub.changed_elsewhere(guard_id);
            }
        }
        Ok(())
    }
}

async fn write(pool: &Pool, all: &[(GuardId, Said, u64)]) -> Result<()> {
    let mut query = sql!(
        "INSERT INTO presence (guard_id, session, connected, seen_at, status, clock_uncertainty_ms, acked_version, acked_at)
         VALUES {rows}
         ON CONFLICT (guard_id) DO UPDATE SET
             session = excluded.session, connected = excluded.connected, seen_at = excluded.seen_at, status = excluded.status,
             clock_uncertainty_ms = excluded.clock_uncertainty_ms, acked_version = excluded.acked_version,
             acked_at = excluded.acked_at
         WHERE excluded.connected = 1 OR excluded.session = presence.session"
        { rows: rows(all.len(), WIDTH) }
    );
    for (guard_id, said, _) in all {
        query = query
            .bind(guard_id.as_str())
            .bind(said.session)
            .bind(i64::from(said.connected))
            .bind(said.seen_at.0)
            .bind(status_number(said.status, said.fault))
            .bind(said.clock_uncertainty_ms)
            .bind(said.acked)
            .bind(said.acked_at.map(|at| at.0));
    }
    pool.execute(query).await?;
    Ok(())
}

/// What a guard that is faulty says; more than that: why, by its place in [`FAULTS`].
pub(crate) const FAULTY: i64 = 2;

const FAULTS: [Fault; 8] = [
    Fault::Silent,
    Fault::AnotherDevice,
    Fault::NotSecure,
    Fault::WrongKey,
    Fault::NoOutput,
    Fault::Tampered,
    Fault::Power,
    Fault::Other,
];

fn status_number(status: Status, fault: Option<Fault>) -> i64 {
    let place = fault.and_then(|fault| FAULTS.iter().position(|one| *one == fault));
    match (status, place.and_then(|place| i64::try_from(place).ok())) {
        (Status::Working, _) => 1,
        (Status::Faulty, None) => FAULTY,
        (Status::Faulty, Some(place)) => FAULTY + 1 + place,
    }
}

/// The inverse of what is stored.
pub(crate) fn status_of(number: i64) -> (Status, Option<Fault>) {
    if number < FAULTY {
        return (Status::Working, None);
    }
    let place = usize::try_from(number - FAULTY - 1).ok();
    (Status::Faulty, place.and_then(|place| FAULTS.get(place)).copied())
}
