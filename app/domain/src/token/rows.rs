//! What travels inside a token: one compartment (`OpenToSave`, `OpenToTake`), or all of a kiosk (`SaveToData`).

use crate::ids::{Port, ThingsSq};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use serde::{Deserialize, Deserializer, Serialize};

/// `data` of `OpenToSave` and `OpenToTake`, in clear (locker-seed 1a, 2c, 6.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompartmentFields {
    /// Port on the board; read from `1`, `1.`, `1.0` or `"1"`.
    #[serde(deserialize_with = "lenient_integer")]
    pub serial: i64,
    /// Board address; read likewise.
    #[serde(deserialize_with = "lenient_integer")]
    pub jumper: i64,
    /// The password of the compartment, 4 to 12 digits.
    pub pwd: String,
    /// When it was stored, as the kiosk wrote it.
    #[serde(default)]
    pub save_date: String,
    /// What is written on the door.
    #[serde(default)]
    pub label: String,
    /// The order, where known.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient_things_sq"
    )]
    pub things_sq: Option<ThingsSq>,
}

impl CompartmentFields {
    /// The compartment meant.
    pub fn port(&self) -> Port {
        Port {
            jumper: self.jumper,
            serial: self.serial,
        }
    }
}

/// A row of `SaveToData` and of `POST /v1/SyncData/:yid`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompartmentRow {
    /// Board address.
    #[serde(deserialize_with = "lenient_integer")]
    pub jumper: i64,
    /// Port on the board.
    #[serde(deserialize_with = "lenient_integer")]
    pub serial: i64,
    /// Status letter.
    pub status: CompartmentStatus,
    /// What is written on the door.
    #[serde(default)]
    pub label: String,
    /// The password while something is stored.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_text")]
    pub pwd: Option<String>,
    /// When it was stored, as the kiosk wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_text")]
    pub save_date: Option<String>,
    /// The order bound to it, where the kiosk knows.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient_things_sq"
    )]
    pub things_sq: Option<ThingsSq>,
    /// What kind of thing is in it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient_kind")]
    pub kind: Option<ContentKind>,
}

impl CompartmentRow {
    /// The compartment meant.
    pub fn port(&self) -> Port {
        Port {
            jumper: self.jumper,
            serial: self.serial,
        }
    }
}

impl std::fmt::Debug for CompartmentFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompartmentFields")
            .field("jumper", &self.jumper)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CompartmentRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompartmentRow")
            .field("jumper", &self.jumper)
            .field("serial", &self.serial)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An integer that may arrive as `1`, `1.0` or `"1"`, `"1."` (SPEC 2: "`1.` style number, integer or numeric text").
pub fn lenient_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    use serde::de::Error;
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lenient {
        Integer(i64),
        Float(f64),
        Text(String),
    }
    let whole = |number: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded to the exactly representable integers just before"
        )]
        (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
    };
    match Lenient::deserialize(deserializer)? {
        Lenient::Integer(number) => Some(number),
        Lenient::Float(number) => whole(number),
        Lenient::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
        }
    }
    .ok_or_else(|| D::Error::custom("expected a whole number"))
}

/// A text that may be missing, null or, as some kiosks write nothing, empty.
fn lenient_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

fn lenient_things_sq<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ThingsSq>, D::Error> {
    use serde::de::Error;
    lenient_text(deserializer)?
        .map(|text| ThingsSq::parse(&text).ok_or_else(|| D::Error::custom("thingsSq is not usable")))
        .transpose()
}

fn lenient_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ContentKind>, D::Error> {
    use serde::de::{Error, IntoDeserializer, value};
    lenient_text(deserializer)?
        .map(|text| {
            let kind: Result<_, value::Error> = ContentKind::deserialize(text.as_str().into_deserializer());
            kind.map_err(D::Error::custom)
        })
        .transpose()
}
