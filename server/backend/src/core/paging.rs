//! Lists in pages: by a cursor, or with a number, of a table in the order of its key: how many rows there are, and behind which key a page begins.

use crate::core::db::Statement;
use crate::{Backend, Result};
use domain::locker::orders::{Count, Page, PagePlace};

/// Rows that are counted at most, and that pages are shown of.
const MOST: u32 = 100_000;

/// A table, and which of its rows.
pub(crate) struct Of {
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    /// A condition with the parameters `$1` and on.
    pub(crate) wanted: &'static str,
}

impl Of {
    fn counted(&self) -> Statement<'static> {
        let Self { table, wanted, .. } = self;
        Statement::new(format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {wanted} LIMIT {}) AS counted",
            MOST + 1
        ))
    }

    /// The key of the last row before a page.
    fn last(&self, before: u64) -> Statement<'static> {
        let Self { table, key, wanted } = self;
        Statement::new(format!(
            "SELECT {key} FROM {table} WHERE {wanted} ORDER BY {key} LIMIT 1 OFFSET {}",
            before - 1
        ))
    }

    /// For the tests that prepare every statement.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<String> {
        [self.counted(), self.last(1)].map(|one| one.text().to_owned()).into()
    }
}

/// Where this page begins; the first is 1. `values` are those of the condition.
pub(crate) async fn place(b: &Backend, of: &Of, values: &[&str], page: u64, rows: u32) -> Result<PagePlace> {
    let counted: i64 = b.db().one(of.counted().bind_all(values)).await?;
    let counted = u32::try_from(counted).unwrap_or(u32::MAX);
    let count = Count {
        rows: counted.min(MOST),
        more: counted > MOST,
    };
    let before = page.saturating_sub(1).saturating_mul(u64::from(rows));
    let after = match before {
        0 => Some(String::new()),
        before if before < u64::from(count.rows) => b.db().optional(of.last(before).bind_all(values)).await?,
        _ => None,
    };
    Ok(PagePlace { count, after })
}

/// Rows asked for on a page, made possible.
pub(crate) fn page_limit(limit: u32) -> u32 {
    limit.clamp(1, 200)
}

/// Makes a page of `limit` rows from up to one more; `key` is the cursor of a row.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Page<T> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(key) } else { None };
    Page { rows, next }
}
