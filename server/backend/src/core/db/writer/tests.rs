use super::*;
use sqlx::Row as _;
use std::path::PathBuf;
use std::str::FromStr;

/// A table in a file of its own.
async fn writer() -> (tempfile::TempDir, PathBuf, Writer) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    crate::core::db::file::make_private(&path).unwrap();
    let options = SqliteConnectOptions::from_str(&crate::core::db::file::url_of(&path)).unwrap();
    let writer = Writer::start(options, Some(Watched::open(path.clone()).unwrap()), TURN_WITHIN).await;
    let writer = writer.unwrap();
    let table = "CREATE TABLE t (n BIGINT NOT NULL, of BIGINT REFERENCES t2 (n) DEFERRABLE INITIALLY DEFERRED)";
    for sql in ["CREATE TABLE t2 (n BIGINT PRIMARY KEY)", table] {
        let mut turn = writer.turn(Durability::Full, Work::Statement).await.unwrap();
        run(&mut turn, sql).await.unwrap();
        turn.commit().await.unwrap();
    }
    (dir, path, writer)
}

async fn run(turn: &mut Turn, sql: &str) -> Result<(), Error> {
    sqlx::query(sql).execute(turn.connection()?).await.map(|_| ())
}

async fn add(writer: &Writer, number: i64) -> Result<(), Error> {
    let mut turn = writer.turn(Durability::Full, Work::Several).await?;
    run(&mut turn, &format!("INSERT INTO t (n) VALUES ({number})")).await?;
    turn.commit().await
}

/// What somebody else finds there.
async fn numbers(path: &std::path::Path) -> Vec<i64> {
    let url = crate::core::db::file::url_of(path);
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query("SELECT n FROM t ORDER BY n")
        .fetch_all(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn soon<T>(work: impl Future<Output = T>) -> Option<T> {
    timeout(Duration::from_millis(100), work).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turns_that_wait_together_are_answered_after_one_commit() {
    let (_dir, path, writer) = writer().await;
    let mut first = writer.turn(Durability::Full, Work::Several).await.unwrap();
    run(&mut first, "INSERT INTO t (n) VALUES (1)").await.unwrap();
    let second = tokio::spawn({
        let writer = writer.clone();
        async move { writer.turn(Durability::Full, Work::Several).await.unwrap() }
    });
    // It waits in line by then.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut first = Box::pin(first.commit());
    assert!(soon(&mut first).await.is_none(), "answered before the commit");
    assert!(numbers(&path).await.is_empty());
    let mut second = second.await.unwrap();
    run(&mut second, "INSERT INTO t (n) VALUES (2)").await.unwrap();
    // Undone, and without harm to the other.
    drop(second);
    first.await.unwrap();
    assert_eq!(numbers(&path).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_comes_alone_is_committed_by_itself_and_one_among_others_with_them() {
    let (_dir, path, writer) = writer().await;
    let statement = || writer.turn(Durability::Full, Work::Statement);
    let mut alone = statement().await.unwrap();
    run(&mut alone, "INSERT INTO t (n) VALUES (1)").await.unwrap();
    assert_eq!(numbers(&path).await, [1], "before the turn ends");
    alone.commit().await.unwrap();

    let mut refused = statement().await.unwrap();
    let error = run(&mut refused, "INSERT INTO t (n) VALUES (2), (NULL)")
        .await
        .unwrap_err();
    refused.failed(&error);

    let several = writer.turn(Durability::Full, Work::Several).await.unwrap();
    let mut among = Box::pin(statement());
    assert!(futures::poll!(among.as_mut()).is_pending(), "it waits in line");
    let several = tokio::spawn(several.commit());
    let mut among = among.await.unwrap();
    run(&mut among, "INSERT INTO t (n) VALUES (3)").await.unwrap();
    assert_eq!(numbers(&path).await, [1], "before the commit of both");
    among.commit().await.unwrap();
    several.await.unwrap().unwrap();
    assert_eq!(numbers(&path).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_is_answered_when_what_it_saw_is_committed() {
    let (_dir, path, writer) = writer().await;
    let mut first = writer.turn(Durability::Full, Work::Several).await.unwrap();
    run(&mut first, "INSERT INTO t (n) VALUES (1)").await.unwrap();
    let looking = tokio::spawn({
        let (writer, path) = (writer.clone(), path.clone());
        async move {
            let mut turn = writer.turn(Durability::Full, Work::Several).await.unwrap();
            let seen = sqlx::query("SELECT n FROM t")
                .fetch_all(turn.connection().unwrap())
                .await
                .unwrap();
            turn.rollback().await.unwrap();
            (seen.len(), numbers(&path).await)
        }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    first.commit().await.unwrap();
    assert_eq!(looking.await.unwrap(), (1, vec![1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_must_last_waits_for_the_disk_and_what_may_be_lost_does_not() {
    let (_dir, _path, writer) = writer().await;
    for (durability, expected) in [
        (Durability::Full, 2),
        (Durability::Relaxed, 1),
        (Durability::Relaxed, 1),
        (Durability::Full, 2),
    ] {
        let mut turn = writer.turn(durability, Work::Statement).await.unwrap();
        let row = sqlx::query("PRAGMA synchronous")
            .fetch_one(turn.connection().unwrap())
            .await;
        assert_eq!(row.unwrap().get::<i64, _>(0), expected, "{durability:?}");
        turn.commit().await.unwrap();
    }
    // Somebody whose answer must last never shares the commit of one who does not care.
    let lax = writer.turn(Durability::Relaxed, Work::Statement).await.unwrap();
    let strict = tokio::spawn({
        let writer = writer.clone();
        async move { writer.turn(Durability::Full, Work::Statement).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(soon(lax.commit()).await.map(|outcome| outcome.is_ok()), Some(true));
    let mut strict = strict.await.unwrap();
    let row = sqlx::query("PRAGMA synchronous")
        .fetch_one(strict.connection().unwrap())
        .await;
    assert_eq!(row.unwrap().get::<i64, _>(0), 2);
}

/// Everybody in the transaction is told, and the next one is done over another connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_transaction_is_over_and_nothing_of_it_stays() {
    let (_dir, path, writer) = writer().await;
    // The file is full, a row cannot be committed, a commit finds that its transaction has ended already, and nobody is to begin another.
    for (number, fault) in (1..).zip([
        "PRAGMA max_page_count = 1",
        "INSERT INTO t (n, of) VALUES (0, 77)",
        "ROLLBACK",
        "RELEASE turn",
    ]) {
        let mut bad = writer.turn(Durability::Full, Work::Several).await.unwrap();
        let good = tokio::spawn({
            let writer = writer.clone();
            async move {
                let mut turn = writer.turn(Durability::Full, Work::Several).await?;
                for _ in 0..2_000 {
                    run(&mut turn, "INSERT INTO t (n) VALUES (1000000)").await?;
                }
                turn.commit().await
            }
        });
        run(&mut bad, "INSERT INTO t (n) VALUES (1000001)").await.unwrap();
        run(&mut bad, fault).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let bad = bad.commit().await;
        let good = good.await.unwrap();
        // Where the fault is found out at the end of the first turn, the second one is in another transaction already.
        assert!(
            good.is_err() || ["ROLLBACK", "RELEASE turn"].contains(&fault),
            "{fault}"
        );
        assert!(bad.is_err() || fault == "PRAGMA max_page_count = 1", "{fault}");
        let late = Instant::now() + Duration::from_secs(5);
        while add(&writer, number).await.is_err() {
            assert!(Instant::now() < late, "{fault}: not over");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let there = numbers(&path).await;
        let expected: Vec<i64> = (1..=number).collect();
        assert!(
            !there.contains(&1_000_001) || fault == "PRAGMA max_page_count = 1",
            "{fault}: it stays"
        );
        let own: Vec<i64> = there.into_iter().filter(|n| *n < 1_000_000).collect();
        assert_eq!(own, expected, "{fault}");
        let mut turn = writer.turn(Durability::Full, Work::Statement).await.unwrap();
        run(&mut turn, "DELETE FROM t WHERE n >= 1000000").await.unwrap();
        turn.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turns_waiting_at_the_end_are_done_and_later_ones_are_rejected() {
    let (_dir, path, writer) = writer().await;
    let adding = futures::future::join_all((0..50).map(|number| add(&writer, number)));
    for outcome in adding.await {
        outcome.unwrap();
    }
    writer.close().await;
    assert!(writer.is_closed());
    assert!(matches!(add(&writer, 99).await, Err(Error::PoolClosed)));
    assert_eq!(numbers(&path).await.len(), 50);
    assert!(!path.with_extension("db-wal").exists(), "the connection is closed");
}
