//! Old meters that are brought back: whose one is, for the kiosk it is brought to.

use crate::core::db::{row, sql};
use crate::identity::limits::{self, Limit};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Yid;
use domain::locker::kiosk::{Named, Whose};
use domain::locker::orders::masked_name;

/// Wrong numbers of one kiosk while they count. More are somebody who looks for names.
const FAILURES_OF_A_KIOSK: u32 = 60;
const WINDOW_MS: i64 = 10 * 60 * 1000;
/// Orders of one customer that are looked at.
const OF_A_CUSTOMER: i64 = 100;

row! {
    struct Row {
        customer_name: String,
        status: String,
        yid: Option<i64>,
    }
}

/// Whose the old meter with this number is, masked. [`Refusal::Unknown`] where no order has the number, or none that an old meter may follow: the new
/// one was not fetched yet, and is not in this kiosk.
#[crate::boxed]
pub async fn whose(b: &Backend, yid: Yid, named: Named) -> Result<Whose> {
    let limit = Limit::new(format!("whose/{yid}"), FAILURES_OF_A_KIOSK, WINDOW_MS);
    let of_task = b.clone();
    let check = async move { holder(&of_task, yid, &named).await };
    let name = limits::attempt(b, vec![limit], check).await?;
    let name = name.ok_or(Refusal::Unknown)?;
    Ok(Whose {
        name: masked_name(&name),
    })
}

async fn holder(b: &Backend, yid: Yid, named: &Named) -> Result<Option<String>> {
    let rows: Vec<Row> = match named {
        Named::Order(order) => {
            let asked = sql!(
                "SELECT customer_name, status, yid FROM orders WHERE things_sq = $1",
                order.as_str()
            );
            b.db().all(asked).await?
        }
        Named::Customer(customer) => {
            let asked = sql!(
                "SELECT customer_name, status, yid FROM orders WHERE customer_no = $1 ORDER BY things_sq LIMIT $2",
                customer.as_str(),
                OF_A_CUSTOMER
            );
            b.db().all(asked).await?
        }
    };
    // As what a kiosk's events tell is judged (`events/story.rs`).
    let may_return = |row: &Row| row.status == "D" || (row.status != "X" && row.yid == Some(yid.0));
    Ok(rows.into_iter().find(may_return).map(|row| row.customer_name))
}
