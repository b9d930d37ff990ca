//! A device that takes the place of another: what that one did last may never have reached the server.

use crate::rig::*;
use domain::ids::Port;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::kiosk::{Content, Enrolment, Input, Kiosk, Screen, Trouble, Usage};
use domain::token::Payload;

/// The server marks all doors: one it believed free, one of those still as free, one with a deposit, and two that are out of use.
fn replaced() -> Rig {
    let since = MORNING.plus(-DAY).to_iso();
    let mut from: Enrolment = enrolment();
    for door in &mut from.compartments {
        match door.label.as_str() {
            "A1" => (door.status, door.unknown_since) = (CompartmentStatus::Storing, Some(since.clone())),
            "A2" => door.unknown_since = Some("not a moment".to_owned()),
            "B1" => {
                door.status = CompartmentStatus::Stored;
                door.kind = Some(ContentKind::Deposit);
                door.pwd = Some("48213".to_owned());
                door.unknown_since = Some(since.clone());
            }
            _ => door.unknown_since = Some(since.clone()),
        }
    }
    let mut rig = Rig::new();
    rig.kiosk = Kiosk::enrolled(&from, MORNING);
    rig
}

fn to_look_into(rig: &Rig) -> Vec<Port> {
    rig.kiosk.half_done().map(|door| door.port).collect()
}

#[test]
fn a_door_nothing_is_known_of_is_handed_out_to_nobody_and_shown_to_staff() {
    let mut rig = replaced();
    assert_eq!(to_look_into(&rig), [A1, A2, B1]);
    assert_eq!(rig.door(A1).unknown_since, Some(MORNING.plus(-DAY)));
    assert_eq!(rig.kiosk.free_doors(1).count(), 0);
    rig.tile(Usage::Deposit).pin();
    for port in [A1, A2] {
        rig.chooses(port);
        assert_eq!(rig.trouble(), Some(Trouble::DoorNotFree), "{port:?}");
    }
}

#[test]
fn staff_settle_it_as_they_find_it() {
    let mut rig = replaced();
    rig.staff_area().settles(A1, Content::Empty);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(to_look_into(&rig), [A2, B1]);

    rig.settles(A2, Content::Stored);
    assert_eq!(rig.status(A2), CompartmentStatus::Stored);
    let Screen::Code { port: A2, token, .. } = &rig.kiosk.screen else {
        panic!("no code is shown for the meter found in it");
    };
    assert!(matches!(rig.read(token).payload, Payload::OpenToSave(_)));
    rig.does(Input::Done).staff_area().settles(B1, Content::Stored);
    assert_eq!((rig.status(B1), &*rig.pwd(B1)), (CompartmentStatus::Stored, "48213"));
    assert!(to_look_into(&rig).is_empty());
    rig.does(Input::Done).tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_known_deposit_can_be_picked_up_before_staff_have_looked() {
    let mut rig = replaced();
    rig.tile(Usage::PickUp).types("B1", "48213").closes(B1);
    assert_eq!(rig.status(B1), CompartmentStatus::Free);
    assert_eq!(to_look_into(&rig), [A1, A2]);
}

#[test]
fn a_device_that_is_enrolled_again_keeps_what_it_knows() {
    let mut rig = Rig::new();
    let mut from = enrolment();
    for door in &mut from.compartments {
        door.unknown_since = Some(MORNING.to_iso());
    }
    rig.kiosk.enrolled_again(&from, MORNING);
    assert!(to_look_into(&rig).is_empty());
    assert_eq!(rig.kiosk.free_doors(1).count(), 3);
}
