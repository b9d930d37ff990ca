//! What an operator's first page says of the whole deployment.

use super::events::EventKind;
use super::history::Happening;
use crate::guard::ids::GuardId;
use crate::guard::link::DoorState;
use crate::ids::{Millis, Yid};

/// What a deployment needs before the first meter is stored, and whether it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// A business.
    pub business: bool,
    /// A kiosk.
    pub kiosk: bool,
    /// A device that is a kiosk.
    pub enrolled: bool,
    /// Somebody of the staff.
    pub staff: bool,
    /// Somebody of a business.
    pub business_user: bool,
    /// An order.
    pub order: bool,
    /// An order that was made ready.
    pub ready: bool,
    /// An order that was stored.
    pub deposit: bool,
    /// An operator has hidden the list.
    pub is_hidden: bool,
}

impl FirstSteps {
    /// Each step, in the order in which they are taken.
    pub fn all(&self) -> [bool; 8] {
        [
            self.business,
            self.business_user,
            self.staff,
            self.kiosk,
            self.enrolled,
            self.order,
            self.ready,
            self.deposit,
        ]
    }

    /// Every step is done.
    pub fn are_done(&self) -> bool {
        self.all().into_iter().all(|done| done)
    }
}

/// How often something happened in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Which, counted from 1970.
    pub number: i64,
    /// What happened.
    pub what: Happening,
    /// How often.
    pub count: u32,
}

impl Quarter {
    /// Its length, in milliseconds.
    pub const MS: i64 = 15 * 60 * 1000;

    /// Something went into a compartment (`true`) or came out of one.
    pub fn is_in(&self) -> Option<bool> {
        match self.what {
            Happening::Stored | Happening::Returned => Some(true),
            Happening::Done | Happening::Retrieved => Some(false),
            _ => None,
        }
    }
}

/// What a door did that somebody has to look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorAlarm<P, W> {
    /// Where.
    pub place: P,
    /// What it did.
    pub what: W,
    /// When.
    pub at: Millis,
}

impl<P, W> DoorAlarm<P, W> {
    /// What is longer ago needs nobody any more.
    pub const NEWER_THAN_MS: i64 = 24 * 3_600_000;
}

/// A door of a kiosk, by its label.
pub type KioskAlarm = DoorAlarm<(Yid, String), EventKind>;
/// The door of a guard.
pub type GuardAlarm = DoorAlarm<GuardId, DoorState>;

impl KioskAlarm {
    /// What kiosks report of doors that somebody has to look into: forced, left open, a lock or its board that does not answer.
    pub const KINDS: [EventKind; 4] = [
        EventKind::DoorForced,
        EventKind::DoorLeftOpen,
        EventKind::DoorNotOpened,
        EventKind::DoorUnsure,
    ];
}
