//! Guards, as their owners see them.

use crate::guard::ids::{DoorPassword, GuardComment, GuardId, GuardLocation, GuardName};
use crate::guard::messages::guards::GuardStatus;
use crate::ids::{Millis, Phone};

/// A guard as its owner, or somebody above, sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardInfo {
    /// Its bar code.
    pub id: GuardId,
    /// Whose it is.
    pub owner: Phone,
    /// How it is called.
    pub name: GuardName,
    /// Where it is.
    pub location: GuardLocation,
    /// A remark.
    pub comment: GuardComment,
    /// Working, faulty, not connected.
    pub status: GuardStatus,
    /// Its default passwords; for the owner only.
    pub default_passwords: [Option<DoorPassword>; 2],
    /// The version of its program.
    pub firmware: String,
    /// Since when it is this owner's.
    pub owned_since: Millis,
    /// When it was last heard of.
    pub seen_at: Option<Millis>,
    /// The version of grants it should know.
    pub desired: i64,
    /// The version it said it knows.
    pub acked: i64,
    /// When it confirmed that version.
    pub acked_at: Option<Millis>,
    /// By how much its clock may be wrong; `None` if it did not say or does not know.
    pub clock_uncertainty_ms: Option<i64>,
}

impl GuardInfo {
    /// How many changes it does not know yet.
    pub fn on_the_way(&self) -> i64 {
        (self.desired - self.acked).max(0)
    }
}
