//! What every other floor stands on: databases, keys, clocks, hints between nodes, and how texts, pages and files of rows are read.

pub mod bus;
pub(crate) mod catalogue;
pub mod clock;
pub mod counted;
pub(crate) mod damage;
pub(crate) mod db;
pub(crate) mod facts;
pub mod job;
pub(crate) mod keys;
pub(crate) mod matching;
pub mod migrations;
mod open_error;
pub(crate) mod paging;
pub mod partitions;
pub(crate) mod recent;
pub(crate) mod sheet;
pub(crate) mod text;
pub(crate) mod zone;

pub use open_error::OpenError;

use crate::Backend;
use bus::Bus;
use clock::{Clock, Rng};
use damage::Damage;
use db::Db;
use domain::ids::Millis;
use keys::Keys;
use std::sync::Arc;
use zone::LocalZone;

/// What this floor keeps in memory.
pub(crate) struct State {
    db: Db,
    bus: Bus,
    keys: Keys,
    damage: Damage,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    zone: LocalZone,
}

impl State {
    pub(crate) fn new(db: Db, keys: Keys, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, zone: LocalZone) -> Self {
        Self {
            bus: Bus::new(&db, rng.as_ref()),
            damage: Damage::default(),
            db,
            keys,
            clock,
            rng,
            zone,
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }
}

impl Backend {
    /// What time it is.
    pub fn now(&self) -> Millis {
        self.1.now()
    }

    /// The zone local times are meant in.
    pub fn time_zone(&self) -> &str {
        self.0.core.zone.name()
    }

    /// The same, to reckon with.
    pub fn zone(&self) -> &LocalZone {
        &self.0.core.zone
    }

    /// False: the database does not answer, and everything that needs it is refused at once.
    pub fn is_available(&self) -> bool {
        self.db().health().is_up()
    }

    /// Comes back when the database answers.
    #[crate::boxed]
    pub async fn until_available(&self) {
        self.db().health().until_up().await;
    }

    /// Did something fail lately because of the database?
    pub fn is_troubled(&self) -> bool {
        self.db().health().is_troubled()
    }

    /// What the nodes tell each other.
    pub fn bus(&self) -> &Bus {
        &self.0.core.bus
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.core.db
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.core.keys
    }

    pub(crate) fn damage(&self) -> &Damage {
        &self.0.core.damage
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        self.0.core.rng.as_ref()
    }
}
