//! Whether a database behind a network answers. Where it does not, everybody is told so at once instead of waiting behind a dead
//! pool, and one task asks again and again until it answers.
//!
//! One failed statement is only a suspicion, since a single connection may have ended by itself: a fresh connection decides.

use super::pool::PostgresPools;
use sqlx::{Connection as _, PgConnection};
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

/// A statement that takes longer is given up. The server gives up a little earlier, by `statement_timeout`.
const STATEMENT_WITHIN: Duration = Duration::from_secs(35);
/// A database that answers does so within this, also on a machine that has much to do.
const PROBE_WITHIN: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// What PostgreSQL answers a client that writes to a standby.
const READ_ONLY: &str = "25006";
/// A failure explains others that follow within this.
const TROUBLE_LASTS: Duration = Duration::from_secs(10);

/// What is known of a database; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Health(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    up: watch::Sender<bool>,
    suspected: Arc<Notify>,
    /// False for a file: there is no connection that could be lost, and nothing to probe.
    is_probed: AtomicBool,
    failed_at: Mutex<Option<Instant>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The watching task ends.
        self.suspected.notify_one();
    }
}

impl Health {
    /// Believed to answer.
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            up: watch::Sender::new(true),
            suspected: Arc::default(),
            is_probed: AtomicBool::new(false),
            failed_at: Mutex::default(),
        }))
    }

    /// From now on a suspicion is looked into.
    pub(super) fn watch(&self, pools: &Arc<PostgresPools>, url: &str) {
        self.0.is_probed.store(true, Ordering::Relaxed);
        let (health, suspected) = (Arc::downgrade(&self.0), self.0.suspected.clone());
        crate::core::job::spawn(
            "database",
            watch_over(health, suspected, Arc::downgrade(pools), url.to_owned()),
        );
    }

    /// Of the same database?
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// False: it did not answer, and has not since.
    pub(crate) fn is_up(&self) -> bool {
        *self.0.up.borrow()
    }

    /// Comes back when it answers.
    pub(crate) async fn until_up(&self) {
        // Fails only where nobody is left to say so.
        let _gone = self.0.up.subscribe().wait_for(|up| *up).await.is_err();
    }

    /// Did something fail lately because of the database?
    pub(crate) fn is_troubled(&self) -> bool {
        let failed_at = *self.0.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_up() || failed_at.is_some_and(|at| at.elapsed() < TROUBLE_LASTS)
    }

    /// It may be away: somebody looks.
    pub(crate) fn suspect(&self) {
        if self.0.is_probed.load(Ordering::Relaxed) {
            self.0.suspected.notify_one();
        }
    }

    /// Lets `work` go on for as long as the database is believed to answer.
    pub(super) async fn within<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let outcome = if self.0.is_probed.load(Ordering::Relaxed) {
            self.while_up(work).await
        } else {
            // A file says by itself how long it lets somebody wait.
            work.await
        };
        if let Err(error) = &outcome {
            self.judge(error);
        }
        outcome
    }

    async fn while_up<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let mut up = self.0.up.subscribe();
        if !*up.borrow_and_update() {
            return Err(away());
        }
        tokio::select! {
            biased;
            outcome = work => outcome,
            _ = up.wait_for(|up| !*up) => Err(away()),
            () = sleep(STATEMENT_WITHIN) => Err(late()),
        }
    }

    /// Keeps in mind what this says of the database.
    pub(super) fn judge(&self, error: &sqlx::Error) {
        if is_unavailable(error) {
            *self.0.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        if is_lost(error) {
            self.suspect();
        }
    }
}

/// Given up by us, so the connection it was said over is of no use any more.
pub(super) fn is_given_up(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if matches!(error.kind(), io::ErrorKind::NotConnected | io::ErrorKind::TimedOut))
}

fn away() -> sqlx::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the database does not answer").into()
}

fn late() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time").into()
}

/// The connection is lost, or none could be had.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
        // Connection exceptions; ended by an administrator, by a crash, not started yet; a standby, from which the address may lead away.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code == READ_ONLY || code.len() == 5 && (code.starts_with("08") || code.starts_with("57P0"))
        }),
        _ => false,
    }
}

/// It is not our mistake and may be better in a moment: the same request can be made again.
pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => is_lost(error) || database.code().is_some_and(|code| passes(&code)),
        _ => is_lost(error),
    }
}

fn passes(code: &str) -> bool {
    if code.len() == 5 {
        // Out of something; cancelled; a lock that was not to be had; two in each other's way; a database that
        // lets nobody in.
        let lasting_a_moment = ["57014", "55P03", "40001", "40P01", "25P03", "55000"];
        return code.starts_with("53") || lasting_a_moment.contains(&code);
    }
    // SQLite: busy, locked, no memory, read-only, interrupted, an error of the disk, damaged, full, cannot be opened, locks in disorder, no
    // database. The lowest byte is the kind.
    let kind = code.parse::<u32>().map(|code| code & 0xff);
    kind.is_ok_and(|kind| [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26].contains(&kind))
}

/// The connection it came over is better not used again: it was given up on, or SQLite could not read or write its file.
pub(super) fn is_spoiled(error: &sqlx::Error) -> bool {
    let spoiled = super::sqlite::kind(error).is_some_and(|kind| [7, 8, 10, 11, 13, 14, 26].contains(&kind));
    is_given_up(error) || spoiled
}

/// It has as many connections as it takes, or as we may have.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some("53300"),
        _ => false,
    }
}

/// What is wanted of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A replica will do.
    Reading,
    Writing,
}

/// Does it answer? A server that says that it has too many connections does.
async fn probe(url: &str, within: Duration) -> Result<(), sqlx::Error> {
    match ask(url, Use::Writing, within).await {
        Err(error) if is_full(&error) => Ok(()),
        outcome => outcome,
    }
}

/// Can it be used like that, over one more connection?
pub(super) async fn ask(url: &str, wanted: Use, within: Duration) -> Result<(), sqlx::Error> {
    let asked = async {
        let mut connection = PgConnection::connect(url).await?;
        let (read_only,): (String,) = sqlx::query_as("SELECT current_setting('transaction_read_only')")
            .persistent(false)
            .fetch_one(&mut connection)
            .await?;
        if wanted == Use::Writing && read_only == "on" {
            return Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "the database takes no writes").into());
        }
        // It answered; how it says goodbye does not matter.
        let _closed = connection.close().await;
        Ok(())
    };
    match timeout(within, asked).await {
        Err(_) => Err(late()),
        Ok(outcome) => outcome,
    }
}

async fn watch_over(health: Weak<Shared>, suspected: Arc<Notify>, pools: Weak<PostgresPools>, url: String) {
    loop {
        suspected.notified().await;
        let (mut pause, mut since) = (FIRST_PAUSE, None);
        while let Err(error) = probe(&url, PROBE_WITHIN).await {
            let (Some(health), Some(pools)) = (health.upgrade(), pools.upgrade()) else {
                return;
            };
            if since.is_none() {
                since = Some(Instant::now());
                tracing::error!(%error, "the database does not answer");
                health.up.send_replace(false);
                // None of the old connections is trusted any more.
                pools.renew();
            }
            drop((health, pools));
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let Some(health) = health.upgrade() else { return };
        if let Some(since) = since {
            tracing::info!(seconds = since.elapsed().as_secs_f32(), "the database answers again");
            health.up.send_replace(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for passing in [
            "53100", "53300", "57014", "40001", "5", "13", "261", "778", "14", "1032", "11", "26", "267",
        ] {
            assert!(passes(passing), "{passing}");
        }
        for staying in ["23505", "42P01", "22001", "19", "1555", "2067", "1", "787", ""] {
            assert!(!passes(staying), "{staying}");
        }
    }

    #[tokio::test]
    async fn work_ends_when_the_database_is_found_away() {
        let health = Health::new();
        // As for a database behind a network.
        health.0.is_probed.store(true, Ordering::Relaxed);
        let waiting = tokio::spawn({
            let health = health.clone();
            async move { health.within::<()>(std::future::pending()).await }
        });
        tokio::task::yield_now().await;
        health.0.up.send_replace(false);
        let error = waiting.await.unwrap().unwrap_err();
        assert!(is_unavailable(&error) && is_given_up(&error) && health.is_troubled());
        // And nobody begins while it is.
        let error = health.within(async { Ok(()) }).await.unwrap_err();
        assert!(is_given_up(&error));
    }
}
