//! A transaction.

use super::connection::Connection;
use super::fault;
use super::health::Health;
use super::pool::Lent;
use super::scope::{Act, InScope, after_commit};
use super::writer::Turn;
use domain::error::Refusal;
use sqlx::Error;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// A transaction that was dropped is rolled back within this, or its connection is closed.
const ROLL_BACK_WITHIN: Duration = Duration::from_secs(5);

/// A transaction that may write. Dropped without a commit it is rolled back.
pub(crate) struct Tx(TxConnection, Acts);

/// What is done when the transaction is over.
#[derive(Default)]
struct Acts(Vec<Act>);

impl Drop for Acts {
    fn drop(&mut self) {
        self.0.drain(..).for_each(after_commit);
    }
}

/// The connection of a [`Tx`].
#[derive(Debug)]
pub(crate) struct TxConnection {
    /// `None` when it is over.
    lent: Option<Lent>,
    health: Health,
}

impl Tx {
    pub(super) fn new(lent: Lent, health: &Health) -> Self {
        let connection = TxConnection {
            lent: Some(lent),
            health: health.clone(),
        };
        Self(connection, Acts::default())
    }

    /// Does this when the transaction is over; in a scope, when that is committed. It is done as well where nothing was committed, or where that is not
    /// known, so it must do no harm then.
    pub(crate) fn when_over(&mut self, act: impl FnOnce() + Send + 'static) {
        self.1.0.push(Box::new(act));
    }

    /// Stands from here on. Where this fails it is not known whether it stands.
    pub(crate) async fn commit(self) -> Result<(), Refusal> {
        Box::pin(self.try_commit()).await.map_err(fault)
    }

    /// Undoes everything. What was seen of others meanwhile stands from here on.
    pub(crate) async fn rollback(self) -> Result<(), Refusal> {
        Box::pin(self.try_rollback()).await.map_err(fault)
    }

    /// [`Self::commit`] with the engine's own error.
    pub(crate) async fn try_commit(mut self) -> Result<(), Error> {
        match self.0.in_scope() {
            Some(scope) => scope.commit().await,
            None => self.end("COMMIT", Turn::commit).await,
        }
    }

    /// [`Self::rollback`] with the engine's own error.
    pub(crate) async fn try_rollback(mut self) -> Result<(), Error> {
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
        let (connection, health) = self.parts();
        health.within(connection?.run(statement)).await
    }

    pub(crate) fn connection(&mut self) -> Result<Connection<'_>, Error> {
        self.0.parts().0
    }

    /// The connection, and what is known of the database.
    pub(super) fn parts(&mut self) -> (Result<Connection<'_>, Error>, &Health) {
        self.0.parts()
    }

    /// The connection is not used again.
    pub(super) fn close(&mut self) {
        self.0.close();
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
            connection.discard();
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
            connection.discard();
            return;
        };
        runtime.spawn(async move {
            let rolled_back = timeout(ROLL_BACK_WITHIN, connection.connection().run("ROLLBACK")).await;
            if !matches!(rolled_back, Ok(Ok(_))) {
                connection.discard();
            }
        });
    }
}

impl TxConnection {
    pub(super) fn parts(&mut self) -> (Result<Connection<'_>, Error>, &Health) {
        let connection = match &mut self.lent {
            Some(lent) => lent.connection(),
            None => Err(Error::WorkerCrashed),
        };
        (connection, &self.health)
    }
}
