//! What travels inside a token: one compartment (`OpenToSave`, `OpenToTake`), or all of a kiosk (`SaveToData`).

use crate::ids::{Port, ThingsSq};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// `data` of `OpenToSave` and `OpenToTake`, in clear (locker-seed 1a, 2a, 6.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = Fields))]
pub struct CompartmentFields {
    /// Port on the board; read from `1`, `1.`, `1.0` or `"1"`.
    #[serde(deserialize_with = "lenient_integer")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = lenient_integer_schema))]
    pub serial: i64,
    /// Board address; read likewise.
    #[serde(deserialize_with = "lenient_integer")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = lenient_integer_schema))]
    pub jumper: i64,
    /// The password of the compartment, 4 to 12 digits.
    #[cfg_attr(not(target_arch = "wasm32"), schema(pattern = "^[0-9]{4,12}$"))]
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
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = Row))]
pub struct CompartmentRow {
    /// Board address.
    #[serde(deserialize_with = "lenient_integer")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = lenient_integer_schema))]
    pub jumper: i64,
    /// Port on the board.
    #[serde(deserialize_with = "lenient_integer")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = lenient_integer_schema))]
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

/// [`lenient_integer`] as it is described.
#[cfg(not(target_arch = "wasm32"))]
pub fn lenient_integer_schema() -> utoipa::openapi::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    let either = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Integer))
        .item(ObjectBuilder::new().schema_type(Type::String))
        .description(Some(
            "A whole number; texts such as \"1\" and numbers such as 1.0 are accepted",
        ));
    utoipa::openapi::Schema::from(either.build())
}

/// An integer that may arrive as `1`, `1.0` or `"1"`, `"1."` (SPEC 2: "`1.` style number, integer or numeric text").
pub fn lenient_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(LenientInteger)
}

struct LenientInteger;

impl Visitor<'_> for LenientInteger {
    type Value = i64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded to the exactly representable integers just before"
        )]
        exact
            .then_some(number as i64)
            .ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        whole
            .parse()
            .ok()
            .filter(|_| fraction.bytes().all(|digit| digit == b'0'))
            .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// A text that may be missing, null or, as some kiosks write nothing, empty.
fn lenient_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

fn lenient_things_sq<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ThingsSq>, D::Error> {
    lenient_text(deserializer)?
        .map(|text| ThingsSq::parse(&text).ok_or_else(|| D::Error::custom("thingsSq is not usable")))
        .transpose()
}

fn lenient_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ContentKind>, D::Error> {
    use serde::de::{IntoDeserializer, value};
    lenient_text(deserializer)?
        .map(|text| {
            let kind: Result<_, value::Error> = ContentKind::deserialize(text.as_str().into_deserializer());
            kind.map_err(D::Error::custom)
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(json: &str) -> Option<i64> {
        let json = format!(r#"{{"serial":{json},"jumper":1,"pwd":"1234"}}"#);
        let fields: CompartmentFields = serde_json::from_str(&json).ok()?;
        Some(fields.serial)
    }

    #[test]
    fn a_number_is_read_however_it_is_written() {
        for one in ["1", "1.0", "1e0", r#""1""#, r#""1.""#, r#"" 1.0 ""#] {
            assert_eq!(serial(one), Some(1), "{one}");
        }
        assert_eq!(serial("-9223372036854775808"), Some(i64::MIN));
        for other in [
            "1.5",
            r#""1.5""#,
            r#""one""#,
            r#""""#,
            "1e30",
            "9223372036854775808",
            "null",
            "true",
            "[1]",
        ] {
            assert_eq!(serial(other), None, "{other}");
        }
    }

    #[test]
    fn nothing_may_be_written_as_an_empty_text_or_null() {
        let json = r#"{"jumper":1,"serial":1,"status":"B","pwd":"","saveDate":null,"thingsSq":"","kind":""}"#;
        let row: CompartmentRow = serde_json::from_str(json).unwrap();
        assert_eq!(
            (row.pwd, row.save_date, row.things_sq, row.kind),
            (None, None, None, None)
        );
        let bad = r#"{"jumper":1,"serial":1,"status":"B","kind":"gift"}"#;
        assert!(serde_json::from_str::<CompartmentRow>(bad).is_err());
    }
}
