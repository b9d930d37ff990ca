use crate::both;
use crate::harness::{MINUTE, TestKiosk, World, in_status, port};
use backend::Backend;
use backend::locker::{deposits, history, kiosks, orders, scans, sync};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::history::Happening;
use domain::locker::orders::{Order, OrderStatus};
use domain::people::Person;
use domain::token::{CompartmentFields, Payload};

async fn complete(b: &Backend, who: &Person, order: &ThingsSq, fields: &CompartmentFields) -> Result<Order, Refusal> {
    deposits::complete(b, who, order, fields.clone()).await
}

async fn carry(w: &World, who: &Person, kiosk: &TestKiosk<'_>) -> sync::SyncOutcome {
    let scanned = scans::read_code(&w.b, who, &kiosk.data_code()).await.unwrap();
    sync::apply_from_scan(&w.b, who, &scanned.token_id).await.unwrap()
}

/// Of two who completed an order at once one stored it, and the other was told.
async fn one_has_won(w: &World, who: &Person, order: &ThingsSq, x: Result<Order, Refusal>, y: Result<Order, Refusal>) {
    let (won, lost) = if x.is_ok() { (x, y) } else { (y, x) };
    assert_eq!(lost, Err(in_status("C")));
    assert_eq!(orders::get(&w.b, who, order).await, won);
}

both! {
    async fn a_completed_deposit_binds_order_and_compartment(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 3), "48213").await;

        let done = complete(&w.b, &staff, &order, &fields).await.unwrap();

        let place = done.place.unwrap();
        assert_eq!((done.status, done.stored_by), (OrderStatus::Stored, Some(staff.phone.clone())));
        assert_eq!((place.yid, place.port, place.label.as_str()), (Yid(1234), port(1, 3), "A3"));
        let (_, doors) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        let door = doors.into_iter().find(|door| door.port == port(1, 3)).unwrap();
        assert_eq!((door.status, door.things_sq), (CompartmentStatus::Stored, Some(order.clone())));
        assert_eq!(scans::pending_deposit(&w.b, &staff).await, Ok(None));
        let last = history::for_order(&w.b, &staff, &order).await.unwrap().pop().unwrap();
        assert_eq!((last.what, last.who, last.who_name), (Happening::Stored, Some(staff.phone), Some(staff.name)));
    }

    async fn a_compartment_must_have_been_scanned_by_the_same_person(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let unscanned = kiosk.put_in(port(1, 1), "11111");
        assert_eq!(complete(&w.b, &one, &order, &unscanned).await, Err(Refusal::NotScanned));
        let (fields, token_id) = kiosk.deposit_scanned(&one, port(1, 2), "22222").await;
        assert_eq!(complete(&w.b, &two, &order, &fields).await, Err(Refusal::NotScanned));
        assert_eq!(deposits::complete_scanned(&w.b, &two, &order, &token_id).await, Err(Refusal::NotScanned));
        w.pass(30 * MINUTE + 1);
        assert_eq!(complete(&w.b, &one, &order, &fields).await, Err(Refusal::NotScanned));
        assert_eq!(w.status(&one, &order).await, OrderStatus::Ready);
    }

    async fn values_must_be_those_that_were_scanned(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 3), "48213").await;
        for (field, sent) in [
            ("pwd", CompartmentFields { pwd: "99999".to_owned(), ..fields.clone() }),
            ("label", CompartmentFields { label: "B1".to_owned(), ..fields.clone() }),
            ("saveDate", CompartmentFields { save_date: "111".to_owned(), ..fields.clone() }),
            ("thingsSq", CompartmentFields { things_sq: Some(ThingsSq("1002".to_owned())), ..fields.clone() }),
        ] {
            let refused = complete(&w.b, &staff, &order, &sent).await;
            assert_eq!(refused, Err(Refusal::field(field, Problem::Contradicts)));
        }
        let other_door = CompartmentFields { serial: 4, ..fields.clone() };
        assert_eq!(complete(&w.b, &staff, &order, &other_door).await, Err(Refusal::NotScanned));
        assert!(complete(&w.b, &staff, &order, &fields).await.is_ok());
    }

    async fn a_code_that_names_its_order_is_for_that_order(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (named, other) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        let mut fields = kiosk.put_in(port(1, 3), "48213");
        fields.things_sq = Some(named.clone());
        let scanned = scans::read_code(&w.b, &staff, &kiosk.seal(&Payload::OpenToSave(fields.clone()))).await.unwrap();
        let refused = deposits::complete_scanned(&w.b, &staff, &other, &scanned.token_id).await;
        assert_eq!(refused, Err(Refusal::field("thingsSq", Problem::Contradicts)));
        assert!(deposits::complete_scanned(&w.b, &staff, &named, &scanned.token_id).await.is_ok());
    }

    async fn only_a_ready_order_can_be_stored(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let received = w.order("1001", "한빛전기", "A").await;
        let stored = w.ready_order("1002", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &stored, port(1, 1), "11111").await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 2), "22222").await;
        assert_eq!(complete(&w.b, &staff, &received, &fields).await, Err(in_status("A")));
        assert_eq!(complete(&w.b, &staff, &stored, &fields).await, Err(in_status("C")));
        let unknown = ThingsSq("none".to_owned());
        assert_eq!(complete(&w.b, &staff, &unknown, &fields).await, Err(Refusal::Unknown));
    }

    async fn a_taken_compartment_takes_no_second_order(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &one, port(1, 1), "11111").await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 1), "22222").await;
        assert_eq!(complete(&w.b, &staff, &two, &fields).await, Err(Refusal::CompartmentTaken));
        assert_eq!(w.status(&staff, &two).await, OrderStatus::Ready);
    }

    async fn a_scan_completes_one_deposit(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 1), "11111").await;
        complete(&w.b, &staff, &one, &fields).await.unwrap();
        assert_eq!(complete(&w.b, &staff, &two, &fields).await, Err(Refusal::CompartmentTaken));
        // The meter is fetched within the half hour; the old scan still opens nothing.
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));
        assert_eq!(carry(w, &staff, &kiosk).await.completed, 1);
        assert!(complete(&w.b, &staff, &two, &fields).await.is_err());
        assert_eq!(w.status(&staff, &two).await, OrderStatus::Ready);
    }

    async fn the_same_deposit_sent_again_is_answered_as_the_first_time(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let other = w.another_node().await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let fields = kiosk.put_in(port(1, 3), "48213");
        let code = kiosk.seal(&Payload::OpenToSave(fields.clone()));
        assert_eq!(deposits::is_completed_with(&w.b, &one, &order, &code).await, Ok(false), "nobody scanned it");
        let name = scans::read_code(&w.b, &one, &code).await.unwrap().token_id;
        let first = deposits::complete_scanned(&w.b, &one, &order, &name).await.unwrap();
        let noted = history::for_order(&w.b, &one, &order).await.unwrap();

        w.pass(20 * MINUTE);
        assert_eq!(deposits::complete_scanned(&other, &one, &order, &name).await.as_ref(), Ok(&first));
        assert_eq!(complete(&w.b, &one, &order, &fields).await.as_ref(), Ok(&first));
        assert_eq!(deposits::is_completed_with(&w.b, &one, &order, &code).await, Ok(true));

        assert_eq!(history::for_order(&w.b, &one, &order).await.unwrap(), noted, "it was done once");
        assert_eq!(deposits::complete_scanned(&w.b, &two, &order, &name).await, Err(Refusal::NotScanned));
        assert_eq!(deposits::is_completed_with(&w.b, &two, &order, &code).await, Ok(false));
        // Another code of that compartment is another deposit.
        let later = kiosk.seal(&Payload::OpenToSave(fields));
        let later = scans::read_code(&w.b, &one, &later).await.unwrap().token_id;
        assert_eq!(deposits::complete_scanned(&w.b, &one, &order, &later).await, Err(in_status("C")));
    }

    async fn a_deposit_sent_again_after_the_meter_was_fetched_is_refused(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, name) = kiosk.deposit_scanned(&staff, port(1, 3), "48213").await;
        deposits::complete_scanned(&w.b, &staff, &order, &name).await.unwrap();
        w.pass(MINUTE);
        kiosk.take_out(port(1, 3));
        assert_eq!(carry(w, &staff, &kiosk).await.completed, 1);
        assert_eq!(deposits::complete_scanned(&w.b, &staff, &order, &name).await, Err(in_status("D")));
        assert_eq!(complete(&w.b, &staff, &order, &fields).await, Err(in_status("D")));
    }

    async fn the_same_deposit_at_once_from_two_nodes_is_done_once(w: &World) {
        let staff = w.staff("01000000002").await;
        let other = w.another_node().await;
        w.business("한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        for round in 0..8 {
            let order = w.ready_order(&format!("{}", 1001 + round), "한빛전기").await;
            let (_, name) = kiosk.deposit_scanned(&staff, port(1, round + 1), "11111").await;
            let (x, y) = tokio::join!(
                deposits::complete_scanned(&w.b, &staff, &order, &name),
                deposits::complete_scanned(&other, &staff, &order, &name),
            );
            assert_eq!(x, y);
            assert!(x.is_ok(), "{x:?}");
            let stored = history::for_order(&w.b, &staff, &order).await.unwrap();
            assert_eq!(stored.iter().filter(|step| step.what == Happening::Stored).count(), 1);
        }
    }

    async fn a_deposit_taken_back_at_once_waits_for_its_order_again(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (wrong, right) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, token_id) = kiosk.deposit_scanned(&staff, port(1, 3), "48213").await;
        complete(&w.b, &staff, &wrong, &fields).await.unwrap();
        w.pass(deposits::UNDO_MS);
        assert_eq!(deposits::can_undo(&w.b, &staff, &wrong).await, Ok(true));

        let undone = deposits::undo(&w.b, &staff, &wrong).await.unwrap();

        assert_eq!((undone.status, undone.place, undone.stored_by), (OrderStatus::Ready, None, None));
        let waiting = scans::pending_deposit(&w.b, &staff).await.unwrap().unwrap();
        assert_eq!((waiting.token_id.as_str(), waiting.port), (token_id.as_str(), port(1, 3)));
        let (_, doors) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        let door = doors.into_iter().find(|door| door.port == port(1, 3)).unwrap();
        assert_eq!((door.status, door.things_sq), (CompartmentStatus::Stored, None));
        let last = history::for_order(&w.b, &staff, &wrong).await.unwrap().pop().unwrap();
        assert_eq!((last.what, last.who), (Happening::Undone, Some(staff.phone.clone())));
        let done = deposits::complete_scanned(&w.b, &staff, &right, &token_id).await.unwrap();
        assert_eq!(done.place.unwrap().port, port(1, 3));
    }

    async fn only_the_person_who_stored_it_takes_it_back_once_and_at_once(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        assert_eq!(deposits::undo(&w.b, &one, &order).await.unwrap_err(), in_status("B"));
        let (fields, _) = kiosk.deposit_scanned(&one, port(1, 1), "11111").await;
        complete(&w.b, &one, &order, &fields).await.unwrap();
        assert_eq!(deposits::undo(&w.b, &two, &order).await.unwrap_err(), in_status("C"));
        deposits::undo(&w.b, &one, &order).await.unwrap();
        assert_eq!(deposits::undo(&w.b, &one, &order).await.unwrap_err(), in_status("B"));
        complete(&w.b, &one, &order, &fields).await.unwrap();
        assert_eq!(deposits::can_undo(&w.b, &two, &order).await, Ok(false));
        w.pass(deposits::UNDO_MS + 1);
        assert_eq!(deposits::can_undo(&w.b, &one, &order).await, Ok(false));
        assert_eq!(deposits::undo(&w.b, &one, &order).await.unwrap_err(), in_status("C"));
        assert_eq!(w.status(&one, &order).await, OrderStatus::Stored);
        let unknown = ThingsSq("none".to_owned());
        assert_eq!(deposits::undo(&w.b, &one, &unknown).await.unwrap_err(), Refusal::Unknown);
    }

    async fn a_deposit_whose_code_names_the_order_is_not_taken_back(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let named = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let mut fields = kiosk.put_in(port(1, 3), "48213");
        fields.things_sq = Some(named.clone());
        let scanned = scans::read_code(&w.b, &staff, &kiosk.seal(&Payload::OpenToSave(fields))).await.unwrap();
        deposits::complete_scanned(&w.b, &staff, &named, &scanned.token_id).await.unwrap();
        assert_eq!(deposits::can_undo(&w.b, &staff, &named).await, Ok(false));
        assert_eq!(deposits::undo(&w.b, &staff, &named).await.unwrap_err(), in_status("C"));
    }

    async fn of_two_phones_completing_one_order_one_wins(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let other = w.another_node().await;
        w.business("한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        for round in 0..8 {
            let order = w.ready_order(&format!("{}", 1001 + round), "한빛전기").await;
            let (first, _) = kiosk.deposit_scanned(&one, port(1, round + 1), "11111").await;
            let (second, _) = kiosk.deposit_scanned(&two, port(2, round + 1), "22222").await;
            let (x, y) = tokio::join!(complete(&w.b, &one, &order, &first), complete(&other, &two, &order, &second));
            one_has_won(w, &one, &order, x, y).await;
        }
    }

    /// At two kiosks neither waits for the other's row: the condition inside the statement alone decides.
    async fn of_two_kiosks_that_store_one_order_one_wins(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let other = w.another_node().await;
        w.business("한빛전기").await;
        let (here, there) = (w.kiosk(1234, 2).await, w.kiosk(1235, 2).await);
        for round in 0..8 {
            let order = w.ready_order(&format!("{}", 1001 + round), "한빛전기").await;
            let (first, _) = here.deposit_scanned(&one, port(1, round + 1), "11111").await;
            let (second, _) = there.deposit_scanned(&two, port(1, round + 1), "22222").await;
            let (x, y) = tokio::join!(complete(&w.b, &one, &order, &first), complete(&other, &two, &order, &second));
            one_has_won(w, &one, &order, x, y).await;
        }
    }

    async fn of_two_orders_for_one_compartment_one_wins(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let other = w.another_node().await;
        w.business("한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        for round in 0..8 {
            let a = w.ready_order(&format!("a{round}"), "한빛전기").await;
            let b = w.ready_order(&format!("b{round}"), "한빛전기").await;
            // The kiosk renewed its code, so each phone has one of its own.
            let (fields, _) = kiosk.deposit_scanned(&one, port(1, round + 1), "11111").await;
            scans::read_code(&w.b, &two, &kiosk.seal(&Payload::OpenToSave(fields.clone()))).await.unwrap();
            let (x, y) = tokio::join!(complete(&w.b, &one, &a, &fields), complete(&other, &two, &b, &fields));
            assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|ok| **ok).count(), 1);
            assert_eq!(x.err().or(y.err()), Some(Refusal::CompartmentTaken));
        }
    }

    async fn the_phone_may_be_faster_than_the_kiosks_data(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &order, port(1, 1), "11111").await;
        w.pass(MINUTE);
        let outcome = carry(w, &staff, &kiosk).await;
        assert_eq!((outcome.stored, outcome.completed, outcome.conflicts.len()), (0, 0, 0));
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Stored);
    }

    async fn the_kiosks_data_may_be_faster_than_the_phone(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 2).await;
        // The kiosk does not know the order of the first deposit, and does know that of the second.
        let (first, _) = kiosk.deposit_scanned(&staff, port(1, 1), "11111").await;
        let (second, _) = kiosk.deposit_scanned(&staff, port(1, 2), "22222").await;
        kiosk.name_order(port(1, 2), &two);
        w.pass(MINUTE);
        assert_eq!(carry(w, &staff, &kiosk).await.stored, 1);
        for (order, fields) in [(&one, &first), (&two, &second)] {
            let done = complete(&w.b, &staff, order, fields).await.unwrap();
            assert_eq!((done.status, done.stored_by.as_ref()), (OrderStatus::Stored, Some(&staff.phone)));
        }
    }

    async fn a_deposit_the_kiosk_says_was_given_up_is_not_completed(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 1), "11111").await;
        w.pass(MINUTE);
        kiosk.take_out(port(1, 1));
        carry(w, &staff, &kiosk).await;
        assert_eq!(complete(&w.b, &staff, &order, &fields).await, Err(Refusal::SyncOutdated));
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Ready);
    }

    async fn only_staff_complete_deposits(w: &World) {
        let business = w.business_user("01000000004", "한빛전기").await;
        let operator = w.operator().await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let fields = kiosk.put_in(port(1, 1), "11111");
        for who in [&business, &operator] {
            assert_eq!(complete(&w.b, who, &order, &fields).await, Err(Refusal::NotYours));
        }
    }
}
