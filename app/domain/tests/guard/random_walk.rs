//! Any sequence of openings, changes, cuts and power failures: no record lost or doubled, and the grants converge.

use crate::rig::*;
use domain::guard::device::Input;
use domain::guard::grants::Presented;
use domain::guard::link::{Happening, Settings};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Connect,
    Cut,
    Up,
    Down,
    /// A frame arrives at the guard, and the power fails after this number of the effects.
    DownAndDie(usize),
    Type(usize),
    /// Something is typed, and the power fails after this number of the effects.
    TypeAndDie(usize, usize),
    Put(usize),
    Cancel(usize),
    Own(bool),
    Restored,
    Reboot,
    Wait(i64),
    Skew(i64),
    Settle,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => Just(Happens::Connect),
        3 => Just(Happens::Cut),
        12 => Just(Happens::Up),
        12 => Just(Happens::Down),
        2 => (0usize..4).prop_map(Happens::DownAndDie),
        8 => (0usize..6).prop_map(Happens::Type),
        2 => (0usize..6, 0usize..4).prop_map(|(which, after)| Happens::TypeAndDie(which, after)),
        6 => (0usize..6).prop_map(Happens::Put),
        3 => (0usize..6).prop_map(Happens::Cancel),
        1 => any::<bool>().prop_map(Happens::Own),
        1 => Just(Happens::Restored),
        1 => Just(Happens::Reboot),
        3 => (0i64..30_000).prop_map(Happens::Wait),
        1 => (-20_000i64..20_000).prop_map(Happens::Skew),
        2 => Just(Happens::Settle),
    ]
}

/// A card, because a guard may refuse to record passwords typed too often.
fn held(which: usize) -> Input {
    let dn_code = domain::guard::ids::DnCode::parse(&format!("card-{which}")).ok();
    Input::Presented(Presented::Card {
        card_numb: None,
        dn_code,
    })
}

fn play(rig: &mut Rig, what: &Happens) {
    match what {
        Happens::Connect => rig.connect(),
        Happens::Cut => rig.cut(),
        Happens::Up => {
            rig.deliver_up();
        }
        Happens::Down => {
            rig.deliver_down(usize::MAX);
        }
        Happens::DownAndDie(after) => {
            rig.deliver_down(*after);
        }
        Happens::Type(which) => rig.does(held(*which)),
        Happens::TypeAndDie(which, after) => rig.does_until_killed(held(*which), *after),
        Happens::Put(which) => {
            let frames = rig.node.put(password(&which.to_string(), &format!("{}", 4711 + which)));
            rig.node_says(frames);
        }
        Happens::Cancel(which) => {
            let frames = rig.node.cancel(&which.to_string());
            rig.node_says(frames);
        }
        Happens::Own(owned_now) => {
            let frames = rig.node.set(Settings {
                owned: *owned_now,
                ..owned()
            });
            rig.node_says(frames);
        }
        Happens::Restored => {
            rig.cut();
            rig.node.restored_without(0);
        }
        Happens::Reboot => rig.reboot(),
        Happens::Wait(ms) => rig.wait(*ms),
        Happens::Skew(ms) => rig.skew = *ms,
        Happens::Settle => rig.settle(),
    }
}

/// The chip codes of the records the guard made, in order; `None` where it gave records up.
fn chips<'a>(records: impl Iterator<Item = &'a domain::guard::link::Record>) -> Vec<Option<String>> {
    records
        .map(|record| match &record.what {
            Happening::Refused {
                attempt: domain::guard::link::Attempt::Card { dn_code, .. },
                ..
            } => dn_code.as_ref().map(ToString::to_string),
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_record_is_lost_or_doubled_and_the_grants_converge(story in prop::collection::vec(happens(), 1..150)) {
        let mut rig = Rig::new();
        let mut expected = Vec::new();
        for what in &story {
            let before = rig.device.log.last();
            play(&mut rig, what);
            // What was not stored before the power failed never happened: its door did not move either.
            if rig.device.log.last() > before && let Happens::Type(which) | Happens::TypeAndDie(which, _) = what {
                expected.push(Some(format!("card-{which}")));
            }
            prop_assert_eq!(rig.device.log.last(), i64::try_from(expected.len()).unwrap());
            prop_assert!(rig.numbers_have_no_gap());
            prop_assert!(rig.node.stored_through <= rig.device.log.last());
            prop_assert!(rig.device.log.confirmed() <= rig.node.stored_through);
        }
        rig.cut();
        rig.skew = 0;
        rig.connect();
        rig.settle();
        prop_assert_eq!(chips(rig.node.stored.iter()), expected);
        prop_assert!(rig.grants_converged());
        prop_assert_eq!(rig.device.log.confirmed(), rig.device.log.last());
    }

    #[test]
    fn a_small_memory_never_breaks_the_numbers(story in prop::collection::vec(happens(), 1..200), most in 2usize..6) {
        let mut rig = Rig::with_memory(most);
        for what in &story {
            play(&mut rig, what);
            prop_assert!(rig.numbers_have_no_gap());
            prop_assert!(rig.device.log.records().count() <= most);
        }
        rig.cut();
        rig.connect();
        rig.settle();
        prop_assert!(rig.numbers_have_no_gap());
        prop_assert_eq!(rig.node.stored_through, rig.device.log.last());
    }
}
