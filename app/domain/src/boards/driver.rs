//! What a kiosk's page and `latchkey door-bridge kiosk` say to each other over a WebSocket on loopback, and what a technician sees of the lines.

use super::bus::Report;
use super::cabinet::Wish;
use super::{Answer, Codec, Found, Request, Wiring};
use crate::ids::{Millis, Port};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a bridge listens unless told otherwise, on loopback.
pub const BRIDGE_PORT: u16 = 7_350;

/// Digits of a bridge's token.
pub const TOKEN_DIGITS: usize = 12;

/// From the page. The first message is [`ToBridge::Hello`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToBridge {
    /// Who it is, and which doors it has.
    Hello {
        /// The token that the bridge printed.
        token: String,
        /// How the boards are connected.
        wiring: Box<Wiring>,
        /// Every door.
        layout: Vec<Port>,
    },
    /// What is wanted of the doors; `asked` by the clock of the machine, which both have.
    Wish(Wish),
}

/// From the bridge. On the wire each is a row of numbers, see [`super::rows`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<i64>", try_from = "Vec<i64>")]
pub enum FromBridge {
    /// The number of open lines.
    Lines(usize),
    /// What became of an opening, of a door or of a board.
    Report(Report),
    /// A frame.
    Seen(Seen),
    /// What a search found.
    Found(Found),
}

/// Bytes that were sent or came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When, by the clock of the machine.
    pub at: Millis,
    /// On which line.
    pub line: usize,
    /// Sent, not received.
    pub sent: bool,
    /// Them.
    pub bytes: Vec<u8>,
}

impl Seen {
    /// As documents print them.
    pub fn hex(&self) -> String {
        let mut text = String::new();
        for byte in &self.bytes {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&format!("{byte:02X}"));
        }
        text
    }

    /// The request that these bytes are, where boards of this kind have it for a door of this layout.
    pub fn request(&self, codec: &Codec, locks: &[Port]) -> Option<Request> {
        let is = |request: &Request| codec.encode(*request).is_some_and(|frame| frame.bytes() == self.bytes);
        locks
            .iter()
            .flat_map(|lock| {
                let jumper = lock.jumper;
                [
                    Request::Open(*lock),
                    Request::Door(*lock),
                    Request::Board { jumper },
                    Request::Off { jumper },
                ]
            })
            .find(is)
    }

    /// What these bytes answer to `request`.
    pub fn answer(&self, codec: &Codec, request: Request) -> Option<Answer> {
        codec.decode(request, &self.bytes)
    }
}

impl fmt::Debug for ToBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello { .. } => f.write_str("Hello"),
            Self::Wish(wish) => write!(f, "Wish({wish:?})"),
        }
    }
}
