//! Evidence: what happened to an order or a compartment, who did it, how we know.

use crate::ids::{Millis, Phone, Port, ThingsSq, Yid};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// The order arrived (A), by import or by hand.
    Received,
    /// A became B.
    Ready,
    /// B became C.
    Stored,
    /// C became B again: the person who stored it took that back within moments.
    Undone,
    /// C became D.
    Done,
    /// A pick-up code was shown for it.
    CodeShown,
    /// A door opened for a deposit.
    OpenedToStore,
    /// A door opened for a pick-up or a retrieval.
    OpenedToTake,
    /// An old meter came back.
    Returned,
    /// Staff took out a return or an overdue deposit.
    Retrieved,
    /// An operator corrected texts of the order.
    Corrected,
    /// An operator cancelled the order.
    Cancelled,
    /// An operator set the order back by a station: B to A, C to B, or from cancelled to A.
    SetBack,
}

/// A text that was corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which, by the name of its column.
    pub field: String,
    /// What it was.
    pub was: String,
    /// What it became.
    pub is: String,
}

/// How the server came to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A person did it on the server.
    Server,
    /// A phone carried the kiosk's data.
    Phone,
    /// The kiosk said so itself.
    Kiosk,
}

/// One line of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it happened, by the clock of the one who saw it, corrected by the known offset.
    pub at: Millis,
    /// What happened.
    pub what: Happening,
    /// The order concerned.
    pub things_sq: Option<ThingsSq>,
    /// The kiosk concerned.
    pub yid: Option<Yid>,
    /// The compartment concerned.
    pub port: Option<Port>,
    /// Its label.
    pub label: Option<String>,
    /// Who did it, where known.
    pub who: Option<Phone>,
    /// That person's name.
    pub who_name: Option<String>,
    /// How we know.
    pub source: Source,
    /// Why, in the words of the person who did it.
    #[serde(default)]
    pub reason: Option<String>,
    /// What was corrected.
    #[serde(default)]
    pub changes: Vec<Change>,
}
