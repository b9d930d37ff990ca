//! A transaction scope: everything that runs inside it is one transaction, committed by the caller that opened the scope.
//!
//! Use cases begin and commit transactions of their own. Inside a scope such a commit only hands the open transaction back to the scope, a later
//! transaction is a savepoint in it, and single statements join it, so that what follows reads what was written. The caller that opened the scope adds
//! rows of its own and commits ([`Scope::end`]). A scope that is dropped undoes everything.
//!
//! What may be known to others only after the commit, such as a hint to other nodes, goes through [`after_commit`].
//!
//! The scope belongs to a task. Work that is spawned and waited for takes it along by [`inherit`]; other tasks have their own connections.
//! On SQLite an open scope has the turn of the one writer: inside it nobody may wait for another task that writes.

use super::connection::Connection;
use super::health::Health;
use super::pool::{Lent, Pool};
use super::tx::Tx;
use futures::future::Either;
use sqlx::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use tokio::sync::{Mutex, OwnedMutexGuard};

tokio::task_local! {
    static SCOPE: Scope;
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scope(Arc<Shared>);

struct Shared {
    /// Of the database it is about.
    health: Health,
    slot: Arc<Mutex<Slot>>,
    /// A use case has the transaction for itself: what it asks beside it takes other connections, as outside of a scope.
    in_use: AtomicBool,
    /// The end was asked for; what still runs goes its own way.
    ended: AtomicBool,
    after: StdMutex<Vec<Act>>,
}

pub(super) type Act = Box<dyn FnOnce() + Send>;

/// The transaction, from the first write on.
#[derive(Default)]
pub(super) struct Slot {
    tx: Option<Tx>,
    /// The last savepoint was left behind and is to be undone.
    undo: bool,
    /// Something in it went wrong in a way that leaves its state unknown.
    lost: bool,
}

impl Slot {
    /// Undoes what a dropped transaction left behind. True: there is a transaction.
    async fn ready(&mut self) -> Result<bool, Error> {
        if self.lost {
            return Err(lost());
        }
        if std::mem::take(&mut self.undo) {
            self.run("ROLLBACK TO SAVEPOINT in_scope").await?;
            self.run("RELEASE SAVEPOINT in_scope").await?;
        }
        Ok(self.tx.is_some())
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), Error> {
        let Some(tx) = &mut self.tx else { return Err(lost()) };
        let ran = tx.run(statement).await;
        if ran.is_err() {
            self.lose();
        }
        ran
    }

    fn lose(&mut self) {
        self.lost = true;
        // Rolled back.
        drop(self.tx.take());
    }
}

fn lost() -> Error {
    io::Error::new(io::ErrorKind::NotConnected, "the transaction was lost").into()
}

impl Scope {
    /// A scope for this database; nothing is begun before something is written.
    pub(super) fn new(health: &Health) -> Self {
        Self(Arc::new(Shared {
            health: health.clone(),
            slot: Arc::default(),
            in_use: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            after: StdMutex::default(),
        }))
    }

    /// The scope of the task that asks, if it is about this database.
    pub(super) fn current(health: &Health) -> Option<Self> {
        let scope = SCOPE.try_with(Self::clone).ok()?;
        (scope.0.health.is(health) && !scope.0.ended.load(Ordering::Acquire)).then_some(scope)
    }

    /// Runs `work` in it.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        SCOPE.scope(self.clone(), work).await
    }

    /// The transaction with everything that was done; `None`: nothing was. From now on nothing joins it.
    pub(crate) async fn end(&self) -> Result<Option<Tx>, Error> {
        self.0.ended.store(true, Ordering::Release);
        let mut slot = self.0.slot.lock().await;
        slot.ready().await?;
        Ok(slot.tx.take())
    }

    /// Does what waited for the commit.
    pub(crate) fn committed(&self) {
        let acts = std::mem::take(&mut *self.0.after.lock().unwrap_or_else(PoisonError::into_inner));
        for act in acts {
            act();
        }
    }

    /// The transaction for a use case that begins one; `open` begins it for real.
    pub(super) async fn begin(&self, open: impl Future<Output = Result<Tx, Error>>) -> Result<Lent, Error> {
        let mut slot = self.0.slot.clone().lock_owned().await;
        let nested = slot.ready().await?;
        if nested {
            slot.run("SAVEPOINT in_scope").await?;
        } else {
            slot.tx = Some(open.await?);
        }
        self.0.in_use.store(true, Ordering::Release);
        Ok(Lent::InScope(InScope {
            slot,
            using: Some(self.clone()),
            nested,
        }))
    }

    /// The transaction for a single statement; `None`: there is none, and a statement that does not `write` needs none.
    pub(super) async fn lend(&self, pool: &Pool, writes: bool) -> Result<Option<Lent>, Error> {
        if self.0.in_use.load(Ordering::Acquire) {
            return Ok(None);
        }
        let mut slot = self.0.slot.clone().lock_owned().await;
        if !slot.ready().await? {
            if !writes {
                return Ok(None);
            }
            slot.tx = Some(pool.begin_outside().await?);
        }
        Ok(Some(Lent::InScope(InScope {
            slot,
            using: None,
            nested: false,
        })))
    }
}

/// The transaction of a scope, for as long as a statement or a use case has it.
pub(super) struct InScope {
    slot: OwnedMutexGuard<Slot>,
    /// A use case has it, and has not ended.
    using: Option<Scope>,
    /// In a savepoint.
    nested: bool,
}

impl fmt::Debug for InScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InScope")
            .field("nested", &self.nested)
            .finish_non_exhaustive()
    }
}

impl InScope {
    pub(super) fn connection(&mut self) -> Result<Connection<'_>, Error> {
        self.slot.tx.as_mut().ok_or_else(lost)?.connection()
    }

    /// A statement failed and left the state of the connection unknown.
    pub(super) fn lose(&mut self) {
        self.slot.lose();
    }

    /// The use case is done: what it did stays in the transaction.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        if self.nested {
            self.slot.run("RELEASE SAVEPOINT in_scope").await?;
        }
        self.leave();
        Ok(())
    }

    /// The use case is done, and nothing of what it did stays.
    pub(super) async fn rollback(mut self) -> Result<(), Error> {
        if self.nested {
            self.slot.undo = true;
            self.slot.ready().await?;
        } else if let Some(tx) = self.slot.tx.take() {
            self.leave();
            return Box::pin(tx.try_rollback()).await;
        }
        self.leave();
        Ok(())
    }

    fn leave(&mut self) {
        if let Some(scope) = self.using.take() {
            scope.0.in_use.store(false, Ordering::Release);
        }
    }
}

impl Drop for InScope {
    fn drop(&mut self) {
        if self.using.is_some() {
            // The use case did not come to its end.
            if self.nested {
                self.slot.undo = true;
            } else {
                drop(self.slot.tx.take());
            }
            self.leave();
        }
    }
}

/// Whether the task that asks is in a scope.
pub(crate) fn is_open() -> bool {
    SCOPE.try_with(|scope| !scope.0.ended.load(Ordering::Acquire)) == Ok(true)
}

/// Does this when what was written is committed; outside of a scope at once.
pub(crate) fn after_commit(act: impl FnOnce() + Send + 'static) {
    let scope = SCOPE.try_with(Scope::clone).ok();
    match scope.filter(|scope| !scope.0.ended.load(Ordering::Acquire)) {
        Some(scope) => scope
            .0
            .after
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(act)),
        None => act(),
    }
}

/// Takes the scope of the task that asks into another one.
pub(crate) fn inherit<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let work = Box::pin(work);
    match SCOPE.try_with(Scope::clone) {
        Ok(scope) => Either::Left(SCOPE.scope(scope, work)),
        Err(_) => Either::Right(work),
    }
}
