//! What the pages about orders share: the search and its table, the facts of one, and its evidence.

mod evidence;
mod facts;
mod page;
mod recent;
mod results;
mod search;
mod table;
mod texts;

pub use evidence::{HistoryCard, Timeline};
pub use facts::Facts;
pub use islands::words::kiosk_line;
pub use page::{Told, order_page, told};
pub use recent::remember;
pub use results::{Around, results};
pub use search::{CHOOSE, Results, Search, SearchForm};
pub use table::table;
pub use texts::{example, in_file, text_name};

use domain::ids::ThingsSq;
use domain::locker::orders::Order;
use islands::addresses::at;
use islands::context;
use islands::i18n::td_string;
use islands::ui::status;

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
    /// Those of an operator.
    Operator,
}

impl Pages {
    /// The list.
    pub fn list(self) -> String {
        match self {
            Self::Staff => at::staff_orders(),
            Self::Business => at::business_orders(),
            Self::Operator => at::operator_orders(),
        }
    }

    /// The page of one order.
    pub fn order(self, things_sq: &ThingsSq) -> String {
        match self {
            Self::Staff => at::staff_order(things_sq),
            Self::Business => at::business_order(things_sq),
            Self::Operator => at::operator_order(things_sq),
        }
    }
}
