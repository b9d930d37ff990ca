//! Random walks of a controller and its bridge.

use crate::uhppote_rig::*;
use domain::guard::drivers::uhppote::{Effect, Input};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Swipe(u8, u32),
    Open(u8),
    Wait(i64),
    Deliver,
    Drop,
    Away(bool),
    Deaf(u8, u32),
    Mute(u8, u32),
    Restart,
    Push(Vec<u8>),
    Off(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let functions = prop::sample::select(vec![0x20_u8, 0x30, 0x40, 0x8E, 0xA0, 0xB0]);
    prop_oneof![
        6 => ((1_u8..=4), (1_u32..1_000)).prop_map(|(door, card)| Happens::Swipe(door, card)),
        4 => (0_u8..6).prop_map(Happens::Open),
        6 => (1_i64..20_000).prop_map(Happens::Wait),
        4 => Just(Happens::Deliver),
        1 => Just(Happens::Drop),
        1 => any::<bool>().prop_map(Happens::Away),
        1 => (functions.clone(), 1_u32..4).prop_map(|(function, times)| Happens::Deaf(function, times)),
        1 => (functions, 1_u32..4).prop_map(|(function, times)| Happens::Mute(function, times)),
        1 => Just(Happens::Restart),
        1 => prop::collection::vec(any::<u8>(), 0..70).prop_map(Happens::Push),
        1 => (-7_200_i64..7_200).prop_map(Happens::Off),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_card_is_presented_twice_and_no_door_opens_more_often_than_asked(story in prop::collection::vec(happens(), 1..60)) {
        let mut bench = Bench::ready();
        let mut asked = [0_usize; 6];
        for what in story {
            match what {
                Happens::Swipe(door, card) => bench.swipe(door, card),
                Happens::Open(door) => {
                    asked[usize::from(door)] += 1;
                    bench.does(Input::Open { door });
                }
                Happens::Wait(millis) => bench.run(millis),
                Happens::Deliver => bench.deliver(),
                Happens::Drop => bench.pushes.clear(),
                Happens::Away(away) => bench.sim.away = away,
                Happens::Deaf(function, times) => bench.sim.deaf_to = Some((function, times)),
                Happens::Mute(function, times) => bench.sim.mute_after = Some((function, times)),
                Happens::Restart => bench.restart(),
                Happens::Push(bytes) => bench.does(Input::Pushed(&bytes)),
                Happens::Off(seconds) => bench.sim.ahead = seconds,
            }
        }
        bench.sim.away = false;
        bench.run(60_000);
        let swiped = bench.sim.events.iter().filter(|event| event.kind == 1).count();
        prop_assert!(bench.presented().len() <= swiped);
        let handled: Vec<u32> = bench.effects.iter().filter_map(|effect| match effect {
            Effect::Persist { index } => Some(*index),
            _ => None,
        }).collect();
        // Each event once and in order.
        prop_assert!(handled.is_sorted_by(|one, other| one < other));
        for (door, asked) in asked.iter().enumerate() {
            let opened = bench.sim.opened.iter().filter(|one| usize::from(**one) == door).count();
            prop_assert!(opened <= *asked, "{} openings of {} asked", opened, asked);
            let legal = (1..=4).contains(&door);
            prop_assert!(legal || opened == 0);
        }
    }
}
