//! What lock boards report, and what it means for the person at the door. That a frame was acknowledged is not that a door is open; only its contact
//! tells that, or, where no contact can, the person.

use super::{Effect, Env, Kiosk, Notice, Screen, Sound, Trouble};
use crate::boards::bus::{BoardState, Report, Why};
use crate::boards::cabinet::JOINED_MAX;
use crate::ids::{Millis, Port};
use crate::locker::compartments::CompartmentStatus;
use crate::locker::events::EventKind;
use serde::{Deserialize, Serialize};

/// So often may a person have a door opened once more that did not open.
pub const TRIES_MAX: u8 = 2;

/// How far one lock is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It was told to open.
    #[default]
    Asked,
    /// Its board acknowledged; the door may still be shut.
    Released,
    /// The frame left, and nobody answered.
    Unsure,
    /// The contact says open.
    Opened {
        /// The contact said closed before.
        moved: bool,
    },
    /// It did not open.
    NotOpened(Why),
    /// The contact says closed, after it said open.
    Closed,
}

/// An opening under way: the locks of one door, or of several that are joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Its number. Reports of earlier openings mean nothing any more.
    pub attempt: u64,
    /// Its locks, by the names of their doors, and how far each is.
    pub locks: Vec<(Port, Stage)>,
    /// How often it was tried again.
    #[serde(default)]
    pub tries: u8,
}

impl Opening {
    /// How far all of it is.
    pub fn stage(&self) -> Stage {
        let has = |fits: fn(&Stage) -> bool| self.locks.iter().map(|(_, stage)| *stage).find(fits);
        if let Some(failed) = has(|stage| matches!(stage, Stage::NotOpened(_))) {
            return failed;
        }
        for stage in [Stage::Unsure, Stage::Asked, Stage::Released] {
            if self.locks.iter().any(|(_, one)| *one == stage) {
                return stage;
            }
        }
        has(|stage| matches!(stage, Stage::Opened { moved: false }))
            .or_else(|| has(|stage| matches!(stage, Stage::Opened { .. })))
            .unwrap_or(Stage::Closed)
    }

    fn set(&mut self, port: Port, stage: Stage) {
        for (lock, is) in &mut self.locks {
            if *lock == port {
                *is = stage;
            }
        }
    }

    /// Must somebody who is asked be believed, because no contact tells?
    fn is_untold(&self, contacts: bool) -> bool {
        match self.stage() {
            Stage::Asked | Stage::Closed | Stage::NotOpened(Why::Refused) => false,
            Stage::Released => !contacts,
            Stage::Opened { moved } => !moved,
            Stage::Unsure | Stage::NotOpened(_) => true,
        }
    }
}

impl Kiosk {
    /// Are the doors drawn on the screen, with nothing behind them?
    pub fn is_drawn(&self) -> bool {
        self.wiring.is_none()
    }

    /// Counts where a person's word that the door is closed is taken for it: at drawn doors, and where no contact tells.
    pub fn takes_word(&self) -> bool {
        match (&self.wiring, &self.opening) {
            (Some(wiring), Some(opening)) => opening.is_untold(wiring.boards.contacts),
            (None, _) => true,
            (Some(_), None) => false,
        }
    }

    /// May the person have the door opened once more?
    pub fn may_try_again(&self) -> bool {
        self.opening
            .as_ref()
            .is_some_and(|opening| opening.tries < TRIES_MAX && matches!(opening.stage(), Stage::NotOpened(_)))
    }

    /// Is the board of this door known not to answer as it should?
    pub fn is_unreachable(&self, port: Port) -> bool {
        self.wiring.as_ref().is_some_and(|wiring| {
            let jumper = wiring.lock(port).jumper;
            self.boards
                .iter()
                .any(|(board, state)| *board == jumper && *state != BoardState::Ok)
        })
    }

    /// Begins the next opening of a door and of those joined to it.
    pub(super) fn begin_opening(&mut self, port: Port, tries: u8) -> Opening {
        self.attempts = self.attempts.saturating_add(1);
        let mut locks = vec![(port, Stage::Asked)];
        if let Some(kind) = self.wiring.as_ref().map(|wiring| wiring.boards.kind) {
            let mut last = port;
            while locks.len() < JOINED_MAX {
                last = kind.joined(last);
                if self
                    .door(last)
                    .is_none_or(|door| door.status != CompartmentStatus::Joined)
                {
                    break;
                }
                locks.push((last, Stage::Asked));
            }
        }
        Opening {
            attempt: self.attempts,
            locks,
            tries,
        }
    }

    /// Nobody stands at a door that is not on the screen.
    pub(super) fn end_openings(&mut self, before: Option<u64>, effects: &mut Vec<Effect>) {
        if !matches!(self.screen, Screen::DoorOpen { .. }) {
            self.opening = None;
            self.going_on = None;
        }
        if !matches!(self.screen, Screen::Staff { .. }) {
            self.test = None;
        }
        self.soak_needs_staff();
        let now = self.attempt_under_way();
        if let Some(attempt) = before.filter(|before| Some(*before) != now) {
            effects.push(Effect::ForgetOpening(attempt));
        }
    }

    /// The number of the opening that somebody waits for.
    pub(super) fn attempt_under_way(&self) -> Option<u64> {
        let opening = self.opening.as_ref().or(self.test.as_ref());
        opening.filter(|_| self.wiring.is_some()).map(|opening| opening.attempt)
    }

    /// A lock board, or what stands for one, reports something.
    pub(super) fn reported(&mut self, report: Report, env: &mut Env<'_>) -> Vec<Effect> {
        match report {
            Report::Board { jumper, state } => {
                self.board_is(jumper, state, env.now);
                Vec::new()
            }
            Report::Reads { port, open } => {
                if let Some(door) = self.door_mut(port) {
                    door.sensed_open = Some(open);
                }
                Vec::new()
            }
            Report::Forced { port } => self.forced(port, env),
            Report::Released { attempt, port } => self.lock_is(attempt, port, Stage::Released, env),
            Report::Opened { attempt, port, moved } => self.lock_is(attempt, port, Stage::Opened { moved }, env),
            Report::Closed { attempt, port } => self.lock_is(attempt, port, Stage::Closed, env),
            Report::Unsure { attempt, port } => self.lock_is(attempt, port, Stage::Unsure, env),
            Report::NotOpened { attempt, port, why } => self.lock_is(attempt, port, Stage::NotOpened(why), env),
            Report::NotSent { attempt, port } => self.not_sent(attempt, port, env),
        }
    }

    fn forced(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        let Some(door) = self.door_mut(port) else {
            return Vec::new();
        };
        door.sensed_open = Some(true);
        let at = self.corrected(env.now);
        // Nobody at the screen did it: no actor.
        self.log.record(at, EventKind::DoorForced).port = Some(port);
        vec![Effect::Sound(Sound::Alarm), Effect::Sync]
    }

    fn lock_is(&mut self, attempt: u64, port: Port, stage: Stage, env: &mut Env<'_>) -> Vec<Effect> {
        if let Some(test) = self.test.as_mut().filter(|test| test.attempt == attempt) {
            test.set(port, stage);
            self.soak_saw(stage, env.now);
            return Vec::new();
        }
        let Some(opening) = self.opening.as_mut().filter(|opening| opening.attempt == attempt) else {
            return Vec::new();
        };
        opening.set(port, stage);
        let (all, tries) = (opening.stage(), opening.tries);
        if let Some(door) = self.door_mut(port)
            && let Stage::Opened { .. } | Stage::Closed = stage
        {
            door.sensed_open = Some(stage != Stage::Closed);
        }
        let Screen::DoorOpen { port: door, usage, .. } = self.screen else {
            return Vec::new();
        };
        // Somebody is there.
        self.idle.touch(env.now);
        self.notice = None;
        match stage {
            Stage::Closed if all == Stage::Closed => self.closed(door, env),
            Stage::Unsure => {
                self.note_door(port, EventKind::DoorUnsure, None, env.now);
                vec![Effect::Sync]
            }
            Stage::NotOpened(why) => {
                self.note_door(port, EventKind::DoorNotOpened, Some(word(why)), env.now);
                if tries >= TRIES_MAX && why != Why::Unknown {
                    self.did_not_open(door, usage, env);
                    self.notice = Some(Notice::Refused(Trouble::DoorFailed));
                }
                vec![Effect::Sound(Sound::Refused), Effect::Sync]
            }
            _ => Vec::new(),
        }
    }

    fn not_sent(&mut self, attempt: u64, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        if let Some(test) = self.test.as_mut().filter(|test| test.attempt == attempt) {
            test.set(port, Stage::NotOpened(Why::Unknown));
            self.end_soak(super::SoakEnd::BoardLost);
            return Vec::new();
        }
        let Some(opening) = self.opening.as_mut().filter(|opening| opening.attempt == attempt) else {
            return Vec::new();
        };
        if opening.locks.len() > 1 {
            // Another lock of it may be open.
            opening.set(port, Stage::NotOpened(Why::Unknown));
            return vec![Effect::Sound(Sound::Refused)];
        }
        self.door_failed(port, env)
    }

    /// The door did not open at all. The step is given up, and staff have to look at the door before it is handed out.
    pub(super) fn did_not_open(&mut self, port: Port, usage: super::Usage, env: &mut Env<'_>) {
        self.gave_up(port, usage, EventKind::GivenUp, Some("door-failed"), env);
        if let Some(door) = self.door_mut(port) {
            door.did_not_open = true;
        }
    }

    /// The same door once more, for the same step.
    pub(super) fn try_again(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        let (Screen::DoorOpen { port, usage, .. }, true) = (self.screen.clone(), self.may_try_again()) else {
            return Vec::new();
        };
        let tries = self.opening.as_ref().map_or(0, |opening| opening.tries);
        self.note_door(port, usage.opened(), Some("again"), env.now);
        self.opening = Some(self.begin_opening(port, tries.saturating_add(1)));
        if let Screen::DoorOpen {
            opened_at,
            reminders,
            giving_up,
            ..
        } = &mut self.screen
        {
            (*opened_at, *reminders, *giving_up) = (env.now, 0, false);
        }
        vec![Effect::OpenDoor(port), Effect::Sound(Sound::Accepted)]
    }

    /// Staff: an empty door is opened to see whether it does, which is an event like every opening.
    pub(super) fn test_open(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        if !self.in_staff_area() || self.wiring.is_none() {
            return Vec::new();
        }
        if !self.may_be_tested(port) {
            return self.refuse(Trouble::DoorNotFree, Some(port), env.now);
        }
        self.note_door(port, EventKind::TestOpened, None, env.now);
        self.attempts = self.attempts.saturating_add(1);
        self.test = Some(Opening {
            attempt: self.attempts,
            locks: vec![(port, Stage::Asked)],
            tries: 0,
        });
        vec![Effect::OpenDoor(port)]
    }

    /// A door is left open after everybody went away.
    pub(super) fn left_open(&mut self, now: Millis) {
        if let Screen::DoorOpen { port, .. } = self.screen {
            self.note_door(port, EventKind::DoorLeftOpen, None, now);
        }
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Jammed => "jammed",
        Why::Refused => "refused",
        Why::Unknown => "unknown",
    }
}
