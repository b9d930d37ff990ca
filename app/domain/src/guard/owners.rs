//! Owners of guards.

use crate::guard::ids::Imei;
use crate::ids::Millis;

/// Where an owner is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Devices {
    /// The device of the last sign-in by sign 4; empty where there was none.
    pub imei: Imei,
    /// When it took over from another one.
    pub took_over_at: Option<Millis>,
    /// Browsers signed in to the console, by when each session ends.
    pub browsers: Vec<Millis>,
}
