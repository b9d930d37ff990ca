//! What the guard messages carry, parsed: each meaning a type of its own, nothing longer than it may be, secrets unprintable.

use crate::error::Problem;
use crate::text;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A value that is read from a text and knows what makes a text unfit.
pub trait FromText: Sized {
    /// The value, or what is wrong with the text.
    fn from_text(text: &str) -> Result<Self, Problem>;

    /// How it is described: a text, unless more is to be told.
    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> utoipa::openapi::schema::ObjectBuilder {
        described_text()
    }
}

/// A text, of which nothing more is told.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn described_text() -> utoipa::openapi::schema::ObjectBuilder {
    utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String)
}

/// For a type that is a text on the wire and where it is stored: it is read by [`FromText`], and described by it.
macro_rules! stored_as_text {
    ($name:ident) => {
        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <Self as $crate::guard::ids::FromText>::described().into()
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::ToSchema for $name {}

        impl TryFrom<String> for $name {
            type Error = $crate::error::Problem;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                <Self as $crate::guard::ids::FromText>::from_text(&text)
            }
        }
    };
}
pub(super) use stored_as_text;

/// A text of these lengths in characters.
#[cfg(not(target_arch = "wasm32"))]
fn text_of(min: usize, max: usize) -> utoipa::openapi::schema::ObjectBuilder {
    described_text()
        .min_length((min > 0).then_some(min))
        .max_length(Some(max))
}

/// Between `min` and `max` characters; `true` from `bad` refuses a character.
fn bounded(text: String, min: usize, max: usize, bad: fn(char) -> bool) -> Result<String, Problem> {
    let length = text.chars().count();
    if length == 0 && min > 0 {
        Err(Problem::Required)
    } else if length < min {
        Err(Problem::TooShort {
            min: u32::try_from(min).unwrap_or(u32::MAX),
        })
    } else if length > max {
        Err(Problem::TooLong {
            max: u32::try_from(max).unwrap_or(u32::MAX),
        })
    } else if text.chars().any(bad) {
        Err(Problem::Form)
    } else {
        Ok(text)
    }
}

fn control(c: char) -> bool {
    c.is_control()
}

fn control_but_line_breaks(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// As it came.
fn untouched(text: &str) -> String {
    text.to_owned()
}

/// Without the white space around it.
fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// The number on a card as its reader says it: no spaces, and an `X` that stands for a check digit as a capital.
fn card(text: &str) -> String {
    let mut text = text::compact(text);
    if text.len() > 1 && text.ends_with('x') && text[..text.len() - 1].bytes().all(|b| b.is_ascii_digit()) {
        text.pop();
        text.push('X');
    }
    text
}

fn nothing(_: char) -> bool {
    false
}

fn no_digit(c: char) -> bool {
    !c.is_ascii_digit()
}

macro_rules! text {
    (@common $(#[$doc:meta])* $name:ident, $min:literal ..= $max:literal, $bad:ident, $normal:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The value, or what is wrong with the text.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                bounded($normal(text), $min, $max, $bad).map(Self)
            }
        }

        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, Problem> {
                Self::parse(text)
            }

            #[cfg(not(target_arch = "wasm32"))]
            fn described() -> utoipa::openapi::schema::ObjectBuilder {
                text_of($min, $max)
            }
        }

        stored_as_text!($name);

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
    (open $(#[$doc:meta])* $name:ident, $min:literal ..= $max:literal, $bad:ident, $normal:path) => {
        text!(@common $(#[$doc])* $name, $min ..= $max, $bad, $normal);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    (secret $(#[$doc:meta])* $name:ident, $min:literal ..= $max:literal, $bad:ident, $normal:path) => {
        text!(@common $(#[$doc])* $name, $min ..= $max, $bad, $normal);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

text! { open
    /// `guardId`, the bar code of a guard, its key: 1 to 64 characters (guard-seed, sign 5). Sign 10 gives it as an integer;
    /// both forms are read everywhere.
    GuardId, 1..=64, control, text::identifier
}
text! { open
    /// `serviceNumb`, the number of one authorisation: 1 to 32 characters, by the source 14 of time, 11 of phone number, 7 random
    /// (guard-seed, sign 13). Clients that know less pad with zeros, so it is an opaque text here.
    ServiceNumb, 1..=32, control, text::identifier
}
text! { open
    /// `dnCode`, what the chip of an identity card says; empty where the card was not read by NFC (guard-seed, sign 13). 0 to 128 characters.
    DnCode, 0..=128, control, text::compact
}
text! { open
    /// `name` of somebody who may open by card, 1 to 64 characters (guard-seed, sign 13).
    CardHolder, 1..=64, control, text::name
}
text! { open
    /// `ownerName`, `newName`, `juniorName`: 1 to 64 characters (guard-seed, sign 2).
    OwnerName, 1..=64, control, text::name
}
text! { open
    /// `guardName`, 1 to 64 characters (guard-seed, sign 8).
    GuardName, 1..=64, control, text::name
}
text! { open
    /// `guardLocation`, where it is, 0 to 200 characters (guard-seed, sign 8).
    GuardLocation, 0..=200, control_but_line_breaks, text::lines
}
text! { open
    /// `guardComment`, 0 to 500 characters, line breaks allowed (guard-seed, sign 8).
    GuardComment, 0..=500, control_but_line_breaks, text::lines
}
text! { open
    /// `imei` of the device somebody signs in with; a browser has none. 0 to 64 characters (guard-seed, sign 2).
    Imei, 0..=64, control, text::identifier
}
text! { secret
    /// `cardNumb`, the number on an identity card, 1 to 64 characters (guard-seed, sign 13). Printed only masked.
    CardNumb, 1..=64, control, card
}
text! { secret
    /// `password` of a door: 4 to 12 digits (guard-seed, sign 17; SPEC 4.3).
    DoorPassword, 4..=12, no_digit, text::identifier
}
text! { secret
    /// `ownerPassword`, `newPassword`: opaque text, 1 to 300 characters (guard-seed, sign 2; SPEC 4.3).
    OwnerPassword, 1..=300, nothing, untouched
}
text! { secret
    /// A bearer token of signs 2, 4 and 26 (SPEC 4.2).
    AccessToken, 1..=4096, control, trimmed
}
text! { secret
    /// The one-time `code` that allows sign 19 without a token (SPEC 4.2).
    ResetCode, 1..=64, control, text::digits
}
text! { secret
    /// The code on the server's console that allows the first operator to be added.
    SetUpCode, 1..=64, control, trimmed
}
text! { secret
    /// A text of a reply that may be secret, or empty where it is not for the asker: default passwords, a password in a list.
    SecretText, 0..=4096, nothing, untouched
}

impl SecretText {
    /// Nothing to say.
    pub fn empty() -> Self {
        Self(String::new())
    }
}

impl Default for SecretText {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<&DoorPassword> for SecretText {
    fn from(password: &DoorPassword) -> Self {
        Self(password.0.clone())
    }
}

impl From<Option<&DoorPassword>> for SecretText {
    fn from(password: Option<&DoorPassword>) -> Self {
        password.map_or_else(Self::empty, Self::from)
    }
}

impl DoorPassword {
    /// One star a digit: all that is kept of a password nobody was given.
    pub fn masked(&self) -> String {
        "*".repeat(self.0.len())
    }
}

impl DnCode {
    /// No code: the card was not read by NFC.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// Was the card not read by NFC?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl CardNumb {
    /// The same card? A last letter `x` may be of either case.
    pub fn same_card(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// [`CardNumb::masked`] in the place of the number, for a reply to somebody who may not see the whole.
    pub fn hidden(&self) -> Self {
        Self(self.masked())
    }

    /// For showing until somebody asks for the whole: of 12 characters or more the first 3 and last 4, of 6 or more the last 2.
    pub fn masked(&self) -> String {
        let length = self.0.chars().count();
        let (head, tail) = match length {
            12.. => (3, 4),
            6.. => (0, 2),
            _ => (0, 0),
        };
        self.0
            .chars()
            .enumerate()
            .map(|(at, c)| if at < head || at >= length - tail { c } else { '*' })
            .collect()
    }
}

/// `opCode`, the verification code of a guard: 1 to 10 bytes (guard-seed, sign 7). Anybody who knows it may add the guard, so it is never printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OpCode(String);

impl OpCode {
    /// The value, or what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = bounded(text::compact(text), 1, 10, control)?;
        if text.len() > 10 {
            return Err(Problem::TooLong { max: 10 });
        }
        Ok(Self(text))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for OpCode {
    fn from_text(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

stored_as_text!(OpCode);

impl From<OpCode> for String {
    fn from(value: OpCode) -> Self {
        value.0
    }
}

impl fmt::Debug for OpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpCode")
    }
}

/// A code somebody tries (sign 7): what could be no code at all is a mismatch like any other wrong one, not a fault of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedCode(pub Option<OpCode>);

impl FromText for TriedCode {
    fn from_text(text: &str) -> Result<Self, Problem> {
        Ok(Self(OpCode::parse(text).ok()))
    }
}

impl FromText for crate::ids::Phone {
    fn from_text(text: &str) -> Result<Self, Problem> {
        Self::parse(text).ok_or(Problem::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_id_is_printable_and_of_some_length() {
        assert_eq!(GuardId::parse(" G0001 ").unwrap().as_str(), "G0001");
        assert_eq!(GuardId::parse("门\"1\"").unwrap().as_str(), "门\"1\"");
        assert_eq!(GuardId::parse("  "), Err(Problem::Required));
        assert_eq!(GuardId::parse("a\nb"), Err(Problem::Form));
        assert!(GuardId::parse(&"门".repeat(64)).is_ok());
        assert_eq!(GuardId::parse(&"1".repeat(65)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn a_door_password_is_4_to_12_digits() {
        assert!(DoorPassword::parse("0000").is_ok());
        assert!(DoorPassword::parse("123456789012").is_ok());
        assert_eq!(DoorPassword::parse("123"), Err(Problem::TooShort { min: 4 }));
        assert_eq!(DoorPassword::parse("1234567890123"), Err(Problem::TooLong { max: 12 }));
        assert_eq!(DoorPassword::parse("12a4"), Err(Problem::Form));
        assert_eq!(DoorPassword::parse("一二三四"), Err(Problem::Form));
    }

    #[test]
    fn an_op_code_is_counted_in_bytes() {
        assert!(OpCode::parse("1234567890").is_ok());
        assert!(OpCode::parse("门禁码").is_ok());
        assert_eq!(OpCode::parse("门禁验证"), Err(Problem::TooLong { max: 10 }));
        assert_eq!(OpCode::parse(""), Err(Problem::Required));
        assert_eq!(TriedCode::from_text("far too long for any code"), Ok(TriedCode(None)));
    }

    #[test]
    fn secrets_print_nothing_and_cards_only_masked() {
        let shown = format!(
            "{:?} {:?} {:?} {:?}",
            DoorPassword::parse("135790").unwrap(),
            OwnerPassword::parse("135790").unwrap(),
            CardNumb::parse("13579013579013579X").unwrap(),
            OpCode::parse("135790").unwrap()
        );
        assert_eq!(shown, "DoorPassword OwnerPassword CardNumb OpCode");
        assert_eq!(
            CardNumb::parse("110101199003071234").unwrap().masked(),
            "110***********1234"
        );
        assert_eq!(CardNumb::parse("1234567").unwrap().masked(), "*****67");
        assert_eq!(CardNumb::parse("12345").unwrap().masked(), "*****");
        assert_eq!(DoorPassword::parse("135790").unwrap().masked(), "******");
    }

    #[test]
    fn reading_a_value_back_from_storage_checks_it_again() {
        let password = DoorPassword::parse("1234").unwrap();
        let stored = serde_json::to_string(&password).unwrap();
        assert_eq!(stored, "\"1234\"");
        assert_eq!(serde_json::from_str::<DoorPassword>(&stored).unwrap(), password);
        assert!(serde_json::from_str::<DoorPassword>("\"12\"").is_err());
    }
}
