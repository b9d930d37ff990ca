//! The pages of staff: a phone in one hand, a meter in the other.

mod codes;
mod home;
mod kiosk;
mod kiosks;
mod order;
mod orders;
mod pending;
mod round;
mod scan;
mod sync;

pub use codes::{Clock, ClockCode, Pass, PassCode};
pub use home::Home;
pub use kiosk::Kiosk;
pub use kiosks::Kiosks;
pub use order::{Done, Order};
pub use orders::Orders;
pub use round::TakeRound;
pub use scan::Scan;
pub use sync::Sync;
