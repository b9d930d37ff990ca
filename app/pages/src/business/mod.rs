//! The pages of a business: what waits for it, and the code that opens the door.

mod find;
mod history;
mod home;
mod order;
mod orders;
mod voucher;

pub use find::Find;
pub use history::History;
pub use home::Home;
pub use order::Order;
pub use orders::Orders;
pub use voucher::Voucher;
