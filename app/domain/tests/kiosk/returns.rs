//! J, business return.

use crate::rig::*;
use domain::ids::CustomerNo;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Checked, Effect, Input, Named, Purpose, Screen, Trouble, Usage};

#[test]
fn a_return_named_by_its_order_is_kept_with_it() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return)
        .returns(Named::Order(order_no("1007")))
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
        .returns(Named::Customer(number.clone()))
        .chooses(A1)
        .closes(A1);
    assert_eq!(rig.door(A1).customer_no, Some(number));
    assert_eq!(rig.event().detail.as_deref(), Some("0512345678"));
}

#[test]
fn an_order_number_can_be_scanned() {
    let mut rig = Rig::new();
    rig.tile(Usage::Return)
        .scans(" 1007\r\n")
        .answers(Checked::Whose("강*우".to_owned()));
    assert_eq!(
        rig.kiosk.screen,
        Screen::ChooseFree {
            purpose: Purpose::Return {
                named: Named::Order(order_no("1007")),
                whose: Some("강*우".to_owned())
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
    rig.scans_return().does(Input::Cancel);
    assert_eq!(rig.kiosk.screen, Screen::NameReturn);
    rig.does(Input::Cancel);
    assert_eq!(rig.kiosk.screen, Screen::Home);
}

#[test]
fn a_return_given_up_leaves_nothing_bound() {
    let mut rig = Rig::new();
    rig.scans_return().chooses(A1).does(Input::GiveUp(true)).closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert!(rig.door(A1).things_sq.is_none() && rig.door(A1).kind.is_none());
}

#[test]
fn the_number_of_a_return_is_checked_before_a_door_is_offered() {
    let mut rig = Rig::new();
    let named = Named::Order(order_no("1007"));
    rig.tile(Usage::Return).does(Input::NameReturn(named.clone()));
    assert_eq!(rig.effects, [Effect::Check(named)]);
    assert_eq!(rig.kiosk.screen, Screen::NameReturn);
    rig.answers(Checked::Refused);
    assert_eq!(rig.kiosk.screen, Screen::NameReturn, "no door for a number nobody has");
    assert_eq!(rig.trouble(), Some(Trouble::NumberRefused));
    assert_eq!(rig.event().detail.as_deref(), Some("number-refused"));
}

#[test]
fn an_answer_to_another_number_or_after_going_home_changes_nothing() {
    let mut rig = Rig::new();
    let (first, second) = (Named::Order(order_no("1007")), Named::Order(order_no("1008")));
    let told = |named: &Named| Input::Checked {
        named: named.clone(),
        answer: Checked::NotAsked,
    };
    rig.tile(Usage::Return)
        .does(Input::NameReturn(first.clone()))
        .does(Input::NameReturn(second.clone()))
        .does(told(&first));
    assert_eq!(rig.kiosk.screen, Screen::NameReturn);
    rig.does(Input::Cancel).does(told(&second));
    assert_eq!(rig.kiosk.screen, Screen::Home);
    rig.tile(Usage::Return).does(told(&second));
    assert_eq!(rig.kiosk.screen, Screen::NameReturn, "asked about by the person before");
}

#[test]
fn a_return_that_could_not_be_checked_says_so_in_its_event() {
    let opened = |named: Named, answer: Checked| {
        let mut rig = Rig::new();
        rig.tile(Usage::Return)
            .does(Input::NameReturn(named))
            .answers(answer)
            .chooses(A1);
        assert_eq!(rig.event().kind, EventKind::ReturnOpened);
        rig.event().detail.clone()
    };
    let order = Named::Order(order_no("1007"));
    let customer = Named::Customer(CustomerNo::parse("0512345678").unwrap());
    let checked = Checked::Whose("강*우".to_owned());
    assert_eq!(opened(order.clone(), Checked::NotAsked).as_deref(), Some("not-checked"));
    assert_eq!(
        opened(customer.clone(), Checked::NotAsked).as_deref(),
        Some("0512345678 not-checked")
    );
    assert_eq!(opened(order, checked.clone()), None);
    assert_eq!(opened(customer, checked).as_deref(), Some("0512345678"));
}
