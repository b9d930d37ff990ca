//! Backups: whole or refused.

use crate::copy::{filled, ways};
use crate::harness::Place;
use backend::clock::{Clock, SystemClock};
use backend::copy::{CopyError, Restore, Step, backup, restore};
use backend::guard::link;
use backend::{Backend, migrations};
use sha2::{Digest, Sha256};
use sqlx::Row;
use std::path::{Path, PathBuf};

async fn backed_up(source: &Place, dir: &Path) -> Result<PathBuf, CopyError> {
    backup(&source.url, dir, SystemClock.now(), async |_| {}).await
}

fn what<'a>(file: &'a Path, target: &'a Place) -> Restore<'a> {
    Restore {
        file,
        to: &target.url,
        aside: target.dir.path(),
        start_over: false,
        unchecked: false,
        now: SystemClock.now(),
    }
}

async fn restored(file: &Path, target: &Place) -> Result<(), CopyError> {
    restore(what(file, target), async |_| {}).await
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn beside(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.sha256", file.display()))
}

fn sha256(file: &Path) -> String {
    let hash = Sha256::digest(std::fs::read(file).unwrap());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Nobody has made a database there.
async fn is_untouched(target: &Place) -> bool {
    migrations::look(&target.url)
        .await
        .map_or(true, |versions| versions.from == 0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_restored_on_either_engine_and_guards_begin_a_new_history() {
    for (source, target) in ways().await {
        filled(&source).await;
        let node = Backend::open(source.config(source.dir.path())).await.unwrap();
        let epoch = link::epoch(&node).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut verified = 0;
        let file = backup(&source.url, dir.path(), node.now(), async |step| {
            verified += u64::from(matches!(step, Step::Verified { .. }));
        })
        .await
        .unwrap();
        assert!(verified >= 26);
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let checksum = format!("{name}.sha256");
        assert_eq!(names(dir.path()), [name.clone(), checksum], "nothing else beside it");
        // As sha256sum writes and reads it.
        let written = std::fs::read_to_string(beside(&file)).unwrap();
        assert_eq!(written, format!("{}  {name}\n", sha256(&file)));
        #[cfg(unix)]
        for path in [&file, &beside(&file)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        node.close().await;
        restored(&file, &target).await.unwrap();
        let again = Backend::open(target.config(source.dir.path())).await.unwrap();
        assert!(link::epoch(&again).await.unwrap() > epoch);
        again.close().await;
        assert!(names(target.dir.path()).iter().all(|name| !name.ends_with(".part")));
        source.end().await;
        target.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_with_one_bit_changed_is_refused_wherever_it_is() {
    let source = Place::sqlite();
    filled(&source).await;
    let dir = tempfile::tempdir().unwrap();
    let file = backed_up(&source, dir.path()).await.unwrap();
    let good = std::fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(good.len() / 9).chain([good.len() - 1]) {
        let mut bytes = good.clone();
        bytes[at] ^= 4;
        std::fs::write(&file, bytes).unwrap();
        let target = Place::sqlite();
        let refused = restored(&file, &target).await;
        assert!(matches!(refused, Err(CopyError::Damaged { .. })), "{at}: {refused:?}");
        assert!(is_untouched(&target).await, "{at}");
        assert!(
            names(target.dir.path()).iter().all(|name| !name.ends_with(".part")),
            "{at}"
        );
    }
    // Cut off, too.
    std::fs::write(&file, &good[..good.len() - 4096]).unwrap();
    let target = Place::sqlite();
    assert!(matches!(restored(&file, &target).await, Err(CopyError::Damaged { .. })));
    std::fs::write(&file, &good).unwrap();
    restored(&file, &target).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_without_its_checksum_is_restored_only_if_that_is_asked_for() {
    let (source, target) = (Place::sqlite(), Place::sqlite());
    filled(&source).await;
    let dir = tempfile::tempdir().unwrap();
    let file = backed_up(&source, dir.path()).await.unwrap();
    std::fs::remove_file(beside(&file)).unwrap();
    let refused = restored(&file, &target).await;
    assert!(matches!(refused, Err(CopyError::NoChecksum { .. })), "{refused:?}");
    assert!(is_untouched(&target).await);
    let unchecked = Restore {
        unchecked: true,
        ..what(&file, &target)
    };
    restore(unchecked, async |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_killed_backups_left_behind_is_removed_by_the_next_one() {
    let source = Place::sqlite();
    filled(&source).await;
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "latchkey-2026-01-01T00-00-00.000Z.db.part",
        "latchkey-2026-01-02T00-00-00.000Z.db.part",
    ] {
        let part = dir.path().join(name);
        std::fs::create_dir(&part).unwrap();
        std::fs::write(part.join("copy.db"), "half").unwrap();
    }
    // Not ours.
    std::fs::create_dir(dir.path().join("photos.part")).unwrap();
    std::fs::write(dir.path().join("latchkey-notes.part"), "mine").unwrap();
    let file = backed_up(&source, dir.path()).await.unwrap();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let checksum = format!("{name}.sha256");
    let left = ["latchkey-notes.part".to_owned(), "photos.part".to_owned()];
    let mut expected = vec![name, checksum];
    expected.extend(left);
    expected.sort();
    assert_eq!(names(dir.path()), expected);
    // One that is under way is left alone, and the second one says so.
    let mut second = None;
    let later = SystemClock.now().plus(1_000);
    backup(&source.url, dir.path(), later, async |step| {
        if second.is_none() && matches!(step, Step::Copied { .. }) {
            second = Some(backup(&source.url, dir.path(), later.plus(1_000), async |_| {}).await);
        }
    })
    .await
    .unwrap();
    assert!(matches!(second, Some(Err(CopyError::UnderWay { .. }))), "{second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_an_older_version_is_brought_up_to_date_on_its_way_and_stays_what_it_is() {
    let (source, target) = (Place::sqlite(), Place::sqlite());
    filled(&source).await;
    // As it was before the newest tables and columns.
    for sql in [
        "ALTER TABLE businesses DROP COLUMN retired_at",
        "ALTER TABLE kiosks DROP COLUMN retired_at",
        "DROP TABLE changes",
        "DROP TABLE idempotency_keys",
        "DROP TABLE registration_codes",
        "DROP TABLE revocations",
        "DROP TABLE search_backlog",
        "DROP TABLE search_keys",
        "DROP TABLE search_terms",
        "DROP TABLE search_waiting",
        "DROP INDEX evidence_latest",
        "DROP INDEX records_alarms",
        "DROP TABLE shown_secrets",
        "DROP TABLE upload_parts",
        "DROP TABLE uploads",
        "DROP TABLE setting_changes",
        "DROP TABLE vouchers_made",
        "DROP TABLE push_keys",
        "DROP TABLE push_subscriptions",
        "DROP TABLE push_events",
        "DROP TABLE push_sends",
        "DELETE FROM settings WHERE name = 'search'",
        "ALTER TABLE evidence DROP COLUMN detail",
        "ALTER TABLE kiosks DROP COLUMN wiring",
        "ALTER TABLE kiosks DROP COLUMN wiring_revision",
        "ALTER TABLE people DROP COLUMN reassigned_at",
        "ALTER TABLE people DROP COLUMN reassigned_by",
    ] {
        source.sql(sql).await;
    }
    source.sql("DELETE FROM _sqlx_migrations WHERE version >= 20").await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("old.db");
    source.sql(&format!("VACUUM INTO '{}'", file.display())).await;
    let before = sha256(&file);
    std::fs::write(beside(&file), format!("{before}  old.db\n")).unwrap();
    restored(&file, &target).await.unwrap();
    assert_eq!(sha256(&file), before);
    assert_eq!(names(dir.path()), ["old.db", "old.db.sha256"]);
    assert!(migrations::look(&target.url).await.unwrap().is_current());
    let orders = target.sql("SELECT count(*) FROM orders").await;
    assert_eq!(orders[0].get::<i64, _>(0), 60);
    let node = Backend::open(target.config(source.dir.path())).await.unwrap();
    node.check().await.unwrap();
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_backup_is_refused() {
    let target = Place::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("other.db");
    let other = Place::sqlite();
    std::fs::File::create(other.dir.path().join("test.db")).unwrap();
    other.sql("CREATE TABLE notes (text TEXT)").await;
    other.sql(&format!("VACUUM INTO '{}'", file.display())).await;
    std::fs::write(beside(&file), format!("{}  other.db\n", sha256(&file))).unwrap();
    let refused = restored(&file, &target).await;
    assert!(matches!(refused, Err(CopyError::NoBackup { .. })), "{refused:?}");
    std::fs::write(&file, "no database").unwrap();
    std::fs::write(beside(&file), format!("{}  other.db\n", sha256(&file))).unwrap();
    assert!(restored(&file, &target).await.is_err());
    assert!(restored(&dir.path().join("nowhere.db"), &target).await.is_err());
    assert!(is_untouched(&target).await);
}
