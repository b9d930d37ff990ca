//! Deposits that nobody fetched in time.

use crate::ids::{CustomerNo, Millis, ThingsSq, Yid};

/// An order stored for longer than its kiosk allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The order.
    pub things_sq: ThingsSq,
    /// The customer whose meter it is.
    pub customer_no: CustomerNo,
    /// The kiosk it lies in.
    pub yid: Yid,
    /// What is written on its door.
    pub label: String,
    /// Since when.
    pub stored_at: Millis,
}
