//! What happened at doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{CardNumb, GuardId};
use domain::ids::{Millis, Phone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use reads::{openings, page};

/// The whole number of the card in one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedRow {
    /// At which guard.
    pub guard_id: GuardId,
    /// When.
    pub at: Millis,
    /// The record's number.
    pub seq: i64,
    /// The card's number.
    pub card_numb: CardNumb,
}

/// The whole number of the card in a record of the caller, or of the owner `of` below. That it was asked for is kept.
#[server(prefix = "/do/owner", endpoint = "reveal-record", protocol = Call)]
pub async fn reveal_record(of: Option<Phone>, guard_id: GuardId, at: Millis, seq: i64) -> Result<RevealedRow, Refused> {
    use crate::context;
    use backend::guard::records;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let of = of.unwrap_or_else(|| who.phone.clone());
    let card_numb = records::reveal_card(&request.backend, who, &of, &guard_id, at, seq).await?;
    Ok(RevealedRow {
        guard_id,
        at,
        seq,
        card_numb,
    })
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::records;
    use domain::error::Refusal;
    use domain::guard::records::{Filter, Openings, Record};
    use domain::ids::Phone;
    use domain::locker::orders::Page;

    /// Records at the guards of an owner, who is the reader or below them.
    pub async fn page(of: &Phone, filter: &Filter) -> Result<Page<Record>, Refusal> {
        let (backend, who) = asker()?;
        records::page(&backend, &who, of, filter).await
    }

    /// How often they opened, by day and by hour.
    pub async fn openings(of: &Phone, filter: &Filter) -> Result<Openings, Refusal> {
        let (backend, who) = asker()?;
        records::openings(&backend, &who, of, filter).await
    }
}
