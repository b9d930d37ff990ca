//! The link between a guard and a node, `/v1/link` (SPEC 4.4): JSON text frames under the subprotocol [`SUBPROTOCOL`].
//!
//! A conversation:
//!
//! 1. the node sends [`ToDevice::Challenge`] as soon as the socket is open;
//! 2. the guard answers [`FromDevice::Hello`], which proves its key without sending it, see [`proof`];
//! 3. the node answers [`ToDevice::Welcome`], which proves that it knows the key too, and says which records it has;
//! 4. grants come down as [`ToDevice::Changes`] or [`ToDevice::Snapshot`] and are confirmed by [`FromDevice::Applied`];
//!    records go up as [`FromDevice::Records`] and are confirmed by [`ToDevice::RecordsStored`] once they are stored;
//!    [`FromDevice::Heartbeat`] is answered by [`ToDevice::Heartbeat`], which also sets the guard's clock.
//!
//! Kinds of frames and fields that are not known are ignored, so that either side may be newer. Another meaning of a known field needs
//! another subprotocol.

mod from_device;
pub mod proof;
mod records;
mod to_device;

pub use from_device::{FromDevice, Hello};
pub use proof::{DeviceKey, Nonce};
pub use records::{Attempt, DoorState, Happening, Record, after};
pub use to_device::{Change, Changes, Settings, Snapshot, ToDevice, Welcome, no_time};

use serde::{Deserialize, Serialize};

/// The WebSocket subprotocol of this version.
pub const SUBPROTOCOL: &str = "latchkey.guard.v1";

/// Largest frame, in bytes, either way.
pub const MAX_FRAME_BYTES: usize = 128 * 1024;

/// Most records in one frame.
pub const MAX_RECORDS: usize = 64;

/// Most changes, or grants of a snapshot, in one frame.
pub const MAX_CHANGES: usize = 64;

/// Most parts of one snapshot.
pub const MAX_PARTS: u32 = 128;

/// What the node asks of a guard between two heartbeats unless it says otherwise. A guard is taken for not connected after three missed
/// ones, which keeps within the 30 seconds that are promised.
pub const HEARTBEAT_MS: i64 = 8_000;

/// Highest number of a version or record that is believed; a larger one is a fault.
pub const MOST_NUMBER: i64 = 1 << 52;

/// Where a guard's grants stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Which history the number belongs to. The node takes a new one when it was restored from a backup; versions of
    /// different epochs do not compare, so a snapshot follows.
    pub epoch: i64,
    /// The number of the last change; 0 before the first.
    pub number: i64,
}

/// How a guard feels, as sign 12 tells the owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// 1.
    #[default]
    Working,
    /// 2.
    Faulty,
}

/// Why a guard is [`Status::Faulty`], where it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The controller or reader that opens its door does not answer.
    Silent,
    /// Another controller answers in its place: it has another serial number.
    AnotherDevice,
    /// The reader has no secure channel, or still the key it left the factory with.
    NotSecure,
    /// The reader has another key.
    WrongKey,
    /// The output that releases the door cannot be switched.
    NoOutput,
    /// The case of the reader was opened.
    Tampered,
    /// The supply of the reader fails.
    Power,
    /// A reason of a newer version.
    #[serde(other)]
    Other,
}

/// Why one side ends the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoodbyeReason {
    /// The guard is not in the inventory, or its proof is wrong.
    NotAdmitted,
    /// The same guard connected again.
    ConnectedElsewhere,
    /// A frame that makes no sense.
    BadFrame,
    /// Nothing was heard for too long.
    Silent,
    /// Too much at once; come back later.
    Busy,
    /// The program ends.
    ShuttingDown,
    /// A reason of a newer version.
    #[serde(other)]
    Other,
}

/// A frame that is refused; the link ends with [`GoodbyeReason::BadFrame`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Larger than [`MAX_FRAME_BYTES`].
    #[error("the frame is larger than {MAX_FRAME_BYTES} bytes")]
    TooLarge,
    /// Not JSON, or not of the form its kind has. What stood there is not repeated: it may be secret.
    #[error("the frame is malformed at line {line}, column {column}")]
    Malformed {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// More rows than a frame may have.
    #[error("the frame has too many rows")]
    TooMany,
    /// Rows out of order, or with a gap.
    #[error("the rows of the frame do not follow each other")]
    OutOfOrder,
    /// A number out of its range.
    #[error("a number of the frame is out of range")]
    OutOfRange,
}

/// Reads a frame of either direction, not yet judged.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FrameFault> {
    if text.len() > MAX_FRAME_BYTES {
        return Err(FrameFault::TooLarge);
    }
    serde_json::from_str(text).map_err(|error| FrameFault::Malformed {
        line: error.line(),
        column: error.column(),
    })
}

/// Writes a frame of either direction.
fn write(frame: &impl Serialize) -> String {
    // Structs of texts and integers always have a JSON form.
    serde_json::to_string(frame).unwrap_or_default()
}

fn in_range(numbers: impl IntoIterator<Item = i64>) -> Result<(), FrameFault> {
    if numbers.into_iter().all(|number| (0..=MOST_NUMBER).contains(&number)) {
        Ok(())
    } else {
        Err(FrameFault::OutOfRange)
    }
}
