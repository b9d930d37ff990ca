//! The devices there are.

use crate::guard::ids::GuardId;
use crate::guard::link::Fault;
use crate::guard::messages::guards::GuardStatus;
use crate::ids::{Millis, Phone};

/// A device as an operator sees it: nothing of what its owner says or does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its bar code.
    pub guard_id: GuardId,
    /// Whose it is, if anybody's.
    pub owner: Option<Phone>,
    /// The version of its program, empty before it connected.
    pub firmware: String,
    /// When it connected for the first time.
    pub connected_at: Option<Millis>,
    /// Working, faulty or not connected.
    pub status: GuardStatus,
    /// Why it is faulty, where it says so.
    pub fault: Option<Fault>,
    /// When it was last heard of.
    pub seen_at: Option<Millis>,
    /// When it was imported.
    pub added_at: Millis,
}
