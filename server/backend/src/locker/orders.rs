//! Orders: search, detail, import, and from received to ready.

use crate::{Actor, Backend, Result};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::{ImportReport, Order, OrderFilter, OrderStatus, Page};
use domain::people::Person;

/// An order to be added, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOrder {
    /// Its key.
    pub things_sq: String,
    /// Customer number.
    pub customer_no: String,
    /// Customer's name, up to 100 characters.
    pub customer_name: String,
    /// Address, up to 200 characters.
    pub address: String,
    /// Kind of meter, up to 100 characters.
    pub meter_kind: String,
    /// The business; must exist.
    pub business: String,
    /// Status letter A or B; empty: A.
    pub status: String,
}

/// Orders by customer number; others may name a business to see only its orders, a business user sees those of their own business.
pub async fn search(b: &Backend, who: &Person, filter: &OrderFilter) -> Result<Page<Order>> {
    Err(Refusal::Internal)
}

/// One order; another business's is [`Refusal::NotYours`].
pub async fn get(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<Order> {
    Err(Refusal::Internal)
}

/// Adds one order.
pub async fn add(b: &Backend, who: &Actor, new: NewOrder) -> Result<Order> {
    Err(Refusal::Internal)
}

/// Reads a CSV file with a header line; rows stand or fall one by one.
pub async fn import_csv(b: &Backend, who: &Actor, bytes: &[u8]) -> Result<ImportReport> {
    Err(Refusal::Internal)
}

/// A becomes B for each of these that is A; answers how many did.
pub async fn make_ready(b: &Backend, who: &Person, things_sq: &[ThingsSq]) -> Result<u32> {
    Err(Refusal::Internal)
}

/// How many orders there are in each status, own ones for a business user.
pub async fn counts(b: &Backend, who: &Person) -> Result<Vec<(OrderStatus, u32)>> {
    Err(Refusal::Internal)
}
