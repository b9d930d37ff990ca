//! Orders as a table: counted, sorted by a column, a page by its number; and all rows of one made ready, batch by batch.

use super::{COLUMNS, OrderRow, ready_within, scope};
use crate::core::db::{Conditions, Statement};
use crate::core::paging::page_limit;
use crate::identity::require;
use crate::locker::search;
use crate::{Backend, Result};
use domain::ids::BusinessName;
use domain::locker::orders::{Count, OrderSearch, OrderStatus, OrderTable, ReadySoFar, Sort, SortBy, TablePage};
use domain::people::{Person, Role};

/// Rows that are counted at most, and that pages are shown of.
pub const COUNTED_MAX: u32 = 100_000;
/// Rows that are sorted at most by a column that no index has in its order.
pub const SORTED_MAX: u32 = 50_000;
/// Orders made ready in one transaction.
const BATCH: u32 = 200;

/// One page of the orders that this person may see. A page behind the last has no rows.
#[crate::boxed]
pub async fn page(b: &Backend, who: &Person, asked: &OrderTable) -> Result<TablePage> {
    let business = scope(who)?.or(asked.business.as_ref());
    let count = counted(b, business, asked).await?;
    let limit = page_limit(asked.limit);
    let sort = sorted(asked.sort, count);
    let before = asked.page.saturating_sub(1).saturating_mul(u64::from(limit));
    let rows: Vec<OrderRow> = match i64::try_from(before) {
        Ok(before) if before < i64::from(count.rows) => {
            let page = page_statement(business, asked, sort, limit, before);
            b.db().all(page).await?
        }
        _ => Vec::new(),
    };
    Ok(TablePage {
        rows: rows.into_iter().filter_map(|row| row.sound(b)).collect(),
        count,
        sort,
    })
}

/// How many orders there are of those that this person may see.
#[crate::boxed]
pub async fn count(b: &Backend, who: &Person, asked: &OrderTable) -> Result<Count> {
    let business = scope(who)?.or(asked.business.as_ref());
    counted(b, business, asked).await
}

fn conditions<'a>(business: Option<&'a BusinessName>, asked: &'a OrderTable) -> Conditions<'a> {
    let mut conditions = Conditions::default();
    if let Some(business) = business {
        conditions.add("business = ?", [business.as_str().into()]);
    }
    if let Some(status) = asked.status {
        conditions.add("status = ?", [status.letter().into()]);
    }
    if let Some(yid) = asked.yid {
        conditions.add("yid = ?", [yid.0.into()]);
    }
    conditions
}

async fn counted(b: &Backend, business: Option<&BusinessName>, asked: &OrderTable) -> Result<Count> {
    let found: i64 = b.db().one(count_statement(business, asked)).await?;
    Ok(Count {
        rows: u32::try_from(found).unwrap_or(u32::MAX).min(COUNTED_MAX),
        more: found > i64::from(COUNTED_MAX),
    })
}

fn count_statement<'a>(business: Option<&'a BusinessName>, asked: &'a OrderTable) -> Statement<'a> {
    let mut conditions = conditions(business, asked);
    let most = conditions.value(i64::from(COUNTED_MAX) + 1);
    let clause = conditions.clause();
    conditions.statement(format!(
        "SELECT count(*) FROM (SELECT 1 FROM orders{clause} LIMIT {most}) AS counted"
    ))
}

/// As asked, unless too many rows would have to be read for it.
fn sorted(asked: Sort, count: Count) -> Sort {
    if asked.by == SortBy::CustomerNo || (count.rows <= SORTED_MAX && !count.more) {
        asked
    } else {
        Sort::default()
    }
}

fn page_statement<'a>(
    business: Option<&'a BusinessName>,
    asked: &'a OrderTable,
    sort: Sort,
    limit: u32,
    before: i64,
) -> Statement<'a> {
    let mut conditions = conditions(business, asked);
    let most = conditions.value(i64::from(limit));
    let skipped = conditions.value(before);
    let (clause, order) = (conditions.clause(), order(sort));
    conditions.statement(format!(
        "SELECT {COLUMNS} FROM orders{clause} ORDER BY {order} LIMIT {most} OFFSET {skipped}"
    ))
}

/// Always down to the key, so that no row is on two pages.
fn order(sort: Sort) -> String {
    let columns: &[&str] = match sort.by {
        SortBy::CustomerNo => &["customer_no"],
        SortBy::OrderNo => &[],
        SortBy::Name => &["customer_name"],
        SortBy::Address => &["address"],
        SortBy::Kind => &["meter_kind"],
        SortBy::Business => &["business"],
        SortBy::Status => &["status"],
        // The engines disagree about where NULL is.
        SortBy::Place => &["CASE WHEN yid IS NULL THEN 1 ELSE 0 END", "yid", "label"],
    };
    let direction = if sort.descending { " DESC" } else { "" };
    let all = columns.iter().chain(&["things_sq"]);
    all.map(|column| format!("{column}{direction}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Makes received orders of a list ready, from where `asked.cursor` says on, in this number of batches at most. Each batch is a transaction of
/// its own, so what is done stays done, and a call goes on where another one stopped. `asked.status` is not asked: received orders are meant.
#[crate::boxed]
pub async fn make_ready(b: &Backend, who: &Person, asked: &OrderSearch, batches: u32) -> Result<ReadySoFar> {
    require(who, &[Role::Operator])?;
    let mut asked = OrderSearch {
        status: Some(OrderStatus::Received),
        limit: BATCH,
        ..asked.clone()
    };
    let mut so_far = ReadySoFar::default();
    for _ in 0..batches {
        let found = search::find(b, who, &asked).await?;
        let mut keys: Vec<&str> = found.rows.iter().map(|hit| hit.of.things_sq.as_str()).collect();
        keys.sort_unstable();
        let made = ready_batch(b, &keys, who).await?;
        so_far.made += made;
        so_far.left += u32::try_from(keys.len()).unwrap_or(u32::MAX).saturating_sub(made);
        asked.cursor = found.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    so_far.next = asked.cursor;
    Ok(so_far)
}

async fn ready_batch(b: &Backend, keys: &[&str], who: &Person) -> Result<u32> {
    // A search may answer an empty page and go on.
    if keys.is_empty() {
        return Ok(0);
    }
    let mut tx = b.db().begin().await?;
    let made = ready_within(b, &mut tx, keys, Some(&who.phone)).await?;
    tx.commit().await?;
    Ok(made)
}

/// What a list may be asked for, each with and without.
#[cfg(test)]
fn every_form() -> Vec<String> {
    let business = BusinessName("x".to_owned());
    let mut texts = Vec::new();
    for with in 0..8 {
        let business = (with & 1 > 0).then_some(&business);
        let asked = OrderTable {
            status: (with & 2 > 0).then_some(OrderStatus::Ready),
            yid: (with & 4 > 0).then_some(domain::ids::Yid(1)),
            ..OrderTable::default()
        };
        texts.push(count_statement(business, &asked).text().to_owned());
        for (by, descending) in SortBy::ALL.into_iter().flat_map(|by| [(by, false), (by, true)]) {
            let page = page_statement(business, &asked, Sort { by, descending }, 50, 100);
            texts.push(page.text().to_owned());
        }
    }
    texts
}

#[cfg(test)]
crate::core::db::family!(every_form);
