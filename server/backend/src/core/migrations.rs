//! The tables: bringing them up to date, safely also when several nodes start at once, and saying how they stand.
//!
//! One set of files serves both engines. What only one of them understands stands in a comment that opens with its name, over as many
//! lines as it needs; the comment is taken off for that engine and stays one for the other: `/* pg: COLLATE "C" */`,
//! `/* sqlite: WITHOUT ROWID */`.

use crate::core::OpenError;
use crate::core::db::{Connection, Db, Engine, open_error, sql, sqlite};
use futures::future::BoxFuture;
use sqlx::error::BoxDynError;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationSource, Migrator};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Versions of the tables, each that of the newest migration applied; 0: there are none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// What was found.
    pub from: i64,
    /// What this program needs.
    pub to: i64,
}

impl Versions {
    /// Nothing is to be done.
    pub fn is_current(&self) -> bool {
        self.from == self.to
    }
}

/// Brings the tables of a database up to date.
#[crate::boxed]
pub async fn migrate(url: &str) -> Result<Versions, OpenError> {
    let db = Db::connect(url).await?;
    let versions = run(&db).await;
    db.close().await;
    versions
}

/// How the tables of a database stand; changes nothing, and makes no database where there is none.
#[crate::boxed]
pub async fn look(url: &str) -> Result<Versions, OpenError> {
    let db = Db::connect_existing(url).await?;
    let from = version(&db).await;
    db.close().await;
    Ok(Versions {
        from: from?,
        to: newest(),
    })
}

/// How the tables stand; 0: there are none.
pub(crate) async fn version(db: &Db) -> Result<i64, OpenError> {
    let version = async {
        let mut conn = db.read().acquire().await?;
        applied(conn.connection()).await
    };
    version.await.map_err(|error| unless_away(db, error))
}

/// Several nodes may do this at once: one applies what is missing, the others wait for it and then find everything done.
pub(crate) async fn run(db: &Db) -> Result<Versions, OpenError> {
    let mut migrator = Migrator::new(Migrations(db.engine())).await.map_err(failed)?;
    // The lock is taken here, around the look at what is there as well.
    migrator.set_locking(false);
    // A large table takes its time, and so does the node that is faster.
    let mut conn = db.patient().await.map_err(|error| unless_away(db, error))?;
    let outcome = match conn.connection() {
        Connection::Sqlite(conn) => run_on_sqlite(&migrator, conn).await,
        Connection::Postgres(conn) => run_on_postgres(&migrator, conn).await,
    };
    if outcome.is_err() {
        // It may still hold the lock, or wait in a way nobody else should.
        conn.close_on_drop();
    }
    let from = outcome.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => unless_away(db, error),
        error => failed(error),
    })?;
    Ok(Versions { from, to: newest() })
}

type Outcome = Result<i64, MigrateError>;

/// The advisory lock is one of the server all nodes talk to, so it holds for them all, also where that server spreads the tables.
async fn run_on_postgres(migrator: &Migrator, conn: &mut PgConnection) -> Outcome {
    conn.lock().await?;
    let from = applied(Connection::Postgres(conn)).await?;
    migrator.run_direct(conn).await?;
    conn.unlock().await?;
    Ok(from)
}

/// SQLite has no such lock, so everything that is missing is one transaction that has the write lock from its beginning. Where nothing
/// is missing nobody waits for it.
async fn run_on_sqlite(migrator: &Migrator, conn: &mut SqliteConnection) -> Outcome {
    let from = applied(Connection::Sqlite(conn)).await?;
    if from == newest() {
        migrator.run_direct(conn).await?;
        return Ok(from);
    }
    sqlite::wait_at_most(conn, 600_000).await?;
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let from = applied(Connection::Sqlite(&mut tx)).await?;
    migrator.run_direct(&mut *tx).await?;
    tx.commit().await?;
    sqlite::wait_at_most(conn, sqlite::WAITS_MS).await?;
    Ok(from)
}

async fn applied(mut conn: Connection<'_>) -> Result<i64, sqlx::Error> {
    let tables = match conn {
        Connection::Sqlite(_) => {
            sql!("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
        }
        Connection::Postgres(_) => {
            sql!(
                "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'"
            )
        }
    };
    let tables: i64 = conn.one(&tables).await?;
    if tables == 0 {
        return Ok(0);
    }
    let version: Option<i64> = conn.one(&sql!("SELECT max(version) FROM _sqlx_migrations")).await?;
    Ok(version.unwrap_or(0))
}

/// What this program needs.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// A database behind a network that does not answer is no fault of the tables.
fn unless_away(db: &Db, error: sqlx::Error) -> OpenError {
    match (db.engine(), open_error(&error)) {
        (Engine::Postgres, away @ (OpenError::Unreachable(_) | OpenError::NoConnection(_))) => away,
        _ => failed(error),
    }
}

fn failed(error: impl std::fmt::Display) -> OpenError {
    OpenError::Migration(error.to_string())
}

/// The embedded migrations as this engine reads them.
#[derive(Debug)]
struct Migrations(Engine);

impl MigrationSource<'static> for Migrations {
    fn resolve(self) -> BoxFuture<'static, Result<Vec<Migration>, BoxDynError>> {
        let migrations = MIGRATIONS
            .iter()
            .map(|m| {
                let sql = for_engine(self.0, &m.sql);
                let apart = (self.0 == Engine::Postgres && !m.no_tx).then(|| one_by_one(&sql));
                // What is remembered of it is of the file, however it is said.
                let mut migration =
                    Migration::new(m.version, m.description.clone(), m.migration_type, sql.into(), m.no_tx);
                if let Some(apart) = apart {
                    migration.sql = apart.into();
                }
                migration
            })
            .collect();
        Box::pin(async move { Ok(migrations) })
    }
}

/// Takes the comments off that are meant for this engine.
fn for_engine(engine: Engine, text: &str) -> String {
    let opening = match engine {
        Engine::Sqlite => "/* sqlite: ",
        Engine::Postgres => "/* pg: ",
    };
    let mut sql = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, meant)) = rest.split_once(opening) {
        sql.push_str(before);
        let (inside, after) = meant.split_once("*/").unwrap_or((meant, ""));
        sql.push_str(inside.trim_end());
        rest = after;
    }
    sql.push_str(rest);
    sql
}

/// The same, one statement after the other: Citus passes a definition on as it came, and workers take no two at once.
fn one_by_one(text: &str) -> String {
    let each: Vec<String> = statements(text)
        .into_iter()
        .map(|statement| format!("EXECUTE $statement${statement}$statement$;\n"))
        .collect();
    format!("DO $all$ BEGIN\n{}END $all$", each.concat())
}

/// What stands between semicolons that are in no comment and no quotes, where it is more than a comment.
fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at, mut says_something) = (0, 0, false);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        at += match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            // A quote that is doubled ends one text and begins the next.
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            ';' => {
                if says_something {
                    found.push(text[start..at].trim());
                }
                (start, says_something) = (at + 1, false);
                1
            }
            _ => {
                says_something |= !first.is_whitespace();
                first.len_utf8()
            }
        };
    }
    if says_something {
        found.push(text[start..].trim());
    }
    found
}

#[cfg(test)]
mod expand_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_apart_whatever_comments_and_texts_say() {
        let text = "-- a; b\nCREATE TABLE a (b TEXT); /* c; d */ INSERT INTO a VALUES (';''--', \"e;\");\n-- f;\n; SELECT '글;'";
        assert_eq!(
            statements(text),
            [
                "-- a; b\nCREATE TABLE a (b TEXT)",
                "/* c; d */ INSERT INTO a VALUES (';''--', \"e;\")",
                "SELECT '글;'"
            ]
        );
        assert_eq!(statements(" -- nothing"), Vec::<&str>::new());
        assert_eq!(
            one_by_one("SELECT 1; SELECT 2;"),
            "DO $all$ BEGIN\nEXECUTE $statement$SELECT 1$statement$;\nEXECUTE $statement$SELECT 2$statement$;\nEND $all$"
        );
    }

    #[test]
    fn no_migration_uses_the_quotes_that_are_put_around_its_statements() {
        assert!(MIGRATIONS.iter().all(|migration| !migration.sql.contains('$')));
    }

    /// What was released is never edited: databases hold these checksums and would refuse the program.
    const RELEASED: [(i64, &str, &str); 5] = [
        (1, "eXXZNSDtZG9U", "zniPH6kugFde"),
        (2, "1retrMSOsywt", "xZEHTi5XwWEm"),
        (3, "WnRW6U9RKz2u", "2ckBQyiE42Vu"),
        (4, "cYua3NsRDCoS", "cYua3NsRDCoS"),
        (5, "RjeeJ4lgE2eo", "48wUljWTjQlV"),
    ];

    #[test]
    fn released_migrations_are_as_they_were() {
        for (version, sqlite, postgres) in RELEASED {
            let migration = MIGRATIONS.iter().find(|m| m.version == version).unwrap();
            for (engine, expected) in [(Engine::Sqlite, sqlite), (Engine::Postgres, postgres)] {
                let text = for_engine(engine, &migration.sql);
                assert_eq!(
                    &crate::core::keys::sha256(&text)[..12],
                    expected,
                    "{version} {engine:?}"
                );
            }
        }
    }

    #[test]
    fn a_comment_for_an_engine_is_taken_off_for_it_alone() {
        let text = "CREATE TABLE a (b TEXT /* pg: COLLATE \"C\" */ NOT NULL) /* sqlite: WITHOUT ROWID */; -- c\n/* pg: ALTER\n  TABLE d; */ /* e */";
        assert_eq!(
            for_engine(Engine::Sqlite, text),
            "CREATE TABLE a (b TEXT /* pg: COLLATE \"C\" */ NOT NULL) WITHOUT ROWID; -- c\n/* pg: ALTER\n  TABLE d; */ /* e */"
        );
        assert_eq!(
            for_engine(Engine::Postgres, text),
            "CREATE TABLE a (b TEXT COLLATE \"C\" NOT NULL) /* sqlite: WITHOUT ROWID */; -- c\nALTER\n  TABLE d; /* e */"
        );
    }
}
