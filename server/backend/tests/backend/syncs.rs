use crate::both;
use crate::harness::{DAY, MINUTE, TestKiosk, World, port};
use backend::Actor;
use backend::locker::kiosks::DoorLayout;
use backend::locker::sync::{self, SyncOutcome};
use backend::locker::{history, kiosks, orders, scans};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::history::{Happening, Source};
use domain::locker::kiosk::Wanted;
use domain::locker::orders::OrderStatus;
use domain::people::Person;
use domain::token::Payload;

async fn scan(w: &World, who: &Person, kiosk: &TestKiosk<'_>) -> String {
    scans::read_code(&w.b, who, &kiosk.data_code()).await.unwrap().token_id
}

async fn carry(w: &World, who: &Person, kiosk: &TestKiosk<'_>) -> Result<SyncOutcome, Refusal> {
    let token_id = scan(w, who, kiosk).await;
    sync::apply_from_scan(&w.b, who, &token_id).await
}

async fn by_itself(w: &World, kiosk: &TestKiosk<'_>) -> Result<SyncOutcome, Refusal> {
    sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now()), &kiosk.rows()).await
}

both! {
    async fn an_emptied_compartment_completes_its_order(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &order, port(1, 1), "11111").await;
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));

        let outcome = carry(w, &staff, &kiosk).await.unwrap();

        assert_eq!((outcome.stored, outcome.completed), (0, 1));
        assert_eq!((&outcome.changed[0].things_sq, outcome.changed[0].status), (&order, OrderStatus::Done));
        let done = orders::get(&w.b, &staff, &order).await.unwrap();
        assert_eq!((done.status, done.done_at), (OrderStatus::Done, Some(w.now())));
        assert!(done.place.is_some(), "where it was stays known");
        let last = history::for_order(&w.b, &staff, &order).await.unwrap().pop().unwrap();
        assert_eq!((last.what, last.source), (Happening::Done, Source::Phone));
        let (kiosk, _) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        assert_eq!(kiosk.counts.free, 16);
    }

    async fn a_compartment_with_a_named_order_stores_it(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.put_in(port(1, 1), "11111");
        kiosk.name_order(port(1, 1), &order);
        let outcome = by_itself(w, &kiosk).await.unwrap();
        assert_eq!((outcome.stored, outcome.completed), (1, 0));
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Stored);
        let last = history::for_order(&w.b, &staff, &order).await.unwrap().pop().unwrap();
        assert_eq!((last.what, last.source), (Happening::Stored, Source::Kiosk));
    }

    async fn the_same_sync_twice_changes_nothing(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &one, port(1, 1), "11111").await;
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));
        kiosk.put_in(port(1, 2), "22222");
        kiosk.name_order(port(1, 2), &two);
        let token_id = scan(w, &staff, &kiosk).await;
        let first = sync::apply_from_scan(&w.b, &staff, &token_id).await.unwrap();
        assert_eq!((first.stored, first.completed), (1, 1));
        let before = (history::for_order(&w.b, &staff, &one).await, orders::get(&w.b, &staff, &two).await);

        let again = sync::apply_from_scan(&w.b, &staff, &token_id).await.unwrap();
        let posted = sync::apply_scanned(&w.b, &staff, kiosk.yid, &kiosk.rows()).await.unwrap();

        assert_eq!((again, posted), (SyncOutcome::default(), SyncOutcome::default()));
        let after = (history::for_order(&w.b, &staff, &one).await, orders::get(&w.b, &staff, &two).await);
        assert_eq!(before, after);
    }

    async fn rows_must_be_those_that_were_scanned(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let kiosk = w.kiosk(1234, 2).await;
        w.kiosk(1235, 2).await;
        let rows = kiosk.rows();
        let post = |who, yid, rows| async move { sync::apply_scanned(&w.b, who, yid, rows).await };
        assert_eq!(post(&one, Yid(1234), &rows).await, Err(Refusal::RowsNotScanned));
        scan(w, &one, &kiosk).await;
        assert_eq!(post(&two, Yid(1234), &rows).await, Err(Refusal::RowsNotScanned));
        assert_eq!(post(&one, Yid(1235), &rows).await, Err(Refusal::RowsNotScanned));
        let mut changed = rows.clone();
        changed[0].status = CompartmentStatus::OutOfOrder;
        assert_eq!(post(&one, Yid(1234), &changed).await, Err(Refusal::RowsNotScanned));
        assert_eq!(post(&one, Yid(1234), &rows[1..]).await, Err(Refusal::RowsNotScanned));
        let reversed: Vec<_> = rows.iter().rev().cloned().collect();
        assert!(post(&one, Yid(1234), &reversed).await.is_ok());
        w.pass(30 * MINUTE + 1);
        assert_eq!(post(&one, Yid(1234), &rows).await, Err(Refusal::RowsNotScanned));
    }

    async fn an_older_state_is_refused_after_a_newer_one(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let old = kiosk.data_code();
        let scanned_old = scan(w, &staff, &kiosk).await;
        w.pass(MINUTE);
        carry(w, &staff, &kiosk).await.unwrap();
        assert_eq!(sync::apply_from_scan(&w.b, &staff, &scanned_old).await, Err(Refusal::SyncOutdated));
        assert_eq!(scans::read_code(&w.b, &staff, &old).await, Err(Refusal::SyncOutdated));
        let earlier = Some(w.now().plus(-MINUTE));
        assert_eq!(sync::apply_kiosk(&w.b, kiosk.yid, earlier, &kiosk.rows()).await, Err(Refusal::SyncOutdated));
    }

    async fn a_state_from_before_the_deposit_does_not_complete_the_order(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let before = kiosk.data_code();
        w.pass(MINUTE);
        kiosk.deposit(&one, &order, port(1, 1), "11111").await;
        let scanned = scans::read_code(&w.b, &two, &before).await.unwrap();
        let outcome = sync::apply_from_scan(&w.b, &two, &scanned.token_id).await.unwrap();
        assert_eq!(outcome, SyncOutcome::default());
        assert_eq!(w.status(&one, &order).await, OrderStatus::Stored);
    }

    async fn a_door_an_operator_took_out_of_use_stays_so_until_the_kiosk_knows(w: &World) {
        let operator = w.operator().await;
        let kiosk = w.kiosk(1234, 2).await;
        let at = port(1, 1);
        by_itself(w, &kiosk).await.unwrap();
        w.pass(MINUTE);
        let status = async || {
            let (_, doors) = kiosks::get(&w.b, &operator, kiosk.yid).await.unwrap();
            doors.into_iter().find(|door| door.port == at).unwrap().status
        };
        let set = async |status| {
            let door = DoorLayout { port: at, label: "A1".to_owned(), size: 1, status };
            kiosks::set_layout(&w.b, &operator, kiosk.yid, vec![door]).await.unwrap();
        };
        set(CompartmentStatus::OutOfOrder).await;
        let wanted = vec![Wanted { jumper: at.jumper, serial: at.serial, status: CompartmentStatus::OutOfOrder }];
        assert_eq!(kiosks::wanted(&w.b, kiosk.yid).await.unwrap(), wanted);

        by_itself(w, &kiosk).await.unwrap();
        assert_eq!(status().await, CompartmentStatus::OutOfOrder, "the kiosk did not know yet");
        assert_eq!(kiosks::wanted(&w.b, kiosk.yid).await.unwrap(), wanted);

        kiosk.put_in(at, "11111");
        by_itself(w, &kiosk).await.unwrap();
        assert_eq!(status().await, CompartmentStatus::Stored, "a door in use is what the kiosk says");
        kiosk.take_out(at);
        by_itself(w, &kiosk).await.unwrap();
        assert_eq!(status().await, CompartmentStatus::OutOfOrder);

        kiosk.change(at, |row| row.status = CompartmentStatus::OutOfOrder);
        by_itself(w, &kiosk).await.unwrap();
        assert_eq!(kiosks::wanted(&w.b, kiosk.yid).await.unwrap(), []);

        kiosk.change(at, |row| row.status = CompartmentStatus::Free);
        by_itself(w, &kiosk).await.unwrap();
        assert_eq!(status().await, CompartmentStatus::Free, "staff at the kiosk put it back in use");
    }

    async fn a_state_from_the_future_is_refused(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let ahead = w.now().plus(20 * MINUTE);
        let code = kiosk.seal_at(ahead, &Payload::SaveToData(kiosk.rows()));
        assert_eq!(scans::read_code(&w.b, &staff, &code).await, Err(Refusal::CodeFromFuture));
        let refused = sync::apply_kiosk(&w.b, kiosk.yid, Some(ahead), &kiosk.rows()).await;
        assert_eq!(refused, Err(Refusal::CodeFromFuture));
        // A clock that is a little ahead does not shut out what comes after it was set right.
        sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now().plus(5 * MINUTE)), &kiosk.rows()).await.unwrap();
        w.pass(MINUTE);
        assert!(by_itself(w, &kiosk).await.is_ok());
    }

    async fn what_was_stored_while_the_servers_clock_was_ahead_shuts_nothing_out(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        for (yid, ahead) in [(1234, DAY), (1235, 13 * 365 * DAY)] {
            let kiosk = w.kiosk(yid, 2).await;
            w.pass(ahead);
            kiosk.put_in(port(1, 1), "11111");
            by_itself(w, &kiosk).await.unwrap();
            kiosk.deposit_scanned(&staff, port(1, 4), "44444").await;
            w.pass(MINUTE - ahead);

            assert_eq!(scans::pending_deposit(&w.b, &staff).await, Ok(None), "a scan of another day");
            kiosk.take_out(port(1, 4));
            kiosk.take_out(port(1, 1));
            by_itself(w, &kiosk).await.unwrap();
            let (_, doors) = kiosks::get(&w.b, &staff, kiosk.yid).await.unwrap();
            assert!(doors.iter().all(|door| door.status == CompartmentStatus::Free));
        }
        let kiosk = w.kiosk(1236, 2).await;
        w.pass(DAY);
        by_itself(w, &kiosk).await.unwrap();
        kiosk.put_in(port(1, 3), "33333");
        by_itself(w, &kiosk).await.unwrap();
        w.pass(MINUTE - DAY);
        kiosk.deposit(&staff, &one, port(1, 2), "22222").await;
        assert!(carry(w, &staff, &kiosk).await.is_ok());
        kiosk.deposit(&staff, &two, port(1, 3), "33333").await;
        assert!(by_itself(w, &kiosk).await.is_ok());
        // What was brought since counts as usual.
        let earlier = Some(w.now().plus(-MINUTE));
        assert_eq!(sync::apply_kiosk(&w.b, kiosk.yid, earlier, &kiosk.rows()).await, Err(Refusal::SyncOutdated));
    }

    async fn enrolling_leaves_no_date_of_the_future(w: &World) {
        let kiosk = w.kiosk(1234, 2).await;
        w.pass(DAY);
        kiosk.put_in(port(1, 1), "11111");
        by_itself(w, &kiosk).await.unwrap();
        w.pass(-DAY);
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, kiosk.yid).await.unwrap();
        kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
        let later = format!(
            "SELECT yid FROM kiosks WHERE applied_date > {0} UNION ALL SELECT yid FROM compartments WHERE state_at > {0}",
            w.now().0
        );
        assert!(w.sql(&later).await.is_empty());
    }

    async fn what_contradicts_is_a_conflict_and_the_rest_is_applied(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let elsewhere = w.ready_order("1001", "한빛전기").await;
        let received = w.order("1002", "한빛전기", "A").await;
        let good = w.ready_order("1003", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        w.kiosk(1235, 2).await.deposit(&staff, &elsewhere, port(2, 2), "99999").await;
        let named = [&elsewhere, &received, &good, &ThingsSq("none".to_owned()), &good];
        for (index, order) in named.into_iter().enumerate() {
            kiosk.put_in(port(1, index as i64 + 1), &format!("1111{index}"));
            kiosk.name_order(port(1, index as i64 + 1), order);
        }
        let outcome = by_itself(w, &kiosk).await.unwrap();
        assert_eq!((outcome.stored, outcome.conflicts.len()), (1, 4));
        assert_eq!(w.status(&staff, &received).await, OrderStatus::Received);
        let place = orders::get(&w.b, &staff, &elsewhere).await.unwrap().place.unwrap();
        assert_eq!((place.yid, place.port), (Yid(1235), port(2, 2)));
        let place = orders::get(&w.b, &staff, &good).await.unwrap().place.unwrap();
        assert_eq!(place.port, port(1, 3));
    }

    async fn other_content_completes_the_order_that_was_there(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &one, port(1, 1), "11111").await;
        // Fetched and filled again while there was no network.
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));
        w.pass(MINUTE);
        let (_, token_id) = kiosk.deposit_scanned(&staff, port(1, 1), "22222").await;
        let refused = backend::locker::deposits::complete_scanned(&w.b, &staff, &two, &token_id).await;
        assert_eq!(refused, Err(Refusal::CompartmentTaken));
        assert_eq!(carry(w, &staff, &kiosk).await.unwrap().completed, 1);
        assert_eq!(w.status(&staff, &one).await, OrderStatus::Done);
        let stored = backend::locker::deposits::complete_scanned(&w.b, &staff, &two, &token_id).await.unwrap();
        assert_eq!(stored.status, OrderStatus::Stored);
    }

    async fn a_return_moves_no_order_and_is_noted(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.put_in(port(1, 1), "11111");
        kiosk.name_order(port(1, 1), &order);
        kiosk.change(port(1, 1), |row| row.kind = Some(ContentKind::Return));
        assert_eq!(carry(w, &staff, &kiosk).await.unwrap(), SyncOutcome::default());
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));
        assert_eq!(carry(w, &staff, &kiosk).await.unwrap(), SyncOutcome::default());
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Ready);
        let steps = history::for_order(&w.b, &staff, &order).await.unwrap();
        let steps: Vec<_> = steps.into_iter().map(|step| step.what).collect();
        assert_eq!(steps[steps.len() - 2..], [Happening::Returned, Happening::Retrieved]);
    }

    async fn impossible_rows_are_refused_as_a_whole(w: &World) {
        let kiosk = w.kiosk(1234, 2).await;
        let apply = |rows: Vec<_>| async move { sync::apply_kiosk(&w.b, Yid(1234), None, &rows).await };
        assert_eq!(apply(vec![]).await, Err(Refusal::field("data", Problem::Required)));
        let rows = kiosk.rows();
        let doubled = [rows.clone(), vec![rows[0].clone()]].concat();
        assert_eq!(apply(doubled).await, Err(Refusal::field("data", Problem::Contradicts)));
        let mut wrong = rows.clone();
        wrong[0].pwd = Some("abc".to_owned());
        assert_eq!(apply(wrong).await, Err(Refusal::field("pwd", Problem::Form)));
        let many = (0..257).map(|serial| domain::token::CompartmentRow { serial, ..rows[0].clone() }).collect();
        assert_eq!(apply(many).await, Err(Refusal::field("data", Problem::TooLong { max: 256 })));
        let unknown = sync::apply_kiosk(&w.b, Yid(9), None, &rows).await;
        assert_eq!(unknown, Err(Refusal::Unknown));
    }

    async fn two_kiosks_that_claim_one_order_at_once_do_not_both_get_it(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let other = w.another_node().await;
        let (one, two) = (w.kiosk(1234, 2).await, w.kiosk(1235, 2).await);
        for round in 1..=8 {
            let order = w.ready_order(&format!("{round}"), "한빛전기").await;
            for kiosk in [&one, &two] {
                kiosk.put_in(port(1, round), "11111");
                kiosk.name_order(port(1, round), &order);
            }
            let (rows_one, rows_two) = (one.rows(), two.rows());
            let (x, y) = tokio::join!(
                sync::apply_kiosk(&w.b, one.yid, Some(w.now()), &rows_one),
                sync::apply_kiosk(&other, two.yid, Some(w.now()), &rows_two),
            );
            assert_eq!(x.unwrap().stored + y.unwrap().stored, 1);
            assert_eq!(w.status(&staff, &order).await, OrderStatus::Stored);
            w.pass(MINUTE);
        }
    }

    async fn the_largest_kiosk_is_synced_in_one_go(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let kiosk = w.kiosk_of(1234, 16, 16).await;
        for (index, row) in kiosk.rows().iter().enumerate() {
            let order = w.ready_order(&format!("{index}"), "한빛전기").await;
            kiosk.put_in(row.port(), "11111");
            kiosk.name_order(row.port(), &order);
        }
        assert_eq!(carry(w, &staff, &kiosk).await.unwrap().stored, 256);
        w.pass(MINUTE);
        for row in kiosk.rows() {
            kiosk.take_out(row.port());
        }
        assert_eq!(carry(w, &staff, &kiosk).await.unwrap().completed, 256);
    }
}
