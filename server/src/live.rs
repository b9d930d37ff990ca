//! `GET /owner/live`: tells an owner's open pages that something happened, and nothing about what: the page fetches itself again,
//! and so sees what its reader may see.

use crate::state::AppState;
use app::context::RequestContext;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use backend::guard::hub::{Live, LiveSubscription};
use domain::people::Role;
use futures::Stream;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A sign of life, so that nothing in between takes the stream for dead.
const ALIVE_EVERY: Duration = Duration::from_secs(15);
/// A stream ends after this and the browser asks for another one, for which it must be signed in.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// A browser whose stream ended asks again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Tells a proxy not to wait for more.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The stream, or the refusal's status.
pub async fn events(State(state): State<AppState>, context: RequestContext) -> Response {
    let phone = match context.require(Role::Owner) {
        Ok(person) => person.phone.clone(),
        Err(refusal) => {
            return StatusCode::from_u16(refusal.status())
                .unwrap_or(StatusCode::FORBIDDEN)
                .into_response();
        }
    };
    let news = context.backend.hub().subscribe(&phone);
    let stream = Sse::new(told(news, state.stopping.subscribe())).keep_alive(KeepAlive::new().interval(ALIVE_EVERY));
    let mut response = stream.into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

fn told(news: LiveSubscription, stopping: watch::Receiver<bool>) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = Event::default().retry(AGAIN_AFTER).comment("listening");
    let end = Instant::now() + LONGEST;
    let first = futures::stream::once(async move { Ok(hello) });
    let rest = futures::stream::unfold((news, stopping), move |(mut news, mut stopping)| async move {
        let next = tokio::select! {
            next = tokio::time::timeout_at(end, news.next()) => next.ok()?,
            () = stopped(&mut stopping) => return None,
        };
        // An event without data is never given to the page.
        Some((Ok(Event::default().event(name(next)).data("1")), (news, stopping)))
    });
    futures::StreamExt::chain(first, rest)
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
