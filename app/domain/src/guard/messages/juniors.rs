//! Juniors: who is below whom (signs 23 to 25).

use super::fields::{Integer, requests};
use super::reply::{Plain, answers, result_codes};
use crate::guard::grades::JuniorRefusal;
use crate::guard::ids::OwnerName;
use crate::ids::Phone;
use serde::Serialize;

requests! {
    /// Adds a junior (guard-seed, sign 23).
    AddJunior {
        /// `juniorPhoneNumber`, a text: who is to be below.
        junior: Phone = "juniorPhoneNumber",
        /// `superiorGrade`, an integer: what the client takes the superior's grade to be; checked, never believed (SPEC 4.3).
        superior_grade: i64 = "superiorGrade" as Integer,
    }

    /// Lists the juniors directly below (guard-seed, sign 24).
    ListJuniors {}

    /// Cancels a junior (guard-seed, sign 25).
    CancelJunior {
        /// `juniorPhoneNumber`, a text: who is below no longer.
        junior: Phone = "juniorPhoneNumber",
    }
}

result_codes! {
    /// `result` of sign 23.
    JuniorResult {
        /// Added.
        Done = 0,
        /// The number is not registered.
        NotRegistered = 1,
        /// The number is of the top grade.
        TopGrade = 2,
        /// The number is somebody's junior already.
        AlreadyJunior = 3,
        /// Any other failure: themselves, a cycle, too deep.
        Failed = 4,
    }
}

impl From<JuniorRefusal> for JuniorResult {
    fn from(refusal: JuniorRefusal) -> Self {
        match refusal {
            JuniorRefusal::NotRegistered => Self::NotRegistered,
            JuniorRefusal::TopGrade => Self::TopGrade,
            JuniorRefusal::AlreadyJunior => Self::AlreadyJunior,
            JuniorRefusal::Impossible => Self::Failed,
        }
    }
}

answers! {
    JuniorAdded { result: JuniorResult::Failed }
    JuniorsListed { result: Plain::Failed, junior_list: Vec::new() }
}

/// Answers [`AddJunior`] (guard-seed, sign 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct JuniorAdded {
    /// `result`.
    pub result: JuniorResult,
}

/// Answers [`ListJuniors`] (guard-seed, sign 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct JuniorsListed {
    /// `result`.
    pub result: Plain,
    /// `juniorList`.
    pub junior_list: Vec<JuniorRow>,
}

/// One junior of [`JuniorsListed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct JuniorRow {
    /// `juniorName`: the name they registered with.
    pub junior_name: OwnerName,
    /// `juniorPhoneNumber`.
    pub junior_phone_number: Phone,
}
