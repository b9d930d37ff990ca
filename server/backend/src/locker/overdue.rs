//! Deposits nobody fetched in time.

use crate::db::{parameters, row, sql};
use crate::{Backend, Result, require};
use domain::ids::{CustomerNo, Millis, ThingsSq, Yid};
pub use domain::locker::overdue::Overdue;
use domain::people::{Person, Role};
use std::collections::HashMap;

const DAY_MS: i64 = 24 * 3_600_000;
/// Orders asked for in one statement.
const AT_ONCE: usize = 500;

row! {
    struct Full {
        things_sq: String,
        yid: i64,
        label: String,
        overdue_days: i64,
    }
}

/// Staff and operators: overdue deposits, those stored longest first.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, limit: u32) -> Result<Vec<Overdue>> {
    require(who, &[Role::Operator, Role::Staff])?;
    // From the compartments and not from the orders, because those that are full now are few and orders are many.
    let full: Vec<Full> = b
        .db()
        .all(sql!(
            "SELECT c.things_sq, c.yid, c.label, k.overdue_days FROM compartments c JOIN kiosks k ON k.yid = c.yid
         WHERE c.status = 'A' AND c.things_sq IS NOT NULL"
        ))
        .await?;
    let mut overdue = Vec::new();
    for some in full.chunks(AT_ONCE) {
        overdue.extend(among(b, some).await?);
    }
    overdue.sort_by_key(|row| row.stored_at);
    overdue.truncate(limit as usize);
    Ok(overdue)
}

async fn among(b: &Backend, full: &[Full]) -> Result<Vec<Overdue>> {
    let sql = format!(
        "SELECT things_sq, customer_no, stored_at FROM orders
         WHERE status = 'C' AND stored_at IS NOT NULL AND things_sq IN ({})",
        parameters(1, full.len())
    );
    let mut query = sql!(&sql).once();
    for row in full {
        query = query.bind(row.things_sq.as_str());
    }
    row! {
        struct Stored {
            things_sq: String,
            customer_no: String,
            stored_at: i64,
        }
    }
    let orders: Vec<Stored> = b.db().all(query).await?;
    let mut orders: HashMap<String, (String, i64)> = orders
        .into_iter()
        .map(|row| (row.things_sq, (row.customer_no, row.stored_at)))
        .collect();
    let now = b.now();
    let overdue = full.iter().filter_map(|row| {
        let (customer_no, stored_at) = orders.remove(&row.things_sq)?;
        let stored_at = Millis(stored_at);
        (now.since(stored_at) > row.overdue_days.saturating_mul(DAY_MS)).then(|| Overdue {
            things_sq: ThingsSq(row.things_sq.clone()),
            customer_no: CustomerNo(customer_no),
            yid: Yid(row.yid),
            label: row.label.clone(),
            stored_at,
        })
    });
    Ok(overdue.collect())
}
