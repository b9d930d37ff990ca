//! J, business return.

use crate::rig::*;
use domain::ids::CustomerNo;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Named, Purpose, Screen, Usage};

#[test]
fn a_return_named_by_its_order_is_kept_with_it() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return)
        .does(Input::NameReturn(Named::Order(order_no("1007"))))
        .chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    assert_eq!(rig.door(A1).kind, Some(ContentKind::Return));
    assert_eq!(rig.door(A1).things_sq, Some(order_no("1007")));
    assert_eq!(rig.door(A1).pwd, None, "only staff take it out");
    assert_eq!(rig.event().kind, EventKind::ReturnClosed);
    assert_eq!(rig.event().things_sq, Some(order_no("1007")));
}

#[test]
fn a_return_named_by_the_customer_says_so_in_its_events() {
    let mut rig = Rig::new();
    let number = CustomerNo::parse("0512345678").unwrap();
    rig.tile(Usage::Return)
        .does(Input::NameReturn(Named::Customer(number.clone())))
        .chooses(A1)
        .closes(A1);
    assert_eq!(rig.door(A1).customer_no, Some(number));
    assert_eq!(rig.event().detail.as_deref(), Some("0512345678"));
}

#[test]
fn an_order_number_can_be_scanned() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return).scans(" 1007\r\n");
    assert_eq!(
        rig.kiosk.screen,
        Screen::ChooseFree {
            purpose: Purpose::Return {
                named: Named::Order(order_no("1007"))
            },
            size: 1
        }
    );
}

#[test]
fn a_token_is_no_order_number() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.tile(Usage::Return).scans(&code);
    assert_eq!(rig.kiosk.screen, Screen::NameReturn);
    assert_eq!(rig.event().detail.as_deref(), Some("code-kind"));
}

#[test]
fn going_back_from_the_doors_leads_to_the_number_and_then_home() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return).scans("1007").does(Input::Cancel);
    assert_eq!(rig.kiosk.screen, Screen::NameReturn);
    rig.does(Input::Cancel);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}

#[test]
fn a_return_given_up_leaves_nothing_bound() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return)
        .scans("1007")
        .chooses(A1)
        .does(Input::GiveUp(true))
        .closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert!(rig.door(A1).things_sq.is_none() && rig.door(A1).kind.is_none());
}
