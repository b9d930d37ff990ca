//! Owners: registering, signing in, the password, the name, which device is signed in (signs 2, 4, 19, 20, 21, 26).

use super::fields::{OrEmpty, requests};
use super::reply::{Plain, answers, or_empty, result_codes};
use crate::error::Problem;
use crate::guard::grades::Grade;
use crate::guard::ids::{AccessToken, FromText, Imei, OwnerName, OwnerPassword, ResetCode};
use crate::guard::tea;
use crate::guard::times::LocalSecond;
use serde::Serialize;

requests! {
    /// Registers an owner, unless the number is taken (guard-seed, sign 2).
    RegisterOwner {
        /// `ownerName`, a text: how they are called.
        name: OwnerName = "ownerName",
        /// `ownerPassword`, a text: the login password, in clear.
        password: OwnerPassword = "ownerPassword",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
        /// `imei`, a text: the device that registers.
        imei: Imei = "imei" as OrEmpty<Imei>,
        /// `code`, a text, ours (SPEC 4.2): the one-time code that was sent to the number, where numbers are verified.
        code: Option<ResetCode> =? "code",
    }

    /// Signs in (guard-seed, sign 4).
    SignIn {
        /// `ownerPassword`, a text: the login password, in clear.
        password: OwnerPassword = "ownerPassword",
        /// `imei`, a text: the device that signs in.
        imei: Imei = "imei" as OrEmpty<Imei>,
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Sets a new login password (guard-seed, sign 19).
    ResetPassword {
        /// `newPassword`, a text: the new login password, in clear.
        new_password: OwnerPassword = "newPassword",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
        /// `code`, a text, ours (SPEC 4.2): the one-time code that stands in for a token.
        code: Option<ResetCode> =? "code",
    }

    /// Renames an owner (guard-seed, sign 20).
    RenameOwner {
        /// `newName`, a text: how they are called from now on.
        new_name: OwnerName = "newName",
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Asks which device signed in last; another one than the asking device ends its session (guard-seed, sign 21).
    CurrentImei {}

    /// Signs in on the web (guard-seed, sign 26).
    WebSignIn {
        /// `ownerPassword`, a text: the login password in the Java TEA text form, decoded.
        password: OwnerPassword = "ownerPassword" as TeaPassword,
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }
}

/// A password behind its TEA text form.
struct TeaPassword(OwnerPassword);

impl FromText for TeaPassword {
    fn from_text(text: &str) -> Result<Self, Problem> {
        let clear = tea::decode(text.trim()).ok_or(Problem::Form)?;
        OwnerPassword::parse(&clear).map(Self)
    }
}

result_codes! {
    /// `result` of sign 2.
    Registration {
        /// Registered.
        Done = 0,
        /// Not registered.
        Failed = 1,
        /// The number is registered already.
        Taken = 2,
    }
}

answers! {
    OwnerRegistered { result: Registration::Failed, token: None }
    SignedIn { result: Plain::Failed, owner_name: None, imei: None, grade: None, token: None }
    ImeiIs { result: Plain::Failed, imei: None }
    WebSignedIn { result: Plain::Failed, owner_name: None, token: None }
}

/// Answers [`RegisterOwner`] (guard-seed, sign 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct OwnerRegistered {
    /// `result`.
    pub result: Registration,
    /// `token`, ours (SPEC 4.2), only with result 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<AccessToken>,
}

/// Answers [`SignIn`] (guard-seed, sign 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// `result`.
    pub result: Plain,
    /// `ownerName`; `None` is sent as an empty text.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub owner_name: Option<OwnerName>,
    /// `imei` of the sign-in before this one; `None` is sent as an empty text.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub imei: Option<Imei>,
    /// `grade`, sent as a text; `None` as an empty one.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub grade: Option<Grade>,
    /// `token`, ours (SPEC 4.2), only with result 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<AccessToken>,
}

/// Answers [`CurrentImei`] (guard-seed, sign 21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ImeiIs {
    /// `result`.
    pub result: Plain,
    /// `imei` of the last sign-in; `None` is sent as an empty text.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub imei: Option<Imei>,
}

/// Answers [`WebSignIn`] (guard-seed, sign 26).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct WebSignedIn {
    /// `result`.
    pub result: Plain,
    /// `ownerName`; `None` is sent as an empty text.
    #[serde(serialize_with = "or_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub owner_name: Option<OwnerName>,
    /// `token`, ours (SPEC 4.2), only with result 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<AccessToken>,
}
