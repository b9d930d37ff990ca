//! Codes that a phone shows to a kiosk.

use crate::ids::{Millis, ThingsSq, Yid};
use serde::{Deserialize, Serialize};

/// What the page "find" shows.
#[derive(Clone)]
pub struct TakeCode {
    /// The code to show.
    pub token: String,
    /// What is written on the door.
    pub label: String,
    /// The password, for those who type.
    pub pwd: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// Where it stands.
    pub kiosk_address: String,
    /// When the kiosk will refuse the code.
    pub expires: Millis,
}

impl std::fmt::Debug for TakeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TakeCode")
            .field("yid", &self.yid)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// A staff pass, and where it had no room for the whole list of what was revoked, one that has it.
#[derive(Clone)]
pub struct PassCode {
    /// One plain code, with the newest of the list.
    pub token: String,
    /// A code that moves, with all of the list, as far as any code has room; `None`: the plain one has all of it.
    pub whole: Option<String>,
}

impl std::fmt::Debug for PassCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassCode").finish_non_exhaustive()
    }
}

/// A voucher, as its page shows it and keeps it for when there is no network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherCode {
    /// The code to show.
    pub token: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// Where it stands.
    pub kiosk_address: String,
    /// From this moment on the kiosk refuses the code.
    pub until: Millis,
    /// The doors, in the order in which they open.
    pub doors: Vec<VoucherDoor>,
    /// Who it was passed on to, in that order.
    pub names: Vec<String>,
}

/// A door of a voucher.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherDoor {
    /// The order behind it: what a caveat names.
    pub things_sq: ThingsSq,
    /// What is written on the door.
    pub label: String,
    /// The password, for those who type.
    pub pwd: String,
}

impl std::fmt::Debug for VoucherCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoucherCode")
            .field("yid", &self.yid)
            .field("until", &self.until)
            .field("doors", &self.doors)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VoucherDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoucherDoor")
            .field("things_sq", &self.things_sq)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
