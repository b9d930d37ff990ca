//! Nobody there: the countdown home, and reminders at an open door.

use crate::rig::*;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Effect, Input, Screen, Sound, Usage};

#[test]
fn after_45_seconds_a_countdown_of_10_leads_home() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().idle(44);
    assert_eq!(rig.kiosk.idle.seconds_left, None);
    rig.idle(1);
    assert_eq!(rig.kiosk.idle.seconds_left, Some(10));
    rig.idle(9);
    assert_eq!(rig.kiosk.idle.seconds_left, Some(1));
    rig.idle(1);
    assert_eq!(rig.kiosk.screen, Screen::Home);
    assert_eq!(rig.event().kind, EventKind::StaffOut);
}

#[test]
fn a_touch_ends_the_countdown() {
    let mut rig = Rig::new();
    rig.tile(Usage::PickUp).idle(50).does(Input::Touched);
    assert_eq!(rig.kiosk.idle.seconds_left, None);
    rig.idle(44);
    assert_eq!(rig.kiosk.screen, Screen::PickUp);
}

#[test]
fn the_start_page_waits_for_ever() {
    let mut rig = Rig::new();
    let before = rig.kiosk.clone();
    rig.idle(3_600);
    assert_eq!(rig.kiosk, before, "not even something to store");
}

#[test]
fn the_staff_area_leaves_a_phone_time_to_read() {
    let mut rig = Rig::new();
    rig.staff_area().idle(299);
    assert!(matches!(rig.kiosk.screen, Screen::Staff { .. }));
    rig.idle(11);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}

#[test]
fn an_open_door_is_remembered_every_30_seconds() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    let mut reminders = Vec::new();
    for second in 1..=100 {
        rig.idle(1);
        if rig.effects.contains(&Effect::Sound(Sound::Reminder)) {
            reminders.push(second);
        }
    }
    assert_eq!(reminders, [30, 60, 90]);
    assert!(matches!(rig.kiosk.screen, Screen::DoorOpen { reminders: 3, .. }));
}

#[test]
fn done_leads_home_soon() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.tile(Usage::PickUp).types("A1", &pwd).closes(A1).idle(15);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}

#[test]
fn a_clock_set_back_neither_sends_home_early_nor_holds_for_ever() {
    let mut rig = Rig::new();
    rig.tile(Usage::PickUp).wait(-DAY).idle(30);
    assert_eq!(rig.kiosk.screen, Screen::PickUp);
    rig.idle(26);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}
