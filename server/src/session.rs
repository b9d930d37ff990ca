//! Sessions of browsers: a cookie of its own for TLS, and one for plain HTTP. Which of them counts is known for each request.

use crate::edge::address::Client;
use crate::state::Transport;
use axum::extract::Request;
use axum::response::Response;
use backend::Backend;
use backend::sessions::SessionStore;
use http::HeaderValue;
use http::header::{Entry, SET_COOKIE};
use std::task::{Context, Poll, ready};
use tower::{Layer, Service};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

/// The names of the cookie, for plain HTTP and for TLS.
const NAMES: [&str; 2] = ["latchkey", "__Host-latchkey"];
/// A session unused for so long ends.
const SESSION_HOURS: i64 = 12;

/// Gives requests their sessions.
#[derive(Clone)]
pub struct Layers {
    plain: SessionManagerLayer<SessionStore>,
    tls: SessionManagerLayer<SessionStore>,
}

impl Layers {
    /// Sessions kept here.
    pub fn new(backend: &Backend) -> Self {
        Self {
            plain: layer(backend, Transport::Plain),
            tls: layer(backend, Transport::Tls),
        }
    }
}

fn layer(backend: &Backend, transport: Transport) -> SessionManagerLayer<SessionStore> {
    // A name of its own for TLS: a cookie set there cannot be replaced over plain HTTP, and would shut out who signs in here.
    let (name, secure) = match transport {
        Transport::Plain => (NAMES[0], false),
        Transport::Tls => (NAMES[1], true),
    };
    SessionManagerLayer::new(SessionStore::new(backend))
        .with_name(name)
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::hours(SESSION_HOURS)))
}

impl<S: Clone> Layer<S> for Layers
where
    SessionManagerLayer<SessionStore>: Layer<S>,
{
    type Service = ByTransport<<SessionManagerLayer<SessionStore> as Layer<S>>::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        ByTransport {
            plain: self.plain.layer(inner.clone()),
            tls: self.tls.layer(inner),
        }
    }
}

/// The session's cookie comes before the others, for clients that keep the first one alone.
pub async fn first(mut answer: Response) -> Response {
    if let Entry::Occupied(set) = answer.headers_mut().entry(SET_COOKIE) {
        let (name, cookies) = set.remove_entry_mult();
        let mut cookies: Vec<_> = cookies.collect();
        let is_other = |cookie: &HeaderValue| !NAMES.iter().any(|own| cookie.as_bytes().starts_with(own.as_bytes()));
        cookies.sort_by_key(is_other);
        for cookie in cookies {
            answer.headers_mut().append(name.clone(), cookie);
        }
    }
    answer
}

/// One service for each transport.
#[derive(Clone)]
pub struct ByTransport<S> {
    plain: S,
    tls: S,
}

impl<S: Service<Request>> Service<Request> for ByTransport<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        ready!(self.plain.poll_ready(cx))?;
        self.tls.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        let client: Option<&Client> = request.extensions().get();
        match client.map(|client| client.transport) {
            Some(Transport::Tls) => self.tls.call(request),
            _ => self.plain.call(request),
        }
    }
}
