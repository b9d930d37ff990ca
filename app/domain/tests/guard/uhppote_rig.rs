//! A controller on the work bench, and the bridge beside it.

use domain::guard::drivers::uhppote::{Controller, Day, Effect, Event, Input, LENGTH, Moment};
use domain::ids::Millis;
use std::collections::VecDeque;

pub const SERIAL: u32 = 405_419_896;
const LISTENER: ([u8; 4], u16) = ([127, 0, 0, 1], 60_001);

pub fn bcd(number: i64) -> u8 {
    u8::try_from(number / 10 * 16 + number % 10).unwrap()
}

/// 2026-11-25, this number of seconds after midnight.
pub fn moment(seconds: i64) -> Moment {
    let day = Day::new(2026, 11, u8::try_from(25 + seconds / 86_400).unwrap()).unwrap();
    let part = |number: i64| u8::try_from(number).unwrap();
    let rest = seconds % 86_400;
    Moment::new(day, part(rest / 3_600), part(rest / 60 % 60), part(rest % 60)).unwrap()
}

#[derive(Clone, Copy)]
pub struct Stored {
    pub index: u32,
    pub kind: u8,
    pub door: u8,
    pub card: u32,
    pub at: i64,
    pub reason: u8,
}

/// The controller, by the tables of its public documents.
pub struct Sim {
    pub events: Vec<Stored>,
    pub first: u32,
    pub next: u32,
    /// Seconds after midnight by its own clock, ahead of ours by this number.
    pub ahead: i64,
    pub pc_control: bool,
    pub special: bool,
    pub opened: Vec<u8>,
    pub relays: u8,
    pub open: [bool; 4],
    /// It does not answer to these functions, this number of times.
    pub deaf_to: Option<(u8, u32)>,
    pub away: bool,
    /// Another controller is at its address: this is its serial number.
    pub stranger: Option<u32>,
    /// It does what it is told, but the answer is lost.
    pub mute_after: Option<(u8, u32)>,
    pub time_sets: u32,
}

pub struct Bench {
    pub bridge: Controller,
    pub sim: Sim,
    pub now: i64,
    pub effects: Vec<Effect>,
    pub pushes: VecDeque<Vec<u8>>,
    pub persisted: Option<u32>,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            bridge: Controller::new(SERIAL, None, Some(LISTENER)),
            sim: Sim {
                events: Vec::new(),
                first: 1,
                next: 1,
                ahead: 0,
                pc_control: false,
                special: false,
                opened: Vec::new(),
                relays: 0,
                open: [false; 4],
                deaf_to: None,
                away: false,
                stranger: None,
                mute_after: None,
                time_sets: 0,
            },
            now: 36_000_000,
            effects: Vec::new(),
            pushes: VecDeque::new(),
            persisted: None,
        }
    }

    pub fn ready() -> Self {
        let mut bench = Self::new();
        bench.run(12_000);
        bench.effects.clear();
        bench
    }

    pub fn seconds(&self) -> i64 {
        self.now / 1_000
    }

    pub fn does(&mut self, input: Input<'_>) {
        let effects = self.bridge.step(input, Millis(self.now), moment(self.seconds()));
        for effect in effects {
            if let Effect::Persist { index } = effect {
                self.persisted = Some(index);
            }
            self.effects.push(effect);
            if let Effect::Send { number, packet } = effect
                && let Some(answer) = self.controller(&packet)
            {
                self.now += 3;
                self.does(Input::Answer { number, bytes: &answer });
            }
        }
    }

    pub fn run(&mut self, millis: i64) {
        let end = self.now + millis;
        while self.now < end {
            self.now += 100;
            self.does(Input::Tick);
        }
    }

    pub fn restart(&mut self) {
        self.bridge = Controller::new(SERIAL, self.persisted, Some(LISTENER));
    }

    pub fn event(&mut self, kind: u8, door: u8, card: u32, reason: u8) {
        let at = self.seconds() + self.sim.ahead;
        let index = self.sim.next;
        self.sim.next = index.checked_add(1).unwrap_or(1);
        self.sim.events.push(Stored {
            index,
            kind,
            door,
            card,
            at,
            reason,
        });
        let mut pushed = self.status();
        pushed[0] = 0x19;
        self.pushes.push_back(pushed);
    }

    /// A card is held to a reader.
    pub fn swipe(&mut self, door: u8, card: u32) {
        self.event(1, door, card, if self.sim.pc_control { 5 } else { 6 });
    }

    pub fn deliver(&mut self) {
        while let Some(pushed) = self.pushes.pop_front() {
            self.does(Input::Pushed(&pushed));
        }
    }

    pub fn head(function: u8) -> Vec<u8> {
        let mut bytes = vec![0; LENGTH];
        (bytes[0], bytes[1]) = (0x17, function);
        bytes[4..8].copy_from_slice(&SERIAL.to_le_bytes());
        bytes
    }

    pub fn write_event(bytes: &mut [u8], event: &Stored) {
        bytes[8..12].copy_from_slice(&event.index.to_le_bytes());
        (bytes[12], bytes[13], bytes[14], bytes[15]) = (event.kind, 0, event.door, 1);
        bytes[16..20].copy_from_slice(&event.card.to_le_bytes());
        let day = 25 + event.at / 86_400;
        let time = event.at % 86_400;
        let stamp = [
            0x20,
            0x26,
            0x11,
            bcd(day),
            bcd(time / 3_600),
            bcd(time / 60 % 60),
            bcd(time % 60),
        ];
        bytes[20..27].copy_from_slice(&stamp);
        bytes[27] = event.reason;
    }

    pub fn status(&self) -> Vec<u8> {
        let mut bytes = Self::head(0x20);
        if let Some(event) = self.sim.events.last() {
            Self::write_event(&mut bytes, event);
        }
        for (at, open) in self.sim.open.iter().enumerate() {
            bytes[28 + at] = u8::from(*open);
        }
        let clock = self.seconds() + self.sim.ahead;
        let time = clock % 86_400;
        bytes[37..40].copy_from_slice(&[bcd(time / 3_600), bcd(time / 60 % 60), bcd(time % 60)]);
        bytes[49] = self.sim.relays;
        bytes[51..54].copy_from_slice(&[0x26, 0x11, bcd(25 + clock / 86_400)]);
        bytes
    }

    pub fn counts_down(count: &mut Option<(u8, u32)>, function: u8) -> bool {
        match count {
            Some((which, left)) if *which == function && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    pub fn controller(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let everybody = packet[1] == 0x94 && packet[4..8] == [0; 4];
        if let (Some(stranger), true) = (self.sim.stranger, everybody) {
            let mut answer = Self::head(0x94);
            answer[4..8].copy_from_slice(&stranger.to_le_bytes());
            return Some(answer);
        }
        if everybody {
            return (!self.sim.away).then(|| Self::head(0x94));
        }
        assert_eq!((packet[0], &packet[4..8]), (0x17, &SERIAL.to_le_bytes()[..]));
        if self.sim.away || self.sim.stranger.is_some() || Self::counts_down(&mut self.sim.deaf_to, packet[1]) {
            return None;
        }
        let mut answer = Self::head(packet[1]);
        answer[8] = 1;
        let number = u32::from_le_bytes(packet[8..12].try_into().unwrap());
        match packet[1] {
            0x20 => answer = self.status(),
            0x30 => {
                self.sim.time_sets += 1;
                let digits = |byte: u8| i64::from(byte >> 4) * 10 + i64::from(byte & 15);
                let set = (digits(packet[11]) - 25) * 86_400
                    + digits(packet[12]) * 3_600
                    + digits(packet[13]) * 60
                    + digits(packet[14]);
                self.sim.ahead = set - self.seconds();
                answer[8..15].copy_from_slice(&packet[8..15]);
            }
            0x40 => {
                self.sim.opened.push(packet[8]);
                self.event(2, packet[8], 0, 44);
            }
            0x8E => self.sim.special = packet[8] == 1,
            0x90 => assert_eq!(packet[8..14], [127, 0, 0, 1, 0x61, 0xEA]),
            0xA0 => self.sim.pc_control = packet[12] == 1,
            0xB0 => {
                assert_ne!(number, u32::MAX, "that would be the newest event, whichever it is");
                answer[8] = 0;
                if number < self.sim.first {
                    answer[8..12].copy_from_slice(&number.to_le_bytes());
                    answer[12] = 0xFF;
                } else if let Some(event) = self.sim.events.iter().find(|event| event.index == number) {
                    Self::write_event(&mut answer, event);
                }
            }
            other => panic!("not expected: {other:02X}"),
        }
        (!Self::counts_down(&mut self.sim.mute_after, packet[1])).then_some(answer)
    }

    pub fn presented(&self) -> Vec<(u8, u32)> {
        let card = |effect: &Effect| match effect {
            Effect::Presented { door, card } => Some((*door, *card)),
            _ => None,
        };
        self.effects.iter().filter_map(card).collect()
    }

    pub fn happened(&self) -> Vec<Event> {
        let event = |effect: &Effect| match effect {
            Effect::Happened(event) => Some(*event),
            _ => None,
        };
        self.effects.iter().filter_map(event).collect()
    }

    pub fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }
}
