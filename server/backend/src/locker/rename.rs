//! A business gets another name: the new one is added, its people follow at once, its orders and where their evidence is filed in batches, and then
//! the old one goes. It can be left at any time and goes on: from the first moment nothing new belongs to the old name, and its history says what it
//! becomes.

use super::orders::{COLUMNS, OrderRow};
use super::search;
use crate::core::db::{row, sql};
use crate::core::text::one_line;
use crate::identity::{Actor, changes, require, signed_in};
use crate::{Backend, Result};
use domain::changes::{About, Deed, between};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Phone};
use domain::locker::orders::ReadySoFar;
use domain::people::{Person, Role};

/// Orders of one transaction.
const BATCH: i64 = 200;
const NAME_MAX: u32 = 100;

/// Operators: begins to rename a business, and renames up to `batches` batches of its orders. The name of another business is refused.
#[crate::boxed]
pub async fn business(b: &Backend, who: &Person, old: &BusinessName, new: &str, batches: u32) -> Result<ReadySoFar> {
    require(who, &[Role::Operator])?;
    let new = BusinessName(one_line("newName", new, NAME_MAX, false)?);
    if new == *old {
        return Ok(ReadySoFar::default());
    }
    if becomes(b, who, old).await?.as_ref() != Some(&new) {
        begin(b, who, old, &new).await?;
    }
    orders(b, old, &new, batches).await
}

/// Operators: renames more orders of a business that is being renamed.
#[crate::boxed]
pub async fn go_on(b: &Backend, who: &Person, old: &BusinessName, batches: u32) -> Result<ReadySoFar> {
    let new = becomes(b, who, old).await?.ok_or(Refusal::Unknown)?;
    orders(b, old, &new, batches).await
}

/// Operators: what a business is being renamed to; `None` if it is not being renamed.
#[crate::boxed]
pub async fn becomes(b: &Backend, who: &Person, old: &BusinessName) -> Result<Option<BusinessName>> {
    let there = sql!(
        "SELECT 1 FROM businesses WHERE name = $1 AND retired_at IS NOT NULL",
        old.as_str()
    );
    let there: Option<i64> = b.db().optional(there).await?;
    let changes = changes::list(b, who, &About::Business(old.clone())).await?;
    if there.is_none() {
        return Ok(None);
    }
    let newest = changes.first().map(|change| change.at);
    let mut values = changes
        .into_iter()
        .filter(|change| Some(change.at) == newest)
        .flat_map(|change| change.values);
    let renamed = values.find(|value| value.field == "name" && value.was == old.0);
    Ok(renamed.map(|value| BusinessName(value.is)))
}

async fn begin(b: &Backend, who: &Person, old: &BusinessName, new: &BusinessName) -> Result<()> {
    row! {
        struct Row {
            retired_at: Option<i64>,
            added_at: i64,
        }
    }
    let (now, actor) = (b.now().0, Actor::from(who));
    let mut tx = b.db().begin().await?;
    let before = sql!(
        "SELECT retired_at, added_at FROM businesses WHERE name = $1",
        old.as_str()
    );
    let before: Option<Row> = tx.optional(before).await?;
    let before = before.ok_or(Refusal::Unknown)?;
    let added = sql!(
        "INSERT INTO businesses (name, added_at, retired_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        new.as_str(),
        before.added_at,
        before.retired_at
    );
    if tx.execute(added).await? == 0 {
        tx.rollback().await?;
        return Err(Refusal::field("newName", Problem::Taken));
    }
    tx.execute(sql!(
        "UPDATE businesses SET retired_at = $2 WHERE name = $1",
        old.as_str(),
        now
    ))
    .await?;
    let values = between([("name", old.as_str(), new.as_str())]);
    for about in [old, new].map(|name| About::Business(name.clone())) {
        changes::note(b, &mut tx, &about, Deed::Corrected, &actor, &values).await?;
    }
    let moved = sql!(
        "UPDATE people SET business = $2 WHERE business = $1 RETURNING phone",
        old.as_str(),
        new.as_str()
    );
    let moved: Vec<String> = tx.all(moved).await?;
    let values = between([("business", old.as_str(), new.as_str())]);
    for phone in moved.into_iter().map(Phone) {
        signed_in::changes(b, &mut tx, &phone);
        changes::note(b, &mut tx, &About::Person(phone), Deed::Corrected, &actor, &values).await?;
    }
    tx.commit().await
}

/// Batches of orders, and the end once none is left.
async fn orders(b: &Backend, old: &BusinessName, new: &BusinessName, batches: u32) -> Result<ReadySoFar> {
    let mut so_far = ReadySoFar::default();
    for _ in 0..batches {
        let made = batch(b, old, new).await?;
        so_far.made += made;
        if made == 0 {
            b.db()
                .execute(sql!("DELETE FROM businesses WHERE name = $1", old.as_str()))
                .await?;
            return Ok(so_far);
        }
    }
    so_far.next = Some(old.0.clone());
    Ok(so_far)
}

async fn batch(b: &Backend, old: &BusinessName, new: &BusinessName) -> Result<u32> {
    let keys = sql!(
        "SELECT things_sq FROM orders WHERE business = $1 ORDER BY customer_no, things_sq LIMIT $2",
        old.as_str(),
        BATCH
    );
    let mut keys: Vec<String> = b.db().all(keys).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    // In one order everywhere, so that two who change them at once wait for each other.
    keys.sort_unstable();
    let count = keys.len();
    let keys = || keys.iter().map(String::as_str);
    let mut tx = b.db().begin().await?;
    let moved = sql!(
        "UPDATE orders SET business = $2 WHERE business = $1 AND things_sq IN ({keys}) RETURNING {columns}"
        { keys: list(3, count), columns: text(COLUMNS) },
        old.as_str(),
        new.as_str()
    );
    let moved: Vec<OrderRow> = tx.all(moved.bind_all(keys()).once()).await?;
    // Filed under the new name; nothing of what it says changes.
    let filed = sql!(
        "UPDATE evidence SET business = $2 WHERE business = $1 AND things_sq IN ({keys})" { keys: list(3, count) },
        old.as_str(),
        new.as_str()
    );
    tx.execute(filed.bind_all(keys()).once()).await?;
    let count = u32::try_from(moved.len()).unwrap_or(u32::MAX);
    for row in moved {
        search::note_again(&mut tx, &row.order()?).await?;
    }
    tx.commit().await?;
    // They are committed either way; what is not done now is done in the background.
    let _kept_up = search::keep_up(b).await;
    Ok(count.max(1))
}
