//! Who does an operator's work.

use crate::Result;
use crate::identity::require;
use domain::error::Refusal;
use domain::ids::Phone;
use domain::people::{Person, Role};

/// Who does an operator's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with a shell on the machine.
    Cli,
    /// The one-time set-up page: may add the first operator and nothing else.
    SetUp,
    /// A signed-in person.
    Person(Person),
}

impl From<&Person> for Actor {
    fn from(person: &Person) -> Self {
        Self::Person(person.clone())
    }
}

impl Actor {
    /// Refuses everybody who may not do an operator's work.
    pub(crate) fn require_operator(&self) -> Result<()> {
        match self {
            Self::Cli => Ok(()),
            Self::SetUp => Err(Refusal::NotYours),
            Self::Person(person) => require(person, &[Role::Operator]),
        }
    }

    /// The person behind it, for the evidence.
    pub(crate) fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Cli | Self::SetUp => None,
            Self::Person(person) => Some(&person.phone),
        }
    }
}
