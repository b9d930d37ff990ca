//! Taking back a deposit that was just completed: the wrong customer was tapped.

use super::{order_within, status_refusal};
use crate::core::db::{Tx, sql};
use crate::identity::require;
use crate::locker::history::{self, Step};
use crate::locker::scans::{self, Scan};
use crate::locker::{kiosks, orders};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, ThingsSq};
use domain::locker::history::{Happening, Source};
use domain::locker::orders::{Order, Place};
use domain::people::{Person, Role};
use domain::token::{Command, CompartmentFields};

/// How long a deposit can be taken back: ten seconds on a screen, and time for the tap to arrive.
pub const UNDO_MS: i64 = 15_000;

/// Takes back the deposit of an order that this person completed less than [`UNDO_MS`] ago: the order is ready again, and the compartment waits
/// for its order, as it did after the scan. A code that names its order can be completed with no other one, so that is not taken back.
#[crate::boxed]
pub async fn undo(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<Order> {
    require(who, &[Role::Staff])?;
    let order = orders::get(b, who, things_sq).await?;
    let refused = || status_refusal(order.status);
    let place = order.place.clone().ok_or_else(refused)?;
    let scan = scan_of(b, who, &place).await?.ok_or_else(refused)?;
    let since = b.now().plus(-UNDO_MS);
    let mut tx = b.db().begin().await?;
    kiosks::take(b, &mut tx, place.yid, true).await?;
    let before = order_within(&mut tx, things_sq).await?;
    if !make_ready(&mut tx, who, things_sq, since).await? {
        return Err(status_refusal(before.status));
    }
    if !empty(&mut tx, things_sq, &place).await? || !scans::reopen_done(&mut tx, &scan, since).await? {
        return Err(Refusal::CompartmentTaken);
    }
    let step = Step {
        place: Some(place),
        source: Source::Phone,
        ..orders::server_step(&before, Happening::Undone, b.now(), Some(&who.phone))
    };
    history::note(b, &mut tx, &[step]).await?;
    let order = order_within(&mut tx, things_sq).await?;
    tx.commit().await?;
    Ok(order)
}

/// Can this person take back the deposit of this order now?
#[crate::boxed]
pub async fn can_undo(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<bool> {
    require(who, &[Role::Staff])?;
    let order = orders::get(b, who, things_sq).await?;
    let just_now = order.stored_at.is_some_and(|at| b.now().since(at) <= UNDO_MS);
    match &order.place {
        Some(place) if just_now && order.stored_by.as_ref() == Some(&who.phone) => {
            Ok(scan_of(b, who, place).await?.is_some())
        }
        _ => Ok(false),
    }
}

/// This person's newest scan of the compartment, unless it names its order.
async fn scan_of(b: &Backend, who: &Person, place: &Place) -> Result<Option<Scan>> {
    for scan in scans::recent(b, who, Command::OpenToSave, Some(place.yid)).await? {
        let Some(fields) = scan.data::<CompartmentFields>(b) else {
            continue;
        };
        if fields.port() == place.port {
            return Ok(fields.things_sq.is_none().then_some(scan));
        }
    }
    Ok(None)
}

/// C becomes B again. The condition in the statement decides, as it does the other way round.
async fn make_ready(tx: &mut Tx, who: &Person, things_sq: &ThingsSq, since: Millis) -> Result<bool> {
    let ready = tx.execute(sql!(
        "UPDATE orders SET status = 'B', yid = NULL, jumper = NULL, serial = NULL, label = NULL, stored_at = NULL, stored_by = NULL
             WHERE things_sq = $1 AND status = 'C' AND stored_by = $2 AND stored_at >= $3",
        things_sq.as_str(),
        who.phone.as_str(),
        since.0,
    )).await?;
    Ok(ready == 1)
}

/// What lies in the compartment stays known; whose it is does not.
async fn empty(tx: &mut Tx, things_sq: &ThingsSq, place: &Place) -> Result<bool> {
    let emptied = tx.execute(sql!(
        "UPDATE compartments SET things_sq = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq = $4 AND status = 'A'",
        place.yid.0,
        place.port.jumper,
        place.port.serial,
        things_sq.as_str(),
    )).await?;
    Ok(emptied == 1)
}
