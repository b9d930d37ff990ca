//! `POST /v1/SyncData/:yid`

use super::auth::Caller;
use super::json::{Json, Reply, Success};
use super::segment::YidSegment;
use crate::state::AppState;
use axum::extract::State;
use backend::locker::sync::{self, SyncOutcome};
use backend::tokens::Bearer;
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, Yid};
use domain::locker::kiosk::SyncRequest;

/// Staff after scanning, or the kiosk itself: says what is in the compartments.
pub async fn apply(
    State(state): State<AppState>,
    Caller(caller): Caller,
    YidSegment(yid): YidSegment,
    Json(body): Json<SyncRequest>,
) -> Reply<SyncOutcome> {
    let outcome = match caller {
        Bearer::Person(who) => sync::apply_scanned(&state.backend, &who, yid, &body.data).await?,
        Bearer::Kiosk(own) => apply_own(&state, own, yid, &body).await?,
    };
    Ok(Success::with(outcome))
}

async fn apply_own(state: &AppState, own: Yid, yid: Yid, body: &SyncRequest) -> Result<SyncOutcome, Refusal> {
    if own != yid {
        return Err(Refusal::NotYours);
    }
    let date = match &body.date {
        Some(text) => Some(Millis::from_iso(text).ok_or_else(|| Refusal::field("date", Problem::Form))?),
        None => None,
    };
    sync::apply_kiosk(&state.backend, yid, date, &body.data).await
}
