//! What happened at doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::CardNumb;
use domain::guard::records::RecordId;
use domain::ids::Phone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use reads::{numbered, openings, page};

/// The whole number of the card in one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedRow {
    /// The record.
    pub record: RecordId,
    /// The card's number.
    pub card_numb: CardNumb,
}

/// The whole number of the card in a record of the caller, or of the owner `of` below. That it was asked for is kept.
#[server(prefix = "/do/owner", endpoint = "reveal-record", protocol = Call)]
pub async fn reveal_record(of: Option<Phone>, record: RecordId) -> Result<RevealedRow, Refused> {
    use crate::context;
    use backend::guard::records;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let of = of.unwrap_or_else(|| who.phone.clone());
    let RecordId { at, seq, guard_id } = &record;
    let card_numb = records::reveal_card(&request.backend, who, &of, guard_id, *at, *seq).await?;
    Ok(RevealedRow { record, card_numb })
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::records;
    use domain::error::Refusal;
    use domain::guard::records::{Filter, Openings, Record};
    use domain::ids::Phone;
    use domain::locker::orders::{Count, Page};

    /// Records at the guards of an owner, who is the reader or below them.
    pub async fn page(of: &Phone, filter: &Filter) -> Result<Page<Record>, Refusal> {
        let (backend, who) = asker()?;
        records::page(&backend, &who, of, filter).await
    }

    /// A page of them by its number, and how many there are.
    pub async fn numbered(of: &Phone, filter: &Filter, page: u64) -> Result<(Page<Record>, Count), Refusal> {
        let (backend, who) = asker()?;
        records::numbered(&backend, &who, of, filter, page).await
    }

    /// How often they opened, by day and by hour.
    pub async fn openings(of: &Phone, filter: &Filter) -> Result<Openings, Refusal> {
        let (backend, who) = asker()?;
        records::openings(&backend, &who, of, filter).await
    }
}
