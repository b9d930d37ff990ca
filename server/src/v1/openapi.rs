//! `GET /v1/openapi.json`: the interface described for other programs.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

/// Kept by hand beside the code, because it also says what types cannot: who may call, and what refusals mean.
const DESCRIPTION: &str = include_str!("openapi.json");

/// Anybody: the description.
pub async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}
