//! Finding devices by any part of their bar code or of their owner's number.

use crate::core::db::{row, sql};
use crate::core::matching::{self, Bounds, Needles};
use crate::{Backend, Result};
use domain::search::{Found, Part};
use std::collections::BTreeMap;

/// Rows read at once, and how often for one answer at most.
const ROWS_AT_ONCE: usize = 5000;
const ROUNDS: usize = 8;

row! {
    /// A bar code and the owner's number.
    struct Numbers {
        guard_id: String,
        owner: Option<String>,
    }
}

/// Up to `limit` bar codes behind `after` with what was found in each, and where to go on.
pub(super) async fn among(
    b: &Backend,
    text: &str,
    after: &str,
    limit: usize,
) -> Result<(BTreeMap<String, Vec<Found>>, Option<String>)> {
    let bounds = Bounds {
        at_once: ROWS_AT_ONCE,
        rounds: ROUNDS,
        limit,
    };
    let read = |after, most| read(b, after, most);
    let (found, next) = matching::rows(&Needles::parse(text), after, bounds, read, look).await?;
    Ok((found.into_iter().collect(), next))
}

fn look(row: Numbers, needles: &Needles) -> (String, Option<Vec<Found>>) {
    let owner = row.owner.as_deref().unwrap_or_default();
    let found = needles.find(&[(Part::Number, row.guard_id.as_str()), (Part::Phone, owner)]);
    (row.guard_id, found)
}

/// The next bar codes, each with its owner's number.
async fn read(b: &Backend, after: String, most: i64) -> Result<Vec<Numbers>> {
    let next = sql!(
        "SELECT guard_id, owner FROM guards WHERE guard_id > $1 ORDER BY guard_id LIMIT $2",
        after,
        most,
    );
    b.db().all(next).await
}
