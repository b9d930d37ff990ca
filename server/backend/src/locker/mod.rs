//! The locker half: kiosks, orders, and what codes and syncs do to them.

pub mod codes;
pub mod deposits;
pub mod events;
pub mod history;
pub mod kiosks;
pub mod orders;
pub mod scans;
pub mod sync;
