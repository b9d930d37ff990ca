//! From an open port to a wire that is understood: outputs off, then whether the adapter hears itself.

use super::talk::{Pending, Purpose};
use super::{BoardState, Bus, Echo, Output, Report, Request};
use crate::ids::Millis;

/// After the port was opened, adapters may still hand over what came before.
const SETTLE_MS: i64 = 50;
/// How long one "off" waits while nothing is known about echo.
const BLIND_MS: i64 = 150;
/// How long the absent board is waited for.
const PROBE_MS: i64 = 300;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The port is closed.
    Down,
    /// Outputs are switched off, board by board; the number is the next one's.
    Off(usize),
    /// The board that does not exist is asked; the number counts the tries.
    Probe(u32),
    /// Doors may be opened.
    Ready,
}

impl Bus {
    pub(super) fn up(&mut self) {
        if self.link != Link::Down {
            self.lost();
        }
        self.link = Link::Off(0);
        (self.up_at, self.heard_at) = (self.now, self.now);
        self.quiet_until = self.now.plus(SETTLE_MS);
        self.noisy_since = None;
        self.pending = None;
        for board in &mut self.boards {
            board.unknown();
            board.due = self.now;
            board.off_left = if self.codec.kind().stays_powered() { 3 } else { 0 };
        }
    }

    pub(super) fn lost(&mut self) {
        if self.link == Link::Down {
            return;
        }
        self.link = Link::Down;
        self.pending = None;
        self.opening_lost();
        for at in 0..self.boards.len() {
            self.boards[at].unknown();
            self.set_board(at, BoardState::Lost);
        }
    }

    /// The next frame of the start, if there is one.
    pub(super) fn send_start(&mut self) {
        if let Link::Off(at) = self.link {
            let board = self.boards.get(at).map(|board| board.jumper);
            let frame = board.and_then(|jumper| self.codec.encode(Request::Off { jumper }));
            if let (Some(jumper), Some(frame)) = (board, frame) {
                let pending = Pending::new(
                    Request::Off { jumper },
                    frame,
                    Purpose::Blind,
                    self.now,
                    BLIND_MS,
                    false,
                );
                self.write(frame, Some(pending));
                return;
            }
            // The boards time their pulses themselves, or all are off.
            self.link = Link::Probe(0);
            if self.echo_setting != Echo::Ask {
                self.echo = self.echo_setting == Echo::Yes;
                self.link = Link::Ready;
            }
        }
        if let Link::Probe(_) = self.link
            && let Some(jumper) = self.absent
        {
            let port = crate::ids::Port { jumper, serial: 1 };
            let request = self.codec.question(port);
            if let Some(frame) = self.codec.encode(request) {
                let pending = Pending::new(request, frame, Purpose::Probe, self.now, PROBE_MS, false);
                self.write(frame, Some(pending));
            }
        }
    }

    /// What came back while nothing was known about echo.
    pub(super) fn start_answered(&mut self, pending: &Pending) {
        match (self.link, pending.purpose) {
            (Link::Off(at), Purpose::Blind) => self.link = Link::Off(at + 1),
            (Link::Probe(tries), Purpose::Probe) => {
                if pending.came.is_empty() || pending.came == pending.frame.bytes() {
                    self.echo = !pending.came.is_empty();
                    self.link = Link::Ready;
                    return;
                }
                // Noise, or a board where there should be none. Nothing is opened before it is known.
                self.link = Link::Probe(tries.saturating_add(1));
                self.quiet_until = self.now.plus((500 << tries.min(6)).min(30_000));
                if tries >= 1 {
                    for at in 0..self.boards.len() {
                        self.set_board(at, BoardState::Garbled);
                    }
                }
            }
            _ => {}
        }
    }

    /// Silence on the whole wire, for long: perhaps the adapter stopped working, which shows in no other way.
    pub(super) fn reopen_if_dead(&mut self) {
        let silent = |state| matches!(state, Some(BoardState::Silent));
        let dead = self.link == Link::Ready
            && self.boards.iter().all(|board| silent(board.state))
            && self.now.since(self.heard_at.max(self.up_at)) >= 30_000;
        if dead && !self.boards.is_empty() {
            self.up_at = self.now;
            self.out.push(Output::Reopen);
        }
    }

    pub(super) fn set_board(&mut self, at: usize, state: BoardState) {
        let board = &mut self.boards[at];
        if board.state != Some(state) {
            board.state = Some(state);
            let jumper = board.jumper;
            self.report(Report::Board { jumper, state });
        }
    }

    /// Is it too early to call an open door forced?
    pub(super) fn just_started(&self) -> bool {
        self.now.since(self.up_at) < super::GRACE_MS
    }

    pub(super) fn wait_for_silence(&mut self, millis: i64) {
        let until: Millis = self.now.plus(millis);
        self.quiet_until = self.quiet_until.max(until);
    }
}
