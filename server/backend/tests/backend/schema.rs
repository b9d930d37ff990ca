//! The tables themselves: fit for a distributed engine, and kept when the program is started again.

use crate::both;
use crate::harness::{World, port};
use backend::OpenError;
use backend::locker::orders;
use backend::{Backend, Config, demo};
use domain::locker::orders::OrderStatus;
use sqlx::Row;

/// Every table with the column it would be distributed by.
const DISTRIBUTION: [(&str, &str); 27] = [
    ("businesses", "name"),
    ("card_views", "owner"),
    ("compartments", "yid"),
    ("enrolments", "yid"),
    ("events", "yid"),
    ("evidence", "things_sq"),
    ("grants", "guard_id"),
    ("guards", "guard_id"),
    ("juniors", "superior"),
    ("kiosk_tokens", "yid"),
    ("kiosks", "yid"),
    ("legacy_windows", "phone"),
    ("limits", "what"),
    ("nodes", "name"),
    ("notifications", "phone"),
    ("orders", "things_sq"),
    ("owner_guards", "owner"),
    ("owners", "phone"),
    ("ownerships", "guard_id"),
    ("people", "phone"),
    ("person_tokens", "phone"),
    ("presence", "guard_id"),
    ("records", "owner"),
    ("reset_codes", "phone"),
    ("scans", "yid"),
    ("sessions", "id"),
    ("settings", "name"),
];

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
        let expected = DISTRIBUTION.map(|(table, column)| (table.to_owned(), column.to_owned()));
        assert_eq!(keys, expected);
    }

    async fn there_are_no_other_unique_constraints_and_no_foreign_keys(w: &World) {
        let sql = if w.is_postgres() {
            "SELECT conname::text FROM pg_constraint WHERE contype IN ('u', 'f', 'x') AND connamespace = 'public'::regnamespace"
        } else {
            "SELECT m.name FROM sqlite_master m JOIN pragma_index_list(m.name) i
             WHERE m.type = 'table' AND i.\"unique\" = 1 AND i.origin <> 'pk'
             UNION ALL SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        };
        assert!(w.sql(sql).await.is_empty());
    }

    async fn columns_are_whole_numbers_and_texts_without_defaults(w: &World) {
        let sql = if w.is_postgres() {
            "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'
             AND (data_type NOT IN ('bigint', 'text') OR column_default IS NOT NULL)"
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

#[tokio::test]
async fn an_address_of_another_engine_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Backend::open(Config::new(dir.path(), Some("mysql://localhost/x".to_owned()))).await;
    assert!(matches!(refused.err(), Some(OpenError::DatabaseUrl)));
}
