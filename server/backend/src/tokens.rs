//! Bearer tokens: for clients without cookies and for kiosks.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::people::Person;

/// A fresh bearer token.
#[derive(Clone)]
pub struct Issued {
    /// The text to send as `Authorization: Bearer …`.
    pub token: String,
    /// When it ends.
    pub expires: Millis,
}

/// Whom a bearer token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A person.
    Person(Person),
    /// A kiosk.
    Kiosk(Yid),
}

/// Makes a token for a person.
pub async fn issue_for_person(b: &Backend, who: &Person) -> Result<Issued> {
    Err(Refusal::Internal)
}

/// Whom this token speaks for; [`Refusal::NotSignedIn`] when for nobody (any more).
pub async fn authenticate(b: &Backend, bearer: &str) -> Result<Bearer> {
    Err(Refusal::Internal)
}

/// Ends this token; no matter whether it was one.
pub async fn revoke(b: &Backend, bearer: &str) -> Result<()> {
    Err(Refusal::Internal)
}
