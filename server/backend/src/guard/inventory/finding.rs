//! Finding devices by any part of their bar code or of their owner's number.

use crate::db::{row, sql};
use crate::{Backend, Result};
use domain::ids::Phone;
use domain::search::{Found, Needle, Part};
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
    let mut needles = vec![Needle::parse(text)];
    needles.extend(Phone::parse(text).map(|phone| Needle::parse(phone.as_str())));
    let at_once = if needles[0].is_empty() { limit + 1 } else { ROWS_AT_ONCE };
    let mut after = after.to_owned();
    let mut hits: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let rows = read(b, &after, at_once).await?;
        let last = rows.len() < at_once;
        for Numbers { guard_id: id, owner } in rows {
            let owner = owner.as_deref().unwrap_or_default();
            let texts = [(Part::Number, id.as_str()), (Part::Phone, owner)];
            if let Some(found) = needles.iter().find_map(|needle| needle.find(&texts)) {
                if hits.len() == limit {
                    let next = hits.last_key_value().map(|(id, _)| id.clone());
                    return Ok((hits, next));
                }
                hits.insert(id.clone(), found);
            }
            after = id;
        }
        if last {
            return Ok((hits, None));
        }
    }
    Ok((hits, Some(after)))
}

/// The next bar codes, each with its owner's number.
async fn read(b: &Backend, after: &str, most: usize) -> Result<Vec<Numbers>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let next = sql!(
        "SELECT guard_id, owner FROM guards WHERE guard_id > $1 ORDER BY guard_id LIMIT $2",
        after,
        most,
    );
    b.db().all(next).await
}
