//! Databases of PostgreSQL for tests. Where `LATCHKEY_TEST_CITUS` is set their tables are distributed by Citus, with the very statements
//! of `docs/SCALING.md`. It is `1` for a coordinator that holds all shards itself, or names its workers: `HOST:PORT,HOST:PORT`.

use sqlx::{Connection as _, PgConnection};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Makes a database on `server`, without any tables unless they are distributed.
pub async fn create(server: &str, name: &str) {
    let Some(workers) = workers(server) else {
        return bare(server, name).await;
    };
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| make_template(server, &workers)).await;
    for server in workers.iter().map(String::as_str).chain([server]) {
        run(
            server,
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
    }
}

/// The same without tables in any case.
pub async fn bare(server: &str, name: &str) {
    run(server, "postgres", &format!("CREATE DATABASE {name}")).await;
}

/// Drops what one of the two made.
pub async fn drop(server: &str, name: &str) {
    let workers = workers(server).unwrap_or_default();
    for server in workers.iter().map(String::as_str).chain([server]) {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // A process of the extension may come back in between.
        let mut tries = if is_on() { 20 } else { 1 };
        while let Err(error) = try_run(server, "postgres", &sql).await {
            tries -= 1;
            assert!(tries > 0, "{sql}: {error}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// Whether tables are distributed.
pub fn is_on() -> bool {
    std::env::var_os("LATCHKEY_TEST_CITUS").is_some()
}

/// The addresses of the workers, of which there may be none; `None` on plain PostgreSQL.
fn workers(server: &str) -> Option<Vec<String>> {
    let said = std::env::var("LATCHKEY_TEST_CITUS").ok()?;
    let (account, _) = server.rsplit_once('@').expect("postgres://USER:PASSWORD@HOST:PORT");
    let named = said.split(',').filter(|worker| worker.contains(':'));
    Some(named.map(|worker| format!("{account}@{worker}")).collect())
}

/// A distributed database to be copied, which takes a tenth of the time of distributing each. Nobody may be connected to it.
async fn make_template(server: &str, workers: &[String]) -> String {
    let name = format!("latchkey_template_{}", std::process::id());
    let servers = || workers.iter().map(String::as_str).chain([server]);
    for server in servers() {
        bare(server, &name).await;
        run(server, &name, "CREATE EXTENSION citus").await;
    }
    if !workers.is_empty() {
        run(server, &name, &of_host("citus_set_coordinator_host", server)).await;
    }
    for worker in workers {
        run(server, &name, &of_host("citus_add_node", worker)).await;
    }
    backend::migrations::migrate(&format!("{server}/{name}")).await.unwrap();
    for statement in documented() {
        run(server, &name, &statement).await;
    }
    for server in servers() {
        for sql in [
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
        ] {
            run(server, "postgres", &sql).await;
        }
    }
    // They need a moment to end.
    tokio::time::sleep(Duration::from_millis(500)).await;
    name
}

fn of_host(function: &str, server: &str) -> String {
    let address = server.rsplit_once('@').map_or(server, |(_, address)| address);
    let (host, port) = address.rsplit_once(':').expect("HOST:PORT");
    format!("SELECT {function}('{host}', {port})")
}

/// The statements that distribute the tables, as they are written down.
fn documented() -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SCALING.md");
    let file = if std::path::Path::new(file).exists() {
        file
    } else {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SCALING.md")
    };
    let text = std::fs::read_to_string(file).unwrap();
    let block = text
        .split("```sql\n")
        .find(|block| block.contains("create_distributed_table('"));
    let block = block.and_then(|block| block.split("```").next()).unwrap();
    let statements = block
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}

async fn run(server: &str, database: &str, sql: &str) {
    let outcome = try_run(server, database, sql).await;
    outcome.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn try_run(server: &str, database: &str, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(&format!("{server}/{database}")).await?;
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    connection.close().await
}
