//! What happened at doors.

use crate::error::Problem;
use crate::guard::grants::Reason;
use crate::guard::ids::{CardHolder, CardNumb, DnCode, DoorPassword, GuardId, ServiceNumb};
use crate::guard::link::DoorState;
use crate::ids::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// At which guard.
    pub guard_id: GuardId,
    /// Its number at that guard.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// By how much that may be wrong either way; `None`: the guard did not know the time.
    pub uncertainty_ms: Option<i64>,
    /// When it came.
    pub received_at: Millis,
    /// What happened.
    pub what: What,
    /// Who or what it was is stored, and cannot be read; the rest is as it was.
    pub damaged: bool,
}

impl Record {
    /// Its name.
    pub fn id(&self) -> RecordId {
        RecordId {
            at: self.at,
            seq: self.seq,
            guard_id: self.guard_id.clone(),
        }
    }

    /// What was presented, where something was.
    pub fn by(&self) -> Option<&By> {
        match &self.what {
            What::Opened(by) | What::Refused(by, _) => Some(by),
            What::Door(_) | What::Lost { .. } => None,
        }
    }
}

/// Names a record in a form: `at.seq.guard_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId {
    /// When.
    pub at: Millis,
    /// Its number at its guard.
    pub seq: i64,
    /// At which guard.
    pub guard_id: GuardId,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.0, self.seq, self.guard_id)
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for RecordId {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut parts = text.splitn(3, '.');
        let mut number = || parts.next()?.parse().ok();
        let (at, seq) = (number().ok_or(Problem::Form)?, number().ok_or(Problem::Form)?);
        let guard_id = parts.next().ok_or(Problem::Form)?;
        Ok(Self {
            at: Millis(at),
            seq,
            guard_id: GuardId::try_from(guard_id.to_owned())?,
        })
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was unlocked.
    Opened(By),
    /// It stayed shut.
    Refused(By, Reason),
    /// What the door did, which no key explains.
    Door(DoorState),
    /// The guard was away for so long that it gave up the records from this number to the record's own.
    Lost {
        /// The first number given up.
        from: i64,
    },
}

/// What was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An identity card.
    Card {
        /// Whose, where an authorisation named it.
        name: Option<CardHolder>,
        /// Its number, as far as it is known.
        card_numb: Option<CardNumb>,
        /// What its chip says, as far as it is known.
        dn_code: Option<DnCode>,
        /// The authorisation.
        service_numb: Option<ServiceNumb>,
    },
    /// A password.
    Password {
        /// For whom it is, in its owner's words; for the owner only.
        for_whom: Option<CardHolder>,
        /// The digits, where they belonged to an authorisation or were a default password; for the owner only.
        password: Option<DoorPassword>,
        /// 1 or 2 where it was a default password.
        default_password: Option<u8>,
        /// One star a digit.
        masked: String,
        /// The authorisation.
        service_numb: Option<ServiceNumb>,
    },
}

/// The two ways to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// By card.
    Card,
    /// By password.
    Password,
}

/// Which records are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this guard.
    pub guard: Option<GuardId>,
    /// Only where this stands in the name, the card's number, the chip or the service number; empty for all.
    pub person: String,
    /// Only by this way.
    pub way: Option<Way>,
    /// `true`: only openings; `false`: only refusals.
    pub opened: Option<bool>,
    /// From here on.
    pub from: Option<Millis>,
    /// Before this.
    pub until: Option<Millis>,
    /// Where the page before ended, as that page said.
    pub cursor: Option<String>,
    /// Rows on a page, 1 to 200.
    pub limit: u32,
}

/// Openings of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Year, month 1 to 12, day, in the deployment's zone.
    pub date: (i16, i8, i8),
    /// How many.
    pub count: u32,
}

/// Openings of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    /// Every day of it, also those without any.
    pub by_day: Vec<Day>,
    /// By the hour of the day, 0 to 23.
    pub by_hour: [u32; 24],
}

#[cfg(test)]
mod tests {
    use super::RecordId;

    #[test]
    fn a_name_is_read_as_it_was_written_and_nothing_else_is() {
        let read = |text: &str| RecordId::try_from(text.to_owned());
        let id = read("1790000000000.7.G.0.1").unwrap();
        assert_eq!((id.at.0, id.seq, id.guard_id.as_str()), (1_790_000_000_000, 7, "G.0.1"));
        assert_eq!(id.to_string(), "1790000000000.7.G.0.1");
        for wrong in [
            "",
            "1",
            "1.2",
            "1.2.",
            "x.2.G1",
            "1.x.G1",
            "1..G1",
            "99999999999999999999.1.G1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
