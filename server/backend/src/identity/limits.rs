//! Counting tries, in the database so that a limit holds for all nodes together.
//!
//! Two kinds. [`count`] counts every use of something, such as asking for a code. [`attempt`] counts failures: the check runs in a task
//! of its own, and only a wrong answer is counted, so a caller that hangs up, or a process that is killed, makes no right answer a wrong
//! one. Checks under way count as failures until they end, so that of many at once not all are taken for the first.

use crate::core::db::scope::inherit;
use crate::core::db::{Over, Tx, fault, row, sql};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Millis;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A window that ends further ahead than it is long and by more than this was written under a wrong clock, and begins again.
const CLOCK_TOLERANCE_MS: i64 = 10 * 60 * 1000;
/// How many callers may wait at once in [`slow_down`]; more are rejected.
const MOST_WAITING: usize = 16;
/// The longest wait in [`slow_down`], in steps.
const MOST_STEPS: u32 = 20;

/// The most failures of something within a time.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    key: String,
    max: u32,
    window_ms: i64,
}

impl Limit {
    pub(crate) fn new(key: impl Into<String>, max: u32, window_ms: i64) -> Self {
        let key = key.into();
        Self { key, max, window_ms }
    }

    /// What it is counted under.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// Checks under way in this process, by the keys of their limits, and who waits to be checked.
pub(crate) struct Trying {
    under_way: Mutex<HashMap<String, u32>>,
    waiting: Semaphore,
    step: Duration,
}

impl Trying {
    pub(crate) fn new(step: Duration) -> Self {
        Self {
            under_way: Mutex::default(),
            waiting: Semaphore::new(MOST_WAITING),
            step,
        }
    }
}

/// Counts one more use of `key`. More than `max` within `window_ms` of the first are rejected with [`Refusal::TooMany`].
#[crate::boxed]
pub async fn count(b: &Backend, key: &str, max: u32, window_ms: i64) -> Result<()> {
    count_on(b.db().relaxed().into(), b.now(), key, max, window_ms).await
}

/// The same as part of a transaction: what is rolled back was not counted.
pub(crate) async fn count_within(b: &Backend, tx: &mut Tx, key: &str, max: u32, window_ms: i64) -> Result<()> {
    count_on(tx.into(), b.now(), key, max, window_ms).await
}

row! {
    struct Counted {
        tries: i64,
        ends: i64,
    }
}

async fn count_on(mut db: Over<'_>, now: Millis, key: &str, max: u32, window_ms: i64) -> Result<()> {
    let now = now.0;
    let Counted { tries, ends } = db
        .one(sql!(
            "INSERT INTO limits (what, tries, ends) VALUES ($1, 1, $2)
         ON CONFLICT (what) DO UPDATE SET
             tries = CASE WHEN limits.ends <= $3 OR limits.ends > $4 THEN 1 ELSE limits.tries + 1 END,
             ends = CASE WHEN limits.ends <= $3 OR limits.ends > $4 THEN excluded.ends ELSE limits.ends END
         RETURNING tries, ends",
            key,
            now.saturating_add(window_ms),
            now,
            latest_end(now, window_ms)
        ))
        .await?;
    if tries <= i64::from(max) {
        Ok(())
    } else {
        Err(too_many(ends.saturating_sub(now), window_ms))
    }
}

fn latest_end(now: i64, window_ms: i64) -> i64 {
    now.saturating_add(window_ms).saturating_add(CLOCK_TOLERANCE_MS)
}

fn too_many(left_ms: i64, window_ms: i64) -> Refusal {
    let seconds = left_ms.clamp(0, window_ms) / 1000 + 1;
    Refusal::TooMany {
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

/// How many failures of this count now, and for how long still.
async fn failures(b: &Backend, limit: &Limit) -> Result<(u32, i64)> {
    let now = b.now().0;
    let row: Option<Counted> = b
        .db()
        .optional(sql!("SELECT tries, ends FROM limits WHERE what = $1", &limit.key))
        .await?;
    let counts = row.filter(|row| row.ends > now && row.ends <= latest_end(now, limit.window_ms));
    let (tries, ends) = counts.map_or((0, now), |row| (row.tries, row.ends));
    Ok((u32::try_from(tries).unwrap_or(u32::MAX), ends.saturating_sub(now)))
}

/// Runs `check` unless one of these limits is reached. It answers `None` where what was tried is wrong, which is counted under each
/// limit, and then the answer here is `None` too. It runs to its end whether or not the caller waits for it.
pub(crate) async fn attempt<T: Send + 'static>(
    b: &Backend,
    limits: Vec<Limit>,
    check: impl Future<Output = Result<Option<T>>> + Send + 'static,
) -> Result<Option<T>> {
    // Counted as under way before the failures are read: one that ends in between is in either number, at worst in both.
    let (under_way, at_once) = UnderWay::begin(b, &limits);
    for (limit, at_once) in limits.iter().zip(at_once) {
        let (failed, left_ms) = failures(b, limit).await?;
        if failed.saturating_add(at_once) >= limit.max {
            return Err(too_many(left_ms, limit.window_ms));
        }
    }
    let of_task = b.clone();
    let task = crate::core::job::spawn_in_request(inherit(async move {
        let outcome = check.await;
        if matches!(outcome, Ok(None)) {
            for limit in &limits {
                match count(&of_task, &limit.key, limit.max, limit.window_ms).await {
                    // Reached by this failure: the next one is rejected.
                    Ok(()) | Err(Refusal::TooMany { .. }) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
        }
        drop(under_way);
        outcome
    }));
    task.await.map_err(fault)?
}

/// One check under way; the end of this is its end.
struct UnderWay {
    b: Backend,
    keys: Vec<String>,
}

impl UnderWay {
    /// Also answers how many others were under way under each limit.
    fn begin(b: &Backend, limits: &[Limit]) -> (Self, Vec<u32>) {
        let mut under_way = b.trying().under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at_once = Vec::with_capacity(limits.len());
        for limit in limits {
            let others = under_way.entry(limit.key.clone()).or_default();
            at_once.push(*others);
            *others += 1;
        }
        let keys = limits.iter().map(|limit| limit.key.clone()).collect();
        (Self { b: b.clone(), keys }, at_once)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = self.b.trying().under_way.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            if let Some(at_once) = under_way.get_mut(key) {
                *at_once -= 1;
                if *at_once == 0 {
                    under_way.remove(key);
                }
            }
        }
    }
}

/// Makes a caller wait where `limit`, which rejects nobody, counts more failures than its maximum: the longer the more there are. For
/// what strangers can make fail, such as signing in with somebody's number: the person it belongs to is still let in. Keep the answer
/// until the check has ended: only a few callers are in there at once, and more are rejected for a few seconds.
pub(crate) async fn slow_down<'a>(b: &'a Backend, limit: &Limit) -> Result<Option<SemaphorePermit<'a>>> {
    let (failed, _) = failures(b, limit).await?;
    let over = failed.saturating_sub(limit.max);
    if over == 0 {
        return Ok(None);
    }
    let trying = b.trying();
    let longest = trying.step * MOST_STEPS;
    let Ok(place) = trying.waiting.try_acquire() else {
        return Err(Refusal::TooMany {
            seconds: u32::try_from(longest.as_secs()).unwrap_or(u32::MAX).max(1),
        });
    };
    tokio::time::sleep(trying.step * over.min(MOST_STEPS)).await;
    Ok(Some(place))
}

/// Counts a failure that rejects nobody; see [`slow_down`].
pub(crate) async fn note_failure(b: &Backend, limit: &Limit) -> Result<()> {
    count(b, &limit.key, u32::MAX, limit.window_ms).await
}

/// Starts again with `key`.
pub(crate) async fn forget(b: &Backend, key: &str) -> Result<()> {
    b.db()
        .relaxed()
        .execute(sql!("DELETE FROM limits WHERE what = $1", key))
        .await?;
    Ok(())
}
