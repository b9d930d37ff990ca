//! Identity cards that open doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{CardHolder, CardNumb, DnCode, GuardId, ServiceNumb};
use domain::guard::span::CivilMinute;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{list, views};

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
    use crate::addresses::at;
    use crate::context;
    use crate::span;
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
    go_to(&at::owner_card(&guard_id, &number));
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
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::cards;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    cards::cancel(&request.backend, who, &guard_id, &service_numb, None).await?;
    go_to(&with_notice(&at::owner_guard(&guard_id), "card-cancelled"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::cards;
    use domain::error::Refusal;
    use domain::guard::cards::{Card, CardView};
    use domain::guard::guards::GuardInfo;
    use domain::guard::ids::GuardId;
    use domain::guard::unreadable::Unreadable;
    use domain::locker::orders::Page;

    /// The cards that open a guard now or will, and those that cannot be read.
    pub async fn list(guard: &GuardInfo) -> Result<(Vec<Card>, Vec<Unreadable>), Refusal> {
        let (backend, who) = asker()?;
        cards::list_all(&backend, &who, &guard.owner, &guard.id).await
    }

    /// Who looked at the whole numbers of cards, of one guard or of all the reader's, the latest first.
    pub async fn views(guard: Option<&GuardId>, cursor: Option<&str>, limit: u32) -> Result<Page<CardView>, Refusal> {
        let (backend, who) = asker()?;
        cards::views(&backend, &who, guard, cursor, limit).await
    }
}
