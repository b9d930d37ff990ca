//! What every request may use.

use crate::edge::Edge;
use crate::link::Links;
use backend::Backend;
use backend::clock::{Rng, SystemRng};
use islands::context::SetUp;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use tokio::sync::watch;

/// Shared by all requests. A clone is one more reference: each request takes several.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What is shared.
#[derive(Clone)]
pub struct Shared {
    /// The use cases.
    pub backend: Backend,
    /// True once the server is stopping: what would go on for ever ends.
    pub stopping: Arc<watch::Sender<bool>>,
    /// What the edge goes by, and what it counted.
    pub edge: Arc<Edge>,
    /// The links of guards.
    pub links: Links,
    /// Makes request ids.
    pub rng: Arc<dyn Rng>,
    /// Sample data: every page says so.
    pub demo: bool,
    /// Open while there was no operator when the server started.
    pub set_up: Option<Arc<SetUp>>,
}

impl AppState {
    /// Neither a demo nor open for set-up.
    pub fn new(backend: Backend) -> Self {
        Self(Arc::new(Shared {
            backend,
            stopping: Arc::new(watch::Sender::new(false)),
            edge: Arc::default(),
            links: Links::default(),
            rng: Arc::new(SystemRng),
            demo: false,
            set_up: None,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// For setting it up, before it is shared: clones that were made earlier keep what they have.
impl DerefMut for AppState {
    fn deref_mut(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.0)
    }
}

/// How a request reaches a listener, or the client the proxy before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// As it is.
    Plain,
    /// Over TLS: cookies are for TLS only.
    Tls,
}
