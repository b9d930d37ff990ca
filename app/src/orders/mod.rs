//! What the pages of staff and of businesses share about orders: the search and its table, the facts of one, and its evidence.

mod evidence;
mod facts;
mod recent;
mod search;
mod table;

pub use evidence::Timeline;
pub use facts::{Facts, kiosk_line};
pub use recent::{FORGET_RECENT, remember};
pub use search::{CHOOSE, Results, Search, SearchForm};
pub use table::table;

use crate::context;
use crate::i18n::td_string;
use crate::pages::at;
use crate::ui::status;
use domain::ids::ThingsSq;
use domain::locker::orders::Order;

/// What a page about an order is called: `Order 1016 · 강지우 · Ready`.
pub fn title(order: &Order) -> String {
    let locale = context::locale();
    let number = td_string!(locale, orders.order_no, number = order.things_sq.as_str()).to_string();
    let parts = [
        number.as_str(),
        &order.customer_name,
        status::word(locale, order.status),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

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
