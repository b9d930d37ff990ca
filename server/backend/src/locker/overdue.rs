//! Deposits nobody fetched in time.

use crate::core::db::{row, sql};
use crate::core::facts;
use crate::identity::push::{self, OrderEvent};
use crate::identity::require;
use crate::{Backend, Result};
use domain::ids::{CustomerNo, Millis, ThingsSq, Yid};
pub use domain::locker::overdue::Overdue;
use domain::people::{Person, Role};
use domain::push::Kind;
use std::collections::HashMap;

const DAY_MS: i64 = 24 * 3_600_000;
/// When deposits that became overdue were last looked for, in `settings`.
const LOOKED_AT: &str = "overdue-told";
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
    let found = all(b).await?;
    let mut overdue: Vec<Overdue> = found.into_iter().map(|found| found.overdue).collect();
    overdue.sort_by_key(|row| row.stored_at);
    overdue.truncate(limit as usize);
    Ok(overdue)
}

/// A deposit that is overdue.
struct Found {
    overdue: Overdue,
    business: String,
    since: Millis,
}

async fn all(b: &Backend) -> Result<Vec<Found>> {
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
    Ok(overdue)
}

/// Tells those whom it concerns of deposits that became overdue since this was last looked at. Nothing where no notifications are sent.
#[crate::boxed]
pub async fn tell(b: &Backend) -> Result<()> {
    if push::public_key(b).is_none() {
        return Ok(());
    }
    let now = b.now();
    let known: Option<String> = b.db().optional(facts::read(LOOKED_AT)).await?;
    let Some(known) = known else {
        // What was overdue before anybody could be told is in the lists.
        let begun = facts::write_if_absent(LOOKED_AT, now.0.to_string());
        b.db().execute(begun).await?;
        return Ok(());
    };
    let before = Millis(known.parse().unwrap_or(now.0));
    let fresh = all(b).await?.into_iter().filter(|found| found.since > before);
    let fresh: Vec<Found> = fresh.collect();
    let events: Vec<OrderEvent<'_>> = fresh
        .iter()
        .map(|found| OrderEvent {
            kind: Kind::Overdue,
            things_sq: found.overdue.things_sq.as_str(),
            business: &found.business,
        })
        .collect();
    let mut tx = b.db().begin().await?;
    let is_ours = tx.execute(facts::replace(LOOKED_AT, &known, now.0.to_string())).await?;
    if is_ours == 0 {
        // Another node was faster.
        return tx.rollback().await;
    }
    push::note_within(b, &mut tx, &events).await?;
    tx.commit().await
}

async fn among(b: &Backend, full: &[Full]) -> Result<Vec<Found>> {
    let mut query = sql!(
        "SELECT things_sq, customer_no, business, stored_at FROM orders
         WHERE status = 'C' AND stored_at IS NOT NULL AND things_sq IN ({keys})"
        { keys: list(1, full.len()) }
    )
    .once();
    for row in full {
        query = query.bind(row.things_sq.as_str());
    }
    row! {
        struct Stored {
            things_sq: String,
            customer_no: String,
            business: String,
            stored_at: i64,
        }
    }
    let orders: Vec<Stored> = b.db().all(query).await?;
    let mut orders: HashMap<String, Stored> = orders.into_iter().map(|row| (row.things_sq.clone(), row)).collect();
    let now = b.now();
    let overdue = full.iter().filter_map(|row| {
        let order = orders.remove(&row.things_sq)?;
        let stored_at = Millis(order.stored_at);
        let since = stored_at.plus(row.overdue_days.saturating_mul(DAY_MS));
        (now > since).then(|| Found {
            overdue: Overdue {
                things_sq: ThingsSq(order.things_sq),
                customer_no: CustomerNo(order.customer_no),
                yid: Yid(row.yid),
                label: row.label.clone(),
                stored_at,
            },
            business: order.business,
            since,
        })
    });
    Ok(overdue.collect())
}
