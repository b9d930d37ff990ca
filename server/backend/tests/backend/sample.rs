//! The sample data is whole or not there.

use crate::both;
use crate::harness::World;
use backend::demo;
use sqlx::Row;
use std::time::Duration;

async fn count(w: &World, table: &str) -> i64 {
    w.sql(&format!("SELECT count(*) FROM {table}")).await[0].get(0)
}

async fn counts(w: &World) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in [
        "businesses",
        "people",
        "kiosks",
        "compartments",
        "orders",
        "evidence",
        "guards",
        "grants",
        "records",
        "juniors",
        "events",
    ] {
        counts.push((table, count(w, table).await));
    }
    counts
}

/// Ends the loading as soon as there are rows in this table, as a signal would; false when it was over before that was seen.
async fn cut_off(w: &World, table: &str) -> bool {
    let rows = async {
        while count(w, table).await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        whole = demo::load_if_empty(&w.b) => {
            assert!(whole.unwrap());
            false
        }
        () = rows => true,
    }
}

/// Takes away everything that the sample data is made of.
async fn empty(w: &World, tables: &[(&'static str, i64)]) {
    for (table, _) in tables {
        w.sql(&format!("DELETE FROM {table}")).await;
    }
    for table in [
        "owners",
        "owner_guards",
        "ownerships",
        "presence",
        "kiosk_tokens",
        "scans",
        "enrolments",
        "card_views",
    ] {
        w.sql(&format!("DELETE FROM {table}")).await;
    }
}

both! {
    async fn sample_data_that_was_cut_off_is_made_again(w: &World) {
        // What all of it is.
        assert!(demo::load_if_empty(&w.b).await.unwrap());
        let whole = counts(w).await;
        assert!(whole.iter().all(|(_, rows)| *rows > 0), "{whole:?}");
        assert!(!demo::load_if_empty(&w.b).await.unwrap());
        for table in ["kiosks", "orders", "guards"] {
            empty(w, &whole).await;
            // The nodes of the tests keep nothing of what was there.
            let again = w.another_node().await;
            // On a busy machine the loading may be over before the look into the table.
            while !cut_off(w, table).await {
                empty(w, &whole).await;
            }
            assert_ne!(counts(w).await, whole);
            assert!(demo::load_if_empty(&again).await.unwrap());
            assert_eq!(counts(w).await, whole, "{table}");
            assert!(!demo::load_if_empty(&again).await.unwrap());
            again.close().await;
        }
    }

    async fn what_somebody_else_stored_since_is_not_removed(w: &World) {
        assert!(cut_off(w, "orders").await);
        w.owner("13811112222").await;
        let before = counts(w).await;
        for _ in 0..2 {
            assert!(!demo::load_if_empty(&w.b).await.unwrap());
        }
        assert_eq!(counts(w).await, before);
    }
}
