//! What a guard says.

use super::proof::Nonce;
use super::{Fault, FrameFault, GoodbyeReason, MAX_RECORDS, Record, Status, Version, in_range, read, write};
use crate::guard::ids::{GuardId, OpCode};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// A frame from a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum FromDevice {
    /// Who it is, the answer to the challenge.
    Hello(Box<Hello>),
    /// Grants were applied, or had been before: this is where they stand.
    Applied {
        /// Where.
        version: Version,
    },
    /// What happened, without a gap.
    Records {
        /// Oldest first, at most [`MAX_RECORDS`].
        records: Vec<Record>,
    },
    /// Still there.
    Heartbeat {
        /// The guard's clock as it is, uncorrected; comes back in the answer.
        sent: Millis,
        /// By how much its corrected clock may be wrong, in milliseconds; `None`: it does not know the time.
        uncertainty_ms: Option<i64>,
        /// How it feels.
        status: Status,
        /// Why it is faulty, where it knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<Fault>,
        /// Where its grants stand.
        version: Version,
    },
    /// It ends the link.
    Goodbye {
        /// Why.
        reason: GoodbyeReason,
    },
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

/// Who a guard is and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Which guard.
    pub guard_id: GuardId,
    /// Its own nonce.
    pub nonce: Nonce,
    /// Its proof, see [`super::proof`].
    pub proof: String,
    /// The verification code that adds it (guard-seed, sign 7), if it has one.
    pub op_code: Option<OpCode>,
    /// Its program's version, at most 64 characters.
    pub firmware: String,
    /// How it feels.
    pub status: Status,
    /// Where its grants stand; as good as [`FromDevice::Applied`], which may have been lost with the last connection.
    pub version: Version,
    /// The number of its last record; 0: none.
    pub last_record: i64,
    /// Its clock as it is, uncorrected; comes back in the welcome.
    pub sent: Millis,
}

impl FromDevice {
    /// Reads a frame.
    pub fn parse(text: &str) -> Result<Self, FrameFault> {
        let frame: Self = read(text)?;
        match &frame {
            Self::Hello(hello) => {
                in_range([hello.version.epoch, hello.version.number, hello.last_record])?;
                if hello.firmware.chars().count() > 64 || !hello.nonce.is_sound() {
                    return Err(FrameFault::OutOfRange);
                }
            }
            Self::Applied { version } | Self::Heartbeat { version, .. } => {
                in_range([version.epoch, version.number])?;
            }
            Self::Records { records } => judge(records)?,
            Self::Goodbye { .. } | Self::Unknown => {}
        }
        Ok(frame)
    }

    /// The frame's text.
    pub fn to_json(&self) -> String {
        write(self)
    }
}

fn judge(records: &[Record]) -> Result<(), FrameFault> {
    if records.len() > MAX_RECORDS {
        return Err(FrameFault::TooMany);
    }
    in_range(
        records
            .iter()
            .flat_map(|record| [record.seq, record.first().saturating_sub(1)]),
    )?;
    let follows = records.windows(2).all(|pair| pair[1].first() == pair[0].seq + 1);
    if follows { Ok(()) } else { Err(FrameFault::OutOfOrder) }
}
