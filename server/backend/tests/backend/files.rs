//! The file of an SQLite database: who may read and use it, what a start says of it, and what happens when it is taken away.

use crate::guard_rig::id;
use crate::harness::{Place, World, port};
use backend::guard::hub::Wake;
use backend::guard::passwords;
use backend::locker::deposits;
use backend::{Backend, Config, OpenError, copy, limits, migrations};
use domain::error::Refusal;
use domain::guard::grants::Addition;
use domain::guard::link::Status;
use domain::ids::Millis;
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What a node is opened with whose database lies in its data directory, as it does unless somebody says otherwise.
fn usual(data: &Path) -> Config {
    Config {
        password_cost: backend::password::Cost::CHEAP,
        ..Config::new(data, None)
    }
}

async fn why_not(config: Config) -> OpenError {
    match Backend::open(config).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

async fn put_back(file: &Path, to: &str, aside: &Path) {
    let what = copy::Restore {
        file,
        to,
        aside,
        start_over: false,
        unchecked: false,
        now: Millis(1),
    };
    copy::restore(what, async |_| {}).await.unwrap();
}

#[tokio::test]
async fn a_data_directory_may_have_any_name() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["50%25", "q?x", "a#b", "글 한", "x%3Fmode=memory", "q?mode=ro"] {
        let data = dir.path().join(name);
        let b = Backend::open(usual(&data)).await.unwrap();
        limits::count(&b, "x", 5, 1_000).await.unwrap();
        b.close().await;
        assert!(data.join("latchkey.db").metadata().unwrap().len() > 0, "{name}");
        // Copies, backups and what is put back go the same way.
        let saved = dir.path().join("saved").join(name);
        let url = Config::new(&data, None).database_url;
        let file = copy::backup(&url, &saved, Millis(0), async |_| {}).await.unwrap();
        let other = dir.path().join("other").join(name);
        std::fs::create_dir_all(&other).unwrap();
        let to = Config::new(&other, None).database_url;
        put_back(&file, &to, &other).await;
        assert!(migrations::look(&to).await.unwrap().is_current(), "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_a_database() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let modes = |data: &Path| -> Vec<(PathBuf, u32)> {
        let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
        files
            .map(|path| (path.clone(), path.metadata().unwrap().permissions().mode() & 0o777))
            .collect()
    };
    let private = |data: &Path, count: usize| {
        let modes = modes(data);
        assert!(
            modes.len() >= count && modes.iter().all(|(_, mode)| *mode == 0o600),
            "{modes:?}"
        );
    };
    let b = Backend::open(usual(dir.path())).await.unwrap();
    limits::count(&b, "x", 5, 1_000).await.unwrap();
    // The database, its log and index, and the key.
    private(dir.path(), 4);
    b.close().await;
    for (path, _) in modes(dir.path()) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    }
    std::fs::set_permissions(dir.path().join("master.key"), PermissionsExt::from_mode(0o600)).unwrap();
    let b = Backend::open(usual(dir.path())).await.unwrap();
    limits::count(&b, "x", 5, 1_000).await.unwrap();
    private(dir.path(), 4);
    b.close().await;
    let saved = dir.path().join("saved");
    let url = Config::new(dir.path(), None).database_url;
    let file = copy::backup(&url, &saved, Millis(0), async |_| {}).await.unwrap();
    let other = dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let to = Config::new(&other, None).database_url;
    put_back(&file, &to, &other).await;
    private(&saved, 1);
    private(&other, 1);
}

#[tokio::test]
async fn one_server_has_a_file_and_commands_work_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = || Config {
        alone: true,
        ..usual(dir.path())
    };
    let b = Backend::open(server()).await.unwrap();
    let refused = why_not(server()).await;
    assert!(
        matches!(&refused, OpenError::InUse { path } if path.ends_with("latchkey.db")),
        "{refused}"
    );
    // A command.
    let beside = Backend::open(usual(dir.path())).await.unwrap();
    limits::count(&beside, "x", 5, 1_000).await.unwrap();
    beside.close().await;
    let url = usual(dir.path()).database_url;
    copy::backup(&url, &dir.path().join("saved"), Millis(0), async |_| {})
        .await
        .unwrap();
    // Nothing is copied into the database of a server.
    let other = tempfile::tempdir().unwrap();
    let source = Backend::open(usual(other.path())).await.unwrap();
    source.close().await;
    let from = usual(other.path()).database_url;
    let refused = copy::copy(&from, &url, false, async |_| {}).await.unwrap_err();
    assert!(
        refused.to_string().contains("is in use by another latchkey"),
        "{refused}"
    );
    b.close().await;
    Backend::open(server()).await.unwrap().close().await;
}

#[tokio::test]
async fn a_key_without_its_database_stops_a_start() {
    let dir = tempfile::tempdir().unwrap();
    Backend::open(usual(dir.path())).await.unwrap().close().await;
    let database = dir.path().join("latchkey.db");
    for empty in [false, true] {
        std::fs::remove_file(&database).unwrap();
        if empty {
            std::fs::write(&database, b"").unwrap();
        }
        let refused = why_not(usual(dir.path())).await;
        assert!(matches!(refused, OpenError::DatabaseMissing { .. }), "{refused}");
        assert!(refused.to_string().contains("--new"), "{refused}");
        assert_eq!(database.exists(), empty, "nothing is made");
        let new = Config {
            new_database: true,
            ..usual(dir.path())
        };
        Backend::open(new).await.unwrap().close().await;
        Backend::open(usual(dir.path())).await.unwrap().close().await;
    }
    // A database that never was one leaves no key behind.
    let fresh = tempfile::tempdir().unwrap();
    let nowhere = Config {
        database_url: format!("sqlite:{}/no/such/place.db", fresh.path().display()),
        ..usual(fresh.path())
    };
    why_not(nowhere).await;
    assert!(!fresh.path().join("master.key").exists());
}

#[tokio::test]
async fn an_emptied_postgres_is_not_taken_for_a_new_one() {
    let Some(place) = Place::bare_postgres().await else {
        return;
    };
    let data = place.dir.path().join("node");
    Backend::open(place.config(&data)).await.unwrap().close().await;
    place.sql("DROP SCHEMA public CASCADE").await;
    place.sql("CREATE SCHEMA public").await;
    let refused = why_not(place.config(&data)).await;
    assert!(matches!(refused, OpenError::DatabaseMissing { .. }), "{refused}");
    let new = Config {
        new_database: true,
        ..place.config(&data)
    };
    Backend::open(new).await.unwrap().close().await;
    place.end().await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    Backend::open(usual(dir.path())).await.unwrap().close().await;
    let database = dir.path().join("latchkey.db");
    let whole = std::fs::read(&database).unwrap();
    let read_only = Config {
        database_url: format!("{}?mode=ro", usual(dir.path()).database_url),
        ..usual(dir.path())
    };
    for (spoilt, config, named) in [
        (vec![b'x'; 8192], usual(dir.path()), "it is damaged"),
        (
            [&whole[..100], &vec![b'x'; whole.len() - 100][..]].concat(),
            usual(dir.path()),
            "it is damaged",
        ),
        (whole, read_only, "it cannot be written"),
    ] {
        std::fs::write(&database, &spoilt).unwrap();
        let begun = Instant::now();
        let refused = why_not(config).await.to_string();
        assert!(refused.contains(named) && refused.contains("latchkey.db"), "{refused}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}

/// Until it is not as it was, five seconds at most.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let late = Instant::now() + Duration::from_secs(5);
    while !is_so().await {
        assert!(Instant::now() < late, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_into_a_file_that_was_taken_away() {
    for what in ["removed", "replaced", "emptied", "log removed"] {
        let dir = tempfile::tempdir().unwrap();
        let b = Backend::open(usual(dir.path())).await.unwrap();
        limits::count(&b, "x", 1_000, 1_000).await.unwrap();
        b.check().await.unwrap();
        let database = dir.path().join("latchkey.db");
        match what {
            "removed" => std::fs::remove_file(&database).unwrap(),
            "replaced" => {
                std::fs::copy(&database, dir.path().join("other.db")).unwrap();
                std::fs::rename(dir.path().join("other.db"), &database).unwrap();
            }
            "emptied" => {
                // Everything is in the file by then, so it has bytes to lose.
                sqlx::any::install_default_drivers();
                let mut other = AnyConnection::connect(&usual(dir.path()).database_url).await.unwrap();
                sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                    .fetch_all(&mut other)
                    .await
                    .unwrap();
                limits::count(&b, "x", 1_000, 1_000).await.unwrap();
                let cut = std::fs::OpenOptions::new().write(true).open(&database).unwrap();
                cut.set_len(0).unwrap();
                drop((cut, other));
            }
            _ => std::fs::remove_file(dir.path().join("latchkey.db-wal")).unwrap(),
        }
        for _ in 0..32 {
            let refused = limits::count(&b, "x", 1_000, 1_000).await;
            assert_eq!(refused, Err(Refusal::Unavailable), "{what}");
        }
        until(what, async || b.check().await == Err(Refusal::Unavailable)).await;
        b.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_program_keeps_is_not_ready() {
    let w = World::sqlite().await;
    w.b.check().await.unwrap();
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&w.url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    until("it is ready", async || w.b.check().await == Err(Refusal::Unavailable)).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    until("it is not ready again", async || w.b.check().await == Ok(())).await;
    other.close().await.unwrap();
    w.end().await;
}

/// A vacuum makes the file of a database shorter, and rightly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vacuumed_file_is_the_same_file() {
    let w = World::sqlite().await;
    let many = "INSERT INTO limits (what, tries, ends) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        SELECT 'many ' || i || hex(randomblob(400)), 1, 1 FROM n";
    w.sql(many).await;
    let cut = "PRAGMA wal_checkpoint(TRUNCATE)";
    w.sql(cut).await;
    limits::count(&w.b, "x", 1_000, 1_000).await.unwrap();
    let file = w.url.strip_prefix("sqlite:").unwrap().to_owned();
    let before = std::fs::metadata(&file).unwrap().len();
    for sql in ["DELETE FROM limits", "VACUUM", cut] {
        w.sql(sql).await;
    }
    assert!(std::fs::metadata(&file).unwrap().len() < before);
    limits::count(&w.b, "x", 1_000, 1_000).await.unwrap();
    w.b.check().await.unwrap();
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_short_again_after_a_long_reader() {
    let w = World::sqlite().await;
    let log = || {
        std::fs::metadata(format!("{}-wal", w.url.strip_prefix("sqlite:").unwrap()))
            .unwrap()
            .len()
    };
    sqlx::any::install_default_drivers();
    let mut reader = AnyConnection::connect(&w.url).await.unwrap();
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    sqlx::query("SELECT count(*) FROM settings")
        .fetch_all(&mut reader)
        .await
        .unwrap();
    let many = "INSERT INTO limits (what, tries, ends) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
        SELECT 'many ' || i || hex(randomblob(700)), 1, 1 FROM n";
    w.sql(many).await;
    limits::count(&w.b, "x", 1_000, 1_000).await.unwrap();
    assert!(log() > 10_000_000, "{}", log());
    sqlx::query("ROLLBACK").execute(&mut reader).await.unwrap();
    for _ in 0..3 {
        limits::count(&w.b, "x", 1_000, 1_000).await.unwrap();
    }
    assert!(log() <= 8 * 1024 * 1024, "{}", log());
    reader.close().await.unwrap();
    w.end().await;
}

/// Many share a commit, and each is answered by what happened to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_ask_for_the_same_at_once_one_did_it() {
    let w = World::sqlite().await;
    let zhang = w.owner("13800000001").await;
    let _guard = w.guard_of(&zhang, "G0001").await;
    let guard = id("G0001");
    for round in 0..5 {
        // Eight ask for each of eight numbers.
        let asking = (0..64).map(|caller| {
            let (b, zhang, guard) = (&w.b, &zhang, &guard);
            let password = w.new_password(&format!("r{round}n{}", caller % 8), "135790");
            async move { passwords::add(b, zhang, guard, password).await }
        });
        let answers = futures::future::join_all(asking).await;
        let count = |wanted: Addition| answers.iter().filter(|answer| **answer == Ok(wanted)).count();
        assert_eq!(
            (count(Addition::New), count(Addition::Repeated)),
            (8, 56),
            "{answers:?}"
        );
    }
    let rows = w.sql("SELECT count(*), count(DISTINCT version) FROM grants").await;
    assert_eq!((rows[0].get::<i64, _>(0), rows[0].get::<i64, _>(1)), (40, 40));
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deposits_that_share_a_commit_are_each_whole_or_not_there() {
    let w = World::sqlite().await;
    let staff = w.staff("01000000002").await;
    w.business("한전").await;
    let mut tokens = Vec::new();
    let kiosks = [w.kiosk(1, 1).await, w.kiosk(2, 1).await];
    for number in 0..16 {
        let order = w.ready_order(&format!("20{number:02}"), "한전").await;
        let kiosk = &kiosks[number % 2];
        // Two orders are meant for each compartment.
        let door = i64::try_from(number / 4 + 1).unwrap();
        let (_, token) = kiosk.deposit_scanned(&staff, port(1, door), "48213").await;
        tokens.push((order, token));
    }
    let asking = tokens
        .iter()
        .map(|(order, token)| deposits::complete_scanned(&w.b, &staff, order, token));
    let answers = futures::future::join_all(asking).await;
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(done, 8, "{answers:?}");
    for sql in [
        "SELECT 1 FROM orders WHERE status = 'C'",
        "SELECT 1 FROM compartments WHERE status = 'A' AND things_sq IS NOT NULL",
        "SELECT 1 FROM evidence WHERE what = 'stored'",
    ] {
        assert_eq!(w.sql(sql).await.len(), done, "{sql}");
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_connection_left_is_named() {
    let Some(place) = Place::bare_postgres().await else {
        return;
    };
    Backend::open(place.config(place.dir.path()))
        .await
        .unwrap()
        .close()
        .await;
    // Limits are for everybody but a superuser, which the tests are.
    let (server, database) = place.url.rsplit_once('/').unwrap();
    let role = format!("none_{database}");
    place
        .sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'few' CONNECTION LIMIT 1"))
        .await;
    let host = server.rsplit_once('@').unwrap().1;
    let url = format!("postgres://{role}:few@{host}/{database}");
    sqlx::any::install_default_drivers();
    let _taken = AnyConnection::connect(&url).await.unwrap();
    let refused = why_not(Config {
        database_url: url,
        ..place.config(place.dir.path())
    })
    .await;
    assert!(
        matches!(refused, OpenError::NoConnection(_)) && refused.may_pass(),
        "{refused}"
    );
    assert!(refused.to_string().contains("--database-connections"), "{refused}");
    place.end().await;
}

/// A command beside the server says to nobody what it changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_changes_reaches_a_linked_guard_by_its_next_heartbeat() {
    let w = World::sqlite().await;
    let zhang = w.owner("13800000001").await;
    let mut guard = w.guard_of(&zhang, "G0001").await;
    guard.catch_up().await;
    // What woke it before does not count.
    while timeout(Duration::from_millis(400), guard.session.woken()).await.is_ok() {}
    let command = w.another_node().await;
    passwords::add(&command, &zhang, &id("G0001"), w.new_password("1", "135790"))
        .await
        .unwrap();
    command.close().await;
    assert!(
        timeout(Duration::from_millis(400), guard.session.woken())
            .await
            .is_err()
    );
    guard.session.heartbeat(Status::Working, None, None, guard.version);
    assert_eq!(
        timeout(Duration::from_secs(5), guard.session.woken()).await,
        Ok(Wake::Changed)
    );
    guard.catch_up().await;
    assert_eq!(guard.live(w.now()), 1);
    w.end().await;
}
