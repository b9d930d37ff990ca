//! What an operator sets of a kiosk: after how many days a deposit is overdue, and the PIN of its staff.

use super::{enrolment, in_range, take};
use crate::core::db::{Statement, fault, row, sql};
use crate::identity::{changes, require};
use crate::{Backend, Result};
use domain::changes::{About, Changed, Deed, between};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::locker::kiosk::pin;
use domain::locker::kiosks::Settings;
use domain::people::{Person, Role};

/// Operators and staff: the settings.
#[crate::boxed]
pub async fn settings(b: &Backend, who: &Person, yid: Yid) -> Result<Settings> {
    require(who, &[Role::Operator, Role::Staff])?;
    row! {
        struct Row {
            overdue_days: i64,
            pin_hash: Option<String>,
        }
    }
    let row: Option<Row> = b
        .db()
        .optional(sql!("SELECT overdue_days, pin_hash FROM kiosks WHERE yid = $1", yid.0))
        .await?;
    let row = row.ok_or(Refusal::Unknown)?;
    Ok(Settings {
        overdue_days: u32::try_from(row.overdue_days).unwrap_or_default(),
        has_pin: row.pin_hash.is_some(),
        code_expires: enrolment::open_until(b, yid).await?,
    })
}

/// After how many days a deposit is overdue, for the kiosk itself.
#[crate::boxed]
pub async fn overdue_days(b: &Backend, yid: Yid) -> Result<Option<i64>> {
    b.db().optional(overdue_days_of(yid)).await
}

fn overdue_days_of(yid: Yid) -> Statement<'static> {
    sql!("SELECT overdue_days FROM kiosks WHERE yid = $1", yid.0)
}

/// After how many days (1 to 365) a deposit is overdue.
#[crate::boxed]
pub async fn set_overdue_days(b: &Backend, who: &Person, yid: Yid, days: u32) -> Result<()> {
    change_overdue_days(b, who, yid, None, days).await.map(|_| ())
}

/// The same, as long as it is what the operator saw (`was`; `None`: whatever it is). Returns the days as they are, and whether that is what was
/// asked for: `false` where somebody else changed them since.
#[crate::boxed]
pub async fn change_overdue_days(
    b: &Backend,
    who: &Person,
    yid: Yid,
    was: Option<u32>,
    days: u32,
) -> Result<(u32, bool)> {
    require(who, &[Role::Operator])?;
    in_range("overdueDays", i64::from(days), 1, 365)?;
    let mut tx = b.db().begin().await?;
    take(b, &mut tx, yid, false).await?;
    let before: i64 = tx.one(overdue_days_of(yid)).await?;
    let before = u32::try_from(before).unwrap_or_default();
    if was.is_some_and(|was| was != before) {
        tx.rollback().await?;
        return Ok((before, before == days));
    }
    tx.execute(sql!(
        "UPDATE kiosks SET overdue_days = $2 WHERE yid = $1",
        yid.0,
        i64::from(days)
    ))
    .await?;
    let (was, is) = (before.to_string(), days.to_string());
    let values = between([("overdue_days", &was, &is)]);
    if !values.is_empty() {
        changes::note(b, &mut tx, &About::Kiosk(yid), Deed::Corrected, &who.into(), &values).await?;
    }
    tx.commit().await?;
    Ok((days, true))
}

/// Sets the staff PIN, 4 to 12 digits.
#[crate::boxed]
pub async fn set_pin(b: &Backend, who: &Person, yid: Yid, pin: &str) -> Result<()> {
    replace_pin(b, who, yid, None, pin).await.map(|_| ())
}

/// The same, unless another PIN was set since the newest change that the operator saw (`seen`; `None`: whatever there is). Then nothing is changed,
/// and who set it and when is returned; the PIN itself is readable to nobody.
#[crate::boxed]
pub async fn replace_pin(
    b: &Backend,
    who: &Person,
    yid: Yid,
    seen: Option<Millis>,
    pin: &str,
) -> Result<Option<Changed>> {
    require(who, &[Role::Operator])?;
    let hash = hashed(b, pin).await?;
    let mut tx = b.db().begin().await?;
    take(b, &mut tx, yid, false).await?;
    if let Some(seen) = seen
        && changes::is_newer(&mut tx, &About::Kiosk(yid), Deed::PinSet, seen).await?
    {
        tx.rollback().await?;
        let changes = changes::list(b, who, &About::Kiosk(yid)).await?;
        return Ok(changes.into_iter().find(|change| change.deed == Deed::PinSet));
    }
    tx.execute(sql!("UPDATE kiosks SET pin_hash = $2 WHERE yid = $1", yid.0, hash))
        .await?;
    changes::note(b, &mut tx, &About::Kiosk(yid), Deed::PinSet, &who.into(), &[]).await?;
    tx.commit().await?;
    Ok(None)
}

async fn hashed(b: &Backend, pin: &str) -> Result<String> {
    pin::validate(pin)?;
    let mut salt = [0; 16];
    b.rng().fill(&mut salt);
    let text = zeroize::Zeroizing::new(pin.to_owned());
    tokio::task::spawn_blocking(move || pin::hash(&text, salt))
        .await
        .map_err(fault)
}
