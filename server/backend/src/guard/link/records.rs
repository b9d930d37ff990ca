//! Storing what a guard reports.

use crate::core::db::{read_sound, row, sql};
use crate::guard::grants;
use crate::guard::guards::default_passwords;
use crate::guard::record_writer::NewRecord;
use crate::guard::records::{self, Info};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::{Key, Series};
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::guard::link::{Attempt, Happening, MAX_RECORDS, Record};
use domain::ids::Millis;

/// A record may be ahead of our clock by this much; one further ahead was made by a clock that does not know the time.
const AHEAD_MS: i64 = 10 * 60 * 1000;

/// Stores what follows without a gap on what is stored; repeats are ignored, and what lies behind a gap is not stored. At most
/// [`MAX_RECORDS`] at once. Answers the number up to which everything is stored.
#[crate::boxed]
pub async fn store_records(b: &Backend, guard_id: &GuardId, records: &[Record]) -> Result<i64> {
    let records = &records[..records.len().min(MAX_RECORDS)];
    let row: Option<OwnerRow> = read_sound!(b, ["default_password1", "default_password2"], |[
        default_password1,
        default_password2,
    ]| {
        let owner = sql!(
            "SELECT owner, owned_since, {first} AS default_password1, {second} AS default_password2, added_at
             FROM guards WHERE guard_id = $1"
            { first: sealed(default_password1), second: sealed(default_password2) },
            guard_id.as_str()
        );
        b.db().read().try_optional(owner).await
    })?;
    let guard = row.ok_or(Refusal::Unknown)?;
    let mut numbers: Vec<&ServiceNumb> = records.iter().filter_map(service_numb).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let contents = grants::contents(b, guard_id, &numbers).await?;
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let (at, uncertainty_ms) = plausible(record, Millis(guard.added_at), b.latest());
        let owner = owner_at(b, guard_id, &guard, at).await?;
        let series = series(&record.what);
        let mut info = Info::of(&record.what, |number| {
            let content = contents.get(&(series?, number.clone()));
            content.map(AsRef::as_ref)
        });
        if let Some(number) = info.default_password
            && Some(at.0) >= guard.owned_since
        {
            let sealed = [guard.default_password1.as_deref(), guard.default_password2.as_deref()];
            let known = default_passwords(b, guard_id, sealed);
            info.password = known.into_iter().nth(usize::from(number).wrapping_sub(1)).flatten();
        }
        rows.push(new_record(b, guard_id, record, (at, uncertainty_ms), owner, &info)?);
    }
    b.guards().record_writer.store(guard_id, rows).await
}

fn new_record(
    b: &Backend,
    guard_id: &GuardId,
    record: &Record,
    (at, uncertainty_ms): (Millis, Option<i64>),
    owner: String,
    info: &Info,
) -> Result<NewRecord> {
    let (way, opened, reason) = match &record.what {
        Happening::Opened { attempt, .. } => (records::way_number(attempt), true, None),
        Happening::Refused { attempt, reason, .. } => (records::way_number(attempt), false, Some(reason.as_str())),
        Happening::Door { state } => (records::WAY_DOOR, false, Some(state.as_str())),
        Happening::Lost { .. } => (records::WAY_LOST, false, None),
    };
    Ok(NewRecord {
        owner,
        at: at.0,
        seq: record.seq,
        first: record.first(),
        way,
        opened,
        reason,
        service_numb: service_numb(record).map(|number| number.as_str().to_owned()),
        info: info.seal(b, guard_id, record.seq)?,
        uncertainty_ms,
        received_at: b.now().0,
    })
}

row! {
    /// A guard as far as whose its records are.
    struct OwnerRow {
        owner: Option<String>,
        owned_since: Option<i64>,
        default_password1: Option<String>,
        default_password2: Option<String>,
        added_at: i64,
    }
}

/// Of which series the number in a record is.
fn series(what: &Happening) -> Option<Series> {
    match what {
        Happening::Opened { attempt, .. } | Happening::Refused { attempt, .. } => Some(match attempt {
            Attempt::Card { .. } => Series::Card,
            Attempt::Password { .. } => Series::Password,
        }),
        Happening::Door { .. } | Happening::Lost { .. } => None,
    }
}

/// The authorisation a record names.
fn service_numb(record: &Record) -> Option<&ServiceNumb> {
    match &record.what {
        Happening::Opened {
            key: Key::Grant { service_numb },
            ..
        } => Some(service_numb),
        Happening::Refused { service_numb, .. } => service_numb.as_ref(),
        _ => None,
    }
}

/// When it was, and how sure that is. A time before the guard was in the inventory, or ahead of ours, is that of a clock that is wrong
/// without knowing: then it is known only when the record came.
fn plausible(record: &Record, not_before: Millis, now: Millis) -> (Millis, Option<i64>) {
    if record.at >= not_before && record.at <= now.plus(AHEAD_MS) {
        (record.at, record.uncertainty_ms)
    } else {
        (now, None)
    }
}

/// Whose the guard was; empty while it was nobody's.
async fn owner_at(b: &Backend, guard_id: &GuardId, guard: &OwnerRow, at: Millis) -> Result<String> {
    if let (Some(owner), Some(since)) = (&guard.owner, guard.owned_since)
        && at.0 >= since
    {
        return Ok(owner.clone());
    }
    let row: Option<String> = b
        .db()
        .optional(sql!(
            "SELECT owner FROM ownerships WHERE guard_id = $1 AND since <= $2 AND (until IS NULL OR until > $2)
         ORDER BY since DESC LIMIT 1",
            guard_id.as_str(),
            at.0
        ))
        .await?;
    Ok(row.unwrap_or_default())
}
