//! UHPPOTE UT0311-L0x door controllers: one packet of 64 bytes, zero-padded, over UDP or TCP port 60000. Nothing is authenticated, so they belong on a network of their own.
//!
//! Numbers are little-endian; dates and times are BCD in the controller's local time, without a zone. [`Request::encode`] has no packet for what a controller
//! cannot have: another door, a card number that means "none" or "all", a PIN that it would silently turn into 0. A reply counts only if function and serial number are
//! those of the request, and what is echoed in it fits.
//!
//! By public sources, not yet on a bench.

mod controller;
mod memory;
mod packet;
mod reply;
mod request;

pub use controller::{Controller, Effect, FRESH_SECONDS, Input};
pub use memory::Memory;
pub use reply::{Asked, ControllerInfo, Event, EventAt, Moment, Reply, Status};
pub use request::{Card, DoorMode, Passcodes, Request, TimeProfile};

use serde::{Deserialize, Serialize};

/// The port that controllers listen on.
pub const PORT: u16 = 60_000;
/// The length of every packet.
pub const LENGTH: usize = 64;
/// PINs and passcodes up to this number; a greater one becomes 0 in the controller, which means "none".
pub const MOST_PIN: u32 = 999_999;

/// A packet.
pub type Packet = [u8; LENGTH];

/// A day of the controller's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day {
    /// 2000 to 2099.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Day {
    /// `None` unless the calendar has it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let month_of = time::Month::try_from(month).ok()?;
        time::Date::from_calendar_date(i32::from(year), month_of, day).ok()?;
        (2000..2100).contains(&year).then_some(Self { year, month, day })
    }
}

/// A time of day, to the minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Minute {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl Minute {
    /// `None` unless a clock shows it.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }
}
