//! The guard by itself and with its node.

use crate::rig::*;
use domain::guard::device::{Effect, Input};
use domain::guard::grants::{Key, Presented, Reason};
use domain::guard::link::{Attempt, DoorState, GoodbyeReason, HEARTBEAT_MS, Happening, Settings, Status, ToDevice};

pub fn refused_because(rig: &Rig) -> Option<Reason> {
    rig.effects.iter().find_map(|effect| match effect {
        Effect::Refuse { reason, .. } => Some(*reason),
        _ => None,
    })
}

#[test]
fn a_password_opens_once_it_arrived_and_not_once_it_was_cancelled() {
    let mut rig = Rig::linked();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::UnknownPassword));
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    assert!(rig.grants_converged());
    rig.does(typed("4711"));
    assert!(rig.opened());
    let frames = rig.node.cancel("a");
    rig.node_says(frames);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Cancelled));
    rig.settle();
    assert_eq!(rig.node.stored.len(), 3, "refusals are recorded too");
    assert!(matches!(
        &rig.node.stored[1].what,
        Happening::Opened { attempt: Attempt::Password { masked }, key: Key::Grant { service_numb } }
            if masked == "****" && service_numb.as_str() == "a"
    ));
}

#[test]
fn it_opens_without_the_network_and_tells_afterwards() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    rig.cut();
    rig.reboot();
    for _ in 0..200 {
        rig.does(typed("4711"));
        assert!(rig.opened());
        rig.wait(1_000);
    }
    assert!(rig.node.stored.is_empty());
    rig.connect();
    rig.settle();
    assert_eq!(rig.node.stored.len(), 200);
    assert!(rig.numbers_have_no_gap());
    assert_eq!(rig.device.log.records().count(), 100, "a few confirmed ones are kept");
}

#[test]
fn the_state_is_stored_before_the_door_moves_or_anything_is_confirmed() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.deliver_down(usize::MAX);
    assert_eq!(rig.effects[0], Effect::Persist);
    rig.does(typed("4711"));
    assert!(matches!(
        rig.effects[..],
        [Effect::Persist, Effect::OpenDoor { .. }, Effect::Send(_)]
    ));
}

#[test]
fn what_does_not_fit_its_memory_is_told_to_be_lost() {
    let mut rig = Rig::with_memory(10);
    for _ in 0..25 {
        rig.does(Input::Presented(domain::guard::grants::Presented::Card {
            card_numb: None,
            dn_code: None,
        }));
    }
    assert_eq!(rig.device.log.records().count(), 10);
    rig.connect();
    rig.settle();
    assert_eq!(rig.node.stored_through, 25);
    assert!(rig.numbers_have_no_gap());
    assert_eq!(rig.node.stored[0].what, Happening::Lost { from: 1 });
    assert_eq!(rig.node.stored[0].seq, 16);
    assert_eq!(rig.node.stored.len(), 10);
}

#[test]
fn a_guard_whose_memory_was_lost_goes_on_after_the_last_number() {
    let mut rig = Rig::linked();
    for _ in 0..3 {
        rig.does(typed("4711"));
    }
    rig.settle();
    let fresh = Rig::new().device;
    rig.cut();
    rig.device = fresh;
    rig.does(typed("111111"));
    rig.connect();
    rig.settle();
    assert_eq!(
        rig.node.stored.iter().map(|record| record.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert!(rig.grants_converged());
}

#[test]
fn a_node_restored_from_a_backup_gets_again_what_it_lost() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    for _ in 0..150 {
        rig.does(typed("4711"));
        rig.settle();
    }
    rig.cut();
    rig.node.restored_without(60);
    assert_eq!(rig.node.stored_through, 90);
    rig.connect();
    rig.settle();
    assert_eq!(rig.node.stored_through, 150);
    assert!(
        rig.node
            .stored
            .iter()
            .all(|record| matches!(record.what, Happening::Opened { .. }))
    );
    assert!(rig.grants_converged(), "by a snapshot of the new epoch");
    rig.cut();
    rig.node.restored_without(140);
    rig.connect();
    rig.settle();
    assert!(rig.numbers_have_no_gap());
    assert_eq!(rig.node.stored[10].what, Happening::Lost { from: 11 });
    assert_eq!(rig.node.stored_through, 150);
}

#[test]
fn neither_side_believes_one_that_does_not_know_the_key() {
    let mut rig = Rig::new();
    rig.node.key = domain::guard::link::DeviceKey::parse("some-other-device-key").unwrap();
    rig.connect();
    rig.settle();
    assert!(!rig.device.is_connected() && !rig.connected, "the guard is sent away");

    let mut rig = Rig::new();
    rig.connect();
    rig.deliver_down(usize::MAX);
    rig.deliver_up();
    let welcome = rig.down.front_mut().unwrap();
    *welcome = welcome.replacen("\"proof\":\"", "\"proof\":\"AAAA", 1);
    rig.settle();
    assert!(!rig.device.is_connected());
    assert!(!rig.device.grants.owned, "nothing of an unproved node is believed");
}

#[test]
fn grants_of_a_node_that_did_not_prove_itself_are_ignored() {
    let mut rig = Rig::new();
    rig.does(Input::LinkUp);
    for frame in domain::guard::link::Snapshot::frames(rig.node.version, &rig.node.grants) {
        rig.does(Input::Frame(frame.to_json()));
        assert_eq!(rig.effects, []);
    }
    assert!(!rig.device.grants.owned);
}

#[test]
fn its_clock_is_put_right_by_the_heartbeat() {
    let mut rig = Rig::linked();
    assert!(rig.device.clock.uncertainty_ms(rig.now).unwrap() < 10);
    rig.skew = 5_000;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    let shown = rig.device.clock.corrected(rig.now.plus(rig.skew));
    assert_eq!(shown, rig.now);
    assert!(rig.node.last_heartbeat.is_some());
    let far = rig.now.plus(rig.skew).plus(1_000_000_000);
    assert!(
        rig.device.clock.uncertainty_ms(far).unwrap() >= 100_000,
        "it grows with the time nobody said it"
    );
}

#[test]
fn without_the_time_only_default_passwords_open_and_records_are_dated_later() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    rig.cut();
    rig.skew = -NOON.0;
    rig.does(Input::Started { clock_kept: false });
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
    rig.does(typed("111111"));
    assert!(rig.opened());
    rig.wait(60_000);
    rig.connect();
    rig.settle();
    let opened = &rig.node.stored[1];
    assert_eq!(opened.at, NOON);
    assert!(opened.uncertainty_ms.is_some());
}

#[test]
fn wrong_passwords_in_a_row_make_it_wait_and_do_not_fill_its_memory() {
    let mut rig = Rig::linked();
    for _ in 0..50 {
        rig.does(typed("9999"));
    }
    assert!(matches!(
        rig.effects[..],
        [Effect::Refuse {
            reason: Reason::TooManyTries,
            wait_seconds: Some(15)
        }]
    ));
    assert_eq!(rig.device.log.last(), 4, "three wrong ones and that it waits");
    rig.does(typed("111111"));
    assert_eq!(refused_because(&rig), Some(Reason::TooManyTries));
    rig.wait(15_000);
    rig.does(typed("111111"));
    assert!(rig.opened());
}

#[test]
fn a_guard_nobody_owns_any_more_opens_to_nobody() {
    let mut rig = Rig::linked();
    let frames = rig.node.set(Settings {
        owned: false,
        ..owned()
    });
    rig.node_says(frames);
    rig.settle();
    rig.does(typed("111111"));
    assert_eq!(refused_because(&rig), Some(Reason::NoLongerAuthorised));
}

#[test]
fn it_goes_where_it_is_sent_and_leaves_a_node_that_says_nothing() {
    let mut rig = Rig::linked();
    let goodbye = || ToDevice::Goodbye {
        reason: GoodbyeReason::ShuttingDown,
        host: Some("node2.example".to_owned()),
    };
    rig.node_says(vec![goodbye()]);
    rig.settle();
    assert_eq!(
        rig.effects,
        [Effect::Disconnect {
            to: Some("node2.example".to_owned())
        }]
    );
    // A server that has not proved to be its node sends it nowhere.
    let mut rig = Rig::new();
    rig.does(Input::LinkUp);
    rig.does(Input::Frame(goodbye().to_json()));
    assert_eq!(rig.effects.last(), Some(&Effect::Disconnect { to: None }));
    let mut rig = Rig::linked();
    rig.wait(2 * HEARTBEAT_MS + 1);
    assert_eq!(rig.effects.last(), Some(&Effect::Disconnect { to: None }));
    let mut rig = Rig::new();
    rig.does(Input::LinkUp);
    rig.wait(3 * HEARTBEAT_MS + 1);
    assert_eq!(rig.effects.last(), Some(&Effect::Disconnect { to: None }));
}

#[test]
fn a_fault_it_feels_is_told_at_once() {
    let mut rig = Rig::linked();
    rig.does(Input::Feels(Status::Faulty));
    assert!(
        rig.up
            .front()
            .is_some_and(|frame| frame.contains("\"status\":\"faulty\""))
    );
    rig.does(Input::Feels(Status::Faulty));
    assert_eq!(rig.effects, []);
}

#[test]
fn records_that_are_not_confirmed_are_sent_again() {
    let mut rig = Rig::linked();
    rig.does(typed("111111"));
    rig.up.clear();
    rig.does(typed("111111"));
    assert!(rig.up.is_empty(), "one frame of records at a time");
    rig.wait(7_000);
    rig.settle();
    rig.wait(8_000);
    rig.settle();
    assert_eq!(rig.node.stored_through, 2);
}

#[test]
fn a_frame_that_makes_no_sense_ends_the_talk_and_changes_nothing_else() {
    for text in ["", "x", "[]", "{\"type\":\"changes\"}", "{\"type\":5}"] {
        let mut rig = Rig::linked();
        let before = serde_json::to_string(&rig.device).unwrap();
        rig.does(Input::Frame(text.to_owned()));
        assert_eq!(rig.effects.last(), Some(&Effect::Disconnect { to: None }), "{text}");
        assert!(rig.up.back().unwrap().contains("bad-frame"));
        assert_eq!(serde_json::to_string(&rig.device).unwrap(), before);
    }
    let mut rig = Rig::linked();
    rig.does(Input::Frame("{\"type\":\"of tomorrow\",\"x\":[1]}".to_owned()));
    assert_eq!(rig.effects, []);
    let goodbye = ToDevice::Goodbye {
        reason: GoodbyeReason::Busy,
        host: None,
    };
    rig.does(Input::Frame(goodbye.to_json()));
    assert_eq!(rig.effects, [Effect::Disconnect { to: None }]);
}

#[test]
fn nothing_printed_holds_a_password() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "90887766"));
    let said = format!("{frames:?} {:?}", Input::Frame(frames[0].to_json()));
    rig.node_says(frames);
    rig.settle();
    rig.does(typed("90887766"));
    let shown = format!(
        "{said} {:?} {:?} {:?} {:?}",
        rig.device,
        rig.effects,
        typed("90887766"),
        rig.key
    );
    assert!(
        !shown.contains("90887766") && !shown.contains("111111") && !shown.contains("inventory"),
        "{shown}"
    );
}

#[test]
fn a_confirmation_of_records_that_were_never_made_is_not_believed() {
    let mut rig = Rig::linked();
    rig.does(typed("000000"));
    rig.settle();
    let before = (rig.device.log.last(), rig.device.log.confirmed());
    rig.node_says(vec![ToDevice::RecordsStored { through: before.0 + 5 }]);
    while rig.deliver_down(usize::MAX) {}
    assert_eq!((rig.device.log.last(), rig.device.log.confirmed()), before);
}

#[test]
fn a_frozen_node_is_left_within_two_heartbeats() {
    let mut rig = Rig::linked();
    // Its machine takes what is sent, and nothing comes back.
    rig.wait(HEARTBEAT_MS);
    rig.up.clear();
    rig.wait(HEARTBEAT_MS - 1);
    assert!(rig.device.is_connected());
    rig.up.clear();
    rig.wait(2);
    assert!(!rig.device.is_connected());
    assert!(rig.up.back().unwrap().contains("silent"));
}

#[test]
fn what_the_door_did_is_recorded_beside_the_opening_and_told_to_a_node_that_takes_it() {
    let mut rig = Rig::new();
    rig.node.door_records = true;
    rig.connect();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    rig.does(typed("4711"));
    for state in DoorState::ALL {
        rig.does(Input::Door(state));
        assert_eq!(rig.effects[0], Effect::Persist);
        assert!(!rig.opened(), "{state:?} opens nothing");
        rig.wait(1_000);
    }
    rig.settle();
    let told: Vec<DoorState> = rig
        .node
        .stored
        .iter()
        .filter_map(|record| match record.what {
            Happening::Door { state } => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(told, DoorState::ALL);
    assert!(rig.numbers_have_no_gap());
}

#[test]
fn what_the_hardware_opened_by_itself_is_recorded_at_its_time_and_opens_nothing_now() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.settle();
    let before = rig.node.stored.len();
    let at = rig.now.plus(-600_000);
    let meanwhile = |text: &str| Input::OpenedMeanwhile {
        presented: Presented::Password { password: digits(text) },
        at,
        uncertainty_ms: 60_000,
    };
    rig.does(meanwhile("4711"));
    assert_eq!(rig.effects[0], Effect::Persist);
    assert!(!rig.opened());
    // What no grant explains.
    rig.does(meanwhile("9999"));
    assert!(rig.effects.is_empty());
    rig.settle();
    let [record] = &rig.node.stored[before..] else {
        panic!("{:?}", rig.node.stored);
    };
    assert!(matches!(record.what, Happening::Opened { .. }));
    assert_eq!((record.at, record.uncertainty_ms), (at, Some(60_000)));
}

#[test]
fn an_older_node_hears_that_records_of_the_door_are_lost_and_nothing_it_does_not_know() {
    let mut rig = Rig::linked();
    rig.does(Input::Door(DoorState::Forced));
    rig.does(typed("4711"));
    rig.does(Input::Door(DoorState::Held));
    rig.settle();
    let stored: Vec<_> = rig.node.stored.iter().map(|record| &record.what).collect();
    assert!(
        matches!(
            stored[..],
            [
                Happening::Lost { from: 1 },
                Happening::Refused { .. },
                Happening::Lost { from: 3 }
            ]
        ),
        "{stored:?}"
    );
    // The guard itself still knows.
    let kept = rig.device.log.records().next().unwrap();
    assert_eq!(
        kept.what,
        Happening::Door {
            state: DoorState::Forced
        }
    );
}
