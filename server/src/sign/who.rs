//! Who is asking, and what they may ask (SPEC 4.2).
//!
//! | sign | who may |
//! | --- | --- |
//! | 1, 2, 3, 4, 26 | anybody, limited by address and number |
//! | 19 | the owner, or somebody with the code sent to them |
//! | 12, 13, 16, 22 | the owner and everybody above |
//! | all others | the owner |
//!
//! 19 and 23 are never answered by the legacy window.

use super::dispatch::dispatch;
use crate::edge::bearer::bearer;
use backend::access::{self, Access};
use backend::guard::directory;
use backend::{Backend, Result};
use domain::error::Refusal;
use domain::guard::ids::AccessToken;
use domain::guard::messages::{Reply, Request, Sign};
use domain::ids::Phone;
use domain::people::Person;
use http::HeaderMap;

/// Where a message comes from.
pub struct Caller<'a> {
    pub(super) backend: &'a Backend,
    /// As limits and the legacy window count it.
    pub(super) address: &'a str,
    /// The host by which this node was reached.
    pub(super) reached: &'a str,
}

/// For whom a message speaks.
pub struct Speaker {
    /// Nothing where nobody need be signed in.
    access: Option<Access>,
    /// `ownerPhoneNumber`.
    named: Phone,
}

impl<'a> Caller<'a> {
    /// A request from `address` to the host `reached`.
    pub fn of(backend: &'a Backend, address: &'a str, reached: &'a str) -> Self {
        Self {
            backend,
            address,
            reached,
        }
    }

    pub(super) fn asks(&self) -> directory::Caller<'a> {
        directory::Caller {
            address: self.address,
            reached: self.reached,
        }
    }

    /// Finds out who speaks, and lets them have their answer.
    pub async fn answer(&self, request: Request, token: Option<AccessToken>, headers: &HeaderMap) -> Result<Reply> {
        let sign = request.sign();
        let named = request.owner().clone();
        let access = if sign.is_public() {
            None
        } else {
            match (self.access(&named, sign, token, headers).await, sign) {
                // A code may stand in for the token.
                (Err(Refusal::NotSignedIn), Sign::ResetPassword) => None,
                (access, _) => Some(access?),
            }
        };
        if let Some(access) = &access {
            tracing::Span::current().record("role", access.person.role.as_str());
        }
        dispatch(self, Speaker { access, named }, request).await
    }

    /// By the token in the message, else by that in the header, else by the legacy window. A token that is not good (any more) is
    /// refused, whatever the address may say.
    async fn access(
        &self,
        named: &Phone,
        sign: Sign,
        token: Option<AccessToken>,
        headers: &HeaderMap,
    ) -> Result<Access> {
        let token = match token {
            Some(token) => Some(token),
            None => bearer(headers)?
                .map(AccessToken::parse)
                .transpose()
                .map_err(|_| Refusal::NotSignedIn)?,
        };
        match token {
            // The answer is whether another device has signed in, at whichever node.
            Some(token) if sign == Sign::CurrentImei => access::verify_now(self.backend, &token).await,
            Some(token) => access::verify(self.backend, &token).await,
            None if needs_token(sign) => Err(Refusal::NotSignedIn),
            None => access::by_address(self.backend, named, self.address).await,
        }
    }
}

/// What lasts longer than the legacy window: a new password makes the account somebody else's for good, and a junior is read from then on.
fn needs_token(sign: Sign) -> bool {
    matches!(sign, Sign::ResetPassword | Sign::AddJunior)
}

impl Speaker {
    /// The person who is signed in; the use case looks whether they stand above the owner who is named.
    pub(super) fn reader(&self) -> Result<&Person> {
        self.access
            .as_ref()
            .map(|access| &access.person)
            .ok_or(Refusal::NotSignedIn)
    }

    /// The owner who is named, and nobody else.
    pub(super) fn owner(&self) -> Result<&Person> {
        self.own_access().map(|access| &access.person)
    }

    /// The same with what belongs to their token.
    pub(super) fn own_access(&self) -> Result<&Access> {
        let access = self.access.as_ref().ok_or(Refusal::NotSignedIn)?;
        if access.person.phone == self.named {
            Ok(access)
        } else {
            Err(Refusal::NotYours)
        }
    }

    /// `ownerPhoneNumber`.
    pub(super) fn named(&self) -> &Phone {
        &self.named
    }
}
