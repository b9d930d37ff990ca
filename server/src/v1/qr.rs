//! `POST /v1/QrData`

use super::auth::Somebody;
use super::json::{Json, Reply, Success};
use crate::state::AppState;
use axum::extract::State;
use backend::locker::scans::{self, Scanned};
use serde::Deserialize;
use utoipa::ToSchema;

/// A code as read from a kiosk's screen.
#[derive(Deserialize, ToSchema)]
pub struct QrData {
    /// The token.
    data: String,
}

/// Staff: reads a code and answers what it says.
pub async fn read(State(state): State<AppState>, Somebody(who): Somebody, Json(body): Json<QrData>) -> Reply<Scanned> {
    Ok(Success::with(scans::read_code(&state.backend, &who, &body.data).await?))
}
