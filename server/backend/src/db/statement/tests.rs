use super::*;
use crate::db::{Db, Engine};
use crate::migrations;
use sqlx::{Connection as _, Executor as _};
use std::collections::BTreeSet;

/// What only one engine understands, by words of it.
const ONLY_SQLITE: [&str; 2] = ["VACUUM INTO", "pragma_database_list"];
const ONLY_POSTGRES: [&str; 4] = ["clock_timestamp", "pg_inherits", "pg_notify", "to_regclass"];

fn is_one_of(list: &[&str], text: &str) -> bool {
    list.iter().any(|words| text.contains(words))
}

/// The highest `$n` of a statement.
fn parameters(text: &str) -> usize {
    let digits = |part: &str| part.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    text.split('$').skip(1).filter_map(digits).max().unwrap_or(0)
}

fn all() -> Vec<&'static Registered> {
    let all: Vec<&Registered> = inventory::iter::<Registered>
        .into_iter()
        // Tests ask what they like.
        .filter(|statement| !statement.place.contains("tests.rs"))
        .collect();
    assert!(all.len() > 150, "{} statements are registered", all.len());
    all
}

#[test]
fn every_statement_has_as_many_values_as_parameters() {
    for statement in all() {
        assert_eq!(parameters(statement.text), statement.values, "{}", statement.place);
    }
}

#[tokio::test]
async fn every_statement_can_be_prepared_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let db = Db::connect(&crate::db::file::url_of(&path)).await.unwrap();
    migrations::run(&db).await.unwrap();
    assert_eq!(db.engine(), Engine::Sqlite);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut wrong = BTreeSet::new();
    for statement in all() {
        let prepared = connection.prepare(statement.text);
        if prepared.is_ok() == is_one_of(&ONLY_POSTGRES, statement.text) {
            let why = prepared.err().map(|error| error.to_string());
            wrong.insert(format!("{}: {why:?}", statement.place));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    db.close().await;
}

#[tokio::test]
async fn every_statement_can_be_prepared_on_postgresql() {
    let Ok(server) = std::env::var("LATCHKEY_TEST_POSTGRES") else {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "LATCHKEY_TEST_POSTGRES is not set"
        );
        return;
    };
    let name = format!("latchkey_statements_{}", std::process::id());
    let mut admin = sqlx::PgConnection::connect(&format!("{server}/postgres"))
        .await
        .unwrap();
    admin.execute(format!("CREATE DATABASE {name}").as_str()).await.unwrap();
    let url = format!("{server}/{name}");
    let db = Db::connect(&url).await.unwrap();
    migrations::run(&db).await.unwrap();
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    let mut wrong = BTreeSet::new();
    for statement in all() {
        let prepared = connection.prepare(statement.text).await;
        if prepared.is_ok() == is_one_of(&ONLY_SQLITE, statement.text) {
            let why = prepared.err().map(|error| error.to_string());
            wrong.insert(format!("{}: {why:?}", statement.place));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(connection.close().await);
    db.close().await;
    let dropped = format!("DROP DATABASE {name} WITH (FORCE)");
    admin.execute(dropped.as_str()).await.unwrap();
}

#[test]
fn a_statement_for_another_thread_has_the_same_values() {
    let (text, word) = ("SELECT 1".to_owned(), "x".to_owned());
    let statement = sql!(&text, 1, &word, None::<&str>, None::<i64>).once();
    let owned = statement.clone().into_owned();
    assert_eq!((owned.text(), owned.values()), (statement.text(), statement.values()));
    assert!(!owned.is_prepared() && !owned.is_slow());
}
