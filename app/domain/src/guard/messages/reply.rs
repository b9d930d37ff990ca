//! What all replies have in common, and how they are written: compact, ASCII only, fields in the order of the source.

use super::Reply;
use super::fields::FieldFault;
use crate::error::Problem;
use crate::guard::times::LocalMinute;
use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter};
use std::{fmt, io};

/// Declares an integer code of a reply.
macro_rules! result_codes {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $code_doc:literal])* $code:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $code_doc])* $code,)*
        }

        impl $name {
            /// The number on the wire.
            pub fn number(self) -> i64 {
                match self {
                    $(Self::$code => $value,)*
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.number())
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::guard::messages::described::codes(&[$(($value, concat!($($code_doc),*)),)*])
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl utoipa::ToSchema for $name {}
    };
}

pub(super) use result_codes;

result_codes! {
    /// `result` where the source knows success and failure only.
    Plain {
        /// Success.
        Done = 0,
        /// Failure.
        Failed = 1,
    }
}

/// Answers a message whose reply is `result` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Done {
    /// `result`.
    pub result: Plain,
}

impl Done {
    /// `{"result":0}`.
    pub const OK: Self = Self { result: Plain::Done };
    /// `{"result":1}`.
    pub const FAILED: Self = Self { result: Plain::Failed };
}

/// What a message is answered with.
pub trait Answer: Serialize {
    /// The answer to every refusal: the failure value, texts empty, lists `[]` (SPEC 4.2).
    fn failed() -> Self;

    /// The number under `result`.
    fn number(&self) -> i64;
}

/// Declares for each reply of a file what it is after a refusal.
macro_rules! answers {
    ($($name:ident { $($field:ident: $value:expr),* $(,)? })*) => {$(
        impl $crate::guard::messages::Answer for $name {
            fn failed() -> Self {
                Self { $($field: $value),* }
            }

            fn number(&self) -> i64 {
                self.result.number()
            }
        }
    )*};
}

pub(super) use answers;

answers! {
    Done { result: Plain::Failed }
}

impl Reply {
    /// The answer to an unknown sign (SPEC 4.1).
    pub fn unknown() -> Self {
        Self::Unknown(Done::FAILED)
    }

    /// The body: compact JSON, ASCII only, because field clients decode replies as GBK (SPEC 4.1).
    pub fn to_json(&self) -> Vec<u8> {
        // A list of twenty guards grows once.
        let mut body = Vec::with_capacity(4096);
        let mut serializer = serde_json::Serializer::with_formatter(&mut body, Ascii);
        match self.serialize(&mut serializer) {
            Ok(()) => body,
            // Writing texts and integers into memory cannot fail; were it to, this is the answer every client knows.
            Err(_) => br#"{"result":1}"#.to_vec(),
        }
    }
}

/// Compact JSON in which everything outside ASCII is `\uXXXX`, above U+FFFF as a surrogate pair.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Names of fields and most values: faster than a look at each character.
        if fragment.is_ascii() {
            return writer.write_all(fragment.as_bytes());
        }
        let mut escaped = [0; ESCAPED];
        let mut length = 0;
        for c in fragment.chars() {
            if length + LONGEST_ESCAPE > escaped.len() {
                writer.write_all(&escaped[..length])?;
                length = 0;
            }
            length += escape(c, &mut escaped[length..]);
        }
        writer.write_all(&escaped[..length])
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }
}

/// Bytes that are escaped before they are written.
const ESCAPED: usize = 256;
/// Bytes of two surrogates.
const LONGEST_ESCAPE: usize = 12;

/// Puts a character that needs no escape in ASCII, or its `\uXXXX`, at the beginning of `into`; answers how many bytes. Names of guards are full of
/// them, and the general way to write numbers takes several times as long.
fn escape(c: char, into: &mut [u8]) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if c.is_ascii() {
        into[0] = c as u8;
        return 1;
    }
    let mut length = 0;
    for unit in c.encode_utf16(&mut [0; 2]) {
        let digit = |shift: u16| DIGITS[usize::from(*unit >> shift & 0xf)];
        let escaped = [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)];
        into[length..length + escaped.len()].copy_from_slice(&escaped);
        length += escaped.len();
    }
    length
}

/// A text that is never null: nothing is an empty one.
pub(super) fn or_empty<T: fmt::Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_str(""),
    }
}

/// SPEC 4.3: `startTime` < `endTime`.
pub(super) fn start_before_end(start: LocalMinute, end: LocalMinute) -> Result<(), FieldFault> {
    if start < end {
        Ok(())
    } else {
        Err(("endTime", Problem::Contradicts))
    }
}
