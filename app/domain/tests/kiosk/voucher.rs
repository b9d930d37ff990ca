//! Vouchers held to a kiosk without network.

use crate::rig::*;
use domain::ids::{Millis, Port};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Screen, Trouble, Usage};
use domain::token::revoked::{IN_CODE_BYTES, Subject};
use domain::token::{Caveat, CompartmentFields, Payload, Revocations, TokenKey, Voucher, narrow, seal_with};

const HOUR: i64 = 60 * MINUTE;
const SIGN_IN: &str = "a sign-in";

/// A kiosk with three deposits, whose orders it has learnt.
fn stored() -> Rig {
    let mut rig = Rig::new();
    for (port, order) in [(A1, "1001"), (A2, "1002"), (B1, "1003")] {
        rig.deposits(port);
        rig.wait(MINUTE);
        let door = rig.kiosk.doors.iter_mut().find(|door| door.port == port).unwrap();
        door.things_sq = Some(order_no(order));
    }
    rig
}

fn content(rig: &Rig, port: Port) -> CompartmentFields {
    let door = rig.door(port);
    CompartmentFields {
        serial: port.serial,
        jumper: port.jumper,
        pwd: door.pwd.clone().unwrap(),
        save_date: door.save_date.clone().unwrap(),
        label: door.label.clone(),
        things_sq: door.things_sq.clone(),
    }
}

/// Made at the rig's time, until the end of the next day.
fn voucher(rig: &Rig, ports: &[Port]) -> Voucher {
    Voucher {
        until: Millis(MORNING.0 + 2 * DAY),
        holder: phone(),
        sign_in: SIGN_IN.to_owned(),
        doors: ports.iter().map(|port| content(rig, *port)).collect(),
    }
}

fn code(rig: &mut Rig, ports: &[Port]) -> String {
    let voucher = voucher(rig, ports);
    rig.code(&Payload::Voucher(voucher))
}

/// A clock code that tells of revocations.
fn tells(rig: &mut Rig, subjects: &[Subject<'_>]) {
    let at = rig.kiosk.corrected(rig.now);
    let list = Revocations::of(at, subjects, &[]).unwrap();
    let mut random = |bytes: &mut [u8]| bytes.fill(at.0 as u8);
    let code = seal_with(&rig.key, YID, at, &Payload::SyncDate, Some(&list), &mut random).unwrap();
    rig.scans(&code);
    assert_eq!(rig.trouble(), None);
}

#[test]
fn a_voucher_opens_its_door_hours_later() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1]);
    rig.wait(20 * HOUR).scans(&code);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(rig.event().kind, EventKind::PickUpOpened);
    assert_eq!(rig.event().detail.as_deref(), Some("voucher"));
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(rig.event().things_sq, Some(order_no("1001")));
}

#[test]
fn after_its_end_it_opens_nothing() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1]);
    rig.now = MORNING.plus(2 * DAY - 1);
    let mut late = Rig::new();
    late.kiosk = rig.kiosk.clone();
    late.now = MORNING.plus(2 * DAY);
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
    late.scans(&code);
    assert_eq!((late.opened(), late.trouble()), (None, Some(Trouble::CodeExpired)));
    assert_eq!(late.event().detail.as_deref(), Some("code-expired"));
}

#[test]
fn a_clock_that_is_set_back_does_not_make_it_good_again() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1]);
    rig.now = MORNING.plus(3 * DAY);
    rig.does(Input::Tick);
    rig.now = MORNING.plus(HOUR);
    rig.scans(&code);
    assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeExpired)));
}

#[test]
fn it_opens_a_door_once_also_where_nothing_was_taken_out() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1]);
    rig.scans(&code).does(Input::GiveUp(true)).closes(A1).does(Input::Done);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    for _ in 0..2 {
        rig.scans(&code);
        assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeUsed)));
        rig.does(Input::Started).wait(DAY);
        if rig.now > MORNING.plus(2 * DAY) {
            break;
        }
    }
}

#[test]
fn at_another_kiosk_or_with_another_secret_it_is_refused() {
    let mut rig = stored();
    let payload = Payload::Voucher(voucher(&rig, &[A1]));
    let (here, other) = (rig.key.clone(), TokenKey::new(b"another secret of another kiosk."));
    let date = rig.now;
    for (key, yid, why) in [
        (&here, domain::ids::Yid(1235), Trouble::CodeForeign),
        (&other, YID, Trouble::CodeDamaged),
    ] {
        let code = rig.code_by(key, yid, &payload, date);
        rig.scans(&code);
        assert_eq!((rig.opened(), rig.trouble()), (None, Some(why)));
    }
}

#[test]
fn a_new_deposit_in_the_door_makes_it_worthless() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1]);
    let pwd = rig.pwd(A1);
    rig.tile(Usage::PickUp).types("A1", &pwd).closes(A1).does(Input::Done);
    rig.scans(&code);
    assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::NothingStored)));
    rig.deposits(A1);
    // Even if the kiosk drew the same five digits again, and for the same order.
    let door = rig.kiosk.doors.iter_mut().find(|door| door.port == A1).unwrap();
    (door.pwd, door.things_sq) = (Some(pwd), Some(order_no("1001")));
    rig.wait(5_000).scans(&code);
    assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeMismatch)));
}

#[test]
fn a_voucher_for_another_password_or_order_does_not_fit() {
    for change in [
        |door: &mut CompartmentFields| door.pwd = "00000".to_owned(),
        |door: &mut CompartmentFields| door.things_sq = Some(order_no("9")),
        |door: &mut CompartmentFields| (door.jumper, door.serial) = (9, 9),
    ] {
        let mut rig = stored();
        let mut voucher = voucher(&rig, &[A1]);
        change(&mut voucher.doors[0]);
        let code = rig.code(&Payload::Voucher(voucher));
        rig.scans(&code);
        assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeMismatch)));
    }
}

#[test]
fn several_doors_open_one_after_the_other_each_with_its_own_events() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1, A2, B1]);
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(rig.kiosk.going_on.as_ref().unwrap().doors_left(), 2);
    rig.scans(&code);
    assert_eq!(rig.opened(), None, "never two");
    for (closed, next) in [(A1, Some(A2)), (A2, Some(B1)), (B1, None)] {
        rig.closes(closed);
        assert_eq!(rig.opened(), next);
        assert_eq!(rig.status(closed), CompartmentStatus::Free);
    }
    assert!(matches!(rig.kiosk.screen, Screen::Finished { port: B1, .. }));
    assert_eq!(rig.kiosk.going_on, None);
    let opened = rig
        .kinds()
        .iter()
        .filter(|kind| **kind == EventKind::PickUpOpened)
        .count();
    let closed = rig
        .kinds()
        .iter()
        .filter(|kind| **kind == EventKind::PickUpClosed)
        .count();
    assert_eq!((opened, closed), (3, 3));
}

#[test]
fn giving_up_leaves_the_rest_stored_and_the_code_good_for_it() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1, A2, B1]);
    rig.scans(&code).closes(A1);
    assert_eq!(rig.opened(), Some(A2));
    rig.does(Input::GiveUp(true)).closes(A2);
    assert_eq!((rig.opened(), rig.kiosk.going_on.is_none()), (None, true));
    assert_eq!(
        (rig.status(A2), rig.status(B1)),
        (CompartmentStatus::Stored, CompartmentStatus::Stored)
    );
    rig.does(Input::Done).scans(&code);
    assert_eq!(rig.opened(), Some(B1), "A1 is empty, A2 was opened by this code");
}

#[test]
fn nobody_is_led_on_after_a_restart_or_when_everybody_went_away() {
    for away in [false, true] {
        let mut rig = stored();
        let code = code(&mut rig, &[A1, A2]);
        rig.scans(&code);
        if away {
            rig.idle(15 * 60);
        } else {
            rig.does(Input::Started);
        }
        assert_eq!(rig.kiosk.screen, Screen::Home, "{away}");
        assert_eq!(
            (rig.kiosk.going_on.is_none(), rig.status(A2)),
            (true, CompartmentStatus::Stored)
        );
    }
}

#[test]
fn a_door_that_cannot_be_opened_any_more_is_passed_over() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1, A2, B1]);
    let pwd = rig.pwd(A2);
    rig.tile(Usage::PickUp).types("A2", &pwd).closes(A2).does(Input::Done);
    rig.scans(&code).closes(A1);
    assert_eq!(rig.opened(), Some(B1));
}

#[test]
fn the_next_door_does_not_open_after_the_end() {
    let mut rig = stored();
    let code = code(&mut rig, &[A1, A2]);
    rig.now = MORNING.plus(2 * DAY - MINUTE);
    rig.scans(&code).wait(2 * MINUTE).closes(A1);
    assert_eq!((rig.opened(), rig.status(A2)), (None, CompartmentStatus::Stored));
}

#[test]
fn a_narrowed_voucher_opens_its_part_and_names_who_it_was_passed_on_to() {
    let mut rig = stored();
    let foreman = code(&mut rig, &[A1, A2, B1]);
    let caveat = Caveat {
        orders: Some(vec![order_no("1002")]),
        until: Some((MORNING.0 + 8 * HOUR) / 1_000),
        name: Some("김기사".to_owned()),
    };
    let technician = narrow(&foreman, &caveat).unwrap();
    let mut late = Rig::new();
    (late.kiosk, late.now) = (rig.kiosk.clone(), MORNING.plus(8 * HOUR));
    late.scans(&technician);
    assert_eq!((late.opened(), late.trouble()), (None, Some(Trouble::CodeExpired)));
    rig.scans(&technician);
    assert_eq!(rig.opened(), Some(A2));
    assert_eq!(rig.event().detail.as_deref(), Some("voucher · 김기사"));
    assert_eq!(rig.kiosk.going_on.as_ref().unwrap().name(), Some("김기사"));
    rig.closes(A2).does(Input::Done).scans(&technician);
    assert_eq!(rig.trouble(), Some(Trouble::CodeUsed));
    rig.scans(&foreman);
    assert_eq!(rig.opened(), Some(A1), "the rest is still the foreman's");
    rig.closes(A1);
    assert_eq!(rig.opened(), Some(B1));
}

#[test]
fn a_forged_caveat_is_written_down_as_a_damaged_code() {
    let mut rig = stored();
    let foreman = code(&mut rig, &[A1, A2]);
    let caveat = |order: &str| Caveat {
        orders: Some(vec![order_no(order)]),
        ..Caveat::default()
    };
    let one = narrow(&foreman, &caveat("1001")).unwrap();
    let two = narrow(&foreman, &caveat("1002")).unwrap();
    let (header, _) = two.split_once('.').unwrap();
    let (_, rest) = one.split_once('.').unwrap();
    rig.scans(&format!("{header}.{rest}"));
    assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeDamaged)));
    assert_eq!(rig.event().detail.as_deref(), Some("code-damaged"));
}

#[test]
fn what_was_revoked_is_refused_once_an_honest_visitor_told_of_it() {
    let person = phone();
    for subject in [Subject::Person(&person), Subject::SignIn(SIGN_IN)] {
        let mut rig = stored();
        let code = code(&mut rig, &[A1]);
        rig.wait(MINUTE);
        tells(&mut rig, &[subject]);
        rig.wait(HOUR).scans(&code);
        assert_eq!(
            (rig.opened(), rig.trouble()),
            (None, Some(Trouble::CodeRevoked)),
            "{subject:?}"
        );
        assert_eq!(rig.event().detail.as_deref(), Some("code-revoked"));
        // On a new phone, which signed in after the list was made.
        let fresh = self::code(&mut rig, &[A1]);
        rig.scans(&fresh);
        assert_eq!(rig.opened(), Some(A1));
    }
    let mut rig = stored();
    let first = code(&mut rig, &[A1]);
    let second = code(&mut rig, &[A1]);
    let id = rig.read(&first).token_id;
    rig.wait(MINUTE);
    tells(&mut rig, &[Subject::Code(&id)]);
    rig.scans(&first);
    assert_eq!(rig.trouble(), Some(Trouble::CodeRevoked));
    rig.scans(&second);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_list_that_comes_in_a_voucher_or_a_pass_is_learnt_before_that_code_is_followed() {
    let leaver = domain::ids::Phone::parse("01000000009").unwrap();
    let mut rig = stored();
    let of_leaver = Voucher {
        holder: leaver.clone(),
        ..voucher(&rig, &[A1])
    };
    let of_leaver = rig.code(&Payload::Voucher(of_leaver));
    rig.wait(MINUTE);
    let at = rig.now;
    let list = Revocations::newest(at, &[Subject::Person(&leaver)], &[], IN_CODE_BYTES).unwrap();
    let mut random = |bytes: &mut [u8]| bytes.fill(3);
    let honest = seal_with(&rig.key, YID, at, &pass(), Some(&list), &mut random).unwrap();
    rig.scans(&honest).does(Input::Done).scans(&of_leaver);
    assert_eq!((rig.opened(), rig.trouble()), (None, Some(Trouble::CodeRevoked)));
    // Also where the code that brings it is too old to be followed itself.
    let mut rig = stored();
    let mine = voucher(&rig, &[A1]);
    let code = rig.code(&Payload::Voucher(mine));
    let list = Revocations::of(rig.now, &[Subject::SignIn(SIGN_IN)], &[]).unwrap();
    let old = seal_with(&rig.key, YID, rig.now, &pass(), Some(&list), &mut random).unwrap();
    rig.wait(HOUR).scans(&old);
    assert_eq!(rig.trouble(), Some(Trouble::CodeExpired));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeRevoked));
}

#[test]
fn a_revoked_member_of_staff_does_not_get_in_by_a_pass_made_before() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.wait(MINUTE);
    tells(&mut rig, &[Subject::Person(&phone())]);
    rig.scans(&code);
    assert_eq!(
        (rig.trouble(), rig.kiosk.staff.is_none()),
        (Some(Trouble::CodeRevoked), true)
    );
}

#[test]
fn a_kiosk_stored_by_an_earlier_version_reads_back() {
    let rig = Rig::new();
    let mut text = serde_json::to_value(&rig.kiosk).unwrap();
    let fields = text.as_object_mut().unwrap();
    assert!(
        !fields.contains_key("revoked") && !fields.contains_key("goingOn"),
        "nothing new while there is nothing"
    );
    assert_eq!(
        serde_json::from_value::<domain::locker::kiosk::Kiosk>(text)
            .unwrap()
            .doors
            .len(),
        rig.kiosk.doors.len()
    );
}
