//! Statements over a [`Pool`] and in a [`Tx`].

use super::pool::Place;
use super::reader::{Reader, Wanted};
use super::row::{Row, Sink};
use super::statement::Statement;
use super::{Db, Pool, Tx, fault};
use crate::Result;
use futures::future::BoxFuture;
use sqlx::Error;

type Outcome<T> = std::result::Result<T, Error>;

// What is not read at once is boxed: use cases hold these futures within each other, and would be too large for the stack.

impl Pool {
    async fn rows<T: Row>(&self, statement: Statement<'_>, wanted: Wanted) -> Outcome<Vec<T>> {
        let mut rows = Vec::new();
        match self.reader() {
            Some(reader) => self.fill_here(reader, statement, wanted, &mut rows).await?,
            None => self.fill_over(statement, wanted, &mut rows).await?,
        }
        Ok(rows)
    }

    async fn fill_here(
        &self,
        reader: &Reader,
        statement: Statement<'_>,
        wanted: Wanted,
        rows: &mut dyn Sink,
    ) -> Outcome<()> {
        let outcome = reader.read(statement, wanted, rows).await;
        if let Err(error) = &outcome {
            self.health.judge(error);
        }
        outcome
    }

    fn fill_over<'r>(
        &'r self,
        statement: Statement<'r>,
        wanted: Wanted,
        rows: &'r mut dyn Sink,
    ) -> BoxFuture<'r, Outcome<()>> {
        Box::pin(async move {
            // In a scope that has begun nothing, a file is read as it is outside.
            let mut lent = match self.place().await? {
                Place::Here(reader) => return self.fill_here(reader, statement, wanted, rows).await,
                Place::Over(lent) => lent,
            };
            let mut connection = lent.connection()?;
            let outcome = self
                .health
                .within(connection.fill(&statement, wanted, true, rows))
                .await;
            lent.settle(&self.health, outcome).await
        })
    }

    async fn changed(&self, statement: Statement<'_>) -> Outcome<u64> {
        let changing = async move {
            let mut lent = self.lend().await?;
            let mut connection = lent.connection()?;
            let outcome = self.health.within(connection.execute(&statement)).await;
            lent.settle(&self.health, outcome).await
        };
        Box::pin(changing).await
    }
}

impl Tx {
    async fn rows<T: Row>(&mut self, statement: Statement<'_>, wanted: Wanted) -> Outcome<Vec<T>> {
        let mut rows = Vec::new();
        self.fill(statement, wanted, &mut rows).await?;
        Ok(rows)
    }

    fn fill<'r>(
        &'r mut self,
        statement: Statement<'r>,
        wanted: Wanted,
        rows: &'r mut dyn Sink,
    ) -> BoxFuture<'r, Outcome<()>> {
        Box::pin(async move {
            let (connection, health) = self.parts();
            health.within(connection?.fill(&statement, wanted, false, rows)).await
        })
    }

    async fn changed(&mut self, statement: Statement<'_>) -> Outcome<u64> {
        let changing = async move {
            let (connection, health) = self.parts();
            health.within(connection?.execute(&statement)).await
        };
        Box::pin(changing).await
    }
}

impl Pool {
    /// Runs it, and answers how many rows it changed.
    pub(crate) async fn execute(&self, statement: Statement<'_>) -> Result<u64> {
        self.try_execute(statement).await.map_err(fault)
    }

    /// All rows of its answer.
    pub(crate) async fn all<T: Row>(&self, statement: Statement<'_>) -> Result<Vec<T>> {
        self.try_all(statement).await.map_err(fault)
    }

    /// The first row of its answer, if there is one.
    pub(crate) async fn optional<T: Row>(&self, statement: Statement<'_>) -> Result<Option<T>> {
        self.try_optional(statement).await.map_err(fault)
    }

    /// The first row of its answer; that there is none is a fault.
    pub(crate) async fn one<T: Row>(&self, statement: Statement<'_>) -> Result<T> {
        self.try_one(statement).await.map_err(fault)
    }

    /// [`Self::execute`] with the engine's own error.
    pub(crate) async fn try_execute(&self, statement: Statement<'_>) -> Outcome<u64> {
        self.changed(statement).await
    }

    /// [`Self::all`] with the engine's own error.
    pub(crate) async fn try_all<T: Row>(&self, statement: Statement<'_>) -> Outcome<Vec<T>> {
        self.rows(statement, Wanted::All).await
    }

    /// [`Self::optional`] with the engine's own error.
    pub(crate) async fn try_optional<T: Row>(&self, statement: Statement<'_>) -> Outcome<Option<T>> {
        Ok(self.rows(statement, Wanted::First).await?.pop())
    }

    /// [`Self::one`] with the engine's own error.
    pub(crate) async fn try_one<T: Row>(&self, statement: Statement<'_>) -> Outcome<T> {
        self.try_optional(statement).await?.ok_or(Error::RowNotFound)
    }
}

impl Tx {
    /// Runs it, and answers how many rows it changed.
    pub(crate) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64> {
        self.try_execute(statement).await.map_err(fault)
    }

    /// All rows of its answer.
    pub(crate) async fn all<T: Row>(&mut self, statement: Statement<'_>) -> Result<Vec<T>> {
        self.try_all(statement).await.map_err(fault)
    }

    /// The first row of its answer, if there is one.
    pub(crate) async fn optional<T: Row>(&mut self, statement: Statement<'_>) -> Result<Option<T>> {
        self.try_optional(statement).await.map_err(fault)
    }

    /// The first row of its answer; that there is none is a fault.
    pub(crate) async fn one<T: Row>(&mut self, statement: Statement<'_>) -> Result<T> {
        self.try_one(statement).await.map_err(fault)
    }

    /// [`Self::execute`] with the engine's own error.
    pub(crate) async fn try_execute(&mut self, statement: Statement<'_>) -> Outcome<u64> {
        self.changed(statement).await
    }

    /// [`Self::all`] with the engine's own error.
    pub(crate) async fn try_all<T: Row>(&mut self, statement: Statement<'_>) -> Outcome<Vec<T>> {
        self.rows(statement, Wanted::All).await
    }

    /// [`Self::optional`] with the engine's own error.
    pub(crate) async fn try_optional<T: Row>(&mut self, statement: Statement<'_>) -> Outcome<Option<T>> {
        Ok(self.rows(statement, Wanted::First).await?.pop())
    }

    /// [`Self::one`] with the engine's own error.
    pub(crate) async fn try_one<T: Row>(&mut self, statement: Statement<'_>) -> Outcome<T> {
        self.try_optional(statement).await?.ok_or(Error::RowNotFound)
    }
}

/// Reads outside of a transaction, and single statements that write.
impl Db {
    /// All rows a statement reads.
    pub(crate) async fn all<T: Row>(&self, statement: Statement<'_>) -> Result<Vec<T>> {
        self.read().all(statement).await
    }

    /// The first row a statement reads, if there is one.
    pub(crate) async fn optional<T: Row>(&self, statement: Statement<'_>) -> Result<Option<T>> {
        self.read().optional(statement).await
    }

    /// The first row a statement reads; that there is none is a fault.
    pub(crate) async fn one<T: Row>(&self, statement: Statement<'_>) -> Result<T> {
        self.read().one(statement).await
    }

    /// Runs a statement that writes, and answers how many rows it changed.
    pub(crate) async fn execute(&self, statement: Statement<'_>) -> Result<u64> {
        self.write().execute(statement).await
    }
}

/// Either of the two, for what may run in a transaction or outside of one.
pub(crate) enum Over<'a> {
    Pool(&'a Pool),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Pool> for Over<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Tx> for Over<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

impl Over<'_> {
    /// All rows of its answer.
    pub(crate) async fn all<T: Row>(&mut self, statement: Statement<'_>) -> Result<Vec<T>> {
        match self {
            Self::Pool(pool) => pool.all(statement).await,
            Self::Tx(tx) => tx.all(statement).await,
        }
    }

    /// The first row of its answer, if there is one.
    pub(crate) async fn optional<T: Row>(&mut self, statement: Statement<'_>) -> Result<Option<T>> {
        match self {
            Self::Pool(pool) => pool.optional(statement).await,
            Self::Tx(tx) => tx.optional(statement).await,
        }
    }

    /// The first row of its answer; that there is none is a fault.
    pub(crate) async fn one<T: Row>(&mut self, statement: Statement<'_>) -> Result<T> {
        match self {
            Self::Pool(pool) => pool.one(statement).await,
            Self::Tx(tx) => tx.one(statement).await,
        }
    }
}
