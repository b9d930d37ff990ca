//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent again with the same key is answered with the
//! first result and does nothing more. Requests without it are answered as if there were no such header.

use super::auth::Caller;
use super::error::Failure;
use super::json;
use crate::state::AppState;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backend::once::{self, Who};
use backend::tokens::Bearer;
use domain::error::Refusal;
use domain::ids::Yid;
use domain::people::Person;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

/// The header.
pub const HEADER: &str = "idempotency-key";
/// Longest key in characters.
pub const LONGEST: usize = 255;

/// The answer as it was given first.
#[derive(Serialize, Deserialize)]
struct Given {
    status: u16,
    kind: Option<String>,
    body: String,
}

/// An answer that is not kept, because nothing was done.
struct NotKept(Response);

impl From<Refusal> for NotKept {
    fn from(refusal: Refusal) -> Self {
        Self(Failure(refusal).into_response())
    }
}

/// The middleware of an address whose requests do something.
pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let answer = match key(request.headers()) {
        Ok(None) => return next.run(request).await,
        Ok(Some(key)) => answer(&state, request, next, key).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer.unwrap_or_else(|NotKept(response)| response)
}

async fn answer(state: &AppState, request: Request, next: Next, key: String) -> Result<Response, NotKept> {
    let (mut parts, body) = request.into_parts();
    let sender = Sender::of(&mut parts, state).await?;
    let body = json::read(Request::from_parts(parts.clone(), body), state).await?;
    let credential = String::from_utf8_lossy(&body);
    let action = format!("{} {}", parts.method, parts.uri);
    let request = once::Request {
        who: sender.who(&credential),
        key: &key,
        action: &action,
        body: &body,
    };
    let work = work(next, Request::from_parts(parts, Body::from(body.clone())));
    once::run(&state.backend, request, work).await.map(Given::again)
}

/// Does what was asked for. What was refused is not kept.
async fn work(next: Next, request: Request) -> Result<Given, NotKept> {
    let response = next.run(request).await;
    if !response.status().is_success() {
        return Err(NotKept(response));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Refusal::Internal)?;
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    Ok(Given {
        status: parts.status.as_u16(),
        kind: kind.map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

impl Given {
    fn again(self) -> Response {
        let mut response = Response::new(Body::from(Bytes::from(self.body)));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        if let Some(kind) = self.kind.and_then(|kind| HeaderValue::try_from(kind).ok()) {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        response
    }
}

/// Whose key it is.
enum Sender {
    Person(Person),
    Kiosk(Yid),
    /// A device that shows who it is by what it sends.
    Nobody,
}

impl Sender {
    async fn of(parts: &mut Parts, state: &AppState) -> Result<Self, NotKept> {
        // A token that is sent all the same counts for nothing there.
        if parts.uri.path().ends_with(super::ENROL) {
            return Ok(Self::Nobody);
        }
        let caller = Caller::from_request_parts(parts, state).await;
        match caller.map_err(|Failure(refusal)| refusal)? {
            Caller(Bearer::Person(person)) => Ok(Self::Person(person)),
            Caller(Bearer::Kiosk(yid)) => Ok(Self::Kiosk(yid)),
        }
    }

    fn who<'a>(&'a self, credential: &'a str) -> Who<'a> {
        match self {
            Self::Person(person) => Who::Person(person),
            Self::Kiosk(yid) => Who::Kiosk(*yid),
            Self::Nobody => Who::Secret(credential),
        }
    }
}

/// The key, where there is one: a string as in RFC 8941, or the same without its quotation marks.
fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return match headers.contains_key(HEADER) {
            true => Err(malformed("sent more than once")),
            false => Ok(None),
        };
    };
    let text = value.to_str().map_err(|_| malformed("not printable ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted).ok_or_else(|| malformed("a quotation mark is missing or misplaced"))?,
        None => text.to_owned(),
    };
    if key.is_empty() || key.len() > LONGEST {
        return Err(malformed("expected 1 to 255 characters"));
    }
    Ok(Some(key))
}

fn malformed(what: &str) -> Refusal {
    Refusal::malformed(format!("Idempotency-Key: {what}"))
}

/// What stands between the quotation marks; the first is taken off already.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::new();
    let mut chars = text.strip_suffix('"')?.chars();
    while let Some(c) = chars.next() {
        key.push(match c {
            '"' => return None,
            '\\' => chars.next().filter(|next| matches!(next, '"' | '\\'))?,
            other => other,
        });
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<Option<String>, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_static(value));
        }
        key(&headers).map_err(|refusal| refusal.status())
    }

    #[test]
    fn a_key_is_a_structured_string_or_a_bare_text() {
        assert_eq!(read(&[]), Ok(None));
        for (value, expected) in [
            (r#""8e03978e-40d5""#, "8e03978e-40d5"),
            ("8e03978e-40d5", "8e03978e-40d5"),
            (r#" "a \" b \\ c" "#, r#"a " b \ c"#),
        ] {
            assert_eq!(read(&[value]), Ok(Some(expected.to_owned())), "{value}");
        }
        for value in ["", r#""""#, r#"""#, r#""a"#, r#""a"b""#, r#""a\b""#] {
            assert_eq!(read(&[value]), Err(400), "{value}");
        }
        assert_eq!(read(&["a", "a"]), Err(400));
        assert_eq!(read(&["a".repeat(256).leak()]), Err(400));
    }
}
