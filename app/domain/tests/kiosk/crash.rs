//! Killed in the middle: whatever had begun is known afterwards, shown to staff, and settled by them.

use crate::rig::*;
use domain::boards::bus::Report;
use domain::ids::Port;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Content, Input, Screen, Trouble, Usage};
use domain::token::Payload;

fn half_done(rig: &Rig) -> Vec<Port> {
    rig.kiosk.half_done().map(|door| door.port).collect()
}

#[test]
fn a_deposit_killed_at_the_open_door_is_half_done_and_handed_out_to_nobody() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert!(half_done(&rig).is_empty(), "somebody stands before it");
    rig.does(Input::Started);
    assert_eq!(rig.kiosk.screen, Screen::Home);
    assert_eq!(rig.kiosk.staff, None);
    assert_eq!(half_done(&rig), [A1]);
    rig.closes(A1);
    assert_eq!(
        rig.status(A1),
        CompartmentStatus::Storing,
        "a late report does not tell what is in it"
    );
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.trouble(), Some(Trouble::DoorNotFree));
}

#[test]
fn staff_who_find_the_meter_in_it_get_its_password_and_code() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).does(Input::Started);
    rig.staff_area().settles(A1, Content::Stored);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    let Screen::Code { port: A1, token, .. } = &rig.kiosk.screen else {
        panic!("no code is shown");
    };
    assert!(matches!(rig.read(token).payload, Payload::OpenToSave(_)));
    assert_eq!(rig.event().kind, EventKind::Settled);
    assert_eq!(rig.event().detail.as_deref(), Some("stored"));
}

#[test]
fn staff_who_find_it_empty_set_it_free() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp).types("A1", &pwd).does(Input::Started);
    assert_eq!(half_done(&rig), [A1]);
    rig.tile(Usage::PickUp).types("A1", &pwd);
    assert_eq!(rig.trouble(), Some(Trouble::DoorHalfDone));
    rig.does(Input::Cancel).staff_area().settles(A1, Content::Empty);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert!(half_done(&rig).is_empty());
    assert_eq!(rig.event().detail.as_deref(), Some("empty"));
}

#[test]
fn a_pick_up_that_did_not_happen_is_stored_again_under_its_password() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp).types("A1", &pwd).does(Input::Started);
    rig.staff_area().settles(A1, Content::Stored);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    assert_eq!(rig.pwd(A1), pwd);
    assert!(matches!(rig.kiosk.screen, Screen::Staff { .. }));
}

#[test]
fn a_return_killed_at_the_open_door_keeps_whose_it_is() {
    let mut rig = Rig::new();
    rig.scans_return().chooses(A2).does(Input::Started);
    rig.staff_area().settles(A2, Content::Stored);
    assert_eq!(rig.door(A2).kind, Some(ContentKind::Return));
    assert_eq!(rig.door(A2).things_sq, Some(order_no("1007")));
    assert_eq!(rig.door(A2).pwd, None);
}

#[test]
fn settling_is_for_half_done_doors_only() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.staff_area();
    let before = rig.kiosk.log.last();
    for port in [A1, A2, A3, A4, NOWHERE] {
        rig.settles(port, Content::Empty);
    }
    assert_eq!(rig.kiosk.log.last(), before);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn a_door_nobody_closes_is_half_done_after_five_minutes_and_the_kiosk_serves_others() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).idle(300);
    assert_eq!(rig.kiosk.screen, Screen::Home);
    assert_eq!(half_done(&rig), [A1]);
}

#[test]
fn a_restart_is_written_down_and_asks_for_identification_again() {
    let mut rig = Rig::new();
    rig.staff_area().does(Input::Started);
    assert_eq!(
        rig.kinds()[1..],
        [EventKind::StaffIn, EventKind::Started, EventKind::StaffOut]
    );
    rig.tile(Usage::Deposit).chooses(A1);
    assert_eq!(rig.opened(), None);
}

#[test]
fn a_sensor_that_says_open_at_start_up_keeps_no_door_shut() {
    let mut rig = Rig::new();
    rig.does(Input::Started)
        .does(Input::Reported(Report::Reads { port: A1, open: true }));
    assert_eq!(rig.door(A1).sensed_open, Some(true));
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
}
