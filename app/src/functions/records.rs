//! What happened at doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{CardNumb, GuardId};
use domain::ids::{Millis, Phone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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
