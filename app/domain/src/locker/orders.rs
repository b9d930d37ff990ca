//! Orders (신청정보): a contractor's application for a meter, on its way from received to done.

mod order;

pub use order::{Order, OrderStatus, OrderText, OrderTexts, Place};

use crate::ids::{BusinessName, Yid};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Corrected {
    /// The order as it is now.
    Done(Box<Order>),
    /// Nothing: somebody else changed the order since it was shown, and this is how it is.
    Changed(Box<Order>),
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

/// A column that a list of orders can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The customer number, then the order number.
    #[default]
    CustomerNo,
    /// The order's own number.
    OrderNo,
    /// The customer's name.
    Name,
    /// The address.
    Address,
    /// The kind of meter.
    Kind,
    /// The business.
    Business,
    /// How far the order has come.
    Status,
    /// Kiosk and compartment; orders that are in none come last.
    Place,
}

impl SortBy {
    /// Every column, in the order in which tables have them.
    pub const ALL: [Self; 8] = [
        Self::CustomerNo,
        Self::OrderNo,
        Self::Name,
        Self::Address,
        Self::Kind,
        Self::Business,
        Self::Status,
        Self::Place,
    ];

    /// As in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomerNo => "customer-no",
            Self::OrderNo => "order-no",
            Self::Name => "name",
            Self::Address => "address",
            Self::Kind => "kind",
            Self::Business => "business",
            Self::Status => "status",
            Self::Place => "place",
        }
    }
}

/// How a list of orders is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// By which column.
    pub by: SortBy,
    /// The last ones first.
    pub descending: bool,
}

impl Sort {
    /// From an address: the column, with a minus sign before it where it is descending. `None`: there is no such column.
    pub fn parse(text: &str) -> Option<Self> {
        let (column, descending) = match text.strip_prefix('-') {
            Some(column) => (column, true),
            None => (text, false),
        };
        let by = SortBy::ALL.into_iter().find(|by| by.as_str() == column)?;
        Some(Self { by, descending })
    }

    /// What a click on the head of a column asks for: that column, or the other direction of the one that is sorted by.
    #[must_use]
    pub fn toggled(self, by: SortBy) -> Self {
        Self {
            by,
            descending: self.by == by && !self.descending,
        }
    }
}

/// The inverse of [`Sort::parse`].
impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by.as_str())
    }
}

/// What a table of orders is asked for. All conditions hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTable {
    /// Only this status.
    pub status: Option<OrderStatus>,
    /// Only orders bound to this kiosk.
    pub yid: Option<Yid>,
    /// Only this business's; a business user sees their own business's in any case.
    pub business: Option<BusinessName>,
    /// By which column.
    pub sort: Sort,
    /// Which page; the first is 1.
    pub page: u64,
    /// Rows on a page, 1 to 200.
    pub limit: u32,
}

impl Default for OrderTable {
    fn default() -> Self {
        Self {
            status: None,
            yid: None,
            business: None,
            sort: Sort::default(),
            page: 1,
            limit: 50,
        }
    }
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// As many, or as many as are counted at most.
    pub rows: u32,
    /// There are more than are counted.
    pub more: bool,
}

/// Where a page with a number begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagePlace {
    /// How many rows all pages have.
    pub count: Count,
    /// The key of the last row before it; `None`: there is no such page.
    pub after: Option<String>,
}

/// One page of a table of orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePage {
    /// The rows; none where there is no such page.
    pub rows: Vec<Order>,
    /// How many rows all pages have.
    pub count: Count,
    /// How they are sorted: by customer number where there are too many to be sorted as asked.
    pub sort: Sort,
}

/// How far making ready all orders of a list has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadySoFar {
    /// Orders that became ready.
    pub made: u32,
    /// Orders that were left as they are: somebody else changed them at the same time.
    pub left: u32,
    /// Where to go on; `None`: all are done.
    pub next: Option<String>,
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
    /// The names of the columns that samples have.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Some of the rows as they were read, so that a person sees whether the encoding is right. Never holds a secret.
    #[serde(default)]
    pub sample: Vec<SampleRow>,
    /// How many rows the file has, without the first line and empty ones.
    #[serde(default)]
    pub rows: u32,
}

/// A row of a file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRow {
    /// Its number as a spreadsheet shows it.
    pub line: u64,
    /// What it has in the columns that are shown.
    pub cells: Vec<String>,
}

/// A refused row of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The row's number as a spreadsheet shows it, the header usually being 1.
    pub line: u64,
    /// Why.
    pub refusal: crate::error::Refusal,
    /// What stood in the field that was refused; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl RowError {
    /// A row that was refused whatever stood in it.
    pub fn new(line: u64, refusal: crate::error::Refusal) -> Self {
        Self {
            line,
            refusal,
            value: None,
        }
    }

    /// The same because of this.
    #[must_use]
    pub fn of(self, value: &str) -> Self {
        Self {
            value: Some(value.to_owned()),
            ..self
        }
    }
}

/// A name of which only so much is left that its bearer knows it: `강*우`, `J*** K**`.
pub fn masked_name(name: &str) -> String {
    let is_latin = name.is_ascii();
    let words = name.split_whitespace().map(|word| {
        let length = word.chars().count();
        let masked = word.chars().enumerate().map(|(at, c)| {
            // Korean and Chinese names are short, and their last syllable tells relatives apart.
            let is_shown = at == 0 || (!is_latin && length > 2 && at + 1 == length);
            if is_shown { c } else { '*' }
        });
        masked.collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_is_read_as_it_is_written() {
        for by in SortBy::ALL {
            for descending in [false, true] {
                let sort = Sort { by, descending };
                assert_eq!(Sort::parse(&sort.to_string()), Some(sort));
            }
        }
        for unknown in [
            "",
            "-",
            "--name",
            "Name",
            "name ",
            "password",
            "things_sq; DROP TABLE orders",
        ] {
            assert_eq!(Sort::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_second_click_on_a_column_turns_it_round() {
        let first = Sort::default().toggled(SortBy::Name);
        assert_eq!(first.to_string(), "name");
        assert_eq!(first.toggled(SortBy::Name).to_string(), "-name");
        assert_eq!(first.toggled(SortBy::Name).toggled(SortBy::Name), first);
        assert_eq!(Sort::default().toggled(SortBy::CustomerNo).to_string(), "-customer-no");
    }

    #[test]
    fn a_masked_name_shows_its_bearer_enough_and_others_little() {
        assert_eq!(masked_name("강지우"), "강*우");
        assert_eq!(masked_name("허준"), "허*");
        assert_eq!(masked_name("欧阳建国"), "欧**国");
        assert_eq!(masked_name("Jane  Miller"), "J*** M*****");
        assert_eq!(masked_name("김"), "김");
        assert_eq!(masked_name(""), "");
    }
}
