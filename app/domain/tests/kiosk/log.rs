//! The event log: no gap, nothing forgotten before the server has it.

use crate::rig::*;
use domain::ids::Millis;
use domain::locker::kiosk::Input;

fn acked(acked: i64) -> Input {
    acked_at(acked, MORNING)
}

fn acked_at(acked: i64, date: Millis) -> Input {
    Input::Server(server_state(acked, date))
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
fn a_server_restored_from_a_backup_gets_again_what_it_had_confirmed_and_lost() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.does(acked(5)).does(Input::RowsApplied { seq: 5 });
    rig.staff_area();
    rig.does(acked_at(2, MORNING.plus(1)));
    assert_eq!(numbers(&rig), [3, 4, 5, 6]);
    assert_eq!(rig.kiosk.synced.rows_seq, 0, "and its compartments as they are now");
    rig.does(acked_at(6, MORNING.plus(2)));
    assert_eq!((numbers(&rig), rig.kiosk.log.acked()), (vec![], 6));
}

#[test]
fn what_a_restored_server_gets_follows_without_a_gap_where_the_kiosk_has_forgotten_older_ones() {
    let mut rig = Rig::new();
    for _ in 0..500 {
        rig.staff_area().does(Input::Done);
    }
    rig.does(acked(1_001)).staff_area();
    rig.does(acked_at(2, MORNING.plus(1)));
    assert_eq!(
        numbers(&rig),
        (3..=203).collect::<Vec<_>>(),
        "the 200 it keeps and the new one"
    );
    rig.deposits(A1);
    rig.does(acked_at(203, MORNING.plus(2)));
    assert_eq!(numbers(&rig).first(), Some(&204));
}

#[test]
fn a_replaced_kiosk_follows_a_server_that_has_less_than_it_said_at_the_enrolment() {
    let mut from = enrolment();
    from.acked_seq = 57;
    let mut rig = Rig::new();
    rig.kiosk = domain::locker::kiosk::Kiosk::enrolled(&from, MORNING);
    rig.does(acked_at(57, MORNING)).does(acked_at(40, MORNING.plus(1)));
    rig.deposits(A1);
    assert_eq!(numbers(&rig), [41, 42, 43, 44, 45]);
}

#[test]
fn an_absurd_answer_is_not_believed() {
    let mut rig = Rig::new();
    rig.does(acked(i64::MAX)).does(acked(-5));
    assert_eq!(numbers(&rig), [1]);
}
