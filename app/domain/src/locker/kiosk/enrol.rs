//! Becoming a kiosk: the answer of `POST /v1/Kiosks/Enrol`.

use super::{Door, Idle, Kiosk, KioskClock, Log, Screen, Synced, Tries, UsedCodes};
use crate::ids::{Millis, Port, ThingsSq, Yid};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::locker::events::EventKind;
use serde::Deserialize;

/// Deposits older than this are overdue where the server does not say.
const OVERDUE_DAYS: i64 = 14;

/// What the server tells a device that enrols. The secret and the bearer token are the shell's to keep.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// Its number.
    pub yid: Yid,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The secret of its tokens.
    pub secret: String,
    /// Its own bearer token.
    pub token: String,
    /// Its compartments.
    pub compartments: Vec<EnrolmentDoor>,
    /// The PIN's hash, see [`super::pin`].
    #[serde(default)]
    pub pin: Option<String>,
    /// The server's clock.
    #[serde(deserialize_with = "super::input::iso")]
    pub date: Millis,
    /// After so many days a deposit is overdue.
    #[serde(default)]
    pub overdue_days: Option<i64>,
    /// The server has events of an earlier device up to this number.
    #[serde(default, alias = "acked")]
    pub acked_seq: i64,
}

/// A compartment as the server knows it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrolmentDoor {
    /// Board address.
    pub jumper: i64,
    /// Port on the board.
    pub serial: i64,
    /// What is written on it.
    pub label: String,
    /// Height in units of the smallest.
    #[serde(default = "one")]
    pub size: i64,
    /// Status as last heard.
    pub status: CompartmentStatus,
    /// The order bound to it.
    #[serde(default)]
    pub things_sq: Option<ThingsSq>,
    /// What is in it.
    #[serde(default)]
    pub kind: Option<ContentKind>,
    /// Its password.
    #[serde(default)]
    pub pwd: Option<String>,
    /// When it was stored.
    #[serde(default)]
    pub save_date: Option<String>,
    /// Another device was this kiosk before: from this moment on nothing is known of the door. ISO 8601.
    #[serde(default)]
    pub unknown_since: Option<String>,
}

fn one() -> i64 {
    1
}

impl Kiosk {
    /// A kiosk as it begins, `now` by the device's clock.
    pub fn enrolled(from: &Enrolment, now: Millis) -> Self {
        let clock = KioskClock::default().enrolled(from.date, now);
        let mut doors: Vec<Door> = from.compartments.iter().map(|door| new_door(door, from.date)).collect();
        doors.sort_by_key(|door| door.port);
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
            pin: from.pin.clone().unwrap_or_default(),
            pin_tries: Tries::default(),
            pwd_tries: Tries::default(),
            overdue_days: from.overdue_days.unwrap_or(OVERDUE_DAYS).max(0),
            screen: Screen::Home,
            staff: None,
            notice: None,
            idle: Idle {
                since: now,
                seconds_left: None,
            },
            synced: Synced {
                rows_seq: 0,
                at: Some(from.date),
            },
        }
    }
}

impl Kiosk {
    /// The same kiosk enrolled anew, after its access was ended: what it knows stays, what the server sets is taken over.
    pub fn enrolled_again(&mut self, from: &Enrolment, now: Millis) {
        self.name.clone_from(&from.name);
        self.pin = from.pin.clone().unwrap_or_default();
        self.overdue_days = from.overdue_days.unwrap_or(OVERDUE_DAYS).max(0);
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
        self.doors.sort_by_key(|door| door.port);
        self.log.record(from.date, EventKind::Enrolled);
        self.synced = Synced {
            rows_seq: 0,
            at: Some(from.date),
        };
        self.screen = Screen::Home;
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
        port: Port {
            jumper: from.jumper,
            serial: from.serial,
        },
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

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment")
            .field("yid", &self.yid)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for EnrolmentDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentDoor")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
