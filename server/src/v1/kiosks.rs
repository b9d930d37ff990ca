//! `POST /v1/Kiosks/Enrol`, `POST /v1/Kiosks/:yid/Events` and `POST /v1/Kiosks/:yid/Whose`

use super::auth::Caller;
use super::json::{Json, Reply, Success};
use super::segment::YidSegment;
use crate::state::AppState;
use axum::Extension;
use axum::extract::State;
use backend::locker::events;
use backend::locker::kiosks;
use backend::locker::returns;
use backend::revoked;
use backend::tokens::Bearer;
use domain::error::Refusal;
use domain::locker::kiosk::{EnrolRequest, Enrolment, EventsRequest, Named, ServerState, Whose};
use islands::context::Peer;

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
        overdue_days: kiosks::overdue_days(&state.backend, yid).await?,
        look: Some(kiosks::look(&state.backend).await?),
        revoked: revoked::for_a_kiosk(&state.backend).await?.map(Box::new),
    }))
}

/// The kiosk: whose the old meter is that is being brought back.
pub async fn whose(
    State(state): State<AppState>,
    Caller(caller): Caller,
    YidSegment(yid): YidSegment,
    Json(named): Json<Named>,
) -> Reply<Whose> {
    if caller != Bearer::Kiosk(yid) {
        return Err(Refusal::NotYours.into());
    }
    Ok(Success::with(returns::whose(&state.backend, yid, named).await?))
}
