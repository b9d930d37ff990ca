//! What is left of texts that were stored before texts had one form ([`crate::text`]).

use serde::{Deserialize, Serialize};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collisions {
    /// Texts that would become the same as another one: the table and the text as it is stored. Not more than the first hundred.
    pub named: Vec<String>,
    /// How many there are in all.
    pub count: u64,
}
