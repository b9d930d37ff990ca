//! The 26 messages of the field's clients (guard-seed; SPEC 4.1 to 4.3): one type a request, one a reply. Each is in the file of its noun, and once
//! in the list `signs!` below.
//!
//! [`parse`] reads a body, [`Reply::to_json`] writes the answer. Three things may be wrong with a body, and each has its answer: what is no
//! JSON object at all ([`Malformed`], HTTP 400), a `sign` nobody knows and a known sign with an impossible field ([`Fault`], which names the
//! reply: HTTP 200 and the failure value of that message).
//!
//! A key given twice makes a body malformed: which of the two was meant cannot be known, and two readers that choose differently would
//! be a way around the rules.

pub mod cards;
#[cfg(not(target_arch = "wasm32"))]
pub mod described;
pub mod directory;
mod fields;
pub mod guards;
pub mod juniors;
pub mod owners;
pub mod passwords;
pub mod records;
mod reply;

pub use reply::{Answer, Done, Plain};

use super::ids::AccessToken;
use crate::error::Problem;
use cards::{AddCard, CancelCard, CardsListed, ListCards};
use directory::{AllocateOwner, GuardNode, GuardNodes, LocateGuard, LocateGuards, LocateOwner, OwnerNode};
use fields::Fields;
use guards::{AddGuard, AddedBy, CheckAdded, CheckCode, CodeChecked, DeleteGuard, EditGuard, GuardsListed, ListGuards};
use juniors::{AddJunior, CancelJunior, JuniorAdded, JuniorsListed, ListJuniors};
use owners::{
    CurrentImei, ImeiIs, OwnerRegistered, RegisterOwner, RenameOwner, ResetPassword, SignIn, SignedIn, WebSignIn,
    WebSignedIn,
};
use passwords::{AddPassword, CancelPassword, ListPasswords, PasswordsListed};
use records::{ListRecords, RecordsListed};
use serde::Serialize;

/// Longest body that is looked at, in bytes (SPEC 4.1); above it the answer is HTTP 413.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Deepest nesting that is looked at. No message of the source nests in a request.
pub const MAX_DEPTH: usize = 16;

/// The body is no JSON object (SPEC 4.1: HTTP 400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Larger than [`MAX_BODY_BYTES`] (HTTP 413).
    #[error("larger than 64 KiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Deeper than [`MAX_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
    /// Not JSON, or not an object.
    #[error("not a JSON object: {0}")]
    NotAnObject(String),
    /// A key is there twice.
    #[error("the key {0:?} is there twice")]
    DoubledKey(String),
}

impl Malformed {
    /// The HTTP status of SPEC 4.1.
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 400,
        }
    }
}

/// A JSON object was read, but it is no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `sign` is missing, no number, or not one of the 26.
    UnknownSign,
    /// A field is missing, of the wrong type, or out of its range.
    Field {
        /// The message.
        sign: Sign,
        /// The field's name as in the message.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
}

impl Fault {
    /// What is answered.
    pub fn reply(&self) -> Reply {
        match self {
            Self::UnknownSign => Reply::unknown(),
            Self::Field { sign, .. } => Reply::failure(*sign),
        }
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The extra field `token` (SPEC 4.2); a token that is no text counts as none.
    pub token: Option<AccessToken>,
    /// What is asked.
    pub request: Result<Request, Fault>,
}

/// Reads one body. Never panics, whatever the bytes are.
pub fn parse(body: &[u8]) -> Result<Incoming, Malformed> {
    let fields = Fields::read(body)?;
    let request = match fields.sign().and_then(Sign::from_number) {
        Some(sign) => Request::read(sign, &fields),
        None => Err(Fault::UnknownSign),
    };
    Ok(Incoming {
        token: fields.optional("token").ok().flatten(),
        request,
    })
}

macro_rules! signs {
    ($($(#[doc = $doc:literal])* $number:literal $variant:ident($request:ident) -> $reply:ident,)*) => {
        /// `sign`, the kind of a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Sign {
            $($(#[doc = $doc])* $variant = $number,)*
        }

        impl Sign {
            /// Every sign, 1 to 26.
            pub const ALL: [Self; [$($number,)*].len()] = [$(Self::$variant,)*];

            /// The sign of this number.
            pub fn from_number(number: u64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its number.
            pub fn number(self) -> u8 {
                self as u8
            }

            /// The message as other programs are told of it.
            #[cfg(not(target_arch = "wasm32"))]
            pub fn described(self) -> described::Message {
                match self {
                    $(Self::$variant => described::Message::of::<$reply>(
                        self, stringify!($variant), concat!($($doc),*), $request::described(),
                    ),)*
                }
            }
        }

        /// A request, one variant a sign. Prints no secret.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Request {
            $($(#[doc = $doc])* $variant($request),)*
        }

        impl Request {
            /// Which message this is.
            pub fn sign(&self) -> Sign {
                match self {
                    $(Self::$variant(_) => Sign::$variant,)*
                }
            }

            fn read(sign: Sign, fields: &Fields<'_>) -> Result<Self, Fault> {
                let read = match sign {
                    $(Sign::$variant => $request::read(fields).map(Self::$variant),)*
                };
                read.map_err(|(field, problem)| Fault::Field { sign, field, problem })
            }

            /// `ownerPhoneNumber`: whose data this is about.
            pub fn owner(&self) -> &crate::ids::Phone {
                match self {
                    $(Self::$variant(request) => &request.owner,)*
                }
            }
        }

        /// A reply, one variant a sign.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Reply {
            $($(#[doc = $doc])* $variant($reply),)*
            /// A sign nobody knows.
            Unknown(Done),
        }

        impl Reply {
            /// The answer to every refusal of a message: its failure value, texts empty, lists `[]` (SPEC 4.2).
            pub fn failure(sign: Sign) -> Self {
                match sign {
                    $(Sign::$variant => Self::$variant($reply::failed()),)*
                }
            }

            /// The number under `result`.
            pub fn result(&self) -> i64 {
                match self {
                    $(Self::$variant(reply) => reply.number(),)*
                    Self::Unknown(done) => done.number(),
                }
            }
        }
    };
}

signs! {
    /// Allocate an owner's node (guard-seed, sign 1).
    1 AllocateOwner(AllocateOwner) -> OwnerNode,
    /// Register an owner (guard-seed, sign 2).
    2 RegisterOwner(RegisterOwner) -> OwnerRegistered,
    /// Locate an owner's node (guard-seed, sign 3).
    3 LocateOwner(LocateOwner) -> OwnerNode,
    /// Sign in (guard-seed, sign 4).
    4 SignIn(SignIn) -> SignedIn,
    /// Locate a guard's node (guard-seed, sign 5).
    5 LocateGuard(LocateGuard) -> GuardNode,
    /// Was a guard added already? (guard-seed, sign 6).
    6 CheckAdded(CheckAdded) -> AddedBy,
    /// Is a verification code right? (guard-seed, sign 7).
    7 CheckCode(CheckCode) -> CodeChecked,
    /// Add a guard (guard-seed, sign 8).
    8 AddGuard(AddGuard) -> Done,
    /// Edit a guard (guard-seed, sign 9).
    9 EditGuard(EditGuard) -> Done,
    /// Delete a guard (guard-seed, sign 10).
    10 DeleteGuard(DeleteGuard) -> Done,
    /// The nodes of all my guards (guard-seed, sign 11).
    11 LocateGuards(LocateGuards) -> GuardNodes,
    /// All my guards (guard-seed, sign 12).
    12 ListGuards(ListGuards) -> GuardsListed,
    /// The cards that open a guard (guard-seed, sign 13).
    13 ListCards(ListCards) -> CardsListed,
    /// Authorise a card (guard-seed, sign 14).
    14 AddCard(AddCard) -> Done,
    /// Cancel a card (guard-seed, sign 15).
    15 CancelCard(CancelCard) -> Done,
    /// The passwords that open a guard (guard-seed, sign 16).
    16 ListPasswords(ListPasswords) -> PasswordsListed,
    /// Authorise a password (guard-seed, sign 17).
    17 AddPassword(AddPassword) -> Done,
    /// Cancel a password (guard-seed, sign 18).
    18 CancelPassword(CancelPassword) -> Done,
    /// Reset the login password (guard-seed, sign 19).
    19 ResetPassword(ResetPassword) -> Done,
    /// Rename an owner (guard-seed, sign 20).
    20 RenameOwner(RenameOwner) -> Done,
    /// Which device is signed in? (guard-seed, sign 21).
    21 CurrentImei(CurrentImei) -> ImeiIs,
    /// Unlock records (guard-seed, sign 22).
    22 ListRecords(ListRecords) -> RecordsListed,
    /// Add a junior (guard-seed, sign 23).
    23 AddJunior(AddJunior) -> JuniorAdded,
    /// My juniors (guard-seed, sign 24).
    24 ListJuniors(ListJuniors) -> JuniorsListed,
    /// Cancel a junior (guard-seed, sign 25).
    25 CancelJunior(CancelJunior) -> Done,
    /// Sign in on the web (guard-seed, sign 26).
    26 WebSignIn(WebSignIn) -> WebSignedIn,
}

impl Sign {
    /// May anybody ask this, limited by address and number (SPEC 4.2)? Sign 19 is public only with its one-time code.
    pub fn is_public(self) -> bool {
        matches!(
            self,
            Self::AllocateOwner | Self::RegisterOwner | Self::LocateOwner | Self::SignIn | Self::WebSignIn
        )
    }

    /// May a superior ask this about somebody below (SPEC 4.3)?
    pub fn is_for_superiors(self) -> bool {
        matches!(
            self,
            Self::ListGuards | Self::ListCards | Self::ListPasswords | Self::ListRecords
        )
    }
}

impl Request {
    /// The answer to every refusal of this message (SPEC 4.2).
    pub fn failure(&self) -> Reply {
        Reply::failure(self.sign())
    }
}
