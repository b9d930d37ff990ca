//! Owners above an owner.

use crate::ids::Phone;

/// Whether a new junior is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// The superior reads nothing before the junior agreed.
    #[default]
    Agree,
    /// The superior reads at once, and no notice is sent. For deployments whose clients know no consent.
    AskNothing,
}

/// Somebody above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superior {
    /// Their number.
    pub phone: Phone,
    /// Their name; empty where nobody has this number any more.
    pub name: String,
    /// True: they read what belongs to the junior. False: they would, if the junior agreed.
    pub reads: bool,
}
