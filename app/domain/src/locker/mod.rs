//! The locker half: orders, compartments, what a sync changes, and the kiosk itself.

pub mod compartments;
pub mod events;
pub mod history;
pub mod kiosk;
pub mod kiosks;
pub mod orders;
