//! Codes made for a kiosk to read (`POST /v1/Encrypt`). Never an oracle: every value comes from our own records.

use crate::core::db::{sql, word};
use crate::identity::{require, revoked};
use crate::locker::dates::AHEAD_MS;
use crate::locker::history::{self, Step};
use crate::locker::kiosks;
use crate::locker::known::{Known, known};
use crate::locker::orders::{self, server_step};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, Port, ThingsSq, Yid};
pub use domain::locker::codes::{PassCode, TakeCode};
use domain::locker::history::{Happening, Source};
use domain::locker::orders::{Order, OrderStatus, Place};
use domain::people::{Person, Role};
use domain::token::revoked::Subject;
use domain::token::{self, Command, CompartmentFields, OPEN_WINDOW_MS, Payload, Revocations, StaffPass};
use std::sync::Arc;

/// A code that renews itself on the screen is one showing; a new one begins after this long.
const SAME_SHOWING_MS: i64 = 30 * 60 * 1000;

/// Which code to make.
#[derive(Clone)]
pub enum CodeRequest {
    /// Staff: sets the kiosk's clock.
    SyncDate {
        /// The kiosk.
        yid: Yid,
    },
    /// Staff: opens the staff area.
    StaffPass {
        /// The kiosk.
        yid: Yid,
    },
    /// Business: opens the compartment of its own stored order.
    OpenToTake {
        /// The kiosk.
        yid: Yid,
        /// The order; without it the compartment must be claimed.
        things_sq: Option<ThingsSq>,
        /// What the client believes; refused where it contradicts our records.
        claimed: Claimed,
    },
}

/// What a client believes about a compartment.
#[derive(Clone, Default)]
pub struct Claimed {
    /// Port.
    pub serial: Option<i64>,
    /// Board.
    pub jumper: Option<i64>,
    /// Password.
    pub pwd: Option<String>,
    /// `saveDate`.
    pub save_date: Option<String>,
    /// Label.
    pub label: Option<String>,
}

/// A code that is in order and that the asker may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its command.
    pub cmd: String,
    /// Its kiosk.
    pub yid: Yid,
    /// Its date.
    pub date: Millis,
}

/// Makes a code and answers its text.
#[crate::boxed]
pub async fn make(b: &Backend, who: &Person, request: CodeRequest) -> Result<String> {
    let own = Subject::Person(&who.phone);
    match request {
        CodeRequest::SyncDate { yid } => {
            require(who, &[Role::Staff])?;
            seal_with_list(b, yid, &*kiosk(b, yid).await?, &Payload::SyncDate, &[own]).await
        }
        CodeRequest::StaffPass { yid } => {
            require(who, &[Role::Staff])?;
            seal_with_list(b, yid, &*kiosk(b, yid).await?, &pass_of(who), &[own]).await
        }
        CodeRequest::OpenToTake {
            yid,
            things_sq,
            claimed,
        } => {
            require(who, &[Role::Business])?;
            let things_sq = match things_sq {
                Some(things_sq) => things_sq,
                None => bound_to(b, yid, &claimed).await?,
            };
            let taken = take(b, who, &things_sq, Some(yid), &claimed).await?;
            Ok(taken.token)
        }
    }
}

/// The code that opens a kiosk's staff area in the asker's name.
#[crate::boxed]
pub async fn pass(b: &Backend, who: &Person, yid: Yid) -> Result<PassCode> {
    require(who, &[Role::Staff])?;
    let (own, payload) = ([Subject::Person(&who.phone)], pass_of(who));
    let kiosk = kiosk(b, yid).await?;
    let token = seal_with_list(b, yid, &kiosk, &payload, &own).await?;
    let carried = token::open(kiosk.key()?, &token)?.revoked;
    let list = match carried {
        Some(list) if list.complete => None,
        _ => revoked::whole(b, &own).await?,
    };
    let whole = list.map(|list| seal_list(b, yid, &kiosk, &payload, Some(&list)));
    Ok(PassCode {
        token,
        whole: whole.transpose()?,
    })
}

fn pass_of(who: &Person) -> Payload {
    Payload::StaffPass(StaffPass {
        phone: who.phone.clone(),
        name: who.name.clone(),
    })
}

/// The pick-up code of a business's own stored order, with what is shown beside it.
#[crate::boxed]
pub async fn take_code(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<TakeCode> {
    require(who, &[Role::Business])?;
    take(b, who, things_sq, None, &Claimed::default()).await
}

/// The kiosk a code is asked for; here an unknown number is simply unknown.
pub(super) async fn kiosk(b: &Backend, yid: Yid) -> Result<Arc<Known>> {
    known(b, yid).await.map_err(|refusal| match refusal {
        Refusal::CodeForeign => Refusal::Unknown,
        other => other,
    })
}

fn seal(b: &Backend, yid: Yid, kiosk: &Known, payload: &Payload) -> Result<String> {
    seal_list(b, yid, kiosk, payload, None)
}

fn seal_list(b: &Backend, yid: Yid, kiosk: &Known, payload: &Payload, list: Option<&Revocations>) -> Result<String> {
    let random = &mut |bytes: &mut [u8]| b.rng().fill(bytes);
    token::seal_with(kiosk.key()?, yid, b.now(), payload, list, random)
}

/// The same with the newest of what was revoked, for the kiosk to learn, as far as one code has room for it. `spared`: whose code it is.
pub(super) async fn seal_with_list(
    b: &Backend,
    yid: Yid,
    kiosk: &Known,
    payload: &Payload,
    spared: &[Subject<'_>],
) -> Result<String> {
    let plain = seal(b, yid, kiosk, payload)?;
    let Some(list) = revoked::newest(b, spared, token::room_beside(&plain)).await? else {
        return Ok(plain);
    };
    seal_list(b, yid, kiosk, payload, Some(&list))
}

/// The order in the claimed compartment. That there is none, or no such compartment, is not told apart from somebody else's.
async fn bound_to(b: &Backend, yid: Yid, claimed: &Claimed) -> Result<ThingsSq> {
    let missing = |field| Refusal::field(field, Problem::Required);
    let port = Port {
        serial: claimed.serial.ok_or_else(|| missing("serial"))?,
        jumper: claimed.jumper.ok_or_else(|| missing("jumper"))?,
    };
    let state = kiosks::state(b, yid, port).await?;
    let bound = state.and_then(|state| state.things_sq).map(ThingsSq);
    bound.ok_or(Refusal::NotYours)
}

async fn take(
    b: &Backend,
    who: &Person,
    things_sq: &ThingsSq,
    yid: Option<Yid>,
    claimed: &Claimed,
) -> Result<TakeCode> {
    let order = orders::get(b, who, things_sq).await?;
    let (place, fields) = content(b, &order).await?;
    if yid.is_some_and(|yid| yid != place.yid) {
        return Err(Refusal::field("yid", Problem::Contradicts));
    }
    agrees(claimed, &fields)?;
    let kiosk = kiosk(b, place.yid).await?;
    let (label, pwd) = (fields.label.clone(), fields.pwd.clone());
    let token = seal(b, place.yid, &kiosk, &Payload::OpenToTake(fields))?;
    note_shown(b, who, &order).await?;
    Ok(TakeCode {
        token,
        label,
        pwd,
        yid: place.yid,
        kiosk_name: kiosk.name.clone(),
        kiosk_address: kiosk.address.clone(),
        expires: b.now().plus(OPEN_WINDOW_MS),
    })
}

/// Where a stored order is and what opens its compartment.
pub(super) async fn content(b: &Backend, order: &Order) -> Result<(Place, CompartmentFields)> {
    let not_stored = || Refusal::OrderStatus {
        status: order.status.letter().to_owned(),
    };
    let place = order.place.clone().filter(|_| order.status == OrderStatus::Stored);
    let place = place.ok_or_else(not_stored)?;
    let state = kiosks::state(b, place.yid, place.port)
        .await?
        .filter(|state| state.things_sq.as_deref() == Some(order.things_sq.as_str()))
        .ok_or_else(not_stored)?;
    // A kiosk of another maker may report a deposit without its password; such a one, like one whose password cannot be read, opens at the
    // kiosk only.
    let pwd = state.pwd(b, place.yid);
    let fields = CompartmentFields {
        serial: state.serial,
        jumper: state.jumper,
        pwd: pwd.ok_or_else(|| Refusal::field("pwd", Problem::Unknown))?,
        save_date: state.save_date.unwrap_or_default(),
        label: state.label,
        things_sq: Some(order.things_sq.clone()),
    };
    Ok((place, fields))
}

fn agrees(claimed: &Claimed, fields: &CompartmentFields) -> Result<()> {
    let number = |claimed: Option<i64>, value: i64| claimed.is_none_or(|claimed| claimed == value);
    let text = |claimed: &Option<String>, value: &str| claimed.as_deref().is_none_or(|claimed| claimed == value);
    for (field, agrees) in [
        ("serial", number(claimed.serial, fields.serial)),
        ("jumper", number(claimed.jumper, fields.jumper)),
        ("pwd", text(&claimed.pwd, &fields.pwd)),
        ("saveDate", text(&claimed.save_date, &fields.save_date)),
        ("label", text(&claimed.label, &fields.label)),
    ] {
        if !agrees {
            return Err(Refusal::field(field, Problem::Contradicts));
        }
    }
    Ok(())
}

pub(super) async fn note_shown(b: &Backend, who: &Person, order: &Order) -> Result<()> {
    let shown: Option<i64> = b.db().optional(sql!(
        "SELECT at FROM evidence WHERE things_sq = $1 AND what = $2 AND who = $3 AND at > $4 AND at <= $5 ORDER BY id DESC LIMIT 1",
        order.things_sq.as_str(),
        word(Happening::CodeShown)?,
        who.phone.as_str(),
        b.now().plus(-SAME_SHOWING_MS).0,
        b.now().plus(AHEAD_MS).0,
    )).await?;
    if shown.is_some() {
        return Ok(());
    }
    let step = Step {
        source: Source::Server,
        ..server_step(order, Happening::CodeShown, b.now(), Some(&who.phone))
    };
    let mut tx = b.db().begin().await?;
    history::note(b, &mut tx, &[step]).await?;
    tx.commit().await
}

/// Whether this is a valid code of a known kiosk that the asker may see (`GET /v1/QrImage/:data`).
#[crate::boxed]
pub async fn check(b: &Backend, who: &Person, token: &str) -> Result<Checked> {
    require(who, &[Role::Staff, Role::Business])?;
    let yid = token::peek(token)?.yid;
    let opened = token::open(known(b, yid).await?.key()?, token)?;
    opened.claims.freshness(b.now())?;
    match (who.role, &opened.payload) {
        (Role::Staff, Payload::StaffPass(pass)) if pass.phone == who.phone => {}
        (Role::Staff, Payload::SyncDate | Payload::OpenToSave(_) | Payload::SaveToData(_)) => {}
        (Role::Business, Payload::OpenToTake(fields)) => may_take(b, who, yid, fields).await?,
        (Role::Business, Payload::Voucher(voucher)) => {
            for fields in &voucher.doors {
                may_take(b, who, yid, fields).await?;
            }
        }
        _ => return Err(Refusal::NotYours),
    }
    let cmd: Command = opened.claims.cmd;
    Ok(Checked {
        cmd: cmd.as_str().to_owned(),
        yid,
        date: opened.claims.date,
    })
}

async fn may_take(b: &Backend, who: &Person, yid: Yid, fields: &CompartmentFields) -> Result<()> {
    let named = match &fields.things_sq {
        Some(things_sq) => Some(things_sq.clone()),
        None => {
            let state = kiosks::state(b, yid, fields.port()).await?;
            state.and_then(|state| state.things_sq).map(ThingsSq)
        }
    };
    let _own: Order = orders::get(b, who, &named.ok_or(Refusal::NotYours)?).await?;
    Ok(())
}
