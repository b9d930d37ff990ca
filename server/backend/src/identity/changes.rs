//! What operators changed of people, businesses and kiosks. Rows are only ever added, in the transaction of the change.

use crate::core::db::{Tx, fault, readable, row, sql, word};
use crate::core::keys::random_text;
use crate::identity::{Actor, people, require};
use crate::{Backend, Result};
use domain::changes::{About, Changed, Deed};
use domain::ids::{Millis, Phone};
use domain::locker::history::Change;
use domain::people::{Person, Role};

/// More than anybody reads.
const MOST: i64 = 200;

/// Notes a change.
pub(crate) async fn note(
    b: &Backend,
    tx: &mut Tx,
    about: &About,
    deed: Deed,
    who: &Actor,
    values: &[Change],
) -> Result<()> {
    let at = b.now();
    let id = format!("{:015}{}", at.0.max(0), random_text::<9>(b.rng()));
    let noted = sql!(
        "INSERT INTO changes (about, id, at, what, who, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        about.to_string(),
        id,
        at.0,
        word(deed)?,
        who.phone().map(Phone::as_str),
        serde_json::to_string(values).map_err(fault)?
    );
    tx.execute(noted).await?;
    Ok(())
}

/// Was this done again after that moment?
pub(crate) async fn is_newer(tx: &mut Tx, about: &About, deed: Deed, than: Millis) -> Result<bool> {
    let newer: Option<i64> = tx
        .optional(sql!(
            "SELECT at FROM changes WHERE about = $1 AND id > $2 AND at > $3 AND what = $4 LIMIT 1",
            about.to_string(),
            format!("{:015}", than.0.max(0)),
            than.0,
            word(deed)?
        ))
        .await?;
    Ok(newer.is_some())
}

/// Operators: what was changed of this, the newest first.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, about: &About) -> Result<Vec<Changed>> {
    require(who, &[Role::Operator])?;
    row! {
        struct Row {
            id: String,
            at: i64,
            what: String,
            who: Option<String>,
            detail: String,
        }
    }
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT id, at, what, who, detail FROM changes WHERE about = $1 ORDER BY id DESC LIMIT $2",
            about.to_string(),
            MOST
        ))
        .await?;
    let mut phones: Vec<String> = rows.iter().filter_map(|row| row.who.clone()).collect();
    phones.sort_unstable();
    phones.dedup();
    let names = people::names(b, &phones).await?;
    let changes = rows.into_iter().filter_map(|row| {
        let Some(deed) = readable::<Deed>(row.what) else {
            b.damage().note("changes", format_args!("{about} {}", row.id));
            return None;
        };
        Some(Changed {
            at: Millis(row.at),
            deed,
            who_name: row.who.as_ref().and_then(|phone| names.get(phone)).cloned(),
            who: row.who.map(Phone),
            values: serde_json::from_str(&row.detail).unwrap_or_default(),
        })
    });
    Ok(changes.collect())
}
