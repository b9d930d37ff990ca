//! `POST /v1/Kiosks/Enrol` and `POST /v1/Kiosks/:yid/Events`

use super::auth::Caller;
use super::json::{Json, Reply, Success};
use super::segment::YidSegment;
use crate::state::AppState;
use app::context::Peer;
use axum::Extension;
use axum::extract::State;
use backend::locker::events;
use backend::locker::kiosks::{self, Enrolled, EnrolledCompartment};
use backend::tokens::Bearer;
use domain::error::Refusal;
use domain::ids::{Port, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::KioskEvent;
use serde::{Deserialize, Serialize};

/// The code an operator read out.
#[derive(Deserialize)]
pub struct Enrol {
    code: String,
}

/// What the device is from now on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    yid: Yid,
    name: String,
    address: String,
    secret: String,
    token: String,
    compartments: Vec<Door>,
    pin: Option<String>,
    overdue_days: u32,
    acked_seq: i64,
    date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Door {
    jumper: i64,
    serial: i64,
    label: String,
    size: i64,
    status: CompartmentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<ContentKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    things_sq: Option<ThingsSq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    save_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pwd: Option<String>,
    /// Another device was this kiosk, and what it did last is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_since: Option<String>,
}

/// What a kiosk has to tell.
#[derive(Deserialize)]
pub struct Events {
    events: Vec<KioskEvent>,
}

/// Up to which number it is stored, and what the kiosk cannot know by itself.
#[derive(Serialize)]
pub struct Acknowledged {
    acked: i64,
    date: String,
    bindings: Vec<Binding>,
    /// Conditions an operator set and the kiosk has not confirmed yet.
    wanted: Vec<Wanted>,
}

#[derive(Serialize)]
struct Wanted {
    jumper: i64,
    serial: i64,
    status: CompartmentStatus,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    jumper: i64,
    serial: i64,
    things_sq: ThingsSq,
}

/// Whoever holds a fresh enrolment code: becomes that kiosk.
pub async fn enrol(
    State(state): State<AppState>,
    Extension(Peer(address)): Extension<Peer>,
    Json(body): Json<Enrol>,
) -> Reply<Enrolment> {
    let enrolled = kiosks::enrol(&state.backend, &body.code, &address).await?;
    Ok(Success::with(Enrolment::from(enrolled)))
}

/// The kiosk: hands over events; repeats are ignored, and what lies behind a gap is asked for again.
pub async fn events(
    State(state): State<AppState>,
    Caller(caller): Caller,
    YidSegment(yid): YidSegment,
    Json(body): Json<Events>,
) -> Reply<Acknowledged> {
    if caller != Bearer::Kiosk(yid) {
        return Err(Refusal::NotYours.into());
    }
    let acked = events::append(&state.backend, yid, body.events).await?;
    let bindings = kiosks::bindings(&state.backend, yid).await?;
    let wanted = kiosks::wanted(&state.backend, yid).await?;
    Ok(Success::with(Acknowledged {
        acked,
        date: state.backend.now().to_iso(),
        bindings: bindings.into_iter().map(Binding::from).collect(),
        wanted: wanted.into_iter().map(Wanted::from).collect(),
    }))
}

impl From<(Port, CompartmentStatus)> for Wanted {
    fn from((port, status): (Port, CompartmentStatus)) -> Self {
        let Port { jumper, serial } = port;
        Self { jumper, serial, status }
    }
}

impl From<(Port, ThingsSq)> for Binding {
    fn from((port, things_sq): (Port, ThingsSq)) -> Self {
        Self {
            jumper: port.jumper,
            serial: port.serial,
            things_sq,
        }
    }
}

impl From<Enrolled> for Enrolment {
    fn from(enrolled: Enrolled) -> Self {
        Self {
            yid: enrolled.yid,
            name: enrolled.name,
            address: enrolled.address,
            secret: enrolled.secret,
            token: enrolled.token,
            compartments: enrolled.compartments.into_iter().map(Door::from).collect(),
            pin: enrolled.pin,
            overdue_days: enrolled.overdue_days,
            acked_seq: enrolled.acked_seq,
            date: enrolled.date.to_iso(),
        }
    }
}

impl From<EnrolledCompartment> for Door {
    fn from(enrolled: EnrolledCompartment) -> Self {
        let known = enrolled.compartment;
        Self {
            jumper: known.port.jumper,
            serial: known.port.serial,
            label: known.label,
            size: known.size,
            status: known.status,
            kind: known.kind,
            things_sq: known.things_sq,
            save_date: known.save_date,
            unknown_since: known.unknown_since.map(|at| at.to_iso()),
            pwd: enrolled.pwd,
        }
    }
}
