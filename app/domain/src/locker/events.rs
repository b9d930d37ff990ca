//! What a kiosk reports: events with gap-free sequence numbers, kept by the kiosk until the server has confirmed them (SPEC 3, flow 5).

use crate::ids::{Millis, Phone, Port, ThingsSq};
use serde::{Deserialize, Serialize};

/// What happened at the kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum EventKind {
    /// The device enrolled as this kiosk.
    Enrolled,
    /// Staff identified themselves, by `StaffPass` (actor known) or PIN.
    StaffIn,
    /// The staff area was left or timed out.
    StaffOut,
    /// A door opened for a staff deposit (L).
    DepositOpened,
    /// It closed with the meter inside; compartment A.
    DepositClosed,
    /// A door opened for a business pick-up (K).
    PickUpOpened,
    /// It closed, empty; compartment B.
    PickUpClosed,
    /// A door opened for a business return (J).
    ReturnOpened,
    /// It closed with the old meter inside; compartment A.
    ReturnClosed,
    /// A door opened for a staff retrieval (M).
    RetrievalOpened,
    /// It closed, empty; compartment B.
    RetrievalClosed,
    /// An opened door closed with nothing changed: the step was given up.
    GivenUp,
    /// Staff settled a door that was left half done; `detail` says `stored` or `empty`.
    Settled,
    /// Staff set a compartment out of order or back in order; `detail` says `out-of-order` or `free`.
    ConditionSet,
    /// A code, password or PIN was refused; `detail` says why (a `Refusal` code).
    Refused,
    /// The clock was set from a `SyncDate`; `detail` is the new offset in milliseconds.
    ClockSet,
    /// The program started (again), after a crash, reload or power cut.
    Started,
    /// A door was told to open and did not; `detail` says why: `jammed`, `refused` by the board, or `unknown`.
    DoorNotOpened,
    /// A door was told to open, and nobody answered whether it did. It is not told again.
    DoorUnsure,
    /// A person said that the door is closed, where no contact tells.
    DoorSaidClosed,
    /// Everybody went away and the door was not closed.
    DoorLeftOpen,
    /// A door stands open that was not opened here.
    DoorForced,
    /// Staff opened an empty door to see whether it does.
    TestOpened,
    /// The settings of the lock boards were changed at the kiosk.
    WiringSet,
    /// A lock board has not answered as it should for a minute; `detail` says which, and how: `silent`, `garbled`, `echo` or `lost`.
    BoardFailed,
}

/// One event. Never holds a `pwd`, a PIN or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = Event))]
pub struct KioskEvent {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    /// When, by the kiosk's corrected clock, in Unix milliseconds.
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = i64))]
    pub at: Millis,
    /// What.
    pub kind: EventKind,
    /// The compartment concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// The order concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub things_sq: Option<ThingsSq>,
    /// The person who did it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Phone>,
    /// More, as the kind says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
