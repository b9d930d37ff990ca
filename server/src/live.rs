//! `GET /owner/live`: tells an owner's open pages that something happened, and nothing about what: the page fetches itself again,
//! and so sees what its reader may see.

use crate::state::AppState;
use app::context::RequestContext;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use backend::guard::hub::{Live, LiveSubscription};
use backend::sessions::SessionStore;
use domain::error::Refusal;
use domain::people::Role;
use futures::Stream;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower_sessions::session::Id;
use tower_sessions::{Session, SessionStore as _};

/// A sign of life, so that nothing in between takes the stream for dead. So often it is asked whether its reader is still signed in, too.
const ALIVE_EVERY: Duration = Duration::from_secs(15);
/// A stream ends after this and the browser asks for another one, for which it must be signed in.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// A browser whose stream ended asks again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Tells a proxy not to wait for more.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The stream, or the refusal's status.
pub async fn events(State(state): State<AppState>, session: Session, context: RequestContext) -> Response {
    match listener(&state, &session, &context) {
        Ok(listener) => answer(listener),
        Err(refusal) => StatusCode::from_u16(refusal.status())
            .unwrap_or(StatusCode::FORBIDDEN)
            .into_response(),
    }
}

fn listener(state: &AppState, session: &Session, context: &RequestContext) -> Result<Listener, Refusal> {
    let person = context.require(Role::Owner)?;
    Ok(Listener {
        news: context.backend.hub().subscribe(&person.phone),
        stopping: state.stopping.subscribe(),
        sessions: SessionStore::new(&context.backend),
        session: session.id().ok_or(Refusal::NotSignedIn)?,
        end: Instant::now() + LONGEST,
    })
}

fn answer(listener: Listener) -> Response {
    let mut response = Sse::new(told(listener)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

fn told(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = Event::default().retry(AGAIN_AFTER).comment("listening");
    let first = futures::stream::once(async move { Ok(hello) });
    let rest = futures::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    futures::StreamExt::chain(first, rest)
}

/// One open page.
struct Listener {
    news: LiveSubscription,
    stopping: watch::Receiver<bool>,
    sessions: SessionStore,
    session: Id,
    end: Instant,
}

impl Listener {
    /// What to tell next; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        let alive = (Instant::now() + ALIVE_EVERY).min(self.end);
        let event = tokio::select! {
            // An event without data is never given to the page.
            news = self.news.next() => Event::default().event(name(news)).data("1"),
            () = sleep_until(alive) => Event::default().comment("alive"),
            () = stopped(&mut self.stopping) => return None,
        };
        let goes_on = Instant::now() < self.end && self.is_signed_in().await;
        goes_on.then_some(event)
    }

    /// Looked up anew: the session of the request knows only what was true when the stream began. A database that does not answer ends
    /// nobody's session.
    async fn is_signed_in(&self) -> bool {
        !matches!(self.sessions.load(&self.session).await, Ok(None))
    }
}

/// Waits until the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Fails only when the server is gone.
    let _gone = stopping.wait_for(|stopping| *stopping).await.is_err();
}

fn name(news: Live) -> &'static str {
    match news {
        Live::RecordStored => "records",
        Live::GuardChanged => "guards",
        Live::SignedInElsewhere => "elsewhere",
    }
}
