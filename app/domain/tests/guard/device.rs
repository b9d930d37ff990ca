//! The guard by itself and with its node.

use crate::rig::*;
use domain::guard::device::{Effect, Input};
use domain::guard::grants::{Grant, GrantKind, Grants, Key, Reason, Series};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, ServiceNumb};
use domain::guard::link::{
    Attempt, Change, Changes, FromDevice, GoodbyeReason, HEARTBEAT_MS, Happening, Settings, Snapshot, Status, ToDevice,
    Version, no_time,
};

fn refused_because(rig: &Rig) -> Option<Reason> {
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
    // Whoever has not proved to be its node sends it nowhere.
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
fn thousands_of_grants_arrive_in_parts_and_take_effect_together() {
    let mut rig = Rig::new();
    for n in 0..2_000 {
        let _not_connected = rig.node.put(password(&n.to_string(), &format!("{}", 100_000 + n)));
    }
    rig.node.version.epoch = 7;
    rig.connect();
    rig.deliver_down(usize::MAX);
    rig.deliver_up();
    for _ in 0..20 {
        rig.deliver_down(usize::MAX);
    }
    assert!(rig.device.grants.grants.is_empty());
    rig.cut();
    rig.connect();
    rig.settle();
    assert_eq!(rig.device.grants.grants.len(), 2_000);
    assert!(rig.grants_converged());
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
fn a_snapshot_of_more_than_a_guard_can_hold_is_refused_and_changes_nothing() {
    let mut rig = Rig::linked();
    let before = (rig.device.version, rig.device.grants.clone());
    let grants = (0..5_000)
        .map(|number| password(&format!("n{number}"), "135790"))
        .collect();
    let grants = Grants {
        owned: true,
        default_passwords: [None, None],
        grants,
    };
    let version = Version {
        epoch: before.0.epoch,
        number: before.0.number + 5_000,
    };
    rig.node_says(Snapshot::frames(version, &grants));
    while rig.deliver_down(usize::MAX) {}
    assert_eq!((rig.device.version, rig.device.grants.clone()), before);
    assert!(!rig.device.is_connected());
}

#[test]
fn a_card_and_a_password_of_one_number_stand_beside_each_other() {
    let mut rig = Rig::linked();
    let held = rig.device.version;
    let to = held.number + 2;
    let card = Grant {
        kind: GrantKind::Card {
            name: CardHolder::parse("赵敏").unwrap(),
            card_numb: CardNumb::parse("110101199003071234").unwrap(),
            dn_code: DnCode::none(),
        },
        version: to,
        ..password("a", "4711")
    };
    let first = Grant {
        version: to - 1,
        ..password("a", "4711")
    };
    let say = |rig: &mut Rig, from: i64, to: i64, changes: Vec<Change>| {
        rig.node_says(vec![ToDevice::Changes(Box::new(Changes {
            epoch: held.epoch,
            from,
            to,
            changes,
        }))]);
        while rig.deliver_down(usize::MAX) {}
    };
    let changes = vec![Change::Put { grant: first }, Change::Put { grant: card }];
    say(&mut rig, held.number, to, changes);
    assert_eq!(rig.device.grants.grants.len(), 2);
    rig.does(typed("4711"));
    assert!(rig.opened());
    let dropped = Change::Drop {
        service_numb: ServiceNumb::parse("a").unwrap(),
        kind: Some(Series::Card),
        version: to + 1,
    };
    say(&mut rig, to, to + 1, vec![dropped]);
    assert_eq!(rig.device.grants.grants.len(), 1);
    rig.does(typed("4711"));
    assert!(rig.opened());
}

#[test]
fn changes_that_leave_a_gap_or_belong_to_another_history_are_not_applied() {
    let mut rig = Rig::linked();
    let held = rig.device.version;
    let grants = rig.device.grants.clone();
    for (epoch, from) in [(held.epoch, held.number + 1), (held.epoch + 1, held.number)] {
        let to = from + 1;
        let grant = Grant {
            version: to,
            ..password("a", "4711")
        };
        let changes = vec![Change::Put { grant }];
        rig.node_says(vec![ToDevice::Changes(Box::new(Changes {
            epoch,
            from,
            to,
            changes,
        }))]);
        while rig.deliver_down(usize::MAX) {}
        assert_eq!(
            (rig.device.version, &rig.device.grants),
            (held, &grants),
            "{epoch} {from}"
        );
        let told = FromDevice::Applied { version: held };
        assert!(rig.effects.contains(&Effect::Send(told)), "it says where it stands");
    }
}

#[test]
fn changes_that_were_applied_already_are_not_applied_once_more() {
    let mut rig = Rig::linked();
    let before = rig.device.version.number;
    for frames in [rig.node.put(password("a", "4711")), rig.node.cancel("a")] {
        rig.node_says(frames);
        rig.settle();
    }
    let held = rig.device.version;
    assert_eq!(held.number, before + 2);
    // As it was before it was cancelled, with something new behind it.
    let grants = [
        (before + 1, password("a", "4711")),
        (held.number + 1, password("b", "4712")),
    ];
    let changes = grants.map(|(version, grant)| Change::Put {
        grant: Grant { version, ..grant },
    });
    let to = held.number + 1;
    rig.node_says(vec![ToDevice::Changes(Box::new(Changes {
        epoch: held.epoch,
        from: before,
        to,
        changes: changes.to_vec(),
    }))]);
    while rig.deliver_down(usize::MAX) {}
    assert_eq!(rig.device.version.number, to);
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Cancelled));
    rig.does(typed("4712"));
    assert!(rig.opened());
}

const DAY: i64 = 24 * HOUR;

/// A guard that refused a password because it has ended, a minute ago.
fn refused_after_its_end() -> Rig {
    let mut rig = Rig::linked();
    let ending = Grant {
        until: NOON.plus(60_000),
        ..password("a", "4711")
    };
    let frames = rig.node.put(ending);
    rig.node_says(frames);
    rig.settle();
    rig.wait(121_000);
    rig.settle();
    rig.does(typed("4711"));
    rig.settle();
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    rig
}

#[test]
fn a_node_whose_clock_is_behind_the_newest_record_makes_the_time_unknown() {
    let mut rig = refused_after_its_end();
    rig.cut();
    rig.node.clock_wrong_by = -3 * DAY;
    rig.connect();
    rig.settle();
    assert!(rig.device.is_connected());
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    assert_eq!(
        rig.node.last_heartbeat,
        Some(None),
        "it says that it does not know the time"
    );
    rig.reboot();
    rig.connect();
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(
        refused_because(&rig),
        Some(Reason::ClockUnknown),
        "also after a power cut"
    );
    // The node's clock is put right: what happened meanwhile gets its time.
    rig.node.clock_wrong_by = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    rig.settle();
    assert!(rig.numbers_have_no_gap());
}

#[test]
fn a_clock_of_its_own_that_goes_back_makes_the_time_unknown() {
    let mut rig = refused_after_its_end();
    rig.cut();
    for back in [DAY, 2 * 60_000] {
        rig.skew = -back;
        rig.does(typed("4711"));
        assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown), "{back}");
    }
    rig.skew = 0;
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
}

#[test]
fn nodes_whose_clocks_differ_by_less_than_a_minute_leave_the_time_known() {
    let mut rig = refused_after_its_end();
    rig.cut();
    rig.node.clock_wrong_by = -50_000;
    rig.connect();
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    // The doubt does not add up: the next step back is measured from the newest moment again.
    rig.node.clock_wrong_by = -100_000;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
}

#[test]
fn a_time_that_is_unknown_for_being_behind_is_known_again_when_it_has_passed() {
    let mut rig = refused_after_its_end();
    let newest = rig.now;
    rig.cut();
    rig.node.clock_wrong_by = -DAY;
    rig.connect();
    rig.settle();
    assert_eq!(rig.device.clock.uncertainty_ms(rig.now), None);
    rig.now = newest.plus(DAY);
    rig.cut();
    rig.connect();
    rig.settle();
    assert!(rig.device.clock.uncertainty_ms(rig.now).is_some());
}

#[test]
fn when_an_operator_says_that_the_clock_was_ahead_guards_follow_it_back() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.node.clock_wrong_by = 10 * DAY;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert!(rig.opened());
    rig.settle();
    rig.node.clock_wrong_by = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
    rig.node.clock_epoch = 1;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert!(rig.opened());
    // A node that has not heard of it takes nothing back.
    rig.node.clock_epoch = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    assert_eq!(rig.device.clock.epoch, 1);
}

#[test]
fn a_node_that_does_not_know_the_time_leaves_the_clock_as_it_is() {
    let mut rig = Rig::linked();
    let before = rig.device.clock;
    rig.wait(1_000);
    let (sent, wrong) = (rig.now, rig.now.plus(-DAY));
    rig.node_says(vec![ToDevice::Heartbeat {
        now: wrong,
        echo: no_time(sent),
        clock_epoch: 0,
    }]);
    rig.settle();
    assert_eq!(rig.device.clock, before);
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
