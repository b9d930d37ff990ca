//! `latchkey copy`: moves a deployment to another database, of the same engine or the other one. A backup is a copy into an SQLite file,
//! whatever engine it is of, and restoring is a copy back.
//!
//! The target says from the first row to the last that it is being filled ([`COPYING`]), and no node starts on such a database. That ends
//! only after every table was read back and is what was read from the source.

mod backup;

use crate::core::catalogue::{self, Cell, Sum, Table};
use crate::core::db::{Connection, Db, Engine, Statement, Tx, file, row, row_parameters, sql};
use crate::core::facts;
use crate::core::migrations::{self, Versions};
use crate::core::{OpenError, partitions};
use crate::guard::history;
use crate::maintenance::deployment::COPYING;
use domain::ids::Millis;
use std::path::Path;

pub use backup::{Restore, backup, restore};

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
    /// A backup has no checksum beside it.
    #[error(
        "{path} is missing: without it nobody can tell whether the backup is damaged; put it beside the backup, or restore with --unchecked"
    )]
    NoChecksum {
        /// The file of the checksum.
        path: String,
    },
    /// A backup is not what was written.
    #[error("{path} is damaged: it is not what its checksum in {checksum} is of; nothing was restored")]
    Damaged {
        /// The backup.
        path: String,
        /// The file of the checksum.
        checksum: String,
    },
    /// The file is an SQLite database, but has no tables of ours.
    #[error("{path} is no backup of latchkey: it has none of its tables")]
    NoBackup {
        /// Which.
        path: String,
    },
    /// Another backup or restore works in the same directory.
    #[error("another backup or restore is under way in {path}: wait for its end, or use another directory")]
    UnderWay {
        /// Which directory.
        path: String,
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

/// `history`: when a new one begins.
async fn run(
    from: &str,
    to: &str,
    start_over: bool,
    history: Option<Millis>,
    mut tell: impl AsyncFnMut(Step),
) -> Result<()> {
    let filled = fill(from, to, start_over, &mut tell).await?;
    for (table, sum) in filled.tables.iter().zip(&filled.sums) {
        let mut conn = filled.target.patient().await?;
        compare(&mut conn.connection(), None, table, *sum, &mut tell).await?;
    }
    filled.finish(history).await?;
    filled.target.close().await;
    Ok(())
}

/// A target that has every row, and is still marked as one that is being filled.
struct Filled {
    target: Db,
    tables: Vec<Table>,
    /// What was read from the source, table by table.
    sums: Vec<Sum>,
    /// Keeps servers away from the file while it is filled.
    _alone: Option<std::fs::File>,
}

async fn fill(from: &str, to: &str, start_over: bool, tell: &mut impl AsyncFnMut(Step)) -> Result<Filled> {
    if from == to {
        return Err(CopyError::Same);
    }
    let source = open_source(from).await?;
    let alone = match file::path_of(to) {
        Some(path) => Some(lock(&path)?),
        None => None,
    };
    let target = Db::connect(to).await?;
    migrations::run(&target).await?;
    let tables = same_tables(&source, &target).await?;
    let sums = if source.engine() == Engine::Sqlite && target.engine() == Engine::Sqlite {
        claim(&target, &tables, start_over).await?;
        let sums = copy_within_sqlite(&source, &target, &tables).await?;
        for (table, sum) in tables.iter().zip(&sums) {
            let (table, sum) = (table.name.clone(), *sum);
            tell(Step::Copied { table, sum }).await;
        }
        sums
    } else {
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
        snapshot.try_rollback().await?;
        sums
    };
    source.close().await;
    Ok(Filled {
        target,
        tables,
        sums,
        _alone: alone,
    })
}

/// Between two files the engine itself copies, which is many times faster than rows that pass through this program; they are only read
/// here, in the same transaction, for the sums.
async fn copy_within_sqlite(source: &Db, target: &Db, tables: &[Table]) -> Result<Vec<Sum>> {
    let file: String = target
        .read()
        .try_one(sql!("SELECT file FROM pragma_database_list WHERE name = 'main'"))
        .await?;
    let mut conn = source.patient().await?;
    // It knows another file from here on.
    conn.close_on_drop();
    let mut connection = conn.connection();
    connection.execute(&attach("target", &file)).await?;
    connection.run("BEGIN").await?;
    let mut sums = Vec::with_capacity(tables.len());
    for table in tables {
        // The first look decides which moment it is.
        sums.push(sum_of(&mut connection, Some("main"), table).await?);
        // With all columns as they are the engine copies whole records; a column in another place would show in the sums.
        let sql = format!("INSERT INTO target.{0} SELECT * FROM main.{0}", table.name);
        connection.execute(&Statement::new(sql).once()).await?;
    }
    connection.run("COMMIT").await?;
    Ok(sums)
}

/// Makes another file known to a connection.
fn attach<'a>(name: &str, file: &'a str) -> Statement<'a> {
    Statement::new(format!("ATTACH DATABASE $1 AS {name}"))
        .bind(file)
        .once()
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
    let _settings: i64 = tx.try_one(sql!("SELECT count(*) FROM settings")).await?;
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
    let marks: i64 = db
        .read()
        .try_one(sql!("SELECT count(*) FROM settings WHERE name = $1", COPYING))
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
            if !table.is_empty(conn.connection()).await? {
                let table = table.name.clone();
                return Err(CopyError::TargetHasData { table });
            }
        }
        // What the migrations put there says nothing yet.
        let filled = sql!("SELECT count(*) FROM settings WHERE value <> ''");
        let said: i64 = conn.connection().one(&filled).await?;
        if said > 0 {
            let table = "settings".to_owned();
            return Err(CopyError::TargetHasData { table });
        }
        let marked = target
            .write()
            .try_execute(facts::write_if_absent(COPYING, "yes"))
            .await?;
        if marked == 0 {
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
        let emptied = Statement::new(format!("DELETE FROM {} {kept}", table.name)).once();
        conn.connection().execute(&emptied).await?;
    }
    Ok(())
}

row! {
    struct Span {
        first: Option<i64>,
        last: Option<i64>,
    }
}

/// So that what is a table by months stands in its months at once.
async fn make_months(snapshot: &mut Tx, target: &Db) -> Result<()> {
    for by in partitions::TABLES {
        let sql = format!("SELECT min({0}) AS first, max({0}) AS last FROM {1}", by.time, by.table);
        let span: Span = snapshot.try_one(Statement::new(sql).once()).await?;
        if let (Some(first), Some(last)) = (span.first, span.last) {
            let made = partitions::make_all(target, by, Millis(first), Millis(last)).await;
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
    let copied = async |row| {
        let cells = table.cells(row);
        sum.add(&cells);
        batch.push(cells);
        if batch.len() == at_once {
            insert(target, table, std::mem::take(&mut batch)).await?;
        }
        Ok::<_, CopyError>(())
    };
    snapshot
        .connection()?
        .each(&Statement::new(select).once(), copied)
        .await?;
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
    let mut query = Statement::new(&sql);
    for cell in rows.into_iter().flatten() {
        query = query.bind(cell);
    }
    // The last statement of a copy is one that waits for the disk, and what was written before it with it.
    target.relaxed().try_execute(query).await?;
    Ok(())
}

/// What is in a table now, apart from the mark of a copy. `of`: in this one of the files a connection has attached.
async fn sum_of(conn: &mut Connection<'_>, of: Option<&str>, table: &Table) -> Result<Sum> {
    let kept = if table.name == "settings" {
        "WHERE name <> 'copying'"
    } else {
        ""
    };
    let place = of.map(|name| format!("{name}.")).unwrap_or_default();
    let select = format!("SELECT {} FROM {place}{} {kept}", table.column_list(), table.name);
    let mut sum = Sum::default();
    let add = async |row| {
        sum.add(&table.cells(row));
        Ok::<_, CopyError>(())
    };
    conn.each(&Statement::new(select).once(), add).await?;
    Ok(sum)
}

/// Reads a table of the target back, and tells that it is the same.
pub(crate) async fn compare(
    conn: &mut Connection<'_>,
    of: Option<&str>,
    table: &Table,
    source_sum: Sum,
    tell: &mut impl AsyncFnMut(Step),
) -> Result<()> {
    let target_sum = sum_of(conn, of, table).await?;
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
    Ok(())
}

impl Filled {
    /// The target may be started from here on.
    async fn finish(&self, history: Option<Millis>) -> Result<()> {
        finish(&self.target, &self.tables, history).await
    }
}

async fn finish(target: &Db, tables: &[Table], history: Option<Millis>) -> Result<()> {
    if let Some(now) = history {
        let mut tx = target.begin_patiently("BEGIN").await?;
        history::begin_in(&mut tx, now).await?;
        tx.try_commit().await?;
    }
    // A new database knows nothing of how its rows lie. Tables whose rows lie on other machines are looked at only if they are named.
    let mut conn = target.patient().await?;
    for table in tables {
        conn.connection().run(&format!("ANALYZE {}", table.name)).await?;
    }
    // On SQLite there is no other that writes.
    drop(conn);
    target.write().try_execute(facts::delete(COPYING)).await?;
    Ok(())
}
