//! Identity cards that open doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{CardHolder, CardNumb, DnCode, GuardId, ServiceNumb};
use domain::guard::span::CivilMinute;
use leptos::prelude::*;

/// Lets somebody open with their identity card, in the door's zone. Leads to the card.
#[server(prefix = "/do/owner", endpoint = "add-card", protocol = Call)]
pub async fn add_card(
    guard_id: GuardId,
    name: CardHolder,
    card_numb: CardNumb,
    dn_code: DnCode,
    start_time: CivilMinute,
    end_time: CivilMinute,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::owner::{grant_address, span};
    use backend::guard::{cards, service_numb};
    use domain::people::Role;

    let request = context::request();
    let backend = &request.backend;
    let who = request.require(Role::Owner)?;
    let (from, until) = span::own(&request, Some(start_time), Some(end_time))?;
    let number = service_numb(backend, who)?;
    let new = cards::NewCard {
        service_numb: number.clone(),
        name,
        card_numb,
        dn_code,
        from,
        until,
    };
    cards::add(backend, who, &guard_id, new).await?;
    go_to(&grant_address(&guard_id, "cards", &number));
    Ok(())
}

/// The whole number of a card. That it was asked for is kept.
#[server(prefix = "/do/owner", endpoint = "reveal-card", protocol = Call)]
pub async fn reveal_card(guard_id: GuardId, service_numb: ServiceNumb) -> Result<CardNumb, Refused> {
    use crate::context;
    use backend::guard::{cards, guards};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let guard = guards::get(&request.backend, who, &guard_id).await?;
    Ok(cards::reveal(&request.backend, who, &guard.owner, &guard_id, &service_numb).await?)
}

/// Ends a card before its time.
#[server(prefix = "/do/owner", endpoint = "cancel-card", protocol = Call)]
pub async fn cancel_card(guard_id: GuardId, service_numb: ServiceNumb) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::owner::guard_address;
    use crate::ui::notice::with_notice;
    use backend::guard::cards;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    cards::cancel(&request.backend, who, &guard_id, &service_numb, None).await?;
    go_to(&with_notice(&guard_address(&guard_id, ""), "card-cancelled"));
    Ok(())
}
