//! Why something was refused. One enum for every layer: `/v1` takes its status and message from here, pages translate it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// After [`Refusal::Unavailable`] it is worth trying again after this number of seconds.
pub const RETRY_SECONDS: u32 = 3;

/// What is wrong with one field of a form or message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
pub enum Problem {
    /// Nothing was given.
    Required,
    /// More than this many characters.
    TooLong {
        /// The limit in characters.
        max: u32,
    },
    /// Fewer than this many characters.
    TooShort {
        /// The limit in characters.
        min: u32,
    },
    /// Not of the expected form.
    Form,
    /// A number outside its range.
    Range {
        /// Least allowed.
        min: i64,
        /// Most allowed.
        max: i64,
    },
    /// Names something that does not exist.
    Unknown,
    /// Names something that exists already.
    Taken,
    /// A new password that others could guess.
    Guessable,
    /// The current password given to change it is not right.
    WrongPassword,
    /// Two fields that must be equal are not.
    Differs,
    /// Contradicts what the server knows.
    Contradicts,
    /// A spreadsheet wrote something else than was typed: `2.02501E+15` for a long number, `#N/A`, `####`.
    Spreadsheet,
    /// A quotation mark is opened in a row of a file and never closed.
    Quotes,
    /// A file is Korean or Chinese, and too short to tell which.
    Encoding,
}

/// As JSON, which is how a problem passes through the errors of serde, which are texts; [`Problem::from_message`] reads it back.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Problem {
    /// The problem in an error message of serde; [`Problem::Form`] where the message is one of serde's own.
    pub fn from_message(message: &str) -> Self {
        serde_json::from_str(message).unwrap_or(Self::Form)
    }
}

/// A refusal: nothing was changed, and this is why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "code")]
pub enum Refusal {
    /// Not JSON, not UTF-8, a missing or doubled key, a wrong type.
    #[error("the request is malformed: {detail}")]
    Malformed {
        /// Where and how, in English, for the author of a client.
        detail: String,
    },
    /// Nobody is signed in, or the bearer token is not valid (any more).
    #[error("sign in first")]
    NotSignedIn,
    /// Phone number or password is wrong; which of them is not said.
    #[error("the phone number or the password is not right")]
    WrongSignIn,
    /// Signed in, but this is not theirs.
    #[error("this is not yours to see or do")]
    NotYours,
    /// A page of another site made the browser send it, as far as the browser says.
    #[error("the request was sent by a page of another site")]
    OtherSite,
    /// The request is for a host that is not this server.
    #[error("this server does not go by that host name")]
    WrongHost,
    /// The body came too slowly to wait for the rest.
    #[error("the request came too slowly")]
    TooSlow,
    /// No such order, kiosk, person, page.
    #[error("no such thing")]
    Unknown,
    /// The text is no token, or its signature or encryption does not verify.
    #[error("the code is damaged or was not made by this kiosk")]
    CodeDamaged,
    /// The token names a kiosk that is not known here, or (at a kiosk) another kiosk.
    #[error("the code belongs to another kiosk")]
    CodeForeign,
    /// The token is older than it may be.
    #[error("the code has expired")]
    CodeExpired,
    /// The token's date lies in the future by more than the allowed difference.
    #[error("the code's time lies in the future; set the clock")]
    CodeFromFuture,
    /// The token was accepted once already.
    #[error("the code was used already")]
    CodeUsed,
    /// The token is a good one, but of another command than is read here.
    #[error("this code is of another kind")]
    CodeKind,
    /// A sync code older than one already applied for that kiosk.
    #[error("a newer state of this kiosk was applied already")]
    SyncOutdated,
    /// The compartment was not scanned by this person within 30 minutes.
    #[error("scan the kiosk's code first")]
    NotScanned,
    /// The rows to sync are not those of a code this person scanned within 30 minutes.
    #[error("these are not the rows of the code that was scanned")]
    RowsNotScanned,
    /// The kiosk has not reported yet what the code of a late scan says. The same may be sent again later.
    #[error("the kiosk has not reported this deposit yet; send it again later")]
    KioskNotHeard,
    /// The order is not in the status this action needs.
    #[error("the order is in status {status}")]
    OrderStatus {
        /// Its status letter.
        status: String,
    },
    /// The compartment holds something, or is not usable.
    #[error("the compartment is taken")]
    CompartmentTaken,
    /// Something with this key exists already.
    #[error("this exists already")]
    Exists,
    /// The one-use key came with another request before, which was done.
    #[error("this one-use key belongs to another request, which was done")]
    KeyReused,
    /// A page of another version of the program asks for something this version does not know.
    #[error("the page is of another version of the program; reload it")]
    PageOutdated,
    /// The node is alive, so it cannot be forgotten.
    #[error("this node is alive; stop it first")]
    NodeAlive,
    /// The enrolment code is wrong, used, or out of time.
    #[error("the enrolment code is not valid")]
    EnrolmentCode,
    /// The secret of the kiosk cannot be read on the server, so none of its codes can be made or read.
    #[error("the server cannot read this kiosk's key any more; enrol the kiosk again")]
    KioskUnreadable,
    /// A field holds an impossible value.
    #[error("{field}: {problem:?}")]
    Field {
        /// The field's name as in the message or form.
        field: String,
        /// What is wrong with it.
        #[serde(flatten)]
        problem: Problem,
    },
    /// Too big.
    #[error("too large: at most {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// Too many tries.
    #[error("too many tries; try again in {seconds} seconds")]
    TooMany {
        /// How long to wait.
        seconds: u32,
    },
    /// What is needed, the database first of all, does not answer now. The same request may be made again in a while
    /// ([`RETRY_SECONDS`]); whether it was done is not known where it was under way already.
    #[error("the service does not answer at the moment; try again shortly")]
    Unavailable,
    /// A fault of ours; logged with the request id, never explained to the outside.
    #[error("something went wrong on our side")]
    Internal,
}

impl Refusal {
    /// The HTTP status of SPEC 3.1.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } | Self::CodeDamaged => 400,
            Self::NotSignedIn | Self::WrongSignIn => 401,
            Self::NotYours | Self::OtherSite | Self::NotScanned | Self::RowsNotScanned => 403,
            Self::Unknown | Self::PageOutdated | Self::CodeForeign | Self::EnrolmentCode => 404,
            Self::TooSlow => 408,
            Self::CodeUsed
            | Self::SyncOutdated
            | Self::KioskNotHeard
            | Self::OrderStatus { .. }
            | Self::CompartmentTaken
            | Self::Exists
            | Self::NodeAlive => 409,
            Self::CodeExpired => 410,
            Self::TooLarge { .. } => 413,
            Self::WrongHost => 421,
            Self::Field { .. } | Self::CodeKind | Self::CodeFromFuture | Self::KeyReused => 422,
            Self::TooMany { .. } => 429,
            Self::Internal | Self::KioskUnreadable => 500,
            Self::Unavailable => 503,
        }
    }

    /// A refusal about one field.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Field {
            field: field.to_owned(),
            problem,
        }
    }

    /// A malformed request, with an English explanation for the author of a client.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::Malformed { detail: detail.into() }
    }
}
