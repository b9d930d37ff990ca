//! While nodes restart one after the other, those of the version before run on the tables of the new one. So a migration only expands them, or
//! its row in `migrations/README.md` says that all nodes are stopped for it.

use super::{Engine, MIGRATIONS, for_engine};
use rusqlite::Connection;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    /// Must have a value.
    required: bool,
    has_default: bool,
    /// Which part of the primary key it is; 0: none.
    key: i64,
}

type Tables = BTreeMap<String, BTreeMap<String, Column>>;

fn tables(db: &Connection) -> Tables {
    let mut tables = Tables::new();
    let mut columns = db
        .prepare(
            "SELECT m.name, p.name, p.type, p.\"notnull\", p.dflt_value IS NOT NULL, p.pk
             FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
        )
        .unwrap();
    let mut rows = columns.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let column = Column {
            kind: row.get(2).unwrap(),
            required: row.get(3).unwrap(),
            has_default: row.get(4).unwrap(),
            key: row.get(5).unwrap(),
        };
        tables
            .entry(row.get(0).unwrap())
            .or_default()
            .insert(row.get(1).unwrap(), column);
    }
    tables
}

/// What a program that knows the tables as they were before can no longer rely on.
fn narrowed(before: &Tables, after: &Tables) -> Vec<String> {
    let mut found = Vec::new();
    for (table, columns) in before {
        let Some(now) = after.get(table) else {
            found.push(format!("{table} is gone"));
            continue;
        };
        for (name, column) in columns {
            match now.get(name) {
                None => found.push(format!("{table}.{name} is gone")),
                Some(now) if now.kind != column.kind => found.push(format!("{table}.{name} has another type")),
                Some(now) if now.key != column.key => found.push(format!("{table} has another primary key")),
                Some(now) if now.required && !column.required => found.push(format!("{table}.{name} became required")),
                Some(_) => {}
            }
        }
        let added = now.iter().filter(|(name, _)| !columns.contains_key(*name));
        for (name, column) in added {
            if column.key > 0 {
                found.push(format!("{table} has another primary key"));
            } else if column.required && !column.has_default {
                found.push(format!("{table}.{name} is new and required"));
            }
        }
    }
    found
}

#[test]
fn each_migration_only_expands_the_tables_or_stops_all_nodes() {
    let list = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/README.md")).unwrap();
    let db = Connection::open_in_memory().unwrap();
    let mut stops = 0;
    for migration in MIGRATIONS.iter() {
        let before = tables(&db);
        db.execute_batch(&for_engine(Engine::Sqlite, &migration.sql)).unwrap();
        let narrowed = narrowed(&before, &tables(&db));
        let begins = format!("| `{:04}_", migration.version);
        let row = list.lines().find(|line| line.starts_with(&begins)).unwrap_or_default();
        let says_stop = row.contains("**stop**");
        assert!(narrowed.is_empty() || says_stop, "{row}: {narrowed:?}");
        stops += usize::from(!narrowed.is_empty());
    }
    assert!(stops >= 2, "of those that are there some are known to narrow");
}

#[test]
fn whatever_takes_something_from_the_version_before_is_found() {
    let old = "CREATE TABLE a (k TEXT NOT NULL PRIMARY KEY, x TEXT, y BIGINT NOT NULL);";
    for (change, expected) in [
        (
            "CREATE TABLE b (k TEXT NOT NULL PRIMARY KEY); CREATE INDEX a_x ON a (x);",
            None,
        ),
        ("ALTER TABLE a ADD COLUMN z TEXT;", None),
        ("ALTER TABLE a ADD COLUMN z BIGINT NOT NULL DEFAULT 0;", None),
        ("DROP TABLE a;", Some("a is gone")),
        ("ALTER TABLE a RENAME TO c;", Some("a is gone")),
        ("ALTER TABLE a DROP COLUMN x;", Some("a.x is gone")),
        ("ALTER TABLE a RENAME COLUMN x TO z;", Some("a.x is gone")),
        (
            "DROP TABLE a; CREATE TABLE a (k TEXT NOT NULL PRIMARY KEY, x TEXT NOT NULL, y BIGINT NOT NULL);",
            Some("a.x became required"),
        ),
        (
            "DROP TABLE a; CREATE TABLE a (k TEXT NOT NULL PRIMARY KEY, x BIGINT, y BIGINT NOT NULL);",
            Some("a.x has another type"),
        ),
        (
            "DROP TABLE a; CREATE TABLE a (k TEXT NOT NULL, x TEXT, y BIGINT NOT NULL, PRIMARY KEY (k, y));",
            Some("a has another primary key"),
        ),
        (
            "DROP TABLE a; CREATE TABLE a (k TEXT NOT NULL PRIMARY KEY, x TEXT, y BIGINT NOT NULL, z TEXT NOT NULL);",
            Some("a.z is new and required"),
        ),
    ] {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(old).unwrap();
        let before = tables(&db);
        db.execute_batch(change).unwrap();
        let found = narrowed(&before, &tables(&db));
        assert_eq!(found.first().map(String::as_str), expected, "{change}");
    }
}
