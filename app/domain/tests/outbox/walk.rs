//! Any order of network, kill, restart, conflict, full storage and waiting: nothing is lost, nothing is doubled.

use crate::world::World;
use domain::outbox::{Decision, Input, Kind};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Scan { kiosk: u8, storage: bool },
    Deposit { order: u8, storage: bool },
    Other { guard: u8, grants: bool },
    Wait(i64),
    Network(bool),
    Luck(u64),
    Killed,
    KilledInATick,
    Fails(u32),
    SignedOut,
    SignedIn,
    Refuses { entry: usize, times: u32 },
    Unheard { entry: usize, times: u32 },
    Corrects { guard: u8 },
    Decides { entry: usize, how: How },
}

/// How somebody decides about a conflict.
#[derive(Clone, Copy, Debug)]
enum How {
    Again,
    Discard,
    Chooses,
}

fn happens() -> impl Strategy<Value = Happens> {
    let wait = prop_oneof![
        6 => 1..5_000_i64,
        4 => 5_000..200_000_i64,
        1 => 3_600_000..100_000_000_i64,
    ];
    let decides = prop_oneof![4 => Just(How::Again), 2 => Just(How::Discard), 4 => Just(How::Chooses)];
    prop_oneof![
        8 => (0..4_u8, prop::bool::weighted(0.9)).prop_map(|(kiosk, storage)| Happens::Scan { kiosk, storage }),
        8 => (0..6_u8, prop::bool::weighted(0.9)).prop_map(|(order, storage)| Happens::Deposit { order, storage }),
        4 => (0..3_u8, any::<bool>()).prop_map(|(guard, grants)| Happens::Other { guard, grants }),
        12 => wait.prop_map(Happens::Wait),
        3 => any::<bool>().prop_map(Happens::Network),
        4 => any::<u64>().prop_map(Happens::Luck),
        2 => Just(Happens::Killed),
        2 => Just(Happens::KilledInATick),
        1 => (0..12_u32).prop_map(Happens::Fails),
        1 => Just(Happens::SignedOut),
        2 => Just(Happens::SignedIn),
        2 => (any::<usize>(), 1..3_u32).prop_map(|(entry, times)| Happens::Refuses { entry, times }),
        2 => (any::<usize>(), 1..6_u32).prop_map(|(entry, times)| Happens::Unheard { entry, times }),
        2 => (0..3_u8).prop_map(|guard| Happens::Corrects { guard }),
        4 => (any::<usize>(), decides).prop_map(|(entry, how)| Happens::Decides { entry, how }),
    ]
}

fn happen(world: &mut World, what: Happens) {
    match what {
        Happens::Scan { kiosk, storage } => {
            let _may_be_full = world.adds(Kind::Scan, &format!("kiosk {kiosk}"), None, storage);
        }
        Happens::Deposit { order, storage } => {
            let scan = world
                .outbox
                .entries()
                .iter()
                .rev()
                .find(|entry| entry.kind == Kind::Scan);
            let scan = scan.map(|entry| entry.key.clone());
            let kind = Kind::Deposit { scanned_at: world.now };
            let _may_be_full = world.adds(kind, &format!("order {order}"), scan, storage);
        }
        Happens::Other { guard, grants } => {
            let kind = if grants { Kind::Sync } else { Kind::Correction };
            let _taken = world.adds(kind, &format!("guard {guard}"), None, true);
        }
        Happens::Wait(millis) => world.waits(millis),
        Happens::Network(there) => {
            world.network = there;
            world.does(if there { Input::Online } else { Input::Offline });
        }
        Happens::Luck(luck) => world.luck = luck,
        Happens::Killed => world.is_killed_in(None),
        Happens::KilledInATick => world.is_killed_in(Some(Input::Tick)),
        Happens::Fails(times) => world.server.fails = times,
        Happens::SignedOut => world.server.signed_in = false,
        Happens::SignedIn => {
            world.server.signed_in = true;
            world.does(Input::SignedIn);
        }
        Happens::Refuses { entry, times } => {
            if let Some(key) = world.key(entry) {
                world.server.refuses.insert(key, times);
            }
        }
        Happens::Unheard { entry, times } => {
            if let Some(key) = world.key(entry) {
                world.server.unheard.insert(key, times);
            }
        }
        Happens::Corrects { guard } => {
            *world.server.versions.entry(format!("guard {guard}")).or_default() += 1;
        }
        Happens::Decides { entry, how } => {
            let conflicts: Vec<_> = world.outbox.conflicts().map(|entry| entry.key.clone()).collect();
            if !conflicts.is_empty() {
                let key = &conflicts[entry % conflicts.len()];
                let decision = match how {
                    How::Again => Decision::Again,
                    How::Discard => Decision::Discard,
                    How::Chooses => world.chosen(key),
                };
                world.decides(key, decision);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_and_nothing_is_doubled(walk in prop::collection::vec(happens(), 1..250)) {
        let mut world = World::new();
        for what in walk {
            happen(&mut world, what);
            world.check();
        }
        world.all_is_well();
        world.check();
        prop_assert_eq!(world.outbox.unsent(), 0, "{:?}", world.outbox);
        for key in &world.promised {
            let key = world.now_under(key);
            let once = world.server.effects.get(key) == Some(&1);
            prop_assert!(once || world.discarded.contains(key), "{:?}", key);
        }
    }

    #[test]
    fn a_stored_outbox_is_read_as_it_was(walk in prop::collection::vec(happens(), 1..80)) {
        let mut world = World::new();
        for what in walk {
            happen(&mut world, what);
            let again = domain::outbox::Outbox::from_text(&world.outbox.to_text()).unwrap();
            prop_assert_eq!(again.entries(), world.outbox.entries());
            prop_assert_eq!(again.to_text(), world.stored.clone());
        }
    }
}
