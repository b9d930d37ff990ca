//! Tables of what is to be handed to somebody outside of this program. Any node takes a row for a while and offers it, again with longer and longer
//! pauses, until it was taken or is not worth it any more. It may be offered twice.

use crate::core::clock::growing_pause_ms;
use crate::core::db::{Cells, Group, Statement, sql};
use crate::core::job;
use crate::{Backend, Result};
use domain::ids::Millis;
use futures::StreamExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// A node that took a row has this long before another one takes it.
const LEASE_MS: i64 = 60_000;
/// Rows that are offered at the same time.
const AT_ONCE: usize = 8;

/// What became of the rows that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken.
    pub sent: usize,
    /// Not taken now, and to be offered again.
    pub failed: usize,
    /// Never to be taken: too late, refused, or not readable.
    pub dropped: usize,
}

/// The answer to an offer.
pub(crate) enum Answer {
    /// It has it.
    Taken,
    /// Offer it again, after this pause at least.
    NotNow { pause_ms: i64 },
    /// Do not offer it again.
    Never,
}

/// What every row of a queue has.
pub(crate) struct Entry {
    pub(crate) phone: String,
    pub(crate) id: String,
    pub(crate) tries: i64,
    next_at: i64,
}

impl Group for Entry {
    const COLUMNS: &'static [&'static str] = &["phone", "id", "tries", "next_at"];

    fn read(cells: &Cells<'_>, first: usize) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            phone: cells.get(first)?,
            id: cells.get(first + 1)?,
            tries: cells.get(first + 2)?,
            next_at: cells.get(first + 3)?,
        })
    }
}

/// A row whose time has come.
pub(crate) trait Due: Send + Sync {
    /// Who is offered it.
    type Taker: ?Sized + Sync;

    fn entry(&self) -> &Entry;

    /// Offers it; this node alone does, for as long as the lease lasts.
    fn offer(&self, b: &Backend, taker: &Self::Taker) -> impl Future<Output = Result<Answer>> + Send;
}

/// A table of them, which has the key `(phone, id)`.
#[derive(Clone, Copy)]
pub(crate) enum Table {
    Notifications,
    PushSends,
}

impl Table {
    /// Moves a row from the time at which it was found, unless another node has moved it meanwhile.
    fn postpone(self, entry: &Entry, from: Millis, until: Millis) -> Statement<'_> {
        let Entry { phone, id, tries, .. } = entry;
        let (from, until, tries) = (from.0, until.0, tries + 1);
        match self {
            Self::Notifications => sql!(
                "UPDATE notifications SET next_at = $4, tries = $5 WHERE phone = $1 AND id = $2 AND next_at = $3",
                phone,
                id,
                from,
                until,
                tries
            ),
            Self::PushSends => sql!(
                "UPDATE push_sends SET next_at = $4, tries = $5 WHERE phone = $1 AND id = $2 AND next_at = $3",
                phone,
                id,
                from,
                until,
                tries
            ),
        }
    }

    fn remove(self, entry: &Entry) -> Statement<'_> {
        let Entry { phone, id, .. } = entry;
        match self {
            Self::Notifications => sql!("DELETE FROM notifications WHERE phone = $1 AND id = $2", phone, id),
            Self::PushSends => sql!("DELETE FROM push_sends WHERE phone = $1 AND id = $2", phone, id),
        }
    }
}

/// A table and how long its pauses are.
pub(crate) struct Queue {
    pub(crate) table: Table,
    pub(crate) first_pause_ms: i64,
    pub(crate) longest_pause_ms: i64,
}

impl Queue {
    /// Offers these rows to `taker`.
    pub(crate) async fn deliver<D: Due>(&self, b: &Backend, taker: &D::Taker, due: Vec<D>) -> Result<Delivered> {
        let mut all = Delivered::default();
        let mut answers =
            futures::stream::iter(due.into_iter().map(|row| self.offer(b, taker, row))).buffer_unordered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            match answer? {
                Some(Answer::Taken) => all.sent += 1,
                Some(Answer::NotNow { .. }) => all.failed += 1,
                Some(Answer::Never) => all.dropped += 1,
                None => {}
            }
        }
        Ok(all)
    }

    /// `None`: another node took it.
    async fn offer<D: Due>(&self, b: &Backend, taker: &D::Taker, row: D) -> Result<Option<Answer>> {
        let entry = row.entry();
        let leased_until = b.now().plus(LEASE_MS);
        if !self.postpone(b, entry, Millis(entry.next_at), leased_until).await? {
            return Ok(None);
        }
        let answer = row.offer(b, taker).await?;
        match &answer {
            Answer::Taken | Answer::Never => {
                b.db().execute(self.table.remove(entry)).await?;
            }
            Answer::NotNow { pause_ms } => {
                let again = b.now().plus(self.pause_ms(entry.tries).max(*pause_ms));
                self.postpone(b, entry, leased_until, again).await?;
            }
        }
        Ok(Some(answer))
    }

    /// False when another node has moved the row since it stood at `from`.
    async fn postpone(&self, b: &Backend, entry: &Entry, from: Millis, until: Millis) -> Result<bool> {
        let moved = b.db().execute(self.table.postpone(entry, from, until)).await?;
        Ok(moved == 1)
    }

    fn pause_ms(&self, tries: i64) -> i64 {
        growing_pause_ms(self.first_pause_ms, self.longest_pause_ms, tries)
    }
}

/// Delivers what is due, in a task of this name: after each `wake`, and `every` so often without one, until the backend is closed.
pub(crate) fn start(
    name: &'static str,
    b: &Backend,
    wake: Arc<Notify>,
    every: Duration,
    deliver_due: for<'a> fn(&'a Backend) -> BoxFuture<'a, Result<Delivered>>,
) {
    let backend = b.downgrade();
    job::spawn(name, async move {
        loop {
            tokio::select! {
                () = wake.notified() => {}
                () = tokio::time::sleep(every) => {}
            }
            let Some(b) = backend.upgrade() else { return };
            if b.db().is_closed() {
                return;
            }
            // A failure is in the log already, and the next round tries again.
            let _delivered = deliver_due(&b).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let queue = Queue {
            table: Table::Notifications,
            first_pause_ms: 2_000,
            longest_pause_ms: 300_000,
        };
        let pauses: Vec<i64> = (0..4).map(|tries| queue.pause_ms(tries)).collect();
        assert_eq!(pauses, [2_000, 4_000, 8_000, 16_000]);
        assert_eq!((queue.pause_ms(30), queue.pause_ms(-1)), (300_000, 2_000));
    }
}
