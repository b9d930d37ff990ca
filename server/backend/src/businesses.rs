//! Businesses (업체): the contractors whose people fetch meters.

use crate::{Actor, Backend, Result};
use domain::error::Refusal;
use domain::ids::BusinessName;
use domain::locker::orders::Page;
use domain::people::Person;
use serde::{Deserialize, Serialize};

/// A business in the operator's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Its name, which is its key.
    pub name: BusinessName,
    /// How many people belong to it.
    pub people: u32,
    /// How many orders are its own.
    pub orders: u32,
}

/// Operators: businesses whose name contains `query`, by name.
pub async fn list(b: &Backend, who: &Person, query: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Business>> {
    Err(Refusal::Internal)
}

/// Adds a business.
pub async fn add(b: &Backend, who: &Actor, name: &str) -> Result<Business> {
    Err(Refusal::Internal)
}

/// Operators: every name, for a choice in a form.
pub async fn all_names(b: &Backend, who: &Person) -> Result<Vec<BusinessName>> {
    Err(Refusal::Internal)
}
