//! Scans are what is written most often. One task collects those that arrive while the one before is being written, and writes them in
//! one statement: a commit costs the same for one row and for many.

use crate::Result;
use crate::core::db::{Pool, fault, row, scope, sql};
use domain::error::Refusal;
use std::collections::HashSet;
use tokio::sync::{mpsc, oneshot};

const AT_ONCE: usize = 32;
const WAITING: usize = 1024;
const WIDTH: usize = 8;

/// A row of `scans`.
pub(crate) struct NewScan {
    pub(crate) yid: i64,
    pub(crate) token_id: String,
    pub(crate) cmd: &'static str,
    pub(crate) person: String,
    pub(crate) made_at: i64,
    pub(crate) date: String,
    pub(crate) scanned_at: i64,
    pub(crate) data: String,
}

struct Waiting {
    scan: NewScan,
    /// Of the request that waits, so that its id in the log leads to what went wrong here.
    span: tracing::Span,
    /// True: stored. False: this code was there already.
    answer: oneshot::Sender<Result<bool>>,
}

/// The way to the writing task, which ends when the last of these is dropped.
#[derive(Clone)]
pub(crate) struct ScanWriter(mpsc::Sender<Waiting>, Pool);

impl ScanWriter {
    pub(crate) fn start(pool: Pool) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        crate::core::job::spawn("scans", write_all(pool.clone(), receiver));
        Self(sender, pool)
    }

    /// Stores a scan; false when this code was accepted before.
    pub(crate) async fn store(&self, scan: NewScan) -> Result<bool> {
        let (answer, stored) = oneshot::channel();
        let span = tracing::Span::current();
        let waiting = Waiting { scan, span, answer };
        if scope::is_open() {
            // Part of a larger transaction, which the writing task would wait for.
            write(&self.1, &mut [waiting]).await;
        } else {
            self.0.send(waiting).await.map_err(fault)?;
        }
        stored.await.map_err(fault)?
    }
}

async fn write_all(pool: Pool, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(AT_ONCE);
    while receiver.recv_many(&mut waiting, AT_ONCE).await > 0 {
        write(&pool, &mut waiting).await;
        for one in waiting.drain(..) {
            // A caller still unanswered was part of a statement that failed.
            let _gone = one.answer.send(Err(Refusal::Internal));
        }
    }
}

async fn write(pool: &Pool, waiting: &mut [Waiting]) {
    row! {
        struct Stored {
            yid: i64,
            token_id: String,
        }
    }
    let mut query = sql!(
        "INSERT INTO scans (yid, token_id, cmd, person, made_at, date, scanned_at, data) VALUES {rows}
         ON CONFLICT (yid, token_id) DO NOTHING RETURNING yid, token_id"
        { rows: rows(waiting.len().next_power_of_two(), WIDTH) }
    );
    // Filled up with the last one, which is not stored twice, so that there are few different lengths, each prepared once.
    let last = waiting.last().into_iter().cycle();
    for Waiting { scan, .. } in waiting.iter().chain(last).take(waiting.len().next_power_of_two()) {
        query = query
            .bind(scan.yid)
            .bind(&scan.token_id)
            .bind(scan.cmd)
            .bind(&scan.person)
            .bind(scan.made_at)
            .bind(&scan.date)
            .bind(scan.scanned_at)
            .bind(&scan.data);
    }
    match pool.try_all::<Stored>(query).await {
        Ok(rows) => {
            let mut stored: HashSet<(i64, String)> = rows.into_iter().map(|row| (row.yid, row.token_id)).collect();
            for one in waiting.iter_mut() {
                // Taken out of the set: of two with the same code in one statement, the first is the one that was stored.
                let fresh = stored.remove(&(one.scan.yid, std::mem::take(&mut one.scan.token_id)));
                answer(one, Ok(fresh));
            }
        }
        Err(error) => {
            let cause = error.to_string();
            let refusal = fault(error);
            for one in waiting.iter_mut() {
                if refusal == Refusal::Internal {
                    one.span.in_scope(|| tracing::error!(cause, "the scan was not stored"));
                }
                answer(one, Err(refusal.clone()));
            }
        }
    }
}

fn answer(waiting: &mut Waiting, result: Result<bool>) {
    let (unused, _) = oneshot::channel();
    // The asker may have gone away; the scan stands all the same.
    let _gone = std::mem::replace(&mut waiting.answer, unused).send(result);
}
