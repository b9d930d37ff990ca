//! What a kiosk wants done and said.

use super::Named;
use crate::error::Refusal;
use crate::ids::Port;

/// Something for the shell to do, after it has stored the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open this door; the number of the opening and the doors that are joined to it are in the state.
    OpenDoor(Port),
    /// Nobody waits any more for the opening of this number.
    ForgetOpening(u64),
    /// Make a sound.
    Sound(Sound),
    /// There is something new for the server.
    Sync,
    /// Ask the server whose this is, and give the answer back.
    Check(Named),
}

/// A sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// It was accepted.
    Accepted,
    /// It was refused.
    Refused,
    /// A door is still open.
    Reminder,
    /// A door stands open that nobody opened here.
    Alarm,
}

/// What the last step has to say to the user; gone with their next action, so it is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It was refused, and why.
    Refused(Trouble),
    /// It was done.
    Said(Message),
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// M: the compartment was emptied.
    Retrieved {
        /// Its label.
        label: String,
    },
    /// A step was given up, nothing changed.
    GaveUp {
        /// The compartment's label.
        label: String,
    },
    /// A half-done door was settled.
    Settled {
        /// Its label.
        label: String,
    },
    /// A door was taken out of use, or back into it.
    ConditionSet {
        /// Its label.
        label: String,
    },
    /// The clock was set.
    ClockSet,
    /// The settings of the lock boards were changed.
    WiringSet,
}

/// Why something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not a code, or its signature or encryption does not verify.
    CodeDamaged,
    /// The hand scanner typed a part of a code.
    CodePartial,
    /// The hand scanner's keys arrive changed: Caps Lock, or another input language.
    ScannerKeys,
    /// A code for another kiosk.
    CodeForeign,
    /// Too old.
    CodeExpired,
    /// From the future: one of the clocks is wrong.
    CodeFromFuture,
    /// Accepted once already.
    CodeUsed,
    /// The server revoked it, or the sign-in or person it was made for.
    CodeRevoked,
    /// A good code, but not one that is read here.
    CodeKind,
    /// A clock code older than the last accepted one, or than what this kiosk has seen.
    ClockOutdated,
    /// The code does not fit what is in the compartment (any more).
    CodeMismatch,
    /// The compartment is empty.
    NothingStored,
    /// The compartment was left half done; staff must look at it first.
    DoorHalfDone,
    /// The compartment is not to be had: taken, too small, out of order.
    DoorNotFree,
    /// The door did not open.
    DoorFailed,
    /// The board of this door does not answer.
    BoardSilent,
    /// Label and password do not fit together.
    WrongPassword,
    /// Not the PIN.
    WrongPin,
    /// This kiosk has no PIN.
    NoPin,
    /// No order that could come back has this number.
    NumberRefused,
    /// Too many wrong tries; wait.
    Wait {
        /// How long.
        seconds: i64,
    },
}

impl Trouble {
    /// The word for the log: the `Refusal`'s code where there is one for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::CodeDamaged => "code-damaged",
            Self::CodePartial => "code-partial",
            Self::ScannerKeys => "scanner-keys",
            Self::CodeForeign => "code-foreign",
            Self::CodeExpired => "code-expired",
            Self::CodeFromFuture => "code-from-future",
            Self::CodeUsed => "code-used",
            Self::CodeRevoked => "code-revoked",
            Self::CodeKind => "code-kind",
            Self::ClockOutdated => "clock-outdated",
            Self::CodeMismatch => "code-mismatch",
            Self::NothingStored => "nothing-stored",
            Self::DoorHalfDone => "door-half-done",
            Self::DoorNotFree => "compartment-taken",
            Self::DoorFailed => "door-failed",
            Self::BoardSilent => "board-silent",
            Self::WrongPassword => "wrong-password",
            Self::WrongPin => "wrong-pin",
            Self::NoPin => "no-pin",
            Self::NumberRefused => "number-refused",
            Self::Wait { .. } => "too-many",
        }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::CodeForeign => Self::CodeForeign,
            Refusal::CodeExpired => Self::CodeExpired,
            Refusal::CodeFromFuture => Self::CodeFromFuture,
            Refusal::CodeUsed => Self::CodeUsed,
            Refusal::CodeKind => Self::CodeKind,
            _ => Self::CodeDamaged,
        }
    }
}
