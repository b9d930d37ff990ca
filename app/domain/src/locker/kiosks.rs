//! Kiosks as the server and the operator see them.

use crate::error::Problem;
use crate::ids::{Millis, Yid};
use crate::text;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kiosk in lists and at the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kiosk {
    /// Its number.
    pub yid: Yid,
    /// How it is called.
    pub name: String,
    /// Where it stands.
    pub address: String,
    /// True: enrolled with a given secret (such as the source's), marked as weak.
    pub legacy: bool,
    /// When a device last enrolled as this kiosk; `None`: never.
    pub enrolled_at: Option<Millis>,
    /// When its data last arrived, by itself or carried by a phone.
    pub heard_at: Option<Millis>,
    /// The kiosk clock's known difference to the server's, milliseconds (kiosk minus server).
    pub clock_offset_ms: i64,
    /// Event numbers up to here are stored without a gap.
    pub acked_seq: i64,
    /// Number of compartments by what they are: free, stored, out of order or in between.
    pub counts: Counts,
    /// Since when no device is this kiosk any more.
    #[serde(default)]
    pub retired_at: Option<Millis>,
}

/// What an operator may correct of a kiosk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KioskTexts {
    /// How it is called.
    pub name: String,
    /// Where it stands.
    pub address: String,
}

impl From<&Kiosk> for KioskTexts {
    fn from(kiosk: &Kiosk) -> Self {
        Self {
            name: kiosk.name.clone(),
            address: kiosk.address.clone(),
        }
    }
}

/// How many compartments are in which condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All but those joined to a neighbour.
    pub total: u32,
    /// Status B.
    pub free: u32,
    /// Status A.
    pub stored: u32,
    /// Status C.
    pub out_of_order: u32,
}

/// The number that opens the staff's part of a kiosk, as somebody typed it. Prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinText(String);

impl PinText {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PinText {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        let text = text::digits(&text);
        if text.is_empty() {
            return Err(Problem::Required);
        }
        Ok(Self(text))
    }
}

impl From<PinText> for String {
    fn from(pin: PinText) -> Self {
        pin.0
    }
}

impl fmt::Debug for PinText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinText")
    }
}

/// Where a kiosk stands, for everybody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub name: String,
    /// Where it stands.
    pub address: String,
}

/// What an operator sets for a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// After how many days a deposit is overdue and staff may take it out.
    pub overdue_days: u32,
    /// Whether a staff PIN is set.
    pub has_pin: bool,
    /// When the open enrolment code ends, while there is one.
    pub code_expires: Option<Millis>,
}
