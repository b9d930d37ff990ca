//! Businesses (업체): the contractors whose people fetch meters.

use crate::core::db::{contains_pattern, row, sql};
use crate::core::paging::{self, page, page_limit};
use crate::core::text::one_line;
use crate::identity::{Actor, changes, require};
use crate::{Backend, Result};
pub use domain::businesses::Business;
use domain::changes::{About, Deed};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Millis};
use domain::locker::orders::{Page, PagePlace};
use domain::people::{Person, Role};
use std::collections::{HashMap, HashSet};

const NAME_MAX: u32 = 100;
/// Enough to know a file by.
const WORDS_MAX: i64 = 5_000;

/// Operators: businesses whose name contains `query`, by name.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, query: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Business>> {
    require(who, &[Role::Operator])?;
    let limit = page_limit(limit);
    let query = one_line("query", query, NAME_MAX, true)?;
    let names: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT name, retired_at FROM businesses WHERE name > $1 AND lower(name) LIKE $2 ESCAPE '\\' ORDER BY name LIMIT $3",
            cursor.unwrap_or_default(),
            contains_pattern(&query.to_lowercase()),
            i64::from(limit) + 1
        ))
        .await?;
    let names = page(names, limit, |row| row.name.clone());
    Ok(Page {
        rows: counted(b, names.rows).await?,
        next: names.next,
    })
}

const PAGED: paging::Of = paging::Of {
    table: "businesses",
    key: "name",
    wanted: "lower(name) LIKE $1 ESCAPE '\\'",
};

#[cfg(test)]
crate::core::db::family!(|| PAGED.texts());

/// Operators: where this page of those businesses begins, by name.
#[crate::boxed]
pub async fn numbered(b: &Backend, who: &Person, query: &str, page: u64, rows: u32) -> Result<PagePlace> {
    require(who, &[Role::Operator])?;
    let query = one_line("query", query, NAME_MAX, true)?;
    let pattern = contains_pattern(&query.to_lowercase());
    paging::place(b, &PAGED, &[&pattern], page, rows).await
}

row! {
    struct Row {
        name: String,
        retired_at: Option<i64>,
    }
}

/// These, with how many people and orders each has.
async fn counted(b: &Backend, rows: Vec<Row>) -> Result<Vec<Business>> {
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let people = counts(b, "people", &names).await?;
    let orders = counts(b, "orders", &names).await?;
    let count =
        |of: &HashMap<String, i64>, name: &str| u32::try_from(of.get(name).copied().unwrap_or(0)).unwrap_or(u32::MAX);
    let businesses = rows.into_iter().map(|row| Business {
        people: count(&people, &row.name),
        orders: count(&orders, &row.name),
        name: BusinessName(row.name),
        retired_at: row.retired_at.map(Millis),
    });
    Ok(businesses.collect())
}

/// Operators: one business.
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, name: &BusinessName) -> Result<Business> {
    require(who, &[Role::Operator])?;
    let found = sql!("SELECT name, retired_at FROM businesses WHERE name = $1", name.as_str());
    let row: Option<Row> = b.db().optional(found).await?;
    let found = counted(b, vec![row.ok_or(Refusal::Unknown)?]).await?;
    found.into_iter().next().ok_or(Refusal::Unknown)
}

/// Nobody is added to a retired business, and no order is added or moved to it. Its people and orders stay what they are.
#[crate::boxed]
pub async fn set_retired(b: &Backend, who: &Person, name: &BusinessName, retired: bool) -> Result<()> {
    require(who, &[Role::Operator])?;
    let now = b.now().0;
    let (changed, deed) = if retired {
        let retire = sql!(
            "UPDATE businesses SET retired_at = $2 WHERE name = $1 AND retired_at IS NULL",
            name.as_str(),
            now
        );
        (retire, Deed::Retired)
    } else {
        let restore = sql!(
            "UPDATE businesses SET retired_at = NULL WHERE name = $1 AND retired_at IS NOT NULL AND retired_at <= $2",
            name.as_str(),
            now
        );
        (restore, Deed::Restored)
    };
    let mut tx = b.db().begin().await?;
    if tx.execute(changed).await? == 0 {
        tx.rollback().await?;
        // It has this state already, or does not exist.
        return get(b, who, name).await.map(|_| ());
    }
    changes::note(b, &mut tx, &About::Business(name.clone()), deed, &who.into(), &[]).await?;
    tx.commit().await
}

/// How many rows of `table` belong to each of these businesses.
async fn counts(b: &Backend, table: &str, names: &[String]) -> Result<HashMap<String, i64>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = sql!(
        "SELECT business, count(*) AS number FROM {table} WHERE business IN ({names}) GROUP BY business"
        { table: one_of(["people", "orders"], table), names: list(1, names.len()) }
    )
    .once();
    for name in names {
        query = query.bind(name);
    }
    row! {
        struct Count {
            business: String,
            number: i64,
        }
    }
    let counts: Vec<Count> = b.db().all(query).await?;
    Ok(counts.into_iter().map(|count| (count.business, count.number)).collect())
}

/// Adds a business.
#[crate::boxed]
pub async fn add(b: &Backend, who: &Actor, name: &str) -> Result<Business> {
    who.require_operator()?;
    let name = BusinessName(one_line("name", name, NAME_MAX, false)?);
    let mut tx = b.db().begin().await?;
    let added = tx
        .execute(sql!(
            "INSERT INTO businesses (name, added_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            name.as_str(),
            b.now().0
        ))
        .await?;
    if added == 0 {
        return Err(Refusal::field("name", Problem::Taken));
    }
    changes::note(b, &mut tx, &About::Business(name.clone()), Deed::Added, who, &[]).await?;
    tx.commit().await?;
    b.bus().work_changed();
    Ok(Business {
        name,
        people: 0,
        orders: 0,
        retired_at: None,
    })
}

/// Operators: every name that is in use, for a choice in a form.
#[crate::boxed]
pub async fn all_names(b: &Backend, who: &Person) -> Result<Vec<BusinessName>> {
    require(who, &[Role::Operator])?;
    let rows: Vec<String> = b
        .db()
        .all(sql!(
            "SELECT name FROM businesses WHERE retired_at IS NULL ORDER BY name"
        ))
        .await?;
    Ok(rows.into_iter().map(BusinessName).collect())
}

/// The names of businesses, as words that a file of orders probably holds.
pub(crate) async fn words(b: &Backend) -> Result<Vec<String>> {
    let names = sql!("SELECT name FROM businesses ORDER BY name LIMIT $1", WORDS_MAX);
    b.db().all(names).await
}

pub(crate) async fn exists(b: &Backend, name: &BusinessName) -> Result<bool> {
    Ok(!among(b, &[name.as_str()]).await?.is_empty())
}

/// Those of these names that are businesses in use.
pub(crate) async fn among(b: &Backend, names: &[&str]) -> Result<HashSet<String>> {
    if names.is_empty() {
        return Ok(HashSet::new());
    }
    let mut query = sql!(
        "SELECT name FROM businesses WHERE retired_at IS NULL AND name IN ({names})"
        { names: list(1, names.len()) }
    )
    .once();
    for name in names {
        query = query.bind(*name);
    }
    let rows = b.db().all::<String>(query).await?;
    Ok(rows.into_iter().collect())
}
