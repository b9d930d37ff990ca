//! What boards say about their doors, and when it is believed.

use super::{BoardState, Bus, GRACE_MS, Report, Request};
use crate::ids::{Millis, Port};
use crate::order::sort_by_numbers;

/// Two equal answers at least this far apart make an open door.
pub(super) const OPEN_APART_MS: i64 = 100;
/// Two equal answers at least this far apart make a closed door.
pub(super) const CLOSED_APART_MS: i64 = 300;
/// How often a board is asked while nothing happens.
const POLL_MS: i64 = 2_000;
/// The same where it is asked for one door at a time.
const DOOR_POLL_MS: i64 = 250;
/// The first pause before a board is asked again that did not answer; each further pause is twice as long.
const FIRST_PAUSE_MS: i64 = 500;
const LONGEST_PAUSE_MS: i64 = 30_000;

/// One board of the layout.
#[derive(Clone, Debug)]
pub(super) struct Board {
    pub(super) jumper: i64,
    pub(super) doors: Vec<Door>,
    pub(super) state: Option<BoardState>,
    /// When it is asked next.
    pub(super) due: Millis,
    /// How many "off" it still gets unless it acknowledges one.
    pub(super) off_left: u8,
    /// This "off" ends an opening and goes before everything else, since this moment.
    pub(super) off_urgent: Option<Millis>,
    misses: u32,
    pause: i64,
    /// Since when half of it reads otherwise than it did.
    odd_since: Option<Millis>,
    /// Where doors are asked one by one: the next.
    pub(super) next_door: usize,
}

/// One door of the layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Door {
    pub(super) port: Port,
    /// The reading that is believed.
    pub(super) stable: Option<bool>,
    /// Another reading, and since when.
    candidate: Option<(bool, Millis)>,
    /// Until then an open door is this kiosk's own doing.
    pub(super) own_until: Option<Millis>,
}

pub(super) fn boards_of(layout: &[Port]) -> Vec<Board> {
    let mut ports = layout.to_vec();
    sort_by_numbers(&mut ports, |port| (port.jumper, port.serial));
    ports.dedup();
    ports
        .chunk_by(|one, other| one.jumper == other.jumper)
        .map(|ports| Board {
            jumper: ports[0].jumper,
            doors: ports.iter().map(|port| Door::new(*port)).collect(),
            state: None,
            due: Millis::default(),
            off_left: 0,
            off_urgent: None,
            misses: 0,
            pause: FIRST_PAUSE_MS,
            odd_since: None,
            next_door: 0,
        })
        .collect()
}

impl Door {
    fn new(port: Port) -> Self {
        Self {
            port,
            stable: None,
            candidate: None,
            own_until: None,
        }
    }
}

impl Board {
    /// Nothing is known about its doors any more.
    pub(super) fn unknown(&mut self) {
        for door in &mut self.doors {
            (door.stable, door.candidate) = (None, None);
        }
        self.misses = 0;
        self.pause = FIRST_PAUSE_MS;
        self.odd_since = None;
    }

    /// When it wants to be asked.
    pub(super) fn next_look(&self) -> Millis {
        self.off_urgent.unwrap_or(self.due).min(self.due)
    }

    /// An "off" was acknowledged, or is wanted no longer.
    pub(super) fn off_done(&mut self) {
        (self.off_left, self.off_urgent) = (0, None);
    }

    /// An "off" was not acknowledged.
    pub(super) fn off_failed(&mut self, now: Millis) {
        self.off_left = self.off_left.saturating_sub(1);
        if self.off_left == 0 {
            self.off_done();
        }
        self.due = now.plus(FIRST_PAUSE_MS);
    }

    pub(super) fn answers(&self) -> bool {
        self.misses == 0
    }
}

impl Bus {
    /// It answered; `polled`: what it is asked for in turn. An answer about the one door that somebody stands at says nothing about the others.
    pub(super) fn board_answered(&mut self, at: usize, polled: bool) {
        let was_away = matches!(
            self.boards[at].state,
            Some(BoardState::Silent | BoardState::Garbled | BoardState::Echo)
        );
        let odd = self.boards[at].odd_since.is_some();
        let pause = if self.codec.asks_boards() {
            POLL_MS
        } else {
            DOOR_POLL_MS
        };
        let stays_powered = self.codec.kind().stays_powered();
        let board = &mut self.boards[at];
        board.misses = 0;
        board.pause = FIRST_PAUSE_MS;
        let next = self.now.plus(pause);
        board.due = if polled { next } else { board.due.min(next) };
        if was_away && !odd && stays_powered && board.off_left == 0 && !self.attempts.iter().any(|one| one.powered()) {
            // It may have lost an "off", or its power, while it was away.
            board.off_left = 3;
        }
        if !odd {
            self.set_board(at, BoardState::Ok);
        }
    }

    pub(super) fn board_missed(&mut self, at: usize, state: BoardState) {
        let board = &mut self.boards[at];
        board.misses = board.misses.saturating_add(1);
        board.due = self.now.plus(board.pause);
        board.pause = (board.pause * 2).min(LONGEST_PAUSE_MS);
        if board.misses >= 2 {
            for door in &mut board.doors {
                (door.stable, door.candidate) = (None, None);
            }
            board.odd_since = None;
            self.set_board(at, state);
        }
    }

    /// All contacts of a board.
    pub(super) fn board_reads(&mut self, at: usize, open: u64) {
        let readings: Vec<(Port, bool)> = self.boards[at]
            .doors
            .iter()
            .map(|door| (door.port, open >> (door.port.serial - 1) & 1 == 1))
            .collect();
        if self.is_odd(at, &readings) {
            return;
        }
        for (port, open) in readings {
            // Where one door can be asked alone, an opening waits for that: no order of bytes can spoil it.
            if matches!(self.codec.question(port), Request::Board { .. }) {
                self.attempt_reads(port, open);
            }
            self.reads_now(at, port, open);
        }
        self.look_again_soon(at);
    }

    /// The contact of one door.
    pub(super) fn one_door_reads(&mut self, at: usize, port: Port, open: bool) {
        self.attempt_reads(port, open);
        self.reads_now(at, port, open);
        self.look_again_soon(at);
    }

    /// Half a board that turns at once is a fault of its power or wires, not of its doors. After a while it is the state of things, and still nobody's break-in.
    fn is_odd(&mut self, at: usize, readings: &[(Port, bool)]) -> bool {
        let turned = self.boards[at]
            .doors
            .iter()
            .zip(readings)
            .filter(|(door, (port, open))| {
                door.stable.is_some_and(|stable| stable != *open) && !self.is_own(*port, door.own_until)
            })
            .count();
        let board = &mut self.boards[at];
        if turned < 2 || turned * 2 < board.doors.len() {
            if board.odd_since.take().is_some() {
                self.set_board(at, BoardState::Ok);
            }
            return false;
        }
        let since = *board.odd_since.get_or_insert(self.now);
        if self.now.since(since) >= GRACE_MS {
            board.odd_since = None;
            for door in &mut board.doors {
                (door.stable, door.candidate) = (None, None);
            }
            self.set_board(at, BoardState::Ok);
            return false;
        }
        board.due = self.now.plus(FIRST_PAUSE_MS);
        self.set_board(at, BoardState::Garbled);
        true
    }

    fn is_own(&self, port: Port, own_until: Option<Millis>) -> bool {
        own_until.is_some_and(|until| self.now < until) || self.attempts.iter().any(|one| one.watches(port))
    }

    /// Closed by the reading that is believed, and by the last one as well: shortly after a start another reading is not believed for a while.
    pub(super) fn is_surely_closed(&self, port: Port) -> bool {
        let mut doors = self.boards.iter().flat_map(|board| &board.doors);
        doors.any(|door| door.port == port && door.stable == Some(false) && door.candidate.is_none())
    }

    fn reads_now(&mut self, at: usize, port: Port, open: bool) {
        if !self.contacts {
            return;
        }
        let (now, early) = (self.now, self.just_started());
        let Some(door) = self.boards[at].doors.iter_mut().find(|door| door.port == port) else {
            return;
        };
        if door.stable == Some(open) {
            door.candidate = None;
            return;
        }
        let since = match door.candidate {
            Some((value, since)) if value == open => since,
            _ => {
                door.candidate = Some((open, now));
                return;
            }
        };
        if now.since(since) < OPEN_APART_MS {
            return;
        }
        let (was, own_until) = (door.stable, door.own_until);
        let own = self.is_own(port, own_until);
        if was == Some(false) && open && early && !own {
            // Kept as a candidate: it is judged when the time is over.
            return;
        }
        if let Some(door) = self.boards[at].doors.iter_mut().find(|door| door.port == port) {
            (door.stable, door.candidate) = (Some(open), None);
        }
        if !self.attempts.iter().any(|one| one.watches(port)) {
            self.report(Report::Reads { port, open });
        }
        if was == Some(false) && open && !own {
            self.report(Report::Forced { port });
        }
    }

    /// A contact that reads otherwise than before is looked at again before the next turn.
    fn look_again_soon(&mut self, at: usize) {
        let soon = self.now.plus(OPEN_APART_MS + 20);
        let board = &mut self.boards[at];
        if let Some((at, _)) = board
            .doors
            .iter()
            .enumerate()
            .find(|(_, door)| door.candidate.is_some())
        {
            board.next_door = at;
            board.due = board.due.min(soon);
        }
    }
}
