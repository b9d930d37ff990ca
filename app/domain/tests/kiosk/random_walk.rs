//! Any sequence of inputs: what must always hold.

use crate::rig::*;
use domain::boards::bus::Report;
use domain::ids::{CustomerNo, Port};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{
    Binding, Checked, Condition, Content, Effect, Input, Kiosk, Named, Screen, ServerState, Usage, Wanted,
};
use domain::token::Payload;
use proptest::prelude::*;

/// Something that happens; codes are made when it does, because they depend on the passwords of that moment.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a test makes a few hundred")]
enum Happens {
    Input(Input),
    TakeCode(Port),
    TypeRightPassword(Port),
    PassCode,
    DateCode(i64),
    Time(i64),
    Acked(i64),
    Applied,
}

fn port() -> impl Strategy<Value = Port> {
    prop::sample::select(vec![A1, A2, A3, A4, B1, NOWHERE])
}

fn happens() -> impl Strategy<Value = Happens> {
    let named = || {
        prop_oneof![
            Just(Named::Order(order_no("1007"))),
            Just(Named::Customer(CustomerNo::parse("0512").unwrap()))
        ]
    };
    let answer = prop_oneof![
        3 => Just(Checked::Whose("강*우".to_owned())),
        2 => Just(Checked::NotAsked),
        1 => Just(Checked::Refused),
    ];
    let content = prop_oneof![Just(Content::Stored), Just(Content::Empty)];
    let condition = prop_oneof![Just(Condition::OutOfOrder), Just(Condition::Free)];
    let input = prop_oneof![
        1 => Just(Input::Started),
        2 => Just(Input::Tick),
        6 => prop::sample::select(Usage::ALL.to_vec()).prop_map(Input::Tile),
        2 => Just(Input::StaffArea),
        4 => Just(Input::Pin(PIN.to_owned())),
        1 => Just(Input::Pin("0".to_owned())),
        2 => named().prop_map(Input::NameReturn),
        3 => (named(), answer).prop_map(|(named, answer)| Input::Checked { named, answer }),
        1 => (0..6i64).prop_map(Input::NeedSize),
        8 => port().prop_map(Input::Choose),
        8 => port().prop_map(Input::DoorClosed),
        2 => port().prop_map(|port| Input::Reported(Report::NotSent { attempt: 1, port })),
        1 => Just(Input::TryAgain),
        1 => port().prop_map(Input::TestOpen),
        2 => any::<bool>().prop_map(Input::GiveUp),
        1 => Just(Input::OpenAgain),
        1 => port().prop_map(Input::ShowCode),
        3 => (port(), content).prop_map(|(port, content)| Input::Settle { port, content }),
        2 => (port(), condition).prop_map(|(port, condition)| Input::SetCondition { port, condition }),
        3 => Just(Input::Done),
        2 => Just(Input::Cancel),
        1 => Just(Input::Scanned("1007".to_owned())),
        1 => (port(), any::<bool>()).prop_map(|(port, open)| Input::Reported(Report::Reads { port, open })),
    ];
    prop_oneof![
        30 => input.prop_map(Happens::Input),
        3 => port().prop_map(Happens::TakeCode),
        2 => port().prop_map(Happens::TypeRightPassword),
        2 => Just(Happens::PassCode),
        1 => (-DAY..DAY).prop_map(Happens::DateCode),
        3 => (-30 * MINUTE..DAY).prop_map(Happens::Time),
        1 => (0..80i64).prop_map(Happens::Acked),
        1 => Just(Happens::Applied),
    ]
}

fn play(rig: &mut Rig, what: &Happens) {
    rig.effects.clear();
    match what {
        Happens::Input(input) => rig.does(input.clone()),
        Happens::TakeCode(port) => {
            let pwd = rig.kiosk.door(*port).and_then(|door| door.pwd.clone());
            let code = rig.code(&take(*port, &pwd.unwrap_or_else(|| "00000".to_owned()), Some("1001")));
            rig.scans(&code)
        }
        Happens::TypeRightPassword(port) => {
            let door = rig.kiosk.door(*port).cloned();
            let (label, pwd) = door.map(|door| (door.label, door.pwd)).unwrap_or_default();
            rig.types(&label, &pwd.unwrap_or_default())
        }
        Happens::PassCode => {
            let code = rig.code(&pass());
            rig.scans(&code)
        }
        Happens::DateCode(by) => {
            let date = rig.now.plus(*by);
            let code = rig.code_at(&Payload::SyncDate, date);
            rig.scans(&code)
        }
        Happens::Time(by) => rig.wait(*by),
        Happens::Acked(acked) => {
            let state = ServerState {
                bindings: vec![Binding {
                    jumper: 1,
                    serial: 1,
                    things_sq: order_no("1001"),
                }],
                wanted: vec![Wanted {
                    jumper: 1,
                    serial: 2,
                    status: if acked % 2 == 0 {
                        CompartmentStatus::OutOfOrder
                    } else {
                        CompartmentStatus::Free
                    },
                }],
                ..server_state(*acked, rig.now)
            };
            rig.does(Input::Server(state))
        }
        Happens::Applied => {
            let seq = rig.kiosk.log.last();
            rig.does(Input::RowsApplied { seq })
        }
    };
}

fn events_have_no_gap(kiosk: &Kiosk) {
    let numbers: Vec<i64> = kiosk.log.events().iter().map(|event| event.seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    let unconfirmed: Vec<i64> = kiosk.log.unconfirmed().iter().map(|event| event.seq).collect();
    assert_eq!(
        unconfirmed,
        (kiosk.log.acked() + 1..=kiosk.log.last()).collect::<Vec<_>>()
    );
}

fn no_door_is_both_free_and_bound(kiosk: &Kiosk) {
    for door in &kiosk.doors {
        let bound = door.pwd.is_some() || door.things_sq.is_some() || door.kind.is_some() || door.customer_no.is_some();
        match door.status {
            CompartmentStatus::Stored | CompartmentStatus::Storing | CompartmentStatus::Taking => {
                assert!(door.kind.is_some(), "{door:?} holds something of no kind");
            }
            _ => assert!(!bound, "{door:?} is empty and bound"),
        }
    }
    let mut passwords: Vec<_> = kiosk.doors.iter().filter_map(|door| door.pwd.as_ref()).collect();
    let count = passwords.len();
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), count, "two compartments share a password");
}

fn every_open_door_was_granted(rig: &Rig, log_before: i64) {
    let opened: Vec<Port> = rig
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::OpenDoor(port) => Some(*port),
            _ => None,
        })
        .collect();
    assert!(opened.len() <= 1, "two doors at once");
    let Some(port) = opened.first() else { return };
    let granted = rig.kiosk.log.events().iter().any(|event| {
        event.seq > log_before
            && event.port == Some(*port)
            && matches!(
                event.kind,
                EventKind::DepositOpened
                    | EventKind::PickUpOpened
                    | EventKind::ReturnOpened
                    | EventKind::RetrievalOpened
            )
    });
    assert!(granted, "{port:?} opened without a recorded grant");
    assert!(matches!(rig.kiosk.screen, Screen::DoorOpen { port: shown, .. } if shown == *port));
    assert!(!matches!(
        rig.status(*port),
        CompartmentStatus::OutOfOrder | CompartmentStatus::Joined
    ));
}

fn what_is_shown_is_allowed(kiosk: &Kiosk) {
    match &kiosk.screen {
        Screen::Staff { .. } | Screen::ChooseTake => assert!(kiosk.staff.is_some(), "{:?}", kiosk.screen),
        Screen::Home | Screen::PickUp | Screen::NameReturn => assert!(kiosk.staff.is_none(), "{:?}", kiosk.screen),
        Screen::DoorOpen { port, usage, .. } => {
            let want = if usage.stores() {
                CompartmentStatus::Storing
            } else {
                CompartmentStatus::Taking
            };
            assert_eq!(kiosk.door(*port).map(|door| door.status), Some(want));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold(story in prop::collection::vec(happens(), 1..120)) {
        let mut rig = Rig::new();
        let (a3, a4) = (rig.status(A3), rig.status(A4));
        prop_assert_eq!((a3.letter(), a4.letter()), ("C", "X"));
        let mut newest = MORNING;
        for what in &story {
            let before = rig.kiosk.log.last();
            // `does` writes the kiosk down and reads it back before every step: what a kill at any moment amounts to.
            let twin = serde_json::to_string(&rig.kiosk).unwrap();
            let twin: Kiosk = serde_json::from_str(&twin).unwrap();
            let mut as_stored = rig.kiosk.clone();
            (as_stored.notice, as_stored.asked) = (None, None);
            (as_stored.screen, as_stored.boards) = (Screen::Home, Vec::new());
            prop_assert_eq!(&twin, &as_stored);
            play(&mut rig, what);
            events_have_no_gap(&rig.kiosk);
            no_door_is_both_free_and_bound(&rig.kiosk);
            let renumbered = rig.kiosk.log.last() < before;
            every_open_door_was_granted(&rig, if renumbered { 0 } else { before });
            what_is_shown_is_allowed(&rig.kiosk);
            prop_assert_eq!(rig.status(A4), CompartmentStatus::Joined);
            let corrected = rig.kiosk.corrected(rig.now);
            if matches!(what, Happens::Acked(_)) {
                // The server's own word may take the clock back.
                newest = corrected;
            } else if rig.kiosk.log.last() != before {
                newest = newest.max(rig.event().at);
            }
            prop_assert!(corrected >= newest.plus(-60 * MINUTE), "the clock went back");
        }
    }
}
