//! `latchkey archive`: months of records and events that are over, as files. What is sealed in the database is sealed in the file.
//!
//! A month leaves the database only after its file was read back, and only the rows that are in the file: as a whole table where
//! PostgreSQL keeps it as one and it has not one row more, else row by row.

mod files;
mod restore;

pub use restore::restore;

use crate::core::catalogue::{self, Cell, Kind, Table};
use crate::core::db::{Db, Engine, Statement, fault};
use crate::core::partitions::{self, ByMonth, Month};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Millis;
use files::Manifest;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Rows of one transaction, where they are deleted one by one.
const AT_ONCE: usize = 500;
/// Somebody may be reading just then; so often it is tried, a second apart.
const TRIES: u32 = 5;
const DAY_MS: i64 = 24 * 3_600_000;

/// A month in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Of which table.
    pub table: &'static str,
    /// Which month.
    pub month: Month,
    /// Where.
    pub file: PathBuf,
    /// How many rows.
    pub rows: u64,
}

/// What was just done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file was written and read back.
    Written(Archived),
    /// The very same rows stood in a file already, which was read back.
    There(Archived),
    /// The rows of a file are no longer in the database.
    Dropped(Archived),
    /// The rows of a file are in the database.
    Restored {
        /// The file.
        archived: Archived,
        /// The number of its rows that were not there before.
        new: u64,
    },
}

/// Why a month was not archived or not dropped. What was reported before stands.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is not over.
    #[error("{0} is still to come: only whole months before this one can be archived")]
    NotOver(Month),
    /// A file could not be written or read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file is not what was written.
    #[error("{path} is damaged: nothing of it was dropped")]
    Damaged {
        /// Which.
        path: String,
    },
    /// There is nothing to restore.
    #[error(
        "{path} has no archive: expected a file such as records-2025-12.csv.gz with its manifest beside it, or a directory of them"
    )]
    NoArchive {
        /// Where it was looked for.
        path: String,
    },
    /// A file is of a table, or has a column, that this program does not know.
    #[error("{path} has {what}, which this program does not know: nothing of it was restored")]
    Foreign {
        /// Which.
        path: String,
        /// What is not known.
        what: String,
    },
    /// A row is sealed under a key that is missing here.
    #[error("{path} is sealed under a master key that is missing here: put it behind the others and run it again")]
    MissingKey {
        /// Which.
        path: String,
    },
    /// Rows came after the file was written.
    #[error(
        "{rows} rows of {table} {month} are in the database and {archived} in the file: nothing was dropped, run it again"
    )]
    Changed {
        /// Of which table.
        table: &'static str,
        /// Which month.
        month: Month,
        /// In the database.
        rows: u64,
        /// In the file.
        archived: u64,
    },
    /// The database failed.
    #[error("the database failed; the log says how")]
    Database(#[from] Refusal),
}

impl From<sqlx::Error> for ArchiveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(fault(error))
    }
}

/// Writes every month before `before` into a file of its own in `dir`; with `drop` these rows then leave the database. `tell` hears of each.
pub async fn archive(
    b: &Backend,
    before: Month,
    dir: &Path,
    drop: bool,
    mut tell: impl AsyncFnMut(Step),
) -> std::result::Result<(), ArchiveError> {
    if before.start() > b.now() {
        return Err(ArchiveError::NotOver(before));
    }
    std::fs::create_dir_all(dir).map_err(files::failed(dir))?;
    partitions::keep(b.db(), b.now()).await?;
    let tables = catalogue::tables(b.db()).await.map_err(fault)?;
    for by in partitions::TABLES {
        let Some(table) = tables.iter().find(|table| table.name == by.table) else {
            continue;
        };
        for month in months(b.db(), by, before).await? {
            let (archived, manifest, is_new) = write(b, by, table, month, dir).await?;
            tell(if is_new {
                Step::Written(archived.clone())
            } else {
                Step::There(archived.clone())
            })
            .await;
            if drop {
                remove(b.db(), by, table, &archived, &manifest).await?;
                tell(Step::Dropped(archived)).await;
            }
        }
    }
    Ok(())
}

/// The months before `before` that have rows, oldest first.
async fn months(db: &Db, by: ByMonth, before: Month) -> Result<Vec<Month>> {
    let ByMonth { table, time } = by;
    let sql = format!("SELECT {time} / {DAY_MS} FROM {table} WHERE {time} < $1 GROUP BY 1");
    let days: Vec<i64> = db.all(Statement::new(&sql).bind(before.start().0)).await?;
    let mut months: Vec<Month> = days
        .into_iter()
        .filter_map(|day| Month::of(Millis(day.saturating_mul(DAY_MS))))
        .collect();
    months.sort_unstable();
    months.dedup();
    Ok(months)
}

/// The month's file, read back, and whether it is new: the same rows are not written twice.
async fn write(
    b: &Backend,
    by: ByMonth,
    table: &Table,
    month: Month,
    dir: &Path,
) -> std::result::Result<(Archived, Manifest, bool), ArchiveError> {
    let mut file = files::Writer::create(dir, by.table, month, table)?;
    let sql = format!(
        "SELECT {} FROM {} WHERE {time} >= $1 AND {time} < $2 ORDER BY {}",
        table.column_list(),
        table.name,
        table.key.join(", "),
        time = by.time
    );
    let mut conn = b.db().patient().await.map_err(fault)?;
    let of_month = Statement::new(sql).bind(month.start().0).bind(month.end().0).once();
    conn.connection()
        .each(&of_month, async |row| file.row(&table.cells(row)))
        .await?;
    let (path, manifest, is_new) = file.finish(b.now())?;
    let archived = Archived {
        table: by.table,
        month,
        file: path,
        rows: manifest.rows,
    };
    Ok((archived, manifest, is_new))
}

async fn remove(
    db: &Db,
    by: ByMonth,
    table: &Table,
    archived: &Archived,
    manifest: &Manifest,
) -> std::result::Result<(), ArchiveError> {
    files::verify(&archived.file, manifest)?;
    let is_partition = db.engine() == Engine::Postgres && partitions::made(db, by).await?.contains(&archived.month);
    if !is_partition {
        return delete(db, table, archived).await;
    }
    let mut tries = 1;
    let outcome = loop {
        match partitions::drop_month(db, by, archived.month, archived.rows).await {
            Err(_) if tries < TRIES => tokio::time::sleep(Duration::from_secs(1)).await,
            outcome => break outcome?,
        }
        tries += 1;
    };
    outcome.map_err(|rows| ArchiveError::Changed {
        table: by.table,
        month: archived.month,
        rows,
        archived: archived.rows,
    })
}

/// Deletes exactly the rows that are in the file.
async fn delete(db: &Db, table: &Table, archived: &Archived) -> std::result::Result<(), ArchiveError> {
    let place = |name: &String| table.columns.iter().position(|column| column.name == *name);
    let key: Vec<usize> = table.key.iter().filter_map(place).collect();
    let conditions: Vec<String> = (1..)
        .zip(&table.key)
        .map(|(n, name)| format!("{name} = ${n}"))
        .collect();
    let sql = format!("DELETE FROM {} WHERE {}", table.name, conditions.join(" AND "));
    let mut rows = files::rows(&archived.file)?;
    loop {
        let batch: Vec<Vec<Option<String>>> = rows.by_ref().take(AT_ONCE).collect::<std::result::Result<_, _>>()?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for row in batch {
            let mut query = Statement::new(&sql);
            for index in &key {
                query = query.bind(cell(&archived.file, table.columns[*index].kind, row.get(*index))?);
            }
            tx.execute(query).await?;
        }
        tx.commit().await?;
    }
}

fn cell(path: &Path, kind: Kind, text: Option<&Option<String>>) -> std::result::Result<Cell, ArchiveError> {
    let text = text.ok_or_else(|| files::damaged(path))?;
    Ok(match kind {
        Kind::Text => Cell::Text(text.clone()),
        Kind::Number => {
            let number = text.as_deref().map(str::parse).transpose();
            Cell::Number(number.map_err(|_| files::damaged(path))?)
        }
    })
}
