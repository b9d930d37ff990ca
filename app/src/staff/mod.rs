//! The pages of staff: a phone in one hand, a meter in the other.

mod codes;
mod home;
mod kiosk;
mod kiosks;
mod order;
mod orders;
mod pending;
mod scan;
mod sync;

pub use codes::{Clock, ClockCode, Pass, PassCode};
pub use home::Home;
pub use kiosk::Kiosk;
pub use kiosks::Kiosks;
pub(crate) use order::done_address;
pub use order::{Done, Order};
pub use orders::Orders;
pub use scan::Scan;
pub(crate) use scan::{not_read, read};
pub use sync::Sync;

use domain::error::Refusal;
use domain::ids::Yid;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Where staff search.
pub(crate) const ORDERS: &str = "/staff/orders";

/// The kiosk a page's path names.
fn kiosk_in_path() -> Result<Yid, Refusal> {
    let text = use_params_map().with_untracked(|params| params.get("yid"));
    text.and_then(|text| text.parse().ok()).map(Yid).ok_or(Refusal::Unknown)
}
