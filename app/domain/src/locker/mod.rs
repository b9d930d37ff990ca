//! The locker half: orders, compartments, what a sync changes, and the kiosk itself.

pub mod codes;
pub mod compartments;
pub mod events;
pub mod history;
pub mod kiosk;
pub mod kiosks;
pub mod orders;
pub mod overdue;
pub mod overview;
pub mod scans;
