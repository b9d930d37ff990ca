//! Starting several servers at once, and the commands for growing: `migrate`, `copy`, `archive`.

use crate::engine::{database_of, url_of};
use crate::process::binary::{Running, latchkey};
use backend::guard::link;
use backend::{Backend, Config};
use std::path::Path;

/// What a command says that does what it was asked.
fn told(data: &Path, arguments: &[&str]) -> String {
    let output = latchkey(data, arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it says if it does not.
fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = latchkey(data, arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn runs_under_the_key_of(source: &Path, target: &Path) {
    std::fs::copy(source.join("master.key"), target.join("master.key")).unwrap();
    let server = Running::serve(target, &[]);
    assert!(
        server
            .ask(&crate::process::binary::get("/readyz"))
            .starts_with("HTTP/1.1 200 ")
    );
    server.terminate();
    server.ended();
}

/// On an SQLite file one of them does, and the others are refused.
#[test]
fn six_servers_start_at_once_on_a_database_nobody_has_opened() {
    let data = tempfile::tempdir().unwrap();
    let expected = if database_of(data.path()).is_some() { 6 } else { 1 };
    let servers: Vec<Running> = std::thread::scope(|scope| {
        let starts = [0; 6].map(|_| scope.spawn(|| Running::serve(data.path(), &[])));
        starts.into_iter().filter_map(|start| start.join().ok()).collect()
    });
    assert_eq!(servers.len(), expected);
    for server in &servers {
        assert!(
            server
                .ask(&crate::process::binary::get("/readyz"))
                .starts_with("HTTP/1.1 200 ")
        );
        server.terminate();
    }
    for server in servers {
        server.ended();
    }
    assert!(told(data.path(), &["migrate", "--check"]).starts_with("the tables are up to date"));
}

#[test]
fn migrate_says_from_where_to_where() {
    let data = tempfile::tempdir().unwrap();
    let said = refused(data.path(), &["migrate", "--check"]);
    let expected = match database_of(data.path()) {
        None => "the database cannot be opened",
        Some(_) => "the tables stand at version 0 and this program needs",
    };
    assert!(said.contains(expected), "{said}");
    assert!(!data.path().join("latchkey.db").exists(), "looking makes nothing");
    assert!(told(data.path(), &["migrate"]).starts_with("the tables were made: version "));
    assert!(told(data.path(), &["migrate"]).starts_with("the tables are up to date: version "));
    told(data.path(), &["migrate", "--check"]);
}

#[test]
fn a_copy_runs_under_the_same_key_and_under_no_other() {
    let (source, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Running::start(&mut latchkey(source.path(), &["demo", "--http", "127.0.0.1:0"]));
    server.terminate();
    server.ended();
    let (from, to) = (url_of(source.path()), url_of(target.path()));
    let said = told(source.path(), &["copy", "--from", &from, "--to", &to]);
    assert!(
        said.contains("orders: 60 rows copied") && said.contains("orders: 60 rows read back"),
        "{said}"
    );
    assert!(said.contains("The master key is in no database"), "{said}");
    let said = refused(source.path(), &["copy", "--from", &from, "--to", &to]);
    assert!(said.contains("the target has data already"), "{said}");
    let said = refused(target.path(), &["serve", "--http", "127.0.0.1:0"]);
    assert!(said.contains("belongs to another master key"), "{said}");
    runs_under_the_key_of(source.path(), target.path());
}

#[test]
fn a_backup_made_while_the_server_runs_is_restored_into_a_new_database() {
    let (source, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Running::start(&mut latchkey(source.path(), &["demo", "--http", "127.0.0.1:0"]));
    let to = source.path().join("backups").display().to_string();
    let said = told(source.path(), &["backup", "--to", &to]);
    let file = said.split(": ").next().unwrap().to_owned();
    server.terminate();
    server.ended();
    let said = refused(source.path(), &["restore", "--from", &file]);
    assert!(said.contains("the target has data already"), "{said}");
    let said = told(target.path(), &["restore", "--from", &file]);
    assert!(said.contains("rows restored and read back"), "{said}");
    runs_under_the_key_of(source.path(), target.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_history_is_begun_after_a_database_was_put_back_by_other_means() {
    let data = tempfile::tempdir().unwrap();
    let history = async || {
        let node = Backend::open(Config::new(data.path(), database_of(data.path())))
            .await
            .unwrap();
        let epoch = link::epoch(&node).await.unwrap();
        node.close().await;
        epoch
    };
    let before = history().await;
    let said = told(data.path(), &["guard", "new-history"]);
    assert!(said.contains("every guard gets all its grants again"), "{said}");
    assert!(history().await > before);
}

#[test]
fn archive_writes_whole_months_and_says_so() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    told(data.path(), &["migrate"]);
    let to = files.path().display().to_string();
    let said = told(data.path(), &["archive", "--before", "2020-01", "--to", &to]);
    assert_eq!(said, "nothing is older than 2020-01\n");
    let said = refused(data.path(), &["archive", "--before", "2999-01", "--to", &to, "--drop"]);
    assert!(said.contains("2999-01 is still to come"), "{said}");
    let said = refused(data.path(), &["archive", "--before", "soon", "--to", &to]);
    assert!(said.contains("expected a month such as 2026-01"), "{said}");
}
