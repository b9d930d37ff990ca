//! Passwords that open guards, as people see them.

use crate::guard::ids::{CardHolder, DoorPassword, ServiceNumb};
use crate::guard::unreadable::Unreadable;
use crate::ids::Millis;

/// A password that opens now or will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    /// The number of this authorisation.
    pub service_numb: ServiceNumb,
    /// The digits; `None` for everybody but the owner.
    pub password: Option<DoorPassword>,
    /// For whom it is, in its owner's words; `None` also for everybody else.
    pub for_whom: Option<CardHolder>,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
    /// The version of the guard that brought it; the guard has it once it knows this version.
    pub version: i64,
    /// When it was added.
    pub added_at: Millis,
}

/// Everything that opens a guard by typing (sign 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its default passwords; for the owner only.
    pub default_passwords: [Option<DoorPassword>; 2],
    /// The authorised ones, about to end first.
    pub passwords: Vec<Password>,
    /// Authorised ones that cannot be read.
    pub unreadable: Vec<Unreadable>,
}
