//! Connections as everybody uses them: a pool and transactions that give up where the database does not answer.

use super::Engine;
use super::health::{Health, is_given_up};
use futures::channel::mpsc::channel;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{SinkExt, StreamExt};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Describe, Either, Error, Execute, Executor, Transaction};
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// An old pool's connections have so long to end.
const END_WITHIN: Duration = Duration::from_secs(30);
/// Rows that are read ahead of whoever reads them.
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

    /// Begins anew: whoever waits for an old connection is let go, and the old ones end.
    pub(super) fn renew(&self) {
        let fresh = self.options.clone().connect_lazy_with(self.connect.clone());
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.is_closed() {
            return;
        }
        let old = std::mem::replace(&mut *current, fresh);
        tokio::spawn(async move { tokio::time::timeout(END_WITHIN, old.close()).await });
    }
}

/// For statements outside of transactions; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pools: Arc<Pools>,
    health: Health,
}

impl Pool {
    pub(super) fn new(pools: Arc<Pools>, health: &Health) -> Self {
        Self {
            pools,
            health: health.clone(),
        }
    }

    /// A connection of one's own.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Any>, Error> {
        let pool = self.pools.current();
        self.health.within(pool.acquire()).await
    }

    /// A transaction that will write.
    pub(super) async fn begin(&self, engine: Engine) -> Result<Tx, Error> {
        let pool = self.pools.current();
        let begun = match engine {
            Engine::Sqlite => self.health.within(pool.begin_with("BEGIN IMMEDIATE")).await,
            Engine::Postgres => self.health.within(pool.begin()).await,
        };
        Ok(Tx(TxConnection {
            transaction: begun?,
            health: self.health.clone(),
        }))
    }

    /// A transaction over this connection, begun by this statement.
    pub(super) async fn begin_over(
        &self,
        connection: PoolConnection<Any>,
        statement: &'static str,
    ) -> Result<Tx, Error> {
        let begun = Transaction::begin(connection, Some(statement.into()));
        Ok(Tx(TxConnection {
            transaction: self.health.within(begun).await?,
            health: self.health.clone(),
        }))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pools.current().is_closed()
    }

    pub(super) async fn close(&self) {
        self.pools.current().close().await;
    }

    /// Lets go of a connection; one over which something was given up is not used again.
    fn release<T>(connection: PoolConnection<Any>, outcome: Result<T, Error>) -> Result<T, Error> {
        if outcome.as_ref().is_err_and(is_given_up) {
            drop(connection.detach());
        }
        outcome
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
            let mut connection = self.acquire().await?;
            let outcome = self.health.within(connection.execute(query)).await;
            Pool::release(connection, outcome)
        })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Item>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        // A stream cannot own the connection it reads from, so the reading hands over what it reads.
        let (mut sender, items) = channel(FEW);
        let reading = async move {
            let mut connection = match self.acquire().await {
                Ok(connection) => connection,
                Err(error) => return Some(Err(error)),
            };
            let mut outcome = Ok(());
            {
                let mut rows = connection.fetch_many(query);
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
            Pool::release(connection, outcome).err().map(Err)
        };
        let failure = stream::once(reading).filter_map(std::future::ready);
        stream::select(items, failure).boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let outcome = self.health.within(first_of_all(&mut connection, query)).await;
            Pool::release(connection, outcome)
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
            let mut connection = self.acquire().await?;
            let outcome = self.health.within(connection.prepare_with(sql, parameters)).await;
            Pool::release(connection, outcome)
        })
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'p: 'e,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let outcome = self.health.within(connection.describe(sql)).await;
            Pool::release(connection, outcome)
        })
    }
}

/// A transaction that may write. Dropped without a commit it is rolled back.
pub(crate) struct Tx(TxConnection);

/// The connection of a [`Tx`].
#[derive(Debug)]
pub(crate) struct TxConnection {
    transaction: Transaction<'static, Any>,
    health: Health,
}

impl Tx {
    /// Stands from here on. Where this fails it is not known whether it stands.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let TxConnection { transaction, health } = self.0;
        health.within(transaction.commit()).await
    }

    pub(crate) async fn rollback(self) -> Result<(), Error> {
        let TxConnection { transaction, health } = self.0;
        health.within(transaction.rollback()).await
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
    fn parts(&mut self) -> (&mut AnyConnection, &Health) {
        (&mut self.transaction, &self.health)
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
        Box::pin(async move { health.within(connection.execute(query)).await })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Item>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let (connection, health) = self.parts();
        let rows = Some(connection.fetch_many(query));
        stream::unfold(rows, move |rows| async move {
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
        Box::pin(async move { health.within(connection.fetch_optional(query)).await })
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
        Box::pin(async move { health.within(connection.prepare_with(sql, parameters)).await })
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'c: 'e,
    {
        let (connection, health) = self.parts();
        Box::pin(async move { health.within(connection.describe(sql)).await })
    }
}
