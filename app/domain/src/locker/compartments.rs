//! Compartments (보관함): one door of a kiosk each.

use crate::ids::{Millis, Port, ThingsSq};
use serde::{Deserialize, Serialize};

/// The status letters of SPEC 1, as kiosks of this family use them in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum CompartmentStatus {
    /// A, something is in it.
    #[serde(rename = "A")]
    Stored,
    /// B, free.
    #[serde(rename = "B")]
    Free,
    /// C, out of order.
    #[serde(rename = "C")]
    OutOfOrder,
    /// D, the door is open for a deposit.
    #[serde(rename = "D")]
    Storing,
    /// E, the door is open for a pick-up.
    #[serde(rename = "E")]
    Taking,
    /// F, being reserved.
    #[serde(rename = "F")]
    Reserving,
    /// G, reserved.
    #[serde(rename = "G")]
    Reserved,
    /// X, joined to its neighbour.
    #[serde(rename = "X")]
    Joined,
}

impl CompartmentStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Stored,
        Self::Free,
        Self::OutOfOrder,
        Self::Storing,
        Self::Taking,
        Self::Reserving,
        Self::Reserved,
        Self::Joined,
    ];

    /// The letter of SPEC 1.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Stored => "A",
            Self::Free => "B",
            Self::OutOfOrder => "C",
            Self::Storing => "D",
            Self::Taking => "E",
            Self::Reserving => "F",
            Self::Reserved => "G",
            Self::Joined => "X",
        }
    }

    /// Is it a condition of an unused door, which an operator may set?
    pub fn is_condition(self) -> bool {
        matches!(self, Self::Free | Self::OutOfOrder | Self::Joined)
    }

    /// The inverse of [`CompartmentStatus::letter`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.letter() == text)
    }
}

/// What kind of thing a compartment holds (`kind` in `SaveToData`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum ContentKind {
    /// A meter a staff member deposited for a business.
    Deposit,
    /// An old meter a business brought back.
    Return,
}

/// Height of a door, in units of the smallest.
pub const SIZES: std::ops::RangeInclusive<i64> = 1..=4;

/// A compartment as the server knows it and pages draw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compartment {
    /// Which one.
    pub port: Port,
    /// What is written on its door, such as `A3`.
    pub label: String,
    /// Height in units of the smallest door.
    pub size: i64,
    /// As last heard.
    pub status: CompartmentStatus,
    /// What is in it, where known.
    pub kind: Option<ContentKind>,
    /// The order it is bound to.
    pub things_sq: Option<ThingsSq>,
    /// `saveDate` as the kiosk wrote it (ISO 8601 from ours, any text from others).
    pub save_date: Option<String>,
    /// When the server last heard of it, from the kiosk or from a phone.
    pub heard_at: Option<Millis>,
    /// Since when nothing is known of what is behind it, because another device became the kiosk; `None` once it was heard of.
    #[serde(default)]
    pub unknown_since: Option<Millis>,
}
