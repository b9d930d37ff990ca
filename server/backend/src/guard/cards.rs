//! Authorisations by identity card (signs 13 to 15).

use super::hub::Live;
use super::superiors::OF_THE_HOLDER;
use super::{grants, guards};
use crate::core::db::{row, sql};
use crate::core::keys::random_text;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
pub use domain::guard::cards::{Card, CardView};
use domain::guard::grants::{Addition, GrantKind, Series};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, GuardId, ServiceNumb};
use domain::ids::{Millis, Phone};
use domain::locker::orders::Page;
use domain::people::Person;
use std::collections::HashMap;

/// A card to be authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCard {
    /// The number of this authorisation; [`super::service_numb`] makes one.
    pub service_numb: ServiceNumb,
    /// Who may open.
    pub name: CardHolder,
    /// The number of their card.
    pub card_numb: CardNumb,
    /// What its chip says, empty if not read by NFC.
    pub dn_code: DnCode,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
}

/// Authorises a card for one of the person's guards (sign 14).
#[crate::boxed]
pub async fn add(b: &Backend, who: &Person, guard_id: &GuardId, new: NewCard) -> Result<Addition> {
    let new = grants::NewGrant {
        service_numb: new.service_numb,
        content: grants::Content::from(GrantKind::Card {
            name: new.name,
            card_numb: new.card_numb,
            dn_code: new.dn_code,
        }),
        from: new.from,
        until: new.until,
    };
    grants::add(b, who, guard_id, new).await
}

/// Cancels one (sign 15). Where the card's number is given, it must be that of the authorisation.
#[crate::boxed]
pub async fn cancel(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    service_numb: &ServiceNumb,
    card_numb: Option<&CardNumb>,
) -> Result<()> {
    if let Some(given) = card_numb {
        // Whether the guard is theirs is seen first, so that nobody learns of others' cards here.
        guards::get_of(b, who, &who.phone, guard_id).await?;
        let row = grants::find(b, guard_id, Series::Card, service_numb).await?;
        let row = row.ok_or(Refusal::field("serviceNumb", Problem::Unknown))?;
        match row.content(b, guard_id).as_deref().map(|content| &content.kind) {
            Some(GrantKind::Card { card_numb, .. }) if card_numb.same_card(given) => {}
            // Nobody can say any more what its number is, and cancelling it is safe.
            None => {}
            _ => return Err(Refusal::field("cardNumb", Problem::Contradicts)),
        }
    }
    grants::cancel(b, who, guard_id, service_numb, Series::Card).await
}

/// The cards of a guard that open now or will (sign 13), about to end first. For its owner and those above.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, of: &Phone, guard_id: &GuardId) -> Result<Vec<Card>> {
    Ok(list_all(b, who, of, guard_id).await?.0)
}

/// The same, and those that cannot be read.
#[crate::boxed]
pub async fn list_all(
    b: &Backend,
    who: &Person,
    of: &Phone,
    guard_id: &GuardId,
) -> Result<(Vec<Card>, Vec<grants::Unreadable>)> {
    let (_, rows) = grants::list(b, who, of, guard_id, Series::Card).await?;
    let (mut cards, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match card(b, guard_id, &row) {
            Some(card) => cards.push(card),
            None => unreadable.extend(row.unreadable(b, guard_id)),
        }
    }
    Ok((cards, unreadable))
}

/// `None`: it cannot be read.
fn card(b: &Backend, guard_id: &GuardId, row: &grants::Row) -> Option<Card> {
    let content = row.content(b, guard_id)?;
    let GrantKind::Card {
        name,
        card_numb,
        dn_code,
    } = &content.kind
    else {
        return None;
    };
    Some(Card {
        service_numb: row.service_numb(b, guard_id)?,
        name: name.clone(),
        card_numb: card_numb.clone(),
        dn_code: dn_code.clone(),
        from: Millis(row.starts),
        until: Millis(row.ends),
        version: row.version,
        added_at: Millis(row.added_at),
    })
}

/// The whole number of an authorised card, to be shown to somebody who asked for it; that they asked is kept.
#[crate::boxed]
pub async fn reveal(
    b: &Backend,
    who: &Person,
    of: &Phone,
    guard_id: &GuardId,
    service_numb: &ServiceNumb,
) -> Result<CardNumb> {
    let cards = list(b, who, of, guard_id).await?;
    let card = cards.into_iter().find(|card| card.service_numb == *service_numb);
    let card = card.ok_or(Refusal::Unknown)?;
    note_view(b, who, of, guard_id, service_numb.as_str()).await?;
    Ok(card.card_numb)
}

/// Keeps that somebody saw the whole number of a card at a guard of `owner`.
pub(crate) async fn note_view(
    b: &Backend,
    who: &Person,
    owner: &Phone,
    guard_id: &GuardId,
    service_numb: &str,
) -> Result<()> {
    let now = b.now();
    b.db()
        .execute(sql!(
            "INSERT INTO card_views (owner, id, guard_id, service_numb, who, at) VALUES ($1, $2, $3, $4, $5, $6)",
            owner.as_str(),
            format!("{:016x}{}", now.0.max(0), random_text::<6>(b.rng())),
            guard_id.as_str(),
            service_numb,
            who.phone.as_str(),
            now.0
        ))
        .await?;
    b.hub().publish(owner, Live::GuardChanged);
    Ok(())
}

/// Who asked to see the whole numbers of cards at one's guards, or at one of them, newest first.
#[crate::boxed]
pub async fn views(
    b: &Backend,
    who: &Person,
    guard: Option<&GuardId>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<CardView>> {
    crate::identity::require(who, &[domain::people::Role::Owner])?;
    let limit = crate::core::paging::page_limit(limit);
    row! {
        struct View {
            id: String,
            guard_id: String,
            service_numb: String,
            who: String,
            at: i64,
        }
    }
    let rows: Vec<View> = b.db().all(sql!(
        "SELECT id, guard_id, service_numb, who, at FROM card_views
         WHERE owner = $1 AND ($2 = '' OR id < $2) AND ($3 = '' OR guard_id = $3) AND {of_the_holder} ORDER BY id DESC LIMIT $4"
        { of_the_holder: text(OF_THE_HOLDER) },
        who.phone.as_str(), cursor.unwrap_or_default(), guard.map_or("", GuardId::as_str), i64::from(limit) + 1,
    )).await?;
    let page = crate::core::paging::page(rows, limit, |row| row.id.clone());
    let (mut people, mut holders) = (HashMap::new(), HashMap::new());
    let mut views = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        let View {
            id,
            guard_id,
            service_numb,
            who,
            at,
        } = row;
        let who_name = match people.get(&who) {
            Some(name) => String::clone(name),
            None => name_of(b, &who, &mut people).await?,
        };
        let card = (guard_id, service_numb);
        let holder = match holders.get(&card) {
            Some(holder) => Option::clone(holder),
            None => holder_of(b, &card, &mut holders).await?,
        };
        let (guard_id, service_numb) = card;
        views.push(CardView {
            id,
            guard_id,
            service_numb,
            holder,
            who: Phone(who),
            who_name,
            at: Millis(at),
        });
    }
    Ok(Page {
        rows: views,
        next: page.next,
    })
}

/// How somebody is called, kept for the rows that follow.
async fn name_of(b: &Backend, phone: &str, known: &mut HashMap<String, String>) -> Result<String> {
    let person = crate::identity::people::get(b, &Phone(phone.to_owned())).await?;
    let name = person.map_or(String::new(), |person| person.name);
    known.insert(phone.to_owned(), name.clone());
    Ok(name)
}

/// Guard and authorisation of a card.
type CardKey = (String, String);

/// Whose card an authorisation is about, kept for the rows that follow; also of one that has ended.
async fn holder_of(
    b: &Backend,
    card: &CardKey,
    known: &mut HashMap<CardKey, Option<CardHolder>>,
) -> Result<Option<CardHolder>> {
    let parsed = GuardId::parse(&card.0).ok().zip(ServiceNumb::parse(&card.1).ok());
    let mut holder = None;
    if let Some((guard_id, service_numb)) = parsed
        && let Some(row) = grants::find(b, &guard_id, Series::Card, &service_numb).await?
        && let Some(content) = row.content(b, &guard_id)
        && let GrantKind::Card { name, .. } = &content.kind
    {
        holder = Some(name.clone());
    }
    known.insert(card.clone(), holder.clone());
    Ok(holder)
}
