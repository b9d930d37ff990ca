//! Scans that a phone without network made, and sends later: believed by their own time, if the kiosk says the same.

use crate::core::db::{sql, word};
use crate::locker::dates::AHEAD_MS;
use crate::locker::kiosks::{self, CompartmentState};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::token::CompartmentFields;

/// A phone keeps what it could not send for this long.
pub const LATE_MS: i64 = 7 * 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// Events of a kiosk that are looked through, from the newest; no kiosk makes more in a week.
const LOOKED_AT: i64 = 5_000;

/// Refuses a time that no phone can mean.
pub(super) fn believable(b: &Backend, scanned_at: Millis) -> Result<Millis> {
    let age = b.now().since(scanned_at);
    if age > LATE_MS {
        Err(Refusal::CodeExpired)
    } else if age < -AHEAD_MS {
        Err(Refusal::CodeFromFuture)
    } else {
        Ok(scanned_at)
    }
}

/// Whether the kiosk itself reported what the code says: this door, under this label, closed on something in this minute. Its events show that, and
/// so do its data where the same thing is in that door still: a kiosk without network has nothing else to report by.
pub(super) async fn was_reported(b: &Backend, yid: Yid, fields: &CompartmentFields) -> Result<()> {
    let not_heard = || Refusal::KioskNotHeard;
    let stored_at = Millis::from_iso(&fields.save_date).ok_or_else(not_heard)?;
    let door = kiosks::state(b, yid, fields.port()).await?;
    let door = door.filter(|door| door.label == fields.label).ok_or_else(not_heard)?;
    if is_in(b, yid, &door, fields) {
        return Ok(());
    }
    let minute = stored_at.0.div_euclid(MINUTE_MS) * MINUTE_MS;
    let reported: Option<i64> = b
        .db()
        .optional(sql!(
            "SELECT seq FROM events WHERE yid = $1 AND seq > (SELECT acked_seq FROM kiosks WHERE yid = $1) - $2
             AND jumper = $3 AND serial = $4 AND at >= $5 AND at < $6 AND (kind = $7 OR kind = $8 AND detail = 'stored') LIMIT 1",
            yid.0,
            LOOKED_AT,
            fields.jumper,
            fields.serial,
            minute,
            minute + MINUTE_MS,
            word(EventKind::DepositClosed)?,
            word(EventKind::Settled)?,
        ))
        .await?;
    reported.map(|_| ()).ok_or_else(not_heard)
}

/// By the kiosk's data what the code speaks of is in this door now.
fn is_in(b: &Backend, yid: Yid, door: &CompartmentState, fields: &CompartmentFields) -> bool {
    door.status(b, yid) == CompartmentStatus::Stored
        && door.save_date.as_ref() == Some(&fields.save_date)
        && door.pwd(b, yid).as_ref() == Some(&fields.pwd)
}
