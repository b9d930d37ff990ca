//! A person as stored.

use crate::Result;
use crate::core::db::{fault, row};
use domain::ids::{BusinessName, Phone};
use domain::people::{Person, Role};

row! {
    pub(crate) struct PersonRow {
        pub(crate) phone: String,
        pub(crate) name: String,
        pub(crate) role: String,
        pub(crate) business: Option<String>,
        pub(crate) active: i64,
    }
}

impl PersonRow {
    pub(crate) fn person(self) -> Result<Person> {
        Ok(Person {
            phone: Phone(self.phone),
            name: self.name,
            role: Role::parse(&self.role).ok_or_else(|| fault(format!("unknown role {}", self.role)))?,
            business: self.business.map(BusinessName),
            active: self.active != 0,
        })
    }
}

/// The person in a row that has other columns besides.
macro_rules! person_in {
    ($row:expr) => {
        $crate::identity::people::PersonRow {
            phone: $row.phone.clone(),
            name: $row.name.clone(),
            role: $row.role.clone(),
            business: $row.business.clone(),
            active: $row.active,
        }
        .person()
    };
}
pub(crate) use person_in;
