//! `latchkey key rotate`: seals everything under the first master key, so that the older ones can be taken away.
//!
//! It works in batches while nodes run. A value is replaced only if it is still the one that was read, so nothing a node writes meanwhile
//! is lost. When nothing is left under an older key, that key is *retired*: it is no longer among the keys the database names, signs nothing
//! any more at any node that starts from then on, and the tokens of owners end, whichever key signed them.

use crate::core::catalogue::{self, Cell, Column, Table};
use crate::core::db::{Db, Statement, Value, fault, sql};
use crate::core::keys::{ID_LENGTH, Keys, Resealed};
use crate::guard::{grants, guards, inventory, records};
use crate::identity::{Actor, access, notify, once, push, shown, uploads};
use crate::locker::{kiosks, known, scans};
use crate::maintenance::deployment::KEY_CHECK;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::ids::{Port, Yid};

/// Rows of one transaction.
const AT_ONCE: usize = 200;
/// Nodes that run seal under the first key, so what is found in a second pass was written by one that does not have it yet.
const PASSES: u32 = 3;

/// Why not everything is sealed under the first key. What was sealed stays so.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// A node that runs has another first key.
    #[error(
        "{table} has new values under an older key: a node runs that does not have the new key in front. \
         Give every node the same keys, start them again, and run this again"
    )]
    StillOld {
        /// Where.
        table: &'static str,
    },
    /// The database failed, or the caller may not do this.
    #[error("the database failed; the log says how")]
    Refused(#[from] Refusal),
}

/// What was just done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows of a table are sealed under the first key now.
    Sealed {
        /// Which table.
        table: &'static str,
        /// How many rows.
        rows: u64,
    },
    /// No key opens a value. It stays as it is.
    Damaged {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: String,
        /// The key of the row.
        row: String,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Values sealed under the first key now that were not.
    pub sealed: u64,
    /// Values no key opens.
    pub damaged: u64,
    /// Older keys were retired, and the owners' tokens ended.
    pub retired: bool,
}

/// Columns of a table that are sealed, and what is called in the seal of one of them.
struct Sealed {
    table: &'static str,
    columns: &'static [&'static str],
    context: fn(&Cells<'_>, &str) -> Result<String>,
}

const SEALED: [Sealed; 12] = [
    Sealed {
        table: "kiosks",
        columns: &["secret"],
        context: |row, _| Ok(known::secret_context(Yid(row.number("yid")?))),
    },
    Sealed {
        table: "compartments",
        columns: &["pwd"],
        context: |row, _| {
            let port = Port {
                jumper: row.number("jumper")?,
                serial: row.number("serial")?,
            };
            Ok(kiosks::pwd_context(Yid(row.number("yid")?), port))
        },
    },
    Sealed {
        table: "scans",
        columns: &["data"],
        context: |row, _| Ok(scans::context(row.number("yid")?, row.text("token_id")?)),
    },
    Sealed {
        table: "guards",
        columns: &["device_key", "op_code", "default_password1", "default_password2"],
        context: |row, column| {
            let guard_id = row.guard_id()?;
            Ok(match column {
                "device_key" => inventory::key_context(&guard_id),
                "op_code" => guards::op_code_context(&guard_id),
                "default_password1" => guards::default_password_context(&guard_id, 1),
                _ => guards::default_password_context(&guard_id, 2),
            })
        },
    },
    Sealed {
        table: "grants",
        columns: &["content"],
        context: |row, _| {
            let number =
                ServiceNumb::parse(row.text("service_numb")?).map_err(|_| fault("a grant without a number"))?;
            Ok(grants::context(&row.guard_id()?, number.as_str()))
        },
    },
    Sealed {
        table: "records",
        columns: &["info"],
        context: |row, _| Ok(records::context(&row.guard_id()?, row.number("seq")?)),
    },
    Sealed {
        table: "notifications",
        columns: &["body"],
        context: |row, _| Ok(notify::seal_context(row.text("phone")?, row.text("id")?)),
    },
    Sealed {
        table: "idempotency_keys",
        columns: &["result"],
        context: |row, _| Ok(once::context(row.text("who")?, row.text("one_use_key")?)),
    },
    Sealed {
        table: "push_keys",
        columns: &["private"],
        context: |_, _| Ok(push::KEY_CONTEXT.to_owned()),
    },
    Sealed {
        table: "push_subscriptions",
        columns: &["content"],
        context: |row, _| Ok(push::context(row.text("phone")?, row.text("id")?)),
    },
    Sealed {
        table: "shown_secrets",
        columns: &["content"],
        context: |row, _| Ok(shown::context(row.text("phone")?, row.text("about")?)),
    },
    Sealed {
        table: "upload_parts",
        columns: &["content"],
        context: |row, _| {
            Ok(uploads::context(
                row.text("phone")?,
                row.text("id")?,
                row.number("part")?,
            ))
        },
    },
];

/// A row by the names of its columns.
struct Cells<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Cells<'_> {
    fn get(&self, name: &str) -> Option<&Cell> {
        let place = self.columns.iter().position(|column| column.name == name)?;
        self.cells.get(place)
    }

    fn text(&self, name: &str) -> Result<&str> {
        match self.get(name) {
            Some(Cell::Text(Some(text))) => Ok(text),
            _ => Err(fault(format!("no text in {name}"))),
        }
    }

    fn number(&self, name: &str) -> Result<i64> {
        match self.get(name) {
            Some(Cell::Number(Some(number))) => Ok(*number),
            _ => Err(fault(format!("no number in {name}"))),
        }
    }

    fn guard_id(&self) -> Result<GuardId> {
        GuardId::parse(self.text("guard_id")?).map_err(|_| fault("a guard without a bar code"))
    }
}

/// Seals everything under the first master key, then retires the others and ends the owners' tokens. `tell` hears what is done.
pub async fn rotate(
    b: &Backend,
    who: &Actor,
    mut tell: impl AsyncFnMut(Step),
) -> std::result::Result<Rotated, RotateError> {
    who.require_operator()?;
    let tables = catalogue::tables(b.db()).await.map_err(fault)?;
    let mut rotated = Rotated {
        sealed: 0,
        damaged: 0,
        retired: false,
    };
    for sealed in &SEALED {
        let Some(table) = tables.iter().find(|table| table.name == sealed.table) else {
            continue;
        };
        let mut rows = 0;
        for pass in 1.. {
            let found = reseal_table(b, sealed, table, &mut rotated, &mut tell).await?;
            rows += found;
            if found == 0 {
                break;
            }
            if pass == PASSES {
                return Err(RotateError::StillOld { table: sealed.table });
            }
        }
        if rows > 0 {
            let table = sealed.table;
            tell(Step::Sealed { table, rows }).await;
        }
    }
    rotated.retired = retire(b).await?;
    Ok(rotated)
}

/// One pass over a table; answers how many rows it changed.
async fn reseal_table(
    b: &Backend,
    sealed: &Sealed,
    table: &Table,
    rotated: &mut Rotated,
    tell: &mut impl AsyncFnMut(Step),
) -> Result<u64> {
    let wanted = part_of(table, sealed);
    let mut after: Option<Vec<Cell>> = None;
    let mut changed = 0;
    loop {
        let rows = not_under_the_first(b, sealed, &wanted, after.as_deref()).await?;
        let Some(last) = rows.last() else { return Ok(changed) };
        after = Some(key_of(&wanted, last));
        let mut tx = b.db().begin().await?;
        for cells in &rows {
            let row = Cells {
                columns: &wanted.columns,
                cells,
            };
            for column in sealed.columns {
                let Some(Cell::Text(Some(value))) = row.get(column) else {
                    continue;
                };
                let context = (sealed.context)(&row, column)?;
                let fresh = match b.keys().reseal(b.rng(), &context, value)? {
                    Resealed::Current => continue,
                    Resealed::Fresh(fresh) => {
                        rotated.sealed += 1;
                        fresh
                    }
                    Resealed::Damaged(marked) => {
                        rotated.damaged += 1;
                        let row = named(&wanted, cells);
                        let (table, column) = (sealed.table, (*column).to_owned());
                        tell(Step::Damaged { table, column, row }).await;
                        marked
                    }
                };
                let sql = format!(
                    "UPDATE {} SET {column} = $1 WHERE {column} = $2 AND {}",
                    table.name,
                    conditions(&wanted, 3)
                );
                let mut query = Statement::new(&sql).bind(fresh).bind(value);
                for cell in key_of(&wanted, cells) {
                    query = query.bind(cell);
                }
                tx.execute(query).await?;
            }
        }
        tx.commit().await?;
        changed += rows.len() as u64;
    }
}

/// The table with the columns of its key and those that are sealed.
fn part_of(table: &Table, sealed: &Sealed) -> Table {
    let is_wanted = |name: &str| table.key.iter().any(|key| key == name) || sealed.columns.contains(&name);
    Table {
        name: table.name.clone(),
        columns: table
            .columns
            .iter()
            .filter(|column| is_wanted(&column.name))
            .cloned()
            .collect(),
        key: table.key.clone(),
    }
}

async fn not_under_the_first(
    b: &Backend,
    sealed: &Sealed,
    wanted: &Table,
    after: Option<&[Cell]>,
) -> Result<Vec<Vec<Cell>>> {
    let first = b.keys().ids().next().ok_or(Refusal::Internal)?;
    let key = wanted.key.join(", ");
    let behind = match after {
        Some(cells) => {
            let places: Vec<String> = (2..cells.len() + 2).map(|place| format!("${place}")).collect();
            format!("AND ({key}) > ({})", places.join(", "))
        }
        None => String::new(),
    };
    let sql = format!(
        "SELECT {} FROM {} WHERE ({}) {behind} ORDER BY {key} LIMIT {AT_ONCE}",
        wanted.column_list(),
        wanted.name,
        begins_otherwise(sealed.columns, &["$1".to_owned()]),
    );
    let mut query = Statement::new(&sql).bind(format!("{first}.")).once();
    for cell in after.into_iter().flatten() {
        query = query.bind(cell.clone());
    }
    let rows: Vec<Vec<Value<'_>>> = b.db().all(query.slow()).await?;
    Ok(rows.into_iter().map(|row| wanted.cells(row)).collect())
}

/// A condition: some of these columns has a value that begins with none of these.
fn begins_otherwise(columns: &[&str], begins: &[String]) -> String {
    let length = ID_LENGTH + 1;
    let begins = begins.join(", ");
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("substr({column}, 1, {length}) NOT IN ({begins})"))
        .collect();
    columns.join(" OR ")
}

fn key_of(table: &Table, cells: &[Cell]) -> Vec<Cell> {
    let row = Cells {
        columns: &table.columns,
        cells,
    };
    table.key.iter().filter_map(|name| row.get(name).cloned()).collect()
}

fn conditions(table: &Table, first: usize) -> String {
    let conditions: Vec<String> = (first..)
        .zip(&table.key)
        .map(|(place, name)| format!("{name} = ${place}"))
        .collect();
    conditions.join(" AND ")
}

/// The key of a row for people.
fn named(table: &Table, cells: &[Cell]) -> String {
    let words: Vec<String> = key_of(table, cells)
        .into_iter()
        .map(|cell| match cell {
            Cell::Number(number) => number.map_or(String::new(), |number| number.to_string()),
            Cell::Text(text) => text.unwrap_or_default(),
        })
        .collect();
    words.join(" ")
}

/// Whether anything is sealed under a key that is not among these. Looks at every row.
pub(crate) async fn sealed_under_others(db: &Db, keys: &Keys) -> std::result::Result<bool, sqlx::Error> {
    let begins: Vec<String> = (1..).zip(keys.ids()).map(|(place, _)| format!("${place}")).collect();
    for sealed in &SEALED {
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT 1) AS found",
            sealed.table,
            begins_otherwise(sealed.columns, &begins)
        );
        let sealed = Statement::new(sql)
            .once()
            .bind_all(keys.ids().map(|id| format!("{id}.")));
        let found: i64 = db.patient().await?.connection().one(&sealed).await?;
        if found > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Names the first key alone from now on; false where that is so already.
async fn retire(b: &Backend) -> Result<bool> {
    let checks = b.keys().checks()?;
    let first = checks.first().ok_or(Refusal::Internal)?;
    let mut tx = b.db().begin().await?;
    let changed = tx
        .execute(sql!(
            "UPDATE settings SET value = $2 WHERE name = $1 AND value <> $2",
            KEY_CHECK,
            first
        ))
        .await?;
    if changed == 0 {
        tx.rollback().await?;
        return Ok(false);
    }
    access::end_everybodys_within(b, &mut tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// The cells of a row that comes from elsewhere, sealed under the first key; `None` if one of them is sealed under a key that is missing.
pub(crate) fn resealed(b: &Backend, table: &Table, cells: Vec<Cell>) -> Result<Option<Vec<Cell>>> {
    let Some(sealed) = SEALED.iter().find(|sealed| sealed.table == table.name) else {
        return Ok(Some(cells));
    };
    let mut fresh = cells.clone();
    for (place, column) in table.columns.iter().enumerate() {
        if !sealed.columns.contains(&column.name.as_str()) {
            continue;
        }
        let row = Cells {
            columns: &table.columns,
            cells: &cells,
        };
        let Some(Cell::Text(Some(value))) = cells.get(place) else {
            continue;
        };
        if !b.keys().sealed(value) {
            return Ok(None);
        }
        let context = (sealed.context)(&row, &column.name)?;
        let value = match b.keys().reseal(b.rng(), &context, value)? {
            Resealed::Current => continue,
            Resealed::Fresh(value) | Resealed::Damaged(value) => value,
        };
        if let Some(cell) = fresh.get_mut(place) {
            *cell = Cell::Text(Some(value));
        }
    }
    Ok(Some(fresh))
}
