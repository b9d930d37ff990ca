//! The event log: no gap, nothing forgotten before the server has it.

use crate::rig::*;
use domain::locker::kiosk::{Input, ServerState};

fn acked(acked: i64) -> Input {
    Input::Server(ServerState {
        acked,
        date: MORNING,
        bindings: Vec::new(),
        wanted: Vec::new(),
    })
}

fn numbers(rig: &Rig) -> Vec<i64> {
    rig.kiosk.log.unconfirmed().iter().map(|event| event.seq).collect()
}

#[test]
fn events_are_numbered_from_one_and_kept_until_confirmed() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    assert_eq!(numbers(&rig), [1, 2, 3, 4, 5]);
    rig.does(acked(3));
    assert_eq!(numbers(&rig), [4, 5]);
    assert_eq!(rig.kiosk.log.events().len(), 5, "confirmed ones can still be looked at");
}

#[test]
fn an_older_answer_that_comes_late_takes_nothing_back() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.does(acked(4)).does(acked(2));
    assert_eq!(numbers(&rig), [5]);
}

#[test]
fn a_thousand_unconfirmed_events_are_all_kept_and_of_the_confirmed_the_last_200() {
    let mut rig = Rig::new();
    for _ in 0..500 {
        rig.staff_area().does(Input::Done);
    }
    assert_eq!(numbers(&rig), (1..=1_001).collect::<Vec<_>>());
    rig.does(acked(1_001));
    assert_eq!(rig.kiosk.log.events().len(), 200);
    rig.staff_area();
    assert_eq!(numbers(&rig), [1_002]);
}

#[test]
fn after_a_device_was_replaced_its_events_follow_those_the_server_has() {
    let mut from = enrolment();
    from.acked_seq = 57;
    let mut rig = Rig::new();
    rig.kiosk = domain::locker::kiosk::Kiosk::enrolled(&from, MORNING);
    rig.deposits(A1);
    assert_eq!(numbers(&rig), [58, 59, 60, 61, 62]);
}

#[test]
fn events_the_server_took_for_repeats_are_renumbered_and_said_again() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.does(acked(57));
    assert_eq!(numbers(&rig), [58, 59, 60, 61, 62]);
    assert_eq!(rig.kiosk.log.acked(), 57);
}

#[test]
fn an_absurd_answer_is_not_believed() {
    let mut rig = Rig::new();
    rig.does(acked(i64::MAX)).does(acked(-5));
    assert_eq!(numbers(&rig), [1]);
}
