//! The PIN pad and the password pad: few tries, then growing waits.

use crate::rig::*;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Screen, Trouble, Usage};

#[test]
fn after_three_wrong_pins_the_wait_grows() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit);
    for _ in 0..3 {
        rig.does(Input::Pin("0000".to_owned()));
        assert_eq!(rig.trouble(), Some(Trouble::WrongPin));
    }
    rig.pin();
    assert_eq!(
        rig.trouble(),
        Some(Trouble::Wait { seconds: 15 }),
        "not even the right one"
    );
    rig.wait(15_000).does(Input::Pin("0000".to_owned())).pin();
    assert_eq!(rig.trouble(), Some(Trouble::Wait { seconds: 30 }));
    rig.wait(30_000).pin();
    assert!(matches!(rig.kiosk.screen, Screen::ChooseFree { .. }));
    assert_eq!(rig.kiosk.pin_tries.wrong, 0);
}

#[test]
fn the_wait_survives_a_restart_and_stays_bounded_when_the_clock_is_set_back() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp);
    for _ in 0..30 {
        rig.types("A1", "xxxxx").wait(900_000);
    }
    rig.types("A1", "xxxxx")
        .does(Input::Started)
        .tile(Usage::PickUp)
        .types("A1", &pwd);
    assert_eq!(rig.trouble(), Some(Trouble::Wait { seconds: 900 }));
    rig.wait(-100 * DAY).types("A1", &pwd);
    assert_eq!(rig.trouble(), Some(Trouble::Wait { seconds: 900 }));
    rig.wait(900_000).types("A1", &pwd);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn every_wrong_try_is_evidence_but_waiting_is_not() {
    let mut rig = Rig::new();
    rig.tile(Usage::PickUp);
    let before = rig.kiosk.log.last();
    for _ in 0..10 {
        rig.types("A1", "00000");
    }
    assert_eq!(rig.kiosk.log.last(), before + 3);
    assert_eq!(rig.event().kind, EventKind::Refused);
    assert_eq!(rig.event().port, Some(A1));
}

#[test]
fn a_kiosk_without_a_pin_says_so() {
    let mut from = enrolment();
    from.pin = None;
    let mut rig = Rig::new();
    rig.kiosk = domain::locker::kiosk::Kiosk::enrolled(&from, MORNING);
    rig.tile(Usage::Deposit).does(Input::Pin(String::new()));
    assert_eq!(rig.trouble(), Some(Trouble::NoPin));
    let code = rig.code(&pass());
    rig.scans(&code);
    assert!(matches!(rig.kiosk.screen, Screen::ChooseFree { .. }));
}

#[test]
fn a_pin_typed_elsewhere_does_nothing() {
    let mut rig = Rig::new();
    rig.pin();
    assert_eq!(rig.kiosk.screen, Screen::Home);
    assert_eq!(rig.kiosk.staff, None);
}
