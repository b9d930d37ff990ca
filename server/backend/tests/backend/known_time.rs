//! A clock that is behind what the database knows.

use crate::both;
use crate::guard_rig::by_password;
use crate::harness::{DAY, MINUTE, World};
use backend::guard::records::{self, Filter};
use backend::{Actor, Backend, known_time, nodes};
use domain::error::Refusal;
use domain::ids::Millis;

/// A process that starts now.
async fn started(w: &World) -> Backend {
    let b = w.another_node().await;
    b.start_serving().await.unwrap();
    b
}

both! {
    async fn a_start_behind_the_last_heartbeat_gives_no_time_until_it_has_passed(w: &World) {
        w.b.start_serving().await.unwrap();
        nodes::register(&w.b).await.unwrap();
        nodes::beat(&w.b).await.unwrap();
        assert_eq!(w.b.certain_now(), Some(w.now()));
        w.pass(-3 * DAY);
        // Twice, because the heartbeats of the first one say an earlier time.
        for _ in 0..2 {
            let b = started(w).await;
            assert_eq!((b.certain_now(), b.clock_behind_ms()), (None, Some(3 * DAY)));
            nodes::register(&b).await.unwrap();
            nodes::beat(&b).await.unwrap();
            b.close().await;
        }
        let b = started(w).await;
        w.pass(3 * DAY - MINUTE - 1);
        assert_eq!(b.certain_now(), None);
        w.pass(1);
        assert_eq!((b.certain_now(), b.clock_behind_ms()), (Some(w.now()), None));
        b.close().await;
    }

    async fn the_newest_grant_is_known_where_no_node_ever_was(w: &World) {
        let who = w.owner("13800000001").await;
        drop(w.guard_of(&who, "G0001").await);
        w.pass(DAY);
        w.password(&who, "G0001", "1", "135790").await;
        w.pass(-DAY / 2);
        let b = started(w).await;
        assert_eq!(b.clock_behind_ms(), Some(DAY / 2));
        b.close().await;
    }

    async fn a_running_process_notices_a_clock_that_goes_back_and_the_next_one_knows_it(w: &World) {
        w.b.start_serving().await.unwrap();
        nodes::register(&w.b).await.unwrap();
        assert_eq!(w.b.certain_now(), Some(w.now()));
        w.pass(-MINUTE);
        assert_eq!(w.b.certain_now(), Some(w.now()), "such a step is how clocks are corrected");
        w.pass(-1);
        assert_eq!(w.b.certain_now(), None);
        nodes::beat(&w.b).await.unwrap();
        let b = started(w).await;
        assert_eq!(b.clock_behind_ms(), Some(MINUTE + 1));
        b.close().await;
    }

    async fn an_operator_says_that_the_clock_was_ahead(w: &World) {
        let owner = w.owner("13800000001").await;
        w.pass(400 * DAY);
        w.b.start_serving().await.unwrap();
        nodes::register(&w.b).await.unwrap();
        nodes::beat(&w.b).await.unwrap();
        let ahead = w.now();
        w.pass(-400 * DAY + MINUTE);
        nodes::beat(&w.b).await.unwrap();
        assert_eq!(w.b.certain_now(), None);
        let cli = w.another_node().await;
        assert_eq!(known_time::trust(&cli, &Actor::Person(owner)).await, Err(Refusal::NotYours));
        assert_eq!(known_time::trust(&cli, &Actor::Cli).await, Ok(Some(ahead)));
        assert_eq!(known_time::trust(&cli, &Actor::Cli).await, Ok(None), "once is enough");
        nodes::beat(&w.b).await.unwrap();
        assert_eq!((w.b.certain_now(), w.b.clock_epoch()), (Some(w.now()), 1));
        let b = started(w).await;
        assert_eq!((b.certain_now(), b.clock_epoch()), (Some(w.now()), 1));
        // What is known since then counts as ever.
        nodes::beat(&w.b).await.unwrap();
        w.pass(-2 * MINUTE);
        let later = started(w).await;
        assert_eq!(later.certain_now(), None);
        for b in [cli, b, later] {
            b.close().await;
        }
    }

    async fn a_record_of_before_the_clock_went_back_keeps_its_time(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        w.pass(3 * DAY);
        let at = w.now();
        assert_eq!(w.b.certain_now(), Some(at));
        w.pass(-2 * DAY);
        guard.session.store_records(&[by_password(1, at, "1"), by_password(2, at.plus(DAY), "1")]).await.unwrap();
        let filter = Filter { limit: 10, ..Filter::default() };
        let stored = records::page(&w.b, &who, &who.phone, &filter).await.unwrap().rows;
        let mut times: Vec<(i64, Millis, Option<i64>)> = stored.iter().map(|row| (row.seq, row.at, row.uncertainty_ms)).collect();
        times.sort();
        assert_eq!(times[0], (1, at, Some(500)));
        assert_eq!(times[1].2, None, "further ahead than anything that is known");
    }
}
