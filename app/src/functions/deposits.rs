//! Deposits.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::ThingsSq;
use leptos::prelude::*;

/// Takes back the deposit that the caller has just completed; the code scanned waits for its order again.
#[server(prefix = "/do/staff", endpoint = "undo-deposit", protocol = Call)]
pub(crate) async fn undo_deposit(things_sq: ThingsSq) -> Result<(), Refused> {
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
