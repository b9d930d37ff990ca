//! Evidence: every step of an order, who did it, how we know.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::history::Evidence;
use domain::locker::orders::Page;
use domain::people::Person;

/// The evidence of one order, oldest first; another business's is [`Refusal::NotYours`].
pub async fn for_order(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<Vec<Evidence>> {
    Err(Refusal::Internal)
}

/// A business user: the evidence of all orders of their business, newest first.
pub async fn for_business(b: &Backend, who: &Person, cursor: Option<&str>, limit: u32) -> Result<Page<Evidence>> {
    Err(Refusal::Internal)
}
