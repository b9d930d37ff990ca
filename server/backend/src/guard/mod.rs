//! The guard half: owners, their doors and juniors, who may open what, and what happened.
//!
//! A change of what a guard should know first raises the version in the guard's row, so that changes of one guard follow each other on
//! every engine; the link sends the guard whatever has a higher version than it knows.

pub mod cards;
pub mod directory;
pub(crate) mod grants;
pub mod guards;
pub(crate) mod history;
pub mod hub;
pub mod inventory;
pub mod juniors;
pub mod link;
pub mod marks;
mod opened;
pub mod owners;
pub mod passwords;
pub mod presence;
pub mod reassign;
mod record_writer;
pub mod records;
pub mod superiors;

pub use grants::{Unreadable, service_numb};

use crate::Backend;
use crate::core::bus::Bus;
use crate::core::db::{Db, Engine};
use domain::guard::ids::DoorPassword;
use history::History;
use hub::Hub;
use opened::Opened;
use presence::{Behind, Presence};
use record_writer::RecordWriter;
use std::sync::Arc;
use superiors::Consent;

/// What the guard half keeps in memory.
pub(crate) struct State {
    hub: Hub,
    presence: Presence,
    record_writer: RecordWriter,
    default_passwords: Opened<DoorPassword>,
    contents: Opened<Arc<grants::Content>>,
    history: History,
    consent: Consent,
    verify_numbers: bool,
}

impl State {
    pub(crate) fn start(db: &Db, bus: Bus, consent: Consent, verify_numbers: bool) -> Self {
        let hub = Hub::new(bus);
        // Where nodes tell each other, so do commands.
        let behind = (db.engine() == Engine::Sqlite).then(|| Behind {
            read: db.read().clone(),
            hub: hub.clone(),
        });
        Self {
            presence: Presence::start(db.relaxed().clone(), behind),
            record_writer: RecordWriter::start(db.clone(), hub.clone()),
            hub,
            default_passwords: Opened::default(),
            contents: Opened::default(),
            history: History::default(),
            consent,
            verify_numbers,
        }
    }

    /// Writes what is still only in memory.
    pub(crate) async fn flush(&self) {
        // A failure is in the log; what guards say of themselves they say again.
        let _failed = self.presence.flush().await;
    }
}

impl Backend {
    /// Whether a new junior is asked before a superior reads what is theirs.
    pub fn consent(&self) -> Consent {
        self.0.guard.consent
    }

    /// Whether owners register with a code that is sent to their number.
    pub fn verifies_numbers(&self) -> bool {
        self.0.guard.verify_numbers
    }

    /// Who is to be told at once of what happens to guards and owners.
    pub fn hub(&self) -> &Hub {
        &self.0.guard.hub
    }

    pub(crate) fn guards(&self) -> &State {
        &self.0.guard
    }
}
