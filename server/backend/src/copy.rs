//! `latchkey copy`: moves a deployment to another database, of the same engine or the other one. A backup is a copy into an SQLite file,
//! whatever engine it is of, and restoring is a copy back.
//!
//! The target says from the first row to the last that it is being filled ([`COPYING`]), and no node starts on such a database. That ends
//! only after every table was read back and is what was read from the source.

use crate::catalogue::{self, Cell, Sum, Table};
use crate::db::{Db, Engine, Tx, file, row_parameters};
use crate::deployment::COPYING;
use crate::guard::history;
use crate::migrations::{self, Versions};
use crate::{OpenError, partitions};
use domain::ids::Millis;
use futures::TryStreamExt;
use std::path::{Path, PathBuf};

/// Parameters of one statement: well below what either engine takes.
const PARAMETERS: usize = 4_000;

/// What was just done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A table's rows stand in the target.
    Copied {
        /// Which.
        table: String,
        /// What was read from the source.
        sum: Sum,
    },
    /// A table was read back, and is the same.
    Verified {
        /// Which.
        table: String,
        /// What was read from both.
        sum: Sum,
    },
}

/// Why nothing, or not everything, was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A statement failed.
    #[error("the copy failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The months of the target could not be made.
    #[error("the target's months of records and events could not be made")]
    Months,
    /// The source is not as this program would have it.
    #[error("the source stands at version {} and this program needs {}: run latchkey migrate on it first", .0.from, .0.to)]
    SourceBehind(Versions),
    /// The source is what another copy left behind.
    #[error("the source is itself a copy that was not finished")]
    SourceUnfinished,
    /// Both are the same.
    #[error("source and target are the same database")]
    Same,
    /// The target is what another copy left behind.
    #[error("a copy to this target was not finished or is under way: --start-over empties it and begins again")]
    TargetUnfinished,
    /// The target is in use.
    #[error("the target has data already (in {table}): it must be a database nobody has used")]
    TargetHasData {
        /// Where.
        table: String,
    },
    /// The two differ in their tables.
    #[error("source and target do not have the same tables ({table})")]
    Tables {
        /// Which.
        table: String,
    },
    /// The file of a backup could not be made.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// What was read back is not what was copied.
    #[error(
        "{table} is not the same: {} rows with sum {source_sum} in the source, {} with sum {target_sum} in the target; the target will not start",
        source_sum.rows, target_sum.rows
    )]
    Differs {
        /// Which.
        table: String,
        /// What was read from the source.
        source_sum: Sum,
        /// What was read from the target.
        target_sum: Sum,
    },
}

type Result<T> = std::result::Result<T, CopyError>;

/// Copies every table as the source is at this moment, whatever is written there meanwhile. `start_over`: a target that an earlier copy
/// left unfinished is emptied first. `tell` hears of every table twice.
pub async fn copy(from: &str, to: &str, start_over: bool, tell: impl AsyncFnMut(Step)) -> Result<()> {
    run(from, to, start_over, None, tell).await
}

/// Copies the database into a new SQLite file in `dir`, verified like any copy, and answers where it is. It has its name only when it is whole.
pub async fn backup(from: &str, dir: &Path, now: Millis, tell: impl AsyncFnMut(Step)) -> Result<PathBuf> {
    let failed = |source| CopyError::File {
        path: dir.display().to_string(),
        source,
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    // In a directory of its own, so that what SQLite keeps beside a file goes with it.
    let name = format!("latchkey-{}.db", now.to_iso().replace(':', "-"));
    let aside = dir.join(format!("{name}.part"));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&aside).map_err(failed)?;
    let made = make(from, &aside, &dir.join(&name), tell).await;
    std::fs::remove_dir_all(&aside).map_err(failed)?;
    made?;
    Ok(dir.join(name))
}

/// Copies, verifies, and then writes the one file that needs no other beside it.
async fn make(from: &str, aside: &Path, path: &Path, tell: impl AsyncFnMut(Step)) -> Result<()> {
    let failed = |source| CopyError::File {
        path: path.display().to_string(),
        source,
    };
    let url = file::url_of(&aside.join("copy.db"));
    run(from, &url, false, None, tell).await?;
    let whole = aside.join("whole.db");
    let copied = Db::connect_existing(&url).await?;
    let mut conn = copied.patient().await?;
    sqlx::query("VACUUM INTO $1")
        .bind(whole.display().to_string())
        .persistent(false)
        .execute(&mut *conn)
        .await?;
    drop(conn);
    copied.close().await;
    #[cfg(unix)]
    std::fs::set_permissions(&whole, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    std::fs::rename(&whole, path).map_err(failed)
}

/// Copies a backup into a database nobody has used. Guards may know more than it does: their versions are of a history that is over, so
/// each of them is sent everything anew.
pub async fn restore(file: &Path, to: &str, start_over: bool, now: Millis, tell: impl AsyncFnMut(Step)) -> Result<()> {
    run(&file::url_of(file), to, start_over, Some(now), tell).await
}

/// `history`: when a new one begins.
async fn run(
    from: &str,
    to: &str,
    start_over: bool,
    history: Option<Millis>,
    mut tell: impl AsyncFnMut(Step),
) -> Result<()> {
    if from == to {
        return Err(CopyError::Same);
    }
    let source = open_source(from).await?;
    let _alone = match file::path_of(to) {
        Some(path) => Some(lock(&path)?),
        None => None,
    };
    let target = Db::connect(to).await?;
    migrations::run(&target).await?;
    let tables = same_tables(&source, &target).await?;
    let mut snapshot = snapshot(&source).await?;
    claim(&target, &tables, start_over).await?;
    make_months(&mut snapshot, &target).await?;
    let mut sums = Vec::with_capacity(tables.len());
    for table in &tables {
        let sum = copy_table(&mut snapshot, &target, table).await?;
        sums.push(sum);
        let table = table.name.clone();
        tell(Step::Copied { table, sum }).await;
    }
    snapshot.rollback().await?;
    for (table, source_sum) in tables.iter().zip(sums) {
        let target_sum = read_back(&target, table).await?;
        let table = table.name.clone();
        if source_sum != target_sum {
            return Err(CopyError::Differs {
                table,
                source_sum,
                target_sum,
            });
        }
        let sum = target_sum;
        tell(Step::Verified { table, sum }).await;
    }
    finish(&target, &tables, history).await?;
    source.close().await;
    target.close().await;
    Ok(())
}

/// No server uses the target while it is filled.
fn lock(path: &Path) -> std::result::Result<std::fs::File, OpenError> {
    file::lock(path).map_err(|why| OpenError::not_alone(path, why))
}

async fn open_source(url: &str) -> Result<Db> {
    let versions = migrations::look(url).await?;
    if !versions.is_current() {
        return Err(CopyError::SourceBehind(versions));
    }
    let source = Db::connect_existing(url).await?;
    if is_marked(&source).await? {
        return Err(CopyError::SourceUnfinished);
    }
    Ok(source)
}

/// A transaction that reads everything as it is now.
async fn snapshot(source: &Db) -> Result<Tx> {
    let begin = match source.engine() {
        Engine::Sqlite => "BEGIN",
        Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    let mut tx = source.begin_patiently(begin).await?;
    // The first look decides which moment it is.
    let _settings: (i64,) = sqlx::query_as("SELECT count(*) FROM settings")
        .fetch_one(&mut *tx)
        .await?;
    Ok(tx)
}

/// The tables, as both engines name them.
async fn same_tables(source: &Db, target: &Db) -> Result<Vec<Table>> {
    let (ours, theirs) = (catalogue::tables(source).await?, catalogue::tables(target).await?);
    let same = |a: &Table, b: &Table| a.name == b.name && a.columns == b.columns;
    let odd = ours
        .iter()
        .find(|table| !theirs.iter().any(|other| same(table, other)))
        .or_else(|| theirs.iter().find(|table| !ours.iter().any(|other| same(table, other))));
    match odd {
        Some(table) => Err(CopyError::Tables {
            table: table.name.clone(),
        }),
        None => Ok(theirs),
    }
}

async fn is_marked(db: &Db) -> Result<bool> {
    let (marks,): (i64,) = sqlx::query_as("SELECT count(*) FROM settings WHERE name = $1")
        .bind(COPYING)
        .fetch_one(db.read())
        .await?;
    Ok(marks > 0)
}

/// Marks an empty target as one that is being filled, and makes it as empty as a target can be.
async fn claim(target: &Db, tables: &[Table], start_over: bool) -> Result<()> {
    if is_marked(target).await? {
        if !start_over {
            return Err(CopyError::TargetUnfinished);
        }
    } else {
        let mut conn = target.read().acquire().await?;
        for table in tables.iter().filter(|table| table.name != "settings") {
            if !table.is_empty(&mut conn).await? {
                let table = table.name.clone();
                return Err(CopyError::TargetHasData { table });
            }
        }
        // What the migrations put there says nothing yet.
        let (said,): (i64,) = sqlx::query_as("SELECT count(*) FROM settings WHERE value <> ''")
            .fetch_one(&mut *conn)
            .await?;
        if said > 0 {
            let table = "settings".to_owned();
            return Err(CopyError::TargetHasData { table });
        }
        let marked = sqlx::query("INSERT INTO settings (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO NOTHING")
            .bind(COPYING)
            .execute(target.write())
            .await?;
        if marked.rows_affected() == 0 {
            return Err(CopyError::TargetUnfinished);
        }
    }
    let mut conn = target.patient().await?;
    for table in tables {
        let kept = if table.name == "settings" {
            "WHERE name <> 'copying'"
        } else {
            ""
        };
        let sql = format!("DELETE FROM {} {kept}", table.name);
        sqlx::query(&sql).persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

/// So that what is a table by months stands in its months at once.
async fn make_months(snapshot: &mut Tx, target: &Db) -> Result<()> {
    for by in partitions::TABLES {
        let sql = format!("SELECT min({0}), max({0}) FROM {1}", by.time, by.table);
        let span: (Option<i64>, Option<i64>) = sqlx::query_as(&sql).fetch_one(&mut **snapshot).await?;
        if let (Some(from), Some(until)) = span {
            let made = partitions::make_all(target, by, Millis(from), Millis(until)).await;
            made.map_err(|_| CopyError::Months)?;
        }
    }
    Ok(())
}

async fn copy_table(snapshot: &mut Tx, target: &Db, table: &Table) -> Result<Sum> {
    let mut sum = Sum::default();
    let select = format!("SELECT {} FROM {}", table.column_list(), table.name);
    let at_once = (PARAMETERS / table.columns.len().max(1)).max(1);
    let mut batch: Vec<Vec<Cell>> = Vec::with_capacity(at_once);
    let mut rows = sqlx::query(&select).persistent(false).fetch(&mut **snapshot);
    while let Some(row) = rows.try_next().await? {
        let cells = table.cells(&row)?;
        sum.add(&cells);
        batch.push(cells);
        if batch.len() == at_once {
            insert(target, table, std::mem::take(&mut batch)).await?;
        }
    }
    if !batch.is_empty() {
        insert(target, table, batch).await?;
    }
    Ok(sum)
}

async fn insert(target: &Db, table: &Table, rows: Vec<Vec<Cell>>) -> Result<()> {
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        table.name,
        table.column_list(),
        row_parameters(rows.len(), table.columns.len())
    );
    let mut query = sqlx::query(&sql);
    for cell in rows.into_iter().flatten() {
        query = cell.bind(query);
    }
    // The last statement of a copy is one that waits for the disk, and what was written before it with it.
    query.execute(target.relaxed()).await?;
    Ok(())
}

async fn read_back(target: &Db, table: &Table) -> Result<Sum> {
    let kept = if table.name == "settings" {
        "WHERE name <> 'copying'"
    } else {
        ""
    };
    let select = format!("SELECT {} FROM {} {kept}", table.column_list(), table.name);
    let mut sum = Sum::default();
    let mut conn = target.patient().await?;
    let mut rows = sqlx::query(&select).persistent(false).fetch(&mut *conn);
    while let Some(row) = rows.try_next().await? {
        sum.add(&table.cells(&row)?);
    }
    Ok(sum)
}

async fn finish(target: &Db, tables: &[Table], history: Option<Millis>) -> Result<()> {
    if let Some(now) = history {
        let mut tx = target.begin_patiently("BEGIN").await?;
        history::begin_in(&mut tx, now).await?;
        tx.commit().await?;
    }
    // A new database knows nothing of how its rows lie. Tables whose rows lie on other machines are looked at only if they are named.
    let mut conn = target.patient().await?;
    for table in tables {
        let analyze = format!("ANALYZE {}", table.name);
        sqlx::query(&analyze).persistent(false).execute(&mut *conn).await?;
    }
    // On SQLite there is no other that writes.
    drop(conn);
    sqlx::query("DELETE FROM settings WHERE name = $1")
        .bind(COPYING)
        .execute(target.write())
        .await?;
    Ok(())
}
