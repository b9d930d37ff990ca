//! Numbers of grants are believed only as far as the database kept what it acknowledged.

use crate::both;
use crate::guard_rig::{hello, id, number};
use crate::harness::World;
use backend::guard::{guards, link, passwords};
use domain::guard::link::{Hello, ToDevice, Version};
use sqlx::Row;
use std::time::Duration;

fn knowing(version: Version) -> Hello {
    Hello {
        version,
        ..hello("G0001", Some("123456"))
    }
}

both! {
    async fn after_a_power_cut_equal_numbers_are_not_believed(w: &World) {
        let who = w.owner("13800000001").await;
        w.b.start_serving().await.unwrap();
        let mut guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        guard.catch_up().await;
        let held = guard.version;
        drop(guard);
        w.pass(1_000);
        // The power fails, and the last grant is gone with it. Nothing marked the end of the process. On PostgreSQL another server took over.
        let other = w.another_node().await;
        w.sql("DELETE FROM grants WHERE service_numb = '1'").await;
        w.sql(&format!("UPDATE guards SET version = {}", held.number - 1)).await;
        if w.is_postgres() {
            w.sql("UPDATE settings SET value = 'another server' WHERE name = 'guard-run'").await;
        }
        w.b.close().await;
        w.sql("DELETE FROM settings WHERE name = 'guard-run' AND value = 'stopped'").await;
        other.start_serving().await.unwrap();
        let new = w.new_password("2", "246802");
        passwords::add(&other, &who, &id("G0001"), new).await.unwrap();
        let info = guards::get(&other, &who, &id("G0001")).await.unwrap();
        assert_eq!((info.desired, info.acked, info.acked_at), (held.number, 0, None), "nothing is shown as confirmed");
        let mut back = link::connected(&other, &knowing(held)).await.unwrap();
        assert_ne!(back.desired(), held);
        let frames = back.changes_since(held).await.unwrap();
        let [ToDevice::Snapshot(all)] = frames.as_slice() else { panic!("{frames:?}") };
        let listed: Vec<_> = all.grants.iter().map(|grant| grant.service_numb.clone()).collect();
        assert_eq!(listed, [number("2")]);
        drop(back);
        other.close().await;
    }

    async fn after_a_clean_stop_the_history_goes_on(w: &World) {
        w.b.start_serving().await.unwrap();
        let epoch = link::epoch(&w.b).await.unwrap();
        w.b.close().await;
        w.pass(1_000);
        let again = w.another_node().await;
        again.start_serving().await.unwrap();
        assert_eq!(link::epoch(&again).await.unwrap(), epoch);
        again.close().await;
    }

    async fn a_command_beside_the_server_marks_no_end(w: &World) {
        w.b.start_serving().await.unwrap();
        let epoch = link::epoch(&w.b).await.unwrap();
        w.another_node().await.close().await;
        let marks = w.sql("SELECT value FROM settings WHERE name = 'guard-run'").await;
        assert!(marks.iter().all(|row| row.get::<String, _>(0) != "stopped"));
        assert_eq!(link::epoch(&w.b).await.unwrap(), epoch);
    }

    async fn of_nodes_that_find_another_server_at_once_one_begins_the_history(w: &World) {
        if !w.is_postgres() {
            return;
        }
        w.b.start_serving().await.unwrap();
        let before = link::epoch(&w.b).await.unwrap();
        w.pass(1_000);
        w.sql("UPDATE settings SET value = 'another server' WHERE name = 'guard-run'").await;
        let nodes = [w.another_node().await, w.another_node().await, w.another_node().await];
        let started = futures::future::join_all(nodes.iter().map(backend::Backend::start_serving)).await;
        assert!(started.iter().all(Result::is_ok));
        for node in &nodes {
            let epoch = link::epoch(node).await.unwrap();
            assert!(epoch > before);
            assert_eq!(epoch, link::epoch(&nodes[0]).await.unwrap());
        }
        for node in nodes {
            node.close().await;
        }
    }

    async fn after_an_outage_a_node_looks_whether_another_server_took_over(w: &World) {
        if !w.is_postgres() {
            return;
        }
        w.b.start_serving().await.unwrap();
        let before = link::epoch(&w.b).await.unwrap();
        w.pass(1_000);
        w.sql("UPDATE settings SET value = 'another server' WHERE name = 'guard-run'").await;
        assert_eq!(link::epoch(&w.b).await.unwrap(), before);
        let listening = "FROM pg_stat_activity WHERE application_name = 'latchkey-bus' AND datname = current_database()";
        let end = format!("SELECT count(pg_terminate_backend(pid)) {listening}");
        let mut ended = 0;
        for _ in 0..100 {
            // It may not listen yet.
            if ended == 0 {
                ended = w.sql(&end).await[0].get::<i64, _>(0);
            }
            if link::epoch(&w.b).await.unwrap() > before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it never looked");
    }

    async fn a_guard_that_is_linked_while_a_history_begins_gets_all_its_grants(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        guard.catch_up().await;
        w.pass(1_000);
        link::begin_history(&w.b).await.unwrap();
        let frames = guard.session.changes_since(guard.version).await.unwrap();
        assert!(matches!(frames.as_slice(), [ToDevice::Snapshot(_)]), "{frames:?}");
        let info = guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        assert_eq!(info.acked, 0);
        guard.catch_up().await;
        assert_eq!(guards::get(&w.b, &who, &id("G0001")).await.unwrap().on_the_way(), 0);
    }
}
