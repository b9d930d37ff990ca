//! Unlock records as they travel: numbered without a gap, each stored once.

use crate::guard::grants::{Key, Reason};
use crate::guard::ids::{CardNumb, DnCode, ServiceNumb};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// One thing that happened at a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its number at that guard, from 1.
    pub seq: i64,
    /// When, by the guard's corrected clock.
    pub at: Millis,
    /// By how much that may be wrong either way, in milliseconds; `None`: the guard did not know the time.
    pub uncertainty_ms: Option<i64>,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Happening {
    /// It opened.
    Opened {
        /// What was presented.
        attempt: Attempt,
        /// By what it opened.
        key: Key,
    },
    /// It stayed shut.
    Refused {
        /// What was presented.
        attempt: Attempt,
        /// Why.
        reason: Reason,
        /// The authorisation that was meant, where one was.
        service_numb: Option<ServiceNumb>,
    },
    /// The door itself, which is not what a key did: a lock that was released may stay shut. Only for a node whose welcome says that it takes these.
    Door {
        /// What it did.
        state: DoorState,
    },
    /// The guard was away for so long that it had to give up the records from this number to its own.
    Lost {
        /// The first number given up.
        from: i64,
    },
}

/// What a door did, as far as it has a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoorState {
    /// It was opened.
    Opened,
    /// It was closed.
    Closed,
    /// It was opened, and nothing had unlocked it.
    Forced,
    /// It stands open for longer than it should.
    Held,
    /// The button inside unlocked it.
    Button,
    /// It was unlocked, and nobody opened it.
    NotOpened,
}

impl DoorState {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Opened,
        Self::Closed,
        Self::Forced,
        Self::Held,
        Self::Button,
        Self::NotOpened,
    ];

    /// The word for it in frames and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Forced => "forced",
            Self::Held => "held",
            Self::Button => "button",
            Self::NotOpened => "not-opened",
        }
    }

    /// The state with this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What was presented, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Attempt {
    /// An identity card.
    Card {
        /// The number on it, as far as it was read.
        card_numb: Option<CardNumb>,
        /// What its chip said.
        dn_code: Option<DnCode>,
    },
    /// A password; which one is known by its authorisation, and a wrong one is not kept.
    Password {
        /// One star a digit.
        masked: String,
    },
}

impl Record {
    /// The first number this stands for: its own, or the first of those given up.
    pub fn first(&self) -> i64 {
        match self.what {
            Happening::Lost { from } => from.min(self.seq),
            _ => self.seq,
        }
    }
}

/// The records that are new to a node that has all up to `stored`; `None`: they leave a gap, so none may be stored, and the guard is told
/// again where the node stands. A new [`Happening::Lost`] may begin at or before `stored`: what is stored stays.
pub fn after(stored: i64, records: &[Record]) -> Option<&[Record]> {
    let new = &records[records.partition_point(|record| record.seq <= stored)..];
    match new.first() {
        Some(record) if record.first() > stored + 1 => None,
        _ => Some(new),
    }
}
