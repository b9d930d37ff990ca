//! Several nodes start at once on a database nobody has opened yet.

use crate::harness::Place;
use backend::{Backend, OpenError, migrations};
use sqlx::Row;
use std::path::{Path, PathBuf};

const NODES: usize = 6;

async fn start_all(place: &Place, data: &[PathBuf]) -> Vec<Result<Backend, OpenError>> {
    let starts = data.iter().map(|data| tokio::spawn(Backend::open(place.config(data))));
    let starts: Vec<_> = starts.collect();
    let mut outcomes = Vec::new();
    for start in starts {
        outcomes.push(start.await.unwrap());
    }
    outcomes
}

/// A data directory each.
fn directories(place: &Place) -> Vec<PathBuf> {
    (0..NODES).map(|node| place.dir.path().join(node.to_string())).collect()
}

fn has_key(data: &Path) -> bool {
    data.join("master.key").exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_share_their_data_all_start_and_the_tables_are_made_once() {
    for place in Place::everywhere().await {
        let data = vec![place.dir.path().to_owned(); NODES];
        let nodes: Vec<Backend> = start_all(&place, &data).await.into_iter().map(Result::unwrap).collect();
        let applied = place
            .sql("SELECT count(*), count(DISTINCT version), max(version) FROM _sqlx_migrations")
            .await;
        let (count, different, newest): (i64, i64, i64) = (applied[0].get(0), applied[0].get(1), applied[0].get(2));
        assert_eq!(count, different, "one row a migration");
        assert_eq!(migrations::look(&place.url).await.unwrap().to, newest);
        for node in &nodes {
            node.check().await.unwrap();
            node.close().await;
        }
        let left: Vec<_> = std::fs::read_dir(place.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(
            left.iter().all(|name| !name.to_string_lossy().contains("new-")),
            "{left:?}"
        );
        place.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_nodes_with_keys_of_their_own_one_makes_the_database_and_the_others_say_what_they_need() {
    for place in Place::everywhere().await {
        let data = directories(&place);
        let (mut started, mut refused) = (Vec::new(), Vec::new());
        for (outcome, data) in start_all(&place, &data).await.into_iter().zip(&data) {
            match outcome {
                Ok(node) => {
                    node.close().await;
                    started.push(data);
                }
                Err(OpenError::OtherMasterKey { data_dir }) => {
                    assert_eq!(Path::new(&data_dir), data);
                    assert!(
                        !has_key(data),
                        "a key that is of no use must not be taken for the right one later"
                    );
                    refused.push(data);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((started.len(), refused.len()), (1, NODES - 1));
        std::fs::copy(started[0].join("master.key"), refused[0].join("master.key")).unwrap();
        let node = Backend::open(place.config(refused[0])).await.unwrap();
        node.close().await;
        place.end().await;
    }
}

#[tokio::test]
async fn a_database_older_than_its_key_check_is_known_by_what_is_sealed_there() {
    for place in Place::everywhere().await {
        let data = directories(&place);
        let node = Backend::open(place.config(&data[0])).await.unwrap();
        backend::demo::load_if_empty(&node).await.unwrap();
        node.close().await;
        place.sql("DELETE FROM settings WHERE name = 'key-check'").await;
        let other = Backend::open(place.config(&data[1])).await;
        assert!(matches!(other.err(), Some(OpenError::OtherMasterKey { .. })));
        Backend::open(place.config(&data[0])).await.unwrap().close().await;
        assert_eq!(
            place
                .sql("SELECT value FROM settings WHERE name = 'key-check'")
                .await
                .len(),
            1
        );
        place.end().await;
    }
}

#[tokio::test]
async fn a_key_that_was_put_in_front_is_known_without_the_old_one_later() {
    for place in Place::everywhere().await {
        let data = place.dir.path().join("node");
        Backend::open(place.config(&data)).await.unwrap().close().await;
        let key = data.join("master.key");
        let old = std::fs::read_to_string(&key).unwrap();
        let new = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n";
        std::fs::write(&key, new).unwrap();
        assert!(matches!(
            Backend::open(place.config(&data)).await.err(),
            Some(OpenError::OtherMasterKey { .. })
        ));
        assert!(has_key(&data), "a key somebody put there stays");
        for keys in [format!("{new}{old}"), new.to_owned(), format!("{new}{old}")] {
            std::fs::write(&key, keys).unwrap();
            Backend::open(place.config(&data)).await.unwrap().close().await;
        }
        std::fs::write(&key, old).unwrap();
        assert!(Backend::open(place.config(&data)).await.is_err(), "the old key is over");
        place.end().await;
    }
}

#[tokio::test]
async fn a_look_at_the_tables_changes_nothing() {
    for place in [Some(Place::sqlite()), Place::bare_postgres().await]
        .into_iter()
        .flatten()
    {
        if place.is_postgres() {
            assert_eq!(migrations::look(&place.url).await.unwrap().from, 0);
        } else {
            assert!(migrations::look(&place.url).await.is_err());
        }
        let made = migrations::migrate(&place.url).await.unwrap();
        assert!(made.from == 0 && made.to > 0);
        assert!(migrations::migrate(&place.url).await.unwrap().is_current());
        assert!(migrations::look(&place.url).await.unwrap().is_current());
        place.end().await;
    }
}

/// On Citus its tables are distributed by then.
#[tokio::test]
async fn migrations_reach_tables_that_are_in_use() {
    let Some(place) = Place::postgres().await else { return };
    migrations::migrate(&place.url).await.unwrap();
    for sql in [
        "ALTER TABLE compartments DROP COLUMN wanted",
        "DROP INDEX scans_kiosk",
        "ALTER TABLE owners DROP COLUMN reset_epoch",
        "DROP TABLE legacy_windows",
        "DROP TABLE nodes",
        "ALTER TABLE owners DROP COLUMN node",
        "ALTER TABLE guards DROP COLUMN node",
        "DELETE FROM _sqlx_migrations WHERE version IN (4, 5, 7, 12)",
        "INSERT INTO owners (phone, imei, epoch, ended_epoch, grade) VALUES ('13800000001', '', 1, 0, 0)",
    ] {
        place.sql(sql).await;
    }
    migrations::migrate(&place.url).await.unwrap();
    let node = Backend::open(place.config(place.dir.path())).await.unwrap();
    node.close().await;
    let rows = place.sql("SELECT phone, node, reset_epoch FROM owners").await;
    assert_eq!(rows.len(), 1);
    assert!(place.sql("SELECT wanted FROM compartments").await.is_empty());
    assert!(place.sql("SELECT epoch FROM legacy_windows").await.is_empty());
    place.end().await;
}
