//! Two nodes that do the same at once, each having looked before the other wrote.

use crate::both;
use crate::harness::{World, phone};
use crate::notify::Recorder;
use backend::guard::{juniors, owners};
use backend::notify;
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const NUMBERS: [&str; 3] = ["13800000001", "13800000002", "13800000003"];

/// Somebody else's transaction, behind which everybody who writes to a table has to wait. Reading goes on.
struct Held(AnyConnection);

impl Held {
    async fn writing_to(w: &World, table: &str) -> Self {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&w.url).await.unwrap();
        let begin = if w.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        sqlx::query(begin).execute(&mut connection).await.unwrap();
        if w.is_postgres() {
            let lock = format!("LOCK TABLE {table} IN SHARE MODE");
            sqlx::query(&lock).execute(&mut connection).await.unwrap();
        }
        Self(connection)
    }

    /// When both have looked at what there is.
    async fn let_go(mut self) {
        sleep(Duration::from_millis(400)).await;
        sqlx::query("COMMIT").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

both! {
    async fn two_superiors_of_each_other_or_of_one_junior_are_never_made(w: &World) {
        let other = w.another_node().await;
        let mut o = Vec::new();
        for number in NUMBERS {
            o.push(w.owner(number).await);
        }
        // A circle of two; then one junior of both.
        for (of_one, of_other) in [(&o[1], &o[0]), (&o[2], &o[2])] {
            let held = Held::writing_to(w, "juniors").await;
            let (one, two, ()) = tokio::join!(
                juniors::add(&w.b, &o[0], &of_one.phone, None),
                juniors::add(&other, &o[1], &of_other.phone, None),
                held.let_go()
            );
            assert_eq!([&one, &two].into_iter().filter(|added| added.is_ok()).count(), 1, "{one:?} {two:?}");
            let rows = w.sql("SELECT superior, junior FROM juniors").await;
            assert_eq!(rows.len(), 1);
            let above: String = rows[0].get(0);
            let superior = if above == NUMBERS[0] { &o[0] } else { &o[1] };
            let below: String = rows[0].get(1);
            juniors::cancel(&w.b, superior, &phone(&below)).await.unwrap();
        }
        other.close().await;
    }

    async fn a_message_two_nodes_found_is_sent_by_one_of_them(w: &World) {
        w.owner(NUMBERS[0]).await;
        let recorder = Arc::new(Recorder::default());
        let one = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let two = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&one, "10.0.0.1", &phone(NUMBERS[0])).await.unwrap();
        let held = Held::writing_to(w, "notifications").await;
        let (by_one, by_two, ()) = tokio::join!(notify::deliver_due(&one), notify::deliver_due(&two), held.let_go());
        assert_eq!(by_one.unwrap().sent + by_two.unwrap().sent, 1);
        assert_eq!(recorder.taken().len(), 1);
        one.close().await;
        two.close().await;
    }
}
