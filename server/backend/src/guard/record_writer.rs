//! Records come from thousands of guards, a few at a time. One task collects the batches that arrive while the ones before are being
//! written, and writes them in one transaction: a commit costs the same for one guard and for many.

use super::hub::{Hub, Live};
use crate::Result;
use crate::core::db::{Db, Tx, fault, row, sql};
use domain::error::Refusal;
use domain::guard::ids::GuardId;
use domain::ids::Phone;
use std::collections::{HashMap, HashSet};
use tokio::sync::{mpsc, oneshot};

/// Batches of one transaction.
const AT_ONCE: usize = 64;
/// Rows of one transaction: few enough that others get their turn.
const ROWS_IN_ALL: usize = 512;
/// Batches that may wait; a caller with one more waits until there is room.
const WAITING: usize = 1024;
const ROWS_AT_ONCE: usize = 128;
const WIDTH: usize = 11;

/// A row of `records`.
#[derive(Clone, Debug)]
pub(crate) struct NewRecord {
    /// Empty while nobody owned the guard.
    pub(crate) owner: String,
    pub(crate) at: i64,
    /// The number it stands for, and the first one where it stands for several.
    pub(crate) seq: i64,
    pub(crate) first: i64,
    pub(crate) way: i64,
    pub(crate) opened: bool,
    pub(crate) reason: Option<&'static str>,
    pub(crate) service_numb: Option<String>,
    /// Sealed.
    pub(crate) info: String,
    pub(crate) uncertainty_ms: Option<i64>,
    pub(crate) received_at: i64,
}

struct Batch {
    guard_id: GuardId,
    records: Vec<NewRecord>,
    /// The number up to which everything is stored.
    answer: oneshot::Sender<Result<i64>>,
}

/// The way to the writing task, which ends when the last of these is dropped.
#[derive(Clone)]
pub(crate) struct RecordWriter(mpsc::Sender<Batch>);

impl RecordWriter {
    pub(crate) fn start(db: Db, hub: Hub) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        crate::core::job::spawn("records", write_all(db, hub, receiver));
        Self(sender)
    }

    /// Stores those of `records` (in the order of their numbers) that follow without a gap on what is stored, and answers the number up to
    /// which everything is stored then.
    pub(crate) async fn store(&self, guard_id: &GuardId, records: Vec<NewRecord>) -> Result<i64> {
        let (answer, stored) = oneshot::channel();
        let batch = Batch {
            guard_id: guard_id.clone(),
            records,
            answer,
        };
        self.0.send(batch).await.map_err(fault)?;
        stored.await.map_err(fault)?
    }
}

async fn write_all(db: Db, hub: Hub, mut receiver: mpsc::Receiver<Batch>) {
    let mut batches = Vec::with_capacity(AT_ONCE);
    while receiver.recv_many(&mut batches, AT_ONCE).await > 0 {
        while !batches.is_empty() {
            let mut rows = 0;
            let fit = batches.iter().take_while(|batch| {
                rows += batch.records.len();
                rows <= ROWS_IN_ALL
            });
            let count = fit.count().max(1);
            write_some(&db, &hub, batches.drain(..count).collect()).await;
        }
    }
}

async fn write_some(db: &Db, hub: &Hub, mut batches: Vec<Batch>) {
    match write(db, &mut batches).await {
        Ok(answers) => {
            let owners: HashSet<String> = answers.owners.into_iter().collect();
            for owner in owners {
                hub.publish(&Phone(owner), Live::RecordStored);
            }
            for (batch, stored) in batches.into_iter().zip(answers.stored) {
                // The asker may have gone away; the records stand all the same.
                let _gone = batch.answer.send(stored);
            }
        }
        Err(refusal) => {
            for batch in batches {
                let _gone = batch.answer.send(Err(refusal.clone()));
            }
        }
    }
}

/// What came of some batches, in their order, and whose pages have something new.
struct Answers {
    stored: Vec<Result<i64>>,
    owners: Vec<String>,
}

async fn write(db: &Db, batches: &mut [Batch]) -> Result<Answers> {
    let mut tx = db.begin().await?;
    let before = take(&mut tx, batches).await?;
    let mut stands = before.clone();
    let mut rows: Vec<(&GuardId, NewRecord)> = Vec::new();
    let mut stored = Vec::with_capacity(batches.len());
    for batch in batches.iter_mut() {
        let Some(at) = stands.get_mut(batch.guard_id.as_str()) else {
            stored.push(Err(Refusal::Unknown));
            continue;
        };
        for record in std::mem::take(&mut batch.records) {
            if record.seq > *at && record.first <= *at + 1 {
                *at = record.seq;
                rows.push((&batch.guard_id, record));
            }
        }
        stored.push(Ok(*at));
    }
    insert(&mut tx, &rows).await?;
    advance(&mut tx, &before, &stands).await?;
    tx.commit().await?;
    let owners = rows
        .into_iter()
        .map(|(_, record)| record.owner)
        .filter(|owner| !owner.is_empty())
        .collect();
    Ok(Answers { stored, owners })
}

/// Takes the rows of these guards for the rest of the transaction; answers the numbers they stand at.
async fn take(tx: &mut Tx, batches: &[Batch]) -> Result<HashMap<String, i64>> {
    // In one order everywhere, so that two nodes with the same guards do not block each other; filled up with the last one, so that there
    // are few different statements, each prepared once.
    let mut ids: Vec<&str> = batches.iter().map(|batch| batch.guard_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let Some(last) = ids.last() else {
        return Ok(HashMap::new());
    };
    let places = ids.len().next_power_of_two();
    let mut query = sql!(
        "UPDATE guards SET record_seq = record_seq WHERE guard_id IN ({ids}) RETURNING guard_id, record_seq"
        { ids: list(1, places) }
    );
    for place in 0..places {
        query = query.bind(*ids.get(place).unwrap_or(last));
    }
    row! {
        struct Stand {
            guard_id: String,
            record_seq: i64,
        }
    }
    let rows: Vec<Stand> = tx.all(query).await?;
    Ok(rows.into_iter().map(|row| (row.guard_id, row.record_seq)).collect())
}

async fn insert(tx: &mut Tx, rows: &[(&GuardId, NewRecord)]) -> Result<()> {
    let mut rest = rows;
    while !rest.is_empty() {
        let length = 1 << rest.len().min(ROWS_AT_ONCE).ilog2();
        let (now, later) = rest.split_at(length);
        let mut query = sql!(
            "INSERT INTO records (owner, at, guard_id, seq, way, opened, reason, service_numb, info, uncertainty_ms, received_at)
             VALUES {rows}"
            { rows: rows(now.len(), WIDTH) }
        );
        for (guard_id, record) in now {
            query = query
                .bind(&record.owner)
                .bind(record.at)
                .bind(guard_id.as_str())
                .bind(record.seq)
                .bind(record.way)
                .bind(i64::from(record.opened))
                .bind(record.reason)
                .bind(record.service_numb.as_deref())
                .bind(&record.info)
                .bind(record.uncertainty_ms)
                .bind(record.received_at);
        }
        tx.execute(query).await?;
        rest = later;
    }
    Ok(())
}

/// Writes down where the guards stand now.
async fn advance(tx: &mut Tx, before: &HashMap<String, i64>, after: &HashMap<String, i64>) -> Result<()> {
    let mut moved: Vec<(&str, i64)> = after
        .iter()
        .filter(|(guard_id, at)| before.get(*guard_id) != Some(*at))
        .map(|(guard_id, at)| (guard_id.as_str(), *at))
        .collect();
    moved.sort_unstable();
    let Some(last) = moved.last().copied() else {
        return Ok(());
    };
    let places = moved.len().next_power_of_two();
    // Citus spoils `CASE guard_id WHEN $1`.
    let cases: Vec<String> = (0..places)
        .map(|place| format!("WHEN guard_id = ${} THEN ${}", place * 2 + 1, place * 2 + 2))
        .collect();
    let ids: Vec<String> = (0..places).map(|place| format!("${}", place * 2 + 1)).collect();
    let mut query = sql!(
        "UPDATE guards SET record_seq = CASE {cases} ELSE record_seq END WHERE guard_id IN ({ids})"
        { cases: one_of(["WHEN guard_id = $1 THEN $2"], cases.join(" ")), ids: one_of(["$1"], ids.join(", ")) }
    );
    for place in 0..places {
        let (guard_id, at) = moved.get(place).copied().unwrap_or(last);
        query = query.bind(guard_id).bind(at);
    }
    tx.execute(query).await?;
    Ok(())
}
