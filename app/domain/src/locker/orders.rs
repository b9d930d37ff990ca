//! Orders (신청정보): a contractor's application for a meter, on its way from received to done.

use crate::ids::{BusinessName, CustomerNo, Millis, Phone, Port, ThingsSq, Yid};
use serde::{Deserialize, Serialize};

/// 접수 A, 출고준비 B, 보관 C, 완료 D (SPEC 1).
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
}

impl OrderStatus {
    /// Every status in order.
    pub const ALL: [Self; 4] = [Self::Received, Self::Ready, Self::Stored, Self::Done];

    /// The letter of SPEC 1.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Received => "A",
            Self::Ready => "B",
            Self::Stored => "C",
            Self::Done => "D",
        }
    }

    /// The inverse of [`OrderStatus::letter`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.letter() == text)
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

/// What to search for. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFilter {
    /// Prefix of the customer number; empty: all.
    pub customer_no: String,
    /// Only this status.
    pub status: Option<OrderStatus>,
    /// Only orders bound to this kiosk.
    pub yid: Option<Yid>,
    /// Only this business's; a business user sees their own business's in any case.
    #[serde(default)]
    pub business: Option<BusinessName>,
    /// Where the page before ended, as [`Page::next`] said.
    pub cursor: Option<String>,
    /// Rows on a page, 1 to 200.
    pub limit: u32,
}

/// What to find by any part of it ([`crate::search`]). All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderSearch {
    /// What was typed; empty: all.
    pub text: String,
    /// Only this status.
    pub status: Option<OrderStatus>,
    /// Only orders bound to this kiosk.
    pub yid: Option<Yid>,
    /// Only this business's; a business user sees their own business's in any case.
    pub business: Option<BusinessName>,
    /// Where the page before ended, as [`crate::search::Hits::next`] said.
    pub cursor: Option<String>,
    /// Rows on a page, 1 to 200.
    pub limit: u32,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Give this back as `cursor` for the next page; `None` on the last.
    pub next: Option<String>,
}

/// What became of a CSV import, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The encoding the file was read in, as `UTF-8`, `EUC-KR`, `GBK`.
    pub encoding: String,
    /// Rows that became new records.
    pub added: u32,
    /// Rows whose record existed with the same content and moved on from A to B.
    pub updated: u32,
    /// Rows whose record existed with the same content.
    pub unchanged: u32,
    /// Rows that were refused; the others stand.
    pub errors: Vec<RowError>,
    /// Some of the rows as they were read, so that a person sees whether the encoding is right. Never holds a secret.
    #[serde(default)]
    pub sample: Vec<String>,
}

/// A refused row of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The row's number as a spreadsheet shows it, the header usually being 1.
    pub line: u64,
    /// Why.
    pub refusal: crate::error::Refusal,
}
