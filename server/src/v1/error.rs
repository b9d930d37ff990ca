//! How `/v1` says no: `{"success":false,"errorCode":…,"message":"…"}` with that status, the message in the caller's language.

use crate::edge::Refused;
use crate::page;
use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::error::Refusal;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use islands::i18n::Locale;
use islands::words::refusal_text;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// A refusal on its way out. Put into words by [`speak`], which knows the language.
pub struct Failure(pub Refusal);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(Refused(self.0));
        response
    }
}

/// Whom a message is for.
pub struct Listener(Locale);

impl Listener {
    /// The sender of these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(page::locale(headers))
    }
}

/// The middleware: refuses what was refused at the edge, and puts refusals into words.
pub async fn speak(mut request: Request, next: Next) -> Response {
    let listener = Listener::of(request.headers());
    let mut response = match request.extensions_mut().remove::<Refused>() {
        Some(Refused(refusal)) => Failure(refusal).into_response(),
        None => next.run(request).await,
    };
    if let Some(Refused(refusal)) = response.extensions_mut().remove() {
        response = worded(&refusal, response.status(), &listener);
    }
    // Whatever is said here is for one caller and one moment.
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The whole answer.
pub fn answer(refusal: &Refusal, listener: &Listener) -> Response {
    worded(refusal, status(refusal), listener)
}

/// A refusal as it is sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Refusal)]
pub struct Body {
    /// `false`
    #[schema(schema_with = always_false)]
    success: bool,
    /// The status.
    error_code: u16,
    /// For people, in the language of `Accept-Language`.
    message: String,
    /// For programs.
    #[schema(value_type = Reason)]
    reason: Refusal,
}

/// The description of what is always `false`.
pub fn always_false() -> Schema {
    constant(Type::Boolean, false.into())
}

/// The description of what always has this value.
pub fn constant(of: Type, value: Value) -> Schema {
    ObjectBuilder::new()
        .schema_type(of)
        .enum_values(Some([value]))
        .build()
        .into()
}

/// How [`Refusal`] is written, for the description.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only described")]
struct Reason {
    /// Names the reason for programs, such as `code-used`
    code: String,
    /// Of an impossible value: where it stands
    #[schema(nullable = false)]
    field: Option<String>,
    /// Of an impossible value: what is wrong with it
    #[schema(nullable = false)]
    problem: Option<String>,
    /// For the author of a client
    #[schema(nullable = false)]
    detail: Option<String>,
    /// The least that is allowed
    #[schema(nullable = false)]
    min: Option<i64>,
    /// The most that is allowed
    #[schema(nullable = false)]
    max: Option<i64>,
    /// The most bytes that are allowed
    #[schema(nullable = false)]
    max_bytes: Option<u64>,
    /// The status of the order
    #[schema(nullable = false)]
    status: Option<String>,
    /// How long to wait
    #[schema(nullable = false)]
    seconds: Option<u32>,
}

fn worded(refusal: &Refusal, status: StatusCode, listener: &Listener) -> Response {
    let body = Body {
        success: false,
        error_code: status.as_u16(),
        message: refusal_text(listener.0, refusal),
        reason: refusal.clone(),
    };
    let mut response = (status, Json(body)).into_response();
    match refusal {
        Refusal::TooMany { seconds } => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        Refusal::NotSignedIn => {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An invalid address.
pub async fn no_such_address() -> Failure {
    Failure(Refusal::Unknown)
}

/// An address that is one, but not with this method.
pub async fn no_such_method() -> Response {
    let mut response = Failure(Refusal::malformed("this address does not know this method")).into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
