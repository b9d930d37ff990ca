//! A connection of either engine, and what runs over it.

use super::reader::Wanted;
use super::row::{Cells, Row, Sink};
use super::statement::{Statement, Value};
use futures::{StreamExt, TryStreamExt};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Either, Encode, Error, Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection, Type};

/// A connection, borrowed.
#[derive(Debug)]
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// The values of a statement, as an engine takes them.
fn arguments<'q, A>(statement: &'q Statement<'_>) -> Result<A, Error>
where
    A: Arguments<'q>,
    Option<i64>: Encode<'q, A::Database> + Type<A::Database>,
    Option<&'q str>: Encode<'q, A::Database> + Type<A::Database>,
{
    let mut arguments = A::default();
    for value in statement.values() {
        let added = match value {
            Value::Number(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_deref()),
        };
        added.map_err(Error::Encode)?;
    }
    Ok(arguments)
}

fn for_sqlite<'q>(statement: &'q Statement<'_>) -> Result<Query<'q, Sqlite, SqliteArguments<'q>>, Error> {
    Ok(sqlx::query_with(statement.text(), arguments(statement)?).persistent(statement.is_prepared()))
}

fn for_postgres<'q>(statement: &'q Statement<'_>) -> Result<Query<'q, Postgres, PgArguments>, Error> {
    Ok(sqlx::query_with(statement.text(), arguments(statement)?).persistent(statement.is_prepared()))
}

/// Takes rows of an answer, whose type is another one for each engine; `$all` of them, or until there are enough.
macro_rules! take_rows {
    ($answers:expr, $cells:path, $found:ident, $all:expr) => {{
        let mut answers = $answers;
        while let Some(answer) = answers.next().await {
            if let Either::Right(row) = answer? {
                $found.take(&$cells(&row))?;
            }
            if $found.is_enough() && !$all {
                break;
            }
        }
    }};
}

/// Rows as they come.
struct Found<'r> {
    rows: &'r mut dyn Sink,
    wanted: Wanted,
}

impl Found<'_> {
    fn is_enough(&self) -> bool {
        self.wanted == Wanted::First && self.rows.count() > 0
    }

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Error> {
        if self.is_enough() {
            return Ok(());
        }
        if self.rows.count() == 0 {
            cells.check(self.rows.columns())?;
        }
        self.rows.push(cells)
    }
}

impl Connection<'_> {
    /// Runs a text without values.
    pub(crate) async fn run(&mut self, text: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => (&mut **connection).execute(text).await.map(|_| ()),
            Self::Postgres(connection) => (&mut **connection).execute(text).await.map(|_| ()),
        }
    }

    /// How many rows a statement changed.
    pub(crate) async fn execute(&mut self, statement: &Statement<'_>) -> Result<u64, Error> {
        Ok(match self {
            Self::Sqlite(connection) => (&mut **connection)
                .execute(for_sqlite(statement)?)
                .await?
                .rows_affected(),
            Self::Postgres(connection) => (&mut **connection)
                .execute(for_postgres(statement)?)
                .await?
                .rows_affected(),
        })
    }

    /// The first row of its answer; that there is none is an error.
    pub(crate) async fn one<T: Row>(&mut self, statement: &Statement<'_>) -> Result<T, Error> {
        let mut found = Vec::new();
        self.fill(statement, Wanted::First, false, &mut found).await?;
        found.pop().ok_or(Error::RowNotFound)
    }

    /// Puts the rows of its answer into `rows`. With `all` the whole answer is waited for: outside of a transaction a row comes before it is known whether it was
    /// committed.
    pub(super) async fn fill(
        &mut self,
        statement: &Statement<'_>,
        wanted: Wanted,
        all: bool,
        rows: &mut dyn Sink,
    ) -> Result<(), Error> {
        let mut found = Found { rows, wanted };
        match self {
            Self::Sqlite(connection) => {
                take_rows!(
                    (&mut **connection).fetch_many(for_sqlite(statement)?),
                    Cells::Sqlite,
                    found,
                    all
                );
            }
            Self::Postgres(connection) => {
                take_rows!(
                    (&mut **connection).fetch_many(for_postgres(statement)?),
                    Cells::Postgres,
                    found,
                    all
                );
            }
        }
        Ok(())
    }

    /// Hands over row after row, however many there are.
    pub(crate) async fn each<E: From<Error>>(
        &mut self,
        statement: &Statement<'_>,
        mut take: impl AsyncFnMut(Vec<Value<'static>>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Sqlite(connection) => {
                let mut rows = (&mut **connection).fetch(for_sqlite(statement)?);
                while let Some(row) = rows.try_next().await? {
                    take(Row::read(&Cells::Sqlite(&row))?).await?;
                }
            }
            Self::Postgres(connection) => {
                let mut rows = (&mut **connection).fetch(for_postgres(statement)?);
                while let Some(row) = rows.try_next().await? {
                    take(Row::read(&Cells::Postgres(&row))?).await?;
                }
            }
        }
        Ok(())
    }
}

/// A connection of a pool.
#[derive(Debug)]
pub(crate) enum Pooled {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Pooled {
    /// What statements run over.
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }

    /// It is closed afterwards and not used again.
    pub(crate) fn close_on_drop(&mut self) {
        match self {
            Self::Sqlite(connection) => connection.close_on_drop(),
            Self::Postgres(connection) => connection.close_on_drop(),
        }
    }

    /// Nothing is known of its state: it ends.
    pub(super) fn discard(self) {
        match self {
            Self::Sqlite(connection) => drop(connection.detach()),
            Self::Postgres(connection) => drop(connection.detach()),
        }
    }
}
