//! `GET /v1/Clock`

use super::json::Success;
use crate::state::AppState;
use axum::extract::State;
use serde::Serialize;

/// The server's time.
#[derive(Serialize)]
pub struct Now {
    date: String,
}

/// Anybody: what time it is.
pub async fn now(State(state): State<AppState>) -> Success<Now> {
    Success::with(Now {
        date: state.backend.now().to_iso(),
    })
}
