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
pub mod overview;
pub mod rename;
pub mod returns;
mod scan_writer;
pub mod scans;
pub mod search;
pub mod sync;
pub mod vouchers;

use crate::Backend;
use crate::core::db::Db;
use known::Cache;
use scan_writer::ScanWriter;

/// What the locker half keeps in memory.
pub(crate) struct State {
    known: Cache,
    scan_writer: ScanWriter,
    search: search::State,
}

impl State {
    pub(crate) fn start(db: &Db) -> Self {
        Self {
            known: Cache::default(),
            scan_writer: ScanWriter::start(db.write().clone()),
            search: search::State::default(),
        }
    }
}

impl Backend {
    pub(crate) fn known(&self) -> &Cache {
        &self.0.locker.known
    }

    pub(crate) fn scan_writer(&self) -> &ScanWriter {
        &self.0.locker.scan_writer
    }

    pub(crate) fn search(&self) -> &search::State {
        &self.0.locker.search
    }
}
