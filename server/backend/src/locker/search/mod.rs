//! Finding orders by any part of their texts ([`domain::search`]).
//!
//! Neither engine has an index for that which the other has as well, so it is one of ours: `search_terms` says in which orders of a block of 4096 a
//! term is, and where ([`domain::search::terms`]). A search reads the rows of a few terms, newest block first, keeps the orders in which they
//! stand at the right distances, and reads those orders; what it answers is decided by the orders' own texts. An order that is in no block yet is in
//! `search_waiting`, from the transaction that added it until the one that puts it into a block.
//!
//! Every answer reads a bounded number of rows. Where that is not enough to fill a page, it says where to go on.

mod blocks;
mod cursor;
mod finding;
mod places;
mod plan;

pub use blocks::{catch_up, progress};
pub use finding::find;

pub(crate) use blocks::{keep_up, keep_up_regularly, note, note_again};

use crate::core::db::fault;
use crate::core::facts;
use crate::{Backend, Result};
use domain::locker::orders::Order;
use domain::search::{Part, fold, initial};
use std::sync::atomic::AtomicBool;

/// Orders of a block.
const BLOCK: usize = 4096;
/// Orders whose keys are one row.
const KEYS_OF_A_PART: usize = 16;
const PARTS_OF_A_BLOCK: i64 = (BLOCK / KEYS_OF_A_PART) as i64;
/// Where `settings` says how many blocks there are.
const BLOCKS: &str = "search";

/// What a process knows of the table.
#[derive(Default)]
pub(crate) struct State {
    /// Every order that was there before the table is in a block.
    complete: AtomicBool,
}

/// What is searched of an order, in the order in which places are named.
fn parts(order: &Order) -> [(Part, &str); 5] {
    let (number, key) = (order.customer_no.as_str(), order.things_sq.as_str());
    parts_of(
        number,
        key,
        &order.customer_name,
        &order.address,
        order.business.as_str(),
    )
}

fn parts_of<'t>(
    customer_no: &'t str,
    things_sq: &'t str,
    name: &'t str,
    address: &'t str,
    business: &'t str,
) -> [(Part, &'t str); 5] {
    [
        (Part::CustomerNo, customer_no),
        (Part::OrderNo, things_sq),
        (Part::Name, name),
        (Part::Address, address),
        (Part::Business, business),
    ]
}

/// The same as one text in which a `LIKE` finds what may match: the parts, and the initial consonants of names.
fn folded(order: &Order) -> String {
    folded_parts(&parts(order))
}

fn folded_parts(parts: &[(Part, &str)]) -> String {
    let mut text = String::new();
    for (part, of) in parts {
        let folded = fold(of);
        text.extend(&folded.chars);
        text.push('\n');
        if part.is_name() {
            text.extend(folded.chars.iter().map(|c| initial(*c).unwrap_or(*c)));
            text.push('\n');
        }
    }
    text
}

/// The term under which the orders of a business are; no term of a text begins so.
fn business_term(business: &str) -> String {
    format!("={business}")
}

/// How many blocks there are; the newest is one less.
async fn blocks(b: &Backend) -> Result<i64> {
    let row: Option<String> = b.db().optional(facts::read(BLOCKS)).await?;
    match row {
        Some(value) if !value.is_empty() => value.parse().map_err(fault),
        _ => Ok(0),
    }
}
