//! K, business pick-up.

use crate::rig::*;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Screen, Trouble, Usage};

#[test]
fn a_code_held_to_the_start_page_opens_the_door() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    let code = rig.code(&take(A1, &pwd, Some("1001")));
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(rig.status(A1), CompartmentStatus::Taking);
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(rig.event().kind, EventKind::PickUpClosed);
    assert_eq!(rig.event().things_sq, Some(order_no("1001")));
    assert!(matches!(
        rig.kiosk.screen,
        Screen::Finished {
            port: A1,
            usage: Usage::PickUp,
            gave_up: false
        }
    ));
    assert!(rig.door(A1).pwd.is_none() && rig.door(A1).things_sq.is_none());
}

#[test]
fn label_and_password_open_the_door() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp).types(" a1 ", &pwd);
    assert_eq!(rig.opened(), Some(A1));
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
}

#[test]
fn nothing_taken_out_leaves_the_meter_stored_under_the_same_password() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp)
        .types("A1", &pwd)
        .does(Input::GiveUp(true))
        .closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    assert_eq!(rig.pwd(A1), pwd);
    assert_eq!(rig.event().kind, EventKind::GivenUp);
    rig.does(Input::Done).tile(Usage::PickUp).types("A1", &pwd);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn the_wrong_password_the_wrong_label_and_an_empty_door_sound_the_same() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp);
    for (label, pwd) in [("A1", "99999"), ("A2", pwd.as_str()), ("Z9", pwd.as_str())] {
        rig.types(label, pwd).wait(MINUTE);
        assert_eq!(rig.trouble(), Some(Trouble::WrongPassword), "{label}");
        assert_eq!(rig.opened(), None);
        assert_eq!(rig.event().kind, EventKind::Refused);
        assert_eq!(rig.event().detail.as_deref(), Some("wrong-password"));
    }
}

#[test]
fn a_code_whose_password_is_not_the_present_one_is_refused() {
    let mut rig = Rig::new();
    let old = rig.deposits(A1);
    rig.tile(Usage::PickUp).types("A1", &old).closes(A1).does(Input::Done);
    let new = rig.deposits(A1);
    assert_ne!(old, new);
    let code = rig.code(&take(A1, &old, None));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeMismatch));
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn a_code_for_an_empty_an_unknown_or_another_orders_door_is_refused() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.does(Input::RowsApplied {
        seq: rig.kiosk.log.last(),
    });
    let code = rig.code(&take(A2, &pwd, None));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::NothingStored));
    let code = rig.code(&take(NOWHERE, &pwd, None));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeMismatch));
    let named = rig.code(&take(A1, &pwd, Some("1001")));
    rig.scans(&named).does(Input::GiveUp(true)).closes(A1);
    let other = rig.code(&take(A1, &pwd, Some("1002")));
    rig.scans(&other);
    assert_eq!(rig.trouble(), Some(Trouble::CodeMismatch));
    assert_eq!(rig.opened(), None);
}

#[test]
fn while_a_door_is_open_no_code_opens_another() {
    let mut rig = Rig::new();
    let first = rig.deposits(A1);
    let second = rig.deposits(A2);
    let (one, two) = (rig.code(&take(A1, &first, None)), rig.code(&take(A2, &second, None)));
    rig.scans(&one).scans(&two);
    assert_eq!(rig.opened(), None);
    assert_eq!(rig.status(A2), CompartmentStatus::Stored);
    rig.closes(A1).scans(&two);
    assert_eq!(rig.opened(), Some(A2), "the code was not used up by coming too early");
}

#[test]
fn a_replaced_device_believes_the_servers_code_for_a_door_whose_password_it_lost() {
    let mut from = enrolment();
    from.compartments[1].status = CompartmentStatus::Stored;
    let mut rig = Rig::new();
    rig.kiosk = domain::locker::kiosk::Kiosk::enrolled(&from, MORNING);
    rig.tile(Usage::PickUp).types("A1", "").types("A1", "12345");
    assert_eq!(rig.opened(), None);
    let code = rig.code(&take(A1, "12345", None));
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_return_is_not_for_picking_up() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return)
        .scans("1001")
        .answers(domain::locker::kiosk::Checked::NotAsked)
        .chooses(A1)
        .closes(A1)
        .does(Input::Done);
    let code = rig.code(&take(A1, "12345", None));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeMismatch));
}

#[test]
fn a_code_at_the_end_of_a_deposit_begins_a_pick_up_and_ends_the_staff_session() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::Deposit).pin().chooses(A2).closes(A2);
    let code = rig.code(&take(A1, &pwd, None));
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(rig.kiosk.staff, None);
    assert_eq!(rig.event().actor, None);
}
