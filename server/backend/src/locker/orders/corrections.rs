//! Corrections by an operator: texts of an order, cancelling it, and setting it back by a station. Each is evidence, with what was before or why.

use super::{COLUMNS, OrderRow, find, read, server_step};
use crate::core::db::{Columns, Statement, Tx, fault, sql};
use crate::core::text::one_line;
use crate::identity::{businesses, require};
use crate::locker::history::{self, Step};
use crate::locker::{kiosks, search};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, ThingsSq};
use domain::locker::history::{Change, Happening};
use domain::locker::orders::{Corrected, Order, OrderStatus, OrderText, OrderTexts, Place};
use domain::people::{Person, Role};

/// Characters of a reason at most.
const REASON_MAX: u32 = 200;

/// Corrects the texts of an order, as long as they are what the person saw (`was`): of two who correct at once the second is told.
#[crate::boxed]
pub async fn correct(
    b: &Backend,
    who: &Person,
    things_sq: &ThingsSq,
    was: &OrderTexts,
    to: &OrderTexts,
) -> Result<Corrected> {
    require(who, &[Role::Operator])?;
    let to = read(to)?;
    let before = find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
    let known = OrderTexts::from(&before);
    if known != *was && known != to {
        return Ok(Corrected::Changed(Box::new(before)));
    }
    if known == to {
        return Ok(Corrected::Done(Box::new(before)));
    }
    if to.business != known.business && !businesses::exists(b, &BusinessName(to.business.clone())).await? {
        return Err(Refusal::field("business", Problem::Unknown));
    }
    let mut tx = b.db().begin().await?;
    let update = rewrite(things_sq.as_str(), was, &to, Some(COLUMNS));
    let Some(row) = tx.optional::<OrderRow>(update).await? else {
        tx.rollback().await?;
        let now = find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
        return Ok(Corrected::Changed(Box::new(now)));
    };
    let order = row.order()?;
    let step = Step {
        detail: Some(serde_json::to_string(&changes(was, &to)).map_err(fault)?),
        ..server_step(&order, Happening::Corrected, b.now(), Some(&who.phone))
    };
    history::note(b, &mut tx, &[step]).await?;
    search::note_again(&mut tx, &order).await?;
    tx.commit().await?;
    Ok(Corrected::Done(Box::new(order)))
}

/// Gives an order these texts, only where every one is still what it was; the statement decides.
pub(crate) fn rewrite<'a>(
    things_sq: &'a str,
    was: &'a OrderTexts,
    to: &'a OrderTexts,
    returning: Option<Columns>,
) -> Statement<'a> {
    let returned = |columns: Option<Columns>| {
        columns
            .map(|columns| format!(" RETURNING {columns}"))
            .unwrap_or_default()
    };
    let values = |texts: &'a OrderTexts| texts.named().map(|(_, value)| value);
    let rewritten = sql!(
        "UPDATE orders SET {set} WHERE things_sq = $1 AND {known}{returning}"
        {
            set: text(equal(2, ", ")),
            known: text(equal(2 + OrderText::COLUMNS.len(), " AND ")),
            returning: one_of([String::new(), format!(" RETURNING {COLUMNS}")], returned(returning)),
        },
        things_sq
    );
    rewritten.bind_all(values(to)).bind_all(values(was))
}

/// Each text equals a parameter; the first is `$first`.
fn equal(first: usize, between: &str) -> String {
    let numbered = OrderText::COLUMNS.iter().zip(first..);
    let equal: Vec<String> = numbered.map(|(column, at)| format!("{column} = ${at}")).collect();
    equal.join(between)
}

fn changes(was: &OrderTexts, to: &OrderTexts) -> Vec<Change> {
    let pairs = was.named().into_iter().zip(to.named());
    pairs
        .filter(|((_, was), (_, is))| was != is)
        .map(|((field, was), (_, is))| Change {
            field: field.column().to_owned(),
            was: was.to_owned(),
            is: is.to_owned(),
        })
        .collect()
}

/// Cancels an order that is not stored yet.
#[crate::boxed]
pub async fn cancel(b: &Backend, who: &Person, things_sq: &ThingsSq, reason: &str) -> Result<Order> {
    require(who, &[Role::Operator])?;
    let reason = one_line("reason", reason, REASON_MAX, false)?;
    let mut tx = b.db().begin().await?;
    let cancelled = sql!(
        "UPDATE orders SET status = 'X' WHERE things_sq = $1 AND status IN ('A', 'B') RETURNING {columns}"
        { columns: text(COLUMNS) },
        things_sq.as_str()
    );
    let row = tx.optional(cancelled).await?;
    finish(b, tx, who, things_sq, row, Happening::Cancelled, (reason, None)).await
}

/// Sets an order back by a station: stored becomes ready, ready becomes received, and what was cancelled is received again. `from`: where the
/// person saw it. What lies in the compartment stays known; whose it is does not.
#[crate::boxed]
pub async fn set_back(
    b: &Backend,
    who: &Person,
    things_sq: &ThingsSq,
    from: OrderStatus,
    reason: &str,
) -> Result<Order> {
    require(who, &[Role::Operator])?;
    let reason = one_line("reason", reason, REASON_MAX, false)?;
    let refused = |status: OrderStatus| Refusal::OrderStatus {
        status: status.letter().to_owned(),
    };
    let before = find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
    let place = before.place;
    let mut tx = b.db().begin().await?;
    let row: Option<OrderRow> = match from {
        OrderStatus::Stored => {
            let place = place.clone().ok_or_else(|| refused(before.status))?;
            kiosks::take(b, &mut tx, place.yid, false).await?;
            let row = tx.optional(out_of(things_sq, &place)).await?;
            if row.is_some() {
                empty(&mut tx, things_sq, &place).await?;
            }
            row
        }
        OrderStatus::Ready | OrderStatus::Cancelled => {
            let received = sql!(
                "UPDATE orders SET status = 'A' WHERE things_sq = $1 AND status = $2 RETURNING {columns}"
                { columns: text(COLUMNS) },
                things_sq.as_str(),
                from.letter()
            );
            tx.optional(received).await?
        }
        OrderStatus::Received | OrderStatus::Done => return Err(refused(from)),
    };
    let place = place.filter(|_| from == OrderStatus::Stored);
    finish(b, tx, who, things_sq, row, Happening::SetBack, (reason, place)).await
}

fn out_of<'a>(things_sq: &'a ThingsSq, place: &Place) -> Statement<'a> {
    sql!(
        "UPDATE orders SET status = 'B', yid = NULL, jumper = NULL, serial = NULL, label = NULL, stored_at = NULL, stored_by = NULL
         WHERE things_sq = $1 AND status = 'C' AND yid = $2 AND jumper = $3 AND serial = $4 RETURNING {columns}"
        { columns: text(COLUMNS) },
        things_sq.as_str(),
        place.yid.0,
        place.port.jumper,
        place.port.serial
    )
}

async fn empty(tx: &mut Tx, things_sq: &ThingsSq, place: &Place) -> Result<()> {
    let emptied = sql!(
        "UPDATE compartments SET things_sq = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq = $4",
        place.yid.0,
        place.port.jumper,
        place.port.serial,
        things_sq.as_str()
    );
    tx.execute(emptied).await?;
    Ok(())
}

/// Notes what was done to the order in `row`; where there is none, the order is in another status meanwhile.
async fn finish(
    b: &Backend,
    mut tx: Tx,
    who: &Person,
    things_sq: &ThingsSq,
    row: Option<OrderRow>,
    what: Happening,
    (reason, place): (String, Option<Place>),
) -> Result<Order> {
    let Some(row) = row else {
        tx.rollback().await?;
        let now = find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
        return Err(Refusal::OrderStatus {
            status: now.status.letter().to_owned(),
        });
    };
    let order = row.order()?;
    let step = Step {
        detail: Some(reason),
        place,
        ..server_step(&order, what, b.now(), Some(&who.phone))
    };
    history::note(b, &mut tx, &[step]).await?;
    tx.commit().await?;
    Ok(order)
}
