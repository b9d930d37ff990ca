//! `GET /owner/live` and `GET /operator/live`: tell open pages that something happened, and nothing about what: the page fetches itself again,
//! and so sees what its reader may see. Each event carries where the owner's events stand ([`marks`]); a page that says which mark it was drawn
//! at is told at once whether it missed something, and stays as it is where it did not.

use crate::state::AppState;
use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use backend::Backend;
use backend::guard::hub::{Live, LiveSubscription};
use backend::guard::marks;
use backend::sessions::SessionStore;
use domain::error::Refusal;
use domain::people::{Person, Role};
use futures::Stream;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use islands::context::RequestContext;
use serde::Deserialize;
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
/// A busy deployment has many deposits a minute, and each would fetch an operator's page again: they are told together.
const OPERATORS_EVERY: Duration = Duration::from_secs(2);
/// A browser whose stream ended asks again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Tells a proxy not to wait for more.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What a browser that asks for the same stream again says, with the id of the last event it got.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What the page says about itself.
#[derive(Deserialize)]
pub struct Drawn {
    /// At which mark; empty where it does not know.
    #[serde(default)]
    seen: String,
}

/// The stream of the owner or operator who asks, or the refusal's status. Each of them has an address of their own, behind their door.
pub async fn events(
    State(state): State<AppState>,
    session: Session,
    context: RequestContext,
    Query(drawn): Query<Drawn>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let seen = last.unwrap_or(&drawn.seen);
    let listener = context.person().and_then(|person| {
        let news = News::of(&context.backend, person)?;
        listener(&state, &session, &context, person, news)
    });
    match listener {
        // Subscribed already: what happens from here on is told, what happened before is in the mark.
        Ok(listener) => {
            let moved = listener.has_moved(seen).await;
            answer(listener, moved)
        }
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response {
    StatusCode::from_u16(refusal.status())
        .unwrap_or(StatusCode::FORBIDDEN)
        .into_response()
}

fn listener(
    state: &AppState,
    session: &Session,
    context: &RequestContext,
    person: &Person,
    news: News,
) -> Result<Listener, Refusal> {
    Ok(Listener {
        news,
        backend: context.backend.clone(),
        who: person.clone(),
        stopping: state.stopping.subscribe(),
        sessions: SessionStore::new(&context.backend),
        session: session.id().ok_or(Refusal::NotSignedIn)?,
        end: Instant::now() + LONGEST,
    })
}

fn answer(listener: Listener, moved: bool) -> Response {
    let mut response = Sse::new(event_stream(listener, moved)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

fn event_stream(listener: Listener, moved: bool) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = Event::default()
        .retry(AGAIN_AFTER)
        .id(listener.mark())
        .comment("listening");
    let missed = moved.then(|| listener.event("missed"));
    let first = futures::stream::iter([Some(hello), missed].into_iter().flatten().map(Ok));
    let rest = futures::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    futures::StreamExt::chain(first, rest)
}

/// What a page waits for.
enum News {
    /// Something about an owner.
    Owner(LiveSubscription),
    /// Something in an operator's deployment.
    Work(watch::Receiver<u64>),
}

impl News {
    /// What this person's pages wait for.
    fn of(b: &Backend, who: &Person) -> Result<Self, Refusal> {
        match who.role {
            Role::Owner => Ok(Self::Owner(b.hub().subscribe(&who.phone))),
            Role::Operator => Ok(Self::Work(b.bus().watch_work())),
            _ => Err(Refusal::NotYours),
        }
    }

    async fn next(&mut self) -> &'static str {
        match self {
            Self::Owner(news) => name(news.next().await),
            Self::Work(work) => {
                // Fails only when the backend is gone, and then the stream ends by itself.
                if work.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                // After a keep-alive the wait begins again.
                work.mark_changed();
                sleep_until(Instant::now() + OPERATORS_EVERY).await;
                work.mark_unchanged();
                "work"
            }
        }
    }
}

/// One open page.
struct Listener {
    news: News,
    backend: Backend,
    who: Person,
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
            news = self.news.next() => self.event(news),
            () = sleep_until(alive) => Event::default().comment("alive"),
            () = stopped(&mut self.stopping) => return None,
        };
        let goes_on = Instant::now() < self.end && self.is_signed_in().await;
        goes_on.then_some(event)
    }

    /// An event of this name; one without data is never given to the page.
    fn event(&self, name: &str) -> Event {
        let mark = self.mark();
        Event::default().event(name).id(&mark).data(&mark)
    }

    /// Did something happen since a page was drawn at this mark?
    async fn has_moved(&self, seen: &str) -> bool {
        match self.news {
            News::Owner(_) => marks::moved(&self.backend, &self.who, seen).await,
            News::Work(_) => self.mark() != seen,
        }
    }

    fn mark(&self) -> String {
        match &self.news {
            News::Owner(_) => self.backend.hub().mark(&self.who.phone).to_string(),
            News::Work(_) => self.backend.bus().work_mark(),
        }
    }

    /// Looked up again: the session of the request knows only what was true when the stream began. A database that does not answer ends
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
