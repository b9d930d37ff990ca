//! Old months as files.

use crate::both;
use crate::guard_rig::{by_password, id};
use crate::harness::World;
use crate::partitions::{in_month, record};
use backend::archive::{ArchiveError, Archived, Step, archive, restore};
use backend::clock::SystemRng;
use backend::guard::{link, records};
use backend::rotation::rotate;
use backend::{Actor, put_master_key_in_front};
use domain::error::Refusal;
use sqlx::{AnyConnection, Connection as _, Row};
use std::path::Path;
use std::time::Duration;

const OWNER: &str = "13800000001";

async fn fill(w: &World) {
    for seq in 0..50 {
        record(w, OWNER, seq, in_month("2025-11", seq)).await;
    }
    fill_events(w).await;
}

async fn fill_events(w: &World) {
    for (seq, month) in [(1, "2025-12"), (2, "2026-01"), (3, "2026-02")] {
        let at = in_month(month, 2).0;
        w.sql(&format!(
            "INSERT INTO events (yid, seq, at, kind, detail, received_at) VALUES (1234, {seq}, 5, 'started', 'two\n\"lines\", 둘', {at})"
        ))
        .await;
    }
}

async fn count(w: &World, table: &str) -> i64 {
    w.sql(&format!("SELECT count(*) FROM {table}")).await[0].get(0)
}

async fn run(w: &World, before: &str, dir: &Path, drop: bool) -> Result<Vec<Step>, ArchiveError> {
    let mut steps = Vec::new();
    archive(&w.b, before.parse().unwrap(), dir, drop, async |step| steps.push(step)).await?;
    Ok(steps)
}

/// What came back, and how much of it was not there.
async fn back(w: &World, from: &Path) -> Result<Vec<(String, u64, u64)>, ArchiveError> {
    let mut found = Vec::new();
    restore(&w.b, from, async |step| {
        if let Step::Restored { archived, new } = step {
            found.push((format!("{} {}", archived.table, archived.month), archived.rows, new));
        }
    })
    .await?;
    Ok(found)
}

/// Everything in both tables.
async fn rows(w: &World) -> Vec<String> {
    let mut texts = Vec::new();
    for sql in [
        "SELECT owner || ' ' || guard_id || ' ' || info || ' ' || COALESCE(service_numb, '-'), at, seq FROM records ORDER BY at, seq",
        "SELECT kind || ' ' || detail, yid, seq FROM events ORDER BY seq",
    ] {
        for row in w.sql(sql).await {
            texts.push(format!(
                "{} {} {}",
                row.get::<String, _>(0),
                row.get::<i64, _>(1),
                row.get::<i64, _>(2)
            ));
        }
    }
    texts
}

fn written(steps: &[Step]) -> Vec<(String, u64)> {
    let one = |step: &Step| match step {
        Step::Written(one) => Some((format!("{} {}", one.table, one.month), one.rows)),
        _ => None,
    };
    steps.iter().filter_map(one).collect()
}

fn months() -> Vec<(String, u64)> {
    [("events 2025-12", 1), ("records 2025-11", 30), ("records 2025-12", 20)]
        .map(|(name, rows)| (name.to_owned(), rows))
        .to_vec()
}

both! {
    async fn whole_months_before_the_one_named_are_written_once_and_stay_where_they_are(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        let steps = run(w, "2026-01", dir.path(), false).await.unwrap();
        assert_eq!(written(&steps), months());
        assert_eq!((count(w, "records").await, count(w, "events").await), (50, 3));
        let again = run(w, "2026-01", dir.path(), false).await.unwrap();
        assert!(again.iter().all(|step| matches!(step, Step::There(_))), "{again:?}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 6, "files and manifests, and nothing else");
        let manifest = std::fs::read_to_string(dir.path().join("records-2025-11.manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!((&manifest["rows"], &manifest["month"]), (&30.into(), &"2025-11".into()));
        assert!(run(w, "2027-01", dir.path(), true).await.is_err_and(|error| matches!(error, ArchiveError::NotOver(_))));
    }

    async fn what_was_dropped_is_in_the_files_and_nowhere_else(w: &World) {
        fill(w).await;
        let sealed = w.sql("SELECT info FROM records WHERE seq = 7").await[0].get::<String, _>(0);
        let dir = tempfile::tempdir().unwrap();
        let steps = run(w, "2026-01", dir.path(), true).await.unwrap();
        assert_eq!(written(&steps), months());
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Dropped(_))).count(), 3);
        assert_eq!((count(w, "records").await, count(w, "events").await), (0, 2));
        if w.is_postgres() {
            assert!(w.sql("SELECT 1 FROM pg_class WHERE relname = 'records_2025_11'").await.is_empty());
        }
        let file = std::fs::File::open(dir.path().join("records-2025-11.csv.gz")).unwrap();
        let mut rows = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
        let columns = rows.headers().unwrap().clone();
        let place = |name| columns.iter().position(|column| column == name).unwrap();
        let seventh = rows.records().map(Result::unwrap).find(|row| &row[place("seq")] == "7").unwrap();
        assert_eq!((&seventh[place("info")], &seventh[place("reason")]), (sealed.as_str(), "\\N"));
        assert_eq!(&seventh[place("service_numb")], "\\\\N", "a text that looks like nothing is none");
        assert!(run(w, "2026-01", dir.path(), true).await.unwrap().is_empty());
    }

    async fn what_comes_late_goes_into_a_file_of_its_own(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        run(w, "2026-01", dir.path(), true).await.unwrap();
        let first = std::fs::read(dir.path().join("records-2025-12.csv.gz")).unwrap();
        // As many as there were.
        for seq in 100..120 {
            record(w, OWNER, seq, in_month("2025-12", 1)).await;
        }
        let steps = run(w, "2026-01", dir.path(), true).await.unwrap();
        assert_eq!(written(&steps), [("records 2025-12".to_owned(), 20)]);
        assert_eq!(std::fs::read(dir.path().join("records-2025-12.csv.gz")).unwrap(), first);
        assert!(dir.path().join("records-2025-12.2.manifest.json").exists());
        assert_eq!(count(w, "records").await, 0);
    }

    async fn a_row_that_comes_after_the_file_was_written_is_not_lost(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        let late = in_month("2025-11", 9);
        let outcome = archive(&w.b, "2026-01".parse().unwrap(), dir.path(), true, async |step| {
            if matches!(step, Step::Written(Archived { table: "records", .. })) && count(w, "records").await == 50 {
                record(w, OWNER, 900, late).await;
            }
        })
        .await;
        let kept = w.sql("SELECT seq FROM records WHERE seq = 900").await;
        assert_eq!(kept.len(), 1);
        if w.is_postgres() {
            assert!(matches!(outcome, Err(ArchiveError::Changed { rows: 31, archived: 30, .. })), "{outcome:?}");
            assert_eq!(count(w, "records").await, 51);
        } else {
            outcome.unwrap();
            assert_eq!(count(w, "records").await, 1);
        }
    }

    async fn a_file_that_was_damaged_since_is_told_and_one_without_a_manifest_is_left_alone(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("records-2025-11.csv.gz");
        std::fs::write(&file, "what an interrupted run left behind").unwrap();
        let steps = run(w, "2025-12", dir.path(), false).await.unwrap();
        assert_eq!(written(&steps), [("records 2025-11".to_owned(), 30)]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "what an interrupted run left behind");
        let file = dir.path().join("records-2025-11.2.csv.gz");
        let good = std::fs::read(&file).unwrap();
        // In its head, of which the compression takes no sum; in the middle; at the end.
        for at in [4, good.len() / 2, good.len() - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
            for drop in [false, true] {
                let again = run(w, "2025-12", dir.path(), drop).await;
                assert!(matches!(again, Err(ArchiveError::Damaged { .. })), "{at}: {again:?}");
            }
        }
        assert_eq!(count(w, "records").await, 50);
        std::fs::write(&file, good).unwrap();
        run(w, "2025-12", dir.path(), true).await.unwrap();
        assert_eq!(count(w, "records").await, 20);
    }

    async fn what_was_dropped_comes_back_and_is_read_as_before(w: &World) {
        let who = w.owner(OWNER).await;
        w.guard_of(&who, "G0001").await;
        let some: Vec<_> = (1..=60).map(|seq| by_password(seq, w.now(), "1")).collect();
        for some in some.chunks(30) {
            link::store_records(&w.b, &id("G0001"), some).await.unwrap();
        }
        for (month, first) in [("2025-11", 1), ("2025-12", 31)] {
            let start = in_month(month, 0).0;
            w.sql(&format!("UPDATE records SET at = {start} + seq WHERE seq BETWEEN {first} AND {first} + 29")).await;
        }
        fill_events(w).await;
        let before = rows(w).await;
        let dir = tempfile::tempdir().unwrap();
        run(w, "2026-01", dir.path(), true).await.unwrap();
        assert_eq!((count(w, "records").await, count(w, "events").await), (0, 2));
        assert_eq!(back(w, &dir.path().join("records-2025-12.csv.gz")).await.unwrap(), [("records 2025-12".to_owned(), 30, 30)]);
        assert_eq!(count(w, "records").await, 30);
        // The rest of the directory; what is there already stays as it is.
        let all = back(w, dir.path()).await.unwrap();
        let expected = [("events 2025-12", 1, 1), ("records 2025-11", 30, 30), ("records 2025-12", 30, 0)];
        assert_eq!(all, expected.map(|(name, rows, new)| (name.to_owned(), rows, new)));
        assert_eq!(rows(w).await, before);
        if w.is_postgres() {
            assert_eq!(count(w, "ONLY records_default").await, 0, "each month is a table of its own again");
        }
        // After the key was replaced it is sealed under the new one, as long as the old one is there.
        run(w, "2026-01", dir.path(), true).await.unwrap();
        let path = put_master_key_in_front(w.dir(), &SystemRng).unwrap();
        let both = w.open_again().await.unwrap();
        rotate(&both, &Actor::Cli, async |_| {}).await.unwrap();
        restore(&both, dir.path(), async |_| {}).await.unwrap();
        both.close().await;
        assert_eq!(count(w, "records").await, 60);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().next().unwrap()).unwrap();
        let new = w.open_again().await.unwrap();
        let filter = records::Filter { limit: 200, ..records::Filter::default() };
        let owner = w.known(OWNER).await;
        records::page(&new, &owner, &owner.phone, &filter).await.unwrap();
        w.sql("DELETE FROM records").await;
        let missing = restore(&new, dir.path(), async |_| {}).await;
        assert!(matches!(missing, Err(ArchiveError::MissingKey { .. })), "{missing:?}");
        assert_eq!(count(w, "records").await, 0);
        new.close().await;
    }

    async fn what_is_damaged_or_no_archive_is_not_restored(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        run(w, "2026-01", dir.path(), true).await.unwrap();
        let empty = tempfile::tempdir().unwrap();
        for none in [empty.path().to_owned(), empty.path().join("records-2025-11.csv.gz"), dir.path().join("records-2025-11.manifest.json")] {
            let refused = back(w, &none).await;
            assert!(matches!(refused, Err(ArchiveError::NoArchive { .. })), "{refused:?}");
        }
        let file = dir.path().join("records-2025-12.csv.gz");
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        // The others of the directory are not restored either.
        assert!(matches!(back(w, dir.path()).await, Err(ArchiveError::Damaged { .. })));
        assert_eq!((count(w, "records").await, count(w, "events").await), (0, 2));
        let manifest = dir.path().join("events-2025-12.manifest.json");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, text.replace("\"events\"", "\"people\"")).unwrap();
        let foreign = back(w, &dir.path().join("events-2025-12.csv.gz")).await;
        assert!(matches!(foreign, Err(ArchiveError::Foreign { .. })), "{foreign:?}");
    }

    async fn nothing_is_dropped_whose_file_is_damaged(w: &World) {
        fill(w).await;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("records-2025-11.csv.gz");
        let outcome = archive(&w.b, "2026-01".parse().unwrap(), dir.path(), true, async |step| {
            if matches!(step, Step::Written(Archived { table: "records", .. })) {
                let mut bytes = std::fs::read(&file).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&file, bytes).unwrap();
            }
        })
        .await;
        assert!(matches!(outcome, Err(ArchiveError::Damaged { .. })), "{outcome:?}");
        assert_eq!(count(w, "records").await, 50);
        let again = run(w, "2026-01", dir.path(), true).await;
        assert!(matches!(again, Err(ArchiveError::Damaged { .. })));
        assert_eq!(count(w, "records").await, 50);
        assert!(!matches!(again, Err(ArchiveError::Database(Refusal::Internal))));
    }
}

#[tokio::test]
async fn a_row_that_is_being_added_when_its_month_is_dropped_is_not_lost() {
    let Some(w) = World::postgres().await else { return };
    fill(&w).await;
    let dir = tempfile::tempdir().unwrap();
    run(&w, "2025-12", dir.path(), false).await.unwrap();
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&w.url).await.unwrap();
    let mut adding = other.begin().await.unwrap();
    let late = format!(
        "INSERT INTO records (owner, at, guard_id, seq, way, opened, info, received_at) VALUES ('{OWNER}', {}, 'G0001', 900, 2, 1, 'x', 1)",
        in_month("2025-11", 9).0
    );
    sqlx::query(&late).execute(&mut *adding).await.unwrap();
    let dropping = run(&w, "2025-12", dir.path(), true);
    let added = async {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        adding.commit().await.unwrap();
    };
    let (dropped, ()) = tokio::join!(dropping, added);
    assert!(
        matches!(
            dropped,
            Err(ArchiveError::Changed {
                rows: 31,
                archived: 30,
                ..
            })
        ),
        "{dropped:?}"
    );
    assert_eq!(count(&w, "records").await, 51);
    other.close().await.unwrap();
    w.end().await;
}
