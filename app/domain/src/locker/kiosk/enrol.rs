//! Becoming a kiosk: the answer of `POST /v1/Kiosks/Enrol`.

use super::wire::{Enrolment, EnrolmentDoor};
use super::{Door, Idle, Kiosk, KioskClock, Log, Screen, Synced, Tries, UsedCodes};
use crate::ids::Millis;
use crate::locker::compartments::CompartmentStatus;
use crate::locker::events::EventKind;
use crate::order::sort_by_numbers;
use crate::token::revoked::Learnt;

/// Deposits older than this are overdue where the server does not say.
const OVERDUE_DAYS: i64 = 14;

fn sort_doors(doors: &mut Vec<Door>) {
    sort_by_numbers(doors, |door| (door.port.jumper, door.port.serial));
}

impl Kiosk {
    /// A kiosk as it begins, `now` by the device's clock.
    pub fn enrolled(from: &Enrolment, now: Millis) -> Self {
        let clock = KioskClock::default().enrolled(from.date, now);
        let mut doors: Vec<Door> = from.compartments.iter().map(|door| new_door(door, from.date)).collect();
        sort_doors(&mut doors);
        doors.dedup_by_key(|door| door.port);
        let mut log = Log::after(from.acked_seq);
        log.record(from.date, EventKind::Enrolled);
        for door in &mut doors {
            door.changed_seq = log.last();
        }
        Self {
            yid: from.yid,
            name: from.name.clone(),
            doors,
            log,
            clock,
            used: UsedCodes::default(),
            revoked: Learnt::default(),
            going_on: None,
            pin: from.pin.clone().unwrap_or_default(),
            pin_tries: Tries::default(),
            pwd_tries: Tries::default(),
            overdue_days: from.overdue_days.unwrap_or(OVERDUE_DAYS).max(0),
            look: from.look.clone(),
            screen: Screen::Home,
            staff: None,
            notice: None,
            asked: None,
            idle: Idle {
                since: now,
                seconds_left: None,
            },
            synced: Synced {
                rows_seq: 0,
                at: Some(from.date),
            },
            wiring: from.wired.wiring.clone(),
            wiring_revision: from.wired.revision,
            wiring_changed: false,
            attempts: 0,
            opening: None,
            test: None,
            soak: None,
            boards: Vec::new(),
            failing: Vec::new(),
        }
    }
}

impl Kiosk {
    /// The same kiosk enrolled again, after its access was ended: what it knows stays, what the server sets is taken over.
    pub fn enrolled_again(&mut self, from: &Enrolment, now: Millis) {
        self.name.clone_from(&from.name);
        self.pin = from.pin.clone().unwrap_or_default();
        self.overdue_days = from.overdue_days.unwrap_or(OVERDUE_DAYS).max(0);
        self.look.clone_from(&from.look);
        self.clock = self.clock.enrolled(from.date, now);
        for told in &from.compartments {
            let told = new_door(told, from.date);
            match self.door_mut(told.port) {
                Some(door) => {
                    door.label = told.label;
                    door.size = told.size;
                }
                None => self.doors.push(told),
            }
        }
        sort_doors(&mut self.doors);
        self.log.record(from.date, EventKind::Enrolled);
        self.wired_by_server(Some(from.wired.clone()));
        self.synced = Synced {
            rows_seq: 0,
            at: Some(from.date),
        };
        self.screen = Screen::Home;
        (self.opening, self.test, self.going_on) = (None, None, None);
        self.staff = None;
        self.notice = None;
    }
}

fn new_door(from: &EnrolmentDoor, now: Millis) -> Door {
    // A moment that cannot be read leaves the door no less unknown.
    let unknown_since = from
        .unknown_since
        .as_deref()
        .map(|since| Millis::from_iso(since).unwrap_or(now));
    let mut door = Door {
        port: from.port(),
        label: from.label.clone(),
        size: from.size,
        status: from.status,
        kind: from.kind,
        pwd: from.pwd.clone(),
        save_date: from.save_date.clone(),
        stored_at: from.save_date.as_deref().and_then(Millis::from_iso),
        things_sq: from.things_sq.clone(),
        customer_no: None,
        changed_at: now,
        changed_seq: 0,
        unknown_since,
        sensed_open: None,
        did_not_open: false,
    };
    if matches!(
        door.status,
        CompartmentStatus::Free | CompartmentStatus::OutOfOrder | CompartmentStatus::Joined
    ) {
        let status = door.status;
        door.clear();
        door.status = status;
        // Nothing can have been put into a door that is out of use.
        door.unknown_since = unknown_since.filter(|_| status == CompartmentStatus::Free);
    }
    door
}
