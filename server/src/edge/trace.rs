//! A span for each request: its id, its method, the route that answers it (never the path, which may hold names and numbers of people),
//! and the role of who asked. Whatever is logged on the way stands in it, and so does the one line at the end.

use super::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use backend::counted::Counted;
use http::Extensions;
use std::any::Any;
use std::time::Duration;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultOnBodyChunk, DefaultOnEos, MakeSpan, OnResponse, TraceLayer};
use tracing::Span;
use tracing::field::Empty;

/// Requests that take longer are always logged.
const SLOW: Duration = Duration::from_secs(1);

/// Answers that the database's absence explains.
static UNAVAILABLE: Counted = Counted::new();

tokio::task_local! {
    /// The request that is worked on, for the one place that must not ask the log for it: the panic hook.
    static UNDER_WAY: RequestId;
}

/// The id of the request this task works on. Never panics.
pub fn request_under_way() -> Option<RequestId> {
    UNDER_WAY.try_with(Clone::clone).ok()
}

/// Works on a request under this id.
pub async fn under<F: Future>(id: RequestId, work: F) -> F::Output {
    UNDER_WAY.scope(id, work).await
}

/// The span of a request. An extension of every request.
#[derive(Clone)]
pub struct RequestSpan(Span);

impl RequestSpan {
    /// The span the caller is in.
    pub fn current() -> Self {
        Self(Span::current())
    }
}

/// Notes the role of who asked.
pub fn note_role(extensions: &Extensions, role: &'static str) {
    if let Some(RequestSpan(span)) = extensions.get() {
        span.record("role", role);
    }
}

/// The middleware behind the router: notes which route answers.
pub async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    if let (Some(RequestSpan(span)), Some(route)) = (request.extensions().get(), route) {
        span.record("route", route.as_str());
    }
    next.run(request).await
}

/// Makes the spans.
#[derive(Clone, Copy)]
pub struct Spans;

impl<B> MakeSpan<B> for Spans {
    fn make_span(&mut self, request: &http::Request<B>) -> Span {
        let id = request.extensions().get::<RequestId>().map_or("-", |RequestId(id)| id);
        // Of the highest level: it is there whatever the log is set to.
        tracing::error_span!("request", id, method = %request.method(), route = Empty, role = Empty)
    }
}

/// Writes the line at the end. Never a token, never a query, never a path.
#[derive(Clone, Copy)]
pub struct LastLine;

impl<B> OnResponse<B> for LastLine {
    fn on_response(self, response: &http::Response<B>, latency: Duration, _span: &Span) {
        let (status, ms) = (
            response.status().as_u16(),
            u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
        );
        if status == 503 {
            // Many at once; why is in the log once.
            if let Some(left_out) = UNAVAILABLE.count("unavailable") {
                tracing::warn!(status, ms, left_out, "unavailable");
            }
        } else if status >= 500 {
            tracing::error!(status, ms, "failed");
        } else if latency > SLOW {
            tracing::warn!(status, ms, "slow");
        } else if status >= 400 && status != 422 {
            // What was typed wrong is shown beside its field, and does not belong into the log.
            tracing::info!(status, ms, "refused");
        } else {
            tracing::debug!(status, ms, "answered");
        }
    }
}

/// The layer with both.
pub fn layer()
-> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, Spans, (), LastLine, DefaultOnBodyChunk, DefaultOnEos, ()> {
    TraceLayer::new_for_http()
        .make_span_with(Spans)
        .on_request(())
        .on_response(LastLine)
        .on_failure(())
}

/// What a panic carried.
pub fn cause(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?")
}
