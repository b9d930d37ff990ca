//! The one place that talks to a database: SQL, keys and use cases. Every function takes the [`Backend`] first and then who is
//! asking, and checks itself whether they may.
//!
//! It has floors, each a folder: `core`, `identity`, `cluster`, `locker` and `guard` beside each other, `maintenance`. A file uses what is on its
//! own floor or below. Other crates name what they use without its floor, by the lists below.

mod cluster;
mod core;
pub mod guard;
mod identity;
pub mod locker;
mod maintenance;

pub use crate::cluster::{known_time, nodes};
pub use crate::core::catalogue::Sum;
pub use crate::core::keys::{MASTER_KEY_VARIABLE, put_in_front as put_master_key_in_front};
pub use crate::core::sheet::{FileEncoding, ImportOptions, Lines};
pub use crate::core::zone::{LocalZone, UnknownZone};
pub use crate::core::{OpenError, bus, clock, counted, job, migrations, partitions};
pub use crate::identity::importing::{Bounds as ImportBounds, Go as ImportGo};
pub use crate::identity::{
    Actor, access, businesses, changes, known_devices, limits, notify, offline_keys, once, password, people, push,
    revoked, sessions, shown, signed_in, site, tokens, uploads,
};
pub use crate::maintenance::{Config, archive, copy, damage, demo, imports, normalise, rotation};

/// For an `async fn` that other crates call. It answers a boxed future, which is compiled here once; a plain one is compiled wherever it is awaited.
pub(crate) use async_recursion::async_recursion as boxed;

use clock::Clock;
use domain::error::Refusal;
use std::sync::{Arc, Weak};

/// What every use case answers.
pub type Result<T> = std::result::Result<T, Refusal>;

/// Everything the use cases need; cheap to clone. Each floor adds its functions to it, in its `mod.rs`.
#[derive(Clone)]
pub struct Backend(Arc<Inner>, Arc<dyn Clock>);

/// What each floor keeps in memory.
struct Inner {
    core: crate::core::State,
    identity: identity::State,
    cluster: cluster::State,
    locker: locker::State,
    guard: guard::State,
    maintenance: maintenance::State,
}

impl Backend {
    fn of(inner: Inner) -> Self {
        let clock = inner.core.clock();
        Self(Arc::new(inner), clock)
    }

    /// For work in the background, which ends with the backend.
    fn downgrade(&self) -> WeakBackend {
        WeakBackend(Arc::downgrade(&self.0))
    }

    /// The same database and keys at another time, for telling how things came to be.
    fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self(self.0.clone(), clock)
    }

    /// How many guards have a link to this process. Nodes tell each other, and their floor is below the guards'.
    fn linked_guards(&self) -> usize {
        self.hub().connected_guards()
    }
}

/// A [`Backend`] that may be gone.
struct WeakBackend(Weak<Inner>);

impl WeakBackend {
    fn upgrade(&self) -> Option<Backend> {
        let inner = self.0.upgrade()?;
        let clock = inner.core.clock();
        Some(Backend(inner, clock))
    }
}
