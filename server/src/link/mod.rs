//! `GET /v1/link`: the WebSocket of the guards themselves (SPEC 4.4; for makers of devices `docs/LINK.md`). The frames are those of
//! [`domain::guard::link`], what they do is in [`backend::guard::link`]; here is only what makes a conversation of the two.

mod delivery;
pub mod drain;
mod handshake;
mod links;
mod socket;
mod talk;
mod wrong_keys;

pub use links::{LinkId, Links, Pace};
pub use socket::close_code;

use crate::edge::RequestId;
use crate::edge::connections::Connection;
use crate::state::AppState;
use crate::v1::error::{Failure, no_such_method, speak};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router, middleware};
use backend::Backend;
use backend::clock::Rng;
use domain::error::Refusal;
use domain::guard::link::{MAX_FRAME_BYTES, SUBPROTOCOL};
use islands::context::Peer;
use socket::Socket;
use std::sync::Arc;
use tracing::Instrument;
use tracing::field::Empty;

/// Enough for every frame but a batch, which makes room for itself. With thousands of guards this is much of what each costs.
const READ_BUFFER_BYTES: usize = 1_024;
/// What may wait to be written: one frame, for none is written before the last is gone.
const WRITE_BUFFER_BYTES: usize = MAX_FRAME_BYTES + 1_024;
/// How long a guard for which there is no place should wait.
const COME_BACK_SECONDS: u32 = 30;

/// What every conversation needs.
struct Setting {
    backend: Backend,
    links: Links,
    rng: Arc<dyn Rng>,
    /// Where the guard is, as limits count it.
    address: String,
}

/// The address of the link, beside the rest of `/v1` because it needs no sessions.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/v1/link", get(open))
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn(speak))
        .with_state(state)
}

/// A guard: the link. What is no WebSocket of the subprotocol is refused before the upgrade.
async fn open(
    State(state): State<AppState>,
    Extension(Peer(address)): Extension<Peer>,
    id: Option<Extension<RequestId>>,
    connection: Option<Extension<Arc<Connection>>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let upgrade = upgrade.map_err(|rejection| Refusal::malformed(rejection.body_text()))?;
    let upgrade = upgrade.protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Refusal::malformed(format!("the subprotocol is {SUBPROTOCOL}")).into());
    }
    let busy = Refusal::TooMany {
        seconds: COME_BACK_SECONDS,
    };
    let place = state.links.enter().ok_or(busy)?;
    let place = place.at(connection.map(|Extension(connection)| connection));
    let id = id.map_or(Arc::from("-"), |Extension(RequestId(id))| id);
    // The id of the request it began with; the guard is filled in when it is admitted.
    let span = tracing::error_span!(parent: None, "link", %id, guard = Empty);
    let setting = Setting {
        backend: state.backend.clone(),
        links: state.links.clone(),
        rng: state.rng.clone(),
        address,
    };
    let response = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
        // What is a little too large is read to its end: a socket closed with unread data takes the close code with it.
        .max_frame_size(2 * MAX_FRAME_BYTES)
        .max_message_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| talk::serve(Socket::new(socket), setting, place).instrument(span));
    Ok(response.into_response())
}
