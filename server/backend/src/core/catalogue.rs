//! What tables there are, as the engine itself says: whatever handles all of them asks here, so that none is forgotten.

use crate::core::db::{Connection, Db, Engine, Statement, Value, row, sql};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// In the order of their names, which is the same on both engines.
    pub(crate) columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Number(Option<i64>),
    Text(Option<String>),
}

const SQLITE: &str = "SELECT m.name AS table_name, p.name AS column_name, p.type AS kind, p.pk AS place FROM sqlite_master m JOIN pragma_table_info(m.name) p
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     ORDER BY m.name, p.name";
/// Partitions are part of their table.
const POSTGRES: &str =
    "SELECT c.relname::text AS table_name, a.attname::text AS column_name, upper(format_type(a.atttypid, NULL)) AS kind,
         COALESCE(k.place, 0)::bigint AS place
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
     LEFT JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place) ON k.attnum = a.attnum
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE '\\_sqlx%'
     ORDER BY c.relname COLLATE \"C\", a.attname COLLATE \"C\"";

/// All tables but that of the migrations, by name.
pub(crate) async fn tables(db: &Db) -> Result<Vec<Table>, sqlx::Error> {
    let described = match db.engine() {
        Engine::Sqlite => sql!(const SQLITE),
        Engine::Postgres => sql!(const POSTGRES),
    };
    row! {
        struct Described {
            table_name: String,
            column_name: String,
            kind: String,
            place: i64,
        }
    }
    let rows: Vec<Described> = db.read().try_all(described).await?;
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String)>> = Vec::new();
    for row in rows {
        let Described {
            table_name: table,
            column_name: name,
            kind,
            place,
        } = row;
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table {
                name: table,
                columns: Vec::new(),
                key: Vec::new(),
            });
            keys.push(Vec::new());
        }
        let (Some(table), Some(key)) = (tables.last_mut(), keys.last_mut()) else {
            continue;
        };
        if place > 0 {
            key.push((place, name.clone()));
        }
        let kind = if kind == "BIGINT" { Kind::Number } else { Kind::Text };
        table.columns.push(Column { name, kind });
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort();
        table.key = key.into_iter().map(|(_, name)| name).collect();
    }
    Ok(tables)
}

impl Table {
    /// The columns, as a statement lists them.
    pub(crate) fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    pub(crate) fn cells(&self, row: Vec<Value<'_>>) -> Vec<Cell> {
        let kinds = self.columns.iter().map(|column| column.kind);
        row.into_iter()
            .zip(kinds)
            .map(|(value, kind)| Cell::of(value, kind))
            .collect()
    }

    /// Whether there is any row.
    pub(crate) async fn is_empty(&self, mut conn: Connection<'_>) -> Result<bool, sqlx::Error> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) AS one", self.name);
        let count: i64 = conn.one(&Statement::new(sql)).await?;
        Ok(count == 0)
    }
}

impl From<Cell> for Value<'_> {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Number(number) => Self::Number(number),
            Cell::Text(text) => text.into(),
        }
    }
}

impl Cell {
    /// What a row has in a column of this kind.
    pub(crate) fn of(value: Value<'_>, kind: Kind) -> Self {
        match (value, kind) {
            (Value::Number(number), Kind::Number) => Self::Number(number),
            (Value::Number(number), Kind::Text) => Self::Text(number.map(|number| number.to_string())),
            (Value::Text(text), _) => Self::Text(text.map(Cow::into_owned)),
        }
    }

    /// Distinct for distinct values, whatever stands before and behind it.
    fn digest_into(&self, digest: &mut Sha256) {
        match self {
            Self::Number(None) | Self::Text(None) => digest.update([0]),
            Self::Number(Some(number)) => {
                digest.update([1]);
                digest.update(number.to_be_bytes());
            }
            Self::Text(Some(text)) => {
                digest.update([2]);
                digest.update((text.len() as u64).to_be_bytes());
                digest.update(text.as_bytes());
            }
        }
    }
}

/// How many rows, and a sum over what is in them that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    sum: u128,
}

impl Sum {
    pub(crate) fn add(&mut self, cells: &[Cell]) {
        let mut digest = Sha256::new();
        for cell in cells {
            cell.digest_into(&mut digest);
        }
        let mut half = [0; 16];
        half.copy_from_slice(&digest.finalize()[..16]);
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
        self.rows += 1;
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(Some(text.to_owned()))
    }

    #[test]
    fn a_sum_knows_rows_whatever_their_order_and_tells_what_looks_alike_apart() {
        let rows = [
            vec![text("ab"), text("c")],
            vec![text("a"), text("bc")],
            vec![text(""), Cell::Text(None)],
            vec![Cell::Text(None), text("")],
            vec![Cell::Number(Some(0)), Cell::Number(None)],
        ];
        let sum = |order: &[usize]| {
            let mut sum = Sum::default();
            order.iter().for_each(|index| sum.add(&rows[*index]));
            sum
        };
        assert_eq!(sum(&[0, 1, 2, 3, 4]), sum(&[4, 2, 0, 3, 1]));
        for one in 0..rows.len() {
            for other in 0..one {
                assert_ne!(sum(&[one]), sum(&[other]));
            }
        }
        assert_ne!(sum(&[0]), sum(&[0, 0]));
    }
}
