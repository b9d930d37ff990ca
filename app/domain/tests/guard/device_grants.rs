//! How the grants of a guard change.

use crate::device::refused_because;
use crate::rig::*;
use domain::guard::device::Effect;
use domain::guard::grants::{Grant, GrantKind, Grants, Reason, Series};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, ServiceNumb};
use domain::guard::link::{Change, Changes, FromDevice, Snapshot, ToDevice, Version};

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
fn applied_changes_are_not_applied_twice() {
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
