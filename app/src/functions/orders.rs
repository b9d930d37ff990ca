//! Orders.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{BusinessName, CustomerNo, Line, ThingsSq};
use domain::locker::orders::{Order, OrderStatus};
use domain::search::Hits;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of an answer at most.
#[cfg(feature = "ssr")]
pub const ROWS: u32 = 50;

/// Orders that hold `text` in any part, for staff ([`domain::search`]), those added last first. Without a text, all of them by customer number;
/// `customer_no`, of addresses from before, says then how that begins.
#[server(prefix = "/do/staff", endpoint = "search-orders", protocol = Call)]
pub async fn search_orders(
    text: Option<String>,
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Hits<Order>, Refused> {
    body::search(domain::people::Role::Staff, (text, customer_no), status, cursor).await
}

/// The same among the orders of the caller's business.
#[server(prefix = "/do/business", endpoint = "search-orders", protocol = Call)]
pub async fn search_own_orders(
    text: Option<String>,
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Hits<Order>, Refused> {
    body::search(domain::people::Role::Business, (text, customer_no), status, cursor).await
}

/// Adds an order by hand. Leads to it.
#[server(prefix = "/do/operator", endpoint = "add-order", protocol = Call)]
pub async fn add_order(
    things_sq: ThingsSq,
    customer_no: CustomerNo,
    customer_name: Option<Line>,
    address: Option<Line>,
    meter_kind: Option<Line>,
    business: BusinessName,
    status: Option<OrderStatus>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::pages::at;
    use crate::ui::notice::with_notice;
    use backend::locker::orders::{self, NewOrder};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let text = |line: Option<Line>| line.map(|line| line.0).unwrap_or_default();
    let new = NewOrder {
        things_sq: things_sq.0,
        customer_no: customer_no.0,
        customer_name: text(customer_name),
        address: text(address),
        meter_kind: text(meter_kind),
        business: business.0,
        status: status.map_or("", OrderStatus::letter).to_owned(),
    };
    let order = orders::add(&request.backend, &who.into(), new).await?;
    go_to(&with_notice(&at::operator_order(&order.things_sq), "order-added"));
    Ok(())
}

/// Which orders of a list are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Those that are marked.
    Chosen,
    /// All that are shown.
    All,
}

/// Moves orders from received to ready: the one whose button it was, or of a list those picked or all rows. Leads `back` to the list, filters
/// included, or to the one order.
#[server(prefix = "/do/operator", endpoint = "make-ready", protocol = Call)]
pub async fn make_ready(
    one: Option<ThingsSq>,
    which: Option<Which>,
    pick: BTreeMap<ThingsSq, String>,
    row: BTreeMap<ThingsSq, String>,
    back: Option<String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::i18n::td_string;
    use crate::pages::at;
    use crate::ui::notice::with_notice;
    use backend::locker::orders;
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let chosen: Vec<ThingsSq> = match (one, which) {
        (Some(one), _) => vec![one],
        (None, Some(Which::All)) => row.into_keys().collect(),
        (None, _) => pick.into_keys().collect(),
    };
    if chosen.is_empty() {
        let refused = Refused::of(request.locale, &Refusal::field("pick", Problem::Required));
        return Err(refused.in_words(td_string!(request.locale, operator.choose_first)));
    }
    let made = orders::make_ready(&request.backend, who, &chosen).await?;
    if let ([one], 0) = (chosen.as_slice(), made) {
        let status = orders::get(&request.backend, who, one).await?.status;
        let status = status.letter().to_owned();
        return Err(Refusal::OrderStatus { status }.into());
    }
    go_to(&match (back, chosen.as_slice()) {
        (None, [one]) => with_notice(&at::operator_order(one), "saved"),
        (back, _) => with_notice(&back.unwrap_or_else(at::operator_orders), "orders-ready"),
    });
    Ok(())
}

#[cfg(feature = "ssr")]
pub use reads::{IMPORT_BYTES_MAX, counts, find, get, import_file, overdue, place, search};

#[cfg(feature = "ssr")]
mod reads {
    use crate::context::RequestContext;
    use crate::functions::asker;
    use backend::locker::{kiosks, orders, overdue as late, search as finding};
    use domain::error::Refusal;
    use domain::ids::ThingsSq;
    use domain::locker::kiosks::Whereabouts;
    use domain::locker::orders::{ImportReport, Order, OrderFilter, OrderSearch, OrderStatus, Page};
    use domain::locker::overdue::Overdue;
    use domain::people::Role;
    use domain::search::Hits;

    /// An order that the reader may see.
    pub async fn get(things_sq: &ThingsSq) -> Result<Order, Refusal> {
        let (backend, who) = asker()?;
        orders::get(&backend, &who, things_sq).await
    }

    /// The kiosk an order lies in, if it lies in one.
    pub async fn place(order: &Order) -> Result<Option<Whereabouts>, Refusal> {
        let (backend, who) = asker()?;
        match &order.place {
            Some(place) => kiosks::whereabouts(&backend, &who, place.yid).await.map(Some),
            None => Ok(None),
        }
    }

    /// Orders found by a text, a status and the like.
    pub async fn find(asked: &OrderSearch) -> Result<Hits<Order>, Refusal> {
        let (backend, who) = asker()?;
        finding::find(&backend, &who, asked).await
    }

    /// Orders in the order of their customers' numbers.
    pub async fn search(filter: &OrderFilter) -> Result<Page<Order>, Refusal> {
        let (backend, who) = asker()?;
        orders::search(&backend, &who, filter).await
    }

    /// How many orders there are of each status.
    pub async fn counts() -> Result<Vec<(OrderStatus, u32)>, Refusal> {
        let (backend, who) = asker()?;
        orders::counts(&backend, &who).await
    }

    /// Deposits that nobody fetched in time.
    pub async fn overdue(limit: u32) -> Result<Vec<Overdue>, Refusal> {
        let (backend, who) = asker()?;
        late::list(&backend, &who, limit).await
    }

    /// Largest file of orders or devices, in bytes.
    pub const IMPORT_BYTES_MAX: usize = orders::import::BYTES_MAX;

    /// Adds the orders in a CSV file.
    pub async fn import_file(request: &RequestContext, file: &[u8]) -> Result<ImportReport, Refusal> {
        let who = request.require(Role::Operator)?;
        orders::import_csv(&request.backend, &who.into(), file).await
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::{CustomerNo, Hits, Order, OrderStatus, ROWS, Refused};
    use crate::context;
    use backend::locker::{orders, search as finding};
    use domain::locker::orders::{OrderFilter, OrderSearch};
    use domain::people::Role;
    use domain::search::Hit;

    pub(super) async fn search(
        role: Role,
        (text, customer_no): (Option<String>, Option<CustomerNo>),
        status: Option<OrderStatus>,
        cursor: Option<String>,
    ) -> Result<Hits<Order>, Refused> {
        let request = context::request();
        let who = request.require(role)?;
        let text = text.unwrap_or_default();
        let asked = match customer_no {
            Some(number) if text.trim().is_empty() => {
                let filter = OrderFilter {
                    customer_no: number.0,
                    status,
                    cursor,
                    limit: ROWS,
                    ..OrderFilter::default()
                };
                let page = orders::search(&request.backend, who, &filter).await?;
                let rows = page.rows.into_iter().map(|of| Hit { of, found: Vec::new() });
                return Ok(Hits {
                    rows: rows.collect(),
                    next: page.next,
                    incomplete: false,
                });
            }
            _ => OrderSearch {
                text,
                status,
                cursor,
                limit: ROWS,
                ..OrderSearch::default()
            },
        };
        Ok(finding::find(&request.backend, who, &asked).await?)
    }
}
