//! Connections as everybody uses them: a pool and transactions that give up where the database does not answer.

use super::Engine;
use super::health::{Health, is_given_up};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Describe, Either, Error, Execute, Executor, Transaction};
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// An old pool's connections have so long to end.
const END_WITHIN: Duration = Duration::from_secs(30);

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

/// One statement's results, which are few: nothing here reads what does not fit into memory.
fn results<'e, T: Send + 'e>(work: BoxFuture<'e, Result<Vec<T>, Error>>) -> BoxStream<'e, Result<T, Error>> {
    stream::once(work)
        .map_ok(|all| stream::iter(all.into_iter().map(Ok)))
        .try_flatten()
        .boxed()
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        results(Box::pin(async move {
            let mut connection = self.acquire().await?;
            let all = connection.fetch_many(query).try_collect();
            let outcome = self.health.within(all).await;
            Pool::release(connection, outcome)
        }))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(async move {
            let mut connection = self.acquire().await?;
            let outcome = self.health.within(connection.fetch_optional(query)).await;
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

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let (connection, health) = self.parts();
        results(Box::pin(async move {
            health.within(connection.fetch_many(query).try_collect()).await
        }))
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
