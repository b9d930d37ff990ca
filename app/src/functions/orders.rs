//! Orders.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::CustomerNo;
use domain::locker::orders::{Order, OrderStatus};
use domain::search::Hits;
use leptos::prelude::*;

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
