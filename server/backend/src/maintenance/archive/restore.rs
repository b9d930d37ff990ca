//! `latchkey archive --restore`: months in files back into the database.

use super::{ArchiveError, Archived, Step, cell, files};
use crate::Backend;
use crate::core::catalogue::{self, Cell, Column, Table};
use crate::core::db::{Statement, fault, row_parameters};
use crate::core::partitions::{self, ByMonth, Month};
use crate::maintenance::rotation;
use domain::ids::Millis;
use files::Manifest;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, ArchiveError>;

/// Parameters of one statement: well below what either engine takes.
const PARAMETERS: usize = 4_000;

/// An archive that was found good, and where its rows go.
struct Good {
    path: PathBuf,
    manifest: Manifest,
    by: ByMonth,
    month: Month,
    /// The columns of the file, in its order.
    table: Table,
}

/// Puts the rows of an archive, or of every archive in a directory, back into the database. Rows that are there already stay as they are, so
/// it may be done again. Every file is read and compared with its manifest before the first row goes in. `tell` hears of each.
pub async fn restore(b: &Backend, from: &Path, mut tell: impl AsyncFnMut(Step)) -> Result<()> {
    let tables = catalogue::tables(b.db()).await.map_err(fault)?;
    let mut good = Vec::new();
    for (path, manifest) in files::archives(from)? {
        files::verify(&path, &manifest)?;
        good.push(place_of(path, manifest, &tables)?);
    }
    if good.is_empty() {
        return Err(ArchiveError::NoArchive {
            path: from.display().to_string(),
        });
    }
    for archive in good {
        let (first, last) = (Millis(archive.manifest.from), Millis(archive.manifest.until - 1));
        partitions::make_all(b.db(), archive.by, first, last).await?;
        let new = fill(b, &archive).await?;
        let archived = Archived {
            table: archive.by.table,
            month: archive.month,
            file: archive.path,
            rows: archive.manifest.rows,
        };
        tell(Step::Restored { archived, new }).await;
    }
    Ok(())
}

fn place_of(path: PathBuf, manifest: Manifest, tables: &[Table]) -> Result<Good> {
    let foreign = |what: &str| ArchiveError::Foreign {
        path: path.display().to_string(),
        what: what.to_owned(),
    };
    let by = partitions::TABLES.into_iter().find(|by| by.table == manifest.table);
    let table = tables.iter().find(|table| table.name == manifest.table);
    let (Some(by), Some(table)) = (by, table) else {
        return Err(foreign(&manifest.table));
    };
    let month = manifest.month.parse().map_err(|_| files::damaged(&path))?;
    let column = |name: &String| -> Result<Column> {
        let known = table.columns.iter().find(|column| column.name == *name);
        known.cloned().ok_or_else(|| foreign(name))
    };
    let table = Table {
        name: table.name.clone(),
        columns: manifest.columns.iter().map(column).collect::<Result<_>>()?,
        key: table.key.clone(),
    };
    Ok(Good {
        path,
        manifest,
        by,
        month,
        table,
    })
}

/// Answers how many rows were not there before.
async fn fill(b: &Backend, archive: &Good) -> Result<u64> {
    let (path, table) = (&archive.path, &archive.table);
    let at_once = (PARAMETERS / table.columns.len().max(1)).max(1);
    let mut rows = files::rows(path)?;
    let mut new = 0;
    loop {
        let batch: Vec<Vec<Cell>> = rows
            .by_ref()
            .take(at_once)
            .map(|row| cells(b, archive, &row?))
            .collect::<Result<_>>()?;
        if batch.is_empty() {
            return Ok(new);
        }
        let sql = format!(
            "INSERT INTO {} ({}) VALUES {} ON CONFLICT DO NOTHING",
            table.name,
            table.column_list(),
            row_parameters(batch.len(), table.columns.len())
        );
        let mut query = Statement::new(&sql).once();
        for cell in batch.into_iter().flatten() {
            query = query.bind(cell);
        }
        new += b.db().execute(query).await?;
    }
}

/// A row as it is stored now: what is sealed in it is sealed under the first master key.
fn cells(b: &Backend, archive: &Good, row: &[Option<String>]) -> Result<Vec<Cell>> {
    let path = &archive.path;
    let columns = archive.table.columns.iter().enumerate();
    let cells = columns
        .map(|(place, column)| cell(path, column.kind, row.get(place)))
        .collect::<Result<_>>()?;
    rotation::resealed(b, &archive.table, cells)?.ok_or_else(|| ArchiveError::MissingKey {
        path: path.display().to_string(),
    })
}
