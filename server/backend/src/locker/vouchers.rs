//! Vouchers: pick-up codes for a phone that will have no network where the kiosk is.

use crate::identity::{require, revoked};
use crate::locker::codes::{content, kiosk, note_shown, seal_with_list};
use crate::locker::known::{Known, known};
use crate::locker::orders;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, ThingsSq, Yid};
pub use domain::locker::codes::{VoucherCode, VoucherDoor};
use domain::people::{Person, Role};
use domain::token::revoked::Subject;
use domain::token::voucher::{DOORS_MAX, Left};
use domain::token::{self, Caveat, Opened, Payload, Voucher};
use std::sync::Arc;

/// What a voucher is asked for.
#[derive(Clone, Debug)]
pub struct VoucherRequest {
    /// The orders: 1 to 8, all stored at one kiosk, in the order in which their doors open.
    pub orders: Vec<ThingsSq>,
    /// Until when, on the end of the next day at the latest; `None`: until then.
    pub until: Option<Millis>,
    /// The sign-in that asks, by [`crate::identity::sessions::handle`]; `None`: a client without a session.
    pub sign_in: Option<String>,
}

/// Makes a voucher for a business's own stored orders.
#[crate::boxed]
pub async fn make(b: &Backend, who: &Person, wish: VoucherRequest) -> Result<VoucherCode> {
    require(who, &[Role::Business])?;
    let until = end(b, wish.until)?;
    let mut orders = wish.orders;
    let mut seen = std::collections::HashSet::new();
    orders.retain(|order| seen.insert(order.clone()));
    if !(1..=DOORS_MAX).contains(&orders.len()) {
        let (min, max) = (1, DOORS_MAX as i64);
        return Err(Refusal::field("orders", Problem::Range { min, max }));
    }
    let mut contents = Vec::with_capacity(orders.len());
    for things_sq in &orders {
        let order = orders::get(b, who, things_sq).await?;
        let (place, fields) = content(b, &order).await?;
        contents.push((order, place, fields));
    }
    let yid = contents
        .first()
        .map(|(_, place, _)| place.yid)
        .ok_or(Refusal::Internal)?;
    if contents.iter().any(|(_, place, _)| place.yid != yid) {
        return Err(Refusal::field("orders", Problem::Differs));
    }
    let kiosk = kiosk(b, yid).await?;
    let voucher = Voucher {
        until,
        holder: who.phone.clone(),
        sign_in: wish.sign_in.unwrap_or_default(),
        doors: contents.iter().map(|(_, _, fields)| fields.clone()).collect(),
    };
    let spared = [Subject::Person(&who.phone), Subject::SignIn(&voucher.sign_in)];
    let payload = Payload::Voucher(voucher.clone());
    let token = seal_with_list(b, yid, &kiosk, &payload, &spared).await?;
    let id = token::open(kiosk.key()?, &token)?.token_id;
    let mut tx = b.db().begin().await?;
    revoked::made_voucher(&mut tx, &who.phone, &id, until).await?;
    tx.commit().await?;
    for (order, ..) in &contents {
        note_shown(b, who, order).await?;
    }
    Ok(shown(token, yid, &kiosk, voucher.under(&[])))
}

/// As its page shows it.
fn shown(token: String, yid: Yid, kiosk: &Known, left: Left) -> VoucherCode {
    let doors = left.doors.into_iter().filter_map(|door| {
        Some(VoucherDoor {
            things_sq: door.things_sq?,
            label: door.label,
            pwd: door.pwd,
        })
    });
    VoucherCode {
        token,
        yid,
        kiosk_name: kiosk.name.clone(),
        kiosk_address: kiosk.address.clone(),
        until: left.until,
        doors: doors.collect(),
        names: left.names,
    }
}

/// A voucher of one of their own orders, narrowed for somebody it is passed on to. A phone can do the same without network.
#[crate::boxed]
pub async fn narrow(b: &Backend, who: &Person, token: &str, caveat: &Caveat) -> Result<VoucherCode> {
    let (kiosk, opened) = own(b, who, token).await?;
    opened.claims.freshness(b.now())?;
    let token = token::narrow(token, caveat)?;
    let opened = token::open(kiosk.key()?, &token)?;
    let left = of(&opened)?.under(&opened.caveats);
    Ok(shown(token, opened.claims.yid, &kiosk, left))
}

/// What a voucher of their own orders, which they hold, is good for; whether it was used at a kiosk is not known here.
#[crate::boxed]
pub async fn read(b: &Backend, who: &Person, token: &str) -> Result<VoucherCode> {
    let (kiosk, opened) = own(b, who, token).await?;
    let left = of(&opened)?.under(&opened.caveats);
    Ok(shown(token.to_owned(), opened.claims.yid, &kiosk, left))
}

/// A voucher whose orders are all theirs.
async fn own(b: &Backend, who: &Person, token: &str) -> Result<(Arc<Known>, Opened)> {
    require(who, &[Role::Business])?;
    let kiosk = known(b, token::peek(token)?.yid).await?;
    let opened = token::open(kiosk.key()?, token)?;
    for door in &of(&opened)?.doors {
        let order = door.things_sq.as_ref().ok_or(Refusal::CodeDamaged)?;
        orders::get(b, who, order).await?;
    }
    Ok((kiosk, opened))
}

fn of(opened: &Opened) -> Result<&Voucher> {
    match &opened.payload {
        Payload::Voucher(voucher) => Ok(voucher),
        _ => Err(Refusal::CodeKind),
    }
}

/// Withdraws a voucher of one of their own orders, as far as kiosks hear of it; also one that was passed on.
#[crate::boxed]
pub async fn withdraw(b: &Backend, who: &Person, token: &str) -> Result<()> {
    let (_, opened) = own(b, who, token).await?;
    let mut tx = b.db().begin().await?;
    revoked::code(b, &mut tx, &opened.token_id).await?;
    tx.commit().await
}

/// The end of a voucher made now.
fn end(b: &Backend, wish: Option<Millis>) -> Result<Millis> {
    let latest = b.zone().end_of_next_day(b.now()).ok_or(Refusal::Internal)?;
    let until = wish.map_or(latest, |wish| wish.plus(-wish.0.rem_euclid(1_000)));
    if b.now() < until && until <= latest {
        Ok(until)
    } else {
        let (min, max) = (b.now().0, latest.0);
        Err(Refusal::field("until", Problem::Range { min, max }))
    }
}
