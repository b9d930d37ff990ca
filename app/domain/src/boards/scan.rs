//! Looking for boards: every address of some kinds at some speeds, by status questions only. Nothing is opened and nothing is switched.

use super::{Codec, Frame, Kind, Length, Request, Settings};
use crate::ids::{Millis, Port};
use serde::{Deserialize, Serialize};

/// So long an address has to answer.
const PATIENCE_MS: i64 = 150;
/// After bytes came, so long a silence ends what an address says.
const ENOUGH_MS: i64 = 45;
/// After a line was opened, adapters may still hand over what came before.
const SETTLE_MS: i64 = 50;
/// So long a line may take to open again at another speed.
const OPENING_MS: i64 = 3_000;
/// More is not kept of what one address says.
const KEPT: usize = 64;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanWish {
    /// These kinds, each at the speed of its documents; Kerong boards at 9600 as well.
    pub kinds: Vec<Kind>,
    /// No address beyond this one.
    pub last: i64,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A board answered.
    Board {
        /// On which line.
        line: usize,
        /// The kind whose question it answered.
        kind: Kind,
        /// At this speed.
        baud: u32,
        /// Its address.
        jumper: i64,
        /// It answered twice: two boards have this address.
        twice: bool,
    },
    /// The adapter of this line hears what it sends.
    Echo {
        /// Which line.
        line: usize,
    },
    /// How far the scan has come, in questions.
    Progress {
        /// Asked.
        asked: u32,
        /// All.
        of: u32,
    },
    /// It is over.
    Done,
}

/// What a scan wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Write this.
    Write(usize, Frame),
    /// Close the line, and open it at this speed.
    Reopen(usize, u32),
    /// Tell the technician.
    Found(Found),
}

/// One kind at one speed on one line.
#[derive(Clone, Copy, Debug)]
struct Pass {
    line: usize,
    codec: Codec,
    baud: u32,
}

/// How far it is.
#[derive(Clone, Debug)]
enum State {
    /// The line is being opened at the pass's speed, since this moment.
    Opening(Millis),
    /// Nothing is written before this moment.
    Quiet(Millis),
    /// An address was asked; `0` stands for the one at the end of the range, which finds an echo.
    Asked {
        at: Millis,
        heard: Millis,
        frame: Frame,
        came: Vec<u8>,
    },
    Done,
}

/// A scan as a state machine.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    passes: Vec<Pass>,
    pass: usize,
    /// The next address; 0: the echo is looked for.
    jumper: i64,
    last: i64,
    echo: bool,
    state: State,
    asked: u32,
    of: u32,
}

impl Scan {
    /// Over these lines. Begins by opening the first one.
    pub(super) fn new(wish: &ScanWish, lines: &[usize], now: Millis) -> (Self, Vec<Output>) {
        let mut passes = Vec::new();
        for line in lines {
            for kind in &wish.kinds {
                let speeds: &[u32] = match kind {
                    Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted => &[19_200, 9_600],
                    _ => &[9_600],
                };
                if let Ok(codec) = Codec::new(&Settings::of(*kind)) {
                    passes.extend(speeds.iter().map(|baud| Pass {
                        line: *line,
                        codec,
                        baud: *baud,
                    }));
                }
            }
        }
        let last = wish.last.clamp(1, 247);
        let of = passes.iter().map(|pass| addresses(pass, last)).sum();
        let mut scan = Self {
            passes,
            pass: 0,
            jumper: 0,
            last,
            echo: false,
            state: State::Done,
            asked: 0,
            of,
        };
        let mut out = Vec::new();
        scan.begin_pass(now, &mut out);
        (scan, out)
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// The speed a line is to be opened at.
    pub(super) fn baud(&self, line: usize) -> Option<u32> {
        self.passes
            .get(self.pass)
            .filter(|pass| pass.line == line)
            .map(|pass| pass.baud)
    }

    pub(super) fn up(&mut self, line: usize, now: Millis) {
        if matches!(self.state, State::Opening(_)) && self.passes.get(self.pass).is_some_and(|pass| pass.line == line) {
            self.state = State::Quiet(now.plus(SETTLE_MS));
        }
    }

    pub(super) fn lost(&mut self, line: usize, now: Millis, out: &mut Vec<Output>) {
        // It is closed on purpose before it is opened at another speed.
        if !matches!(self.state, State::Opening(_)) && self.passes.get(self.pass).is_some_and(|pass| pass.line == line)
        {
            self.next_pass(now, out);
        }
    }

    pub(super) fn bytes(&mut self, line: usize, bytes: &[u8], now: Millis) {
        if let State::Asked { heard, came, .. } = &mut self.state
            && self.passes.get(self.pass).is_some_and(|pass| pass.line == line)
        {
            *heard = now;
            let room = KEPT.saturating_sub(came.len());
            came.extend(bytes.iter().take(room));
        }
    }

    pub(super) fn tick(&mut self, now: Millis, out: &mut Vec<Output>) {
        match &self.state {
            State::Opening(since) if now.since(*since) >= OPENING_MS => self.next_pass(now, out),
            State::Quiet(until) if now >= *until => self.ask(now, out),
            State::Asked { at, heard, came, .. } => {
                let enough = !came.is_empty() && now.since(*heard) >= ENOUGH_MS;
                if enough || now.since(*at) >= PATIENCE_MS {
                    self.answered(now, out);
                }
            }
            _ => {}
        }
    }

    pub(super) fn wakes_at(&self) -> Option<Millis> {
        match &self.state {
            State::Opening(since) => Some(since.plus(OPENING_MS)),
            State::Quiet(until) => Some(*until),
            State::Asked { at, heard, came, .. } if came.is_empty() => Some(at.plus(PATIENCE_MS)).max(Some(*heard)),
            State::Asked { at, heard, .. } => Some(heard.plus(ENOUGH_MS).min(at.plus(PATIENCE_MS))),
            State::Done => None,
        }
    }

    fn begin_pass(&mut self, now: Millis, out: &mut Vec<Output>) {
        let Some(pass) = self.passes.get(self.pass) else {
            self.state = State::Done;
            out.push(Output::Found(Found::Done));
            return;
        };
        (self.jumper, self.echo) = (0, false);
        self.state = State::Opening(now);
        out.push(Output::Reopen(pass.line, pass.baud));
    }

    fn next_pass(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.pass += 1;
        self.begin_pass(now, out);
    }

    fn ask(&mut self, now: Millis, out: &mut Vec<Output>) {
        let Some(pass) = self.passes.get(self.pass).copied() else {
            return;
        };
        let jumper = match self.jumper {
            // Most likely nobody; if a board is there after all, its answer is not the question.
            0 => i64::from(pass.codec.kind().boards()),
            jumper => jumper,
        };
        let Some(frame) = question(&pass.codec, jumper).and_then(|request| pass.codec.encode(request)) else {
            return self.next_pass(now, out);
        };
        self.state = State::Asked {
            at: now,
            heard: now,
            frame,
            came: Vec::new(),
        };
        out.push(Output::Write(pass.line, frame));
    }

    fn answered(&mut self, now: Millis, out: &mut Vec<Output>) {
        let state = std::mem::replace(&mut self.state, State::Quiet(now.plus(5)));
        let (State::Asked { frame, came, .. }, Some(pass)) = (state, self.passes.get(self.pass).copied()) else {
            return;
        };
        if self.jumper == 0 {
            self.echo = came == frame.bytes();
            if self.echo {
                out.push(Output::Found(Found::Echo { line: pass.line }));
            }
        } else {
            let came = match came.strip_prefix(frame.bytes()) {
                Some(rest) if self.echo => rest,
                _ => &came,
            };
            let times = answers(&pass.codec, self.jumper, came);
            if times > 0 {
                out.push(Output::Found(Found::Board {
                    line: pass.line,
                    kind: pass.codec.kind(),
                    baud: pass.baud,
                    jumper: self.jumper,
                    twice: times > 1,
                }));
            }
            self.asked += 1;
            if self.asked.is_multiple_of(8) {
                out.push(Output::Found(Found::Progress {
                    asked: self.asked,
                    of: self.of,
                }));
            }
        }
        self.jumper += 1;
        if self.jumper > i64::from(addresses(&pass, self.last)) {
            self.next_pass(now, out);
        }
    }
}

/// How many addresses a pass asks.
fn addresses(pass: &Pass, last: i64) -> u32 {
    u32::try_from(last)
        .unwrap_or(0)
        .min(u32::from(pass.codec.kind().boards()))
}

/// The status question to a board: for its first door where it has one that stands alone, because such an answer has no order.
fn question(codec: &Codec, jumper: i64) -> Option<Request> {
    Some(codec.question(Port { jumper, serial: 1 }))
}

/// How many whole answers of this board are in these bytes.
fn answers(codec: &Codec, jumper: i64, bytes: &[u8]) -> usize {
    let Some(request) = question(codec, jumper) else {
        return 0;
    };
    let (Length::Fixed(lengths) | Length::Silence(lengths)) = codec.reply_length(request) else {
        return 0;
    };
    let (mut at, mut found) = (0, 0);
    while at < bytes.len() {
        let whole = lengths.iter().find(|length| {
            bytes
                .get(at..at + **length)
                .is_some_and(|part| codec.decode(request, part).is_some())
        });
        match whole {
            Some(length) => {
                found += 1;
                at += length;
            }
            None => at += 1,
        }
    }
    found
}
