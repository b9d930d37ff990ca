//! Codes read from a kiosk's screen, and the deposits they are for.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::ThingsSq;
use domain::token::CodeText;
use leptos::prelude::*;

/// Reads a code and does what it is for: a deposit leads to its order, or to the choice of one; the data of a kiosk are applied. `order`:
/// the order that was chosen first, whose deposit is completed.
#[server(prefix = "/do/staff", endpoint = "read-code", protocol = Call)]
pub async fn read_code(code: CodeText, order: Option<ThingsSq>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::staff;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    // The page of the scanner says in its address which order was chosen, also while a sheet changes that.
    let order = order.or_else(|| ThingsSq::parse(request.query("order")));
    let address = staff::read(&request.backend, who, code.as_str(), order.as_ref())
        .await
        .map_err(|refusal| staff::not_read(request.locale, &refusal))?;
    go_to(&address);
    Ok(())
}

/// Completes the deposit of an order with a code that was scanned before, by its number.
#[server(prefix = "/do/staff", endpoint = "complete-deposit", protocol = Call)]
pub async fn complete_deposit(things_sq: ThingsSq, scan: String) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::staff;
    use backend::locker::deposits;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    deposits::complete_scanned(&request.backend, who, &things_sq, &scan).await?;
    go_to(&staff::done_address(&things_sq));
    Ok(())
}

/// Takes back the deposit that the caller has just completed; the code scanned waits for its order again.
#[server(prefix = "/do/staff", endpoint = "undo-deposit", protocol = Call)]
pub async fn undo_deposit(things_sq: ThingsSq) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::ui::notice::with_notice;
    use crate::{context, links, staff};
    use backend::locker::deposits;
    use domain::locker::orders::OrderStatus;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    deposits::undo(&request.backend, who, &things_sq).await?;
    let ready = links::with_query(staff::ORDERS, &[("status", OrderStatus::Ready.letter())]);
    go_to(&with_notice(&ready, "deposit-undone"));
    Ok(())
}
