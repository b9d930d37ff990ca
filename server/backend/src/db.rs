//! Connections and transactions. SQL is the same text on both engines; what differs between them is only here.

use crate::{OpenError, Result};
use domain::error::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyPool, Transaction};

/// Readers beside the one writer of an SQLite file.
const SQLITE_READERS: u32 = 4;
/// A write waits so long for one of another process.
pub(crate) const SQLITE_WAITS_MS: u32 = 10_000;
const POSTGRES_CONNECTIONS: u32 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A transaction that may write.
pub(crate) type Tx = Transaction<'static, Any>;

#[derive(Clone)]
pub(crate) struct Db {
    engine: Engine,
    read: AnyPool,
    write: AnyPool,
}

impl Db {
    /// Connects and brings the tables up to date.
    pub(crate) async fn open(url: &str) -> std::result::Result<Self, OpenError> {
        let db = Self::connect(url).await?;
        crate::migrations::run(&db).await?;
        Ok(db)
    }

    /// Connects where a database is already; makes none.
    pub(crate) async fn connect_existing(url: &str) -> std::result::Result<Self, OpenError> {
        if url.starts_with("sqlite:") && !url.contains('?') {
            Self::connect(&format!("{url}?mode=rw")).await
        } else {
            Self::connect(url).await
        }
    }

    /// Connects, and leaves the tables as they are.
    pub(crate) async fn connect(url: &str) -> std::result::Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await
        } else {
            return Err(OpenError::DatabaseUrl);
        }
        .map_err(|error| OpenError::Database(error.to_string()))
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
                .after_connect(|conn, _| {
                    Box::pin(async move {
                        let wait = format!("PRAGMA busy_timeout = {SQLITE_WAITS_MS}");
                        for pragma in [
                            wait.as_str(),
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = NORMAL",
                            "PRAGMA foreign_keys = ON",
                            "PRAGMA cache_size = -8000",
                            "PRAGMA temp_store = MEMORY",
                        ] {
                            sqlx::query(pragma).persistent(false).fetch_all(&mut *conn).await?;
                        }
                        Ok(())
                    })
                })
        };
        let write = options().min_connections(1).max_connections(1).connect(&url).await?;
        let read = options().max_connections(SQLITE_READERS).connect(&url).await?;
        Ok(Self {
            engine: Engine::Sqlite,
            read,
            write,
        })
    }

    async fn open_postgres(url: &str) -> std::result::Result<Self, sqlx::Error> {
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .connect(url)
            .await?;
        Ok(Self {
            engine: Engine::Postgres,
            read: pool.clone(),
            write: pool,
        })
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// For reading outside a transaction.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.read
    }

    /// For a single statement that writes.
    pub(crate) fn write(&self) -> &AnyPool {
        &self.write
    }

    /// A transaction that will write. On SQLite it takes the write lock at once: one that reads first and then writes would fail as
    /// soon as another process (the command line) has written in between.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        match self.engine {
            Engine::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.write.begin().await,
        }
        .map_err(fault)
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

/// A fault of ours: into the log, never to the outside.
pub(crate) fn fault(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "internal fault");
    Refusal::Internal
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
