//! Who is calling: by `Authorization: Bearer`, else by the session cookie.

use super::error::Failure;
use crate::edge;
use crate::edge::bearer::bearer;
use crate::page;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use backend::tokens::{self, Bearer};
use domain::error::Refusal;
use domain::people::Person;
use http::request::Parts;
use std::sync::Arc;
use tower_sessions::Session;

/// A person or a kiosk.
pub struct Caller(pub Bearer);

/// A person; a kiosk is refused.
pub struct Somebody(pub Person);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        if let Some(token) = bearer(&parts.headers)? {
            let bearer = tokens::authenticate(&state.backend, token).await?;
            let role = match &bearer {
                Bearer::Person(person) => person.role.as_str(),
                Bearer::Kiosk(_) => "kiosk",
            };
            edge::note_role(&parts.extensions, role);
            return Ok(Self(bearer));
        }
        let session = parts.extensions.get::<Session>().ok_or(Refusal::NotSignedIn)?;
        let person = page::signed_in(&state.backend, session).await?;
        let person = person.ok_or(Refusal::NotSignedIn)?;
        edge::note_role(&parts.extensions, person.role.as_str());
        Ok(Self(Bearer::Person(Arc::unwrap_or_clone(person))))
    }
}

impl FromRequestParts<AppState> for Somebody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Caller::from_request_parts(parts, state).await?.0 {
            Bearer::Person(person) => Ok(Self(person)),
            Bearer::Kiosk(_) => Err(Failure(Refusal::NotYours)),
        }
    }
}
