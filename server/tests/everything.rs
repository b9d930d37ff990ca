//! All that is in a database, to be compared.

use crate::harness::World;
use sqlx::{Connection as _, Row as _};
use std::collections::{BTreeMap, BTreeSet};

/// What a call changes by being made, whatever it is: not among what it does.
const BESIDES: [&str; 11] = [
    "sessions",
    "limits",
    "settings",
    "idempotency_keys",
    "presence",
    "push_events",
    "push_sends",
    "revocations",
    "search_backlog",
    "search_waiting",
    "search_terms",
];

/// All rows of the database, table by table, but for [`BESIDES`] and for nodes that are there.
pub async fn everything(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut database = sqlx::AnyConnection::connect(world.url()).await.unwrap();
    let on_postgres = world.url().starts_with("postgres");
    let tables = if on_postgres {
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    let tables = sqlx::query(tables).fetch_all(&mut database).await.unwrap();
    let mut all = BTreeMap::new();
    for table in tables.iter().map(|row| row.get::<String, _>(0)) {
        if BESIDES.contains(&table.as_str()) || table.starts_with('_') {
            continue;
        }
        let row = if on_postgres {
            "CAST(row_to_json(t) AS TEXT)".to_owned()
        } else {
            let columns = format!(
                "SELECT group_concat('quote(\"' || name || '\")', '|| '','' ||') FROM pragma_table_info('{table}')"
            );
            sqlx::query(&columns).fetch_one(&mut database).await.unwrap().get(0)
        };
        let rows = format!("SELECT {row} FROM \"{table}\" t ORDER BY 1");
        let rows = sqlx::query(&rows).fetch_all(&mut database).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        rows.retain(|row| table != "nodes" || row.contains("gone"));
        all.insert(table, rows);
    }
    database.close().await.unwrap();
    all
}

impl World {
    /// How many results of calls with a one-use key are kept.
    pub async fn kept_results(&self) -> i64 {
        let mut database = sqlx::AnyConnection::connect(self.url()).await.unwrap();
        let counted = sqlx::query("SELECT count(*) FROM idempotency_keys").fetch_one(&mut database);
        let kept = counted.await.unwrap().get(0);
        database.close().await.unwrap();
        kept
    }
}

/// The tables in which two states differ.
pub fn differing(one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let tables = one.keys().chain(other.keys()).collect::<BTreeSet<_>>().into_iter();
    tables
        .filter(|table| one.get(*table) != other.get(*table))
        .cloned()
        .collect()
}
