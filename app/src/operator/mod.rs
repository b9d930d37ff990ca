//! The operator's pages: people, businesses, kiosks, orders. Wide enough for tables, usable on a phone.

mod businesses;
mod guards;
mod guards_import;
mod kiosk;
mod kiosk_boards;
mod kiosk_layout;
mod kiosk_log;
mod kiosk_new;
mod kiosks;
mod nodes;
mod order;
mod orders;
mod orders_import;
mod overview;
mod parts;
mod people;
mod person;

pub use businesses::Businesses;
pub use guards::Guards;
pub use guards_import::{ImportGuardsPage, import_guards};
pub use kiosk::KioskPage;
pub use kiosk_layout::KioskLayout;
pub use kiosk_log::KioskLog;
pub use kiosk_new::NewKioskPage;
pub use kiosks::Kiosks;
pub use nodes::Nodes;
pub use order::{NewOrderPage, OrderPage};
pub use orders::Orders;
pub use orders_import::{ImportPage, import_orders, template};
pub use overview::OverviewPage;
pub use people::People;
pub use person::{NewPersonPage, PersonPage};

pub(crate) use guards::guard_state;
pub(crate) use kiosks::sifted as sifted_kiosks;
pub(crate) use parts::role_word;
