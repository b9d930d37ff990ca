//! Authorisations by password (signs 16 to 18).

use super::fields::{AnyGuardId, FieldFault, requests};
use super::reply::{Plain, answers, start_before_end};
use crate::guard::ids::{DoorPassword, GuardId, SecretText, ServiceNumb};
use crate::guard::times::{LocalMinute, LocalSecond};
use serde::Serialize;

requests! {
    /// Lists the valid passwords of a guard (guard-seed, sign 16).
    ListPasswords {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
    }

    /// Authorises a password from a minute on until before another (guard-seed, sign 17).
    AddPassword {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `password`, a text of 4 to 12 digits.
        password: DoorPassword = "password",
        /// `serviceNumb`, a text of 32: the number of this authorisation.
        service_numb: ServiceNumb = "serviceNumb",
        /// `startTime`, 12 digits, local: the first minute.
        start: LocalMinute = "startTime",
        /// `endTime`, 12 digits, local, after `startTime`: the first minute it is no longer valid.
        end: LocalMinute = "endTime",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    } => span

    /// Cancels a password (guard-seed, sign 18).
    CancelPassword {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `serviceNumb`, a text of 32: the authorisation.
        service_numb: ServiceNumb = "serviceNumb",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }
}

fn span(request: &AddPassword) -> Result<(), FieldFault> {
    start_before_end(request.start, request.end)
}

answers! {
    PasswordsListed {
        result: Plain::Failed,
        default_password1: SecretText::empty(),
        default_password2: SecretText::empty(),
        password_list: Vec::new(),
    }
}

/// Answers [`ListPasswords`] (guard-seed, sign 16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct PasswordsListed {
    /// `result`.
    pub result: Plain,
    /// `defaultPassword1`; empty where there is none or it is not for the asker.
    pub default_password1: SecretText,
    /// `defaultPassword2`; empty where there is none or it is not for the asker.
    pub default_password2: SecretText,
    /// `passwordList`.
    pub password_list: Vec<PasswordRow>,
}

/// One password of [`PasswordsListed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct PasswordRow {
    /// `password`; empty where it is not for the asker.
    pub password: SecretText,
    /// `serviceNumb`.
    pub service_numb: ServiceNumb,
    /// `startTime`, 12 digits.
    pub start_time: LocalMinute,
    /// `endTime`, 12 digits.
    pub end_time: LocalMinute,
}
