//! Codes made for a kiosk to read (`POST /v1/Encrypt`). Never an oracle: every value comes from our own records.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, ThingsSq, Yid};
use domain::people::Person;

/// Which code to make.
#[derive(Clone)]
pub enum CodeRequest {
    /// Staff: sets the kiosk's clock.
    SyncDate {
        /// The kiosk.
        yid: Yid,
    },
    /// Staff: opens the staff area.
    StaffPass {
        /// The kiosk.
        yid: Yid,
    },
    /// Business: opens the compartment of its own stored order.
    OpenToTake {
        /// The kiosk.
        yid: Yid,
        /// The order; without it the compartment must be claimed.
        things_sq: Option<ThingsSq>,
        /// What the client believes; refused where it contradicts our records.
        claimed: Claimed,
    },
}

/// What a client believes about a compartment.
#[derive(Clone, Default)]
pub struct Claimed {
    /// Port.
    pub serial: Option<i64>,
    /// Board.
    pub jumper: Option<i64>,
    /// Password.
    pub pwd: Option<String>,
    /// `saveDate`.
    pub save_date: Option<String>,
    /// Label.
    pub label: Option<String>,
}

/// What the page "find" shows.
#[derive(Clone)]
pub struct TakeCode {
    /// The code to show.
    pub token: String,
    /// What is written on the door.
    pub label: String,
    /// The password, for those who type.
    pub pwd: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// Where it stands.
    pub kiosk_address: String,
    /// When the kiosk will refuse the code.
    pub expires: Millis,
}

/// A code that is in order and that the asker may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its command.
    pub cmd: String,
    /// Its kiosk.
    pub yid: Yid,
    /// Its date.
    pub date: Millis,
}

/// Makes a code and answers its text.
pub async fn make(b: &Backend, who: &Person, request: CodeRequest) -> Result<String> {
    Err(Refusal::Internal)
}

/// The pick-up code of a business's own stored order, with what is shown beside it.
pub async fn take_code(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<TakeCode> {
    Err(Refusal::Internal)
}

/// Whether this is a valid code of a known kiosk that the asker may see (`GET /v1/QrImage/:data`).
pub async fn check(b: &Backend, who: &Person, token: &str) -> Result<Checked> {
    Err(Refusal::Internal)
}
