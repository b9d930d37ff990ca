//! What is written next: coils off, then openings, then the doors that somebody stands at, then everything else in turn.

use super::start::Link;
use super::talk::Purpose;
use super::{BoardState, Bus, Request};
use crate::ids::{Millis, Port};

/// An "off" waits no longer than this for silence.
const LONGEST_NOISE_MS: i64 = 200;
/// A question that waits longer than this for silence was asked in vain.
const LONGEST_WAIT_MS: i64 = 1_000;

impl Bus {
    pub(super) fn send_next(&mut self) {
        // Noise without an end must not keep a coil powered.
        let burning = |since: Millis| self.now.since(since) >= LONGEST_NOISE_MS;
        let must = self.boards.iter().any(|board| board.off_urgent.is_some_and(burning));
        if self.pending.is_some() || self.link == Link::Down {
            return;
        }
        if self.now < self.quiet_until && !must {
            return self.noise_passed();
        }
        if self.link != Link::Ready {
            self.send_start();
            if self.link != Link::Ready || self.pending.is_some() {
                return;
            }
        }
        if self.send_urgent_off() || self.send_opening() {
            return;
        }
        // A question that is not answered takes this long, and a coil must not stay powered meanwhile.
        let patience = self.codec.patience(Request::Board { jumper: 0 });
        if self.coil_is_due_within(patience) {
            return;
        }
        if self.send_watch() || self.send_other_off() {
            return;
        }
        self.send_poll();
    }

    /// On a wire that is never silent no board can be asked, and what comes is no answer of any of them.
    fn noise_passed(&mut self) {
        if self
            .noisy_since
            .is_none_or(|since| self.now.since(since) < LONGEST_WAIT_MS)
        {
            return;
        }
        for at in 0..self.boards.len() {
            if self.boards[at].due <= self.now {
                self.board_missed(at, BoardState::Garbled);
            }
        }
    }

    fn send_urgent_off(&mut self) -> bool {
        let Some(at) = self
            .boards
            .iter()
            .position(|board| board.off_urgent.is_some() && board.off_left > 0)
        else {
            return false;
        };
        let jumper = self.boards[at].jumper;
        self.ask(Request::Off { jumper }, Purpose::Off(at))
    }

    /// Sends "off" again, now that an answer can be judged; not while a coil of the same board is meant to be powered.
    fn send_other_off(&mut self) -> bool {
        let now = self.now;
        let Some(at) = self
            .boards
            .iter()
            .position(|board| board.off_left > 0 && board.due <= now)
        else {
            return false;
        };
        let jumper = self.boards[at].jumper;
        self.ask(Request::Off { jumper }, Purpose::Off(at))
    }

    fn send_watch(&mut self) -> bool {
        let Some(port) = self.watched() else {
            return false;
        };
        self.asked_for(port);
        let Some(at) = self.board_at(port.jumper) else {
            return false;
        };
        self.ask(self.codec.question(port), Purpose::Status(at))
    }

    fn send_poll(&mut self) {
        let now = self.now;
        let Some(at) = (0..self.boards.len())
            .filter(|at| self.boards[*at].due <= now)
            .min_by_key(|at| self.boards[*at].due)
        else {
            return;
        };
        let board = &mut self.boards[at];
        let jumper = board.jumper;
        if self.codec.asks_boards() {
            self.ask(Request::Board { jumper }, Purpose::Status(at));
            return;
        }
        let port: Port = board.doors[board.next_door % board.doors.len()].port;
        board.next_door = (board.next_door + 1) % board.doors.len();
        self.ask(Request::Door(port), Purpose::Status(at));
    }
}
