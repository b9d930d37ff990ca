//! A wire with readers, without a wire.

use crate::osdp_sim::Sim;
use domain::guard::drivers::osdp::*;
use domain::guard::link::DoorState;
use domain::ids::Millis;
use std::collections::VecDeque;

pub const CARD: [u8; 4] = [0x32, 0x72, 0x10, 0x40];

/// How long a question and its answer take.
const ANSWERS_MS: i64 = 20;

pub fn key(address: u8) -> Key {
    Key::parse(&format!("{:030x}{address:02x}", 7)).unwrap()
}

pub fn setup(address: u8) -> Setup {
    Setup {
        address,
        key: key(address),
        output: 0,
        tenths: 30,
        contact: Some(0),
        inverted: false,
        button: Some(1),
        held_ms: 30_000,
    }
}

pub struct Bench {
    pub bus: Bus,
    pub sims: Vec<Sim>,
    pub now: i64,
    pub events: Vec<(usize, Event)>,
    /// Everything that was written, and when.
    pub written: Vec<(i64, Vec<u8>)>,
    /// Bytes on the wire before every answer.
    pub noise: Vec<u8>,
    /// The adapter hears what it sends.
    pub echo: bool,
    pub chance: u8,
    pub up: bool,
    /// Bytes on their way to us, and when they are here.
    coming: VecDeque<(i64, Vec<u8>)>,
}

impl Bench {
    pub fn of(sims: Vec<Sim>, mode: Mode) -> Self {
        let setups = sims.iter().map(|sim| setup(sim.address)).collect();
        let mut bench = Self {
            bus: Bus::new(setups, mode, 9_600).unwrap(),
            sims,
            now: 1_000,
            events: Vec::new(),
            written: Vec::new(),
            noise: Vec::new(),
            echo: false,
            chance: 0,
            up: true,
            coming: VecDeque::new(),
        };
        bench.does(Input::Up);
        bench
    }

    pub fn ready() -> Self {
        let mut bench = Self::of(vec![Sim::new(0x65, Some(key(0x65)))], Mode::Door);
        bench.run(12_000);
        assert!(bench.has(&Event::State(State::Working)));
        bench.events.clear();
        bench.written.clear();
        bench
    }

    pub fn does(&mut self, input: Input<'_>) {
        let chance = &mut self.chance;
        let mut random = |bytes: &mut [u8]| {
            for byte in bytes {
                *chance = chance.wrapping_mul(5).wrapping_add(17);
                *byte = *chance;
            }
        };
        let outputs = self.bus.step(input, Millis(self.now), &mut random);
        for output in outputs {
            match output {
                Output::Event { reader, event } => self.events.push((reader, event)),
                Output::Write(bytes) => {
                    self.written.push((self.now, bytes.clone()));
                    let mut heard = if self.echo { bytes.clone() } else { Vec::new() };
                    let answers: Vec<_> = self.sims.iter_mut().flat_map(|sim| sim.hears(&bytes)).collect();
                    if !answers.is_empty() {
                        heard.extend(&self.noise);
                        heard.extend(answers.concat());
                    }
                    if self.up {
                        let (one, two) = heard.split_at(heard.len() / 2);
                        let halves = [one, two].into_iter().filter(|half| !half.is_empty());
                        self.coming
                            .extend(halves.map(|half| (self.now + ANSWERS_MS, half.to_vec())));
                    }
                }
            }
        }
    }

    pub fn run(&mut self, millis: i64) {
        let end = self.now + millis;
        while self.now < end {
            let wakes = self.bus.wakes_at().map_or(end, |at| at.0.min(end)).max(self.now + 1);
            if self.coming.front().is_none_or(|(at, _)| *at > wakes) {
                self.now = wakes;
                self.does(Input::Tick);
            } else if let Some((at, bytes)) = self.coming.pop_front() {
                self.now = self.now.max(at);
                self.does(Input::Bytes(&bytes));
            }
        }
    }

    pub fn sim(&mut self) -> &mut Sim {
        &mut self.sims[0]
    }

    pub fn has(&self, event: &Event) -> bool {
        self.events.iter().any(|(_, one)| one == event)
    }

    pub fn cards(&self) -> usize {
        self.events
            .iter()
            .filter(|(_, event)| matches!(event, Event::Card { .. }))
            .count()
    }

    pub fn doors(&self) -> Vec<DoorState> {
        self.events
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Door(state) => Some(*state),
                _ => None,
            })
            .collect()
    }
}
