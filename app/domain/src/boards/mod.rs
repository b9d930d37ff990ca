//! Lock boards: the frames they speak, and the wire they share as a state machine.
//!
//! One file a board turns a [`Request`] into a [`Frame`] and the bytes of a reply into an [`Answer`]. Nothing here reads a clock or a port:
//! [`bus::Bus`] is given bytes and moments and returns what is to be written. Three rules hold for every board:
//!
//! - a request for a door that the board cannot have has no frame; a number is never clamped or wrapped into range,
//! - an opening frame opens one door,
//! - a reply is an answer only if header, board, command, door and sum fit the request that waits for it.
//!
//! Everything is written from public sources, not yet tried on a bench.

mod assembler;
pub mod bus;
pub mod cabinet;
mod cu16;
mod cu48;
mod dc12;
pub mod driver;
mod frame;
mod oto;
mod relay;
mod rows;
mod scan;
mod settings;
mod texts;
mod trial;
mod wiring;
mod wkly;
mod xor8a;

pub use assembler::{Assembler, Heard};
pub use frame::Frame;
pub use scan::{Found, ScanWish};
pub use settings::{ByteOrder, Echo, Kind, Settings, SettingsFault};
pub use texts::{AdaptersText, WiresText};
pub use trial::{Contact, Trial, Verdict, Wires};
pub use wiring::{ADAPTERS_MAX, Adapter, PATH_MAX, Via, Wire, Wiring, WiringFault};

use crate::ids::Port;

/// What is asked of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Release one lock. Boards that time the pulse themselves end it too; an OTO board keeps the coil powered until [`Request::Off`].
    Open(Port),
    /// All outputs of a board off. Only OTO boards have it.
    Off {
        /// Which board.
        jumper: i64,
    },
    /// The contacts of all doors of a board.
    Board {
        /// Which board.
        jumper: i64,
    },
    /// The contact of one door.
    Door(Port),
}

impl Request {
    /// Which board is asked.
    pub fn jumper(self) -> i64 {
        match self {
            Self::Open(port) | Self::Door(port) => port.jumper,
            Self::Off { jumper } | Self::Board { jumper } => jumper,
        }
    }
}

/// What a reply says that fits its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The board acknowledged an opening or an "off".
    Done {
        /// What it said about the door's contact, where it says something. One reading of two.
        open: Option<bool>,
    },
    /// The board refused.
    Refused,
    /// The contacts of a board: bit n − 1 is door n, 1 is open.
    Doors(u64),
    /// The contact of the one door that was asked for.
    Door {
        /// Whether it reads open.
        open: bool,
    },
}

/// How replies to a request end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// No reply comes at all.
    None,
    /// One of these numbers of bytes; a frame is complete as soon as it has them.
    Fixed(&'static [usize]),
    /// One of these numbers of bytes, and only silence says which.
    Silence(&'static [usize]),
}

/// Frames of one kind of board, by settings that were found sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codec {
    kind: Kind,
    doors: u8,
    inverted: bool,
    order: ByteOrder,
    tenths: u16,
    one_door: bool,
    acknowledges: bool,
}

impl Codec {
    /// By these settings.
    ///
    /// # Errors
    /// What contradicts the kind of board.
    pub fn new(settings: &Settings) -> Result<Self, SettingsFault> {
        settings.check()?;
        Ok(Self {
            kind: settings.kind,
            doors: settings.doors,
            inverted: settings.inverted,
            order: settings.byte_order,
            tenths: settings.open_ms / 100,
            one_door: settings.ask_one_door,
            acknowledges: settings.acknowledges,
        })
    }

    /// The kind of board.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The frame of a request; `None` where this board has no such door or no such request.
    pub fn encode(&self, request: Request) -> Option<Frame> {
        match self.kind {
            Kind::Oto | Kind::OtoSingle => oto::encode(self, request),
            Kind::Xor8a => xor8a::encode(self, request),
            Kind::Cu16 => cu16::encode(self, request),
            Kind::Cu48 | Kind::Cu48Counted => cu48::encode(self, request),
            Kind::Dc12 => dc12::encode(self, request),
            Kind::Wkly => wkly::encode(self, request),
            Kind::Relay => relay::encode(self, request),
            Kind::Unknown => None,
        }
    }

    /// Does a board of these settings have this door, so that it can be opened?
    pub fn has(&self, port: Port) -> bool {
        self.place(port).is_some()
    }

    /// What `bytes`, one whole frame, say to `request`; `None` unless everything fits.
    pub fn decode(&self, request: Request, bytes: &[u8]) -> Option<Answer> {
        match self.kind {
            Kind::Oto | Kind::OtoSingle => oto::decode(self, request, bytes),
            Kind::Xor8a => xor8a::decode(self, request, bytes),
            Kind::Cu16 => cu16::decode(self, request, bytes),
            Kind::Cu48 | Kind::Cu48Counted => cu48::decode(self, request, bytes),
            Kind::Dc12 => dc12::decode(self, request, bytes),
            Kind::Wkly => wkly::decode(self, request, bytes),
            Kind::Relay => relay::decode(self, request, bytes),
            Kind::Unknown => None,
        }
    }

    /// Does the board reply to an opening?
    pub fn acknowledges(&self) -> bool {
        self.acknowledges && !matches!(self.kind, Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted)
    }

    /// The question that tells most surely whether one door is open.
    pub fn question(&self, port: Port) -> Request {
        let alone = Request::Door(port);
        let board = Request::Board { jumper: port.jumper };
        match self.kind {
            Kind::Wkly => alone,
            Kind::Xor8a if self.one_door => alone,
            _ => board,
        }
    }

    /// Can all doors of a board be asked for at once?
    pub fn asks_boards(&self) -> bool {
        self.kind != Kind::Wkly
    }

    /// How long a reply may take to come, milliseconds.
    pub fn patience(&self, request: Request) -> i64 {
        match (self.kind, request) {
            // An 8A board answers after half a second, when the pulse is over; the others may do likewise.
            (Kind::Xor8a | Kind::Dc12 | Kind::Wkly, Request::Open(_)) => 1_500,
            (Kind::Relay, Request::Open(_)) => 1_000,
            _ => 400,
        }
    }

    pub(crate) fn reply_length(&self, request: Request) -> Length {
        match self.kind {
            Kind::Oto | Kind::OtoSingle => Length::Fixed(&[7]),
            Kind::Xor8a => xor8a::reply_length(self, request),
            Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted if matches!(request, Request::Open(_)) => Length::None,
            Kind::Cu16 => Length::Fixed(&[9]),
            Kind::Cu48 => Length::Fixed(&[12]),
            Kind::Cu48Counted => Length::Fixed(&[13]),
            Kind::Dc12 => Length::Fixed(&[8]),
            Kind::Wkly => Length::Fixed(&[11]),
            Kind::Relay if matches!(request, Request::Open(_)) => Length::Fixed(&[8, 5]),
            Kind::Relay => Length::Fixed(&[6, 5]),
            Kind::Unknown => Length::None,
        }
    }

    /// Board and door as numbers from 1; `None` outside what the board has.
    fn place(&self, port: Port) -> Option<(u8, u8)> {
        Some((self.board(port.jumper)?, within(port.serial, self.doors)?))
    }

    fn board(&self, jumper: i64) -> Option<u8> {
        within(jumper, self.kind.boards())
    }

    /// Contacts where 1 is open in the documents, turned round by the setting.
    fn one_is_open(&self, bits: u64) -> Answer {
        let bits = if self.inverted { !bits } else { bits };
        Answer::Doors(bits & (u64::MAX >> (64 - u32::from(self.doors))))
    }

    /// Contacts where 1 is closed in the documents.
    fn closed_is_one(&self, bits: u64) -> Answer {
        self.one_is_open(!bits)
    }
}

fn within(number: i64, most: u8) -> Option<u8> {
    u8::try_from(number).ok().filter(|number| (1..=most).contains(number))
}
