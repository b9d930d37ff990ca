//! Cards that open guards, as people see them.

use crate::guard::ids::{CardHolder, CardNumb, DnCode, ServiceNumb};
use crate::ids::{Millis, Phone};

/// A card that opens now or will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The number of this authorisation.
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
    /// The version of the guard that brought it; the guard has it once it knows this version.
    pub version: i64,
    /// When it was added.
    pub added_at: Millis,
}

/// Somebody asked to see the whole number of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// Sorts by when; the cursor of its row.
    pub id: String,
    /// At which guard.
    pub guard_id: String,
    /// Of which authorisation; empty for a card nobody authorised.
    pub service_numb: String,
    /// Whose card, where an authorisation names them.
    pub holder: Option<CardHolder>,
    /// Who asked.
    pub who: Phone,
    /// How they are called; empty where nobody has this number any more.
    pub who_name: String,
    /// When.
    pub at: Millis,
}
