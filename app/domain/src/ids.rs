//! Identifiers and moments, each a type of its own so that one is never taken for another.

use crate::error::Problem;
use crate::text;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. The only form in which times are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// ISO 8601 in UTC with milliseconds, `2018-09-17T06:56:45.000Z` (SPEC 2, claim `date`).
    /// A moment outside the years 0 to 9999 is shown as the nearest one inside.
    pub fn to_iso(self) -> String {
        let bounded = self.0.clamp(-62_167_219_200_000, 253_402_300_799_999);
        let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(bounded) * 1_000_000)
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }

    /// Reads any RFC 3339 moment; `None` if the text is not one.
    pub fn from_iso(text: &str) -> Option<Self> {
        let at = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// This moment moved by `millis`, staying inside the representable range.
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How many milliseconds `self` is after `earlier` (negative when before).
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal, $normal:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        #[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
        pub struct $name(pub String);

        impl $name {
            /// Normalises ([`crate::text`]), and rejects what is empty, longer than the limit in characters, or holds control characters.
            pub fn parse(text: &str) -> Option<Self> {
                Self::read(text).ok()
            }

            /// The same, with what is wrong with the text.
            pub fn read(text: &str) -> Result<Self, Problem> {
                let text = $normal(text);
                if text.is_empty() {
                    Err(Problem::Required)
                } else if text.chars().count() > $max {
                    Err(Problem::TooLong { max: $max })
                } else if text.chars().any(char::is_control) {
                    Err(Problem::Form)
                } else {
                    Ok(Self(text))
                }
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;

            fn try_from(text: String) -> Result<Self, Problem> {
                Self::read(&text)
            }
        }
    };
}

text_id! {
    /// `thingsSq`, the key of an order (locker-seed 5.1), 1 to 64 characters.
    ThingsSq, 64, text::identifier
}
text_id! {
    /// 고객번호, what staff and businesses search by, 1 to 32 characters.
    CustomerNo, 32, text::identifier
}
text_id! {
    /// The name of a business (업체), its key, 1 to 100 characters.
    BusinessName, 100, text::name
}

text_id! {
    /// One line of free text, such as a name or an address, 1 to 200 characters.
    Line, 200, text::name
}

text_id! {
    /// What a person is called, 1 to 100 characters.
    PersonName, 100, text::name
}

text_id! {
    /// Who a voucher is passed on to, as the kiosk shows it, 1 to 40 characters.
    VoucherName, 40, text::name
}

text_id! {
    /// What is written on a door of a kiosk, 1 to 16 characters.
    DoorLabel, 16, text::name
}

/// A phone number: 5 to 20 digits, the key of a person. [`crate::phone`] has the rules of reading one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Phone(pub String);

impl Phone {
    /// Reads a number as people of this deployment's countries write it; `None` unless 5 to 20 digits remain.
    pub fn parse(text: &str) -> Option<Self> {
        crate::phone::parse(text, crate::phone::home()).map(Self)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Phone {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text).ok_or(if text::compact(&text).is_empty() {
            Problem::Required
        } else {
            Problem::Form
        })
    }
}

/// A number as somebody typed it, which can be read as a [`Phone`]. Kept as it was typed, because a person who was added before country codes
/// were understood has one in their key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypedPhone(String);

impl TypedPhone {
    /// What was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TypedPhone {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Phone::try_from(text.clone()).map(|_| Self(text))
    }
}

impl From<TypedPhone> for String {
    fn from(phone: TypedPhone) -> Self {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `yid`, the number of a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Yid(pub i64);

impl fmt::Display for Yid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A compartment inside one kiosk: `jumper` is the lock board's address, `serial` the port on it (SPEC 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Port {
    /// Lock board address.
    pub jumper: i64,
    /// Port on that board.
    pub serial: i64,
}

/// A compartment as forms name it: `jumper.serial`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortName(pub Port);

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.jumper, self.0.serial)
    }
}

impl TryFrom<String> for PortName {
    type Error = Problem;

    /// Takes one spelling alone, so that no form names a compartment twice.
    fn try_from(text: String) -> Result<Self, Problem> {
        let (jumper, serial) = text.split_once('.').ok_or(Problem::Form)?;
        let number = |text: &str| text.parse().map_err(|_| Problem::Form);
        let name = Self(Port {
            jumper: number(jumper)?,
            serial: number(serial)?,
        });
        if name.to_string() == text {
            Ok(name)
        } else {
            Err(Problem::Form)
        }
    }
}

impl From<PortName> for String {
    fn from(name: PortName) -> Self {
        name.to_string()
    }
}
