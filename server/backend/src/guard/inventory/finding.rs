//! Finding devices by any part of their bar code or of their owner's number.

use crate::db::fault;
use crate::{Backend, Result};
use domain::ids::Phone;
use domain::search::{Found, Needle, Part};
use std::collections::BTreeMap;

/// Between fields and between rows.
const SEPARATORS: [&str; 2] = ["\u{1f}", "\u{1e}"];
/// Rows read at once, and how often for one answer at most.
const ROWS_AT_ONCE: usize = 5000;
const ROUNDS: usize = 8;

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
        for (id, owner) in rows {
            let texts = [(Part::Number, id.as_str()), (Part::Phone, owner.as_str())];
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

/// The next bar codes, each with its owner's number. One row of many, because each row has its price.
async fn read(b: &Backend, after: &str, most: usize) -> Result<Vec<(String, String)>> {
    let (packed,): (Option<String>,) = sqlx::query_as(
        "SELECT string_agg(guard_id || $3 || COALESCE(owner, ''), $4)
         FROM (SELECT guard_id, owner FROM guards WHERE guard_id > $1 ORDER BY guard_id LIMIT $2) AS page",
    )
    .bind(after)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .bind(SEPARATORS[0])
    .bind(SEPARATORS[1])
    .fetch_one(b.db().read())
    .await
    .map_err(fault)?;
    let packed = packed.unwrap_or_default();
    let rows = packed.split(SEPARATORS[1]).filter(|row| !row.is_empty());
    let mut rows: Vec<(String, String)> = rows
        .map(|row| {
            let (id, owner) = row.split_once(SEPARATORS[0]).unwrap_or((row, ""));
            (id.to_owned(), owner.to_owned())
        })
        .collect();
    rows.sort();
    Ok(rows)
}
