//! Unlock records (sign 22).

use super::fields::{FieldFault, requests};
use super::reply::{Plain, answers, result_codes};
use crate::error::Problem;
use crate::guard::ids::{GuardId, SecretText};
use crate::guard::times::{LocalSecond, RecordTime};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The longest span of one question, in days (SPEC 4.3).
pub const MOST_DAYS: i64 = 366;

/// The most rows of one answer (SPEC 4.3).
pub const MOST_ROWS: usize = 10_000;

requests! {
    /// Lists the records of all guards of an owner between two times, both included, oldest first (guard-seed, sign 22).
    ListRecords {
        /// `startTime`, 12 or 14 digits, local.
        start: RecordTime = "startTime",
        /// `endTime`, 12 or 14 digits, local, not before `startTime` and at most [`MOST_DAYS`] after it.
        end: RecordTime = "endTime",
    } => span
}

fn span(request: &ListRecords) -> Result<(), FieldFault> {
    let (first, end) = (request.start.first_second(), request.end);
    let in_order = first <= end.last_second();
    if in_order && end.first_second().seconds_since(first) <= MOST_DAYS * 86_400 {
        Ok(())
    } else {
        Err(("endTime", Problem::Contradicts))
    }
}

result_codes! {
    /// `openMode` of sign 22.
    OpenMode {
        /// By card.
        Card = 1,
        /// By password.
        Password = 2,
    }
}

answers! {
    RecordsListed { result: Plain::Failed, record_list: Vec::new() }
}

/// Answers [`ListRecords`] (guard-seed, sign 22).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct RecordsListed {
    /// `result`.
    pub result: Plain,
    /// `recordList`, oldest first.
    pub record_list: Vec<RecordRow>,
}

/// One opening of [`RecordsListed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// `guardId`.
    pub guard_id: GuardId,
    /// `timetag`, 14 digits, local: when it was opened.
    pub timetag: LocalSecond,
    /// `cardInfo` or `passwordInfo`, the one that applies; `openMode` follows from it.
    pub opened_by: OpenedBy,
}

/// What a door was opened by. Texts are empty where they are not known (any more) or not for the asker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedBy {
    /// `cardInfo`.
    Card(CardInfo),
    /// `passwordInfo`.
    Password(PasswordInfo),
}

/// `cardInfo` of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct CardInfo {
    /// `name`: whose card.
    pub name: String,
    /// `cardNumb`.
    pub card_numb: SecretText,
    /// `dnCode`.
    pub dn_code: String,
    /// `serviceNumb` of the authorisation.
    pub service_numb: String,
}

/// `passwordInfo` of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct PasswordInfo {
    /// `password`.
    pub password: SecretText,
    /// `serviceNumb` of the authorisation; empty for a default password.
    pub service_numb: String,
}

impl Serialize for RecordRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(Some(4))?;
        row.serialize_entry("guardId", &self.guard_id)?;
        let mode = match self.opened_by {
            OpenedBy::Card(_) => OpenMode::Card,
            OpenedBy::Password(_) => OpenMode::Password,
        };
        row.serialize_entry("openMode", &mode)?;
        row.serialize_entry("timetag", &self.timetag)?;
        match &self.opened_by {
            OpenedBy::Card(info) => row.serialize_entry("cardInfo", info)?,
            OpenedBy::Password(info) => row.serialize_entry("passwordInfo", info)?,
        }
        row.end()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl utoipa::PartialSchema for RecordRow {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use super::described::record;
        let rows = utoipa::openapi::schema::OneOfBuilder::new()
            .item(record::<CardInfo>(OpenMode::Card.number(), "cardInfo"))
            .item(record::<PasswordInfo>(OpenMode::Password.number(), "passwordInfo"));
        utoipa::openapi::Schema::from(rows.build()).into()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl utoipa::ToSchema for RecordRow {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        CardInfo::schemas(schemas);
        PasswordInfo::schemas(schemas);
    }
}
