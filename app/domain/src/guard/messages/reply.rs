//! Every reply, and how it is written: compact, ASCII only, fields in the order of the source.

use super::Sign;
use super::cards::CardsListed;
use super::directory::{GuardNode, GuardNodes, OwnerNode};
use super::fields::FieldFault;
use super::guards::{Added, AddedBy, CodeChecked, CodeMatch, GuardsListed};
use super::juniors::{JuniorAdded, JuniorResult, JuniorsListed};
use super::owners::{ImeiIs, OwnerRegistered, Registration, SignedIn, WebSignedIn};
use super::passwords::PasswordsListed;
use super::records::RecordsListed;
use crate::error::Problem;
use crate::guard::ids::SecretText;
use crate::guard::times::LocalMinute;
use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter};
use std::{fmt, io};

/// Declares an integer code of a reply.
macro_rules! result_codes {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $code_doc:literal])* $code:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $code_doc])* $code,)*
        }

        impl $name {
            /// The number on the wire.
            pub fn number(self) -> i64 {
                match self {
                    $(Self::$code => $value,)*
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.number())
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::guard::messages::described::codes(&[$(($value, concat!($($code_doc),*)),)*])
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::ToSchema for $name {}
    };
}

pub(super) use result_codes;

result_codes! {
    /// `result` where the source knows success and failure only.
    Plain {
        /// Success.
        Done = 0,
        /// Failure.
        Failed = 1,
    }
}

/// Answers a message whose reply is `result` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Done {
    /// `result`.
    pub result: Plain,
}

impl Done {
    /// `{"result":0}`.
    pub const OK: Self = Self { result: Plain::Done };
    /// `{"result":1}`.
    pub const FAILED: Self = Self { result: Plain::Failed };
}

/// A reply, one variant a sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// Sign 1.
    AllocateOwner(OwnerNode),
    /// Sign 2.
    RegisterOwner(OwnerRegistered),
    /// Sign 3.
    LocateOwner(OwnerNode),
    /// Sign 4.
    SignIn(SignedIn),
    /// Sign 5.
    LocateGuard(GuardNode),
    /// Sign 6.
    CheckAdded(AddedBy),
    /// Sign 7.
    CheckCode(CodeChecked),
    /// Sign 8.
    AddGuard(Done),
    /// Sign 9.
    EditGuard(Done),
    /// Sign 10.
    DeleteGuard(Done),
    /// Sign 11.
    LocateGuards(GuardNodes),
    /// Sign 12.
    ListGuards(GuardsListed),
    /// Sign 13.
    ListCards(CardsListed),
    /// Sign 14.
    AddCard(Done),
    /// Sign 15.
    CancelCard(Done),
    /// Sign 16.
    ListPasswords(PasswordsListed),
    /// Sign 17.
    AddPassword(Done),
    /// Sign 18.
    CancelPassword(Done),
    /// Sign 19.
    ResetPassword(Done),
    /// Sign 20.
    RenameOwner(Done),
    /// Sign 21.
    CurrentImei(ImeiIs),
    /// Sign 22.
    ListRecords(RecordsListed),
    /// Sign 23.
    AddJunior(JuniorAdded),
    /// Sign 24.
    ListJuniors(JuniorsListed),
    /// Sign 25.
    CancelJunior(Done),
    /// Sign 26.
    WebSignIn(WebSignedIn),
    /// A sign nobody knows.
    Unknown(Done),
}

impl Reply {
    /// The answer to an unknown sign (SPEC 4.1).
    pub fn unknown() -> Self {
        Self::Unknown(Done::FAILED)
    }

    /// The answer to every refusal of a message: its failure value, texts empty, lists `[]` (SPEC 4.2).
    pub fn failure(sign: Sign) -> Self {
        let result = Plain::Failed;
        let no_owner_node = OwnerNode {
            result,
            owner_ip: String::new(),
        };
        match sign {
            Sign::AllocateOwner => Self::AllocateOwner(no_owner_node),
            Sign::RegisterOwner => Self::RegisterOwner(OwnerRegistered {
                result: Registration::Failed,
                token: None,
            }),
            Sign::LocateOwner => Self::LocateOwner(no_owner_node),
            Sign::SignIn => Self::SignIn(SignedIn {
                result,
                owner_name: None,
                imei: None,
                grade: None,
                token: None,
            }),
            Sign::LocateGuard => Self::LocateGuard(GuardNode {
                result,
                guard_ip: String::new(),
            }),
            Sign::CheckAdded => Self::CheckAdded(AddedBy {
                result: Added::Yes,
                already_phone_number: None,
            }),
            Sign::CheckCode => Self::CheckCode(CodeChecked {
                result: CodeMatch::NeverConnected,
            }),
            Sign::AddJunior => Self::AddJunior(JuniorAdded {
                result: JuniorResult::Failed,
            }),
            Sign::CurrentImei => Self::CurrentImei(ImeiIs { result, imei: None }),
            Sign::WebSignIn => Self::WebSignIn(WebSignedIn {
                result,
                owner_name: None,
                token: None,
            }),
            _ => Self::no_list(sign).unwrap_or_else(|| Self::done(sign, result)),
        }
    }

    /// The failure of a message that answers a list.
    fn no_list(sign: Sign) -> Option<Self> {
        let result = Plain::Failed;
        Some(match sign {
            Sign::LocateGuards => Self::LocateGuards(GuardNodes {
                result,
                guard_ip_list: Vec::new(),
            }),
            Sign::ListGuards => Self::ListGuards(GuardsListed {
                result,
                guards: Vec::new(),
            }),
            Sign::ListCards => Self::ListCards(CardsListed {
                result,
                user_list: Vec::new(),
            }),
            Sign::ListPasswords => Self::ListPasswords(PasswordsListed {
                result,
                default_password1: SecretText::empty(),
                default_password2: SecretText::empty(),
                password_list: Vec::new(),
            }),
            Sign::ListRecords => Self::ListRecords(RecordsListed {
                result,
                record_list: Vec::new(),
            }),
            Sign::ListJuniors => Self::ListJuniors(JuniorsListed {
                result,
                junior_list: Vec::new(),
            }),
            _ => return None,
        })
    }

    /// The reply of a message that answers `result` alone.
    fn done(sign: Sign, result: Plain) -> Self {
        let done = Done { result };
        match sign {
            Sign::AddGuard => Self::AddGuard(done),
            Sign::EditGuard => Self::EditGuard(done),
            Sign::DeleteGuard => Self::DeleteGuard(done),
            Sign::AddCard => Self::AddCard(done),
            Sign::CancelCard => Self::CancelCard(done),
            Sign::AddPassword => Self::AddPassword(done),
            Sign::CancelPassword => Self::CancelPassword(done),
            Sign::ResetPassword => Self::ResetPassword(done),
            Sign::RenameOwner => Self::RenameOwner(done),
            Sign::CancelJunior => Self::CancelJunior(done),
            _ => Self::Unknown(done),
        }
    }

    /// The number under `result`.
    pub fn result(&self) -> i64 {
        match self {
            Self::AllocateOwner(reply) | Self::LocateOwner(reply) => reply.result.number(),
            Self::RegisterOwner(reply) => reply.result.number(),
            Self::SignIn(reply) => reply.result.number(),
            Self::LocateGuard(reply) => reply.result.number(),
            Self::CheckAdded(reply) => reply.result.number(),
            Self::CheckCode(reply) => reply.result.number(),
            Self::LocateGuards(reply) => reply.result.number(),
            Self::ListGuards(reply) => reply.result.number(),
            Self::ListCards(reply) => reply.result.number(),
            Self::ListPasswords(reply) => reply.result.number(),
            Self::CurrentImei(reply) => reply.result.number(),
            Self::ListRecords(reply) => reply.result.number(),
            Self::AddJunior(reply) => reply.result.number(),
            Self::ListJuniors(reply) => reply.result.number(),
            Self::WebSignIn(reply) => reply.result.number(),
            Self::AddGuard(done)
            | Self::EditGuard(done)
            | Self::DeleteGuard(done)
            | Self::AddCard(done)
            | Self::CancelCard(done)
            | Self::AddPassword(done)
            | Self::CancelPassword(done)
            | Self::ResetPassword(done)
            | Self::RenameOwner(done)
            | Self::CancelJunior(done)
            | Self::Unknown(done) => done.result.number(),
        }
    }

    /// The body: compact JSON, ASCII only, because field clients decode replies as GBK (SPEC 4.1).
    pub fn to_json(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(128);
        let mut serializer = serde_json::Serializer::with_formatter(&mut body, Ascii);
        match self.serialize(&mut serializer) {
            Ok(()) => body,
            // Writing texts and integers into memory cannot fail; were it to, this is the answer every client knows.
            Err(_) => br#"{"result":1}"#.to_vec(),
        }
    }
}

/// Compact JSON in which everything outside ASCII is `\uXXXX`, above U+FFFF as a surrogate pair.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !c.is_ascii()) {
            let (plain, from) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut following = from.chars();
            if let Some(c) = following.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = following.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }
}

/// A text that is never null: nothing is an empty one.
pub(super) fn or_empty<T: fmt::Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_str(""),
    }
}

/// SPEC 4.3: `startTime` < `endTime`.
pub(super) fn start_before_end(start: LocalMinute, end: LocalMinute) -> Result<(), FieldFault> {
    if start < end {
        Ok(())
    } else {
        Err(("endTime", Problem::Contradicts))
    }
}
