//! What the pages of staff and of businesses share about orders: the search, the facts of one, and its evidence.

mod evidence;
mod facts;
mod recent;
mod search;

pub use evidence::Timeline;
pub use facts::{Facts, kiosk_line};
pub use recent::{FORGET_RECENT, remember};
pub use search::{CHOOSE, Results, Search, SearchForm};

use crate::pages::at;
use domain::ids::ThingsSq;

/// Whose pages of orders these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Those of staff.
    Staff,
    /// Those of a business.
    Business,
}

impl Pages {
    /// The list.
    pub fn list(self) -> String {
        match self {
            Self::Staff => at::staff_orders(),
            Self::Business => at::business_orders(),
        }
    }

    /// The page of one order.
    pub fn order(self, things_sq: &ThingsSq) -> String {
        match self {
            Self::Staff => at::staff_order(things_sq),
            Self::Business => at::business_order(things_sq),
        }
    }
}
