//! Signs 13 to 15: authorisations by card.

use super::times::{end_moment, minute, moment};
use backend::guard::cards::{self, Card, NewCard};
use backend::{Backend, Result};
use domain::guard::ids::GuardId;
use domain::guard::messages::cards::{AddCard, CancelCard, CardRow, CardsListed};
use domain::guard::messages::{Done, Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn list(b: &Backend, who: &Person, of: &Phone, guard_id: &GuardId) -> Result<Reply> {
    let cards = cards::list(b, who, of, guard_id).await?.into_iter();
    let own = who.phone == *of;
    let user_list = cards.map(|card| row(b, card, own)).collect::<Result<_>>()?;
    Ok(Reply::ListCards(CardsListed {
        result: Plain::Done,
        user_list,
    }))
}

/// Somebody above sees of a card's number what the page shows without a trace.
fn row(b: &Backend, card: Card, own: bool) -> Result<CardRow> {
    Ok(CardRow {
        start_time: minute(b, card.from)?,
        end_time: minute(b, card.until)?,
        service_numb: card.service_numb,
        name: card.name,
        card_numb: if own { card.card_numb } else { card.card_numb.hidden() },
        dn_code: card.dn_code,
    })
}

pub(super) async fn add(b: &Backend, who: &Person, asked: AddCard) -> Result<Reply> {
    let new = NewCard {
        from: moment(b, "startTime", asked.start)?,
        until: end_moment(b, "endTime", asked.end)?,
        service_numb: asked.service_numb,
        name: asked.name,
        card_numb: asked.card_numb,
        dn_code: asked.dn_code,
    };
    // The same content again is success as well; other content under the same number is refused.
    cards::add(b, who, &asked.guard_id, new).await?;
    Ok(Reply::AddCard(Done::OK))
}

pub(super) async fn cancel(b: &Backend, who: &Person, asked: &CancelCard) -> Result<Reply> {
    cards::cancel(b, who, &asked.guard_id, &asked.service_numb, Some(&asked.card_numb)).await?;
    Ok(Reply::CancelCard(Done::OK))
}
