//! Which history the version numbers of grants belong to.
//!
//! A guard compares numbers: one that has version 7 takes nothing from a node whose version is 7 too. That is right only as long as the database
//! keeps everything it acknowledged. Where it may have lost something (a power cut, a replica that took over without the last writes, a file put
//! back by hand), number 7 may have been given out twice, for different changes. So whatever may have lost something begins a new history, and
//! guards get all their grants again by a snapshot.
//!
//! * On SQLite a process that ends as it should leaves a mark, the last thing it writes. A start that does not find it begins a new history.
//! * On PostgreSQL the server keeps what it acknowledged, also through a crash; another timeline, or another server, may not have all of it.
//!   Nodes look when they start and whenever the database was away.

use crate::core::db::{Engine, Tx, fault, sql};
use crate::core::facts;
use crate::{Backend, Result};
use domain::ids::Millis;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

const EPOCH: &str = "guard-epoch";
/// On SQLite [`RUNNING`] or [`STOPPED`], on PostgreSQL the lineage of the database.
const RUN: &str = "guard-run";
const RUNNING: &str = "running";
const STOPPED: &str = "stopped";

/// What this process knows of the history.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// 0: not read yet.
    epoch: AtomicI64,
    /// This process serves guards, so its end is to be marked.
    serves: AtomicBool,
}

/// Which history version numbers belong to.
#[crate::boxed]
pub async fn epoch(b: &Backend) -> Result<i64> {
    let known = b.guards().history.epoch.load(Ordering::Acquire);
    if known > 0 {
        return Ok(known);
    }
    let first = facts::write_if_absent(EPOCH, b.now().0.max(1).to_string());
    b.db().execute(first).await?;
    read_epoch(b).await
}

async fn read_epoch(b: &Backend) -> Result<i64> {
    let value: String = b.db().write().one(facts::read(EPOCH)).await?;
    let epoch = value.parse::<i64>().map_err(fault)?;
    b.guards().history.epoch.store(epoch, Ordering::Release);
    Ok(epoch)
}

/// Begins a new history, for a database that was put back to an earlier moment: guards may know more than it does, so each of them is sent
/// all its grants again. Nodes remember the history they began with, so none may be running.
#[crate::boxed]
pub async fn begin_history(b: &Backend) -> Result<()> {
    let mut tx = b.db().begin().await?;
    begin_in(&mut tx, b.now()).await.map_err(fault)?;
    tx.commit().await?;
    read_epoch(b).await.map(|_| ())
}

/// Begins a new history in this transaction. What guards confirmed of an older one says nothing about this one.
pub(crate) async fn begin_in(tx: &mut Tx, now: Millis) -> sqlx::Result<()> {
    let known: Option<String> = tx.try_optional(facts::read(EPOCH)).await?;
    let before = known.and_then(|value| value.parse().ok()).unwrap_or(0_i64);
    let next = now.0.max(before + 1).to_string();
    tx.try_execute(facts::write(EPOCH, next)).await?;
    tx.try_execute(sql!(
        "UPDATE presence SET acked_version = 0, acked_at = NULL WHERE acked_version <> 0"
    ))
    .await?;
    Ok(())
}

/// For a process that is going to serve guards, before the first of them comes: begins a new history where the database may have lost something.
#[crate::boxed]
pub async fn start(b: &Backend) -> Result<()> {
    match b.db().engine() {
        Engine::Sqlite => start_on_a_file(b).await?,
        Engine::Postgres => look(b).await?,
    }
    b.guards().history.serves.store(true, Ordering::Release);
    Ok(())
}

async fn start_on_a_file(b: &Backend) -> Result<()> {
    let mut tx = b.db().begin().await?;
    let epoch_before: Option<String> = tx.optional(facts::read(EPOCH)).await?;
    let run: Option<String> = tx.optional(facts::read(RUN)).await?;
    let is_new = epoch_before.is_none();
    let stopped = run.as_deref() == Some(STOPPED);
    if !is_new && !stopped {
        begin_in(&mut tx, b.now()).await.map_err(fault)?;
        tracing::warn!("the last process did not end as it should: every guard is sent all its grants again");
    }
    tx.execute(facts::write(RUN, RUNNING)).await?;
    tx.commit().await?;
    // It is on the disk before a guard hears of it: a power cut brings neither the mark back nor the old history.
    b.guards().history.epoch.store(0, Ordering::Release);
    epoch(b).await.map(|_| ())
}

/// The database was away: [`look`], in a process that serves guards.
pub(crate) async fn look_again(b: &Backend) -> Result<()> {
    if b.guards().history.serves.load(Ordering::Acquire) {
        look(b).await
    } else {
        Ok(())
    }
}

/// On PostgreSQL: looks whether this is still the database it was, and begins a new history where it is not. Of several nodes that look at the same
/// time one begins it, and the others read which it is.
pub(crate) async fn look(b: &Backend) -> Result<()> {
    let Some(lineage) = b.db().lineage().await else {
        return Ok(());
    };
    let mut tx = b.db().begin().await?;
    let known: Option<String> = tx.optional(facts::read(RUN)).await?;
    if known.as_deref() == Some(lineage.as_str()) {
        tx.rollback().await?;
    } else {
        // The row is taken by the first who comes.
        let is_first = store_instead(&mut tx, RUN, known.as_deref(), &lineage).await?;
        let is_another = known.is_some();
        if is_first && is_another {
            begin_in(&mut tx, b.now()).await.map_err(fault)?;
            tracing::warn!(%lineage, "another database server took over: every guard is sent all its grants again");
        }
        tx.commit().await?;
    }
    b.guards().history.epoch.store(0, Ordering::Release);
    epoch(b).await.map(|_| ())
}

/// The process ends as it should, and everything it acknowledged is written.
pub(crate) async fn stop(b: &Backend) {
    if b.db().engine() != Engine::Sqlite || !b.guards().history.serves.swap(false, Ordering::AcqRel) {
        return;
    }
    let marked = async {
        let mut tx = b.db().begin().await?;
        tx.execute(facts::write(RUN, STOPPED)).await?;
        tx.commit().await
    };
    if marked.await.is_err() {
        tracing::warn!(
            "the end of this process could not be marked: at the next start every guard is sent all its grants again"
        );
    }
}

/// Stores `value` where `known` still stands; false: somebody else was faster.
async fn store_instead(tx: &mut Tx, name: &str, known: Option<&str>, value: &str) -> Result<bool> {
    let stored = match known {
        None => facts::write_if_absent(name, value),
        Some(known) => facts::replace(name, known, value),
    };
    Ok(tx.execute(stored).await? == 1)
}
