//! Completing a deposit: an order and a compartment are bound to each other.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::Order;
use domain::people::Person;
use domain::token::CompartmentFields;

/// Completes a deposit with the values of a code this person scanned (`PUT /v1/Powermeter/OpenToSave/:thingsSq`).
pub async fn complete(b: &Backend, who: &Person, things_sq: &ThingsSq, fields: CompartmentFields) -> Result<Order> {
    Err(Refusal::Internal)
}

/// The same from the scan itself.
pub async fn complete_scanned(b: &Backend, who: &Person, things_sq: &ThingsSq, token_id: &str) -> Result<Order> {
    Err(Refusal::Internal)
}
