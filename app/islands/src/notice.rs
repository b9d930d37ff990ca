//! After a form did its work it leads to a page with `?notice=KEY` in its address, and that page says what was done.

use crate::links::encoded;
use domain::ids::ThingsSq;

/// The query parameter.
pub const NOTICE: &str = "notice";

/// `address` with this notice; `address` may have a query already.
pub fn with_notice(address: &str, key: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{NOTICE}={key}")
}

/// How many orders became ready, in an address.
pub const MADE: &str = "made";
/// How many were left as they are.
pub const LEFT: &str = "left";

/// The order that was made ready by one tap, which can be undone.
pub const UNDO: &str = "undo";

/// `address` with the notice that this order became ready, and the way to undo that.
pub fn ready_notice_of(address: &str, order: &ThingsSq) -> String {
    let order = encoded(order.as_str());
    format!("{}&{MADE}=1&{UNDO}={order}", with_notice(address, "orders-ready"))
}

/// `address` with the notice of how many orders became ready, and how many did not.
pub fn ready_notice(address: &str, made: u32, left: u32) -> String {
    format!("{}&{MADE}={made}&{LEFT}={left}", with_notice(address, "orders-ready"))
}

/// Is this query parameter only there for the notice?
pub fn is_notice(parameter: &str) -> bool {
    [NOTICE, MADE, LEFT, UNDO].contains(&parameter)
}
