//! `POST /v1/Kiosks/Enrol` and `POST /v1/Kiosks/:yid/Events`

use super::auth::Caller;
use super::json::{Json, Reply, Success};
use super::segment::YidSegment;
use crate::state::AppState;
use app::context::Peer;
use axum::Extension;
use axum::extract::State;
use backend::locker::events;
use backend::locker::kiosks;
use backend::tokens::Bearer;
use domain::error::Refusal;
use domain::locker::kiosk::{EnrolRequest, Enrolment, EventsRequest, ServerState};

/// A device with a fresh enrolment code: becomes that kiosk.
pub async fn enrol(
    State(state): State<AppState>,
    Extension(Peer(address)): Extension<Peer>,
    Json(body): Json<EnrolRequest<'static>>,
) -> Reply<Enrolment> {
    let enrolment = kiosks::enrol(&state.backend, &body.code, &address).await?;
    Ok(Success::with(enrolment))
}

/// The kiosk: hands over events; repeats are ignored, and what lies behind a gap is asked for again.
pub async fn events(
    State(state): State<AppState>,
    Caller(caller): Caller,
    YidSegment(yid): YidSegment,
    Json(body): Json<EventsRequest<'static>>,
) -> Reply<ServerState> {
    if caller != Bearer::Kiosk(yid) {
        return Err(Refusal::NotYours.into());
    }
    if let Some(told) = body.wired {
        kiosks::told_by_kiosk(&state.backend, yid, told).await?;
    }
    let acked = events::append(&state.backend, yid, body.events.into_owned()).await?;
    let wired = kiosks::wired(&state.backend, yid).await?;
    Ok(Success::with(ServerState {
        acked,
        bindings: kiosks::bindings(&state.backend, yid).await?,
        wanted: kiosks::wanted(&state.backend, yid).await?,
        date: state.backend.now(),
        wired: wired.filter(|wired| !wired.was_never_set()),
    }))
}
