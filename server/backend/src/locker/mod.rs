//! The locker half: kiosks, orders, and what codes and syncs do to them.
//!
//! A change of a compartment first takes the row of its kiosk (`kiosks::take`), so that deposits, syncs and layouts of one
//! kiosk follow each other on every engine.

pub mod codes;
mod dates;
pub mod deposits;
pub mod events;
pub mod history;
pub mod kiosks;
pub(crate) mod known;
pub mod orders;
pub mod overdue;
mod scan_writer;
pub mod scans;
pub mod search;
pub mod sync;

pub(crate) use scan_writer::ScanWriter;
