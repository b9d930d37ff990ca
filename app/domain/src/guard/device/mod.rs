//! A guard as a pure state machine: what the device at the door does, without a lock, a reader or a socket.
//!
//! [`Device`] is plain data. [`Device::step`] takes one [`Input`] and answers [`Effect`]s, to be carried out in their order. Where one
//! of them is [`Effect::Persist`], the state is stored before any later one is acted on: a guard killed at any moment comes
//! back knowing every record it made and every change of grants it confirmed.
//!
//! While the network is away it opens by the grants it has. Records are kept until the node has confirmed them; a guard that was away for
//! so long that its memory is full gives up the oldest ones, and says which in their place ([`Happening::Lost`]), so that the numbers
//! still have no gap.
//!
//! [`Happening::Lost`]: super::link::Happening::Lost

mod applying;
mod clock;
mod conversation;
mod door;
mod log;

pub use clock::DeviceClock;
pub use log::{Log, MOST_RECORDS};

use super::grants::{Grants, Key, Presented, Reason};
use super::ids::{GuardId, OpCode};
use super::link::{DeviceKey, DoorState, Fault, FromDevice, Status, Version};
use crate::ids::Millis;
use crate::locker::kiosk::Tries;
use crate::token::Random;
use conversation::Conversation;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a step needs from outside.
pub struct Env<'a> {
    /// The device's own clock, as it is.
    pub now: Millis,
    /// The device's key.
    pub key: &'a DeviceKey,
    /// Randomness, for nonces.
    pub random: &'a mut Random<'a>,
}

/// What the world says. Prints no frame, for there are passwords in them.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// The program started.
    Started {
        /// The clock went on while it was off. If not, the time is not known until a node has said it.
        clock_kept: bool,
    },
    /// A socket to a node is open.
    LinkUp,
    /// The socket is gone.
    LinkDown,
    /// A text frame came.
    Frame(String),
    /// A card was held to it, or a password typed and confirmed.
    Presented(Presented),
    /// The hardware opened by itself while nobody decided for it, by a copy of the grants that it keeps.
    OpenedMeanwhile {
        /// By what.
        presented: Presented,
        /// When.
        at: Millis,
        /// By how much that may be wrong either way, in milliseconds.
        uncertainty_ms: i64,
    },
    /// The contact of the door, or the button inside, says something.
    Door(DoorState),
    /// The device's own checks say how it is.
    Feels(Status),
    /// They say that it is faulty, and why.
    Fails(Fault),
    /// Time passes; wanted about once a second while a socket is open.
    Tick,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { clock_kept } => write!(f, "Started {{ clock_kept: {clock_kept} }}"),
            Self::LinkUp => f.write_str("LinkUp"),
            Self::LinkDown => f.write_str("LinkDown"),
            Self::Frame(text) => write!(f, "Frame of {} bytes", text.len()),
            Self::Presented(presented) => write!(f, "{presented:?}"),
            Self::OpenedMeanwhile { at, .. } => write!(f, "OpenedMeanwhile {{ at: {at:?} }}"),
            Self::Door(state) => write!(f, "Door({state:?})"),
            Self::Feels(status) => write!(f, "Feels({status:?})"),
            Self::Fails(fault) => write!(f, "Fails({fault:?})"),
            Self::Tick => f.write_str("Tick"),
        }
    }
}

/// What the device has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Store the state before anything that follows.
    Persist,
    /// Send a frame.
    Send(FromDevice),
    /// Open the door.
    OpenDoor {
        /// By what.
        key: Key,
    },
    /// Keep it shut, and say so.
    Refuse {
        /// Why.
        reason: Reason,
        /// With [`Reason::TooManyTries`]: how long to wait.
        wait_seconds: Option<i64>,
    },
    /// Close the socket; connect again after a while.
    Disconnect {
        /// To this host, if the node said so.
        to: Option<String>,
    },
}

/// A guard: everything it must still know after a power cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Which guard it is.
    pub guard_id: GuardId,
    /// The verification code printed on it.
    pub op_code: Option<OpCode>,
    /// Its program's version.
    pub firmware: String,
    /// How it feels.
    pub status: Status,
    /// Why it is faulty, where it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Where its grants stand.
    pub version: Version,
    /// Its grants.
    pub grants: Grants,
    /// What happened.
    pub log: Log,
    /// What is known about its clock.
    pub clock: DeviceClock,
    /// Wrong passwords in a row.
    pub tries: Tries,
    /// While passwords are refused because of too many tries, only the first refusal is recorded.
    wait_recorded: bool,
    /// The zone it shows times in; empty before a node said it.
    pub zone: String,
    /// The talk with a node; over with the socket.
    #[serde(skip)]
    conversation: Conversation,
}

impl Device {
    /// As it leaves the factory, able to keep `most_records` records.
    pub fn new(guard_id: GuardId, op_code: Option<OpCode>, firmware: &str, most_records: usize) -> Self {
        Self {
            guard_id,
            op_code,
            firmware: firmware.chars().take(64).collect(),
            status: Status::Working,
            fault: None,
            version: Version::default(),
            grants: Grants::default(),
            log: Log::new(most_records),
            clock: DeviceClock::default(),
            tries: Tries::default(),
            wait_recorded: false,
            zone: String::new(),
            conversation: Conversation::Down,
        }
    }

    /// One step: what the world says goes in, what has to be done comes out.
    pub fn step(&mut self, input: Input, env: &mut Env<'_>) -> Vec<Effect> {
        self.tries.bound(env.now);
        match input {
            Input::Started { clock_kept } => self.started(clock_kept, env.now),
            Input::LinkUp => self.link_up(env.now),
            Input::LinkDown => {
                self.conversation = Conversation::Down;
                Vec::new()
            }
            Input::Frame(text) => self.heard(&text, env),
            Input::Presented(presented) => self.presented(&presented, env.now),
            Input::OpenedMeanwhile {
                presented,
                at,
                uncertainty_ms,
            } => self.opened_meanwhile(&presented, at, uncertainty_ms, env.now),
            Input::Door(state) => self.door_did(state, env.now),
            Input::Feels(status) => self.feels(status, None, env.now),
            Input::Fails(fault) => self.feels(Status::Faulty, Some(fault), env.now),
            Input::Tick => self.tick(env.now),
        }
    }

    /// Is a node at the other end, and did it prove itself?
    pub fn is_connected(&self) -> bool {
        matches!(self.conversation, Conversation::Welcomed(_))
    }

    fn started(&mut self, clock_kept: bool, now: Millis) -> Vec<Effect> {
        self.conversation = Conversation::Down;
        self.log.started();
        if !clock_kept || !self.clock.is_plausible(now) {
            self.clock.lost();
        }
        vec![Effect::Persist]
    }

    fn feels(&mut self, status: Status, fault: Option<Fault>, now: Millis) -> Vec<Effect> {
        if (self.status, self.fault) == (status, fault) {
            return Vec::new();
        }
        (self.status, self.fault) = (status, fault);
        let mut effects = vec![Effect::Persist];
        if self.is_connected() {
            effects.push(self.heartbeat(now));
        }
        effects
    }
}
