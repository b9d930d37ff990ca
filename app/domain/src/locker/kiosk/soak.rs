//! The soak test: chosen doors open one after the other, many times, and what became of each opening is counted. Each opening is a test opening with its
//! event, so every rule of an opening holds; whatever is unexpected ends the soak test, and nothing begins it again.

use super::idle::STAFF_IDLE_SECONDS;
use super::{Effect, Env, Kiosk, Screen, Stage, Trouble};
use crate::boards::bus::Why;
use crate::ids::{Millis, Port};

/// The most rounds of a soak test.
pub const SOAK_ROUNDS_MAX: u32 = 100;
/// The longest pause between two openings, seconds.
pub const SOAK_PAUSE_MAX: u32 = 600;
/// The most openings of a soak test. Each is an event that is kept until the server has it.
pub const SOAK_OPENINGS_MAX: usize = 2_400;
/// After this time without a word about an opening it is unsure. The boards' own limit is shorter.
const ANSWER_MS: i64 = 15_000;
/// How long an open door is waited for to be closed.
const CLOSE_MS: i64 = 30_000;

/// What a soak test does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoakWish {
    /// These doors, in this order.
    pub doors: Vec<Port>,
    /// So often each.
    pub rounds: u32,
    /// Between the end of an opening and the next one, seconds.
    pub pause_seconds: u32,
}

/// What became of the openings of one door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The contact said open.
    pub opened: u32,
    /// The contact said closed afterwards.
    pub closed: u32,
    /// The board refused, or the contact stayed closed.
    pub not_opened: u32,
    /// No answer fitted the opening; the door may have opened all the same.
    pub unsure: u32,
}

/// Why a soak test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoakEnd {
    /// Every round was done.
    Done,
    /// Somebody touched the kiosk, or left the staff area.
    Touched,
    /// A board of its doors does not answer as it should, or an opening could not be sent.
    BoardLost,
    /// The settings of the boards changed.
    Rewired,
    /// The program started again.
    Restarted,
    /// None of its doors is empty any more.
    NoDoor,
}

/// How far the door is whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It waits for its turn.
    Pause { since: Millis },
    /// It was told to open.
    Opening { since: Millis, unsure: bool },
    /// It is open.
    Open { since: Millis },
}

/// A soak test under way, or the result of the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soak {
    /// What it does.
    pub wish: SoakWish,
    /// The round, from 1.
    pub round: u32,
    /// What became of each door of the wish.
    pub tallies: Vec<Tally>,
    /// Why it ended; `None`: it is under way.
    pub ended: Option<SoakEnd>,
    /// The place of the door whose turn it is.
    pub(super) at: usize,
    pub(super) step: Step,
}

impl Soak {
    /// Begins with a pause. `None` where the wish is beyond what is allowed.
    pub fn new(wish: SoakWish, now: Millis) -> Option<Self> {
        let rounds = usize::try_from(wish.rounds).unwrap_or(usize::MAX);
        let openings = wish.doors.len().saturating_mul(rounds);
        let sound = (1..=SOAK_ROUNDS_MAX).contains(&wish.rounds)
            && (1..=SOAK_PAUSE_MAX).contains(&wish.pause_seconds)
            && (1..=SOAK_OPENINGS_MAX).contains(&openings);
        sound.then(|| Self {
            tallies: vec![Tally::default(); wish.doors.len()],
            wish,
            round: 1,
            ended: None,
            at: 0,
            step: Step::Pause { since: now },
        })
    }

    /// Is it under way?
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// The door whose turn it is.
    pub fn door(&self) -> Option<Port> {
        self.wish.doors.get(self.at).copied().filter(|_| self.is_running())
    }

    /// What became of all doors together.
    pub fn total(&self) -> Tally {
        self.tallies.iter().fold(Tally::default(), |sum, one| Tally {
            opened: sum.opened + one.opened,
            closed: sum.closed + one.closed,
            not_opened: sum.not_opened + one.not_opened,
            unsure: sum.unsure + one.unsure,
        })
    }

    /// Time passes. The door to open now, if any.
    pub fn tick(&mut self, now: Millis, may_open: impl Fn(Port) -> bool) -> Option<Port> {
        let (Step::Pause { since } | Step::Opening { since, .. } | Step::Open { since }) = &mut self.step;
        // The device's clock was set back.
        *since = (*since).min(now);
        let passed = now.since(*since);
        match self.step {
            _ if !self.is_running() => None,
            Step::Pause { .. } if passed >= i64::from(self.wish.pause_seconds) * 1_000 => self.next(now, may_open),
            Step::Opening { unsure, .. } if passed >= ANSWER_MS => {
                self.count(|tally| tally.unsure += u32::from(!unsure));
                self.advance(now);
                None
            }
            Step::Open { .. } if passed >= CLOSE_MS => {
                self.advance(now);
                None
            }
            _ => None,
        }
    }

    /// How far the opening is.
    pub fn saw(&mut self, stage: Stage, now: Millis) {
        match (self.step, stage) {
            _ if !self.is_running() => {}
            (Step::Opening { .. }, Stage::Opened { .. }) => {
                self.count(|tally| tally.opened += 1);
                self.step = Step::Open { since: now };
            }
            (Step::Opening { since, unsure: false }, Stage::Unsure) => {
                self.count(|tally| tally.unsure += 1);
                self.step = Step::Opening { since, unsure: true };
            }
            (Step::Opening { unsure, .. }, Stage::NotOpened(Why::Unknown)) => {
                self.count(|tally| tally.unsure += u32::from(!unsure));
                self.advance(now);
            }
            (Step::Opening { .. }, Stage::NotOpened(_)) => {
                self.count(|tally| tally.not_opened += 1);
                self.advance(now);
            }
            (Step::Open { .. }, Stage::Closed) => {
                self.count(|tally| tally.closed += 1);
                self.advance(now);
            }
            _ => {}
        }
    }

    fn end(&mut self, why: SoakEnd) {
        self.ended.get_or_insert(why);
    }

    fn waits_for_door(&self) -> bool {
        self.is_running() && !matches!(self.step, Step::Pause { .. })
    }

    fn count(&mut self, change: impl FnOnce(&mut Tally)) {
        if let Some(tally) = self.tallies.get_mut(self.at) {
            change(tally);
        }
    }

    fn next(&mut self, now: Millis, may_open: impl Fn(Port) -> bool) -> Option<Port> {
        if !self.wish.doors.iter().any(|door| may_open(*door)) {
            self.end(SoakEnd::NoDoor);
        }
        while let Some(door) = self.door() {
            if may_open(door) {
                self.step = Step::Opening {
                    since: now,
                    unsure: false,
                };
                return Some(door);
            }
            self.advance(now);
        }
        None
    }

    fn advance(&mut self, now: Millis) {
        self.step = Step::Pause { since: now };
        self.at += 1;
        if self.at == self.wish.doors.len() {
            if self.round == self.wish.rounds {
                self.end(SoakEnd::Done);
            } else {
                (self.at, self.round) = (0, self.round + 1);
            }
        }
    }
}

impl Kiosk {
    /// Is a soak test under way?
    pub fn is_soaking(&self) -> bool {
        self.soak.as_ref().is_some_and(Soak::is_running)
    }

    /// May staff open this door to see whether it does? Only what is known to be empty.
    pub fn may_be_tested(&self, port: Port) -> bool {
        self.door(port)
            .is_some_and(|door| door.unknown_since.is_none() && door.status.is_condition())
    }

    pub(super) fn start_soak(&mut self, wish: SoakWish, env: &mut Env<'_>) -> Vec<Effect> {
        let contacts = self.wiring.as_ref().is_some_and(|wiring| wiring.boards.contacts);
        if !self.in_staff_area() || !contacts || self.wiring_fault().is_some() {
            return Vec::new();
        }
        if let Some(port) = wish.doors.iter().find(|port| !self.may_be_tested(**port)) {
            return self.refuse(Trouble::DoorNotFree, Some(*port), env.now);
        }
        if wish.doors.iter().any(|port| self.is_unreachable(*port)) {
            return self.say_no(Trouble::BoardSilent);
        }
        if let Some(soak) = Soak::new(wish, env.now) {
            (self.test, self.soak) = (None, Some(soak));
        }
        Vec::new()
    }

    pub(super) fn soak_tick(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        let Some(mut soak) = self.soak.take() else {
            return Vec::new();
        };
        let next = soak.tick(env.now, |port| self.may_be_tested(port));
        self.after_soak_step(soak);
        next.map_or_else(Vec::new, |port| self.test_open(port, env))
    }

    /// A report about the door that was opened for a test.
    pub(super) fn soak_saw(&mut self, stage: Stage, now: Millis) {
        if let Some(mut soak) = self.soak.take_if(|soak| soak.is_running()) {
            soak.saw(stage, now);
            self.after_soak_step(soak);
        }
    }

    /// An opening that is over is not waited for any more.
    fn after_soak_step(&mut self, soak: Soak) {
        if !soak.waits_for_door() {
            self.test = None;
        }
        self.soak = Some(soak);
    }

    /// Ends a soak test that is under way; its door is not waited for, and a coil is switched off.
    pub(super) fn end_soak(&mut self, why: SoakEnd) {
        if let Some(soak) = self.soak.as_mut().filter(|soak| soak.is_running()) {
            soak.end(why);
            self.test = None;
        }
    }

    /// Somebody touches the kiosk while it soaks. After a long time it need not be the person who identified themselves: then nobody is any more.
    pub(super) fn touched_while_soaking(&mut self, env: &mut Env<'_>) -> bool {
        self.end_soak(SoakEnd::Touched);
        let away = env.now.since(self.idle.since) >= STAFF_IDLE_SECONDS * 1_000;
        if away {
            self.go_home(env);
        }
        away
    }

    /// A board of its doors does not answer as it should.
    pub(super) fn soak_needs_boards(&mut self) {
        let lost = |soak: &Soak| soak.wish.doors.iter().any(|port| self.is_unreachable(*port));
        if self.soak.as_ref().is_some_and(|soak| soak.is_running() && lost(soak)) {
            self.end_soak(SoakEnd::BoardLost);
        }
    }

    /// It goes on in the staff area only.
    pub(super) fn soak_needs_staff(&mut self) {
        if !matches!(self.screen, Screen::Staff { .. }) {
            self.end_soak(SoakEnd::Touched);
        }
    }
}
