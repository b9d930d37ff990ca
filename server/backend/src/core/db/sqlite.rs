//! Connections to an SQLite file.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Error, SqliteConnection};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A write waits so long for one of another process.
pub(crate) const WAITS_MS: u32 = 5_000;
/// While another process makes the file.
const MADE_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const BUSY: u32 = 5;
const LOCKED: u32 = 6;

/// Everything is durable unless a transaction asks for less. The log is cut to the limit when it begins again from its start.
const SETTINGS: [&str; 6] = [
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -4000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 8388608",
];

/// A connection with our settings.
pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, Error> {
    let late = Instant::now() + MADE_WITHIN;
    loop {
        let mut connection = SqliteConnection::connect_with(options).await?;
        match set(&mut connection).await {
            Ok(()) => return Ok(connection),
            // Others that open the file at the same moment are in the way of its mode, and SQLite does not wait for them.
            Err(error) if is_busy(&error) && Instant::now() < late => sleep(LOOK_EVERY).await,
            Err(error) => return Err(error),
        }
    }
}

/// Sets what every connection has.
pub(super) async fn set(connection: &mut SqliteConnection) -> Result<(), Error> {
    wait_at_most(connection, WAITS_MS).await?;
    for pragma in SETTINGS {
        run(connection, pragma).await?;
    }
    Ok(())
}

/// How long a statement waits for another process.
pub(crate) async fn wait_at_most(connection: &mut SqliteConnection, millis: u32) -> Result<(), Error> {
    run(connection, &format!("PRAGMA busy_timeout = {millis}")).await
}

async fn run(connection: &mut SqliteConnection, sql: &str) -> Result<(), Error> {
    sqlx::query(sql).persistent(false).fetch_all(connection).await?;
    Ok(())
}

/// Whether it can be written, found out without waiting for others.
pub(super) async fn try_write(options: &SqliteConnectOptions) -> Result<(), Error> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    wait_at_most(&mut connection, 0).await?;
    let begun = run(&mut connection, "BEGIN IMMEDIATE").await;
    let tried = match begun {
        // Beginning alone succeeds where nothing can be written.
        Ok(()) => run(&mut connection, "CREATE TABLE tried (n BIGINT)").await,
        Err(error) => Err(error),
    };
    let undone = run(&mut connection, "ROLLBACK").await;
    // It was asked; how it ends does not matter.
    let _closed = connection.close().await;
    match tried {
        Err(error) if is_busy(&error) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => undone,
    }
}

/// Bytes of the database by what it says of itself.
pub(super) async fn bytes(connection: &mut SqliteConnection) -> Result<u64, Error> {
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&mut *connection).await?;
    let (size,): (i64,) = sqlx::query_as("PRAGMA page_size").fetch_one(connection).await?;
    Ok(u64::try_from(pages.saturating_mul(size)).unwrap_or(0))
}

/// Brings everything from the write-ahead log into the file and makes the log empty, if no reader needs it within this time.
pub(super) async fn cut_log(connection: &mut SqliteConnection, millis: u32) -> Result<(), Error> {
    wait_at_most(connection, millis).await?;
    let cut = run(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    wait_at_most(connection, WAITS_MS).await?;
    cut
}

/// The kind of an error; SQLite keeps it in the lowest byte.
pub(super) fn kind(error: &Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    // Codes of PostgreSQL have five characters, some of them only digits.
    (code.len() < 5)
        .then(|| code.parse::<u32>().ok())
        .flatten()
        .map(|code| code & 0xff)
}

fn is_busy(error: &Error) -> bool {
    kind(error).is_some_and(|kind| [BUSY, LOCKED].contains(&kind))
}

/// What is wrong with a file that cannot be opened, and what helps.
pub(super) fn advice(error: &Error) -> Option<&'static str> {
    Some(match kind(error)? {
        BUSY | LOCKED => "another program keeps it locked: end that program",
        8 => "it cannot be written: see who owns it and its directory, and whether the file system is read-only",
        13 => "the disk is full: make room",
        14 => "it cannot be opened: see that its directory exists, and that this user may write there",
        10 => "the disk fails: see the log of the system",
        11 | 26 => "it is damaged, or it is no database of Latchkey: put a backup in its place with latchkey restore",
        _ => return None,
    })
}
