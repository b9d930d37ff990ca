//! What goes to the server and what comes back (SPEC 3, flow 5).

use super::clock::Heard;
use super::{Door, Effect, Env, Kiosk, Screen, ServerState};
use crate::ids::Port;
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::locker::events::EventKind;
use crate::token::{CompartmentRow, Payload};

/// No server counts further; a larger number is a fault, and believing it would end the numbering.
const MOST_EVENTS: i64 = 1 << 52;

impl Kiosk {
    /// All compartments as `SaveToData` and `POST /v1/SyncData/:yid` carry them.
    pub fn rows(&self) -> Vec<CompartmentRow> {
        self.doors
            .iter()
            .map(|door| CompartmentRow {
                jumper: door.port.jumper,
                serial: door.port.serial,
                status: door.status,
                label: door.label.clone(),
                pwd: door.pwd.clone(),
                save_date: door.save_date.clone(),
                things_sq: door.things_sq.clone(),
                kind: door.kind,
            })
            .collect()
    }

    pub(super) fn data_code(&self, env: &mut Env<'_>) -> Option<String> {
        self.seal(&Payload::SaveToData(self.rows()), env)
    }

    /// The server answered to events: which it has, what time it is, which orders are bound.
    pub(super) fn server(&mut self, state: ServerState, env: &mut Env<'_>) -> Vec<Effect> {
        let heard = self.clock.set_by_server(state.date, env.now);
        if heard == Heard::Set {
            let at = self.corrected(env.now);
            let offset = self.clock.offset_ms;
            self.log.record(at, EventKind::ClockSet).detail = Some(offset.to_string());
        }
        let is_newer = heard != Heard::Overtaken && self.synced.at.is_some_and(|at| state.date != at);
        if heard != Heard::Overtaken {
            self.synced.at = Some(state.date);
        }
        if (0..=MOST_EVENTS).contains(&state.acked) && self.log.confirmed(state.acked, is_newer) {
            // Numbers noted elsewhere meant the log that was lost, here or there.
            self.synced.rows_seq = 0;
            let last = self.log.last();
            for door in &mut self.doors {
                door.changed_seq = last;
            }
        }
        for binding in state.bindings {
            let rows_seq = self.synced.rows_seq;
            if let Some(door) = self.door_mut(binding.port())
                && door.status == CompartmentStatus::Stored
                && door.kind != Some(ContentKind::Return)
                // A binding from before the server heard of the present content means the one before it.
                && door.changed_seq <= rows_seq
            {
                door.things_sq = Some(binding.things_sq);
            }
        }
        for wanted in state.wanted {
            let port = Port {
                jumper: wanted.jumper,
                serial: wanted.serial,
            };
            self.set_by_operator(port, wanted.status, env);
        }
        self.wired_by_server(state.wired);
        if let Some(days) = state.overdue_days {
            self.overdue_days = days.max(0);
        }
        if let Some(look) = state.look {
            self.look = look;
        }
        if let Some(list) = state.revoked {
            self.revoked.learn(&list, self.corrected(env.now));
        }
        Vec::new()
    }

    /// A door that is in use is set once it is free: the server asks until it is done.
    fn set_by_operator(&mut self, port: Port, wanted: CompartmentStatus, env: &Env<'_>) {
        let unused = |door: &Door| door.status.is_condition() && door.status != wanted;
        if !wanted.is_condition() || !self.door(port).is_some_and(unused) {
            return;
        }
        let detail = match wanted {
            CompartmentStatus::Free => "free",
            CompartmentStatus::Joined => "joined",
            _ => "out-of-order",
        };
        let at = self.corrected(env.now);
        // The person at the kiosk has nothing to do with it: no actor.
        let event = self.log.record(at, EventKind::ConditionSet);
        event.port = Some(port);
        event.detail = Some(detail.to_owned());
        let seq = event.seq;
        if let Some(door) = self.door_mut(port) {
            (door.status, door.changed_at, door.changed_seq) = (wanted, at, seq);
            door.did_not_open &= wanted == CompartmentStatus::Free;
        }
    }

    pub(super) fn rows_applied(&mut self, seq: i64, env: &mut Env<'_>) -> Vec<Effect> {
        if seq <= self.log.last() {
            self.synced.rows_seq = self.synced.rows_seq.max(seq);
        }
        if matches!(self.screen, Screen::Staff { .. }) {
            self.enter_staff_area(env);
        }
        Vec::new()
    }
}
