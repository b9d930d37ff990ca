//! The 26 messages over HTTP (SPEC 4.1): `POST /` and `POST /v1/sign`. What a message means is in `domain::guard::messages`, who may say it
//! in [`who`], what it does in [`dispatch`].

mod body;
mod cards;
mod directory;
mod dispatch;
mod guards;
mod juniors;
mod owners;
mod passwords;
mod records;
mod times;
mod who;

use crate::edge::Refused;
use crate::state::AppState;
use crate::v1::error::{always_false, constant};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use domain::error::Refusal;
use domain::guard::messages::{self, MAX_BODY_BYTES, Malformed};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use islands::context::Peer;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Schema, Type};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Both addresses; every node answers every sign at either.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/", post(answer))
        .route("/v1/sign", post(answer).fallback(only_post))
        .with_state(state)
}

/// Answers one message.
async fn answer(
    State(state): State<AppState>,
    Extension(Peer(address)): Extension<Peer>,
    mut request: Request,
) -> Response {
    if let Some(Refused(refusal)) = request.extensions_mut().remove() {
        return refused(refusal.status(), &refusal.to_string());
    }
    if !is_json(request.headers()) {
        return refused(400, "the content type is text/json or application/json");
    }
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let body = match Bytes::from_request(request, &state).await {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return malformed(&Malformed::TooLarge);
        }
        Err(_) => return refused(400, "the body ended too early"),
    };
    // What is too large is refused as such before anybody reads it.
    let text = if body.len() > MAX_BODY_BYTES {
        Cow::Borrowed(&*body)
    } else {
        body::utf8(&body, charset(&headers))
    };
    let incoming = match messages::parse(&text) {
        Ok(incoming) => incoming,
        Err(fault) => return malformed(&fault),
    };
    let reply = match incoming.request {
        Err(fault) => {
            tracing::debug!(?fault, "a message was refused");
            fault.reply()
        }
        Ok(asked) => {
            let failure = asked.failure();
            let sign = asked.sign().number();
            let caller = who::Caller::of(&state.backend, &address, reached(&headers, &uri));
            let outcome = caller.answer(asked, incoming.token, &headers).await;
            outcome.unwrap_or_else(|refusal| {
                tracing::debug!(sign, %refusal, "a message was refused");
                failure
            })
        }
    };
    json(StatusCode::OK, reply.to_json())
}

/// What browsers can be made to send from another site without asking first is no message. A client that says nothing is no browser.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "text/json" | "application/json")
}

/// The charset a client declares.
fn charset(headers: &HeaderMap) -> Option<&str> {
    let parameters = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').skip(1);
    parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, label)| label.trim().trim_matches('"'))
}

/// The host by which the caller reached this node: HTTP/2 has it in the address and no header.
fn reached<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> &'a str {
    headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(Authority::as_str))
        .unwrap_or_default()
}

fn malformed(fault: &Malformed) -> Response {
    refused(fault.status(), &fault.to_string())
}

fn one() -> Schema {
    constant(Type::Integer, 1.into())
}

/// What is answered where there is no message to answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignRefusal {
    /// 1
    #[schema(schema_with = one)]
    result: u8,
    /// `false`
    #[schema(schema_with = always_false)]
    success: bool,
    /// The status.
    error_code: u16,
    /// Why, in English and ASCII.
    message: String,
}

/// What is no message: `result` for clients that look for nothing else, the rest as in SPEC 3.1. ASCII only, like every reply.
fn refused(status: u16, message: &str) -> Response {
    let ascii = |c: char| {
        if c.is_ascii() {
            String::from(c)
        } else {
            c.escape_default().to_string()
        }
    };
    let refusal = SignRefusal {
        result: 1,
        success: false,
        error_code: status,
        message: message.chars().map(ascii).collect(),
    };
    let body = serde_json::to_vec(&refusal).unwrap_or_default();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, body)
}

async fn only_post() -> Response {
    let refusal = Refusal::malformed("this address knows POST only");
    let mut response = refused(405, &refusal.to_string());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, [(CONTENT_TYPE, JSON), no_store], body).into_response()
}
