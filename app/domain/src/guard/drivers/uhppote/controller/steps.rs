//! What a controller's state machine is told, and what it wants done.

use super::super::{Event, Packet, Request};
use crate::guard::link::DoorState;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A packet came to the socket that request `number` left from. Each request has a socket of its own, so that a late answer is not taken for another's.
    Answer {
        /// Of [`Effect::Send`].
        number: u64,
        /// What came.
        bytes: &'a [u8],
    },
    /// A packet came to the port that events are pushed to.
    Pushed(&'a [u8]),
    /// A guard opens its door, 1 to 4.
    Open {
        /// Which.
        door: u8,
    },
    /// Its memory of cards is to be changed like this, when there is time.
    Keep(Vec<Request>),
    /// Time passes; wanted ten times a second.
    Tick,
}

/// What is to be done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this packet.
    Send {
        /// Of this request.
        number: u64,
        /// All of it.
        packet: Packet,
    },
    /// Store that events up to this one were handled, before anything that follows. One that is lost with the power opens nothing: the person shows the card again.
    Persist {
        /// The event.
        index: u32,
    },
    /// Somebody shows a card, or types its number.
    Presented {
        /// At which door.
        door: u8,
        /// Its number.
        card: u32,
    },
    /// A door did something that its contact alone does not tell.
    Door {
        /// Which.
        door: u8,
        /// What.
        state: DoorState,
    },
    /// Something else happened, or something that came too late to open.
    Happened(Event),
    /// These events are gone from the controller.
    Lost {
        /// The first.
        from: u32,
        /// The last.
        to: u32,
    },
    /// The controller was reset, and its events count from 1 again.
    Reset,
    /// A door's contact changed.
    Contact {
        /// Which door.
        door: u8,
        /// Whether it reads open.
        open: bool,
    },
    /// The controller released a door.
    Released {
        /// Which.
        door: u8,
    },
    /// It did not, or nobody answered: `unsure` where it may have done so all the same.
    NotOpened {
        /// Which.
        door: u8,
        /// Nobody answered.
        unsure: bool,
    },
    /// The controller answers, or does not any more.
    Reachable(bool),
    /// Another controller answers in its place. Nothing that it says is believed.
    Stranger {
        /// Its serial number.
        serial: u32,
    },
    /// It is set up (again), and what is in its memory of cards is not known.
    SetUp,
}
