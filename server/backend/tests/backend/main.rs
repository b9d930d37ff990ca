//! The use cases, each on a real database of its own, on both engines.

mod codes;
mod demo;
mod deposits;
mod events;
mod harness;
mod import;
mod kiosks;
mod orders;
mod overdue;
mod people;
mod roles;
mod scans;
mod schema;
mod sessions;
mod syncs;
