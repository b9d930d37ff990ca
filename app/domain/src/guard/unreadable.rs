//! Authorisations whose content cannot be read.

use crate::guard::ids::ServiceNumb;
use crate::ids::Millis;

/// An authorisation whose content cannot be read. It opens nothing; it can be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its number.
    pub service_numb: ServiceNumb,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
}
