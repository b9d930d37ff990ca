//! Old months as files.

use crate::both;
use crate::harness::World;
use crate::partitions::{in_month, record};
use backend::archive::{ArchiveError, Archived, Step, archive};
use domain::error::Refusal;
use sqlx::{AnyConnection, Connection as _, Row};
use std::path::Path;
use std::time::Duration;

const OWNER: &str = "13800000001";

async fn fill(w: &World) {
    for seq in 0..50 {
        record(w, OWNER, seq, in_month("2025-11", seq)).await;
    }
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
