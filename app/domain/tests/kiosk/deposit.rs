//! L, staff deposit.

use crate::rig::*;
use domain::boards::bus::Report;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Effect, Input, Screen, Trouble, Usage, Wants};
use domain::token::Payload;

#[test]
fn a_deposit_ends_with_the_code_for_the_phone() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit);
    assert_eq!(rig.kiosk.screen, Screen::Identify { wants: Wants::Deposit });
    rig.pin().chooses(A2);
    assert_eq!(rig.opened(), Some(A2));
    assert_eq!(rig.status(A2), CompartmentStatus::Storing);
    rig.closes(A2);
    let Screen::Code { port, token, .. } = rig.kiosk.screen.clone() else {
        panic!("no code is shown");
    };
    assert_eq!(port, A2);
    let Payload::OpenToSave(fields) = rig.read(&token).payload else {
        panic!("not an OpenToSave code");
    };
    assert_eq!((fields.port(), fields.label.as_str()), (A2, "A2"));
    assert_eq!(Some(fields.pwd), rig.door(A2).pwd);
    assert_eq!(fields.save_date, MORNING.to_iso());
    assert_eq!(rig.status(A2), CompartmentStatus::Stored);
    assert_eq!(rig.door(A2).kind, Some(ContentKind::Deposit));
    rig.does(Input::Done);
    assert_eq!(rig.kiosk.screen, Screen::Home);
    assert_eq!(
        rig.kinds(),
        [
            EventKind::Enrolled,
            EventKind::StaffIn,
            EventKind::DepositOpened,
            EventKind::DepositClosed,
            EventKind::StaffOut
        ]
    );
}

#[test]
fn a_deposit_by_staff_pass_names_the_person() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.tile(Usage::Deposit).scans(&code).chooses(A1).closes(A1);
    assert_eq!(rig.event().kind, EventKind::DepositClosed);
    assert_eq!(rig.event().actor, Some(phone()));
}

#[test]
fn a_password_is_five_digits_and_unlike_every_other() {
    let mut rig = Rig::new();
    let first = rig.deposits(A1);
    let second = rig.deposits(A2);
    let third = rig.deposits(B1);
    assert!(first != second && second != third && first != third);
    for pwd in [first, second, third] {
        assert!(pwd.len() == 5 && pwd.bytes().all(|b| b.is_ascii_digit()), "{pwd}");
    }
}

#[test]
fn only_free_doors_of_adequate_size_are_offered_and_opened() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.tile(Usage::Deposit).pin();
    let offered: Vec<_> = rig.kiosk.free_doors(1).map(|door| door.port).collect();
    assert_eq!(offered, [A2, B1]);
    for taken in [A1, A3, A4, NOWHERE] {
        rig.chooses(taken);
        assert_eq!(rig.opened(), None, "{taken:?}");
        assert_eq!(rig.trouble(), Some(Trouble::DoorNotFree));
    }
    rig.does(Input::NeedSize(2)).chooses(A2);
    assert_eq!(rig.opened(), None);
    rig.chooses(B1);
    assert_eq!(rig.opened(), Some(B1));
}

#[test]
fn without_saying_who_one_is_no_door_opens() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).chooses(A1);
    assert_eq!(rig.opened(), None);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
}

#[test]
fn nothing_put_in_and_closed_leaves_the_door_free() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    rig.does(Input::GiveUp(true)).closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(rig.event().kind, EventKind::GivenUp);
    assert!(matches!(rig.kiosk.screen, Screen::ChooseFree { .. }));
    assert!(rig.door(A1).kind.is_none() && rig.door(A1).pwd.is_none());
}

#[test]
fn giving_up_can_be_taken_back_while_the_door_is_open() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    rig.does(Input::GiveUp(true)).does(Input::GiveUp(false)).closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn a_door_that_does_not_open_stays_free_and_the_user_is_told() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit)
        .pin()
        .chooses(A1)
        .does(Input::Reported(Report::NotSent { attempt: 1, port: A1 }));
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(rig.trouble(), Some(Trouble::DoorFailed));
    assert_eq!(rig.event().detail.as_deref(), Some("door-failed"));
}

#[test]
fn another_doors_report_changes_nothing() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A2);
    assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    assert!(matches!(rig.kiosk.screen, Screen::DoorOpen { .. }));
}

#[test]
fn opening_again_keeps_the_password_a_phone_may_have() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A1);
    let before = rig.pwd(A1);
    rig.does(Input::OpenAgain);
    assert_eq!(rig.opened(), Some(A1));
    rig.closes(A1);
    assert_eq!(rig.pwd(A1), before);
    rig.does(Input::OpenAgain).does(Input::GiveUp(true)).closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert_eq!(rig.door(A1).pwd, None);
}

#[test]
fn one_deposit_follows_another_without_identifying_again() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A1);
    rig.tile(Usage::Deposit).chooses(A2);
    assert_eq!(rig.opened(), Some(A2));
}

#[test]
fn the_code_stays_until_done_and_is_renewed_before_it_expires() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A1);
    let first = rig.kiosk.screen.clone();
    rig.idle(299);
    assert_eq!(rig.kiosk.screen, first);
    rig.idle(2);
    let Screen::Code { port: A1, token, .. } = &rig.kiosk.screen else {
        panic!("the code went away");
    };
    let made = rig.read(token).claims.date;
    assert_eq!(made, MORNING.plus(300_000));
}

#[test]
fn the_password_never_enters_the_log() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp).types("A1", "00000").types("A1", &pwd);
    let log = serde_json::to_string(rig.kiosk.log.events()).unwrap();
    assert!(!log.contains(&pwd) && !log.contains(PIN));
    assert!(!format!("{:?} {:?}", rig.kiosk, rig.door(A1)).contains(&pwd));
}

#[test]
fn a_change_calls_for_a_sync() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A1);
    assert!(rig.effects.contains(&Effect::Sync));
}
