//! Work in the background.

use tokio::task::JoinHandle;
use tracing::Instrument;

/// Starts work that is not for one request, in a span with this name, so that what it logs says where it comes from.
pub fn spawn<F>(name: &'static str, work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    // Of the highest level: it is there whatever the log is set to. In no other span: it outlives the request that started it.
    tokio::spawn(work.instrument(tracing::error_span!(parent: None, "job", name)))
}

/// Starts work of the request under way that runs to its end also when the caller hangs up. It stays in the request's span, so that the
/// request id leads to what it logs.
pub fn spawn_in_request<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work.in_current_span())
}
