//! `POST /v1/Login` and `POST /v1/Logout`: bearer tokens for clients without cookies.

use super::error::Failure;
use super::json::{Json, Reply, Success};
use crate::edge::bearer::bearer;
use crate::state::AppState;
use axum::Extension;
use axum::extract::{Request, State};
use backend::{people, tokens};
use domain::error::Refusal;
use domain::people::Role;
use islands::context::Peer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Phone number and password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    phone_number: String,
    password: String,
}

/// The token, and whose it is.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    token: String,
    role: Role,
    name: String,
    #[schema(value_type = String, format = DateTime, examples("2018-09-17T06:56:45.000Z"))]
    expires: String,
}

/// Nothing to add.
#[derive(Serialize, ToSchema)]
pub struct Nothing {}

/// Anybody: a token for phone number and password.
pub async fn sign_in(
    State(state): State<AppState>,
    Extension(Peer(address)): Extension<Peer>,
    Json(body): Json<Login>,
) -> Reply<SignedIn> {
    let signed_in = people::sign_in(&state.backend, &body.phone_number, &body.password, &address).await;
    let person = signed_in.map_err(as_named_here)?;
    let issued = tokens::issue_for_person(&state.backend, &person).await?;
    Ok(Success::with(SignedIn {
        token: issued.token,
        role: person.role,
        name: person.name,
        expires: issued.expires.to_iso(),
    }))
}

/// The use case calls the number `phone`.
fn as_named_here(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Field { problem, .. } => Refusal::field("phoneNumber", problem),
        other => other,
    }
}

/// The holder of a token: ends it.
pub async fn sign_out(State(state): State<AppState>, request: Request) -> Reply<Nothing> {
    let (parts, _) = request.into_parts();
    let token = bearer(&parts.headers)?.ok_or(Failure(Refusal::NotSignedIn))?;
    tokens::revoke(&state.backend, token).await?;
    Ok(Success::with(Nothing {}))
}
