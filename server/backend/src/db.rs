//! Connections and transactions. SQL is the same text on both engines; what differs between them is only here.

mod health;
mod pool;

pub(crate) use health::Health;
use health::Use;
pub(crate) use pool::{Pool, Tx};

use crate::{OpenError, Result};
use domain::error::Refusal;
use domain::ids::Millis;
use pool::Pools;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use std::any::Any;
use std::time::Duration;

/// Readers beside the one writer of an SQLite file.
const SQLITE_READERS: u32 = 4;
/// A write waits so long for one of another process.
pub(crate) const SQLITE_WAITS_MS: u32 = 5_000;
const POSTGRES_CONNECTIONS: u32 = 16;
/// Whoever has not got a connection by then is told to come again: a queue that only grows helps nobody.
const CONNECTION_WITHIN: Duration = Duration::from_secs(4);
/// The only writer of a file may be busy with a long import.
const SQLITE_WRITER_WITHIN: Duration = Duration::from_secs(10);
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
            Err(error) if $crate::db::is_damage(&error) => {
                let $names = $columns.map(|column: &str| $b.db().sound(column));
                $read.map_err($crate::db::fault)
            }
            outcome => outcome.map_err($crate::db::fault),
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

#[derive(Clone)]
pub(crate) struct Db {
    engine: Engine,
    read: Pool,
    write: Pool,
    health: Health,
}

impl Db {
    /// Connects and brings the tables up to date.
    pub(crate) async fn open(url: &str) -> std::result::Result<Self, OpenError> {
        let db = Self::connect(url).await?;
        crate::migrations::run(&db).await?;
        Ok(db)
    }

    /// Connects where a database is already, to read it; makes none.
    pub(crate) async fn connect_existing(url: &str) -> std::result::Result<Self, OpenError> {
        if url.starts_with("sqlite:") && !url.contains('?') {
            Self::connect_for(Use::Reading, &format!("{url}?mode=rw")).await
        } else {
            Self::connect_for(Use::Reading, url).await
        }
    }

    /// Connects, and leaves the tables as they are.
    pub(crate) async fn connect(url: &str) -> std::result::Result<Self, OpenError> {
        Self::connect_for(Use::Writing, url).await
    }

    async fn connect_for(wanted: Use, url: &str) -> std::result::Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(wanted, url).await
        } else {
            return Err(OpenError::DatabaseUrl);
        }
        .map_err(|error| {
            // A file that is not there, or that somebody else may not share, does not come by waiting.
            if health::is_unavailable(&error) && !url.starts_with("sqlite:") {
                OpenError::Unreachable(error.to_string())
            } else {
                OpenError::Database(error.to_string())
            }
        })
    }

    /// One connection writes, because SQLite lets only one write at a time anyway and waiting in our queue is cheaper than in its.
    async fn open_sqlite(url: &str) -> std::result::Result<Self, sqlx::Error> {
        let url = if url.contains('?') {
            url.to_owned()
        } else {
            format!("{url}?mode=rwc")
        };
        let options = || {
            AnyPoolOptions::new()
                .test_before_acquire(false)
                .acquire_timeout(SQLITE_WRITER_WITHIN)
                .after_connect(|conn, _| {
                    Box::pin(async move {
                        let wait = format!("PRAGMA busy_timeout = {SQLITE_WAITS_MS}");
                        for pragma in [
                            wait.as_str(),
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = NORMAL",
                            "PRAGMA foreign_keys = ON",
                            "PRAGMA cache_size = -4000",
                            "PRAGMA temp_store = MEMORY",
                        ] {
                            sqlx::query(pragma).persistent(false).fetch_all(&mut *conn).await?;
                        }
                        Ok(())
                    })
                })
        };
        let health = Health::new();
        let write = Pools::new(options().min_connections(1).max_connections(1), &url)?;
        let read = Pools::new(options().max_connections(SQLITE_READERS), &url)?;
        let db = Self {
            engine: Engine::Sqlite,
            read: Pool::new(read, &health),
            write: Pool::new(write, &health),
            health,
        };
        // The writer first: it makes the file.
        for pool in [&db.write, &db.read] {
            drop(pool.acquire().await?);
        }
        Ok(db)
    }

    async fn open_postgres(wanted: Use, url: &str) -> std::result::Result<Self, sqlx::Error> {
        health::probe(url, wanted, CONNECTION_WITHIN).await?;
        let options = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
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
        let pools = Pools::new(options, url)?;
        health.watch(&pools, url);
        let pool = Pool::new(pools, &health);
        Ok(Self {
            engine: Engine::Postgres,
            read: pool.clone(),
            write: pool,
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

    /// A transaction that will write. On SQLite it takes the write lock at once: one that reads first and then writes would fail as
    /// soon as another process (the command line) has written in between.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.write.begin(self.engine).await.map_err(fault)
    }

    /// A connection for what may take as long as it takes. It is closed afterwards.
    pub(crate) async fn patient(&self) -> std::result::Result<PoolConnection<sqlx::Any>, sqlx::Error> {
        let mut connection = self.write.acquire().await?;
        if self.engine == Engine::Postgres {
            connection.close_on_drop();
            sqlx::query(POSTGRES_WAITS)
                .persistent(false)
                .execute(&mut *connection)
                .await?;
        }
        Ok(connection)
    }

    /// A transaction for the same, begun by this statement.
    pub(crate) async fn begin_patiently(&self, statement: &'static str) -> std::result::Result<Tx, sqlx::Error> {
        self.write.begin_over(self.patient().await?, statement).await
    }

    /// Returns when what is committed would survive a power cut now. Only a file needs that: a server says so with every commit.
    pub(crate) async fn settle(&self) -> std::result::Result<(), sqlx::Error> {
        if self.engine == Engine::Sqlite {
            // Answers a row also where a reader keeps some of it in the log, which is on the disk all the same.
            let _row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .persistent(false)
                .fetch_all(&self.write)
                .await?;
        }
        Ok(())
    }

    /// What time the database's server has; `None`: it is a file, so it has none of its own, or does not say.
    pub(crate) async fn clock(&self) -> Option<Millis> {
        if self.engine == Engine::Sqlite {
            return None;
        }
        let asked = sqlx::query_as::<_, (i64,)>("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
            .fetch_one(&self.read)
            .await;
        asked.ok().map(|(now,)| Millis(now))
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
        let asked = sqlx::query_as::<_, (String,)>(ASKED)
            .persistent(false)
            .fetch_one(&self.write)
            .await;
        match asked {
            Ok((lineage,)) => Some(lineage),
            Err(error) => {
                tracing::debug!(%error, "the database does not say which line of servers it comes from");
                None
            }
        }
    }

    /// A column of printable ASCII that is empty where something else stands in it. A text that is not even UTF-8 would keep every row of a statement from
    /// being read, so this is for a second try.
    pub(crate) fn sound(&self, column: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("CASE WHEN {column} GLOB '*[^ -~]*' THEN '' ELSE {column} END"),
            Engine::Postgres => format!("CASE WHEN {column} ~ '[^ -~]' THEN '' ELSE {column} END"),
        }
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
        self.read.close().await;
        self.write.close().await;
    }
}

/// A fault of ours: into the log, never to the outside. A database that does not answer is none: whoever asks may come again.
pub(crate) fn fault<E: std::fmt::Display + Any>(error: E) -> Refusal {
    let of_database = (&error as &dyn Any).downcast_ref::<sqlx::Error>();
    match of_database {
        Some(error) if health::is_given_up(error) => Refusal::Unavailable,
        Some(error) if health::is_unavailable(error) => {
            tracing::warn!(%error, "the database did not do it");
            Refusal::Unavailable
        }
        _ => {
            tracing::error!(%error, "internal fault");
            Refusal::Internal
        }
    }
}

/// `($1, $2), ($3, $4), …` for a statement that writes several rows.
pub(crate) fn row_parameters(rows: usize, width: usize) -> String {
    let list: Vec<String> = (0..rows)
        .map(|row| format!("({})", parameters(row * width + 1, width)))
        .collect();
    list.join(", ")
}

/// `$from, $from+1, …`, so many of them.
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
pub(crate) fn from_word<T: DeserializeOwned>(word: String) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(fault)
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
