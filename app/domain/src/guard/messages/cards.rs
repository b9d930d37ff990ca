//! Authorisations by identity card (signs 13 to 15).

use super::fields::{AnyGuardId, FieldFault, OrEmpty, requests};
use super::reply::{Plain, answers, start_before_end};
use crate::guard::ids::{CardHolder, CardNumb, DnCode, GuardId, ServiceNumb};
use crate::guard::times::{LocalMinute, LocalSecond};
use serde::Serialize;

requests! {
    /// Lists the valid cards of a guard (guard-seed, sign 13).
    ListCards {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
    }

    /// Authorises a card from a minute on until before another (guard-seed, sign 14).
    AddCard {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `serviceNumb`, a text of 32: the number of this authorisation.
        service_numb: ServiceNumb = "serviceNumb",
        /// `name`, a text: who may open.
        name: CardHolder = "name",
        /// `cardNumb`, a text: the number of their card.
        card_numb: CardNumb = "cardNumb",
        /// `dnCode`, a text: what the card's chip says, empty if not read by NFC.
        dn_code: DnCode = "dnCode" as OrEmpty<DnCode>,
        /// `startTime`, 12 digits, local: the first minute.
        start: LocalMinute = "startTime",
        /// `endTime`, 12 digits, local, after `startTime`: the first minute it is no longer valid.
        end: LocalMinute = "endTime",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    } => span

    /// Cancels a card (guard-seed, sign 15).
    CancelCard {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `serviceNumb`, a text of 32: the authorisation.
        service_numb: ServiceNumb = "serviceNumb",
        /// `cardNumb`, a text: the card of that authorisation.
        card_numb: CardNumb = "cardNumb",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }
}

fn span(request: &AddCard) -> Result<(), FieldFault> {
    start_before_end(request.start, request.end)
}

answers! {
    CardsListed { result: Plain::Failed, user_list: Vec::new() }
}

/// Answers [`ListCards`] (guard-seed, sign 13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct CardsListed {
    /// `result`.
    pub result: Plain,
    /// `userList`.
    pub user_list: Vec<CardRow>,
}

/// One card of [`CardsListed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct CardRow {
    /// `serviceNumb`.
    pub service_numb: ServiceNumb,
    /// `name`.
    pub name: CardHolder,
    /// `cardNumb`.
    pub card_numb: CardNumb,
    /// `dnCode`.
    pub dn_code: DnCode,
    /// `startTime`, 12 digits.
    pub start_time: LocalMinute,
    /// `endTime`, 12 digits.
    pub end_time: LocalMinute,
}
