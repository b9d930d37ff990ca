//! Reads of an SQLite file outside of transactions. A read runs in the thread that asks, over a connection that only reads: handing a statement to
//! another thread and its rows back costs ten times what most of them take. One that takes longer than [`HERE`] or brings more than [`ROWS_HERE`]
//! rows is given up and runs again on a blocking thread, so that it does not keep other tasks of its thread waiting.
//!
//! Statements are reset when their rows were read, so no connection here stays in a transaction: what begins after a commit sees it.

use super::row::{Cells, Sink, check_columns};
use super::statement::{Statement, Value};
use super::{CONNECTION_WITHIN, file, sqlite};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use sqlx::Error;
use sqlx::error::{DatabaseError, ErrorKind};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// A read in the calling thread takes no longer.
const HERE: Duration = Duration::from_millis(2);
/// And brings no more rows.
const ROWS_HERE: usize = 1024;
/// Steps of SQLite's machine between two looks at the clock: about 20 microseconds.
const STEPS: i32 = 1000;
/// Reads on blocking threads at once.
const ASIDE: u32 = 4;
/// Fewest connections for calling threads.
const FEWEST: usize = 4;
/// Statements a connection keeps prepared.
const PREPARED: usize = 256;
const MISUSE: i32 = 21;

/// Connections that read a file; cheap to clone.
#[derive(Clone)]
pub(super) struct Reader(Arc<Shared>);

struct Shared {
    path: PathBuf,
    closed: AtomicBool,
    /// One for each thread that asks, by and large: a thread that finds its own in use takes the next one.
    here: Box<[Mutex<Option<Open>>]>,
    aside: Mutex<Vec<Open>>,
    turns: Arc<Semaphore>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}

/// How many rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    First,
}

/// Why a read did not come to its end.
enum Stopped {
    /// It may take longer on another thread.
    Bound,
    Failed(Error),
}

thread_local! {
    static THREAD: Cell<Option<usize>> = const { Cell::new(None) };
}

/// A small number for each thread.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    THREAD.with(|thread| {
        let number = thread.get().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
        thread.set(Some(number));
        number
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reader {
    /// For this file. Nothing is opened before it is needed. `None`: a database in memory, or one opened in a way of its own.
    pub(super) fn new(url: &str) -> Option<Self> {
        // Somebody has made it by now.
        let parameters = url.split_once('?').map_or("mode=rw", |(_, parameters)| parameters);
        let plain = ["mode=rw", "mode=rwc"].contains(&parameters);
        let path = file::path_of(url).filter(|_| plain)?;
        let threads = std::thread::available_parallelism().map_or(FEWEST, |threads| threads.get().max(FEWEST));
        Some(Self(Arc::new(Shared {
            path,
            closed: AtomicBool::new(false),
            here: (0..threads).map(|_| Mutex::default()).collect(),
            aside: Mutex::default(),
            turns: Arc::new(Semaphore::new(ASIDE as usize)),
        })))
    }

    /// Puts the rows of a statement that reads into `rows`.
    pub(super) async fn read(
        &self,
        statement: Statement<'_>,
        wanted: Wanted,
        rows: &mut dyn Sink,
    ) -> Result<(), Error> {
        tokio::task::consume_budget().await;
        if !statement.is_slow() {
            match self.0.here(&statement, wanted, rows) {
                Ok(()) => return Ok(()),
                Err(Stopped::Failed(error)) => return Err(error),
                Err(Stopped::Bound) => {}
            }
        }
        let beside = self.aside(statement.into_owned(), wanted, rows.beside()).await?;
        rows.take(beside);
        Ok(())
    }

    /// On a blocking thread. Given up by its caller it ends soon.
    #[crate::boxed]
    async fn aside(
        &self,
        statement: Statement<'static>,
        wanted: Wanted,
        mut rows: Box<dyn Sink>,
    ) -> Result<Box<dyn Sink>, Error> {
        let turn = timeout(CONNECTION_WITHIN, self.0.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let abandoned = Abandoned(Arc::new(AtomicBool::new(false)));
        let (shared, given_up) = (self.0.clone(), abandoned.0.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            shared.beside(&statement, wanted, given_up, &mut *rows)?;
            Ok(rows)
        });
        let rows = reading.await.map_err(|_| Error::WorkerCrashed)?;
        drop(abandoned);
        rows
    }

    /// Closes all connections when what they do is done.
    pub(super) async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        // All of them: nobody reads aside any more.
        let all = self.0.turns.acquire_many(ASIDE).await;
        self.0.turns.close();
        drop(all);
        lock(&self.0.aside).clear();
        for slot in &self.0.here {
            drop(lock(slot).take());
        }
    }
}

/// Tells a read that nobody waits for it.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Shared {
    fn here(&self, statement: &Statement<'_>, wanted: Wanted, rows: &mut dyn Sink) -> Result<(), Stopped> {
        let (first, count) = (thread_number(), self.here.len());
        let free = (0..count).find_map(|next| match self.here[(first + next) % count].try_lock() {
            Ok(slot) => Some(slot),
            Err(TryLockError::Poisoned(slot)) => Some(slot.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let mut slot = free.ok_or(Stopped::Bound)?;
        if self.closed.load(Ordering::Acquire) {
            return Err(Stopped::Failed(Error::PoolClosed));
        }
        let mut open = match slot.take() {
            Some(open) => open,
            // What another process is at is waited for on another thread.
            None => Open::new(&self.path, Duration::ZERO)?,
        };
        open.bound.begin(Some(HERE), None);
        let outcome = open.run(statement, wanted, ROWS_HERE, rows);
        if !outcome.as_ref().is_err_and(Stopped::is_spoiled) {
            *slot = Some(open);
        }
        outcome
    }

    fn beside(
        &self,
        statement: &Statement<'_>,
        wanted: Wanted,
        given_up: Arc<AtomicBool>,
        rows: &mut dyn Sink,
    ) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::PoolClosed);
        }
        let kept = lock(&self.aside).pop();
        let open = match kept {
            Some(open) => Ok(open),
            None => Open::new(&self.path, Duration::from_millis(sqlite::WAITS_MS.into())),
        };
        let outcome = open.and_then(|mut open| {
            open.bound.begin(None, Some(given_up));
            let outcome = open.run(statement, wanted, usize::MAX, rows);
            if !outcome.as_ref().is_err_and(Stopped::is_spoiled) {
                lock(&self.aside).push(open);
            }
            outcome
        });
        outcome.map_err(|stopped| match stopped {
            Stopped::Failed(error) => error,
            Stopped::Bound => std::io::Error::new(std::io::ErrorKind::TimedOut, "a read was given up").into(),
        })
    }
}

impl Stopped {
    fn is_spoiled(&self) -> bool {
        matches!(self, Self::Failed(error) if super::health::is_spoiled(error))
    }

    fn of(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => {
                let kind = failure.extended_code & 0xff;
                // Interrupted by the bound, or held up by what is not waited for here.
                if [
                    rusqlite::ffi::SQLITE_INTERRUPT,
                    rusqlite::ffi::SQLITE_BUSY,
                    rusqlite::ffi::SQLITE_LOCKED,
                ]
                .contains(&kind)
                {
                    return Self::Bound;
                }
                Self::Failed(Fault::new(failure.extended_code, error.to_string()).into())
            }
            _ => Self::Failed(Fault::new(MISUSE, error.to_string()).into()),
        }
    }
}

/// An open connection.
struct Open {
    connection: Connection,
    bound: Arc<Bound>,
    /// By the text of a statement. A connection is used by one thread at a time.
    known: HashMap<Box<str>, Known, foldhash::fast::RandomState>,
}

/// What is known of a statement that a connection keeps prepared.
struct Known {
    /// See [`places`].
    places: Arc<[usize]>,
    /// Its answer has the columns of these rows.
    columns: &'static [&'static str],
}

impl Open {
    /// `waits`: so long a statement waits for another process.
    fn new(path: &Path, waits: Duration) -> Result<Self, Stopped> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(Stopped::of)?;
        let set = || {
            connection.busy_timeout(waits)?;
            // It reads and writes the file's own notes about readers, and nothing else.
            connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY")
        };
        set().map_err(Stopped::of)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let bound = Arc::new(Bound::new());
        let of_handler = bound.clone();
        connection.progress_handler(STEPS, Some(move || of_handler.is_over()));
        Ok(Self {
            connection,
            bound,
            known: HashMap::default(),
        })
    }

    fn run(
        &mut self,
        statement: &Statement<'_>,
        wanted: Wanted,
        most: usize,
        rows: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let (text, values) = (statement.text(), statement.values());
        if !statement.is_prepared() {
            let mut once = self.connection.prepare(text).map_err(Stopped::of)?;
            let places = places(&once, rows.columns()).map_err(Stopped::Failed)?;
            return fill(&mut once, &places, values, wanted, most, rows);
        }
        let mut kept = self.connection.prepare_cached(text).map_err(Stopped::of)?;
        let known = self.known.get(text).filter(|known| known.columns == rows.columns());
        let places = match known {
            Some(known) => known.places.clone(),
            None => {
                let places: Arc<[usize]> = places(&kept, rows.columns()).map_err(Stopped::Failed)?.into();
                if self.known.len() >= PREPARED {
                    self.known.clear();
                }
                let known = Known {
                    places: places.clone(),
                    columns: rows.columns(),
                };
                self.known.insert(text.into(), known);
                places
            }
        };
        fill(&mut kept, &places, values, wanted, most, rows)
    }
}

/// For each parameter in SQLite's order the place of its value: to SQLite `$1` is a name like any other. Fails where the columns are not those of the rows.
fn places(prepared: &rusqlite::Statement<'_>, columns: &[&str]) -> Result<Vec<usize>, Error> {
    check_columns(&prepared.column_names(), columns)?;
    let place = |index| {
        let name = prepared.parameter_name(index)?.strip_prefix('$')?;
        name.parse::<usize>().ok()?.checked_sub(1)
    };
    let places = (1..=prepared.parameter_count()).map(|index| place(index).ok_or_else(|| missing(index)));
    places.collect()
}

fn missing(index: usize) -> Error {
    Error::InvalidArgument(format!("a statement has no value for parameter {index}"))
}

fn fill(
    prepared: &mut rusqlite::Statement<'_>,
    places: &[usize],
    values: &[Value<'_>],
    wanted: Wanted,
    most: usize,
    rows: &mut dyn Sink,
) -> Result<(), Stopped> {
    for (index, place) in (1..).zip(places) {
        let value = values.get(*place).ok_or_else(|| Stopped::Failed(missing(index)))?;
        prepared.raw_bind_parameter(index, value).map_err(Stopped::of)?;
    }
    let mut answer = prepared.raw_query();
    while let Some(row) = answer.next().map_err(Stopped::of)? {
        if rows.count() == most {
            return Err(Stopped::Bound);
        }
        rows.push(&Cells::Direct(row)).map_err(Stopped::Failed)?;
        if wanted == Wanted::First {
            break;
        }
    }
    Ok(())
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Number(number) => number.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Text(text) => text
                .as_ref()
                .map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// When the statement that runs over a connection is to end.
struct Bound {
    epoch: Instant,
    /// Microseconds since then; 0: never.
    until: AtomicU64,
    given_up: Mutex<Option<Arc<AtomicBool>>>,
}

impl Bound {
    fn new() -> Self {
        Self {
            epoch: Instant::now(),
            until: AtomicU64::new(0),
            given_up: Mutex::default(),
        }
    }

    fn passed(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn begin(&self, within: Option<Duration>, given_up: Option<Arc<AtomicBool>>) {
        let until = within.map_or(0, |within| {
            self.passed()
                .saturating_add(u64::try_from(within.as_micros()).unwrap_or(u64::MAX))
        });
        self.until.store(until, Ordering::Relaxed);
        *lock(&self.given_up) = given_up;
    }

    fn is_over(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        if until > 0 && self.passed() > until {
            return true;
        }
        lock(&self.given_up)
            .as_ref()
            .is_some_and(|given_up| given_up.load(Ordering::Acquire))
    }
}

/// What SQLite says is wrong, as the driver of the other connections words it.
#[derive(Debug)]
struct Fault {
    code: i32,
    message: String,
}

impl Fault {
    fn new(code: i32, message: String) -> Self {
        Self { code, message }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

impl DatabaseError for Fault {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[cfg(test)]
mod tests;
