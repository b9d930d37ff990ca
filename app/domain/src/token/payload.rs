//! What a token carries, by command.

use super::{Command, CompartmentFields, CompartmentRow, Voucher, lenient, packed};
use crate::error::{Problem, Refusal};
use crate::ids::Phone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a token carries; its kind is the token's command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The compartment something was deposited in.
    OpenToSave(CompartmentFields),
    /// The compartment to open.
    OpenToTake(CompartmentFields),
    /// The compartments to open, until a moment that may be a day away. Its command is `OpenToTake`, its format version 2.
    Voucher(Voucher),
    /// All compartments of the kiosk.
    SaveToData(Vec<CompartmentRow>),
    /// Nothing: the date says it all.
    SyncDate,
    /// Who stands before the kiosk.
    StaffPass(StaffPass),
}

/// A member of staff, as a `StaffPass` names them to the kiosk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffPass {
    /// Their key.
    pub phone: Phone,
    /// How they are called.
    pub name: String,
}

impl fmt::Debug for StaffPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffPass").finish_non_exhaustive()
    }
}

impl Payload {
    /// The command of a token that carries this.
    pub fn command(&self) -> Command {
        match self {
            Self::OpenToSave(_) => Command::OpenToSave,
            Self::OpenToTake(_) | Self::Voucher(_) => Command::OpenToTake,
            Self::SaveToData(_) => Command::SaveToData,
            Self::SyncDate => Command::SyncDate,
            Self::StaffPass(_) => Command::StaffPass,
        }
    }

    /// The bytes to encrypt; `None` where the token has no data.
    pub(super) fn to_plain(&self) -> Result<Option<Vec<u8>>, Refusal> {
        match self {
            Self::OpenToSave(fields) | Self::OpenToTake(fields) => json(fields).map(Some),
            Self::Voucher(voucher) => voucher.to_plain().map(Some),
            Self::SaveToData(rows) => Ok(Some(packed::pack(rows))),
            Self::SyncDate => Ok(None),
            Self::StaffPass(pass) => json(pass).map(Some),
        }
    }

    /// The inverse of [`Payload::to_plain`].
    pub(super) fn from_plain(command: Command, plain: Option<&[u8]>) -> Result<Self, Refusal> {
        let given = || plain.ok_or(Refusal::CodeDamaged);
        match command {
            Command::OpenToSave => fields(given()?).map(Self::OpenToSave),
            Command::OpenToTake => fields(given()?).map(Self::OpenToTake),
            // A browser makes this code and never reads it; what unpacks it is not small.
            Command::SaveToData if cfg!(target_arch = "wasm32") => Err(Refusal::CodeKind),
            Command::SaveToData => rows(given()?).map(Self::SaveToData),
            Command::SyncDate => Ok(Self::SyncDate),
            Command::StaffPass => lenient::parse(given()?)
                .map(Self::StaffPass)
                .ok_or(Refusal::CodeDamaged),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|_| Refusal::Internal)
}

fn fields(plain: &[u8]) -> Result<CompartmentFields, Refusal> {
    let fields: CompartmentFields = lenient::parse(plain).ok_or(Refusal::CodeDamaged)?;
    let digits = fields.pwd.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (4..=12).contains(&fields.pwd.len()) {
        Ok(fields)
    } else {
        Err(Refusal::field("pwd", Problem::Form))
    }
}

fn rows(plain: &[u8]) -> Result<Vec<CompartmentRow>, Refusal> {
    let rows = if packed::is_packed(plain) {
        packed::unpack(plain)
    } else {
        lenient::parse(plain)
    };
    rows.ok_or(Refusal::CodeDamaged)
}
