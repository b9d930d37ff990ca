//! What every request passes first and every response last: where it comes from and for whom it is, a request id and its span in the
//! log, limits of size and time, refusal of what other sites send, headers for the browser, and a proper answer where the program fails.

pub mod address;
pub mod bearer;
mod body;
pub mod bounds;
pub mod connections;
mod cookies;
pub mod counters;
mod headers;
pub mod host;
mod origin;
mod path;
mod trace;

pub use trace::{note_role, request_under_way};

use crate::state::{AppState, Transport};
use crate::{page, v1};
use address::{Believed, Client};
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use bounds::Bounds;
use counters::{Count, Counters};
use domain::error::{RETRY_SECONDS, Refusal};
use host::OwnHosts;
use http::header::{CONNECTION, COOKIE, HeaderName, LOCATION, RETRY_AFTER};
use http::uri::Authority;
use http::{HeaderValue, StatusCode, Version};
use islands::context::Peer;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{self, MakeRequestId, PropagateRequestIdLayer, SetRequestIdLayer};

/// What the edge goes by: settings, bounds, counters.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Who is believed about where a request comes from.
    pub believed: Believed,
    /// The hosts that are this server.
    pub hosts: OwnHosts,
    /// What a client may hold or take.
    pub bounds: Bounds,
    /// What happened.
    pub counters: Arc<Counters>,
}

/// Names the request in the log, on error pages, and as the nonce of the page's own scripts.
#[derive(Clone)]
pub struct RequestId(pub Arc<str>);

/// The request was refused before it reached its handler.
#[derive(Clone)]
pub struct Refused(pub Refusal);

/// A handler panicked with this.
#[derive(Clone)]
struct Panicked(String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// Puts the edge around all routes, for a listener of this transport.
pub fn around(routes: Router, state: &AppState, listener: Transport) -> Router {
    let ids = Ids(state.clone());
    let routes = routes.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(trace::note_route))
            .layer(DefaultBodyLimit::max(
                usize::try_from(islands::fields::MAX_FORM_BYTES).unwrap_or(usize::MAX),
            )),
    );
    // One stack of middleware: every further call of `Router::layer` puts all that is inside into another box, and copies the box for each request.
    let layers = ServiceBuilder::new()
        .layer(Extension(listener))
        .layer(middleware::from_fn_with_state(state.edge.clone(), arrive))
        .layer(SetRequestIdLayer::new(REQUEST_ID, ids))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(middleware::from_fn(name))
        .layer(headers::always())
        .layer(trace::layer())
        .layer(middleware::from_fn_with_state(state.clone(), guard))
        .layer(CatchPanicLayer::custom(panicked));
    // Around a router as a fallback, so that all this comes before the choice of a route.
    Router::new().fallback_service(routes).layer(layers)
}

/// First of all: what the client says about itself, taken for what it is worth.
async fn arrive(
    State(edge): State<Arc<Edge>>,
    Extension(listener): Extension<Transport>,
    mut request: Request,
    next: Next,
) -> Response {
    request.headers_mut().remove(REQUEST_ID);
    cookies::keep_readable(request.headers_mut());
    let peer = request.extensions().get();
    let peer = peer.map(|ConnectInfo(address): &ConnectInfo<SocketAddr>| *address);
    let host = host::of(&request);
    let named = host.as_ref().ok().and_then(Option::as_ref);
    let client = edge.believed.client(listener, peer, named, &request, &edge.counters);
    let extensions = request.extensions_mut();
    extensions.insert(Peer(client.counted()));
    extensions.insert(client);
    extensions.insert(Named(host));
    next.run(request).await
}

/// The address of this site as the client of a request knows it, such as `https://locks.example`; `None` where the request names no host.
pub fn site_address(extensions: &http::Extensions) -> Option<String> {
    let Reached(host) = extensions.get()?;
    let client: &Client = extensions.get()?;
    let scheme = match client.transport {
        Transport::Tls => "https",
        Transport::Plain => "http",
    };
    Some(format!("{scheme}://{host}"))
}

/// The host a request is for, once it is known to be one of ours.
#[derive(Clone)]
struct Reached(Authority);

/// The host a request names, if it names one properly.
#[derive(Clone)]
struct Named(Result<Option<Authority>, Refusal>);

/// Makes request ids.
#[derive(Clone)]
struct Ids(AppState);

impl MakeRequestId for Ids {
    fn make_request_id<B>(&mut self, _request: &http::Request<B>) -> Option<request_id::RequestId> {
        let mut random = [0; 16];
        self.0.rng.fill(&mut random);
        let id = format!("{:032x}", u128::from_be_bytes(random));
        HeaderValue::from_str(&id).ok().map(request_id::RequestId::new)
    }
}

/// Gives the request its id as the rest of the program knows it.
async fn name(mut request: Request, next: Next) -> Response {
    let id = request.extensions().get::<request_id::RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or("-");
    let id = RequestId(Arc::from(id));
    request.extensions_mut().insert(id.clone());
    trace::under(id, next.run(request)).await
}

/// How a request that does not reach its handler is answered, and one that ends badly.
struct Listener {
    about_v1: Option<v1::error::Listener>,
    locale: islands::i18n::Locale,
    id: Arc<str>,
}

impl Listener {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let id = request.extensions().get::<RequestId>();
        Self {
            about_v1: request
                .uri()
                .path()
                .starts_with("/v1/")
                .then(|| v1::error::Listener::of(headers)),
            locale: page::locale(headers),
            id: id.map_or(Arc::from("-"), |RequestId(id)| id.clone()),
        }
    }

    fn answer(&self, refusal: &Refusal) -> Response {
        match &self.about_v1 {
            Some(listener) => v1::error::answer(refusal, listener),
            None => page::bare(refusal, self.locale, &self.id),
        }
    }
}

/// In the span of the request: refuses what must not go on, and mends what comes back.
async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(trace::RequestSpan::current());
    let edge = &state.edge;
    let (listener, version) = (Listener::of(&request), request.version());
    let transport = request
        .extensions()
        .get()
        .map_or(Transport::Plain, |client: &Client| client.transport);
    let is_kiosk = request.uri().path() == "/kiosk";
    let mut response = match admit(edge, &mut request) {
        Err(refused) => match *refused {
            Turned::Refused(refusal) => listener.answer(&refusal),
            Turned::To(address) => moved(&address),
        },
        Ok(()) => {
            let request = body::bounded(request, &edge.bounds, &edge.counters).await;
            let (request, slow) = body::paced(request, &edge.bounds, &edge.counters);
            let mut response = next.run(request).await;
            if slow.is_true() {
                response = listener.answer(&Refusal::TooSlow);
                if version < Version::HTTP_2 {
                    response
                        .headers_mut()
                        .insert(CONNECTION, HeaderValue::from_static("close"));
                }
            }
            mended(&state, response, &listener)
        }
    };
    if response.status().is_server_error() {
        edge.counters.add(Count::Failure);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.entry(RETRY_AFTER).or_insert(HeaderValue::from(RETRY_SECONDS));
    }
    headers::secure(&mut response, &listener.id, transport, is_kiosk);
    response
}

/// Why a request does not go on.
enum Turned {
    Refused(Refusal),
    /// It is asked for elsewhere.
    To(String),
}

impl From<Refusal> for Box<Turned> {
    fn from(refusal: Refusal) -> Self {
        Self::new(Turned::Refused(refusal))
    }
}

/// For whom it is, in which form, and from whom.
fn admit(edge: &Edge, request: &mut Request) -> Result<(), Box<Turned>> {
    let named = request.extensions_mut().remove::<Named>();
    let host = named.map_or(Ok(None), |Named(host)| host);
    let host = host.inspect_err(|_| edge.counters.add(Count::HostRefused))?;
    let about_health = HEALTH.contains(&request.uri().path());
    // A monitor may call the server by any name, or by none in HTTP/1.0.
    let ours = about_health || host.as_ref().is_some_and(|host| edge.hosts.contains(host.host()));
    if !ours {
        edge.counters.add(Count::HostRefused);
        let host = host.as_ref().map_or("", Authority::as_str);
        tracing::warn!(
            host,
            "a request for a host that is not this server was refused: if it is yours, name it in --hosts, --public-url or --advertise"
        );
        return Err(Refusal::WrongHost.into());
    }
    if let Some(host) = host.clone() {
        request.extensions_mut().insert(Reached(host));
    }
    let path = request.uri().path();
    let form = path::canonical(path).ok_or_else(|| Refusal::malformed("the path has a backslash"))?;
    if form != path {
        let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
        return Err(Box::new(Turned::To(format!("{form}{query}"))));
    }
    match origin::sender(request, host.as_ref(), edge.believed.public_url.as_ref()) {
        origin::Sender::Ours => {}
        origin::Sender::WithToken => {
            request.headers_mut().remove(COOKIE);
        }
        origin::Sender::OtherSite => {
            edge.counters.add(Count::OtherSiteRefused);
            let origin = request.headers().get("origin").and_then(|origin| origin.to_str().ok());
            let (origin, host) = (origin.unwrap_or("-"), host.as_ref().map_or("-", Authority::as_str));
            tracing::warn!(
                origin,
                host,
                "the Origin check refused a form of another site: if it is yours, let the proxy pass Host on with its port, or set --public-url"
            );
            request.extensions_mut().insert(Refused(Refusal::OtherSite));
        }
    }
    Ok(())
}

fn moved(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response()
}

/// A proper answer in place of an improper one.
fn mended(state: &AppState, mut response: Response, listener: &Listener) -> Response {
    if let Some(Panicked(cause)) = response.extensions_mut().remove() {
        state.edge.counters.add(Count::Panic);
        // Where it happened is in the log already, by the hook, with the same id.
        tracing::error!(cause, "a request ended in a panic");
        return listener.answer(&Refusal::Internal);
    }
    // Sessions that could not be kept after a request end it without a word.
    let silent = response.body().size_hint().exact() == Some(0);
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !silent {
        return response;
    }
    listener.answer(&if state.backend.is_troubled() {
        Refusal::Unavailable
    } else {
        Refusal::Internal
    })
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let cause = trace::cause(&*panic).to_owned();
    response.extensions_mut().insert(Panicked(cause));
    response
}
