//! The use cases, each on a real database of its own, on both engines.

mod codes;
mod demo;
mod deposits;
mod events;
mod guard_access;
mod guard_grants;
mod guard_guards;
mod guard_juniors;
mod guard_link;
mod guard_owners;
mod guard_records;
mod guard_rig;
mod harness;
mod import;
mod kiosks;
mod notify;
mod orders;
mod overdue;
mod people;
mod roles;
mod scans;
mod schema;
mod sessions;
mod syncs;
