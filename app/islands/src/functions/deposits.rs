//! Codes read from a kiosk's screen, and the deposits they are for.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::ThingsSq;
use domain::token::CodeText;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{can_undo, pending, scanned_kiosk, waiting_at};

/// Reads a code and does what it is for: a deposit leads to its order, or to the choice of one; the data of a kiosk are applied. `order`:
/// the order that was chosen first, whose deposit is completed.
#[server(prefix = "/do/staff", endpoint = "read-code", protocol = Call)]
pub async fn read_code(code: CodeText, order: Option<ThingsSq>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    let address = body::read(&request.backend, who, code.as_str(), order.as_ref())
        .await
        .map_err(|refusal| crate::words::not_read(request.locale, &refusal))?;
    go_to(&address);
    Ok(())
}

/// Completes the deposit of an order with a code that was scanned before, by its number.
#[server(prefix = "/do/staff", endpoint = "complete-deposit", protocol = Call)]
pub async fn complete_deposit(things_sq: ThingsSq, scan: String) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::locker::deposits;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    deposits::complete_scanned(&request.backend, who, &things_sq, &scan).await?;
    go_to(&at::staff_order_done(&things_sq));
    Ok(())
}

/// Takes back the deposit that the caller has just completed; the code scanned waits for its order again.
#[server(prefix = "/do/staff", endpoint = "undo-deposit", protocol = Call)]
pub async fn undo_deposit(things_sq: ThingsSq) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::notice::with_notice;
    use crate::{context, links};
    use backend::locker::deposits;
    use domain::locker::orders::OrderStatus;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    deposits::undo(&request.backend, who, &things_sq).await?;
    let ready = links::with_query(&at::staff_orders(), &[("status", OrderStatus::Ready.letter())]);
    go_to(&with_notice(&ready, "deposit-undone"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod body {
    use crate::addresses::at;
    use crate::links::with_query;
    use backend::Backend;
    use backend::locker::scans::{self, Scanned};
    use backend::locker::{deposits, orders, sync};
    use domain::error::Refusal;
    use domain::ids::ThingsSq;
    use domain::locker::orders::OrderStatus;
    use domain::people::Person;
    use domain::token::Command;

    /// Reads a code and does what it is for; answers where to go. `chosen`: the order its deposit is for.
    pub(super) async fn read(
        backend: &Backend,
        person: &Person,
        code: &str,
        chosen: Option<&ThingsSq>,
    ) -> Result<String, Refusal> {
        if let Some(things_sq) = chosen {
            // Asked before the code is spent.
            let status = orders::get(backend, person, things_sq).await?.status;
            if status != OrderStatus::Ready {
                if deposits::is_completed_with(backend, person, things_sq, code).await? {
                    // Sent again, after the answer was lost.
                    return Ok(at::staff_order_done(things_sq));
                }
                let status = status.letter().to_owned();
                return Err(Refusal::OrderStatus { status });
            }
        }
        let scanned = scans::read_code(backend, person, code).await?;
        match Command::parse(&scanned.cmd) {
            Some(Command::OpenToSave) => deposited(backend, person, &scanned, chosen).await,
            Some(Command::SaveToData) => synced(backend, person, &scanned.token_id).await,
            _ => Err(Refusal::CodeKind),
        }
    }

    async fn deposited(
        backend: &Backend,
        person: &Person,
        scanned: &Scanned,
        chosen: Option<&ThingsSq>,
    ) -> Result<String, Refusal> {
        if let Some(things_sq) = chosen {
            deposits::complete_scanned(backend, person, things_sq, &scanned.token_id).await?;
            return Ok(at::staff_order_done(things_sq));
        }
        let named = scanned.data.as_ref().and_then(|data| data["thingsSq"].as_str());
        Ok(match named.and_then(ThingsSq::parse) {
            Some(things_sq) => at::staff_order(&things_sq),
            None => with_query(&at::staff_orders(), &[("status", OrderStatus::Ready.letter())]),
        })
    }

    /// Applies the data of a kiosk, and answers the address of the page that tells what they changed.
    async fn synced(backend: &Backend, person: &Person, token_id: &str) -> Result<String, Refusal> {
        let outcome = sync::apply_from_scan(backend, person, token_id).await?;
        let changed = outcome.changed.iter().map(|changed| changed.things_sq.as_str());
        Ok(crate::synced::synced_address(
            token_id,
            outcome.stored,
            outcome.completed,
            changed,
        ))
    }
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::{deposits, scans};
    use domain::error::Refusal;
    use domain::ids::{Millis, Port, ThingsSq, Yid};
    use domain::locker::scans::PendingDeposit;

    /// The reader's deposit that was scanned and waits for its order.
    pub async fn pending() -> Result<Option<PendingDeposit>, Refusal> {
        let (backend, who) = asker()?;
        scans::pending_deposit(&backend, &who).await
    }

    /// May the reader take back the deposit of this order?
    pub async fn can_undo(things_sq: &ThingsSq) -> Result<bool, Refusal> {
        let (backend, who) = asker()?;
        deposits::can_undo(&backend, &who, things_sq).await
    }

    /// The compartments of a kiosk whose code was scanned and whose deposit nobody completed, and since when.
    pub async fn waiting_at(yid: Yid) -> Result<Vec<(Port, Millis)>, Refusal> {
        let (backend, who) = asker()?;
        scans::waiting_at(&backend, &who, yid).await
    }

    /// The kiosk of a code that the reader scanned, by the scan's number.
    pub async fn scanned_kiosk(token_id: &str) -> Result<Yid, Refusal> {
        let (backend, who) = asker()?;
        Ok(scans::reopen(&backend, &who, token_id).await?.yid)
    }
}
