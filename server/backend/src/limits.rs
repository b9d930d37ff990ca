//! Counting tries, in the database so that a limit holds for all nodes together.

use crate::db::fault;
use crate::{Backend, Result};
use domain::error::Refusal;

/// Counts one more try of `key`. More than `max` within `window_ms` of the first are refused with [`Refusal::TooMany`].
pub async fn count(b: &Backend, key: &str, max: u32, window_ms: i64) -> Result<()> {
    let now = b.now().0;
    let (tries, ends): (i64, i64) = sqlx::query_as(
        "INSERT INTO limits (what, tries, ends) VALUES ($1, 1, $2)
         ON CONFLICT (what) DO UPDATE SET
             tries = CASE WHEN limits.ends <= $3 THEN 1 ELSE limits.tries + 1 END,
             ends = CASE WHEN limits.ends <= $3 THEN excluded.ends ELSE limits.ends END
         RETURNING tries, ends",
    )
    .bind(key)
    .bind(now.saturating_add(window_ms))
    .bind(now)
    .fetch_one(b.db().write())
    .await
    .map_err(fault)?;
    if tries <= i64::from(max) {
        return Ok(());
    }
    let seconds = (ends - now).max(0) / 1000 + 1;
    Err(Refusal::TooMany {
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    })
}

/// Takes one try back: it was no failure.
pub(crate) async fn uncount(b: &Backend, key: &str) -> Result<()> {
    sqlx::query("UPDATE limits SET tries = tries - 1 WHERE what = $1 AND tries > 0")
        .bind(key)
        .execute(b.db().write())
        .await
        .map_err(fault)?;
    Ok(())
}

/// Starts anew with `key`.
pub(crate) async fn forget(b: &Backend, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM limits WHERE what = $1")
        .bind(key)
        .execute(b.db().write())
        .await
        .map_err(fault)?;
    Ok(())
}
