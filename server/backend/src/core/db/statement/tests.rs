use super::*;
use crate::core::db::{Db, Engine};
use crate::core::migrations;
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

/// The texts of the statements of the last release whose texts are known when it is compiled. Its nodes run them for some minutes on the tables of
/// this version. `LATCHKEY_RECORD=release` writes the file again, from the statements there are now.
const LAST_RELEASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/last_release.sql");
/// Between two of them.
const NEXT: &str = "\n-- next\n";

fn of_last_release() -> Vec<String> {
    let texts = std::fs::read_to_string(LAST_RELEASE).unwrap();
    let texts: Vec<String> = texts.trim_end().split(NEXT).map(str::to_owned).collect();
    assert!(texts.len() > 150, "{} statements are recorded", texts.len());
    texts
}

#[test]
fn the_statements_of_a_release_can_be_recorded() {
    let now: BTreeSet<&str> = all().into_iter().map(|statement| statement.text.trim()).collect();
    let now: Vec<&str> = now.into_iter().collect();
    assert!(now.iter().all(|text| !text.contains(NEXT)));
    if std::env::var("LATCHKEY_RECORD").as_deref() == Ok("release") {
        std::fs::write(LAST_RELEASE, now.join(NEXT) + "\n").unwrap();
    }
    let old = of_last_release();
    let common = old.iter().filter(|text| now.contains(&text.as_str())).count();
    assert!(common > 50, "the file is not one of this program: {common} in common");
}

/// Those of this version and of the last release, each with where it is from.
fn all_that_run() -> Vec<(String, &'static str)> {
    let now = all()
        .into_iter()
        .map(|statement| (statement.text.to_owned(), statement.place));
    now.chain(of_last_release().into_iter().map(|text| (text, "the last release")))
        .collect()
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
    let db = Db::connect(&crate::core::db::file::url_of(&path)).await.unwrap();
    migrations::run(&db).await.unwrap();
    assert_eq!(db.engine(), Engine::Sqlite);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut wrong = BTreeSet::new();
    for (text, place) in all_that_run() {
        let prepared = connection.prepare(&text);
        if prepared.is_ok() == is_one_of(&ONLY_POSTGRES, &text) {
            let why = prepared.err().map(|error| error.to_string());
            wrong.insert(format!("{place}: {text}: {why:?}"));
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
    for (text, place) in all_that_run() {
        let prepared = connection.prepare(text.as_str()).await;
        if prepared.is_ok() == is_one_of(&ONLY_SQLITE, &text) {
            let why = prepared.err().map(|error| error.to_string());
            wrong.insert(format!("{place}: {text}: {why:?}"));
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
