//! `GET /v1/Orders`

use super::auth::Somebody;
use super::described::{in_query, of, text};
use super::json::{Reply, Success};
use crate::state::AppState;
use axum::extract::{RawQuery, State};
use backend::locker::orders;
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, CustomerNo, ThingsSq, Yid};
use domain::locker::orders::{Order, OrderFilter, OrderStatus};
use domain::people::Role;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::path::Parameter;

/// Rows of one answer.
const ROWS: u32 = 50;

/// An order as others see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Order)]
pub struct OrderRow {
    things_sq: ThingsSq,
    customer_no: CustomerNo,
    customer_name: String,
    address: String,
    meter_kind: String,
    business: BusinessName,
    status: OrderStatus,
    #[schema(required = true)]
    yid: Option<Yid>,
    #[schema(required = true)]
    jumper: Option<i64>,
    #[schema(required = true)]
    serial: Option<i64>,
    #[schema(required = true)]
    label: Option<String>,
}

/// One page of orders.
#[derive(Serialize, ToSchema)]
pub struct Orders {
    orders: Vec<OrderRow>,
    /// The `cursor` of the next page, where there is one.
    #[schema(required = true)]
    next: Option<String>,
}

/// Staff and businesses (their own only): orders by the beginning of the customer number.
pub async fn search(
    State(state): State<AppState>,
    Somebody(who): Somebody,
    RawQuery(query): RawQuery,
) -> Reply<Orders> {
    if !matches!(who.role, Role::Staff | Role::Business) {
        return Err(Refusal::NotYours.into());
    }
    let filter = filter(query.as_deref().unwrap_or_default())?;
    let page = orders::search(&state.backend, &who, &filter).await?;
    Ok(Success::with(Orders {
        orders: page.rows.into_iter().map(OrderRow::from).collect(),
        next: page.next,
    }))
}

/// What may stand in the query.
pub fn parameters() -> Vec<Parameter> {
    vec![
        in_query("customerNo", Some("The beginning of the customer number"), text(&[])),
        in_query("status", None, of::<OrderStatus>()),
        in_query("cursor", Some("`next` of the page before"), text(&[])),
    ]
}

fn filter(query: &str) -> Result<OrderFilter, Refusal> {
    let mut filter = OrderFilter {
        limit: ROWS,
        ..OrderFilter::default()
    };
    let mut seen = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.contains('\u{fffd}') {
            return Err(Refusal::malformed("the query is not UTF-8"));
        }
        if seen.contains(&name) {
            return Err(Refusal::malformed(format!("{name}: given twice")));
        }
        match &*name {
            "customerNo" => filter.customer_no = value.trim().to_owned(),
            "status" if !value.is_empty() => {
                let status = OrderStatus::parse(&value).ok_or_else(|| Refusal::field("status", Problem::Form))?;
                filter.status = Some(status);
            }
            "cursor" if !value.is_empty() => filter.cursor = Some(value.into_owned()),
            _ => {}
        }
        seen.push(name);
    }
    Ok(filter)
}

impl From<Order> for OrderRow {
    fn from(order: Order) -> Self {
        let place = order.place;
        Self {
            things_sq: order.things_sq,
            customer_no: order.customer_no,
            customer_name: order.customer_name,
            address: order.address,
            meter_kind: order.meter_kind,
            business: order.business,
            status: order.status,
            yid: place.as_ref().map(|place| place.yid),
            jumper: place.as_ref().map(|place| place.port.jumper),
            serial: place.as_ref().map(|place| place.port.serial),
            label: place.map(|place| place.label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_read_strictly() {
        let read = filter("customerNo=+12&status=B&cursor=x&other=1").unwrap();
        assert_eq!(
            (read.customer_no.as_str(), read.status, read.cursor.as_deref()),
            ("12", Some(OrderStatus::Ready), Some("x"))
        );
        assert_eq!(filter("status=&cursor=").unwrap().cursor, None);
        assert_eq!(filter("status=Z").unwrap_err().status(), 422);
        assert_eq!(filter("status=B&status=C").unwrap_err().status(), 400);
        assert_eq!(filter("customerNo=%ff").unwrap_err().status(), 400);
    }
}
