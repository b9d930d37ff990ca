//! Staff: identifying themselves, and what only they may do.

use super::{
    Condition, Content, Effect, Env, Kiosk, Message, Notice, Screen, Sound, Staff, Trouble, Usage, Wants, pin,
};
use crate::ids::{Millis, Port};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::locker::events::EventKind;
use crate::token::StaffPass;

impl Kiosk {
    /// Where staff want to go: at once when they are identified already, else they are asked who they are.
    pub(super) fn want(&mut self, wants: Wants) {
        self.screen = match (wants, self.staff.is_some()) {
            (Wants::Deposit, true) => self.choose_free_for_deposit(),
            (Wants::Retrieval, true) => Screen::ChooseTake,
            _ => Screen::Identify { wants },
        };
    }

    pub(super) fn ask_for_staff_area(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        match self.screen {
            Screen::Home | Screen::Finished { .. } => self.want(Wants::Area),
            Screen::Code { .. } | Screen::ChooseTake | Screen::ChooseFree { .. } if self.staff.is_some() => {
                self.enter_staff_area(env);
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn pin_typed(&mut self, typed: &str, env: &mut Env<'_>) -> Vec<Effect> {
        let Screen::Identify { wants } = self.screen else {
            return Vec::new();
        };
        self.pin_tries.bound(env.now);
        if let Some(seconds) = self.pin_tries.wait_seconds(env.now) {
            return self.say_no(Trouble::Wait { seconds });
        }
        if self.pin.is_empty() {
            return self.say_no(Trouble::NoPin);
        }
        if !pin::matches(typed, &self.pin) {
            self.pin_tries.wrong(env.now);
            return self.refuse(Trouble::WrongPin, None, env.now);
        }
        self.pin_tries.right();
        self.staff_in(None, wants, env)
    }

    /// Somebody is identified, by pass or PIN.
    pub(super) fn staff_in(&mut self, pass: Option<StaffPass>, wants: Wants, env: &mut Env<'_>) -> Vec<Effect> {
        let at = self.corrected(env.now);
        let event = self.log.record(at, EventKind::StaffIn);
        event.detail = Some(if pass.is_some() { "pass" } else { "pin" }.to_owned());
        let (phone, name) = pass.map(|pass| (pass.phone, pass.name)).unzip();
        event.actor.clone_from(&phone);
        self.staff = Some(Staff { phone, name, since: at });
        match wants {
            Wants::Area => self.enter_staff_area(env),
            other => self.want(other),
        }
        vec![Effect::Sound(Sound::Accepted)]
    }

    /// A person who was identified no longer is.
    pub(super) fn staff_out(&mut self, env: &mut Env<'_>) {
        if let Some(staff) = self.staff.take() {
            let at = self.corrected(env.now);
            self.log.record(at, EventKind::StaffOut).actor = staff.phone;
        }
    }

    /// The staff area always shows the newest `SaveToData` code.
    pub(super) fn enter_staff_area(&mut self, env: &mut Env<'_>) {
        let token = self.data_code(env).unwrap_or_default();
        self.screen = Screen::Staff {
            token,
            made_at: env.now,
        };
    }

    /// In the staff area, by somebody who identified themselves?
    pub(super) fn in_staff_area(&self) -> bool {
        matches!(self.screen, Screen::Staff { .. }) && self.staff.is_some()
    }

    /// A door left half done, or unknown, is stored or empty, as staff found it. A settled deposit gets its password and shows its code, as if it had just closed.
    pub(super) fn settle(&mut self, port: Port, content: Content, env: &mut Env<'_>) -> Vec<Effect> {
        let to_settle = self.half_done().any(|door| door.port == port);
        if !self.in_staff_area() || !to_settle {
            return Vec::new();
        }
        let Some((label, status, kind)) = self.door(port).map(|door| (door.label.clone(), door.status, door.kind))
        else {
            return Vec::new();
        };
        match content {
            Content::Empty => {
                self.note_door(port, EventKind::Settled, Some("empty"), env.now);
                if let Some(door) = self.door_mut(port) {
                    door.clear();
                }
                self.enter_staff_area(env);
            }
            Content::Stored => {
                // Nothing was known to be in it, so it gets what a deposit gets.
                let was_storing = matches!(status, CompartmentStatus::Storing | CompartmentStatus::Free);
                let deposit = kind != Some(ContentKind::Return);
                if was_storing {
                    if deposit {
                        self.give_password(port, env);
                    }
                    self.mark_stored(port, kind.unwrap_or(ContentKind::Deposit), env.now);
                } else if let Some(door) = self.door_mut(port) {
                    door.status = CompartmentStatus::Stored;
                    door.unknown_since = None;
                    door.did_not_open = false;
                }
                self.note_door(port, EventKind::Settled, Some("stored"), env.now);
                if was_storing && deposit {
                    self.show_code(port, env);
                } else {
                    self.enter_staff_area(env);
                }
            }
        }
        self.notice = Some(Notice::Said(Message::Settled { label }));
        vec![Effect::Sound(Sound::Accepted), Effect::Sync]
    }

    /// Out of use and back. Only what is empty: a full or half-done door is dealt with first.
    pub(super) fn set_condition(&mut self, port: Port, condition: Condition, env: &mut Env<'_>) -> Vec<Effect> {
        if !self.in_staff_area() {
            return Vec::new();
        }
        let (from, to, detail) = match condition {
            Condition::OutOfOrder => (CompartmentStatus::Free, CompartmentStatus::OutOfOrder, "out-of-order"),
            Condition::Free => (CompartmentStatus::OutOfOrder, CompartmentStatus::Free, "free"),
        };
        if self.door(port).is_none_or(|door| door.status != from) {
            return self.refuse(Trouble::DoorNotFree, Some(port), env.now);
        }
        self.note_door(port, EventKind::ConditionSet, Some(detail), env.now);
        let mut label = String::new();
        if let Some(door) = self.door_mut(port) {
            door.status = to;
            // A person who sets it has looked at it.
            door.did_not_open = false;
            label.clone_from(&door.label);
        }
        self.enter_staff_area(env);
        self.notice = Some(Notice::Said(Message::ConditionSet { label }));
        vec![Effect::Sound(Sound::Accepted), Effect::Sync]
    }

    /// Says no without writing it down.
    pub(super) fn say_no(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.notice = Some(Notice::Refused(trouble));
        vec![Effect::Sound(Sound::Refused)]
    }

    /// Says no, and keeps evidence of it.
    pub(super) fn refuse(&mut self, trouble: Trouble, port: Option<Port>, now: Millis) -> Vec<Effect> {
        let at = self.corrected(now);
        let actor = self.staff.as_ref().and_then(|staff| staff.phone.clone());
        let event = self.log.record(at, EventKind::Refused);
        event.port = port;
        event.actor = actor;
        event.detail = Some(trouble.code().to_owned());
        self.say_no(trouble)
    }

    /// What `usage` offers on the start page; the tile is drawn, but says when there is nothing to do.
    pub fn offers(&self, usage: Usage, now: Millis) -> usize {
        match usage {
            Usage::Return | Usage::Deposit => self.free_doors(1).count(),
            Usage::Retrieval => self.retrievable(now).count(),
            Usage::PickUp => self
                .doors
                .iter()
                .filter(|door| door.status == CompartmentStatus::Stored && door.kind != Some(ContentKind::Return))
                .count(),
        }
    }
}
