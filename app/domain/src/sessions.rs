//! Where somebody is signed in.

use crate::ids::Millis;

/// A browser somebody is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names it; opens nothing.
    pub handle: String,
    /// What people call the browser; empty where that is not known.
    pub browser: String,
    /// When they signed in, where that is known.
    pub began: Option<Millis>,
    /// When it ends unless it is used before.
    pub ends: Millis,
}
