use super::*;
use crate::core::db::{Db, Engine};
use crate::core::migrations;
use sqlx::{Connection as _, Executor as _};
use std::collections::BTreeSet;

/// What only one engine understands, by words of it.
const ONLY_SQLITE: [&str; 4] = [
    "VACUUM INTO",
    "pragma_database_list",
    "pragma_table_info",
    "sqlite_master",
];
const ONLY_POSTGRES: [&str; 8] = [
    "clock_timestamp",
    "pg_class",
    "pg_control_system",
    "pg_inherits",
    "pg_notify",
    "pg_tables",
    "set_config",
    "to_regclass",
];

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
    assert!(all.len() > 250, "{} statements are registered", all.len());
    all
}

impl Registered {
    /// Every form of it on an engine; `None`: where no column is damaged.
    fn forms(&self, engine: Option<Engine>) -> Vec<String> {
        let pieces: Vec<(String, Vec<Piece>)> = self
            .pieces
            .iter()
            .map(|(name, all)| {
                (
                    format!("{{{name}}}"),
                    all().into_iter().flat_map(|piece| piece.on(engine)).collect(),
                )
            })
            .collect();
        let forms = pieces.iter().map(|(_, all)| all.len()).max().unwrap_or(1);
        (0..forms).map(|form| self.form(&pieces, form)).collect()
    }

    fn form(&self, pieces: &[(String, Vec<Piece>)], form: usize) -> String {
        let chosen = || pieces.iter().map(|(name, all)| (name, &all[form % all.len()]));
        let mut text = self.text.to_owned();
        for (name, piece) in chosen() {
            if let Piece::Text(piece) = piece {
                text = text.replace(name, piece);
            }
        }
        // Behind the parameters that are written out.
        for (name, piece) in chosen() {
            let from = parameters(&text) + 1;
            let list = match piece {
                Piece::List => crate::core::db::parameters(from, 2),
                Piece::Rows(width) => {
                    let row = |row: usize| crate::core::db::parameters(from + row * width, *width);
                    format!("({}), ({})", row(0), row(1))
                }
                Piece::Text(_) | Piece::Sealed(_) => continue,
            };
            text = text.replace(name, &list);
        }
        text
    }
}

impl Piece {
    fn on(self, engine: Option<Engine>) -> Vec<Self> {
        let Self::Sealed(column) = self else {
            return vec![self];
        };
        let sound = engine.map(|engine| Self::Text(engine.sound(column)));
        std::iter::once(Self::Text(column.to_owned())).chain(sound).collect()
    }
}

/// The texts of the statements of the last release. Its nodes run them for some minutes on the tables of this version. `LATCHKEY_RECORD=release`
/// writes the file again, from the statements there are now.
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
    let forms = all().into_iter().flat_map(|statement| statement.forms(None));
    let now: BTreeSet<String> = forms.map(|text| text.trim().to_owned()).collect();
    let now: Vec<String> = now.into_iter().collect();
    assert!(now.iter().all(|text| !text.contains(NEXT)));
    if std::env::var("LATCHKEY_RECORD").as_deref() == Ok("release") {
        std::fs::write(LAST_RELEASE, now.join(NEXT) + "\n").unwrap();
    }
    let old = of_last_release();
    let common = old.iter().filter(|text| now.contains(text)).count();
    assert!(common > 50, "the file is not one of this program: {common} in common");
}

/// Those of this version in all of their forms, and those of the last release, each with where it is from.
fn all_that_run(engine: Engine) -> Vec<(String, &'static str)> {
    let mut run = Vec::new();
    for statement in all() {
        run.extend(
            statement
                .forms(Some(engine))
                .into_iter()
                .map(|text| (text, statement.place)),
        );
    }
    for family in inventory::iter::<Family> {
        run.extend((family.texts)().into_iter().map(|text| (text, family.place)));
    }
    run.extend(of_last_release().into_iter().map(|text| (text, "the last release")));
    run
}

#[test]
fn every_form_of_a_statement_is_made() {
    let statement = Registered {
        text: "SELECT {columns} FROM {table} WHERE {key} IN ({keys}) AND x = $1 AND (y, z) IN (VALUES {rows})",
        pieces: &[
            ("columns", || vec![Piece::Text("a, b".to_owned())]),
            ("table", || ["t", "u"].map(|table| Piece::Text(table.to_owned())).into()),
            ("key", || vec![Piece::Sealed("k")]),
            ("keys", || vec![Piece::List]),
            ("rows", || vec![Piece::Rows(2)]),
        ],
        values: 1,
        place: "",
    };
    let end = "IN ($2, $3) AND x = $1 AND (y, z) IN (VALUES ($4, $5), ($6, $7))";
    let sound = Engine::Sqlite.sound("k");
    assert_eq!(
        statement.forms(Some(Engine::Sqlite)),
        [
            format!("SELECT a, b FROM t WHERE k {end}"),
            format!("SELECT a, b FROM u WHERE {sound} {end}")
        ]
    );
}

/// Where statements are put together of tables that the catalogue names; these are run by the tests of what they do.
const OF_ANY_TABLE: [&str; 10] = [
    "core/catalogue.rs",
    "core/paging.rs",
    "core/partitions.rs",
    "maintenance/archive.rs",
    "maintenance/archive/restore.rs",
    "maintenance/copy.rs",
    "maintenance/demo/loading.rs",
    "maintenance/normalise/orders.rs",
    "maintenance/rotation.rs",
    "core/db/conditions.rs",
];

#[test]
fn every_statement_but_those_of_any_table_is_prepared_by_a_test() {
    let mut unknown = Vec::new();
    for (path, text) in sources() {
        let is_of_any_table = OF_ANY_TABLE.contains(&path.as_str());
        if text.contains("Statement::new(") != is_of_any_table && !path.starts_with("core/db/statement") {
            unknown.push(format!(
                "{path}: write `sql!`, or list it in OF_ANY_TABLE if it is of any table"
            ));
        }
        if text.contains("Conditions::default()") && !text.contains("family!(") && path != "core/db/conditions.rs" {
            unknown.push(format!("{path}: register what `Conditions` make with `family!`"));
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// The files of this crate but for its tests, each by its path below `src`.
fn sources() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                sources.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

#[test]
fn every_statement_has_as_many_values_as_parameters() {
    // Where something varies, further values are bound one by one.
    for statement in all().into_iter().filter(|statement| statement.pieces.is_empty()) {
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
    for (text, place) in all_that_run(Engine::Sqlite) {
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
    for (text, place) in all_that_run(Engine::Postgres) {
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
    let statement = Statement::new(&text)
        .bind(1)
        .bind(&word)
        .bind(None::<&str>)
        .bind(None::<i64>)
        .once();
    let owned = statement.clone().into_owned();
    assert_eq!((owned.text(), owned.values()), (statement.text(), statement.values()));
    assert!(!owned.is_prepared() && !owned.is_slow());
}
