//! Opening and closing: the one place where a door is told to open, and where what a closed door means is decided.

use super::{Effect, Env, Kiosk, Message, Notice, Opening, Screen, Sound, Stage, Trouble, Usage};
use crate::ids::{Millis, Port};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::locker::events::EventKind;

impl Kiosk {
    /// Opens the door of `port` for `usage`: records on whose grant, sets status D or E, and shows it. The caller has checked the grant.
    pub(super) fn open_door(&mut self, port: Port, usage: Usage, detail: Option<String>, now: Millis) -> Vec<Effect> {
        let at = self.corrected(now);
        let actor = self.staff.as_ref().and_then(|staff| staff.phone.clone());
        let things_sq = self.door(port).and_then(|door| door.things_sq.clone());
        let event = self.log.record(at, usage.opened());
        event.port = Some(port);
        event.actor = actor;
        event.things_sq = things_sq;
        event.detail = detail;
        let seq = event.seq;
        if let Some(door) = self.door_mut(port) {
            door.status = if usage.stores() {
                CompartmentStatus::Storing
            } else {
                CompartmentStatus::Taking
            };
            door.changed_at = at;
            door.changed_seq = seq;
            door.sensed_open = None;
        }
        self.opening = Some(self.begin_opening(port, 0));
        self.screen = Screen::DoorOpen {
            port,
            usage,
            opened_at: now,
            reminders: 0,
            giving_up: false,
        };
        // The door first: making a tone takes a browser longer than all else here.
        vec![Effect::OpenDoor(port), Effect::Sound(Sound::Accepted)]
    }

    /// Records what happened to a door, and remembers on it that it changed.
    pub(super) fn note_door(&mut self, port: Port, kind: EventKind, detail: Option<&str>, now: Millis) {
        let at = self.corrected(now);
        let actor = self.staff.as_ref().and_then(|staff| staff.phone.clone());
        let things_sq = self.door(port).and_then(|door| door.things_sq.clone());
        let event = self.log.record(at, kind);
        event.port = Some(port);
        event.actor = actor;
        event.things_sq = things_sq;
        event.detail = detail.map(str::to_owned);
        let seq = event.seq;
        if let Some(door) = self.door_mut(port) {
            door.changed_at = at;
            door.changed_seq = seq;
        }
    }

    /// Nothing was put in or taken out. A door that did not open has not to be closed first.
    pub(super) fn give_up(&mut self, wish: bool, env: &mut Env<'_>) -> Vec<Effect> {
        let shut = matches!(self.opening.as_ref().map(Opening::stage), Some(Stage::NotOpened(_)));
        match &mut self.screen {
            Screen::DoorOpen { port, usage, .. } if wish && shut => {
                let (port, usage) = (*port, *usage);
                self.did_not_open(port, usage, env);
                return vec![Effect::Sync];
            }
            Screen::DoorOpen { giving_up, .. } => *giving_up = wish,
            _ => {}
        }
        Vec::new()
    }

    /// The person says that the door is closed: at a drawn one by touching it, at others where no contact can tell.
    pub(super) fn said_closed(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        let shown = matches!(self.screen, Screen::DoorOpen { port: open, .. } if open == port);
        if !shown || !self.takes_word() {
            return Vec::new();
        }
        if !self.is_drawn() {
            self.note_door(port, EventKind::DoorSaidClosed, None, env.now);
        }
        self.closed(port, env)
    }

    /// A closed door ends the step it was opened for. Any other report changes nothing: what is behind a half-done door only staff can tell.
    pub(super) fn closed(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        let Screen::DoorOpen {
            port: open,
            usage,
            giving_up,
            ..
        } = self.screen
        else {
            return Vec::new();
        };
        if open != port {
            return Vec::new();
        }
        if giving_up {
            self.gave_up(port, usage, EventKind::GivenUp, None, env);
            return vec![Effect::Sound(Sound::Accepted), Effect::Sync];
        }
        match usage {
            Usage::Deposit => self.deposit_closed(port, env),
            Usage::Return => self.return_closed(port, env),
            Usage::PickUp | Usage::Retrieval => self.emptied(port, usage, env),
        }
        let mut effects = vec![Effect::Sound(Sound::Accepted), Effect::Sync];
        if usage == Usage::PickUp {
            effects.extend(self.open_next(env));
        }
        effects
    }

    /// The door did not open at all: everything as before, and the user is told.
    pub(super) fn door_failed(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        match self.screen {
            Screen::DoorOpen { port: open, usage, .. } if open == port => {
                self.gave_up(port, usage, EventKind::GivenUp, Some("door-failed"), env);
                self.notice = Some(Notice::Refused(Trouble::DoorFailed));
                vec![Effect::Sound(Sound::Refused), Effect::Sync]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn gave_up(
        &mut self,
        port: Port,
        usage: Usage,
        kind: EventKind,
        detail: Option<&str>,
        env: &mut Env<'_>,
    ) {
        self.note_door(port, kind, detail, env.now);
        let label = self.door(port).map(|door| door.label.clone()).unwrap_or_default();
        if let Some(door) = self.door_mut(port) {
            if usage.stores() {
                door.clear();
            } else {
                door.status = CompartmentStatus::Stored;
            }
        }
        self.notice = Some(Notice::Said(Message::GaveUp { label }));
        self.screen = match usage {
            Usage::Retrieval => Screen::ChooseTake,
            Usage::Deposit => self.choose_free_for_deposit(),
            Usage::Return | Usage::PickUp => Screen::Finished {
                port,
                usage,
                gave_up: true,
            },
        };
    }

    /// K, M: the door closed, and what was in it is out.
    fn emptied(&mut self, port: Port, usage: Usage, env: &mut Env<'_>) {
        self.note_door(port, usage.closed(), None, env.now);
        let label = self.door(port).map(|door| door.label.clone()).unwrap_or_default();
        if let Some(door) = self.door_mut(port) {
            door.clear();
        }
        if usage == Usage::Retrieval {
            self.notice = Some(Notice::Said(Message::Retrieved { label }));
            self.screen = Screen::ChooseTake;
        } else {
            self.screen = Screen::Finished {
                port,
                usage,
                gave_up: false,
            };
        }
    }

    /// Status A from now on, with this kind of content.
    pub(super) fn mark_stored(&mut self, port: Port, kind: ContentKind, now: Millis) {
        let at = self.corrected(now);
        if let Some(door) = self.door_mut(port) {
            door.status = CompartmentStatus::Stored;
            door.kind = Some(kind);
            door.stored_at = Some(at);
            door.save_date = Some(at.to_iso());
            door.unknown_since = None;
            door.did_not_open = false;
        }
    }
}
