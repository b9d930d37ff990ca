//! OSDP version 2 readers on RS-485: reader, keypad, relay and contact on one pair of wires, polled by us and encrypted.
//!
//! [`Bus`] is one wire with its readers as a state machine: in goes what came and the time, out comes what is to be written and what readers report. A reader is used
//! in the secure channel only, with a key of its own; one that speaks in the clear, or has the default key or another one, opens nothing and says why. The
//! exception is [`Mode::Keying`], which gives a reader its key and opens nothing either.
//!
//! The reader times the pulse of its relay, so nothing that happens to us leaves a lock powered. A command that was not answered is sent again as it was, with the
//! same number, which a reader carries out once. Cards and keys that a reader kept while it was not asked are thrown away.
//!
//! By public sources and against one other implementation, not yet on a bench.

mod bus;
mod cards;
mod channel;
mod door;
mod packet;
mod reader;
mod session;

pub use bus::{Bus, Input, Output, SILENCE_BITS};
pub use cards::{Numbers, presented};
pub use channel::{Channel, Key, Side};
pub use door::{Contact, Rules};
pub use packet::{Assembler, Block, Packet, crc};
pub use reader::{Mode, Setup};

use crate::guard::link;

/// The highest address of a reader; 127 is everybody.
pub const LAST_ADDRESS: u8 = 126;

/// What a reader is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Anything new?
    Poll,
    /// Who are you?
    Identify,
    /// What can you do?
    Capabilities,
    /// Tamper and power.
    LocalStatus,
    /// Contacts.
    Inputs,
    /// Power an output for a time that the reader measures.
    Pulse {
        /// From 0.
        output: u8,
        /// Tenths of a second.
        tenths: u16,
    },
    /// Green or red for a while.
    Light {
        /// It opens.
        granted: bool,
    },
    /// One tone or three.
    Sound {
        /// It opens.
        granted: bool,
    },
    /// Your key from now on.
    SetKey(Key),
    /// The first step of the handshake, with what we chose by chance.
    Challenge([u8; 8]),
    /// The second one.
    Cryptogram([u8; 16]),
}

impl Command {
    /// Asked beside the polls.
    fn is_question(&self) -> bool {
        matches!(
            self,
            Self::LocalStatus | Self::Inputs | Self::Light { .. } | Self::Sound { .. }
        )
    }
}

/// Why a reader cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has not answered for eight seconds.
    Silent,
    /// It has no secure channel.
    Plain,
    /// It has the key that every reader leaves the factory with, and has to be given its own.
    DefaultKey,
    /// It has another key.
    WrongKey,
    /// It has no such output, or does not switch it.
    NoOutput,
    /// Its case was opened (tamper).
    Tampered,
    /// Its supply fails.
    Power,
}

impl Fault {
    /// What the guard of its door tells.
    pub fn of_guard(self) -> link::Fault {
        match self {
            Self::Silent => link::Fault::Silent,
            Self::Plain | Self::DefaultKey => link::Fault::NotSecure,
            Self::WrongKey => link::Fault::WrongKey,
            Self::NoOutput => link::Fault::NoOutput,
            Self::Tampered => link::Fault::Tampered,
            Self::Power => link::Fault::Power,
        }
    }

    /// The fault in words, for the log.
    pub fn words(self) -> &'static str {
        match self {
            Self::Silent => "it does not answer",
            Self::Plain => "it has no secure channel, so it is not used",
            Self::DefaultKey => "it still has the default key: give it its own with --commission",
            Self::WrongKey => "it has another key",
            Self::NoOutput => "it does not switch the output",
            Self::Tampered => "its case was opened",
            Self::Power => "its supply fails",
        }
    }
}

/// How a reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In the secure channel, without a fault.
    Working,
    /// It cannot be relied on.
    Faulty(Fault),
    /// It has its own key now; only while keys are given.
    Keyed,
}

/// Who a reader is, by its own account and in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The manufacturer's number.
    pub vendor: [u8; 3],
    /// The manufacturer's model.
    pub model: u8,
    /// And its version.
    pub version: u8,
    /// Serial number.
    pub serial: u32,
}

/// What a reader reports.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Who it is.
    Identified(Identity),
    /// It is this from now on.
    State(State),
    /// A card, as its bits, left-justified.
    Card {
        /// The bits.
        bytes: Vec<u8>,
        /// How many.
        bits: usize,
    },
    /// What was typed, ended by `#`.
    Typed(String),
    /// Its relay was powered for the pulse.
    Released,
    /// It was not; `unsure` where it may have been all the same.
    NotReleased {
        /// The command left, and was not answered.
        unsure: bool,
    },
    /// What the door did.
    Door(crate::guard::link::DoorState),
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Identified(identity) => write!(f, "{identity:?}"),
            Self::State(state) => write!(f, "State({state:?})"),
            Self::Card { bits, .. } => write!(f, "Card of {bits} bits"),
            Self::Typed(_) => f.write_str("Typed"),
            Self::Released => f.write_str("Released"),
            Self::NotReleased { unsure } => write!(f, "NotReleased {{ unsure: {unsure} }}"),
            Self::Door(state) => write!(f, "Door({state:?})"),
        }
    }
}
