//! What a controller is asked.

use super::packet::{MAGIC, Writer};
use super::{Day, MOST_PIN, Minute, Moment, Packet};

/// How a door is controlled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorMode {
    /// Always open.
    NormallyOpen,
    /// Always closed.
    NormallyClosed,
    /// By cards, codes and us.
    Controlled,
}

impl DoorMode {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::NormallyOpen => 1,
            Self::NormallyClosed => 2,
            Self::Controlled => 3,
        }
    }

    pub(super) fn of(number: u8) -> Option<Self> {
        [Self::NormallyOpen, Self::NormallyClosed, Self::Controlled]
            .into_iter()
            .find(|mode| mode.number() == number)
    }
}

/// A card in the controller's memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Its number.
    pub number: u32,
    /// From the beginning of this day; `None` only in replies.
    pub from: Option<Day>,
    /// To the end of this day; `None` only in replies.
    pub to: Option<Day>,
    /// For each door: 0 never, 1 always, 2 to 254 a time profile.
    pub doors: [u8; 4],
    /// Typed after the card; 0: none.
    pub pin: u32,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card")
            .field("doors", &self.doors)
            .finish_non_exhaustive()
    }
}

/// Up to four codes of one door, each 1 to 999999; 0 where there is none. The people who type it are not told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Passcodes(pub [u32; 4]);

impl std::fmt::Debug for Passcodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passcodes")
    }
}

/// When cards open, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeProfile {
    /// 2 to 254.
    pub number: u8,
    /// From the beginning of this day.
    pub from: Day,
    /// To the end of this day.
    pub to: Day,
    /// Monday to Sunday.
    pub weekdays: [bool; 7],
    /// Three times of a day, each from and to; both 00:00 where there is none.
    pub times: [(Minute, Minute); 3],
    /// Another profile that opens as well; 0: none.
    pub linked: u8,
}

/// What a controller is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Who it is. With serial number 0 every controller answers.
    Controller,
    /// Its clock.
    Time,
    /// Set its clock.
    SetTime(Moment),
    /// How it and its doors are.
    Status,
    /// Open a door, 1 to 4, for as long as it is set.
    Open {
        /// Which.
        door: u8,
    },
    /// Put a card into its memory.
    PutCard(Card),
    /// A card of its memory.
    Card {
        /// Its number.
        number: u32,
    },
    /// Delete a card.
    DeleteCard {
        /// Its number.
        number: u32,
    },
    /// Delete all cards.
    DeleteCards,
    /// Set a time profile.
    SetTimeProfile(TimeProfile),
    /// Delete all time profiles.
    ClearTimeProfiles,
    /// Set the codes of a door.
    SetPasscodes {
        /// Which door.
        door: u8,
        /// The codes.
        codes: Passcodes,
    },
    /// Where events are pushed to.
    SetListener {
        /// IPv4.
        address: [u8; 4],
        /// UDP.
        port: u16,
    },
    /// Whether doors and buttons make events.
    RecordSpecialEvents(bool),
    /// Whether cards are ours to decide. It ends 30 seconds after our last word.
    PcControl(bool),
    /// Which readers' keypads are on.
    Keypads([bool; 4]),
    /// How a door is controlled.
    SetDoor {
        /// Which.
        door: u8,
        /// How.
        mode: DoorMode,
        /// For how many seconds it opens.
        seconds: u8,
    },
    /// An event by its index.
    Event {
        /// From 1.
        index: u32,
    },
    /// How far events were read.
    ReadMark,
    /// Set how far events were read.
    SetReadMark {
        /// From 1; 0: none.
        index: u32,
    },
}

impl Request {
    /// Is it something that the controller keeps, and that is asked again until it is answered?
    pub(super) fn is_setup(&self) -> bool {
        matches!(
            self,
            Self::PcControl(_)
                | Self::RecordSpecialEvents(_)
                | Self::SetListener { .. }
                | Self::PutCard(_)
                | Self::DeleteCard { .. }
                | Self::DeleteCards
                | Self::SetTimeProfile(_)
                | Self::ClearTimeProfiles
        )
    }

    /// The number that tells functions apart.
    pub(super) fn function(&self) -> u8 {
        match self {
            Self::Status => 0x20,
            Self::SetTime(_) => 0x30,
            Self::Time => 0x32,
            Self::Open { .. } => 0x40,
            Self::PutCard(_) => 0x50,
            Self::DeleteCard { .. } => 0x52,
            Self::DeleteCards => 0x54,
            Self::Card { .. } => 0x5A,
            Self::SetDoor { .. } => 0x80,
            Self::SetTimeProfile(_) => 0x88,
            Self::ClearTimeProfiles => 0x8A,
            Self::SetPasscodes { .. } => 0x8C,
            Self::RecordSpecialEvents(_) => 0x8E,
            Self::SetListener { .. } => 0x90,
            Self::Controller => 0x94,
            Self::PcControl(_) => 0xA0,
            Self::Keypads(_) => 0xA4,
            Self::Event { .. } => 0xB0,
            Self::SetReadMark { .. } => 0xB2,
            Self::ReadMark => 0xB4,
        }
    }

    /// The packet for the controller with this serial number; `None` for what it cannot have. Serial number 0 is every controller, and may only be asked who it is.
    pub fn encode(&self, serial: u32) -> Option<Packet> {
        if serial == 0 && *self != Self::Controller {
            return None;
        }
        let packet = Writer::new(self.function(), serial);
        let packet = match *self {
            Self::Controller | Self::Time | Self::Status | Self::ReadMark => packet,
            Self::SetTime(moment) => packet.moment(8, moment),
            Self::Open { door } => packet.byte(8, a_door(door)?),
            Self::PutCard(card) => put_card(packet, &card)?,
            Self::Card { number } | Self::DeleteCard { number } => packet.number(8, a_card(number)?),
            Self::DeleteCards | Self::ClearTimeProfiles => packet.number(8, MAGIC),
            Self::SetTimeProfile(profile) => set_time_profile(packet, &profile)?,
            Self::SetPasscodes {
                door,
                codes: Passcodes(codes),
            } => {
                if codes.iter().any(|code| *code > MOST_PIN) {
                    return None;
                }
                codes
                    .iter()
                    .zip([12, 16, 20, 24])
                    .fold(packet.byte(8, a_door(door)?), |packet, (code, at)| {
                        packet.number(at, *code)
                    })
            }
            Self::SetListener { address, port } => packet.bytes(8, &address).bytes(12, &port.to_le_bytes()),
            Self::RecordSpecialEvents(on) => packet.byte(8, u8::from(on)),
            Self::PcControl(on) => packet.number(8, MAGIC).byte(12, u8::from(on)),
            Self::Keypads(on) => packet.bytes(8, &on.map(u8::from)),
            Self::SetDoor { door, mode, seconds } => packet.bytes(8, &[a_door(door)?, mode.number(), seconds]),
            Self::Event { index } => packet.number(8, index),
            Self::SetReadMark { index } => packet.number(8, index).number(12, MAGIC),
        };
        Some(packet.0)
    }
}

fn a_door(door: u8) -> Option<u8> {
    (1..=4).contains(&door).then_some(door)
}

/// The three numbers that mean "none", "all" or "deleted" in a controller are no cards.
fn a_card(number: u32) -> Option<u32> {
    (!matches!(number, 0 | 0x00FF_FFFF | 0xFFFF_FFFF)).then_some(number)
}

fn put_card(packet: Writer, card: &Card) -> Option<Writer> {
    let (from, to) = (card.from?, card.to?);
    if card.pin > MOST_PIN || from > to || card.doors.contains(&255) {
        return None;
    }
    let [low, middle, high, _] = card.pin.to_le_bytes();
    let packet = packet.number(8, a_card(card.number)?).day(12, from).day(16, to);
    Some(packet.bytes(20, &card.doors).bytes(24, &[low, middle, high]))
}

fn set_time_profile(packet: Writer, profile: &TimeProfile) -> Option<Writer> {
    let numbers = 2..=254;
    let linked = profile.linked == 0 || (numbers.contains(&profile.linked) && profile.linked != profile.number);
    let times = profile.times.iter().all(|(from, to)| from <= to);
    if !numbers.contains(&profile.number) || !linked || !times || profile.from > profile.to {
        return None;
    }
    let packet = packet
        .byte(8, profile.number)
        .day(9, profile.from)
        .day(13, profile.to)
        .bytes(17, &profile.weekdays.map(u8::from));
    let packet = profile
        .times
        .iter()
        .zip([24, 28, 32])
        .fold(packet, |packet, ((from, to), at)| {
            packet.minute(at, *from).minute(at + 2, *to)
        });
    Some(packet.byte(36, profile.linked))
}
