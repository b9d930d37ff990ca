//! Which deployment a database belongs to: the one with its master key. A node with another key would seal what nobody else can open, so
//! it does not start. Nor does one that lacks a key something is still sealed under, nor any node on a copy that was not finished.

use crate::core::OpenError;
use crate::core::db::{Db, open_error, sql};
use crate::core::facts;
use crate::core::keys::Keys;
use crate::maintenance::rotation;
use std::path::Path;

/// Stands in `settings` while `latchkey copy` fills a database.
pub(crate) const COPYING: &str = "copying";
/// Keyed hashes of the master keys this deployment has had, in `settings`.
pub(crate) const KEY_CHECK: &str = "key-check";
/// Columns that hold something sealed, for databases that are older than their key check.
const SAMPLES: [&str; 2] = [
    "SELECT secret FROM kiosks LIMIT 1",
    "SELECT device_key FROM guards LIMIT 1",
];

/// Refuses a database these keys are not for, or not all of what is sealed there; the first who comes to a new one decides whose it is.
/// Keys that were rotated out sign nothing any more.
pub(crate) async fn admit(db: &Db, keys: &mut Keys, data_dir: &Path) -> Result<(), OpenError> {
    if fact(db, COPYING).await?.is_some() {
        return Err(OpenError::UnfinishedCopy);
    }
    let own = keys.checks().map_err(failed)?;
    if belongs(db, keys, &own).await? {
        let known = fact(db, KEY_CHECK).await?.unwrap_or_default();
        let known = without_missing(db, keys, &own, known, data_dir).await?;
        let known: Vec<&str> = known.split(' ').collect();
        return keys.retire_but(&known).map_err(failed);
    }
    // A key made a moment ago has sealed nothing. Left there, it would be taken for the right one later.
    keys.forget_if_just_made();
    Err(OpenError::OtherMasterKey {
        data_dir: data_dir.display().to_string(),
    })
}

/// The checks of the keys values may be sealed under. One that is missing here is forgotten if nothing is sealed under it any more, unless
/// it is the newest: then another node seals under it.
async fn without_missing(
    db: &Db,
    keys: &Keys,
    own: &[String],
    known: String,
    data_dir: &Path,
) -> Result<String, OpenError> {
    let is_own = |check: &str| own.iter().any(|one| one == check);
    if known.split(' ').all(is_own) {
        return Ok(known);
    }
    let newest_is_missing = !known.split(' ').next_back().is_some_and(is_own);
    if newest_is_missing || rotation::sealed_under_others(db, keys).await.map_err(failed)? {
        return Err(OpenError::MissingMasterKey {
            data_dir: data_dir.display().to_string(),
        });
    }
    let kept: Vec<&str> = known.split(' ').filter(|check| is_own(check)).collect();
    let kept = kept.join(" ");
    db.write()
        .try_execute(facts::replace(KEY_CHECK, &known, &kept))
        .await
        .map_err(failed)?;
    Ok(kept)
}

async fn belongs(db: &Db, keys: &Keys, own: &[String]) -> Result<bool, OpenError> {
    let Some(first) = own.first() else { return Ok(false) };
    if fact(db, KEY_CHECK).await?.is_none() {
        if !sealed_by(db, keys).await? {
            return Ok(false);
        }
        db.write()
            .try_execute(facts::write_if_absent(KEY_CHECK, first))
            .await
            .map_err(|error| open_error(&error))?;
    }
    // Read again: of two who came first at once, one was faster.
    loop {
        let known = fact(db, KEY_CHECK).await?.unwrap_or_default();
        let is_known = |check: &String| known.split(' ').any(|one| one == check);
        if is_known(first) {
            return Ok(true);
        }
        if !own.iter().any(is_known) {
            return Ok(false);
        }
        // A new key was put in front of one that is known; others may come without the old one later.
        let added = db
            .write()
            .try_execute(facts::replace(KEY_CHECK, &known, format!("{known} {first}")))
            .await
            .map_err(|error| open_error(&error))?;
        if added == 1 {
            return Ok(true);
        }
    }
}

/// Whether what is sealed there already, if anything is, was sealed by one of these keys.
async fn sealed_by(db: &Db, keys: &Keys) -> Result<bool, OpenError> {
    for sql in SAMPLES {
        let row: Option<String> = db
            .write()
            .try_optional(sql!("{sample}" { sample: one_of(SAMPLES, sql) }))
            .await
            .map_err(|error| open_error(&error))?;
        if row.is_some_and(|sealed| !keys.sealed(&sealed)) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn fact(db: &Db, name: &str) -> Result<Option<String>, OpenError> {
    let value = db.write().try_optional(facts::read(name)).await;
    value.map_err(|error| open_error(&error))
}

fn failed(error: impl std::fmt::Display) -> OpenError {
    OpenError::Database(error.to_string())
}
