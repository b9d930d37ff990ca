//! The one task that writes to an SQLite file. A caller that wants to write gets a turn on its connection, one after the other; the turns that
//! are waiting together become one transaction, each in a savepoint, and are answered after its commit. A commit that survives a power cut
//! costs the same for one turn and for a hundred. A single statement that comes when nobody waits is a transaction of its own, which saves two ways to the
//! thread of the connection and back.
//!
//! A failed begin, commit or rollback closes the connection: nothing is known of its state. The next turn makes another one.

use super::file::{Changed, Watched};
use super::health::is_unavailable;
use crate::core::counted::Counted;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Error, SqliteConnection};
use std::io;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

/// Turns that wait; more wait before the door.
const WAITING: usize = 1024;
/// A turn comes within this, also when the file is busy with a long import, or its asker is told to come again.
const TURN_WITHIN: Duration = Duration::from_secs(10);
/// A transaction takes no more turns after this, so that the first one is not kept waiting.
pub(super) const LONGEST: Duration = Duration::from_millis(25);
/// After failures that follow each other the next try comes this much later, so that a broken disk is not asked without a pause.
const PAUSE: Duration = Duration::from_millis(100);
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// A write-ahead log that has grown further behind a long reader is cut as soon as no reader needs it.
const LONG_LOG: u64 = 32 * 1024 * 1024;
const CUT_EVERY: Duration = Duration::from_secs(10);
const CUT_WAITS_MS: u32 = 100;

/// What SQLite calls a row that is not allowed.
const CONSTRAINT: u32 = 19;

static FAILURES: Counted = Counted::new();

/// What must be on the disk when a turn is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// All of it: it is there after a power cut.
    Full,
    /// It survives the process, and may be lost with the power. Never what somebody relies on.
    Relaxed,
}

/// What is done in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// One statement, which SQLite itself undoes where it fails.
    Statement,
    /// Any number of statements, all of them or none.
    Several,
}

/// Why a transaction did not come about, for each of its turns.
#[derive(Clone, Debug)]
struct Failure {
    passes: bool,
    text: String,
}

impl Failure {
    fn new(error: &Error) -> Self {
        Self {
            // What the rows do not allow stays so. Anything else is the file or the connection, and another connection may do better.
            passes: super::sqlite::kind(error) != Some(CONSTRAINT),
            text: error.to_string(),
        }
    }

    fn of_file(error: &io::Error) -> Self {
        Self {
            passes: true,
            text: format!("the database file is no longer the one that was opened: {error}"),
        }
    }

    /// For somebody who asked. It is in the log already.
    fn error(&self) -> Error {
        if self.passes {
            io::Error::new(io::ErrorKind::NotConnected, self.text.clone()).into()
        } else {
            Error::AnyDriverError(self.text.clone().into())
        }
    }
}

type Did<T> = Result<T, Failure>;

struct Request {
    durability: Durability,
    work: Work,
    answer: oneshot::Sender<Result<Turn, Error>>,
}

enum Message {
    Turn(Request),
    Close(oneshot::Sender<()>),
}

/// The way to the writing task, which ends when the last of these is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Message>);

impl Writer {
    /// Connects, so that whatever is wrong with the file is known at once. `file` is `None` for a database in memory; `longest`: a
    /// transaction takes no more turns after this.
    pub(super) async fn start(
        options: SqliteConnectOptions,
        file: Option<Watched>,
        longest: Duration,
    ) -> Result<Self, Error> {
        let connection = super::sqlite::connect(&options).await?;
        let (sender, messages) = mpsc::channel(WAITING);
        let now = Instant::now();
        let task = Task {
            options,
            file,
            longest,
            connection: Some(connection),
            synchronous: Durability::Full,
            log_is_known: false,
            failed: None,
            cut_at: now,
        };
        crate::core::job::spawn("database", task.run(messages));
        Ok(Self(sender))
    }

    /// A turn on the connection.
    pub(super) async fn turn(&self, durability: Durability, work: Work) -> Result<Turn, Error> {
        let (answer, turn) = oneshot::channel();
        let request = Message::Turn(Request {
            durability,
            work,
            answer,
        });
        let asking = async {
            self.0.send(request).await.map_err(|_| Error::PoolClosed)?;
            turn.await.map_err(|_| Error::PoolClosed)?
        };
        timeout(TURN_WITHIN, asking).await.unwrap_or(Err(Error::PoolTimedOut))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Finishes what was begun, and lets go of the file.
    pub(super) async fn close(&self) {
        let (closed, ended) = oneshot::channel();
        if self.0.send(Message::Close(closed)).await.is_ok() {
            // Nothing is sent where the task ended meanwhile.
            let _ended = ended.await;
        }
    }
}

/// How a turn ended.
enum End {
    /// What it did is to be committed. The answer comes when it is.
    Commit(Answer),
    /// Nothing of it is to stay. The answer comes when what it saw of others is committed.
    Rollback(Answer),
    /// Its asker failed or went away.
    Dropped,
    /// A statement failed in a way that may have ended the transaction.
    Broken(Failure),
}

type Answer = oneshot::Sender<Did<()>>;

struct Returned {
    connection: SqliteConnection,
    end: End,
}

impl std::fmt::Debug for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Returned").finish_non_exhaustive()
    }
}

/// The connection, for as long as nobody else has it. Dropped, what several statements did in it is undone.
#[derive(Debug)]
pub(super) struct Turn(Option<(SqliteConnection, oneshot::Sender<Returned>)>);

impl Turn {
    /// What statements run over.
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Error> {
        match &mut self.0 {
            Some((connection, _)) => Ok(connection),
            None => Err(Error::WorkerCrashed),
        }
    }

    /// Stands when this returns. Where it fails it is not known whether it stands.
    pub(super) async fn commit(self) -> Result<(), Error> {
        self.end(End::Commit).await
    }

    /// Undoes everything, and returns when what was seen in this turn is committed or undone as well.
    pub(super) async fn rollback(self) -> Result<(), Error> {
        self.end(End::Rollback).await
    }

    async fn end(mut self, how: impl FnOnce(Answer) -> End) -> Result<(), Error> {
        let (answer, outcome) = oneshot::channel();
        self.give_back(how(answer));
        match outcome.await {
            Ok(outcome) => outcome.map_err(|failure| failure.error()),
            Err(_) => Err(Error::WorkerCrashed),
        }
    }

    /// A statement failed with this.
    pub(super) fn failed(mut self, error: &Error) {
        let end = if is_unavailable(error) {
            End::Broken(Failure::new(error))
        } else {
            End::Dropped
        };
        self.give_back(end);
    }

    fn give_back(&mut self, end: End) {
        if let Some((connection, back)) = self.0.take() {
            // The task waits for it, unless everything ends.
            let _ended = back.send(Returned { connection, end });
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give_back(End::Dropped);
    }
}

/// The failures since something was last committed.
struct Failed {
    at: Instant,
    times: u32,
}

struct Task {
    options: SqliteConnectOptions,
    file: Option<Watched>,
    longest: Duration,
    connection: Option<SqliteConnection>,
    /// As it is set on the connection.
    synchronous: Durability,
    /// Which file the connection writes its log to is known.
    log_is_known: bool,
    failed: Option<Failed>,
    /// When the log was last cut, or would have been.
    cut_at: Instant,
}

impl Task {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut next = None;
        loop {
            let message = match next.take() {
                Some(message) => message,
                None => match messages.recv().await {
                    Some(message) => message,
                    None => break self.close().await,
                },
            };
            match message {
                Message::Turn(first) => next = self.transaction(first, &mut messages).await,
                Message::Close(closed) => {
                    self.close().await;
                    messages.close();
                    // Nobody waits for it any more where this fails.
                    let _gone = closed.send(());
                    break;
                }
            }
            self.cut_log().await;
        }
    }

    /// Everything that waits, in one transaction. Answers what came last and does not belong to it.
    async fn transaction(&mut self, first: Request, messages: &mut mpsc::Receiver<Message>) -> Option<Message> {
        let durability = first.durability;
        let alone = first.work == Work::Statement && messages.is_empty() && self.log_is_known && self.failed.is_none();
        if let Err(failure) = self.begin(durability, alone).await {
            self.give_up("begin", &failure).await;
            return refuse(first, &failure, messages);
        }
        let (begun, mut turns) = (Instant::now(), Vec::new());
        let (mut outcome, mut next, mut other) = (Ok(()), Some(Message::Turn(first)), None);
        while let Some(message) = next.take() {
            match message {
                Message::Turn(request) if durability == Durability::Full || request.durability == durability => {
                    outcome = self.turn(request, &mut turns).await;
                }
                message => other = Some(message),
            }
            if alone || outcome.is_err() || other.is_some() || begun.elapsed() > self.longest {
                break;
            }
            next = waiting(messages).await;
        }
        if outcome.is_ok() {
            outcome = self.commit(alone).await;
        }
        if let Err(failure) = &outcome {
            self.give_up("commit", failure).await;
        }
        for turn in turns {
            // The caller may have gone away; what it did is kept all the same.
            let _gone = turn.send(outcome.clone());
        }
        other
    }

    /// `alone`: a single statement begins and commits for itself.
    async fn begin(&mut self, durability: Durability, alone: bool) -> Did<()> {
        if let Some(failed) = self.failed.as_ref().filter(|failed| failed.times > 1) {
            sleep_until(failed.at + PAUSE).await;
        }
        self.check_file().await?;
        if self.connection.is_none() {
            let connection = super::sqlite::connect(&self.options).await;
            self.connection = Some(connection.map_err(|error| Failure::new(&error))?);
            self.synchronous = Durability::Full;
        }
        if self.synchronous != durability {
            let pragma = match durability {
                Durability::Full => "PRAGMA synchronous = FULL",
                Durability::Relaxed => "PRAGMA synchronous = NORMAL",
            };
            self.run_statement(pragma).await?;
            self.synchronous = durability;
        }
        if !alone {
            self.run_statement("BEGIN IMMEDIATE").await?;
        }
        if let Some(file) = self.file.as_ref().filter(|_| !self.log_is_known) {
            file.connected();
        }
        self.log_is_known = true;
        Ok(())
    }

    async fn turn(&mut self, request: Request, turns: &mut Vec<Answer>) -> Did<()> {
        if request.answer.is_closed() {
            return Ok(());
        }
        let several = request.work == Work::Several;
        if several && let Err(failure) = self.run_statement("SAVEPOINT turn").await {
            let _gone = request.answer.send(Err(failure.error()));
            return Err(failure);
        }
        let Some(connection) = self.connection.take() else {
            return Err(Failure::new(&Error::WorkerCrashed));
        };
        let (back, returned) = oneshot::channel();
        // A turn nobody takes comes back like any other.
        drop(request.answer.send(Ok(Turn(Some((connection, back))))));
        let Ok(Returned { connection, end }) = returned.await else {
            return Err(Failure::new(&Error::WorkerCrashed));
        };
        self.connection = Some(connection);
        let (answer, stays) = match end {
            End::Commit(answer) => (Some(answer), true),
            End::Rollback(answer) => (Some(answer), false),
            End::Dropped => (None, false),
            End::Broken(failure) => return Err(failure),
        };
        turns.extend(answer);
        if several && !stays {
            self.run_statement("ROLLBACK TO turn").await?;
        }
        if several {
            self.run_statement("RELEASE turn").await?;
        }
        Ok(())
    }

    async fn commit(&mut self, alone: bool) -> Did<()> {
        if !alone {
            self.run_statement("COMMIT").await?;
        }
        // What was written while the file was taken away is not acknowledged.
        self.check_file().await?;
        if self.failed.take().is_some() && FAILURES.count("written again").is_some() {
            tracing::info!("the database can be written again");
        }
        Ok(())
    }

    async fn run_statement(&mut self, sql: &'static str) -> Did<()> {
        let Some(connection) = &mut self.connection else {
            return Err(Failure::new(&Error::WorkerCrashed));
        };
        let ran = sqlx::query(sql).execute(connection).await;
        ran.map(|_| ()).map_err(|error| Failure::new(&error))
    }

    async fn check_file(&mut self) -> Did<()> {
        let Some(file) = &self.file else { return Ok(()) };
        match file.check() {
            Ok(()) => Ok(()),
            Err(Changed::Lost(error)) => Err(Failure::of_file(&error)),
            Err(Changed::Shorter(bytes)) => {
                // A vacuum left as many pages as it has bytes for.
                if let Some(connection) = &mut self.connection
                    && super::sqlite::bytes(connection).await.ok() == Some(bytes)
                {
                    file.accept(bytes);
                    return Ok(());
                }
                let cut = io::Error::other("it was cut or written over");
                Err(Failure::of_file(&cut))
            }
        }
    }

    /// Nothing is known of the connection any more.
    async fn give_up(&mut self, what: &str, failure: &Failure) {
        if let Some(left_out) = FAILURES.count(&failure.text) {
            tracing::error!(error = %failure.text, left_out, "the database could not {what} a transaction");
        }
        self.close().await;
        // What rows do not allow is no fault of the file.
        if failure.passes {
            self.failed = Some(Failed {
                at: Instant::now(),
                times: self.failed.as_ref().map_or(1, |failed| failed.times.saturating_add(1)),
            });
        }
    }

    async fn close(&mut self) {
        let file = self.file.as_ref().filter(|file| file.check().is_ok());
        if let Some(connection) = self.connection.take() {
            // Dropped, it ends as soon as it has done what it is at.
            let _closed = timeout(CLOSE_WITHIN, connection.close()).await;
            if let Some(file) = file {
                file.disconnected();
                self.log_is_known = false;
            }
        }
    }

    /// Behind a long reader the log grows; afterwards nobody would make it short again.
    async fn cut_log(&mut self) {
        let long = self.file.as_ref().is_some_and(|file| file.log_bytes() > LONG_LOG);
        let Some(connection) = self
            .connection
            .as_mut()
            .filter(|_| long && self.cut_at.elapsed() > CUT_EVERY)
        else {
            return;
        };
        self.cut_at = Instant::now();
        if let Err(error) = super::sqlite::cut_log(connection, CUT_WAITS_MS).await {
            tracing::debug!(%error, "the write-ahead log could not be cut");
        }
    }
}

/// The next that waits; those who were just answered get the chance to ask again.
async fn waiting(messages: &mut mpsc::Receiver<Message>) -> Option<Message> {
    if let Ok(message) = messages.try_recv() {
        return Some(message);
    }
    tokio::task::yield_now().await;
    messages.try_recv().ok()
}

/// Refuses this turn and those that wait already: each of them would wait just as long for the same.
fn refuse(first: Request, failure: &Failure, messages: &mut mpsc::Receiver<Message>) -> Option<Message> {
    let _gone = first.answer.send(Err(failure.error()));
    for _ in 0..messages.len() {
        match messages.try_recv() {
            Ok(Message::Turn(request)) => {
                let _gone = request.answer.send(Err(failure.error()));
            }
            Ok(message) => return Some(message),
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests;
