//! Connections as everybody uses them: a pool and transactions that give up where the database does not answer.

use super::connection::{Connection, Pooled};
use super::health::{Health, is_spoiled};
use super::reader::Reader;
use super::scope::{InScope, Scope};
use super::tx::Tx;
use super::writer::{Durability, Turn, Work, Writer};
use sqlx::pool::PoolOptions;
use sqlx::{Database, Error, Postgres, Sqlite};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::timeout;

/// An old pool's connections have so long to end.
const END_WITHIN: Duration = Duration::from_secs(30);

/// A pool that can be replaced by a fresh one.
pub(super) struct Pools<DB: Database> {
    options: PoolOptions<DB>,
    connect: <DB::Connection as sqlx::Connection>::Options,
    current: RwLock<sqlx::Pool<DB>>,
}

pub(super) type PostgresPools = Pools<Postgres>;
pub(super) type SqlitePools = Pools<Sqlite>;

impl<DB: Database> fmt::Debug for Pools<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools").finish_non_exhaustive()
    }
}

impl<DB: Database> Pools<DB> {
    /// Nothing is connected before it is needed.
    pub(super) fn new(options: PoolOptions<DB>, connect: <DB::Connection as sqlx::Connection>::Options) -> Arc<Self> {
        let current = RwLock::new(options.clone().connect_lazy_with(connect.clone()));
        Arc::new(Self {
            options,
            connect,
            current,
        })
    }

    fn current(&self) -> sqlx::Pool<DB> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins again: a caller that waits for an old connection is let go, and the old ones end.
    pub(super) fn renew(&self) {
        let fresh = self.options.clone().connect_lazy_with(self.connect.clone());
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.is_closed() {
            return;
        }
        let old = std::mem::replace(&mut *current, fresh);
        crate::core::job::spawn("database", async move { timeout(END_WITHIN, old.close()).await });
    }
}

/// Where the connections of a [`Pool`] come from.
#[derive(Clone, Debug)]
enum Source {
    Postgres(Arc<PostgresPools>),
    Sqlite(Arc<SqlitePools>),
    /// Turns with the one that writes to an SQLite file; connections beside it for what takes long.
    Writer {
        writer: Writer,
        durability: Durability,
        aside: Arc<SqlitePools>,
    },
}

/// For statements outside of transactions; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    source: Source,
    pub(super) health: Health,
    /// What is written over it becomes part of an open transaction scope.
    joins: bool,
    /// Of an SQLite file, where it only reads.
    reader: Option<Reader>,
}

/// Where a single statement runs.
pub(super) enum Place<'p> {
    /// In the calling thread.
    Here(&'p Reader),
    Over(Lent),
}

/// A connection for one statement or one transaction.
#[derive(Debug)]
pub(super) enum Lent {
    Pooled(Pooled),
    Turn(Turn),
    InScope(InScope),
}

impl Lent {
    pub(super) fn connection(&mut self) -> Result<Connection<'_>, Error> {
        match self {
            Self::Pooled(pooled) => Ok(pooled.connection()),
            Self::Turn(turn) => turn.connection().map(Connection::Sqlite),
            Self::InScope(scope) => scope.connection(),
        }
    }

    /// Lets go after a statement of its own. What was written is committed when this returns.
    pub(super) async fn settle<T>(self, health: &Health, outcome: Result<T, Error>) -> Result<T, Error> {
        match (self, outcome) {
            (Self::Turn(turn), Ok(value)) => health.within(turn.commit()).await.map(|()| value),
            (Self::Turn(turn), Err(error)) => {
                turn.failed(&error);
                Err(error)
            }
            (Self::Pooled(pooled), outcome) => {
                if outcome.as_ref().is_err_and(is_spoiled) {
                    pooled.discard();
                }
                outcome
            }
            (Self::InScope(mut scope), outcome) => {
                if outcome.as_ref().is_err_and(is_spoiled) {
                    scope.lose();
                }
                outcome
            }
        }
    }
}

impl Pool {
    pub(super) fn postgres(pools: Arc<PostgresPools>, health: &Health) -> Self {
        Self::from_source(Source::Postgres(pools), health)
    }

    /// Reads a file; statements outside of transactions by `reader`, where there is one.
    pub(super) fn reading(pools: Arc<SqlitePools>, reader: Option<Reader>, health: &Health) -> Self {
        Self {
            reader,
            ..Self::from_source(Source::Sqlite(pools), health)
        }
    }

    pub(super) fn writing(writer: &Writer, durability: Durability, aside: Arc<SqlitePools>, health: &Health) -> Self {
        let source = Source::Writer {
            writer: writer.clone(),
            durability,
            aside,
        };
        Self::from_source(source, health)
    }

    fn from_source(source: Source, health: &Health) -> Self {
        Self {
            source,
            health: health.clone(),
            joins: false,
            reader: None,
        }
    }

    /// For what belongs to the transaction of a scope where there is one.
    pub(super) fn joining(self) -> Self {
        Self { joins: true, ..self }
    }

    /// A separate connection, beside those who write in turns.
    #[crate::boxed]
    pub(crate) async fn acquire(&self) -> Result<Pooled, Error> {
        match &self.source {
            Source::Postgres(pools) => {
                let pool = pools.current();
                self.health.within(pool.acquire()).await.map(Pooled::Postgres)
            }
            Source::Sqlite(pools) | Source::Writer { aside: pools, .. } => {
                let pool = pools.current();
                self.health.within(pool.acquire()).await.map(Pooled::Sqlite)
            }
        }
    }

    /// For a single statement.
    pub(super) async fn lend(&self) -> Result<Lent, Error> {
        match self.lend_in_scope().await? {
            Some(lent) => Ok(lent),
            None => self.lend_outside(Work::Statement).await,
        }
    }

    async fn lend_in_scope(&self) -> Result<Option<Lent>, Error> {
        match Scope::current(&self.health) {
            Some(scope) => scope.lend(self, self.joins).await,
            None => Ok(None),
        }
    }

    /// What reads in the calling thread, outside of a scope.
    pub(super) fn reader(&self) -> Option<&Reader> {
        let reader = self.reader.as_ref()?;
        Scope::current(&self.health).is_none().then_some(reader)
    }

    /// Where a single statement runs.
    pub(super) async fn place(&self) -> Result<Place<'_>, Error> {
        if let Some(lent) = self.lend_in_scope().await? {
            return Ok(Place::Over(lent));
        }
        match &self.reader {
            Some(reader) => Ok(Place::Here(reader)),
            None => self.lend_outside(Work::Statement).await.map(Place::Over),
        }
    }

    #[crate::boxed]
    async fn lend_outside(&self, work: Work) -> Result<Lent, Error> {
        match &self.source {
            Source::Postgres(_) | Source::Sqlite(_) => self.acquire().await.map(Lent::Pooled),
            Source::Writer { writer, durability, .. } => {
                let turn = self.health.within(writer.turn(*durability, work)).await;
                turn.map(Lent::Turn)
            }
        }
    }

    /// A transaction that will write; in a transaction scope a part of that one.
    #[crate::boxed]
    pub(super) async fn begin(&self) -> Result<Tx, Error> {
        match Scope::current(&self.health) {
            Some(scope) => {
                let lent = scope.begin(self.begin_outside()).await?;
                Ok(Tx::new(lent, &self.health))
            }
            None => self.begin_outside().await,
        }
    }

    /// A transaction of its own.
    #[crate::boxed]
    pub(super) async fn begin_outside(&self) -> Result<Tx, Error> {
        match self.lend_outside(Work::Several).await? {
            Lent::Pooled(connection) => self.begin_over(connection, "BEGIN").await,
            lent => Ok(Tx::new(lent, &self.health)),
        }
    }

    /// A transaction over this connection, begun by this statement.
    pub(super) async fn begin_over(&self, connection: Pooled, statement: &'static str) -> Result<Tx, Error> {
        // Dropped in the middle it is rolled back as well.
        let mut tx = Tx::new(Lent::Pooled(connection), &self.health);
        match tx.run(statement).await {
            Ok(()) => Ok(tx),
            Err(error) => {
                tx.close();
                Err(error)
            }
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        match &self.source {
            Source::Postgres(pools) => pools.current().is_closed(),
            Source::Sqlite(pools) => pools.current().is_closed(),
            Source::Writer { writer, .. } => writer.is_closed(),
        }
    }

    pub(super) async fn close(&self) {
        if let Some(reader) = &self.reader {
            reader.close().await;
        }
        match &self.source {
            Source::Postgres(pools) => pools.current().close().await,
            Source::Sqlite(pools) => pools.current().close().await,
            Source::Writer { writer, .. } => writer.close().await,
        }
    }
}
