//! The staff area.

use crate::rig::*;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Condition, Content, Input, Screen, Trouble, Usage};
use domain::token::Payload;

fn code_shown(rig: &Rig) -> Vec<domain::token::CompartmentRow> {
    let Screen::Staff { token, .. } = &rig.kiosk.screen else {
        panic!("not in the staff area: {:?}", rig.kiosk.screen);
    };
    let Payload::SaveToData(rows) = rig.read(token).payload else {
        panic!("not a SaveToData code");
    };
    rows
}

#[test]
fn it_always_shows_all_compartments_as_they_stand() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(B1);
    rig.staff_area();
    let rows = code_shown(&rig);
    let statuses: Vec<_> = rows.iter().map(|row| (row.port(), row.status.letter())).collect();
    assert_eq!(statuses, [(A1, "B"), (A2, "B"), (A3, "C"), (A4, "X"), (B1, "A")]);
    assert_eq!(rows[4].pwd, Some(pwd));
    let set = |condition| Input::SetCondition { port: A1, condition };
    rig.does(set(Condition::OutOfOrder));
    assert_eq!(code_shown(&rig)[0].status, CompartmentStatus::OutOfOrder);
    assert_eq!(rig.event().detail.as_deref(), Some("out-of-order"));
    rig.does(set(Condition::Free));
    assert_eq!(code_shown(&rig)[0].status, CompartmentStatus::Free);
    assert_eq!(rig.event().kind, EventKind::ConditionSet);
}

#[test]
fn only_an_empty_door_can_be_taken_out_of_use() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.staff_area();
    for port in [A1, A3, A4, NOWHERE] {
        rig.does(Input::SetCondition {
            port,
            condition: Condition::OutOfOrder,
        });
        assert_eq!(rig.trouble(), Some(Trouble::DoorNotFree), "{port:?}");
    }
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn outside_of_it_nothing_of_it_can_be_done() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).does(Input::Started);
    rig.settles(A1, Content::Empty)
        .does(Input::SetCondition {
            port: A2,
            condition: Condition::OutOfOrder,
        })
        .does(Input::ShowCode(A1));
    assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    assert_eq!(rig.status(A2), CompartmentStatus::Free);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}

#[test]
fn a_pass_held_to_the_start_page_leads_there() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.scans(&code);
    assert!(matches!(rig.kiosk.screen, Screen::Staff { .. }));
    let staff = rig.kiosk.staff.clone().unwrap();
    assert_eq!((staff.phone, staff.name.as_deref()), (Some(phone()), Some("Kim")));
    assert_eq!(rig.event().detail.as_deref(), Some("pass"));
    rig.does(Input::Done);
    assert_eq!(
        (rig.event().kind, rig.event().actor.clone()),
        (EventKind::StaffOut, Some(phone()))
    );
}

#[test]
fn the_code_of_a_deposit_can_be_shown_again() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.staff_area().does(Input::ShowCode(A2));
    assert!(matches!(rig.kiosk.screen, Screen::Staff { .. }), "nothing is in A2");
    rig.does(Input::ShowCode(A1));
    let Screen::Code { token, .. } = &rig.kiosk.screen else {
        panic!("no code");
    };
    let Payload::OpenToSave(fields) = rig.read(token).payload else {
        panic!("not an OpenToSave code");
    };
    assert_eq!(fields.pwd, pwd);
}

#[test]
fn from_there_deposits_and_retrievals_need_no_second_pin() {
    let mut rig = Rig::new();
    rig.staff_area().tile(Usage::Retrieval);
    assert_eq!(rig.kiosk.screen, Screen::ChooseTake);
    rig.does(Input::StaffArea).tile(Usage::Deposit).chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_business_usage_ends_the_staff_session() {
    let mut rig = Rig::new();
    rig.staff_area().tile(Usage::PickUp);
    assert_eq!(rig.kiosk.staff, None);
    assert_eq!(rig.event().kind, EventKind::StaffOut);
}
