//! One wire and its readers: who is asked next, and how long an answer may take.

use super::packet::Assembler;
use super::reader::{Mode, Reader, Setup};
use super::{Event, LAST_ADDRESS};
use crate::ids::Millis;
use crate::token::Random;

/// Before each of our frames, so that a reader wakes up.
pub(super) const MARK: u8 = 0xFF;
/// How long a reader may take to begin its answer.
const ANSWER_MS: i64 = 200;
/// The longest answer that is expected, in bytes.
const ANSWER_BYTES: i64 = 96;
/// While polls are due, something else is asked only after this number of them, so that no round of polls becomes much longer by it.
const POLLS_BETWEEN: usize = 3;
/// Bits of silence between an answer and the next command: two characters. What writes to the wire keeps it, because milliseconds are too coarse for it.
pub const SILENCE_BITS: u32 = 20;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The port is open.
    Up,
    /// The port is gone.
    Lost,
    /// Bytes came.
    Bytes(&'a [u8]),
    /// The guard of a reader opens.
    Open {
        /// Which, in the order of the settings.
        reader: usize,
    },
    /// The guard of a reader decided, and the reader shows it to the person.
    Show {
        /// Which.
        reader: usize,
        /// It opens.
        granted: bool,
    },
    /// Time passes.
    Tick,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes.
    Write(Vec<u8>),
    /// A reader reports.
    Event {
        /// Which.
        reader: usize,
        /// What.
        event: Event,
    },
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    reader: usize,
    until: Millis,
}

/// A wire.
#[derive(Clone, Debug)]
pub struct Bus {
    readers: Vec<Reader>,
    baud: i64,
    up: bool,
    flight: Option<Flight>,
    assembler: Assembler,
    /// Polls since something else was asked.
    polls: usize,
}

impl Bus {
    /// A wire with these readers, at this speed; `None` where an address does not exist or is there twice.
    pub fn new(setups: Vec<Setup>, mode: Mode, baud: u32) -> Option<Self> {
        let mut addresses: Vec<u8> = setups.iter().map(|setup| setup.address).collect();
        addresses.sort_unstable();
        let twice = addresses.windows(2).any(|pair| pair[0] == pair[1]);
        if twice || addresses.last().is_none_or(|last| *last > LAST_ADDRESS) || baud == 0 {
            return None;
        }
        Some(Self {
            readers: setups.into_iter().map(|setup| Reader::new(setup, mode)).collect(),
            baud: i64::from(baud),
            up: false,
            flight: None,
            assembler: Assembler::default(),
            polls: 0,
        })
    }

    /// One step. `now` never goes back.
    pub fn step(&mut self, input: Input<'_>, now: Millis, random: &mut Random) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Up => {
                self.up = true;
                self.all(now, &mut out, Reader::begin);
            }
            Input::Lost => {
                (self.up, self.flight) = (false, None);
                self.all(now, &mut out, Reader::begin);
            }
            Input::Bytes(bytes) => self.bytes(bytes, now, &mut out),
            Input::Open { reader } => {
                if let Some(reader) = self.readers.get_mut(reader) {
                    reader.open(now);
                }
            }
            Input::Show { reader, granted } => {
                if let Some(reader) = self.readers.get_mut(reader) {
                    reader.show(granted);
                }
            }
            Input::Tick => {}
        }
        if let Some(flight) = self.flight.filter(|flight| now >= flight.until) {
            self.flight = None;
            self.one(flight.reader, &mut out, |reader, events| reader.silent(now, events));
        }
        self.all(now, &mut out, Reader::tick);
        if !self.up {
            // No reader was asked, so this is no answer.
            self.all(now, &mut out, Reader::silent);
        }
        self.ask(now, random, &mut out);
        out
    }

    /// When time alone changes something.
    pub fn wakes_at(&self) -> Option<Millis> {
        if !self.up {
            return None;
        }
        if let Some(flight) = self.flight {
            return Some(flight.until);
        }
        let dues = self.readers.iter().filter_map(Reader::due);
        dues.chain(self.readers.iter().filter_map(Reader::question_due)).min()
    }

    fn all(&mut self, now: Millis, out: &mut Vec<Output>, each: fn(&mut Reader, Millis, &mut Vec<Event>)) {
        for at in 0..self.readers.len() {
            self.one(at, out, |reader, events| each(reader, now, events));
        }
    }

    fn one(&mut self, at: usize, out: &mut Vec<Output>, does: impl FnOnce(&mut Reader, &mut Vec<Event>)) {
        let mut events = Vec::new();
        if let Some(reader) = self.readers.get_mut(at) {
            does(reader, &mut events);
        }
        out.extend(events.into_iter().map(|event| Output::Event { reader: at, event }));
    }

    fn bytes(&mut self, bytes: &[u8], now: Millis, out: &mut Vec<Output>) {
        for packet in self.assembler.feed(bytes) {
            let Some(flight) = self.flight else { continue };
            let mut answered = false;
            self.one(flight.reader, out, |reader, events| {
                answered = reader.hear(&packet, now, events);
            });
            if answered {
                self.flight = None;
            }
        }
    }

    /// Asks the next reader: one with a pending release first, then those that wait for their poll the longest, and something else between the polls.
    fn ask(&mut self, now: Millis, random: &mut Random, out: &mut Vec<Output>) {
        if !self.up || self.flight.is_some() {
            return;
        }
        let urgent = self.readers.iter().position(Reader::is_urgent);
        let poll = urgent.or_else(|| self.longest_due(now, Reader::due));
        let question = self.longest_due(now, Reader::question_due);
        let may_question = urgent.is_none() && (poll.is_none() || self.polls >= POLLS_BETWEEN);
        let (at, frame) = match (question.filter(|_| may_question), poll) {
            (Some(at), _) => {
                self.polls = 0;
                (at, self.readers[at].write_question(now))
            }
            (None, Some(at)) => {
                self.polls = self.polls.saturating_add(1);
                (at, self.readers[at].write(random))
            }
            (None, None) => return,
        };
        let bytes = i64::try_from(frame.len())
            .unwrap_or(ANSWER_BYTES)
            .saturating_add(ANSWER_BYTES);
        let until = now.plus(ANSWER_MS).plus(bytes.saturating_mul(10_000) / self.baud);
        // Bytes received before this command do not answer it.
        self.assembler.clear();
        self.flight = Some(Flight { reader: at, until });
        out.push(Output::Write(frame));
    }

    /// The reader for which it has been due the longest.
    fn longest_due(&self, now: Millis, due: fn(&Reader) -> Option<Millis>) -> Option<usize> {
        let dues = self.readers.iter().map(due).enumerate();
        dues.filter_map(|(at, due)| Some((due.filter(|due| now >= *due)?, at)))
            .min()
            .map(|(_, at)| at)
    }
}
