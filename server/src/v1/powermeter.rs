//! `PUT /v1/Powermeter/OpenToSave/:thingsSq`

use super::auth::Somebody;
use super::json::{Json, Reply, Success};
use super::orders::OrderRow;
use super::segment::ThingsSqSegment;
use crate::state::AppState;
use axum::extract::State;
use backend::locker::deposits;
use domain::token::CompartmentFields;

/// Staff: completes the deposit of the compartment whose code they scanned.
pub async fn complete(
    State(state): State<AppState>,
    Somebody(who): Somebody,
    ThingsSqSegment(things_sq): ThingsSqSegment,
    Json(fields): Json<CompartmentFields>,
) -> Reply<OrderRow> {
    let order = deposits::complete(&state.backend, &who, &things_sq, fields).await?;
    Ok(Success::with(OrderRow::from(order)))
}
