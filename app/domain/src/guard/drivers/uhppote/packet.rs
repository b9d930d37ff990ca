//! Numbers, dates and times in a packet.

use super::{Day, LENGTH, Minute, Moment, Packet};

/// `55AAAA55` on the wire: "I mean it".
pub(super) const MAGIC: u32 = 0x55AA_AA55;
pub(super) const START: u8 = 0x17;
/// What firmware 6.62 begins its pushed events with.
pub(super) const START_6_62: u8 = 0x19;

/// A packet that is being written.
pub(super) struct Writer(pub(super) Packet);

impl Writer {
    pub(super) fn new(function: u8, serial: u32) -> Self {
        let mut packet = [0; LENGTH];
        (packet[0], packet[1]) = (START, function);
        Self(packet).number(4, serial)
    }

    pub(super) fn bytes(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(super) fn byte(self, at: usize, byte: u8) -> Self {
        self.bytes(at, &[byte])
    }

    pub(super) fn number(self, at: usize, number: u32) -> Self {
        self.bytes(at, &number.to_le_bytes())
    }

    pub(super) fn day(self, at: usize, day: Day) -> Self {
        let [century, year] = [day.year / 100, day.year % 100].map(|part| bcd(u8::try_from(part).unwrap_or(0)));
        self.bytes(at, &[century, year, bcd(day.month), bcd(day.day)])
    }

    pub(super) fn minute(self, at: usize, minute: Minute) -> Self {
        self.bytes(at, &[bcd(minute.hour), bcd(minute.minute)])
    }

    pub(super) fn moment(self, at: usize, moment: Moment) -> Self {
        let time = [bcd(moment.hour), bcd(moment.minute), bcd(moment.second)];
        self.day(at, moment.day).bytes(at + 4, &time)
    }
}

/// Two digits; callers have checked that there are not more.
fn bcd(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

fn digits(byte: u8) -> Option<u8> {
    (byte >> 4 < 10 && byte & 0x0F < 10).then_some((byte >> 4) * 10 + (byte & 0x0F))
}

pub(super) fn number(packet: &Packet, at: usize) -> u32 {
    u32::from_le_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
}

pub(super) fn three_bytes(packet: &Packet, at: usize) -> u32 {
    u32::from_le_bytes([packet[at], packet[at + 1], packet[at + 2], 0])
}

pub(super) fn flag(packet: &Packet, at: usize) -> Option<bool> {
    match packet[at] {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

pub(super) fn four(packet: &Packet, at: usize) -> Option<[bool; 4]> {
    Some([
        flag(packet, at)?,
        flag(packet, at + 1)?,
        flag(packet, at + 2)?,
        flag(packet, at + 3)?,
    ])
}

pub(super) fn day(packet: &Packet, at: usize) -> Option<Day> {
    let year = u16::from(digits(packet[at])?) * 100 + u16::from(digits(packet[at + 1])?);
    Day::new(year, digits(packet[at + 2])?, digits(packet[at + 3])?)
}

pub(super) fn moment(packet: &Packet, at: usize) -> Option<Moment> {
    let [hour, minute, second] = [4, 5, 6].map(|part| digits(packet[at + part]));
    Moment::new(day(packet, at)?, hour?, minute?, second?)
}

/// The controller's clock in a status: the time at one place, the day with a year of two digits at another.
pub(super) fn split_moment(packet: &Packet, day_at: usize, time_at: usize) -> Option<Moment> {
    let [year, month, day] = [0, 1, 2].map(|part| digits(packet[day_at + part]));
    let [hour, minute, second] = [0, 1, 2].map(|part| digits(packet[time_at + part]));
    Moment::new(
        Day::new(2000 + u16::from(year?), month?, day?)?,
        hour?,
        minute?,
        second?,
    )
}
