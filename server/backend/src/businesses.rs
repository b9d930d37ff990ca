//! Businesses (업체): the contractors whose people fetch meters.

use crate::db::{contains_pattern, parameters, row, sql};
use crate::{Actor, Backend, Result, one_line, page, page_limit, require};
pub use domain::businesses::Business;
use domain::error::{Problem, Refusal};
use domain::ids::BusinessName;
use domain::locker::orders::Page;
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
    let names: Vec<String> = b
        .db()
        .all(sql!(
            "SELECT name FROM businesses WHERE name > $1 AND lower(name) LIKE $2 ESCAPE '\\' ORDER BY name LIMIT $3",
            cursor.unwrap_or_default(),
            contains_pattern(&query.to_lowercase()),
            i64::from(limit) + 1
        ))
        .await?;
    let names = page(names, limit, |name| name.clone());
    let people = counts(b, "people", &names.rows).await?;
    let orders = counts(b, "orders", &names.rows).await?;
    let count =
        |of: &HashMap<String, i64>, name: &str| u32::try_from(of.get(name).copied().unwrap_or(0)).unwrap_or(u32::MAX);
    let rows = names.rows.into_iter().map(|name| Business {
        people: count(&people, &name),
        orders: count(&orders, &name),
        name: BusinessName(name),
    });
    Ok(Page {
        rows: rows.collect(),
        next: names.next,
    })
}

/// How many rows of `table` belong to each of these businesses.
async fn counts(b: &Backend, table: &str, names: &[String]) -> Result<HashMap<String, i64>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT business, count(*) AS number FROM {table} WHERE business IN ({}) GROUP BY business",
        parameters(1, names.len())
    );
    let mut query = sql!(&sql).once();
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
    let added = b
        .db()
        .execute(sql!(
            "INSERT INTO businesses (name, added_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            name.as_str(),
            b.now().0
        ))
        .await?;
    if added == 0 {
        return Err(Refusal::field("name", Problem::Taken));
    }
    Ok(Business {
        name,
        people: 0,
        orders: 0,
    })
}

/// Operators: every name, for a choice in a form.
#[crate::boxed]
pub async fn all_names(b: &Backend, who: &Person) -> Result<Vec<BusinessName>> {
    require(who, &[Role::Operator])?;
    let rows: Vec<String> = b.db().all(sql!("SELECT name FROM businesses ORDER BY name")).await?;
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

/// Those of these names that are businesses.
pub(crate) async fn among(b: &Backend, names: &[&str]) -> Result<HashSet<String>> {
    if names.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT name FROM businesses WHERE name IN ({})",
        parameters(1, names.len())
    );
    let mut query = sql!(&sql).once();
    for name in names {
        query = query.bind(*name);
    }
    let rows = b.db().all::<String>(query).await?;
    Ok(rows.into_iter().collect())
}
