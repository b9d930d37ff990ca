//! Businesses, whose users fetch meters.

use crate::ids::{BusinessName, Millis};
use serde::{Deserialize, Serialize};

/// A business in the operator's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Its name, which is its key.
    pub name: BusinessName,
    /// How many people belong to it.
    pub people: u32,
    /// How many orders are its own.
    pub orders: u32,
    /// Since when nobody orders for it any more.
    #[serde(default)]
    pub retired_at: Option<Millis>,
}
