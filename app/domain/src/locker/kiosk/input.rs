//! What the world says to a kiosk.

use crate::boards::Wiring;
use crate::boards::bus::Report;
use crate::ids::{CustomerNo, Millis, Port, ThingsSq};
use crate::token::TokenKey;
use serde::{Deserialize, Serialize};
use std::fmt;

use super::{ServerState, SoakWish, Trouble, Usage};

/// What a step needs from outside.
pub struct Env<'a> {
    /// The device's own clock, not corrected.
    pub now: Millis,
    /// Random bytes.
    pub rng: &'a mut dyn FnMut(&mut [u8]),
    /// The kiosk's secret.
    pub key: &'a TokenKey,
}

/// What is said to a kiosk.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// The program started (again).
    Started,
    /// About once a second.
    Tick,
    /// Somebody touched the screen or a key, whatever it was.
    Touched,
    /// One of the four tiles.
    Tile(Usage),
    /// The way into the staff area.
    StaffArea,
    /// The camera or the hand scanner read this.
    Scanned(String),
    /// The hand scanner typed something that cannot be worked with, for this reason.
    ScanFailed(Trouble),
    /// A PIN, typed to its end.
    Pin(String),
    /// K b): the label of a door and its password.
    TakeByPassword {
        /// As on the door.
        label: String,
        /// The digits.
        pwd: String,
    },
    /// J: whose old meter it is.
    NameReturn(Named),
    /// What the server said of that number.
    Checked {
        /// The number.
        named: Named,
        /// The answer.
        answer: Checked,
    },
    /// J, L: only doors at least this high are of use.
    NeedSize(i64),
    /// J, L: into this one; M: out of this one.
    Choose(Port),
    /// The person says that the door is closed: a drawn one, or one whose contact does not tell.
    DoorClosed(Port),
    /// What became of an opening, of a door or of a board.
    Reported(Report),
    /// The door did not open; once more.
    TryAgain,
    /// Staff: open this empty door, to see whether it does.
    TestOpen(Port),
    /// Staff: open these empty doors one after the other, many times. Whatever is touched afterwards ends it.
    Soak(Box<SoakWish>),
    /// Staff: these are the settings of the lock boards; `None`: the doors are drawn.
    SetWiring(Option<Box<Wiring>>),
    /// True: nothing was put in or taken out; false: taken back.
    GiveUp(bool),
    /// L: open the door again whose code is shown.
    OpenAgain,
    /// Staff: show the `OpenToSave` code of this compartment again.
    ShowCode(Port),
    /// Staff looked into a door that was left half done.
    Settle {
        /// Which.
        port: Port,
        /// What they found.
        content: Content,
    },
    /// Staff take a free door out of use or back into it.
    SetCondition {
        /// Which.
        port: Port,
        /// What it is now.
        condition: Condition,
    },
    /// The job on the screen is finished.
    Done,
    /// One step back.
    Cancel,
    /// The server answered to events.
    Server(ServerState),
    /// The server applied the rows as they were when event `seq` was the last.
    RowsApplied {
        /// That event.
        seq: i64,
    },
}

impl Input {
    /// Did a person do this, so that the time without a touch begins again?
    pub(super) fn is_user_action(&self) -> bool {
        !matches!(
            self,
            Self::Started
                | Self::Tick
                | Self::Server(_)
                | Self::RowsApplied { .. }
                | Self::Reported(_)
                | Self::Checked { .. }
        )
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What is typed or scanned may hold a password.
            Self::Scanned(_) => f.write_str("Scanned"),
            Self::Pin(_) => f.write_str("Pin"),
            Self::TakeByPassword { label, .. } => write!(f, "TakeByPassword({label})"),
            Self::ScanFailed(trouble) => write!(f, "ScanFailed({trouble:?})"),
            Self::Started => f.write_str("Started"),
            Self::Tick => f.write_str("Tick"),
            Self::Touched => f.write_str("Touched"),
            Self::Tile(usage) => write!(f, "Tile({usage:?})"),
            Self::StaffArea => f.write_str("StaffArea"),
            Self::NameReturn(named) => write!(f, "NameReturn({named:?})"),
            Self::Checked { named, .. } => write!(f, "Checked({named:?})"),
            Self::NeedSize(size) => write!(f, "NeedSize({size})"),
            Self::Choose(port) => write!(f, "Choose({port:?})"),
            Self::DoorClosed(port) => write!(f, "DoorClosed({port:?})"),
            Self::Reported(report) => write!(f, "Reported({report:?})"),
            Self::TryAgain => f.write_str("TryAgain"),
            Self::TestOpen(port) => write!(f, "TestOpen({port:?})"),
            Self::Soak(wish) => write!(f, "Soak({wish:?})"),
            Self::SetWiring(wiring) => write!(f, "SetWiring({wiring:?})"),
            Self::GiveUp(giving_up) => write!(f, "GiveUp({giving_up})"),
            Self::OpenAgain => f.write_str("OpenAgain"),
            Self::ShowCode(port) => write!(f, "ShowCode({port:?})"),
            Self::Settle { port, content } => write!(f, "Settle({port:?}, {content:?})"),
            Self::SetCondition { port, condition } => write!(f, "SetCondition({port:?}, {condition:?})"),
            Self::Done => f.write_str("Done"),
            Self::Cancel => f.write_str("Cancel"),
            Self::Server(state) => write!(f, "Server({state:?})"),
            Self::RowsApplied { seq } => write!(f, "RowsApplied({seq})"),
        }
    }
}

/// Whose old meter is brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = ReturnNumber))]
pub enum Named {
    /// By its order number.
    Order(ThingsSq),
    /// By the customer's number.
    Customer(CustomerNo),
}

/// What the server says of the number of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It knows whose it is; the name is masked.
    Whose(String),
    /// No order that could come back has this number.
    Refused,
    /// It could not be asked.
    NotAsked,
}

/// What staff found in a door that was left half done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// The meter is in it.
    Stored,
    /// Nothing is in it.
    Empty,
}

/// Whether a door may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// C.
    OutOfOrder,
    /// B.
    Free,
}
