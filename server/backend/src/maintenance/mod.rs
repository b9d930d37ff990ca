//! What concerns the deployment as a whole: opening it, its copies and archives, the rotation of its keys, and the sample data of the demo.

pub mod archive;
mod config;
pub mod copy;
pub mod damage;
pub mod demo;
mod deployment;
mod hearing;
pub mod imports;
pub mod normalise;
mod opening;
pub mod rotation;
mod sweep;

pub use config::Config;

use std::fs::File;
use std::sync::{Mutex, PoisonError};

/// What this floor keeps in memory.
pub(crate) struct State {
    /// Held while this server has the SQLite file for itself.
    alone: Mutex<Option<File>>,
}

impl State {
    fn new(alone: Option<File>) -> Self {
        Self {
            alone: Mutex::new(alone),
        }
    }

    /// From now on another server may have the file.
    fn let_go(&self) {
        let alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(alone);
    }
}
