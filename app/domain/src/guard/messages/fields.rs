//! The fields of one request, still as they were written.

use super::{MAX_BODY_BYTES, MAX_DEPTH, Malformed};
use crate::error::Problem;
use crate::guard::ids::{FromText, GuardId};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
#[cfg(not(target_arch = "wasm32"))]
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// What is wrong with a field: its name, and how.
pub type FieldFault = (&'static str, Problem);

/// A value of a request, read from its JSON.
pub trait Field: Sized {
    /// The value, or what is wrong with it.
    fn field(json: &RawValue) -> Result<Self, Problem>;

    /// What `null` means; nothing unless said otherwise.
    fn null() -> Option<Self> {
        None
    }

    /// How it is described.
    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> ObjectBuilder;
}

impl<T: FromText> Field for T {
    fn field(json: &RawValue) -> Result<Self, Problem> {
        T::from_text(&text(json)?)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> ObjectBuilder {
        <T as FromText>::described()
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn either(one: Type, other: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Array(vec![one, other]))
}

/// The name of a key that stands there twice, handed through serde's error.
const DOUBLED: &str = "doubled key: ";

struct Keys<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut keys = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if keys.contains_key(&key) {
                        return Err(A::Error::custom(format!("{DOUBLED}{key}")));
                    }
                    keys.insert(key, value);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// The fields of one request by name.
pub struct Fields<'a>(Keys<'a>);

impl<'a> Fields<'a> {
    /// Takes a body apart.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Malformed::TooLarge);
        }
        let body = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
        if depth(body) > MAX_DEPTH {
            return Err(Malformed::TooDeep);
        }
        serde_json::from_str(body).map(Self).map_err(|error| {
            let said = error.to_string();
            match said.strip_prefix(DOUBLED) {
                // serde_json adds where it stood.
                Some(key) => Malformed::DoubledKey(key.rsplit_once(" at line ").map_or(key, |(key, _)| key).to_owned()),
                None => Malformed::NotAnObject(said),
            }
        })
    }

    /// `sign`: an integer, or a text of digits with white space around it (SPEC 4.1).
    pub fn sign(&self) -> Option<u64> {
        let json = *self.0.0.get("sign")?;
        let written = if is_text(json) {
            text(json).ok()?
        } else {
            json.get().to_owned()
        };
        let digits = written.trim();
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        all_digits.then(|| digits.parse().ok()).flatten()
    }

    /// A field that must be there.
    pub fn required<T: Field>(&self, name: &'static str) -> Result<T, FieldFault> {
        self.optional(name)?.ok_or((name, Problem::Required))
    }

    /// A field that may be missing or null.
    pub fn optional<T: Field>(&self, name: &'static str) -> Result<Option<T>, FieldFault> {
        match self.0.0.get(name) {
            Some(json) if json.get() == "null" => Ok(T::null()),
            Some(json) => T::field(json).map(Some).map_err(|problem| (name, problem)),
            None => Ok(None),
        }
    }
}

fn is_text(json: &RawValue) -> bool {
    json.get().starts_with('"')
}

fn text(json: &RawValue) -> Result<String, Problem> {
    serde_json::from_str(json.get()).map_err(|_| Problem::Form)
}

/// A `guardId`: text, or an integer as sign 10 has it.
pub struct AnyGuardId(pub GuardId);

impl Field for AnyGuardId {
    fn field(json: &RawValue) -> Result<Self, Problem> {
        let written = json.get();
        if written.bytes().all(|b| b.is_ascii_digit()) {
            GuardId::parse(written).map(Self)
        } else {
            GuardId::field(json).map(Self)
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> ObjectBuilder {
        either(Type::String, Type::Integer)
    }
}

/// A text of which the source says that it may be empty; clients write `null` for that, too.
pub struct OrEmpty<T>(pub T);

impl<T: FromText> Field for OrEmpty<T> {
    fn field(json: &RawValue) -> Result<Self, Problem> {
        T::field(json).map(Self)
    }

    fn null() -> Option<Self> {
        T::from_text("").ok().map(Self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> ObjectBuilder {
        <T as FromText>::described().schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
    }
}

/// An integer, or a text of one.
pub struct Integer(pub i64);

impl Field for Integer {
    fn field(json: &RawValue) -> Result<Self, Problem> {
        let written = if is_text(json) {
            text(json)?
        } else {
            json.get().to_owned()
        };
        written.trim().parse().map(Self).map_err(|_| Problem::Form)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> ObjectBuilder {
        either(Type::Integer, Type::String)
    }
}

/// How deep brackets nest outside texts. Counted before parsing, because a value that is skipped is skipped at any depth.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            match byte {
                b'"' => in_text = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// Declares the requests of a file: each field's meaning, type and name on the wire, and the reader made from them.
macro_rules! requests {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $wire:literal $(as $via:path)?)? $(=? $optional:literal)?,)*
        } $(=> $check:ident)?
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            /// `ownerPhoneNumber`, a text: whose data this is about.
            pub owner: crate::ids::Phone,
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $name {
            pub(super) fn read(
                fields: &super::fields::Fields<'_>,
            ) -> Result<Self, super::fields::FieldFault> {
                let read = Self {
                    owner: fields.required("ownerPhoneNumber")?,
                    $($field: $crate::guard::messages::fields::read_field!(fields, $($wire $(as $via)?)? $(? $optional)?),)*
                };
                $($check(&read)?;)?
                Ok(read)
            }

            /// Its fields as they are described, without `sign` and `token`.
            #[cfg(not(target_arch = "wasm32"))]
            pub(super) fn described() -> $crate::guard::messages::described::Described {
                let described = $crate::guard::messages::described::Described::default()
                    .with::<crate::ids::Phone>("ownerPhoneNumber", "whose data this is about.");
                $(let described = $crate::guard::messages::fields::describe_field!(
                    described, Self, $field, concat!($($field_doc),*), $type, $($wire $(as $via)?)? $(? $optional)?
                );)*
                described
            }
        }
    )*};
}

macro_rules! read_field {
    ($fields:ident, $wire:literal) => {
        $fields.required($wire)?
    };
    ($fields:ident, $wire:literal as $via:path) => {
        $fields.required::<$via>($wire)?.0
    };
    ($fields:ident, ? $wire:literal) => {
        $fields.optional($wire)?
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! describe_field {
    ($described:ident, $read:ty, $field:ident, $doc:expr, $type:ty, $wire:literal) => {
        $described.with::<$type>($wire, $doc)
    };
    ($described:ident, $read:ty, $field:ident, $doc:expr, $type:ty, $wire:literal as $via:path) => {
        $described.with::<$via>($wire, $doc)
    };
    ($described:ident, $read:ty, $field:ident, $doc:expr, $type:ty, ? $wire:literal) => {
        $described.with_optional(|read: &$read| &read.$field, $wire, $doc)
    };
}

#[cfg(not(target_arch = "wasm32"))]
pub(in crate::guard::messages) use describe_field;
pub(in crate::guard::messages) use {read_field, requests};
