//! `GET /v1/Clock`

use super::json::Success;
use crate::state::AppState;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The server's time.
#[derive(Serialize, ToSchema)]
pub struct Now {
    #[schema(value_type = String, format = DateTime, examples("2018-09-17T06:56:45.000Z"))]
    date: String,
}

/// Anybody: what time it is.
pub async fn now(State(state): State<AppState>) -> Success<Now> {
    Success::with(Now {
        date: state.backend.now().to_iso(),
    })
}
