//! Orders.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::CustomerNo;
use domain::locker::orders::{Order, OrderStatus, Page};
use leptos::prelude::*;

/// Orders whose customer number begins like this, for staff.
#[server(prefix = "/do/staff", endpoint = "search-orders", protocol = Call)]
pub async fn search_orders(
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Page<Order>, Refused> {
    body::search(domain::people::Role::Staff, customer_no, status, cursor).await
}

/// The same among the orders of the caller's business.
#[server(prefix = "/do/business", endpoint = "search-orders", protocol = Call)]
pub async fn search_own_orders(
    customer_no: Option<CustomerNo>,
    status: Option<OrderStatus>,
    cursor: Option<String>,
) -> Result<Page<Order>, Refused> {
    body::search(domain::people::Role::Business, customer_no, status, cursor).await
}

#[cfg(feature = "ssr")]
mod body {
    use super::{CustomerNo, Order, OrderStatus, Page, Refused};
    use crate::context;
    use backend::locker::orders;
    use domain::locker::orders::OrderFilter;
    use domain::people::Role;

    /// Rows on a page.
    const ROWS: u32 = 50;

    pub(super) async fn search(
        role: Role,
        customer_no: Option<CustomerNo>,
        status: Option<OrderStatus>,
        cursor: Option<String>,
    ) -> Result<Page<Order>, Refused> {
        let request = context::request();
        let who = request.require(role)?;
        let filter = OrderFilter {
            customer_no: customer_no.map(|number| number.0).unwrap_or_default(),
            status,
            yid: None,
            business: None,
            cursor,
            limit: ROWS,
        };
        Ok(orders::search(&request.backend, who, &filter).await?)
    }
}
