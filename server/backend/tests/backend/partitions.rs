//! Months as partitions of PostgreSQL.

use crate::harness::{DAY, Place, World};
use backend::guard::records;
use backend::partitions::Month;
use domain::ids::{Millis, Yid};
use domain::locker::events::{EventKind, KioskEvent};
use sqlx::Row;

/// The partitions of a table.
async fn partitions(w: &World, table: &str) -> Vec<String> {
    let sql =
        format!("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{table}'::regclass ORDER BY 1");
    w.sql(&sql).await.iter().map(|row| row.get(0)).collect()
}

async fn count(w: &World, from: &str) -> i64 {
    w.sql(&format!("SELECT count(*) FROM {from}")).await[0].get(0)
}

pub async fn record(w: &World, owner: &str, seq: i64, at: Millis) {
    w.sql(&format!(
        "INSERT INTO records (owner, at, guard_id, seq, way, opened, reason, service_numb, info, received_at)
         VALUES ('{owner}', {at}, 'G0001', {seq}, 2, 1, NULL, '\\N', 'sealed {seq}', {at})",
        at = at.0
    ))
    .await;
}

pub fn in_month(month: &str, day: i64) -> Millis {
    month.parse::<Month>().unwrap().start().plus(day * DAY)
}

#[tokio::test]
async fn months_are_made_ahead_by_the_first_node_that_comes() {
    let Some(w) = World::postgres().await else { return };
    for table in ["records", "events"] {
        let expected = ["2026_03", "2026_04", "default"].map(|end| format!("{table}_{end}"));
        assert_eq!(partitions(&w, table).await, expected);
    }
    let nodes = [w.another_node().await, w.another_node().await, w.another_node().await];
    w.pass(31 * DAY);
    let swept = nodes.iter().map(|node| {
        tokio::spawn({
            let node = node.clone();
            async move { node.sweep().await }
        })
    });
    for swept in swept.collect::<Vec<_>>() {
        swept.await.unwrap().unwrap();
    }
    assert_eq!(partitions(&w, "records").await.last().unwrap(), "records_default");
    assert!(partitions(&w, "records").await.contains(&"records_2026_05".to_owned()));
    for node in nodes {
        node.close().await;
    }
    w.end().await;
}

#[tokio::test]
async fn rows_without_a_month_wait_in_default_until_it_is_made_and_wild_times_stay_there() {
    let Some(w) = World::postgres().await else { return };
    let wild = [Millis(1), in_month("2019-12", 3), in_month("2031-01", 1)];
    for (seq, at) in (100..).zip(wild) {
        record(&w, "13800000001", seq, at).await;
    }
    for seq in 0..40 {
        record(&w, "13800000001", seq, in_month("2025-11", seq)).await;
    }
    assert_eq!(count(&w, "ONLY records_default").await, 43);
    w.b.sweep().await.unwrap();
    assert_eq!(count(&w, "ONLY records_default").await, 3);
    assert_eq!(
        (count(&w, "records_2025_11").await, count(&w, "records_2025_12").await),
        (30, 10)
    );
    assert_eq!(count(&w, "records").await, 43);
    let left = w.sql("SELECT at FROM ONLY records_default ORDER BY at").await;
    assert_eq!(left.iter().map(|row| Millis(row.get(0))).collect::<Vec<_>>(), wild);
    w.end().await;
}

#[tokio::test]
async fn what_was_there_before_the_months_is_there_afterwards() {
    let Some(place) = Place::bare_postgres().await else {
        return;
    };
    // As version 5 left it.
    backend::migrations::migrate(&place.url).await.unwrap();
    for sql in [
        "DROP TABLE records",
        "DROP TABLE events",
        "DELETE FROM settings WHERE name = 'partitions'",
        "DELETE FROM _sqlx_migrations WHERE version = 6",
    ] {
        place.sql(sql).await;
    }
    for name in ["0002_locker", "0003_guards"] {
        let file = format!("{}/../../migrations/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).unwrap();
        let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines
            .collect::<Vec<_>>()
            .join("\n")
            .replace("/* pg: COLLATE \"C\" */", "COLLATE \"C\"");
        for table in [
            "CREATE TABLE records",
            "CREATE INDEX records_guard",
            "CREATE TABLE events",
        ] {
            if let Some(at) = text.find(table) {
                place.sql(text[at..].split(';').next().unwrap()).await;
            }
        }
    }
    place.sql("INSERT INTO events (yid, seq, at, kind, received_at) SELECT 1234, n, n, 'started', 1767225600000 + n FROM generate_series(1, 100) n").await;
    place
        .sql("INSERT INTO records (owner, at, guard_id, seq, way, opened, info, received_at)
              SELECT '13800000001', 1764547200000 + n * 86400000::bigint, 'G0001', n, 2, 1, 'x', n FROM generate_series(1, 100) n")
        .await;
    let w = World::open(place).await;
    assert_eq!((count(&w, "events").await, count(&w, "records").await), (100, 100));
    assert_eq!(
        (
            count(&w, "ONLY events_default").await,
            count(&w, "ONLY records_default").await
        ),
        (0, 0)
    );
    assert_eq!(count(&w, "events_2026_01").await, 100);
    w.end().await;
}

/// The plan of a statement, as text.
async fn plan(w: &World, sql: &str) -> String {
    let rows = w.sql(&format!("EXPLAIN {sql}")).await;
    rows.iter()
        .map(|row| row.get::<String, _>(0))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn reading_prunes_or_is_a_range_of_one_index_in_each_month() {
    let Some(w) = World::postgres().await else { return };
    for month in 1..=12 {
        record(&w, "13800000001", month, in_month(&format!("2025-{month:02}"), 3)).await;
        w.sql(&format!(
            "INSERT INTO events (yid, seq, at, kind, received_at) VALUES (1234, {month}, 1, 'started', {})",
            in_month(&format!("2025-{month:02}"), 3).0
        ))
        .await;
    }
    w.b.sweep().await.unwrap();
    w.sql("INSERT INTO records (owner, at, guard_id, seq, way, opened, info, received_at)
           SELECT '1380000' || n % 97, 1735689600000 + n * 600000::bigint, 'G' || n % 997, n, 2, 1, 'x', 1 FROM generate_series(1, 50000) n").await;
    for table in ["records", "events"] {
        w.sql(&format!("ANALYZE {table}")).await;
    }
    let from = in_month("2025-06", 0).0;
    let range = format!("owner = '138000042' AND at >= {from} AND at < {}", from + 20 * DAY);
    let one_month = plan(
        &w,
        &format!("SELECT info FROM records WHERE {range} ORDER BY at, guard_id, seq LIMIT 100"),
    )
    .await;
    assert!(
        one_month.contains("records_2025_06") && !one_month.contains("records_2025_07"),
        "{one_month}"
    );
    let newest =
        "SELECT info FROM records WHERE owner = '138000042' ORDER BY at DESC, guard_id DESC, seq DESC LIMIT 51";
    let log = "SELECT detail FROM events WHERE yid = 1234 AND seq < 900 ORDER BY seq DESC LIMIT 51";
    for sql in [newest, log] {
        let all = plan(&w, sql).await;
        assert!(all.contains("Merge Append") || all.contains("Append"), "{all}");
    }
    let own = plan(&w, newest).await;
    assert!(
        own.contains("Index Scan") && !own.contains("Seq Scan on records_2025"),
        "{own}"
    );
    w.end().await;
}

#[tokio::test]
async fn pages_and_logs_read_over_the_months() {
    let Some(w) = World::postgres().await else { return };
    let who = w.owner("13800000001").await;
    w.kiosk(1234, 1).await;
    for (month, seq) in [("2025-11", 1), ("2025-12", 2), ("2026-01", 3)] {
        record(&w, "13800000001", seq, in_month(month, 1)).await;
    }
    w.sql("UPDATE records SET service_numb = NULL, way = 0, opened = 0, info = 'broken'")
        .await;
    let page = records::page(
        &w.b,
        &who,
        &who.phone,
        &records::Filter {
            limit: 2,
            ..Default::default()
        },
    )
    .await
    .unwrap();
    // They were found, and are not sealed as they should be.
    assert!(page.rows.len() == 2 && page.rows.iter().all(|record| record.damaged));
    let event = |seq| KioskEvent {
        seq,
        at: w.now().plus(-seq),
        kind: EventKind::StaffOut,
        port: None,
        things_sq: None,
        actor: None,
        detail: None,
    };
    let staff = w.staff("01000000002").await;
    for seq in 1..=3 {
        assert_eq!(
            backend::locker::events::append(&w.b, Yid(1234), vec![event(seq), event(seq)])
                .await
                .unwrap(),
            seq
        );
        assert_eq!(
            backend::locker::events::append(&w.b, Yid(1234), vec![event(seq)])
                .await
                .unwrap(),
            seq
        );
        w.pass(31 * DAY);
    }
    let log = backend::locker::events::list(&w.b, &staff, Yid(1234), None, 10)
        .await
        .unwrap();
    assert_eq!(log.rows.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(count(&w, "events_default").await, 1, "May had no month yet");
    w.end().await;
}
