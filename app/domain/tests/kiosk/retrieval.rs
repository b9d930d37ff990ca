//! M, staff retrieval.

use crate::rig::*;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Message, Notice, Screen, Trouble, Usage};

fn ports(rig: &Rig) -> Vec<domain::ids::Port> {
    rig.kiosk.retrievable(rig.now).map(|door| door.port).collect()
}

#[test]
fn returns_are_offered_at_once_and_deposits_only_when_overdue() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.leaves_return(A2);
    assert_eq!(ports(&rig), [A2]);
    rig.wait(3 * DAY - 1);
    assert_eq!(ports(&rig), [A2]);
    rig.wait(1);
    assert_eq!(ports(&rig), [A1, A2]);
}

#[test]
fn what_staff_take_out_leaves_the_door_free_and_the_list_shorter() {
    let mut rig = Rig::new();
    rig.leaves_return(A2);
    rig.tile(Usage::Retrieval).pin().chooses(A2);
    assert_eq!(rig.opened(), Some(A2));
    assert_eq!(rig.status(A2), CompartmentStatus::Taking);
    rig.closes(A2);
    assert_eq!(rig.status(A2), CompartmentStatus::Free);
    assert_eq!(rig.event().kind, EventKind::RetrievalClosed);
    assert_eq!(rig.event().things_sq, Some(order_no("1007")));
    assert_eq!(rig.kiosk.screen, Screen::ChooseTake);
    let said = Notice::Said(Message::Retrieved { label: "A2".to_owned() });
    assert_eq!(rig.kiosk.notice, Some(said));
    assert!(ports(&rig).is_empty());
}

#[test]
fn a_deposit_that_is_not_overdue_cannot_be_taken_by_staff() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rig.tile(Usage::Retrieval).pin();
    for port in [A1, A2, A3, A4, NOWHERE] {
        rig.chooses(port);
        assert_eq!(rig.opened(), None, "{port:?}");
        assert_eq!(rig.trouble(), Some(Trouble::NothingStored));
    }
}

#[test]
fn a_retrieval_given_up_leaves_the_return_where_it_is() {
    let mut rig = Rig::new();
    rig.leaves_return(A2);
    rig.tile(Usage::Retrieval)
        .pin()
        .chooses(A2)
        .does(Input::GiveUp(true))
        .closes(A2);
    assert_eq!(rig.status(A2), CompartmentStatus::Stored);
    assert_eq!(ports(&rig), [A2]);
    assert_eq!(rig.kiosk.screen, Screen::ChooseTake);
}
