//! What operators see of the rows that cannot be read.

use crate::identity::require;
use crate::{Backend, Result};
use domain::people::{Person, Role};

/// The rows that could not be read since this process started: table and key of each.
pub fn rows(b: &Backend, who: &Person) -> Result<Vec<String>> {
    require(who, &[Role::Operator])?;
    Ok(b.damage().rows())
}
