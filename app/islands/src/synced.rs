//! What the page about a sync is told in its address.

use crate::addresses::at;
use crate::links;

/// More changed orders than this are counted, not listed.
pub const LISTED: usize = 100;
/// Between the orders in the address; no order has a control character in its key.
pub const SEPARATOR: &str = "\n";

/// The address of the page that tells what the data of a kiosk changed.
pub fn synced_address<'a>(
    token_id: &str,
    stored: u32,
    completed: u32,
    changed: impl Iterator<Item = &'a str>,
) -> String {
    let changed: Vec<&str> = changed.take(LISTED).collect();
    links::with_query(
        &at::staff_sync(),
        &[
            ("scan", token_id),
            ("stored", &stored.to_string()),
            ("completed", &completed.to_string()),
            ("orders", &changed.join(SEPARATOR)),
        ],
    )
}
