//! Openings, from the moment they are asked to the closed door.

use super::contacts::{CLOSED_APART_MS, OPEN_APART_MS};
use super::start::Link;
use super::talk::Purpose;
use super::{Bus, GRACE_MS, MOST_WAITING, OPENING_MS, Output, Report, Request, Why};
use crate::ids::{Millis, Port};

/// How often the contact of a door that was released is asked for; while a coil is powered, more often.
const WATCH_MS: i64 = 250;
const POWERED_MS: i64 = 200;
/// No other coil before this time after an opening frame: boards power theirs for about a second at most.
const PULSE_MS: i64 = 1_000;

/// How far an opening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its frame did not leave.
    Waiting,
    /// Its frame left; the door has not been seen open.
    Released,
    /// The door has been seen open.
    Open,
}

/// One opening of one door.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    number: u64,
    port: Port,
    asked: Millis,
    stage: Stage,
    sent: Millis,
    /// The coil is powered until it is switched off.
    powered: bool,
    acknowledged: bool,
    unsure: bool,
    /// The contact read closed since shortly before the frame left.
    was_closed: bool,
    /// The contact was read at all since then.
    was_read: bool,
    /// A reading that would change something, and since when.
    candidate: Option<(bool, Millis)>,
    /// When the contact is asked for next.
    due: Millis,
}

impl Attempt {
    /// Does a reading of this door belong to this opening?
    pub(super) fn watches(&self, port: Port) -> bool {
        self.port == port && self.stage != Stage::Waiting
    }

    pub(super) fn waits(&self) -> bool {
        self.stage == Stage::Waiting
    }

    pub(super) fn powered(&self) -> bool {
        self.powered
    }

    /// When something is to be done about it.
    pub(super) fn next_look(&self, hold_ms: i64) -> Millis {
        let end = match self.stage {
            // As soon as the wire is free.
            Stage::Waiting => self.asked,
            Stage::Released => self.due.min(self.sent.plus(PULSE_MS)).min(self.sent.plus(OPENING_MS)),
            Stage::Open => self.due,
        };
        if self.powered {
            end.min(self.sent.plus(hold_ms))
        } else {
            end
        }
    }

    fn is(&self, number: u64, port: Port) -> bool {
        self.number == number && self.port == port
    }
}

impl Bus {
    pub(super) fn ask_to_open(&mut self, attempt: u64, port: Port, asked: Millis) {
        if attempt == self.newest && self.newest_ports.contains(&port) {
            return;
        }
        let age = self.now.since(asked);
        let waiting = self.attempts.iter().filter(|one| one.waits()).count();
        let known = self.board_at(port.jumper).is_some_and(|at| {
            self.boards[at].doors.iter().any(|door| door.port == port)
                && self.codec.encode(Request::Open(port)).is_some()
        });
        let old = !(0..OPENING_MS).contains(&age) || self.born.is_none_or(|born| asked <= born);
        if !known || attempt < self.newest || old || waiting >= MOST_WAITING {
            self.report(Report::NotSent { attempt, port });
            return;
        }
        if attempt > self.newest {
            self.newest_ports.clear();
        }
        self.newest = attempt;
        self.newest_ports.push(port);
        self.attempts.push(Attempt {
            number: attempt,
            port,
            asked,
            stage: Stage::Waiting,
            sent: asked,
            powered: false,
            acknowledged: false,
            unsure: false,
            was_closed: false,
            was_read: false,
            candidate: None,
            due: asked,
        });
    }

    /// Nobody waits for it any more. A coil that it powers is switched off first.
    pub(super) fn forget(&mut self, attempt: u64) {
        for at in (0..self.attempts.len()).rev() {
            if self.attempts[at].number != attempt {
                continue;
            }
            let one = self.attempts.remove(at);
            if one.powered {
                self.urge_off(one.port.jumper);
            }
            if one.stage == Stage::Released {
                self.own_for_a_while(one.port);
            }
        }
    }

    pub(super) fn leave(&mut self) {
        self.pending = None;
        for one in std::mem::take(&mut self.attempts) {
            let (attempt, port) = (one.number, one.port);
            if one.stage == Stage::Waiting {
                self.report(Report::NotSent { attempt, port });
            } else if one.powered {
                self.urge_off(port.jumper);
            }
        }
        for at in 0..self.boards.len() {
            let board = &mut self.boards[at];
            let (jumper, urgent) = (board.jumper, board.off_urgent.is_some());
            board.off_done();
            if let Some(off) = self
                .codec
                .encode(Request::Off { jumper })
                .filter(|_| urgent && self.link != Link::Down)
            {
                self.out.push(Output::Write(off));
            }
        }
        self.link = Link::Down;
    }

    /// The port is gone: what was under way is unsure, what had not left may leave later.
    pub(super) fn opening_lost(&mut self) {
        for at in 0..self.attempts.len() {
            let one = &mut self.attempts[at];
            one.powered = false;
            if one.stage == Stage::Released && !one.acknowledged {
                let (number, port) = (one.number, one.port);
                self.unsure(number, port);
            }
        }
    }

    /// What time alone decides.
    pub(super) fn time_passed(&mut self) {
        self.pending_passed();
        let now = self.now;
        for at in (0..self.attempts.len()).rev() {
            let one = &mut self.attempts[at];
            let (attempt, port) = (one.number, one.port);
            if one.powered && now.since(one.sent) >= self.hold_ms {
                one.powered = false;
                self.urge_off(port.jumper);
            }
            let one = &self.attempts[at];
            match one.stage {
                Stage::Waiting if now.since(one.asked) >= OPENING_MS => {
                    self.attempts.remove(at);
                    self.report(Report::NotSent { attempt, port });
                }
                Stage::Released if now.since(one.sent) >= OPENING_MS => {
                    let known = one.acknowledged && one.was_read && !one.unsure;
                    let why = if known { Why::Jammed } else { Why::Unknown };
                    self.not_opened(at, why);
                }
                _ => {}
            }
        }
        self.reopen_if_dead();
    }

    fn not_opened(&mut self, at: usize, why: Why) {
        let one = self.attempts.remove(at);
        if one.powered {
            self.urge_off(one.port.jumper);
        }
        self.own_for_a_while(one.port);
        let (attempt, port) = (one.number, one.port);
        if self.contacts || why == Why::Refused {
            self.report(Report::NotOpened { attempt, port, why });
        }
    }

    fn own_for_a_while(&mut self, port: Port) {
        let until = self.now.plus(GRACE_MS);
        for door in self.boards.iter_mut().flat_map(|board| &mut board.doors) {
            if door.port == port {
                door.own_until = Some(until);
            }
        }
    }

    fn urge_off(&mut self, jumper: i64) {
        let now = self.now;
        if let Some(at) = self.board_at(jumper) {
            (self.boards[at].off_left, self.boards[at].off_urgent) = (3, Some(now));
        }
    }

    /// The oldest opening that waits, if one may be sent now.
    pub(super) fn send_opening(&mut self) -> bool {
        let busy = self
            .attempts
            .iter()
            .any(|one| one.powered || (one.stage == Stage::Released && self.now.since(one.sent) < PULSE_MS));
        let Some(at) = self.attempts.iter().position(|one| one.stage == Stage::Waiting) else {
            return false;
        };
        let (number, port) = (self.attempts[at].number, self.attempts[at].port);
        let Some(frame) = self.codec.encode(Request::Open(port)).filter(|_| !busy) else {
            return false;
        };
        let was_closed = self.is_surely_closed(port);
        let powered = self.codec.kind().stays_powered();
        let one = &mut self.attempts[at];
        one.stage = Stage::Released;
        one.sent = self.now;
        one.powered = powered;
        one.was_closed = was_closed;
        one.due = self.now.plus(OPEN_APART_MS);
        // An earlier opening of the same door is over.
        self.attempts.retain(|one| one.is(number, port) || !one.watches(port));
        if let Some(at) = self.board_at(port.jumper) {
            self.boards[at].off_done();
        }
        if self.codec.acknowledges() {
            self.ask(Request::Open(port), Purpose::Open { attempt: number, port });
        } else {
            self.write(frame, None);
            self.wait_for_silence(60);
        }
        true
    }

    pub(super) fn released(&mut self, number: u64, port: Port, open: Option<bool>) {
        let now = self.now;
        if let Some(one) = self.attempts.iter_mut().find(|one| one.is(number, port)) {
            one.acknowledged = true;
            one.due = now.plus(if one.powered { POWERED_MS } else { WATCH_MS });
            self.report(Report::Released { attempt: number, port });
            self.end_without_contact(number, port);
        }
        if let Some(open) = open
            && let Some(at) = self.board_at(port.jumper)
        {
            self.one_door_reads(at, port, open);
        }
    }

    pub(super) fn refused(&mut self, number: u64, port: Port) {
        if let Some(at) = self.attempts.iter().position(|one| one.is(number, port)) {
            self.not_opened(at, Why::Refused);
        }
    }

    pub(super) fn unsure(&mut self, number: u64, port: Port) {
        let now = self.now;
        if let Some(one) = self.attempts.iter_mut().find(|one| one.is(number, port))
            && !std::mem::replace(&mut one.unsure, true)
        {
            one.due = now;
            self.report(Report::Unsure { attempt: number, port });
            self.end_without_contact(number, port);
        }
    }

    /// A lock without a contact has nothing more to tell; only its coil may have to be switched off, which ends it too.
    fn end_without_contact(&mut self, number: u64, port: Port) {
        if !self.contacts {
            self.attempts.retain(|one| !one.is(number, port) || one.powered);
        }
    }

    /// Boards that never acknowledge an opening: that they answer a question after it shows that it passed by them.
    pub(super) fn board_answered_after_opening(&mut self, jumper: i64, answered: bool) {
        if self.codec.acknowledges() {
            return;
        }
        let found = self
            .attempts
            .iter_mut()
            .find(|one| one.port.jumper == jumper && one.stage == Stage::Released && !one.acknowledged && !one.unsure);
        let Some(one) = found else { return };
        let (number, port) = (one.number, one.port);
        if answered {
            one.acknowledged = true;
            self.report(Report::Released { attempt: number, port });
            self.end_without_contact(number, port);
        } else {
            self.unsure(number, port);
        }
    }

    /// The door whose contact is due, if any.
    pub(super) fn watched(&self) -> Option<Port> {
        let due = |one: &&Attempt| {
            let answers = self.board_at(one.port.jumper).map(|at| &self.boards[at]);
            let waits = !self.codec.acknowledges() && !one.acknowledged && !one.unsure;
            let ready = waits || answers.is_some_and(|board| board.answers() || board.due <= self.now);
            one.stage != Stage::Waiting && one.due <= self.now && ready && self.watching(one)
        };
        self.attempts
            .iter()
            .filter(due)
            .min_by_key(|one| one.due)
            .map(|one| one.port)
    }

    fn watching(&self, one: &Attempt) -> bool {
        self.contacts || (!self.codec.acknowledges() && !one.acknowledged && !one.unsure)
    }

    /// Would a question now keep a coil powered for longer than it may be?
    pub(super) fn coil_is_due_within(&self, millis: i64) -> bool {
        self.attempts
            .iter()
            .any(|one| one.powered && self.now.plus(millis).since(one.sent) >= self.hold_ms)
    }

    pub(super) fn asked_for(&mut self, port: Port) {
        let now = self.now;
        for one in self.attempts.iter_mut().filter(|one| one.port.jumper == port.jumper) {
            if one.stage != Stage::Waiting && one.due <= now {
                one.due = now.plus(if one.powered { POWERED_MS } else { WATCH_MS });
            }
        }
    }

    /// A reading of the contact, for the opening it belongs to.
    pub(super) fn attempt_reads(&mut self, port: Port, open: bool) {
        let now = self.now;
        let Some(at) = self
            .attempts
            .iter()
            .position(|one| one.watches(port))
            .filter(|_| self.contacts)
        else {
            return;
        };
        let one = &mut self.attempts[at];
        one.was_read = true;
        let apart = match (one.stage, open) {
            (Stage::Released, true) => OPEN_APART_MS,
            (Stage::Open, false) => CLOSED_APART_MS,
            _ => {
                one.candidate = None;
                one.was_closed |= !open;
                return;
            }
        };
        let since = match one.candidate {
            Some((value, since)) if value == open => since,
            _ => {
                one.candidate = Some((open, now));
                one.due = now.plus(apart);
                return;
            }
        };
        if now.since(since) < apart {
            one.due = since.plus(apart);
            return;
        }
        let (attempt, moved) = (one.number, one.was_closed);
        one.candidate = None;
        if open {
            one.stage = Stage::Open;
            one.due = now.plus(WATCH_MS);
            // A contact that read open before tells nothing about the lock: then the coil stays powered for its whole time.
            if moved && std::mem::take(&mut one.powered) {
                self.urge_off(port.jumper);
            }
            self.report(Report::Opened { attempt, port, moved });
        } else {
            if self.attempts.remove(at).powered {
                self.urge_off(port.jumper);
            }
            self.own_for_a_while(port);
            self.report(Report::Closed { attempt, port });
        }
    }
}
