//! Settings of the lock boards: set by the operator or at the kiosk, and the newest of both counts.

use crate::doors::wired;
use crate::rig::*;
use domain::boards::cabinet::Cabinet;
use domain::boards::{Kind, SettingsFault, Wiring, WiringFault};
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Enrolment, Input, Kiosk, ServerState, Wired};

fn told(revision: i64, wiring: Option<Wiring>) -> Input {
    Input::Server(ServerState {
        wired: Some(Wired { revision, wiring }),
        ..server_state(0, MORNING)
    })
}

fn set(kind: Kind) -> Input {
    Input::SetWiring(Some(Box::new(Wiring::of(kind))))
}

#[test]
fn settings_come_with_enrolment_and_with_every_answer_of_the_server() {
    let mut from: Enrolment = enrolment();
    from.wired = Wired {
        revision: 4,
        wiring: Some(Wiring::of(Kind::Oto)),
    };
    let kiosk = Kiosk::enrolled(&from, MORNING);
    assert_eq!(kiosk.wiring, Some(Wiring::of(Kind::Oto)));
    let mut rig = Rig::new();
    assert_eq!(rig.kiosk.wiring, None);
    rig.does(told(5, Some(Wiring::of(Kind::Cu16))));
    assert_eq!(rig.kiosk.wiring, Some(Wiring::of(Kind::Cu16)));
    rig.does(told(6, None));
    assert!(rig.kiosk.is_drawn());
}

#[test]
fn a_kiosk_of_an_older_version_has_drawn_doors() {
    let rig = Rig::new();
    let mut text = serde_json::to_value(&rig.kiosk).unwrap();
    for key in [
        "wiring",
        "wiringRevision",
        "wiringChanged",
        "attempts",
        "opening",
        "test",
    ] {
        text.as_object_mut().unwrap().remove(key).unwrap();
    }
    let kiosk: Kiosk = serde_json::from_value(text).unwrap();
    assert!(kiosk.is_drawn());
}

#[test]
fn staff_change_settings_at_the_kiosk_and_the_server_is_told_until_it_answers() {
    let mut rig = Rig::new();
    rig.does(told(3, None)).does(set(Kind::Xor8a));
    assert!(rig.kiosk.is_drawn(), "nobody is identified");
    rig.staff_area().does(set(Kind::Xor8a));
    assert_eq!(rig.kiosk.wiring, Some(Wiring::of(Kind::Xor8a)));
    assert_eq!(rig.event().kind, EventKind::WiringSet);
    let to_tell = rig.kiosk.wiring_to_tell().unwrap();
    assert_eq!((to_tell.revision, to_tell.wiring.is_some()), (3, true));
    rig.does(told(3, None));
    assert_eq!(
        rig.kiosk.wiring,
        Some(Wiring::of(Kind::Xor8a)),
        "the server has not heard of it"
    );
    assert!(rig.kiosk.wiring_to_tell().is_some());
    rig.does(told(4, Some(Wiring::of(Kind::Xor8a))));
    assert_eq!(rig.kiosk.wiring_to_tell(), None);
}

#[test]
fn what_the_operator_set_meanwhile_counts() {
    let mut rig = wired();
    rig.staff_area()
        .does(set(Kind::Cu16))
        .does(told(1, Some(Wiring::of(Kind::Oto))));
    assert_eq!(rig.kiosk.wiring, Some(Wiring::of(Kind::Oto)));
    assert_eq!(rig.kiosk.wiring_to_tell(), None);
}

#[test]
fn a_kind_of_board_that_a_later_server_knows_opens_nothing_and_the_next_settings_count() {
    let mut rig = wired();
    let mut state = serde_json::json!({
        "acked": 0, "date": MORNING.to_iso(),
        "wired": { "revision": 8, "wiring": Wiring::of(Kind::Xor8a) },
    });
    state["wired"]["wiring"]["boards"]["kind"] = "hua-heng".into();
    rig.does(Input::Server(serde_json::from_value(state).unwrap()));
    let fault = WiringFault::Settings(SettingsFault::Kind);
    assert_eq!(rig.kiosk.wiring_fault(), Some(fault));
    assert!(!rig.kiosk.is_drawn());
    // Also after a restart.
    rig.does(Input::Started);
    assert_eq!(rig.kiosk.wiring_fault(), Some(fault));
    rig.staff_area().does(Input::TestOpen(A1));
    let layout = rig.kiosk.layout();
    let wiring = rig.kiosk.wiring.clone().unwrap();
    assert!(
        Cabinet::new(&wiring, &layout, false).is_err(),
        "there is no frame for it"
    );
    rig.does(told(9, Some(Wiring::of(Kind::Cu16))));
    assert_eq!(rig.kiosk.wiring_fault(), None);
}

#[test]
fn settings_that_contradict_the_layout_are_refused_at_the_kiosk_and_shown_from_the_server() {
    let mut rig = Rig::new();
    // The layout has four doors a board.
    rig.staff_area().does(set(Kind::OtoSingle));
    assert!(rig.kiosk.is_drawn());
    rig.does(told(1, Some(Wiring::of(Kind::OtoSingle))));
    assert!(rig.kiosk.wiring_fault().is_some());
}
