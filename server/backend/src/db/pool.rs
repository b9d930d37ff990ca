//! Connections as everybody uses them: a pool and transactions that give up where the database does not answer.

use super::health::{Health, is_spoiled};
use super::scope::{InScope, Scope};
use super::writer::{Durability, Turn, Work, Writer};
use futures::channel::mpsc::{Sender, channel};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{SinkExt, StreamExt};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Describe, Either, Error, Execute, Executor};
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// An old pool's connections have so long to end.
const END_WITHIN: Duration = Duration::from_secs(30);
/// A transaction that was dropped is rolled back within this, or its connection is closed.
const ROLL_BACK_WITHIN: Duration = Duration::from_secs(5);
/// Rows that are read ahead of their reader.
const FEW: usize = 16;

/// A pool that can be replaced by a fresh one.
#[derive(Debug)]
pub(super) struct Pools {
    options: AnyPoolOptions,
    connect: AnyConnectOptions,
    current: RwLock<AnyPool>,
}

impl Pools {
    /// Nothing is connected before it is needed.
    pub(super) fn new(options: AnyPoolOptions, url: &str) -> Result<Arc<Self>, Error> {
        let connect = AnyConnectOptions::from_str(url)?;
        let current = RwLock::new(options.clone().connect_lazy_with(connect.clone()));
        Ok(Arc::new(Self {
            options,
            connect,
            current,
        }))
    }

    fn current(&self) -> AnyPool {
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
        crate::job::spawn("database", async move { timeout(END_WITHIN, old.close()).await });
    }
}

/// Where the connections of a [`Pool`] come from.
#[derive(Clone, Debug)]
enum Source {
    Pools(Arc<Pools>),
    /// Turns with the one that writes to an SQLite file; connections beside it for what takes long.
    Writer {
        writer: Writer,
        durability: Durability,
        aside: Arc<Pools>,
    },
}

/// For statements outside of transactions; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    source: Source,
    health: Health,
    /// What is written over it becomes part of an open transaction scope.
    joins: bool,
}

/// A connection for one statement or one transaction.
#[derive(Debug)]
pub(super) enum Lent {
    Pooled(PoolConnection<Any>),
    Turn(Turn),
    InScope(InScope),
}

impl Lent {
    fn connection(&mut self) -> Result<&mut AnyConnection, Error> {
        match self {
            Self::Pooled(connection) => Ok(connection),
            Self::Turn(turn) => turn.connection(),
            Self::InScope(scope) => scope.connection(),
        }
    }

    /// Lets go after a statement of its own. What was written is committed when this returns.
    async fn settle<T>(self, health: &Health, outcome: Result<T, Error>) -> Result<T, Error> {
        match (self, outcome) {
            (Self::Turn(turn), Ok(value)) => health.within(turn.commit()).await.map(|()| value),
            (Self::Turn(turn), Err(error)) => {
                turn.failed(&error);
                Err(error)
            }
            (Self::Pooled(connection), outcome) => {
                if outcome.as_ref().is_err_and(is_spoiled) {
                    drop(connection.detach());
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
    pub(super) fn new(pools: Arc<Pools>, health: &Health) -> Self {
        Self {
            source: Source::Pools(pools),
            health: health.clone(),
            joins: false,
        }
    }

    pub(super) fn writing(writer: &Writer, durability: Durability, aside: Arc<Pools>, health: &Health) -> Self {
        Self {
            source: Source::Writer {
                writer: writer.clone(),
                durability,
                aside,
            },
            health: health.clone(),
            joins: false,
        }
    }

    /// For what belongs to the transaction of a scope where there is one.
    pub(super) fn joining(self) -> Self {
        Self { joins: true, ..self }
    }

    fn pools(&self) -> &Pools {
        match &self.source {
            Source::Pools(pools) | Source::Writer { aside: pools, .. } => pools,
        }
    }

    /// A separate connection, beside those who write in turns.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Any>, Error> {
        let pool = self.pools().current();
        self.health.within(pool.acquire()).await
    }

    /// For a single statement.
    async fn lend(&self) -> Result<Lent, Error> {
        if let Some(scope) = Scope::current(&self.health)
            && let Some(lent) = scope.lend(self, self.joins).await?
        {
            return Ok(lent);
        }
        self.lend_outside(Work::Statement).await
    }

    async fn lend_outside(&self, work: Work) -> Result<Lent, Error> {
        match &self.source {
            Source::Pools(_) => self.acquire().await.map(Lent::Pooled),
            Source::Writer { writer, durability, .. } => {
                let turn = self.health.within(writer.turn(*durability, work)).await;
                turn.map(Lent::Turn)
            }
        }
    }

    /// A transaction that will write; in a transaction scope a part of that one.
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
    pub(super) async fn begin_outside(&self) -> Result<Tx, Error> {
        match self.lend_outside(Work::Several).await? {
            Lent::Pooled(connection) => self.begin_over(connection, "BEGIN").await,
            lent => Ok(Tx::new(lent, &self.health)),
        }
    }

    /// A transaction over this connection, begun by this statement.
    pub(super) async fn begin_over(
        &self,
        connection: PoolConnection<Any>,
        statement: &'static str,
    ) -> Result<Tx, Error> {
        // Dropped in the middle it is rolled back as well.
        let mut tx = Tx::new(Lent::Pooled(connection), &self.health);
        match tx.run(statement).await {
            Ok(()) => Ok(tx),
            Err(error) => {
                tx.0.close();
                Err(error)
            }
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        match &self.source {
            Source::Pools(pools) => pools.current().is_closed(),
            Source::Writer { writer, .. } => writer.is_closed(),
        }
    }

    pub(super) async fn close(&self) {
        match &self.source {
            Source::Pools(pools) => pools.current().close().await,
            Source::Writer { writer, .. } => writer.close().await,
        }
    }
}

/// The first row, when everything was answered: outside of a transaction a row comes before it is known whether it was committed.
async fn first_of_all<'q, E>(connection: &mut AnyConnection, query: E) -> Result<Option<AnyRow>, Error>
where
    E: 'q + Execute<'q, Any>,
{
    let mut answers = connection.fetch_many(query);
    let mut first = None;
    while let Some(answer) = answers.next().await {
        if let (Either::Right(row), None) = (answer?, &first) {
            first = Some(row);
        }
    }
    Ok(first)
}

type Item = Result<Either<AnyQueryResult, AnyRow>, Error>;

impl<'p> Executor<'p> for &'p Pool {
    type Database = Any;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<AnyQueryResult, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(async move {
            let mut lent = self.lend().await?;
            let outcome = self.health.within(lent.connection()?.execute(query)).await;
            lent.settle(&self.health, outcome).await
        })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Item>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        // A stream cannot own the connection it reads from, so the reading hands over what it reads.
        let (sender, items) = channel(FEW);
        let reading = async move { self.read_into(query, sender).await.err().map(Err) };
        let failure = stream::once(reading).filter_map(std::future::ready);
        stream::select(items, failure).boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(async move {
            let mut lent = self.lend().await?;
            let outcome = self.health.within(first_of_all(lent.connection()?, query)).await;
            lent.settle(&self.health, outcome).await
        })
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement<'q>, Error>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut lent = Lent::Pooled(self.acquire().await?);
            let prepared = lent.connection()?.prepare_with(sql, parameters);
            let outcome = self.health.within(prepared).await;
            lent.settle(&self.health, outcome).await
        })
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut lent = Lent::Pooled(self.acquire().await?);
            let outcome = self.health.within(lent.connection()?.describe(sql)).await;
            lent.settle(&self.health, outcome).await
        })
    }
}

impl Pool {
    /// Hands over every row. What was written with them is committed when this returns.
    async fn read_into<'q, E>(&self, query: E, mut sender: Sender<Item>) -> Result<(), Error>
    where
        E: 'q + Execute<'q, Any>,
    {
        let mut lent = self.lend().await?;
        let mut outcome = Ok(());
        {
            let mut rows = lent.connection()?.fetch_many(query);
            while let Some(item) = self.health.next(&mut rows).await {
                match item {
                    Ok(item) => {
                        if sender.send(Ok(item)).await.is_err() {
                            // Nobody reads any more.
                            break;
                        }
                    }
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
        }
        lent.settle(&self.health, outcome).await
    }
}

/// A transaction that may write. Dropped without a commit it is rolled back.
pub(crate) struct Tx(TxConnection);

/// The connection of a [`Tx`].
#[derive(Debug)]
pub(crate) struct TxConnection {
    /// `None` when it is over.
    lent: Option<Lent>,
    health: Health,
}

impl Tx {
    fn new(lent: Lent, health: &Health) -> Self {
        Self(TxConnection {
            lent: Some(lent),
            health: health.clone(),
        })
    }

    /// Stands from here on. Where this fails it is not known whether it stands.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        match self.0.in_scope() {
            Some(scope) => scope.commit().await,
            None => self.end("COMMIT", Turn::commit).await,
        }
    }

    /// Undoes everything. What was seen of others meanwhile stands from here on.
    pub(crate) async fn rollback(mut self) -> Result<(), Error> {
        match self.0.in_scope() {
            Some(scope) => scope.rollback().await,
            None => self.end("ROLLBACK", Turn::rollback).await,
        }
    }

    async fn end(
        mut self,
        statement: &'static str,
        end: impl AsyncFnOnce(Turn) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(Lent::Turn(turn)) = self.0.lent.take_if(|lent| matches!(lent, Lent::Turn(_))) {
            return self.0.health.within(end(turn)).await;
        }
        let ended = self.run(statement).await;
        match ended {
            Ok(()) => drop(self.0.lent.take()),
            Err(_) => self.0.close(),
        }
        ended
    }

    pub(super) async fn run(&mut self, statement: &'static str) -> Result<(), Error> {
        self.0.execute(statement).await.map(|_| ())
    }

    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, Error> {
        self.0.parts().0
    }
}

impl TxConnection {
    fn in_scope(&mut self) -> Option<InScope> {
        match self.lent.take() {
            Some(Lent::InScope(scope)) => Some(scope),
            other => {
                self.lent = other;
                None
            }
        }
    }

    /// A connection whose transaction could not begin or end is not used again.
    fn close(&mut self) {
        if let Some(Lent::Pooled(connection)) = self.lent.take() {
            drop(connection.detach());
        }
    }
}

impl Drop for TxConnection {
    fn drop(&mut self) {
        let Some(Lent::Pooled(mut connection)) = self.lent.take() else {
            // A turn, and a part of a transaction scope, undo what was done in them.
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            drop(connection.detach());
            return;
        };
        runtime.spawn(async move {
            let rolled_back = timeout(ROLL_BACK_WITHIN, connection.execute("ROLLBACK")).await;
            if !matches!(rolled_back, Ok(Ok(_))) {
                drop(connection.detach());
            }
        });
    }
}

impl Deref for Tx {
    type Target = TxConnection;

    fn deref(&self) -> &TxConnection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut TxConnection {
        &mut self.0
    }
}

impl TxConnection {
    fn parts(&mut self) -> (Result<&mut AnyConnection, Error>, &Health) {
        let connection = match &mut self.lent {
            Some(lent) => lent.connection(),
            None => Err(Error::WorkerCrashed),
        };
        (connection, &self.health)
    }
}

impl<'c> Executor<'c> for &'c mut TxConnection {
    type Database = Any;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<AnyQueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let (connection, health) = self.parts();
        Box::pin(async move { health.within(connection?.execute(query)).await })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Item>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let (connection, health) = self.parts();
        let rows = match connection {
            Ok(connection) => connection.fetch_many(query),
            Err(error) => stream::once(std::future::ready(Err(error))).boxed(),
        };
        stream::unfold(Some(rows), move |rows| async move {
            let mut rows = rows?;
            let item = health.next(&mut rows).await?;
            // After an error there is nothing more.
            let rows = item.is_ok().then_some(rows);
            Some((item, rows))
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let (connection, health) = self.parts();
        Box::pin(async move { health.within(connection?.fetch_optional(query)).await })
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement<'q>, Error>>
    where
        'c: 'e,
    {
        let (connection, health) = self.parts();
        Box::pin(async move { health.within(connection?.prepare_with(sql, parameters)).await })
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'c: 'e,
    {
        let (connection, health) = self.parts();
        Box::pin(async move { health.within(connection?.describe(sql)).await })
    }
}
