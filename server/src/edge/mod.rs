//! What every request passes first and every response last: a request id, the log, limits of size, refusal of what other sites
//! send, headers for the browser, and a proper answer where the program fails.

mod body;
mod headers;
mod log;
mod origin;

use crate::state::AppState;
use crate::{page, v1};
use app::context::Peer;
use axum::body::HttpBody;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::error::{RETRY_SECONDS, Refusal};
use futures::FutureExt;
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

pub use log::loggable;

/// Names the request in the log, on error pages, and as the nonce of the page's own scripts.
#[derive(Clone)]
pub struct RequestId(pub Arc<str>);

/// The request was refused before it reached its handler.
#[derive(Clone)]
pub struct Refused(pub Refusal);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub async fn around(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = new_id(&state);
    let line = log::Line::begin(&request, state.backend.now());
    let about = request
        .uri()
        .path()
        .starts_with("/v1/")
        .then(|| v1::error::Listener::of(request.headers()));
    let locale = page::locale(request.headers());
    let peer = request.extensions().get().map_or(
        "unknown".to_owned(),
        |ConnectInfo(address): &ConnectInfo<SocketAddr>| peer(address.ip()),
    );
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(RequestId(id.clone()));
    if origin::is_cross_site(&request) {
        request.extensions_mut().insert(Refused(Refusal::NotYours));
    }
    let request = body::bounded(request).await;
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = outcome.unwrap_or_else(|_panic| {
        // The panic's message and place are in the log already, by the hook.
        tracing::error!(id = &*id, path = line.path(), "a request ended in a panic");
        match &about {
            Some(listener) => v1::error::answer(&Refusal::Internal, listener),
            None => page::bare(&Refusal::Internal, locale, &id),
        }
    });
    // Sessions that could not be kept after a request end it without a word.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && response.body().size_hint().exact() == Some(0) {
        let refusal = if state.backend.is_troubled() {
            Refusal::Unavailable
        } else {
            Refusal::Internal
        };
        response = match &about {
            Some(listener) => v1::error::answer(&refusal, listener),
            None => page::bare(&refusal, locale, &id),
        };
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.entry(RETRY_AFTER).or_insert(HeaderValue::from(RETRY_SECONDS));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    headers::secure(&mut response, &id);
    line.end(&id, response.status(), state.backend.now());
    response
}

fn new_id(state: &AppState) -> Arc<str> {
    let mut random = [0; 16];
    state.rng.fill(&mut random);
    format!("{:032x}", u128::from_be_bytes(random)).into()
}

/// As limits count addresses: one of IPv6 stands for its network, which is what one household or attacker has.
fn peer(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_counts_as_its_network() {
        let peer = |text: &str| peer(text.parse().unwrap());
        assert_eq!(peer("192.0.2.7"), "192.0.2.7");
        assert_eq!(peer("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(peer("2001:db8:1:2:3:4:5:6"), peer("2001:db8:1:2:ffff::"));
    }
}
