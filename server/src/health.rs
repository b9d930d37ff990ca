//! For those who monitor the server.

use crate::state::AppState;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// `GET /healthz`: the process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database can be written, found out within two seconds.
pub async fn ready(State(state): State<AppState>) -> Response {
    match state.backend.check().await {
        Ok(()) => ready_but(&state).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database takes no writes\n").into_response(),
    }
}

/// What works less well than it should, in a line each after the first.
fn ready_but(state: &AppState) -> String {
    let mut told = "ready\n".to_owned();
    if let Some(ms) = state.backend.clock_behind_ms() {
        let seconds = ms / 1000;
        told +=
            &format!("degraded: the clock is {seconds} s behind what the database knows; guards are given no time\n");
    }
    told
}
