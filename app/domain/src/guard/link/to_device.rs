//! What a node says to a guard.

use super::proof::Nonce;
use super::{FrameFault, GoodbyeReason, MAX_CHANGES, MAX_PARTS, Version, in_range, read, write};
use crate::guard::grants::{Grant, Grants, Series};
use crate::guard::ids::{DoorPassword, ServiceNumb};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// A frame to a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ToDevice {
    /// Prove who you are.
    Challenge {
        /// The node's nonce.
        nonce: Nonce,
    },
    /// You are who you say.
    Welcome(Box<Welcome>),
    /// What changed since a version the guard has.
    Changes(Box<Changes>),
    /// All there is, for a guard whose version leads nowhere.
    Snapshot(Box<Snapshot>),
    /// Records are stored.
    RecordsStored {
        /// All up to this number.
        through: i64,
    },
    /// Answers a heartbeat.
    Heartbeat {
        /// The node's clock.
        now: Millis,
        /// `sent` of the heartbeat answered; much earlier while the node does not know the time, see [`no_time`].
        echo: Millis,
        /// As in [`Welcome::clock_epoch`].
        #[serde(default, skip_serializing_if = "is_zero")]
        clock_epoch: i64,
    },
    /// The node ends the link.
    Goodbye {
        /// Why.
        reason: GoodbyeReason,
        /// Where the guard should go now, and the port where it is not the usual one; `None`: where it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
    },
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

/// The node's half of the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The node's proof, see [`super::proof`].
    pub proof: String,
    /// The node's clock.
    pub now: Millis,
    /// `sent` of the hello; much earlier while the node does not know the time, see [`no_time`].
    pub echo: Millis,
    /// Which of the nodes' clocks `now` is of. A higher number than before: the clock was ahead, and what was known by it does not count any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_epoch: i64,
    /// The zone the guard shows times in, an IANA name.
    pub zone: String,
    /// A heartbeat is wanted this often, in milliseconds.
    pub heartbeat_ms: i64,
    /// Where the grants should stand.
    pub desired: Version,
    /// The node has all records up to this number.
    pub records_stored: i64,
    /// The node takes records of what the door did, `what: "door"`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub door_records: bool,
}

/// The `echo` of a node that does not know the time: it makes the answer one that took far too long to set a clock by.
pub fn no_time(sent: Millis) -> Millis {
    const TOO_LONG_MS: i64 = 3_600_000;
    sent.plus(-TOO_LONG_MS)
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// What changed, in the order of versions. Of several changes to the same grant only the last is there. Changes of one version are never
/// split over two frames; where they do not fit into one, a snapshot is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The history both numbers belong to.
    pub epoch: i64,
    /// After this version...
    pub from: i64,
    /// ...up to and with this one.
    pub to: i64,
    /// At most [`MAX_CHANGES`], versions never falling.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Change {
    /// A grant is new, or is other than it was: cancelled, for example.
    Put {
        /// As it is now; its version is the change's.
        grant: Grant,
    },
    /// A grant need not be kept any more, not even as a cancelled one.
    Drop {
        /// Which.
        service_numb: ServiceNumb,
        /// Of which series the number is; `None`: of either.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<Series>,
        /// The change's version.
        version: i64,
    },
    /// What is not about one grant.
    Settings {
        /// As they are now.
        settings: Settings,
        /// The change's version.
        version: i64,
    },
}

/// What a guard needs beside its grants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Somebody owns it; see [`Grants::owned`].
    pub owned: bool,
    /// Its default passwords.
    pub default_passwords: [Option<DoorPassword>; 2],
}

/// One part of all there is. It replaces what the guard has when its last part has come; until then the guard goes by what it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Where the grants stand with it.
    pub version: Version,
    /// 1 to `parts`.
    pub part: u32,
    /// At most [`MAX_PARTS`].
    pub parts: u32,
    /// The same in every part.
    pub settings: Settings,
    /// At most [`MAX_CHANGES`].
    pub grants: Vec<Grant>,
}

impl Change {
    /// The number of this change.
    pub fn version(&self) -> i64 {
        match self {
            Self::Put { grant } => grant.version,
            Self::Drop { version, .. } | Self::Settings { version, .. } => *version,
        }
    }
}

impl Settings {
    /// Those of `grants`.
    pub fn of(grants: &Grants) -> Self {
        Self {
            owned: grants.owned,
            default_passwords: grants.default_passwords.clone(),
        }
    }
}

impl Snapshot {
    /// All of `grants` in as many frames as it takes.
    pub fn frames(version: Version, grants: &Grants) -> Vec<ToDevice> {
        let chunks: Vec<&[Grant]> = if grants.grants.is_empty() {
            vec![&[]]
        } else {
            grants.grants.chunks(MAX_CHANGES).collect()
        };
        let parts = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        (1..)
            .zip(chunks)
            .map(|(part, grants_of_part)| {
                ToDevice::Snapshot(Box::new(Self {
                    version,
                    part,
                    parts,
                    settings: Settings::of(grants),
                    grants: grants_of_part.to_vec(),
                }))
            })
            .collect()
    }
}

impl ToDevice {
    /// Reads a frame.
    pub fn parse(text: &str) -> Result<Self, FrameFault> {
        let frame: Self = read(text)?;
        match &frame {
            Self::Challenge { nonce } if !nonce.is_sound() => return Err(FrameFault::OutOfRange),
            Self::Welcome(welcome) => {
                let Version { epoch, number } = welcome.desired;
                in_range([epoch, number, welcome.records_stored, welcome.clock_epoch])?;
                if !(100..=3_600_000).contains(&welcome.heartbeat_ms) {
                    return Err(FrameFault::OutOfRange);
                }
            }
            Self::Changes(changes) => judge_changes(changes)?,
            Self::Snapshot(snapshot) => judge_snapshot(snapshot)?,
            Self::RecordsStored { through } => in_range([*through])?,
            Self::Heartbeat { clock_epoch, .. } => in_range([*clock_epoch])?,
            Self::Goodbye { host: Some(host), .. } if host.is_empty() || host.len() > 300 => {
                return Err(FrameFault::OutOfRange);
            }
            _ => {}
        }
        Ok(frame)
    }

    /// The frame's text.
    pub fn to_json(&self) -> String {
        write(self)
    }
}

fn judge_changes(batch: &Changes) -> Result<(), FrameFault> {
    in_range([batch.epoch, batch.from, batch.to])?;
    if batch.changes.len() > MAX_CHANGES {
        return Err(FrameFault::TooMany);
    }
    let versions = || batch.changes.iter().map(Change::version);
    let rising = versions().is_sorted();
    let inside = batch.from <= batch.to && versions().all(|version| batch.from < version && version <= batch.to);
    if rising && inside {
        Ok(())
    } else {
        Err(FrameFault::OutOfOrder)
    }
}

fn judge_snapshot(snapshot: &Snapshot) -> Result<(), FrameFault> {
    in_range([snapshot.version.epoch, snapshot.version.number])?;
    if snapshot.grants.len() > MAX_CHANGES {
        Err(FrameFault::TooMany)
    } else if (1..=snapshot.parts).contains(&snapshot.part) && snapshot.parts <= MAX_PARTS {
        Ok(())
    } else {
        Err(FrameFault::OutOfRange)
    }
}
