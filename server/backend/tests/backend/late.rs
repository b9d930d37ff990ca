//! Scans and deposits that a phone without network made, and sends later.

use crate::both;
use crate::harness::{DAY, MINUTE, TestKiosk, World, in_status, port};
use backend::locker::deposits::{self, LateDeposit};
use backend::locker::{events, scans, sync};
use backend::{offline_keys, once};
use domain::error::Refusal;
use domain::ids::{Millis, ThingsSq};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::orders::{Order, OrderStatus};
use domain::outbox::{KEY_STANDS_MS, ON_ITS_WAY_MS, OVERTAKEN_MAX};
use domain::people::Person;
use domain::token::{CompartmentFields, Payload};

const HOUR: i64 = 60 * MINUTE;

/// What the kiosk notes when the door is closed.
fn closed(seq: i64, fields: &CompartmentFields) -> KioskEvent {
    KioskEvent {
        seq,
        at: Millis::from_iso(&fields.save_date).unwrap(),
        kind: EventKind::DepositClosed,
        port: Some(fields.port()),
        things_sq: None,
        actor: None,
        detail: None,
    }
}

async fn reports(w: &World, kiosk: &TestKiosk<'_>, event: KioskEvent) {
    let seq = event.seq;
    assert_eq!(events::append(&w.b, kiosk.yid, vec![event]).await, Ok(seq));
}

async fn completes(
    w: &World,
    who: &Person,
    order: &ThingsSq,
    code: &str,
    scanned_at: Millis,
) -> Result<Order, Refusal> {
    let chosen_at = scanned_at.plus(5 * MINUTE);
    let late = LateDeposit {
        code: code.to_owned(),
        scanned_at,
        chosen_at,
    };
    deposits::complete_late(&w.b, who, order, late).await
}

/// A meter in a compartment of a kiosk without network, and what the member of staff who put it there has on their phone.
struct PutIn<'w> {
    staff: Person,
    order: ThingsSq,
    kiosk: TestKiosk<'w>,
    fields: CompartmentFields,
    code: String,
}

async fn put_in(w: &World) -> PutIn<'_> {
    let staff = w.staff("01000000002").await;
    w.business("한빛전기").await;
    let order = w.ready_order("1001", "한빛전기").await;
    let kiosk = w.kiosk(1234, 2).await;
    let fields = kiosk.put_in(port(1, 3), "48213");
    let code = kiosk.seal(&Payload::OpenToSave(fields.clone()));
    PutIn {
        staff,
        order,
        kiosk,
        fields,
        code,
    }
}

both! {
    async fn a_late_deposit_counts_by_its_own_time_once_the_kiosk_reported_it(w: &World) {
        let PutIn { staff, order, kiosk, fields, code } = put_in(w).await;
        let scanned_at = w.now().plus(MINUTE);
        w.pass(9 * HOUR);
        assert_eq!(scans::read_code(&w.b, &staff, &code).await, Err(Refusal::CodeExpired));
        assert_eq!(completes(w, &staff, &order, &code, scanned_at).await, Err(Refusal::KioskNotHeard));
        assert!(w.sql("SELECT yid FROM scans").await.is_empty());
        reports(w, &kiosk, closed(1, &fields)).await;
        let done = completes(w, &staff, &order, &code, scanned_at).await.unwrap();
        assert_eq!((done.status, done.stored_by.as_ref()), (OrderStatus::Stored, Some(&staff.phone)));
        // The answer was lost: the same again is the same.
        assert_eq!(completes(w, &staff, &order, &code, scanned_at).await, Ok(done));
    }

    async fn the_scan_may_be_sent_before_the_deposit(w: &World) {
        let PutIn { staff, order, kiosk, fields, code } = put_in(w).await;
        let scanned_at = w.now().plus(MINUTE);
        w.pass(2 * HOUR);
        reports(w, &kiosk, closed(1, &fields)).await;
        let scanned = scans::read_late(&w.b, &staff, &code, scanned_at).await.unwrap();
        assert_eq!(scanned.cmd, "OpenToSave");
        assert_eq!(scans::read_late(&w.b, &staff, &code, scanned_at).await, Err(Refusal::CodeUsed));
        // The scan stands by its own time only: as one of now it is too old.
        assert_eq!(deposits::complete_scanned(&w.b, &staff, &order, &scanned.token_id).await, Err(Refusal::NotScanned));
        assert!(completes(w, &staff, &order, &code, scanned_at).await.is_ok());
    }

    async fn another_door_label_or_minute_is_not_what_the_code_says(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let fields = kiosk.put_in(port(1, 3), "48213");
        let code = kiosk.seal(&Payload::OpenToSave(fields.clone()));
        let renamed = kiosk.seal(&Payload::OpenToSave(CompartmentFields { label: "Z9".to_owned(), ..fields.clone() }));
        let at = w.now();
        w.pass(HOUR);
        let other_door = KioskEvent { port: Some(port(1, 4)), ..closed(1, &fields) };
        let other_minute = KioskEvent { at: at.plus(2 * MINUTE), ..closed(2, &fields) };
        let other_kind = KioskEvent { kind: EventKind::DepositOpened, ..closed(3, &fields) };
        let found_empty = KioskEvent { kind: EventKind::Settled, detail: Some("empty".to_owned()), ..closed(4, &fields) };
        for event in [other_door, other_minute, other_kind, found_empty] {
            reports(w, &kiosk, event).await;
            assert_eq!(scans::read_late(&w.b, &staff, &code, at).await, Err(Refusal::KioskNotHeard));
        }
        let settled = KioskEvent { kind: EventKind::Settled, detail: Some("stored".to_owned()), ..closed(5, &fields) };
        reports(w, &kiosk, settled).await;
        assert_eq!(scans::read_late(&w.b, &staff, &renamed, at).await, Err(Refusal::KioskNotHeard));
        assert!(scans::read_late(&w.b, &staff, &code, at).await.is_ok());
    }

    async fn a_time_at_which_the_code_was_not_fresh_is_refused(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let fields = kiosk.put_in(port(1, 3), "48213");
        let code = kiosk.seal(&Payload::OpenToSave(fields.clone()));
        let made = w.now();
        w.pass(3 * HOUR);
        reports(w, &kiosk, closed(1, &fields)).await;
        for (at, refusal) in [
            (made.plus(10 * MINUTE + 1), Refusal::CodeExpired),
            (made.plus(-10 * MINUTE - 1), Refusal::CodeFromFuture),
            (w.now().plus(11 * MINUTE), Refusal::CodeFromFuture),
            (w.now().plus(-8 * DAY), Refusal::CodeExpired),
            (Millis(i64::MAX), Refusal::CodeFromFuture),
            (Millis(i64::MIN), Refusal::CodeExpired),
        ] {
            assert_eq!(scans::read_late(&w.b, &staff, &code, at).await, Err(refusal), "{at:?}");
        }
        w.pass(8 * DAY);
        assert_eq!(scans::read_late(&w.b, &staff, &code, made).await, Err(Refusal::CodeExpired));
    }

    async fn the_order_is_chosen_within_30_minutes_of_the_scan(w: &World) {
        let PutIn { staff, order, kiosk, fields, code } = put_in(w).await;
        let scanned_at = w.now();
        w.pass(3 * HOUR);
        reports(w, &kiosk, closed(1, &fields)).await;
        let chosen = |minutes| LateDeposit { code: code.clone(), scanned_at, chosen_at: scanned_at.plus(minutes * MINUTE) };
        let refused = deposits::complete_late(&w.b, &staff, &order, chosen(31)).await;
        assert_eq!(refused, Err(Refusal::NotScanned));
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Ready);
        assert!(deposits::complete_late(&w.b, &staff, &order, chosen(30)).await.is_ok());
    }

    async fn of_two_phones_with_one_round_one_wins_and_the_other_learns_the_truth(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let other = w.ready_order("1002", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let (first, second) = (kiosk.put_in(port(1, 3), "48213"), kiosk.put_in(port(1, 4), "48214"));
        let [code, shown_again, another] = [&first, &first, &second].map(|fields| kiosk.seal(&Payload::OpenToSave(fields.clone())));
        let at = w.now();
        w.pass(HOUR);
        reports(w, &kiosk, closed(1, &first)).await;
        reports(w, &kiosk, closed(2, &second)).await;
        assert!(completes(w, &one, &order, &code, at).await.is_ok());
        assert_eq!(completes(w, &two, &other, &code, at).await, Err(Refusal::CodeUsed));
        assert_eq!(completes(w, &two, &other, &shown_again, at).await, Err(Refusal::CompartmentTaken));
        assert_eq!(completes(w, &two, &order, &another, at).await, Err(in_status("C")));
        assert_eq!(w.status(&two, &other).await, OrderStatus::Ready);
    }

    async fn the_kiosks_data_are_a_report_too_while_the_same_thing_is_in_the_door(w: &World) {
        let PutIn { staff, order, kiosk, fields, code } = put_in(w).await;
        let scanned_at = w.now();
        w.pass(9 * HOUR);
        assert_eq!(completes(w, &staff, &order, &code, scanned_at).await, Err(Refusal::KioskNotHeard));
        // The data come by the phone as well, and were read in the morning too.
        let synced = sync::apply_late(&w.b, &staff, &kiosk.data_code(), w.now()).await;
        assert!(synced.is_ok(), "{synced:?}");
        let done = completes(w, &staff, &order, &code, scanned_at).await.unwrap();
        assert_eq!(done.place.map(|place| place.port), Some(fields.port()));
    }

    async fn the_data_of_a_door_that_was_filled_anew_are_no_report_of_what_was_in_it_before(w: &World) {
        let PutIn { staff, order, kiosk, fields, code } = put_in(w).await;
        let scanned_at = w.now();
        w.pass(HOUR);
        kiosk.take_out(fields.port());
        kiosk.put_in(fields.port(), "48213");
        assert!(sync::apply_late(&w.b, &staff, &kiosk.data_code(), w.now()).await.is_ok());
        assert_eq!(completes(w, &staff, &order, &code, scanned_at).await, Err(Refusal::KioskNotHeard));
    }

    async fn a_code_that_is_fresh_still_needs_no_report(w: &World) {
        let PutIn { staff, order, code, .. } = put_in(w).await;
        let scanned_at = w.now();
        w.pass(9 * MINUTE);
        let late = LateDeposit { code: code.clone(), scanned_at, chosen_at: w.now() };
        assert!(deposits::complete_late(&w.b, &staff, &order, late).await.is_ok());
    }

    async fn data_that_are_sent_late_are_applied_once_and_nothing_older_than_what_is_known(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.put_in(port(1, 3), "48213");
        kiosk.name_order(port(1, 3), &order);
        let (older, read_at) = (kiosk.data_code(), w.now());
        w.pass(MINUTE);
        kiosk.take_out(port(1, 3));
        let newer = kiosk.data_code();
        w.pass(5 * HOUR);
        let stored = sync::apply_late(&w.b, &one, &older, read_at).await.unwrap();
        assert_eq!(stored.stored, 1);
        // The answer was lost, and the other phone read the same code.
        for who in [&one, &two] {
            assert_eq!(sync::apply_late(&w.b, who, &older, read_at).await, Ok(sync::SyncOutcome::default()));
        }
        let done = sync::apply_late(&w.b, &two, &newer, read_at).await.unwrap();
        assert_eq!(done.completed, 1);
        assert_eq!(sync::apply_late(&w.b, &one, &older, read_at).await, Ok(sync::SyncOutcome::default()));
        assert_eq!(w.status(&one, &order).await, OrderStatus::Done);
    }

    async fn what_became_of_a_deposit_is_asked_without_completing_it(w: &World) {
        let PutIn { staff, order, code, .. } = put_in(w).await;
        let other = w.staff("01000000003").await;
        assert_eq!(deposits::was_completed(&w.b, &staff, &order, &code).await, Ok(false));
        scans::read_code(&w.b, &staff, &code).await.unwrap();
        assert_eq!(deposits::was_completed(&w.b, &staff, &order, &code).await, Ok(false));
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Ready);
        completes(w, &staff, &order, &code, w.now()).await.unwrap();
        assert_eq!(deposits::was_completed(&w.b, &staff, &order, &code).await, Ok(true));
        assert_eq!(deposits::was_completed(&w.b, &other, &order, &code).await, Ok(false));
    }

    async fn a_key_for_no_network_comes_back_to_its_own_person_alone(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let first = offline_keys::open(&w.b, &one, "").unwrap();
        let again = offline_keys::open(&w.b, &one, &first.sealed).unwrap();
        assert_eq!((&again.key, &again.sealed), (&first.key, &first.sealed));
        for foreign in [first.sealed.as_str(), "", "x", "k.AAAA"] {
            let other = offline_keys::open(&w.b, &two, foreign).unwrap();
            assert_ne!(other.key, first.key, "{foreign}");
            assert_ne!(other.sealed, foreign);
        }
    }

    async fn only_staff_send_late_scans(w: &World) {
        let own = w.business_user("01000000004", "한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let code = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 3), "48213")));
        assert_eq!(scans::read_late(&w.b, &own, &code, w.now()).await, Err(Refusal::NotYours));
        assert_eq!(completes(w, &own, &order, &code, w.now()).await, Err(Refusal::NotYours));
        assert_eq!(sync::apply_late(&w.b, &own, &kiosk.data_code(), w.now()).await, Err(Refusal::NotYours));
        assert_eq!(deposits::was_completed(&w.b, &own, &order, &code).await, Err(Refusal::NotYours));
    }
}

#[test]
fn a_phone_trusts_a_one_use_key_for_less_long_than_it_is_kept() {
    const { assert!(KEY_STANDS_MS + ON_ITS_WAY_MS < once::KEPT_MS) };
    assert!(2 * OVERTAKEN_MAX <= u64::from(once::KEPT_OF_ONE));
}
