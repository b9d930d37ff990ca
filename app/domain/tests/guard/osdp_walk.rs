//! A wire on which anything happens.

use crate::osdp_rig::{Bench, CARD};
use domain::guard::drivers::osdp::Input;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Card,
    Open,
    Mute(u32),
    Busy(u32),
    Restart,
    Away(bool),
    Noise(Vec<u8>),
    Pass(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        Just(Happens::Card),
        Just(Happens::Open),
        (1_u32..6).prop_map(Happens::Mute),
        (1_u32..4).prop_map(Happens::Busy),
        Just(Happens::Restart),
        any::<bool>().prop_map(Happens::Away),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Happens::Noise),
        (1_i64..9_000).prop_map(Happens::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_door_opens_more_often_than_asked_and_the_wire_works_again(story in prop::collection::vec(happens(), 1..40)) {
        let mut bench = Bench::ready();
        let mut asked = 0;
        for one in story {
            match one {
                Happens::Card => bench.sim().card(&CARD, 26),
                Happens::Open => {
                    asked += 1;
                    bench.does(Input::Open { reader: 0 });
                }
                Happens::Mute(times) => bench.sim().mute = times,
                Happens::Busy(times) => bench.sim().busy = times,
                Happens::Restart => bench.sim().restart(),
                Happens::Away(away) => bench.sim().away = away,
                Happens::Noise(noise) => bench.noise = noise,
                Happens::Pass(millis) => bench.run(millis),
            }
            prop_assert!(bench.sim().pulses.len() <= asked);
        }
        let sim = bench.sim();
        (sim.away, sim.mute, sim.busy) = (false, 0, 0);
        bench.noise.clear();
        bench.run(25_000);
        prop_assert!(bench.sim().pulses.len() <= asked);
        let before = bench.sim().pulses.len();
        bench.does(Input::Open { reader: 0 });
        bench.run(1_000);
        prop_assert_eq!(bench.sim().pulses.len(), before + 1);
    }
}
