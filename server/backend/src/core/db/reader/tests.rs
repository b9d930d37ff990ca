use super::*;
use crate::core::db::{Row, is_damage, row, sql};
use std::sync::atomic::AtomicU32;
use std::thread::ThreadId;
use tempfile::TempDir;

/// Takes a few hundred milliseconds.
const LONG: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
const SHORT: &str = "SELECT n FROM t WHERE n = 1";

row! {
    #[derive(Debug, PartialEq)]
    struct Numbered {
        n: i64,
        word: Option<String>,
    }
}

/// A number, and the thread that read it.
struct ReadOn(i64, ThreadId);

impl Row for ReadOn {
    const COLUMNS: &'static [&'static str] = &[""];

    fn read(cells: &Cells<'_>) -> Result<Self, Error> {
        Ok(Self(cells.get(0)?, std::thread::current().id()))
    }
}

/// A reader of a file with the numbers up to 5000, and a connection that writes to it.
fn reader() -> (TempDir, Reader, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (n BIGINT PRIMARY KEY, word TEXT);
             INSERT INTO t (n) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n",
        )
        .unwrap();
    let reader = Reader::new(&file::url_of(&path)).unwrap();
    (dir, reader, writer)
}

async fn all<T: Row>(reader: &Reader, text: &'static str) -> Result<Vec<T>, Error> {
    read(reader, Statement::new(text), Wanted::All).await
}

async fn read<T: Row>(reader: &Reader, statement: Statement<'_>, wanted: Wanted) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    reader.read(statement, wanted, &mut rows).await?;
    Ok(rows)
}

#[tokio::test]
async fn short_reads_run_in_the_calling_thread_and_long_or_large_ones_do_not() {
    let (_dir, reader, _writer) = reader();
    let here = std::thread::current().id();
    let rows: Vec<ReadOn> = all(&reader, SHORT).await.unwrap();
    assert!(rows.len() == 1 && rows[0].0 == 1 && rows[0].1 == here);
    let rows: Vec<ReadOn> = all(&reader, LONG).await.unwrap();
    assert!(rows.len() == 1 && rows[0].0 == 3_000_000 && rows[0].1 != here);
    let rows: Vec<ReadOn> = all(&reader, "SELECT n FROM t ORDER BY n").await.unwrap();
    assert!(rows.len() == 5000 && rows.iter().all(|row| row.1 != here));
    let rows: Vec<ReadOn> = read(&reader, sql!(const SHORT).slow(), Wanted::All).await.unwrap();
    assert!(rows[0].1 != here);
    let first = read::<ReadOn>(&reader, sql!("SELECT n FROM t ORDER BY n"), Wanted::First).await;
    let first = first.unwrap();
    assert!(
        first.len() == 1 && first[0].1 == here,
        "one row of many is a short read"
    );
}

#[tokio::test]
async fn long_reads_keep_nobody_on_their_thread_waiting() {
    let (_dir, reader, _writer) = reader();
    let short = Arc::new(AtomicU32::new(0));
    let (others, counted) = (reader.clone(), short.clone());
    let beside = tokio::spawn(async move {
        loop {
            all::<i64>(&others, SHORT).await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..3 {
        let before = short.load(Ordering::Relaxed);
        all::<i64>(&reader, LONG).await.unwrap();
        // This runtime has one thread: in it none would have run.
        assert!(short.load(Ordering::Relaxed) > before + 20);
    }
    beside.abort();
}

#[tokio::test]
async fn reads_that_are_given_up_end() {
    let (_dir, reader, _writer) = reader();
    for _ in 0..2 {
        let endless = futures::future::join_all((0..ASIDE).map(|_| all::<i64>(&reader, ENDLESS)));
        assert!(timeout(Duration::from_millis(100), endless).await.is_err());
    }
    // All of them are needed for this.
    let turns = timeout(Duration::from_secs(10), reader.0.turns.acquire_many(ASIDE)).await;
    assert!(turns.is_ok());
}

#[tokio::test]
async fn a_read_sees_what_was_committed_before_it_and_holds_up_no_checkpoint() {
    let (_dir, reader, writer) = reader();
    for number in 6000..6050 {
        writer.execute("INSERT INTO t (n) VALUES (?1)", [number]).unwrap();
        let newest: Vec<i64> = all(&reader, "SELECT max(n) FROM t").await.unwrap();
        assert_eq!(newest, [number]);
        // Left behind after its first row.
        read::<i64>(&reader, sql!("SELECT n FROM t"), Wanted::First)
            .await
            .unwrap();
    }
    let busy: i64 = writer
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 0, "a reader is in a transaction");
}

#[tokio::test]
async fn a_read_waits_for_another_process_on_another_thread() {
    let (_dir, reader, writer) = reader();
    let row = writer.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0));
    assert_eq!(row.unwrap(), "exclusive");
    writer.execute("INSERT INTO t (n) VALUES (0)", []).unwrap();
    let here = std::thread::current().id();
    let (rows, ()) = tokio::join!(all::<ReadOn>(&reader, SHORT), async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(writer);
    });
    assert!(rows.unwrap()[0].1 != here);
}

#[tokio::test]
async fn nothing_is_written_and_wrong_statements_say_what_is_wrong() {
    let (_dir, reader, _writer) = reader();
    let code = |error: Error| error.as_database_error().unwrap().code().unwrap().into_owned();
    let refused = all::<i64>(&reader, "DELETE FROM t WHERE n = 1 RETURNING n")
        .await
        .unwrap_err();
    assert_eq!(code(refused), "8");
    assert_eq!(
        all::<i64>(&reader, SHORT).await.unwrap(),
        [1],
        "and the next one is read"
    );
    assert_eq!(
        code(all::<i64>(&reader, "SELECT nothing FROM t").await.unwrap_err()),
        "1"
    );
    let error = all::<i64>(&reader, "SELECT n FROM t WHERE n = $1").await.unwrap_err();
    assert!(error.to_string().contains("no value for parameter 1"), "{error}");
    // Also where the same text was read into other rows before.
    assert_eq!(all::<i64>(&reader, SHORT).await.unwrap(), [1]);
    let error = all::<Numbered>(&reader, SHORT).await.unwrap_err();
    assert!(error.to_string().contains("columns"), "{error}");
    assert_eq!(all::<i64>(&reader, SHORT).await.unwrap(), [1]);
}

#[tokio::test]
async fn values_reach_their_parameters_and_columns_their_kinds() {
    let (_dir, reader, writer) = reader();
    writer.execute("UPDATE t SET word = 'x' WHERE n = 2", []).unwrap();
    let numbered = sql!("SELECT n, word FROM t WHERE word = $2 AND n = $1", 2, "x");
    let rows: Vec<Numbered> = read(&reader, numbered, Wanted::All).await.unwrap();
    let word = Some("x".to_owned());
    assert_eq!(rows, [Numbered { n: 2, word }]);
    let none = sql!("SELECT n FROM t WHERE word = $1", None::<&str>);
    assert!(read::<i64>(&reader, none, Wanted::All).await.unwrap().is_empty());
    assert!(is_damage(
        &all::<String>(&reader, "SELECT word FROM t WHERE n = 1")
            .await
            .unwrap_err()
    ));
    assert!(is_damage(
        &all::<i64>(&reader, "SELECT word FROM t WHERE n = 2").await.unwrap_err()
    ));
    writer
        .execute("UPDATE t SET word = CAST(x'C1' AS TEXT) WHERE n = 2", [])
        .unwrap();
    assert!(is_damage(
        &all::<String>(&reader, "SELECT word FROM t WHERE n = 2")
            .await
            .unwrap_err()
    ));
}

#[tokio::test]
async fn a_closed_reader_lets_go_of_the_file_and_reads_no_more() {
    let (dir, reader, writer) = reader();
    all::<i64>(&reader, SHORT).await.unwrap();
    all::<i64>(&reader, LONG).await.unwrap();
    drop(writer);
    let log = dir.path().join("x.db-wal");
    assert!(log.exists());
    reader.close().await;
    assert!(!log.exists(), "the last connection is closed");
    assert!(matches!(all::<i64>(&reader, SHORT).await, Err(Error::PoolClosed)));
    let aside = read::<i64>(&reader, sql!(const SHORT).slow(), Wanted::All).await;
    assert!(matches!(aside, Err(Error::PoolClosed)));
}

#[test]
fn only_files_opened_the_usual_way_are_read_like_this() {
    assert!(Reader::new("sqlite:x.db").is_some() && Reader::new("sqlite:x.db?mode=rwc").is_some());
    assert!(Reader::new("sqlite::memory:").is_none() && Reader::new("sqlite:x.db?immutable=1").is_none());
}

/// `.cargo/config.toml` asks for it: with either, threads that read wait for each other.
#[test]
fn sqlite_has_no_lock_that_all_connections_share() {
    let connection = Connection::open_in_memory().unwrap();
    let mut options = connection.prepare("PRAGMA compile_options").unwrap();
    let options: Vec<String> = options
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(
        options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"),
        "{options:?}"
    );
    assert!(
        options.iter().all(|option| option != "ENABLE_MEMORY_MANAGEMENT"),
        "{options:?}"
    );
}
