//! One order: its texts, how far it has come, where its meter is.
//!
//! The texts are listed once, in [`order_texts!`] below. Columns of the table, forms, files, corrections and their history go by that list.

use crate::error::Problem;
use crate::ids::{BusinessName, CustomerNo, Millis, Phone, Port, ThingsSq, Yid};
use crate::text;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// 접수 A, 출고준비 B, 보관 C, 완료 D (SPEC 1), and X for an order that an operator cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum OrderStatus {
    /// A, received.
    #[serde(rename = "A")]
    Received,
    /// B, ready to be stored.
    #[serde(rename = "B")]
    Ready,
    /// C, in a compartment.
    #[serde(rename = "C")]
    Stored,
    /// D, fetched.
    #[serde(rename = "D")]
    Done,
    /// X, cancelled by an operator before it was stored.
    #[serde(rename = "X")]
    Cancelled,
}

impl OrderStatus {
    /// The stations of an order on its way, in order.
    pub const ALL: [Self; 4] = [Self::Received, Self::Ready, Self::Stored, Self::Done];
    /// Every status, also that of an order that is on its way no more.
    pub const EVERY: [Self; 5] = [Self::Received, Self::Ready, Self::Stored, Self::Done, Self::Cancelled];

    /// The letter of SPEC 1.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Received => "A",
            Self::Ready => "B",
            Self::Stored => "C",
            Self::Done => "D",
            Self::Cancelled => "X",
        }
    }

    /// The inverse of [`OrderStatus::letter`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|status| status.letter() == text)
    }
}

/// Where an order's meter is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The kiosk.
    pub yid: Yid,
    /// The compartment.
    pub port: Port,
    /// What is written on its door.
    pub label: String,
}

/// An order as lists and details show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its key.
    pub things_sq: ThingsSq,
    /// The customer whose meter it is.
    pub customer_no: CustomerNo,
    /// That customer's name.
    pub customer_name: String,
    /// Where the meter will be mounted.
    pub address: String,
    /// Kind of meter, free text.
    pub meter_kind: String,
    /// The business that applied.
    pub business: BusinessName,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where the meter is (status C) or was (status D).
    pub place: Option<Place>,
    /// When it became C, by the server's clock.
    pub stored_at: Option<Millis>,
    /// Who stored it.
    pub stored_by: Option<Phone>,
    /// When it became D.
    pub done_at: Option<Millis>,
}

impl Order {
    /// One that nothing has happened to.
    pub fn new(things_sq: ThingsSq, texts: OrderTexts, status: OrderStatus) -> Self {
        Self {
            things_sq,
            customer_no: CustomerNo(texts.customer_no),
            customer_name: texts.customer_name,
            address: texts.address,
            meter_kind: texts.meter_kind,
            business: BusinessName(texts.business),
            status,
            place: None,
            stored_at: None,
            stored_by: None,
            done_at: None,
        }
    }

    /// One of its texts.
    pub fn text(&self, text: OrderText) -> &str {
        match text {
            OrderText::CustomerNo => self.customer_no.as_str(),
            OrderText::CustomerName => &self.customer_name,
            OrderText::Address => &self.address,
            OrderText::MeterKind => &self.meter_kind,
            OrderText::Business => self.business.as_str(),
        }
    }
}

/// Each text: its name here and in the table, as `/v1` and files name it, what it is, how many characters it has at most, whether it may be empty,
/// and whether a file without its column is refused.
macro_rules! order_texts {
    ($($(#[$about:meta])* $name:ident $field:ident, $wire:literal, $kind:ident up to $max:literal, $need:ident, in every file: $file:literal;)+) => {
        /// A text of an order that people write and may correct.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum OrderText {
            $($(#[$about])* $name,)+
        }

        impl OrderText {
            /// All of them, in the order in which forms, files and details have them.
            pub const ALL: [Self; [$(stringify!($name)),+].len()] = [$(Self::$name),+];
            /// The names of their columns.
            pub const COLUMNS: [&'static str; Self::ALL.len()] = [$(stringify!($field)),+];

            /// The name of its column.
            pub const fn column(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($field),)+
                }
            }

            /// Its name on the wire and in files.
            pub const fn wire(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)+
                }
            }

            /// The name of its field in a form whose function takes [`OrderTexts`] as `texts`.
            pub const fn field(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("texts.", stringify!($field)),)+
                }
            }

            const fn rule(self) -> Rule {
                match self {
                    $(Self::$name => Rule { kind: Kind::$kind, max: $max, need: Need::$need, in_every_file: $file },)+
                }
            }
        }

        /// The texts of an order. As arguments of a server function or as JSON it is a map, and what is left out is empty.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct OrderTexts {
            $($(#[$about])* pub $field: String,)+
        }

        impl OrderTexts {
            /// Each of them from here.
            pub fn each(mut text: impl FnMut(OrderText) -> String) -> Self {
                Self { $($field: text(OrderText::$name),)+ }
            }

            /// The same where it may fail.
            pub fn try_each<E>(mut text: impl FnMut(OrderText) -> Result<String, E>) -> Result<Self, E> {
                Ok(Self { $($field: text(OrderText::$name)?,)+ })
            }

            /// One of them.
            pub fn get(&self, text: OrderText) -> &str {
                match text {
                    $(OrderText::$name => &self.$field,)+
                }
            }

            fn get_mut(&mut self, text: OrderText) -> &mut String {
                match text {
                    $(OrderText::$name => &mut self.$field,)+
                }
            }
        }
    };
}

order_texts! {
    /// The number of the customer whose meter it is.
    CustomerNo customer_no, "customerNo", Number up to 32, Required, in every file: true;
    /// That customer's name.
    CustomerName customer_name, "customerName", Line up to 100, Optional, in every file: true;
    /// Where the meter will be mounted.
    Address address, "address", Line up to 200, Optional, in every file: true;
    /// Kind of meter, free text.
    MeterKind meter_kind, "meterKind", Line up to 100, Optional, in every file: true;
    /// The business that applied.
    Business business, "business", Line up to 100, Required, in every file: true;
}

struct Rule {
    kind: Kind,
    /// Characters.
    max: u32,
    need: Need,
    /// A file without its column is refused.
    in_every_file: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number or code that people type.
    Number,
    /// Words.
    Line,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

impl OrderText {
    /// The one with this name on the wire.
    pub fn of_wire(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|text| text.wire() == name)
    }

    /// The one with this column.
    pub fn of_column(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|text| text.column() == name)
    }

    /// A number or code that people type, which a spreadsheet may take for an amount.
    pub const fn is_number(self) -> bool {
        matches!(self.rule().kind, Kind::Number)
    }

    /// May it not be empty?
    pub const fn is_required(self) -> bool {
        matches!(self.rule().need, Need::Required)
    }

    /// Is a file without its column refused?
    pub const fn is_in_every_file(self) -> bool {
        self.rule().in_every_file
    }

    /// What was written, normalised, as it is stored; or what is wrong with it.
    ///
    /// # Errors
    ///
    /// It is empty and must not be, too long, or has characters that no line has.
    pub fn read(self, written: &str) -> Result<String, Problem> {
        let max = self.rule().max;
        let written = match self.rule().kind {
            Kind::Number => text::identifier(written),
            Kind::Line => text::name(written),
        };
        let is_odd = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
        if written.is_empty() && self.is_required() {
            Err(Problem::Required)
        } else if written.chars().count() > max as usize {
            Err(Problem::TooLong { max })
        } else if written.chars().any(is_odd) {
            Err(Problem::Form)
        } else {
            Ok(written)
        }
    }
}

impl OrderTexts {
    /// Each of them with its value.
    pub fn named(&self) -> [(OrderText, &str); OrderText::ALL.len()] {
        OrderText::ALL.map(|text| (text, self.get(text)))
    }

    /// All of them as they are stored, or the first that is wrong.
    ///
    /// # Errors
    ///
    /// As [`OrderText::read`].
    pub fn read(&self) -> Result<Self, (OrderText, Problem)> {
        Self::try_each(|text| text.read(self.get(text)).map_err(|problem| (text, problem)))
    }
}

impl From<&Order> for OrderTexts {
    fn from(order: &Order) -> Self {
        Self::each(|text| order.text(text).to_owned())
    }
}

/// Each text is read by its own rule, so that all that are wrong can be told at once.
impl<'de> Deserialize<'de> for OrderTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = OrderTexts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the texts of an order")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<OrderTexts, A::Error> {
                let mut texts = OrderTexts::default();
                while let Some(text) = entries.next_key::<OrderText>()? {
                    *texts.get_mut(text) = entries.next_value_seed(text)?;
                }
                Ok(texts)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl<'de> DeserializeSeed<'de> for OrderText {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let written = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        self.read(&written).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_has_the_names_of_the_list_everywhere() {
        let order = Order::new(
            ThingsSq("1".to_owned()),
            OrderTexts::each(|text| text.column().to_owned()),
            OrderStatus::Ready,
        );
        for (text, column) in OrderText::ALL.into_iter().zip(OrderText::COLUMNS) {
            assert_eq!((text.column(), order.text(text)), (column, column));
            assert_eq!(serde_json::to_value(text).unwrap(), json!(column));
            assert_eq!(text.field(), format!("texts.{column}"));
            assert_eq!(OrderText::of_column(column), Some(text));
            assert_eq!(OrderText::of_wire(text.wire()), Some(text));
            let json = serde_json::to_value(&order).unwrap();
            assert_eq!(json[column], json!(column), "as lists and details have it");
        }
        assert_eq!(
            (OrderText::of_column("status"), OrderText::of_wire("thingsSq")),
            (None, None)
        );
    }

    #[test]
    fn each_text_is_read_by_its_own_rule() {
        for text in OrderText::ALL {
            let none = text.read(" \u{3000}");
            if text.is_required() {
                assert_eq!(none, Err(Problem::Required), "{text:?}");
            } else {
                assert_eq!(none, Ok(String::new()), "{text:?}");
            }
            assert_eq!(text.read("a\u{7}b"), Err(Problem::Form), "{text:?}");
            assert!(
                matches!(text.read(&"1".repeat(500)), Err(Problem::TooLong { .. })),
                "{text:?}"
            );
        }
        assert_eq!(OrderText::CustomerNo.read("０２－１"), Ok("02-1".to_owned()));
        assert_eq!(OrderText::Address.read(" 서울  중구 "), Ok("서울 중구".to_owned()));
    }

    #[test]
    fn texts_are_a_map_of_which_some_may_be_missing() {
        let texts: OrderTexts = serde_json::from_value(json!({ "address": " 서울 ", "meter_kind": null })).unwrap();
        assert_eq!(
            texts,
            OrderTexts {
                address: "서울".to_owned(),
                ..OrderTexts::default()
            }
        );
        for (wrong, problem) in [
            (json!({ "customer_no": "" }), Problem::Required),
            (json!({ "address": "가".repeat(201) }), Problem::TooLong { max: 200 }),
            (json!({ "status": "C" }), Problem::Form),
            (json!("x"), Problem::Form),
        ] {
            let refused = serde_json::from_value::<OrderTexts>(wrong.clone()).unwrap_err();
            assert_eq!(Problem::from_message(&refused.to_string()), problem, "{wrong}");
        }
    }
}
