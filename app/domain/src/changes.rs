//! What operators changed of people, businesses and kiosks: who, when, and the values before and after.

use crate::ids::{BusinessName, Millis, Phone, Yid};
use crate::locker::history::Change;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A person.
    Person(Phone),
    /// A business.
    Business(BusinessName),
    /// A kiosk.
    Kiosk(Yid),
}

/// As in the database.
impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(phone) => write!(f, "person/{phone}"),
            Self::Business(name) => write!(f, "business/{name}"),
            Self::Kiosk(yid) => write!(f, "kiosk/{yid}"),
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Added.
    Added,
    /// Texts or settings were corrected.
    Corrected,
    /// A person got a new password.
    PasswordSet,
    /// A person may not sign in any more.
    Blocked,
    /// A person may sign in again.
    Unblocked,
    /// A kiosk got a new staff PIN.
    PinSet,
    /// A code for another device of a kiosk was made.
    CodeMade,
    /// It was retired.
    Retired,
    /// It was restored after it was retired.
    Restored,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// When.
    pub at: Millis,
    /// What was done.
    pub deed: Deed,
    /// Who did it; `None`: somebody at the command line.
    pub who: Option<Phone>,
    /// That person's name.
    pub who_name: Option<String>,
    /// The values before and after.
    pub values: Vec<Change>,
}

/// The values that differ, each under the name of its column.
pub fn between<'t, const N: usize>(fields: [(&str, &'t str, &'t str); N]) -> Vec<Change> {
    let differ = fields.into_iter().filter(|(_, was, is)| was != is);
    let changes = differ.map(|(field, was, is)| Change {
        field: field.to_owned(),
        was: was.to_owned(),
        is: is.to_owned(),
    });
    changes.collect()
}
