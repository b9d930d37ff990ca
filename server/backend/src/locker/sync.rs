//! Applying what a kiosk says is in its compartments (SPEC 3, flow 5).

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, ThingsSq, Yid};
use domain::locker::orders::OrderStatus;
use domain::people::Person;
use domain::token::CompartmentRow;
use serde::Serialize;

/// What a sync changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncOutcome {
    /// Orders that became C.
    pub stored: u32,
    /// Orders that became D.
    pub completed: u32,
    /// Each of them.
    pub changed: Vec<Changed>,
}

/// An order whose status a sync changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The order.
    pub things_sq: ThingsSq,
    /// Its status now.
    pub status: OrderStatus,
}

/// Applies rows that must be those of a `SaveToData` code this person scanned within 30 minutes.
pub async fn apply_scanned(b: &Backend, who: &Person, yid: Yid, rows: &[CompartmentRow]) -> Result<SyncOutcome> {
    Err(Refusal::Internal)
}

/// Applies the rows of a `SaveToData` code this person scanned.
pub async fn apply_from_scan(b: &Backend, who: &Person, token_id: &str) -> Result<SyncOutcome> {
    Err(Refusal::Internal)
}

/// Applies what the kiosk says itself. `date`: when it looked, by its own clock; without it, now.
pub async fn apply_kiosk(b: &Backend, yid: Yid, date: Option<Millis>, rows: &[CompartmentRow]) -> Result<SyncOutcome> {
    Err(Refusal::Internal)
}
