//! A deployment moved to another database.

use crate::harness::Place;
use backend::copy::{CopyError, Step, copy};
use backend::{Backend, OpenError, demo, migrations};
use sqlx::Row;
use std::collections::BTreeMap;

/// A database with sample data, and that data's key.
pub async fn filled(place: &Place) {
    let b = Backend::open(place.config(place.dir.path())).await.unwrap();
    demo::load_if_empty(&b).await.unwrap();
    b.close().await;
}

/// A node starts on this database with that one's key, and ends.
async fn starts(database: &Place, key: &Place) {
    let b = Backend::open(database.config(key.dir.path())).await.unwrap();
    b.close().await;
}

/// What was verified, with its sums; the same for the same contents.
async fn copied(from: &str, to: &str) -> Result<BTreeMap<String, (u64, String)>, CopyError> {
    let mut verified = BTreeMap::new();
    copy(from, to, false, async |step| {
        if let Step::Verified { table, sum } = step {
            verified.insert(table, (sum.rows, sum.to_string()));
        }
    })
    .await?;
    Ok(verified)
}

/// Every way between the engines that are there.
pub async fn ways() -> Vec<(Place, Place)> {
    let mut ways = vec![(Place::sqlite(), Place::sqlite())];
    if let (Some(a), Some(b), Some(c), Some(d)) = (
        Place::postgres().await,
        Place::postgres().await,
        Place::postgres().await,
        Place::postgres().await,
    ) {
        ways.extend([(Place::sqlite(), a), (b, Place::sqlite()), (c, d)]);
    }
    ways
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_goes_to_postgresql_and_back_and_is_the_same() {
    let Some(postgres) = Place::postgres().await else {
        return;
    };
    let (first, last) = (Place::sqlite(), Place::sqlite());
    filled(&first).await;
    let there = copied(&first.url, &postgres.url).await.unwrap();
    let back = copied(&postgres.url, &last.url).await.unwrap();
    assert_eq!(there, back);
    assert!(
        there["orders"].0 >= 60 && there["records"].0 > 0 && there["events"].0 > 0,
        "{there:?}"
    );
    // Whatever table the engine names was copied.
    for place in [&first, &postgres] {
        let sql = if place.is_postgres() {
            "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'
             AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> '_sqlx_migrations' ORDER BY relname COLLATE \"C\""
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite%' ORDER BY name"
        };
        let names: Vec<String> = place.sql(sql).await.iter().map(|row| row.get(0)).collect();
        assert_eq!(names, there.keys().cloned().collect::<Vec<_>>());
    }
    // Old rows stand in the months they belong to.
    let rest = postgres.sql("SELECT count(*) FROM ONLY records_default").await;
    assert_eq!(rest[0].get::<i64, _>(0), 0);
    let again = Backend::open(last.config(first.dir.path())).await.unwrap();
    again.check().await.unwrap();
    again.close().await;
    postgres.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_during_a_copy_is_not_in_it_and_does_not_break_it() {
    for (source, target) in ways().await {
        filled(&source).await;
        let mut before = 0;
        copy(&source.url, &target.url, false, async |step| match step {
            Step::Copied { table, .. } if table == "businesses" => {
                source
                    .sql("UPDATE people SET name = 'changed during the copy' WHERE phone = '01000000002'")
                    .await;
                source.sql("DELETE FROM people WHERE phone = '01000000003'").await;
                source
                    .sql("INSERT INTO limits (what, tries, ends) VALUES ('new', 1, 1)")
                    .await;
            }
            Step::Verified { table, sum } if table == "people" => before = sum.rows,
            _ => {}
        })
        .await
        .unwrap();
        let names = target
            .sql("SELECT name FROM people WHERE phone IN ('01000000002', '01000000003') ORDER BY phone")
            .await;
        assert_eq!(names.len(), 2);
        assert_ne!(names[0].get::<String, _>(0), "changed during the copy");
        assert_eq!(source.sql("SELECT phone FROM people").await.len() as u64, before - 1);
        source.end().await;
        target.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_not_the_same_is_found_out_and_never_started() {
    for (source, target) in ways().await {
        filled(&source).await;
        let outcome = copy(&source.url, &target.url, false, async |step| {
            if matches!(step, Step::Copied { table, .. } if table == "sessions") {
                target
                    .sql("UPDATE orders SET address = address || '.' WHERE things_sq = '1007'")
                    .await;
            }
        })
        .await;
        let Err(CopyError::Differs {
            table,
            source_sum,
            target_sum,
        }) = outcome
        else {
            panic!("{outcome:?}")
        };
        assert_eq!((table.as_str(), source_sum.rows), ("orders", target_sum.rows));
        let started = Backend::open(target.config(source.dir.path())).await;
        assert!(matches!(started.err(), Some(OpenError::UnfinishedCopy)));
        // Neither a source nor, unless asked for, a target for another copy.
        let third = Place::sqlite();
        assert!(matches!(
            copied(&target.url, &third.url).await,
            Err(CopyError::SourceUnfinished)
        ));
        assert!(matches!(
            copied(&source.url, &target.url).await,
            Err(CopyError::TargetUnfinished)
        ));
        copy(&source.url, &target.url, true, async |_| {}).await.unwrap();
        starts(&target, &source).await;
        source.end().await;
        target.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_cut_off_is_started_over() {
    for (source, target) in ways().await {
        filled(&source).await;
        let (sent, received) = tokio::sync::oneshot::channel();
        let mut sent = Some(sent);
        let (from, to) = (source.url.clone(), target.url.clone());
        let half = tokio::task::LocalSet::new();
        half.run_until(async {
            let under_way = tokio::task::spawn_local(async move {
                copy(&from, &to, false, async |step| {
                    if matches!(step, Step::Copied { table, .. } if table == "guards") {
                        let _told = sent.take().unwrap().send(());
                        std::future::pending::<()>().await;
                    }
                })
                .await
            });
            received.await.unwrap();
            under_way.abort();
            assert!(under_way.await.unwrap_err().is_cancelled());
        })
        .await;
        let started = Backend::open(target.config(source.dir.path())).await;
        assert!(matches!(started.err(), Some(OpenError::UnfinishedCopy)));
        copy(&source.url, &target.url, true, async |_| {}).await.unwrap();
        starts(&target, &source).await;
        source.end().await;
        target.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_was_used_and_a_source_that_is_behind_are_refused() {
    for (source, target) in ways().await {
        filled(&source).await;
        assert!(matches!(copied(&source.url, &source.url).await, Err(CopyError::Same)));
        starts(&target, &target).await;
        let refused = copy(&source.url, &target.url, true, async |_| {}).await;
        assert!(matches!(refused, Err(CopyError::TargetHasData { table }) if table == "settings"));
        target
            .sql("INSERT INTO businesses (name, added_at) VALUES ('x', 1)")
            .await;
        let refused = copied(&source.url, &target.url).await;
        assert!(matches!(refused, Err(CopyError::TargetHasData { table }) if table == "businesses"));
        source.sql("DELETE FROM _sqlx_migrations WHERE version > 3").await;
        let third = Place::sqlite();
        assert!(matches!(copied(&source.url, &third.url).await, Err(CopyError::SourceBehind(v)) if v.from == 3));
        assert!(
            migrations::look(&third.url).await.is_err(),
            "a target that is not needed is not made"
        );
        source.end().await;
        target.end().await;
    }
}
