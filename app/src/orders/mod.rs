//! What the pages of staff and of businesses share about orders: the search, the facts of one, and its evidence.

mod evidence;
mod facts;
mod recent;
mod search;

pub use evidence::Timeline;
pub use facts::{Facts, kiosk_line};
pub use recent::{forget, remember};
pub use search::{Results, Search, SearchForm};

use crate::links;
use domain::error::Refusal;
use domain::ids::ThingsSq;

/// The order a page's path names.
pub fn in_path() -> Result<ThingsSq, Refusal> {
    ThingsSq::parse(&links::part(3)).ok_or(Refusal::Unknown)
}

/// The page of an order below a list, such as `/staff/orders`.
pub fn address(list: &str, things_sq: &ThingsSq) -> String {
    format!("{list}/{}", links::encoded(things_sq.as_str()))
}
