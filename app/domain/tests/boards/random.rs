//! Any sequence of taps, faults, reconnects and restarts.

use super::bench::*;
use super::*;
use domain::boards::bus::{Input, Report};
use domain::ids::Millis;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Happens {
    Open(usize),
    OpenAgain,
    OpenOld(i64),
    Close(usize),
    Force(usize),
    Jam(usize, bool),
    Wait(i64),
    Lose,
    Connect,
    Restart,
    Forget,
    Noise(Vec<u8>),
    Deaf(bool),
    Late(i64),
    WrongBit(Option<usize>),
    Cut(Option<usize>),
    Doubled(bool),
    Junk(Vec<u8>),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0_usize..4).prop_map(Happens::Open),
        2 => Just(Happens::OpenAgain),
        1 => (10_000_i64..100_000).prop_map(Happens::OpenOld),
        6 => (0_usize..4).prop_map(Happens::Close),
        1 => (0_usize..4).prop_map(Happens::Force),
        2 => ((0_usize..4), any::<bool>()).prop_map(|(which, jammed)| Happens::Jam(which, jammed)),
        12 => (1_i64..6_000).prop_map(Happens::Wait),
        1 => Just(Happens::Lose),
        3 => Just(Happens::Connect),
        1 => Just(Happens::Restart),
        1 => Just(Happens::Forget),
        4 => prop::collection::vec(any::<u8>(), 1..40).prop_map(Happens::Noise),
        1 => any::<bool>().prop_map(Happens::Deaf),
        1 => (0_i64..3_000).prop_map(Happens::Late),
        1 => prop::option::of(0_usize..104).prop_map(Happens::WrongBit),
        1 => prop::option::of(0_usize..12).prop_map(Happens::Cut),
        1 => any::<bool>().prop_map(Happens::Doubled),
        1 => prop::collection::vec(any::<u8>(), 0..5).prop_map(Happens::Junk),
    ]
}

struct Story {
    bench: Bench,
    attempt: u64,
    asked: Vec<(u64, Port, Millis)>,
}

impl Story {
    fn new(kind: Kind, echo: bool) -> Self {
        let mut bench = Bench::new(kind);
        bench.faults.echo = echo;
        bench.connect();
        bench.run(12_000);
        Self {
            bench,
            attempt: 0,
            asked: Vec::new(),
        }
    }

    fn port(&self, which: usize) -> Port {
        self.bench.layout[which % self.bench.layout.len()]
    }

    fn play(&mut self, what: Happens) {
        let bench = &mut self.bench;
        match what {
            Happens::Open(which) => {
                self.attempt += 1;
                let port = self.port(which);
                self.asked.push((self.attempt, port, self.bench.now));
                self.bench.open(self.attempt, port);
            }
            Happens::OpenAgain => {
                // A doubled message: the same opening, asked when it was asked.
                if let Some((attempt, port, asked)) = self.asked.last().copied() {
                    bench.does(Input::Open { attempt, port, asked });
                }
            }
            Happens::OpenOld(age) => {
                let (asked, port) = (bench.now.plus(-age), bench.layout[0]);
                let attempt = self.attempt;
                bench.does(Input::Open { attempt, port, asked });
            }
            Happens::Close(which) => {
                let port = self.port(which);
                self.bench.close(port);
            }
            Happens::Force(which) => {
                let port = self.port(which);
                self.bench.door(port).open = true;
            }
            Happens::Jam(which, jammed) => {
                let port = self.port(which);
                self.bench.door(port).jammed = jammed;
            }
            Happens::Wait(millis) => bench.run(millis),
            Happens::Lose => bench.lose(),
            Happens::Connect if !bench.up => bench.connect(),
            Happens::Connect => {}
            Happens::Restart => {
                self.attempt += 1;
                bench.restart();
            }
            Happens::Forget => bench.does(Input::Forget { attempt: self.attempt }),
            Happens::Noise(bytes) if bench.up => bench.noise(&bytes),
            Happens::Noise(_) => {}
            Happens::Deaf(deaf) => bench.faults.deaf = deaf,
            Happens::Late(millis) => bench.faults.late_ms = millis,
            Happens::WrongBit(bit) => bench.faults.wrong_bit = bit,
            Happens::Cut(cut) => bench.faults.cut = cut,
            Happens::Doubled(doubled) => bench.faults.doubled = doubled,
            Happens::Junk(junk) => bench.faults.junk = junk,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_door_opens_more_often_than_it_was_asked_and_every_opening_is_told_in_order(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        echo in any::<bool>(),
        story in prop::collection::vec(happens(), 1..60),
    ) {
        let mut told = Story::new(kind, echo);
        for what in story {
            told.play(what);
        }
        told.bench.run(30_000);
        let bench = &told.bench;

        // Each coil that got power was asked for, and no request made two.
        for (_, port) in &bench.pulses {
            prop_assert!(told.asked.iter().any(|(_, asked, _)| asked == port));
        }
        for port in &bench.layout {
            let pulses = bench.pulses.iter().filter(|(_, one)| one == port).count();
            let asked = told.asked.iter().filter(|(_, one, _)| one == port).count();
            prop_assert!(pulses <= asked, "{:?}: {} pulses for {} openings", port, pulses, asked);
        }

        // Opened before closed, each once.
        let mut opened_ones = BTreeSet::new();
        let mut closed_ones = BTreeSet::new();
        for report in bench.story() {
            match report {
                Report::Opened { attempt, port, .. } => prop_assert!(opened_ones.insert((attempt, port))),
                Report::Closed { attempt, port } => {
                    prop_assert!(opened_ones.contains(&(attempt, port)));
                    prop_assert!(closed_ones.insert((attempt, port)));
                }
                Report::NotOpened { attempt, port, .. } => prop_assert!(!opened_ones.contains(&(attempt, port))),
                _ => {}
            }
        }
    }

    #[test]
    fn coils_are_off_in_the_end_and_the_wire_works_again(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        echo in any::<bool>(),
        story in prop::collection::vec(happens(), 1..60),
    ) {
        let mut told = Story::new(kind, echo);
        for what in story {
            told.play(what);
        }
        let echo = told.bench.faults.echo;
        told.bench.faults = Faults { echo, ..Faults::default() };
        if !told.bench.up {
            told.bench.connect();
        }
        told.bench.run(100_000);
        prop_assert!(!told.bench.powered());
        let port = told.bench.layout[0];
        *told.bench.door(port) = Door::default();
        told.bench.run(5_000);
        told.bench.reports.clear();
        told.bench.open(told.attempt + 1, port);
        told.bench.until(4_000, opened);
        told.bench.close(port);
        told.bench.until(4_000, closed);
        told.bench.run(10_000);
        prop_assert!(!told.bench.powered());
    }
}
