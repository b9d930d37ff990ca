//! What the server tells about orders.

use crate::rig::*;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Binding, Input, Look, ServerState, Usage, Wanted};

fn bound(port: domain::ids::Port, order: &str) -> Input {
    Input::Server(ServerState {
        bindings: vec![Binding {
            jumper: port.jumper,
            serial: port.serial,
            things_sq: order_no(order),
        }],
        ..server_state(0, MORNING)
    })
}

fn rows_applied(rig: &mut Rig) {
    let seq = rig.kiosk.log.last();
    rig.does(Input::RowsApplied { seq });
}

#[test]
fn a_deposit_learns_its_order_from_the_server() {
    let mut rig = Rig::new();
    rig.deposits(A1);
    rows_applied(&mut rig);
    rig.does(bound(A1, "1001"));
    assert_eq!(rig.door(A1).things_sq, Some(order_no("1001")));
    assert_eq!(rig.kiosk.rows()[0].things_sq, Some(order_no("1001")));
}

#[test]
fn a_binding_from_before_the_present_deposit_is_not_taken_for_it() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rows_applied(&mut rig);
    rig.does(bound(A1, "1001"));
    rig.tile(Usage::PickUp).types("A1", &pwd).closes(A1).does(Input::Done);
    rig.deposits(A1);
    rig.does(bound(A1, "1001"));
    assert_eq!(
        rig.door(A1).things_sq,
        None,
        "the server has not heard of the second deposit"
    );
    rows_applied(&mut rig);
    rig.does(bound(A1, "1002"));
    assert_eq!(rig.door(A1).things_sq, Some(order_no("1002")));
}

#[test]
fn a_free_door_and_a_return_take_no_binding() {
    let mut rig = Rig::new();
    rig.leaves_return(A2);
    rows_applied(&mut rig);
    rig.does(bound(A1, "1001"))
        .does(bound(A2, "1001"))
        .does(bound(NOWHERE, "1001"));
    assert_eq!(rig.door(A1).things_sq, None);
    assert_eq!(rig.door(A2).things_sq, Some(order_no("1007")));
}

fn wants(port: domain::ids::Port, status: CompartmentStatus) -> Input {
    Input::Server(ServerState {
        wanted: vec![Wanted {
            jumper: port.jumper,
            serial: port.serial,
            status,
        }],
        ..server_state(0, MORNING)
    })
}

#[test]
fn an_operator_takes_a_door_out_of_use_and_gives_it_back() {
    let mut rig = Rig::new();
    rig.does(wants(A1, CompartmentStatus::OutOfOrder));
    assert_eq!(rig.kiosk.rows()[0].status, CompartmentStatus::OutOfOrder);
    let event = rig.kiosk.log.events().last().unwrap().clone();
    assert_eq!((event.kind, event.port), (EventKind::ConditionSet, Some(A1)));
    assert_eq!((event.actor, event.detail.as_deref()), (None, Some("out-of-order")));

    // Asked again before the rows arrived: nothing to do.
    let last = rig.kiosk.log.last();
    rig.does(wants(A1, CompartmentStatus::OutOfOrder));
    assert_eq!(rig.kiosk.log.last(), last);

    rig.does(wants(A1, CompartmentStatus::Free));
    assert_eq!(rig.door(A1).status, CompartmentStatus::Free);
}

#[test]
fn a_door_in_use_is_taken_out_of_use_once_it_is_free() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    rig.does(wants(A1, CompartmentStatus::OutOfOrder));
    assert_eq!(rig.door(A1).status, CompartmentStatus::Stored);
    rig.does(wants(A2, CompartmentStatus::Stored));
    assert_eq!(rig.door(A2).status, CompartmentStatus::Free, "no condition");
    rig.tile(Usage::PickUp).types("A1", &pwd).closes(A1).does(Input::Done);
    rig.does(wants(A1, CompartmentStatus::OutOfOrder));
    assert_eq!(rig.door(A1).status, CompartmentStatus::OutOfOrder);
}

#[test]
fn the_servers_answer_is_read_as_it_is_written() {
    let answer = r#"{"success":true,"acked":7,"date":"2026-03-02T00:00:00.000Z",
        "bindings":[{"jumper":1,"serial":2,"thingsSq":"1001"}],
        "wanted":[{"jumper":1,"serial":3,"status":"C"}]}"#;
    let state: ServerState = serde_json::from_str(answer).unwrap();
    assert_eq!((state.acked, state.date), (7, MORNING));
    assert_eq!(
        state.bindings,
        [Binding {
            jumper: 1,
            serial: 2,
            things_sq: order_no("1001")
        }]
    );
    assert_eq!(
        state.wanted,
        [Wanted {
            jumper: 1,
            serial: 3,
            status: CompartmentStatus::OutOfOrder
        }]
    );
}

#[test]
fn what_an_operator_sets_for_every_kiosk_is_kept_and_silence_changes_nothing() {
    let mut rig = Rig::new();
    let told = |overdue_days: Option<i64>, look: Option<Look>| {
        Input::Server(ServerState {
            overdue_days,
            look,
            ..server_state(0, MORNING)
        })
    };
    let look = Look {
        contact: "02-123-4567".to_owned(),
        language: "ko".to_owned(),
        logo: "/logo/1".to_owned(),
    };
    rig.does(told(Some(7), Some(look.clone()))).does(told(None, None));
    assert_eq!((&rig.kiosk.look, rig.kiosk.overdue_days), (&look, 7));
    rig.does(told(Some(-1), Some(Look::default())));
    assert_eq!((rig.kiosk.look.is_plain(), rig.kiosk.overdue_days), (true, 0));
}
