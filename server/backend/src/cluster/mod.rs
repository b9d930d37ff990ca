//! The nodes that share a database: which of them live, who belongs where, what they know of the time, and whether this one can work.

pub mod known_time;
pub mod nodes;
mod ready;

use crate::{Backend, Result};
use known_time::KnownTime;
use nodes::NodeConfig;
use ready::Ready;

/// What this floor keeps in memory.
pub(crate) struct State {
    nodes: nodes::State,
    known_time: KnownTime,
    ready: Ready,
}

impl State {
    pub(crate) fn new(config: NodeConfig, advertise: Option<&str>) -> Self {
        Self {
            nodes: nodes::State::new(config, advertise),
            known_time: KnownTime::default(),
            ready: Ready::default(),
        }
    }
}

impl Backend {
    /// Whether the database can be written, found out within two seconds. Asked often, it is tried once a second.
    #[crate::boxed]
    pub async fn check(&self) -> Result<()> {
        self.0.cluster.ready.check(self).await
    }

    pub(crate) fn nodes(&self) -> &nodes::State {
        &self.0.cluster.nodes
    }

    pub(crate) fn known_time(&self) -> &KnownTime {
        &self.0.cluster.known_time
    }
}
