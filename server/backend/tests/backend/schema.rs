//! The tables themselves: fit for a distributed engine, and kept when the program is started again.

use crate::both;
use crate::harness::{World, port};
use backend::OpenError;
use backend::locker::orders;
use backend::{Backend, Config, demo};
use domain::locker::orders::OrderStatus;
use sqlx::Row;

/// Every table with the column it is distributed by and what that column names; tables of one name lie together.
pub const DISTRIBUTED: [(&str, &str, &str); 38] = [
    ("card_views", "owner", "person"),
    ("changes", "about", "change"),
    ("compartments", "yid", "kiosk"),
    ("enrolments", "yid", "kiosk"),
    ("events", "yid", "kiosk"),
    ("evidence", "things_sq", "order"),
    ("grants", "guard_id", "guard"),
    ("guards", "guard_id", "guard"),
    ("idempotency_keys", "who", "person"),
    ("juniors", "superior", "person"),
    ("kiosk_tokens", "yid", "kiosk"),
    ("kiosks", "yid", "kiosk"),
    ("legacy_windows", "phone", "person"),
    ("limits", "what", "limit"),
    ("notifications", "phone", "person"),
    ("orders", "things_sq", "order"),
    ("owner_guards", "owner", "person"),
    ("owners", "phone", "person"),
    ("ownerships", "guard_id", "guard"),
    ("people", "phone", "person"),
    ("person_tokens", "phone", "person"),
    ("presence", "guard_id", "guard"),
    ("push_events", "things_sq", "order"),
    ("push_sends", "phone", "person"),
    ("push_subscriptions", "phone", "person"),
    ("records", "owner", "person"),
    ("registration_codes", "phone", "person"),
    ("reset_codes", "phone", "person"),
    ("scans", "yid", "kiosk"),
    ("search_backlog", "things_sq", "order"),
    ("search_keys", "part", "part"),
    ("search_terms", "block", "block"),
    ("search_waiting", "things_sq", "order"),
    ("sessions", "id", "session"),
    ("shown_secrets", "phone", "person"),
    ("upload_parts", "phone", "person"),
    ("uploads", "phone", "person"),
    ("vouchers_made", "phone", "person"),
];

/// Tables with few rows, which stay whole on the server all nodes talk to; each with the first column of its key.
pub const WHOLE: [(&str, &str); 6] = [
    ("businesses", "name"),
    ("nodes", "name"),
    ("push_keys", "name"),
    ("revocations", "kind"),
    ("setting_changes", "id"),
    ("settings", "name"),
];

/// Not a foreign key, but meant to lie beside the table of this name.
const BESIDE: [(&str, &str); 5] = [
    ("guard", "guards"),
    ("kiosk", "kiosks"),
    ("limit", "limits"),
    ("order", "orders"),
    ("person", "people"),
];

/// The column a table is distributed by, and what that column names.
pub fn distribution(table: &str) -> Option<(&'static str, &'static str)> {
    let found = DISTRIBUTED.iter().find(|(name, ..)| *name == table);
    found.map(|(_, column, what)| (*column, *what))
}

/// The statements that distribute the tables on Citus, the first of each kind before those that lie beside it.
fn citus_statements() -> Vec<String> {
    let beside = |what: &str| BESIDE.iter().find(|(name, _)| *name == what).map(|(_, table)| *table);
    let mut tables = DISTRIBUTED.to_vec();
    tables.sort_by_key(|(table, _, what)| (*what, beside(what).is_some_and(|first| first != *table), *table));
    let statement = |(table, column, what): &(&str, &str, &str)| match beside(what).filter(|first| first != table) {
        Some(first) => format!("SELECT create_distributed_table('{table}', '{column}', colocate_with => '{first}');"),
        None => format!("SELECT create_distributed_table('{table}', '{column}', colocate_with => 'none');"),
    };
    tables.iter().map(statement).collect()
}

const SQLITE_KEYS: &str = "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
     WHERE m.type = 'table' AND p.pk = 1 AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY m.name";
const POSTGRES_KEYS: &str = "SELECT c.relname::text, a.attname::text FROM pg_index i
     JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE i.indisprimary AND n.nspname = 'public' AND NOT c.relispartition AND c.relname NOT LIKE '\\_sqlx%' ORDER BY c.relname";

both! {
    async fn every_primary_key_begins_with_the_column_its_table_is_distributed_by(w: &World) {
        let rows = w.sql(if w.is_postgres() { POSTGRES_KEYS } else { SQLITE_KEYS }).await;
        let keys: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut expected = DISTRIBUTED.map(|(table, column, _)| (table.to_owned(), column.to_owned())).to_vec();
        expected.extend(WHOLE.map(|(table, column)| (table.to_owned(), column.to_owned())));
        expected.sort();
        assert_eq!(keys, expected, "every table is in one of the two lists");
    }

    async fn there_are_no_other_unique_constraints_no_foreign_keys_and_no_triggers(w: &World) {
        let sql = if w.is_postgres() {
            // Citus puts a trigger of its own on each table and two views beside them.
            "SELECT name FROM (
             SELECT conname::text AS name FROM pg_constraint WHERE contype NOT IN ('p', 'n') AND connamespace = 'public'::regnamespace
             UNION ALL SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE indisunique AND NOT indisprimary AND c.relnamespace = 'public'::regnamespace
             UNION ALL SELECT tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace
             UNION ALL SELECT relname::text FROM pg_class WHERE relkind IN ('S', 'v', 'm', 'f') AND relnamespace = 'public'::regnamespace
             UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS found
             WHERE name NOT LIKE 'truncate\\_trigger\\_%' AND name NOT IN ('citus_tables', 'citus_schemas')"
        } else {
            "SELECT m.name FROM sqlite_master m JOIN pragma_index_list(m.name) i
             WHERE m.type = 'table' AND i.\"unique\" = 1 AND i.origin <> 'pk'
             UNION ALL SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
             UNION ALL SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        };
        assert!(w.sql(sql).await.is_empty());
    }

    async fn columns_are_whole_numbers_and_texts_without_defaults(w: &World) {
        let sql = if w.is_postgres() {
            "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'
             AND table_name NOT IN ('citus_tables', 'citus_schemas') AND (data_type NOT IN ('bigint', 'text') OR column_default IS NOT NULL OR is_identity = 'YES' OR is_generated <> 'NEVER')"
        } else {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'
             AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND (p.type NOT IN ('BIGINT', 'TEXT') OR p.dflt_value IS NOT NULL)"
        };
        assert!(w.sql(sql).await.is_empty());
    }

    async fn what_is_stored_is_there_when_the_program_starts_again(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        w.kiosk(1234, 2).await.deposit(&staff, &order, port(1, 1), "48213").await;
        demo::load_if_empty(&w.b).await.unwrap();
        let again = w.another_node().await;
        let kept = orders::get(&again, &staff, &order).await.unwrap();
        assert_eq!(kept.status, OrderStatus::Stored);
        again.check().await.unwrap();
        again.close().await;
    }

    async fn a_database_of_a_newer_program_is_not_touched(w: &World) {
        w.sql("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, 'x', 0)").await;
        let dir = tempfile::tempdir().unwrap();
        let refused = Backend::open(Config::new(dir.path(), Some(w.url.clone()))).await;
        assert!(matches!(refused.err(), Some(OpenError::Migration(_))));
    }
}

/// Citus lays tables together only if their columns compare alike.
#[tokio::test]
async fn tables_that_lie_together_have_columns_of_one_type_and_collation() {
    let Some(w) = World::postgres().await else { return };
    for (_, _, what) in DISTRIBUTED {
        let columns = DISTRIBUTED.iter().filter(|(.., other)| *other == what);
        let columns: Vec<String> = columns
            .map(|(table, column, _)| format!("('{table}', '{column}')"))
            .collect();
        let sql = format!(
            "SELECT DISTINCT atttypid::bigint, attcollation::bigint FROM pg_attribute
             WHERE (attrelid::regclass::text, attname::text) IN ({})",
            columns.join(", ")
        );
        assert_eq!(w.sql(&sql).await.len(), 1, "{what}");
    }
    w.end().await;
}

#[test]
fn the_steps_for_citus_name_every_table_as_it_is_distributed() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SCALING.md");
    let text = std::fs::read_to_string(file).unwrap();
    let written: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("SELECT create_distributed_table("))
        .collect();
    let expected = citus_statements();
    assert_eq!(
        written,
        expected,
        "docs/SCALING.md must say:\n{}\n",
        expected.join("\n")
    );
    for (table, _) in WHOLE {
        assert!(
            text.contains(&format!("`{table}`")),
            "docs/SCALING.md must say that {table} stays whole"
        );
    }
}

#[tokio::test]
async fn an_address_of_another_engine_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Backend::open(Config::new(dir.path(), Some("mysql://localhost/x".to_owned()))).await;
    assert!(matches!(refused.err(), Some(OpenError::DatabaseUrl)));
}
