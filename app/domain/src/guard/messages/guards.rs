//! Guards: adding, editing, deleting, listing (signs 6 to 10 and 12).

use super::fields::{AnyGuardId, OrEmpty, requests};
use super::reply::{Plain, answers, or_empty, result_codes};
use crate::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName, OpCode, SecretText, TriedCode};
use crate::guard::times::LocalSecond;
use crate::ids::Phone;
use serde::Serialize;

requests! {
    /// Was this guard added already, and by whom? (guard-seed, sign 6).
    CheckAdded {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
    }

    /// Is this the guard's verification code? (guard-seed, sign 7).
    CheckCode {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `opCode`, a text: the code somebody tries.
        op_code: TriedCode = "opCode",
    }

    /// Adds a guard nobody has (guard-seed, sign 8).
    AddGuard {
        /// `guardName`, a text: how it is called.
        name: GuardName = "guardName",
        /// `guardId`, a text: its bar code.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `guardLocation`, a text: where it is.
        location: GuardLocation = "guardLocation" as OrEmpty<GuardLocation>,
        /// `guardComment`, a text: a remark.
        comment: GuardComment = "guardComment" as OrEmpty<GuardComment>,
        /// `opCode`, a text: its verification code.
        op_code: OpCode = "opCode",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Edits what a guard is called and where it is (guard-seed, sign 9).
    EditGuard {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `guardName`, a text: how it is called.
        name: GuardName = "guardName",
        /// `guardLocation`, a text: where it is.
        location: GuardLocation = "guardLocation" as OrEmpty<GuardLocation>,
        /// `guardComment`, a text: a remark.
        comment: GuardComment = "guardComment" as OrEmpty<GuardComment>,
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Deletes a guard: its grants end, its records stay (guard-seed, sign 10).
    DeleteGuard {
        /// `guardId`, an integer in the source, or a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Lists all guards of an owner (guard-seed, sign 12).
    ListGuards {}
}

result_codes! {
    /// `result` of sign 6.
    Added {
        /// Nobody added it.
        No = 0,
        /// Somebody did; also the failure value, then without a number.
        Yes = 1,
    }
}

result_codes! {
    /// `result` of sign 7.
    CodeMatch {
        /// The guard was never connected, or does not exist; also the failure value.
        NeverConnected = -1,
        /// The guard has no verification code.
        NoCode = 0,
        /// The code is right.
        Match = 1,
        /// The code is wrong, or was wrong too often.
        Mismatch = 2,
    }
}

result_codes! {
    /// `guardStatus` of sign 12.
    GuardStatus {
        /// Works.
        Working = 1,
        /// Does not work as it should.
        Faulty = 2,
        /// Not connected.
        NotConnected = 3,
    }
}

answers! {
    AddedBy { result: Added::Yes, already_phone_number: None }
    CodeChecked { result: CodeMatch::NeverConnected }
    GuardsListed { result: Plain::Failed, guards: Vec::new() }
}

/// Answers [`CheckAdded`] (guard-seed, sign 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct AddedBy {
    /// `result`.
    pub result: Added,
    /// `alreadyPhoneNumber`: who added it; `None` is sent as an empty text.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub already_phone_number: Option<Phone>,
}

/// Answers [`CheckCode`] (guard-seed, sign 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct CodeChecked {
    /// `result`.
    pub result: CodeMatch,
}

/// Answers [`ListGuards`] (guard-seed, sign 12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct GuardsListed {
    /// `result`.
    pub result: Plain,
    /// `guards`.
    pub guards: Vec<GuardRow>,
}

/// One guard of [`GuardsListed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct GuardRow {
    /// `guardName`.
    pub guard_name: GuardName,
    /// `guardId`.
    pub guard_id: GuardId,
    /// `guardLocation`.
    pub guard_location: GuardLocation,
    /// `guardComment`.
    pub guard_comment: GuardComment,
    /// `guardStatus`.
    pub guard_status: GuardStatus,
    /// `defaultPassword1`; empty where there is none or it is not for the asker.
    pub default_password1: SecretText,
    /// `defaultPassword2`; empty where there is none or it is not for the asker.
    pub default_password2: SecretText,
}
