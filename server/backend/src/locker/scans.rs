//! Codes read from a kiosk's screen by a phone (`POST /v1/QrData`).

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Port, ThingsSq, Yid};
use domain::people::Person;
use serde::Serialize;

/// How long a scan stands for the person who made it.
pub const SCAN_STANDS_MS: i64 = 30 * 60 * 1000;

/// A code that was read and accepted.
#[derive(Clone, PartialEq, Serialize)]
pub struct Scanned {
    /// The command, as in the token.
    pub cmd: String,
    /// The kiosk.
    pub yid: Yid,
    /// The token's date, as written in it.
    pub date: String,
    /// The token's data in clear: an object for `OpenToSave`, an array of rows for `SaveToData`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// Names this scan in later calls; says nothing about the token.
    #[serde(skip)]
    pub token_id: String,
}

/// The request that follows a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    /// HTTP method.
    pub method: String,
    /// Path; `:thingsSq` stands for the order where the code does not name it.
    pub href: String,
}

/// An `OpenToSave` scanned and not completed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDeposit {
    /// The scan.
    pub token_id: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// The compartment.
    pub port: Port,
    /// What is written on its door.
    pub label: String,
    /// When it was scanned.
    pub scanned_at: Millis,
    /// The order, where the code names it.
    pub things_sq: Option<ThingsSq>,
}

/// Reads a code: verifies, decrypts, checks that it is fresh and was not read before, and remembers who scanned it.
pub async fn read_code(b: &Backend, who: &Person, token: &str) -> Result<Scanned> {
    Err(Refusal::Internal)
}

/// The scan again, for the person who made it, while it stands.
pub async fn reopen(b: &Backend, who: &Person, token_id: &str) -> Result<Scanned> {
    Err(Refusal::Internal)
}

/// The newest deposit this person scanned, while it stands and is not completed.
pub async fn pending_deposit(b: &Backend, who: &Person) -> Result<Option<PendingDeposit>> {
    Err(Refusal::Internal)
}
