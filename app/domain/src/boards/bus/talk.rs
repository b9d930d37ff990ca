//! One question at a time: what was written, what comes back, and for how long it is waited.

use super::start::Link;
use super::{BoardState, Bus, Output, Request};
use crate::boards::{Answer, Assembler, Frame, Heard};
use crate::ids::{Millis, Port};

/// Silence between two frames.
const GAP_MS: i64 = 5;
/// Silence after something went wrong, before the next frame.
const FAULT_MS: i64 = 30;
/// In the start, so long a silence ends what came.
const ENOUGH_MS: i64 = 40;

/// What a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// "Off" before anything is known about echo; what comes back is not judged.
    Blind,
    /// The board that does not exist.
    Probe,
    /// "Off" to a board.
    Off(usize),
    /// An opening.
    Open {
        /// Its number.
        attempt: u64,
        /// Its door.
        port: Port,
    },
    /// The contacts of a board, or of one of its doors.
    Status(usize),
}

/// What is waited for.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) frame: Frame,
    pub(super) purpose: Purpose,
    request: Request,
    until: Millis,
    assembler: Assembler,
    /// In the start: all that came.
    pub(super) came: Vec<u8>,
}

impl Pending {
    pub(super) fn new(
        request: Request,
        frame: Frame,
        purpose: Purpose,
        now: Millis,
        patience: i64,
        echo: bool,
    ) -> Self {
        Self {
            frame,
            purpose,
            request,
            until: now.plus(patience),
            assembler: Assembler::new(request, frame, echo),
            came: Vec::new(),
        }
    }

    /// When silence or the end of patience will have to be looked at.
    pub(super) fn next_look(&self, heard_at: Millis) -> Millis {
        let quiet = if self.in_start() {
            Some(heard_at.plus(ENOUGH_MS)).filter(|_| !self.came.is_empty())
        } else {
            self.assembler.quiet_at()
        };
        quiet.unwrap_or(self.until).min(self.until)
    }

    fn in_start(&self) -> bool {
        matches!(self.purpose, Purpose::Blind | Purpose::Probe)
    }
}

impl Bus {
    pub(super) fn write(&mut self, frame: Frame, pending: Option<Pending>) {
        self.pending = pending;
        self.noisy_since = None;
        self.out.push(Output::Write(frame));
    }

    /// Writes a request and waits for its answer.
    pub(super) fn ask(&mut self, request: Request, purpose: Purpose) -> bool {
        let Some(frame) = self.codec.encode(request) else {
            return false;
        };
        let patience = self.codec.patience(request);
        let pending = Pending::new(request, frame, purpose, self.now, patience, self.echo);
        self.write(frame, Some(pending));
        true
    }

    pub(super) fn heard(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.link == Link::Down {
            return;
        }
        self.heard_at = self.now;
        let Some(pending) = &mut self.pending else {
            // Noise, a doubled answer, a board that speaks unasked: passed over, and let finish.
            self.noisy_since.get_or_insert(self.now);
            self.wait_for_silence(FAULT_MS);
            return;
        };
        if pending.in_start() {
            let room = 64_usize.saturating_sub(pending.came.len());
            pending.came.extend(bytes.iter().take(room));
            return;
        }
        match pending.assembler.feed(&self.codec, bytes, self.now) {
            Heard::Nothing => {}
            Heard::Answer(answer) => self.answered(answer),
            Heard::Collision => self.unanswered(),
        }
    }

    /// Ends what was waited for too long, or what silence ends.
    pub(super) fn pending_passed(&mut self) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        if pending.in_start() {
            let quiet = self.now.since(self.heard_at) >= ENOUGH_MS && !pending.came.is_empty();
            if (quiet || self.now >= pending.until)
                && let Some(pending) = self.pending.take()
            {
                self.wait_for_silence(GAP_MS);
                self.start_answered(&pending);
            }
            return;
        }
        match pending.assembler.quiet(&self.codec, self.now) {
            Heard::Answer(answer) => self.answered(answer),
            _ if self.now >= pending.until => self.unanswered(),
            _ => {}
        }
    }

    fn answered(&mut self, answer: Answer) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.wait_for_silence(GAP_MS);
        let jumper = pending.request.jumper();
        let Some(at) = self.board_at(jumper) else {
            return;
        };
        match (pending.purpose, pending.request, answer) {
            // It answers, and knows nothing of what it was asked.
            (Purpose::Status(_), _, Answer::Refused) => {
                self.board_answered_after_opening(jumper, false);
                return self.board_missed(at, BoardState::Garbled);
            }
            (Purpose::Open { attempt, port }, _, Answer::Refused) => self.refused(attempt, port),
            _ => {}
        }
        let polled = !matches!(pending.request, Request::Door(_)) || !self.codec.asks_boards();
        self.board_answered(at, polled);
        match (pending.purpose, pending.request, answer) {
            (Purpose::Off(at), ..) => self.boards[at].off_done(),
            (Purpose::Open { attempt, port }, _, Answer::Done { open }) => self.released(attempt, port, open),
            (Purpose::Status(at), _, Answer::Doors(open)) => {
                self.board_answered_after_opening(jumper, true);
                self.board_reads(at, open);
            }
            (Purpose::Status(at), Request::Door(port), Answer::Door { open }) => {
                self.board_answered_after_opening(jumper, true);
                self.one_door_reads(at, port, open);
            }
            _ => {}
        }
    }

    /// Nothing that fits came. An opening is never repeated; everything else is asked again later.
    fn unanswered(&mut self) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.wait_for_silence(FAULT_MS);
        let state = if pending.assembler.heard_itself() {
            BoardState::Echo
        } else if pending.assembler.heard_something() {
            BoardState::Garbled
        } else {
            BoardState::Silent
        };
        match pending.purpose {
            // Whether a board is there is for its status to tell: not all may acknowledge an "off".
            Purpose::Off(at) => return self.boards[at].off_failed(self.now),
            Purpose::Open { attempt, port } => self.unsure(attempt, port),
            Purpose::Status(_) => self.board_answered_after_opening(pending.request.jumper(), false),
            Purpose::Blind | Purpose::Probe => {}
        }
        if let Some(at) = self.board_at(pending.request.jumper()) {
            self.board_missed(at, state);
        }
    }

    pub(super) fn board_at(&self, jumper: i64) -> Option<usize> {
        self.boards.iter().position(|board| board.jumper == jumper)
    }
}
