//! Completing a deposit: an order and a compartment are bound to each other.

mod undo;

pub use undo::{UNDO_MS, can_undo, undo};

use crate::core::db::{Tx, sql};
use crate::identity::require;
use crate::locker::dates::AHEAD_MS;
use crate::locker::history::{self, Step};
use crate::locker::kiosks::{self, CompartmentState, kind_word, pwd_context};
use crate::locker::orders;
use crate::locker::scans::{self, Scan};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::history::{Happening, Source};
use domain::locker::orders::{Order, OrderStatus, Place};
use domain::people::{Person, Role};
use domain::token::{Command, CompartmentFields};

/// Completes a deposit with the values of a code this person scanned (`PUT /v1/Powermeter/OpenToSave/:thingsSq`).
///
/// The same again by the same person, as after an answer that was lost, is answered with the order as long as all is as the deposit left it.
#[crate::boxed]
pub async fn complete(b: &Backend, who: &Person, things_sq: &ThingsSq, fields: CompartmentFields) -> Result<Order> {
    require(who, &[Role::Staff])?;
    exists(b, things_sq).await?;
    if fields.things_sq.as_ref().is_some_and(|sent| sent != things_sq) {
        return Err(Refusal::field("thingsSq", Problem::Contradicts));
    }
    let mut refusal = Refusal::NotScanned;
    for scan in scans::recent(b, who, Command::OpenToSave, None).await? {
        let Some(scanned) = scan.data::<CompartmentFields>(b) else {
            continue;
        };
        if scanned.port() != fields.port() {
            continue;
        }
        match agrees(&scanned, &fields) {
            Ok(()) => return bind(b, who, things_sq, &scan, &scanned).await,
            // The newest scan of that compartment is the one the caller means.
            Err(contradiction) if refusal == Refusal::NotScanned => refusal = contradiction,
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// The same from the scan itself, by its name.
#[crate::boxed]
pub async fn complete_scanned(b: &Backend, who: &Person, things_sq: &ThingsSq, token_id: &str) -> Result<Order> {
    require(who, &[Role::Staff])?;
    exists(b, things_sq).await?;
    let scan = scans::standing(b, who, token_id).await?;
    if scan.is_of(Command::SaveToData) {
        return Err(Refusal::CodeKind);
    }
    let scanned = scan.data(b).ok_or(Refusal::NotScanned)?;
    bind(b, who, things_sq, &scan, &scanned).await
}

/// The same with a code that this person's phone read without network at `scanned_at`, and for which the order was chosen at `chosen_at`, both by
/// the phone's clock: the 30 minutes lie between these two, not before now. The scan is stored if it was not yet ([`scans::read_late`]).
#[crate::boxed]
pub async fn complete_late(b: &Backend, who: &Person, things_sq: &ThingsSq, late: LateDeposit) -> Result<Order> {
    require(who, &[Role::Staff])?;
    exists(b, things_sq).await?;
    let name = match scans::read_late(b, who, &late.code, late.scanned_at).await {
        Ok(scanned) => scanned.token_id,
        // By this person, which is looked at next, or by another.
        Err(Refusal::CodeUsed) => scans::name_of(b, &late.code).await?,
        Err(refusal) => return Err(refusal),
    };
    let scan = scans::of_person(b, who, &name).await?.ok_or(Refusal::CodeUsed)?;
    let took = late.chosen_at.since(Millis(scan.scanned_at));
    if took > scans::SCAN_STANDS_MS || late.chosen_at > b.now().plus(AHEAD_MS) {
        return Err(Refusal::NotScanned);
    }
    if scan.is_of(Command::SaveToData) {
        return Err(Refusal::CodeKind);
    }
    let scanned = scan.data(b).ok_or(Refusal::NotScanned)?;
    bind(b, who, things_sq, &scan, &scanned).await
}

/// A deposit that a phone without network noted.
#[derive(Clone)]
pub struct LateDeposit {
    /// The kiosk's code, as it was read.
    pub code: String,
    /// When it was read.
    pub scanned_at: Millis,
    /// When the order was chosen.
    pub chosen_at: Millis,
}

/// Whether this person completed this order's deposit with this code already and all is as that left it, so that the answer to it is all that
/// can be missing.
#[crate::boxed]
pub async fn is_completed_with(b: &Backend, who: &Person, things_sq: &ThingsSq, code: &str) -> Result<bool> {
    let name = scans::name_of(b, code).await?;
    match complete_scanned(b, who, things_sq, &name).await {
        Ok(_) => Ok(true),
        Err(Refusal::OrderStatus { .. } | Refusal::NotScanned) => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

/// Whether this person's deposit of this order with this code was completed, whatever became of the order since. Changes nothing.
#[crate::boxed]
pub async fn was_completed(b: &Backend, who: &Person, things_sq: &ThingsSq, code: &str) -> Result<bool> {
    require(who, &[Role::Staff])?;
    let name = scans::name_of(b, code).await?;
    let Some(scan) = scans::of_person(b, who, &name).await? else {
        return Ok(false);
    };
    let order = orders::find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
    Ok(order.stored_by.as_ref() == Some(&who.phone) && scans::is_done(b.db().read(), &scan).await?)
}

async fn exists(b: &Backend, things_sq: &ThingsSq) -> Result<()> {
    orders::find(b, things_sq).await?.map(|_| ()).ok_or(Refusal::Unknown)
}

/// Whether what the caller sends is what was scanned. What a client leaves empty it does not claim.
fn agrees(scanned: &CompartmentFields, sent: &CompartmentFields) -> Result<()> {
    let contradicts = |field| Err(Refusal::field(field, Problem::Contradicts));
    if sent.pwd != scanned.pwd {
        return contradicts("pwd");
    }
    if !sent.save_date.is_empty() && sent.save_date != scanned.save_date {
        return contradicts("saveDate");
    }
    if !sent.label.is_empty() && sent.label != scanned.label {
        return contradicts("label");
    }
    Ok(())
}

/// The deposit, in one transaction.
async fn bind(
    b: &Backend,
    who: &Person,
    things_sq: &ThingsSq,
    scan: &Scan,
    fields: &CompartmentFields,
) -> Result<Order> {
    if fields.things_sq.as_ref().is_some_and(|named| named != things_sq) {
        return Err(Refusal::field("thingsSq", Problem::Contradicts));
    }
    let (yid, port) = (Yid(scan.yid), fields.port());
    let mut tx = b.db().begin().await?;
    let applied = kiosks::take(b, &mut tx, yid, true).await?;
    let state = kiosks::state_within(b, &mut tx, yid, port)
        .await?
        .ok_or(Refusal::Unknown)?;
    let place = Place {
        yid,
        port,
        label: state.label.clone(),
    };
    let before = order_within(&mut tx, things_sq).await?;
    if is_repeated(&mut tx, &before, &state, &place, scan, who).await? {
        return Ok(before);
    }
    if bound_by_sync(b, &before, &state, &place, fields) {
        name_depositor(&mut tx, &before, who).await?;
    } else {
        store_order(b, &mut tx, &before, &place, who).await?;
        still_free(b, yid, &state, fields, Millis(scan.made_at), applied)?;
        fill(b, &mut tx, yid, &state, fields, things_sq, Millis(scan.made_at)).await?;
    }
    if !scans::finish(b, &mut tx, scan).await? {
        return Err(Refusal::CodeUsed);
    }
    let step = Step {
        place: Some(place),
        source: Source::Phone,
        ..orders::server_step(&before, Happening::Stored, b.now(), Some(&who.phone))
    };
    history::note(b, &mut tx, &[step]).await?;
    let order = order_within(&mut tx, things_sq).await?;
    tx.commit().await?;
    Ok(order)
}

async fn order_within(tx: &mut Tx, things_sq: &ThingsSq) -> Result<Order> {
    tx.optional::<orders::OrderRow>(orders::row_of(things_sq))
        .await?
        .ok_or(Refusal::Unknown)?
        .order()
}

/// This person completed this order with this very scan, and order and compartment still name each other.
async fn is_repeated(
    tx: &mut Tx,
    order: &Order,
    state: &CompartmentState,
    place: &Place,
    scan: &Scan,
    who: &Person,
) -> Result<bool> {
    let as_left = stored_at(order, state, place) && order.stored_by.as_ref() == Some(&who.phone);
    Ok(as_left && scans::is_done(tx, scan).await?)
}

/// The order lies in this compartment, by what both say.
fn stored_at(order: &Order, state: &CompartmentState, place: &Place) -> bool {
    order.status == OrderStatus::Stored
        && order
            .place
            .as_ref()
            .is_some_and(|at| at.yid == place.yid && at.port == place.port)
        && state.things_sq.as_deref() == Some(order.things_sq.as_str())
}

/// The kiosk named the order itself and its data came first: all that is missing is who did it.
fn bound_by_sync(
    b: &Backend,
    order: &Order,
    state: &CompartmentState,
    place: &Place,
    fields: &CompartmentFields,
) -> bool {
    stored_at(order, state, place)
        && order.stored_by.is_none()
        && state.pwd(b, place.yid).is_none_or(|pwd| pwd == fields.pwd)
}

async fn name_depositor(tx: &mut Tx, order: &Order, who: &Person) -> Result<()> {
    let named = tx
        .execute(sql!(
            "UPDATE orders SET stored_by = $2 WHERE things_sq = $1 AND stored_by IS NULL",
            order.things_sq.as_str(),
            who.phone.as_str()
        ))
        .await?;
    if named == 1 {
        Ok(())
    } else {
        Err(status_refusal(order.status))
    }
}

fn status_refusal(status: OrderStatus) -> Refusal {
    Refusal::OrderStatus {
        status: status.letter().to_owned(),
    }
}

/// B becomes C. The condition in the statement decides between two who do this at once, on every engine.
async fn store_order(b: &Backend, tx: &mut Tx, order: &Order, place: &Place, who: &Person) -> Result<()> {
    if order.status != OrderStatus::Ready {
        return Err(status_refusal(order.status));
    }
    if set_stored(tx, order.things_sq.as_str(), place, b.now(), Some(&who.phone)).await? {
        return Ok(());
    }
    let now = order_within(tx, &order.things_sq).await?;
    Err(status_refusal(now.status))
}

/// True when the order was B and is C now.
pub(crate) async fn set_stored(
    tx: &mut Tx,
    things_sq: &str,
    place: &Place,
    now: Millis,
    who: Option<&Phone>,
) -> Result<bool> {
    let stored = tx
        .execute(sql!(
        "UPDATE orders SET status = 'C', yid = $2, jumper = $3, serial = $4, label = $5, stored_at = $6, stored_by = $7
             WHERE things_sq = $1 AND status = 'B'",
        things_sq,
        place.yid.0,
        place.port.jumper,
        place.port.serial,
        &place.label,
        now.0,
        who.map(Phone::as_str),
    ))
        .await?;
    Ok(stored == 1)
}

/// Whether, by all we know, the content the code speaks of is in the compartment and nothing else is.
fn still_free(
    b: &Backend,
    yid: Yid,
    state: &CompartmentState,
    fields: &CompartmentFields,
    made_at: Millis,
    applied: Millis,
) -> Result<()> {
    use CompartmentStatus::{Free, Joined, OutOfOrder, Reserved, Reserving, Stored, Storing, Taking};
    if state.things_sq.is_some() {
        return Err(Refusal::CompartmentTaken);
    }
    let known_at = state.known_at(b.now()).max(applied);
    match state.status(b, yid) {
        OutOfOrder | Joined => Err(Refusal::CompartmentTaken),
        // The kiosk's own data came first and says the same.
        Stored
            if state.kind(b, yid) != Some(ContentKind::Return)
                && state.pwd(b, yid).is_none_or(|pwd| pwd == fields.pwd) =>
        {
            Ok(())
        }
        Stored if known_at > made_at => Err(Refusal::CompartmentTaken),
        // A state newer than the code says that nothing was stored, or no longer is.
        Free | Storing | Taking | Reserving | Reserved if known_at > made_at => Err(Refusal::SyncOutdated),
        Stored | Free | Storing | Taking | Reserving | Reserved => Ok(()),
    }
}

async fn fill(
    b: &Backend,
    tx: &mut Tx,
    yid: Yid,
    state: &CompartmentState,
    fields: &CompartmentFields,
    things_sq: &ThingsSq,
    made_at: Millis,
) -> Result<()> {
    let port: Port = fields.port();
    let pwd = b.keys().seal(b.rng(), &pwd_context(yid, port), fields.pwd.as_bytes())?;
    let filled = tx.execute(sql!(
        "UPDATE compartments SET status = 'A', kind = $4, things_sq = $5, save_date = $6, pwd = $7, state_at = $8, heard_at = $9, unknown_since
             = NULL
             WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq IS NULL",
        yid.0,
        port.jumper,
        port.serial,
        kind_word(ContentKind::Deposit),
        things_sq.as_str(),
        &fields.save_date,
        pwd,
        state.known_at(b.now()).max(made_at).0,
        b.now().0,
    )).await?;
    if filled == 1 {
        Ok(())
    } else {
        Err(Refusal::CompartmentTaken)
    }
}
