//! Connections and transactions. SQL is the same text on both engines; what differs between them is only here.

mod conditions;
mod connection;
pub(crate) mod file;
mod health;
mod pool;
mod reader;
mod row;
mod run;
pub(crate) mod scope;
pub(crate) mod sqlite;
mod statement;
mod tx;
mod writer;

pub(crate) use conditions::Conditions;
pub(crate) use connection::{Connection, Pooled};
pub(crate) use health::Health;
use health::Use;
pub(crate) use pool::Pool;
pub(crate) use row::{Cells, Columns, Group, Row, joined, row};
pub(crate) use run::Over;
#[cfg(test)]
pub(crate) use statement::{Family, Piece, Registered, family, register, samples};
pub(crate) use statement::{Statement, Value, piece, sql};
pub(crate) use tx::Tx;

use crate::Result;
use crate::core::OpenError;
use crate::core::counted::Counted;
use domain::error::Refusal;
use domain::ids::Millis;
use pool::Pools;
use reader::Reader;
pub(crate) use scope::Scope;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::any::Any;
use std::str::FromStr;
use std::time::Duration;
use writer::{Durability, Writer};

/// Readers beside the one writer of an SQLite file.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL unless a setting says otherwise.
pub(crate) const POSTGRES_CONNECTIONS: u32 = 16;
/// A caller without a connection by then is told to come again: a queue that only grows helps nobody.
const CONNECTION_WITHIN: Duration = Duration::from_secs(4);
/// A connection unused for so long is tried before it is used.
const TRIED_AFTER: Duration = Duration::from_secs(1);
/// What the server of a connection ends by itself: statements, waits for locks, transactions nobody goes on with (whose node is cut off,
/// and which hold locks).
const POSTGRES_ENDS: &str = "SELECT set_config('statement_timeout', '30000', false), set_config('lock_timeout', '5000', false),
     set_config('idle_in_transaction_session_timeout', '10000', false), set_config('application_name', 'latchkey', false)";
/// For what may take as long as it takes.
const POSTGRES_WAITS: &str =
    "SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false),
     set_config('idle_in_transaction_session_timeout', '0', false)";
/// How soon it notices that nobody is at the other end. Not every engine that speaks its protocol knows these.
const POSTGRES_NOTICES: &str =
    "SELECT set_config('tcp_keepalives_idle', '20', false), set_config('tcp_keepalives_interval', '5', false),
     set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '20000', false)";

/// Reads what holds these columns of sealed texts, `$names` being the expressions for them; where one is so damaged that no row comes, the others are
/// read all the same, by [`Db::sound`].
macro_rules! read_sound {
    ($b:expr, $columns:expr, |$names:pat_param| $read:block) => {{
        let first = async {
            let $names = $columns.map(str::to_owned);
            $read
        };
        match first.await {
            Err(error) if $crate::core::db::is_damage(&error) => {
                let $names = $columns.map(|column: &str| $b.db().sound(column));
                $read.map_err($crate::core::db::fault)
            }
            outcome => outcome.map_err($crate::core::db::fault),
        }
    }};
}
pub(crate) use read_sound;

/// A value is not what its column holds.
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// See [`Db::sound`].
    fn sound(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("CASE WHEN {column} GLOB '*[^ -~]*' THEN '' ELSE {column} END"),
            Self::Postgres => format!("CASE WHEN {column} ~ '[^ -~]' THEN '' ELSE {column} END"),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Db {
    engine: Engine,
    read: Pool,
    write: Pool,
    relaxed: Pool,
    health: Health,
}

static FAULTS: Counted = Counted::new();

impl Db {
    /// Connects where a database is already, to read it; makes none.
    pub(crate) async fn connect_existing(url: &str) -> std::result::Result<Self, OpenError> {
        Self::connect_for(Use::Reading, url, POSTGRES_CONNECTIONS).await
    }

    /// Connects, and leaves the tables as they are.
    pub(crate) async fn connect(url: &str) -> std::result::Result<Self, OpenError> {
        Self::connect_with(url, POSTGRES_CONNECTIONS).await
    }

    /// The same with at most this number of connections to PostgreSQL.
    pub(crate) async fn connect_with(url: &str, connections: u32) -> std::result::Result<Self, OpenError> {
        Self::connect_for(Use::Writing, url, connections).await
    }

    async fn connect_for(wanted: Use, url: &str, connections: u32) -> std::result::Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(wanted, url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let opened = Self::open_postgres(wanted, url, connections).await;
            opened.map_err(|error| open_error(&error))
        } else {
            Err(OpenError::DatabaseUrl)
        }
    }

    /// One task writes, because SQLite lets only one write at a time anyway, and what waits in our queue shares a commit.
    async fn open_sqlite(wanted: Use, url: &str) -> std::result::Result<Self, OpenError> {
        let path = file::path_of(url);
        let name = || {
            path.as_ref()
                .map_or_else(|| url.to_owned(), |path| path.display().to_string())
        };
        let failed = |error: sqlx::Error| match sqlite::advice(&error) {
            Some(advice) => OpenError::DatabaseFile {
                path: name(),
                advice,
                error: error.to_string(),
            },
            None => OpenError::Database(format!("{}: {error}", name())),
        };
        let io = |source| OpenError::Io { path: name(), source };
        if let (Some(path), Use::Writing) = (&path, wanted) {
            file::make_private(path).map_err(io)?;
        }
        // What is missing from now on was taken away.
        let url = if url.contains('?') {
            url.to_owned()
        } else {
            format!("{url}?mode=rw")
        };
        let options = SqliteConnectOptions::from_str(&url).map_err(failed)?;
        if wanted == Use::Writing {
            sqlite::try_write(&options).await.map_err(failed)?;
        }
        let reading = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .test_before_acquire(false)
            .acquire_timeout(CONNECTION_WITHIN)
            .after_connect(|conn, _| Box::pin(sqlite::set(conn)));
        let health = Health::new();
        let watched = match &path {
            Some(path) => Some(
                file::Watched::open(path.clone()).map_err(|error| OpenError::DatabaseFile {
                    path: name(),
                    advice: "this file cannot be read",
                    error: error.to_string(),
                })?,
            ),
            None => None,
        };
        let writer = Writer::start(options.clone(), watched, writer::LONGEST)
            .await
            .map_err(failed)?;
        let pools = Pools::new(reading, options);
        let reader = Reader::new(&url);
        let writing = |durability| Pool::writing(&writer, durability, pools.clone(), &health);
        Ok(Self {
            engine: Engine::Sqlite,
            write: writing(Durability::Full).joining(),
            relaxed: writing(Durability::Relaxed),
            read: Pool::reading(pools, reader, &health),
            health,
        })
    }

    async fn open_postgres(wanted: Use, url: &str, connections: u32) -> std::result::Result<Self, sqlx::Error> {
        health::ask(url, wanted, CONNECTION_WITHIN).await?;
        let options = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECTION_WITHIN)
            .test_before_acquire(false)
            .before_acquire(|conn, about| {
                Box::pin(async move {
                    if about.idle_for > TRIED_AFTER {
                        sqlx::Connection::ping(conn).await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|conn, _| {
                Box::pin(async move {
                    sqlx::query(POSTGRES_ENDS).persistent(false).execute(&mut *conn).await?;
                    let noticed = sqlx::query(POSTGRES_NOTICES)
                        .persistent(false)
                        .execute(&mut *conn)
                        .await;
                    if let Err(error) = noticed {
                        tracing::debug!(%error, "the database keeps to its own time-outs of the network");
                    }
                    Ok(())
                })
            });
        let health = Health::new();
        let pools = Pools::new(options, PgConnectOptions::from_str(url)?);
        health.watch(&pools, url);
        let pool = Pool::postgres(pools, &health);
        Ok(Self {
            engine: Engine::Postgres,
            read: pool.clone(),
            write: pool.clone().joining(),
            relaxed: pool,
            health,
        })
    }

    /// Which engine it is.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether it answers.
    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// For reading outside a transaction.
    pub(crate) fn read(&self) -> &Pool {
        &self.read
    }

    /// For a single statement that writes.
    pub(crate) fn write(&self) -> &Pool {
        &self.write
    }

    /// For a single statement that writes what may be lost when the power fails, and that nobody is told to rely on: when a guard or a
    /// node was last heard of, counted tries, until when a session lasts. On SQLite it waits for no disk; on PostgreSQL it is as `write`.
    pub(crate) fn relaxed(&self) -> &Pool {
        &self.relaxed
    }

    /// A transaction that will write. On SQLite it has the write lock from its beginning: one that reads first and then writes would fail
    /// as soon as another process (the command line) has written in between. Others may share its commit.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        Box::pin(self.write.begin()).await.map_err(fault)
    }

    /// A scope in which several use cases are one transaction.
    pub(crate) fn scope(&self) -> Scope {
        Scope::new(&self.health)
    }

    /// A connection for what may take as long as it takes. It is closed afterwards.
    pub(crate) async fn patient(&self) -> std::result::Result<Pooled, sqlx::Error> {
        let mut connection = self.read.acquire().await?;
        if self.engine == Engine::Postgres {
            connection.close_on_drop();
            connection
                .connection()
                .execute(&sql!(const POSTGRES_WAITS).once())
                .await?;
        }
        Ok(connection)
    }

    /// A transaction for the same, begun by this statement.
    pub(crate) async fn begin_patiently(&self, statement: &'static str) -> std::result::Result<Tx, sqlx::Error> {
        self.read.begin_over(self.patient().await?, statement).await
    }

    /// What time the database's server has; `None`: it is a file, so it has none of its own, or does not say.
    pub(crate) async fn clock(&self) -> Option<Millis> {
        if self.engine == Engine::Sqlite {
            return None;
        }
        let now = sql!("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)");
        self.read.try_one(now).await.ok().map(Millis)
    }

    /// Which line of servers this database comes from. A replica that took over, or a database put back to an earlier moment, has another one; so has,
    /// after every restart, a server that was told not to wait for its disk. `None`: a file, or a server that does not say.
    pub(crate) async fn lineage(&self) -> Option<String> {
        const ASKED: &str = "SELECT concat((SELECT system_identifier FROM pg_control_system()), '/', left(pg_walfile_name(pg_current_wal_lsn()), 8),
             CASE WHEN current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'
                 THEN concat('/', extract(epoch FROM pg_postmaster_start_time())) END)";
        if self.engine == Engine::Sqlite {
            return None;
        }
        match self.write.try_one(sql!(const ASKED).once()).await {
            Ok(lineage) => Some(lineage),
            Err(error) => {
                tracing::debug!(%error, "the database does not say which line of servers it comes from");
                None
            }
        }
    }

    /// A column of printable ASCII that is empty where something else stands in it. A text that is not even UTF-8 would keep every row of a statement from
    /// being read, so this is for a second try.
    pub(crate) fn sound(&self, column: &str) -> String {
        self.engine.sound(column)
    }

    /// What the engine says it will do for a statement.
    pub(crate) fn explain(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "EXPLAIN QUERY PLAN ",
            Engine::Postgres => "EXPLAIN ",
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.write.is_closed()
    }

    pub(crate) async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
    }
}

/// A fault of ours: into the log, never to the outside. A database that does not answer is not one: the caller may try again.
pub(crate) fn fault<E: std::fmt::Display + Any>(error: E) -> Refusal {
    let of_database = (&error as &dyn Any).downcast_ref::<sqlx::Error>();
    match of_database {
        Some(error) if health::is_given_up(error) => Refusal::Unavailable,
        // This process closed it at its end: what a job still asks then needs nobody's attention.
        Some(sqlx::Error::PoolClosed) => Refusal::Unavailable,
        Some(error) if health::is_unavailable(error) => {
            if let Some(left_out) = FAULTS.count(&error.to_string()) {
                tracing::warn!(%error, left_out, "the database did not do it");
            }
            Refusal::Unavailable
        }
        _ => {
            // Each of them: the id of a request leads to its cause.
            tracing::error!(%error, "internal fault");
            Refusal::Internal
        }
    }
}

/// Why a database behind a network could not be opened.
pub(crate) fn open_error(error: &sqlx::Error) -> OpenError {
    if health::is_full(error) {
        OpenError::NoConnection(error.to_string())
    } else if health::is_unavailable(error) {
        OpenError::Unreachable(error.to_string())
    } else {
        OpenError::Database(error.to_string())
    }
}

/// `($1, $2), ($3, $4), …` for a statement that writes several rows.
pub(crate) fn row_parameters(rows: usize, width: usize) -> String {
    let list: Vec<String> = (0..rows)
        .map(|row| format!("({})", parameters(row * width + 1, width)))
        .collect();
    list.join(", ")
}

/// `count` parameters: `$from, $from+1, …`.
pub(crate) fn parameters(from: usize, count: usize) -> String {
    let list: Vec<String> = (from..from + count).map(|index| format!("${index}")).collect();
    list.join(", ")
}

/// The word under which serde writes a plain enum's value.
pub(crate) fn word<T: Serialize>(value: T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(fault("a value that is not stored as one word")),
    }
}

/// The inverse of [`word`].
pub(crate) fn readable<T: DeserializeOwned>(word: String) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word)).ok()
}

/// The first text behind all texts that begin with `prefix`, in the order of bytes; `None` where there is none.
pub(crate) fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere.
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_lies_behind_everything_that_begins_with_it() {
        assert_eq!(after_prefix("12"), Some("13".to_owned()));
        assert_eq!(after_prefix("가"), Some("각".to_owned()));
        assert_eq!(after_prefix("a\u{10FFFF}"), Some("b".to_owned()));
        assert_eq!(after_prefix("\u{D7FF}"), Some("\u{E000}".to_owned()));
        assert_eq!(after_prefix("\u{10FFFF}"), None);
        assert_eq!(after_prefix(""), None);
    }

    #[test]
    fn wildcards_are_ordinary_characters_in_a_search() {
        assert_eq!(contains_pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
