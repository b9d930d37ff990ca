//! Who is asking: people, businesses, sessions, tokens and passwords, what they may try and how often, and what the deployment is called.

pub mod access;
mod actor;
pub mod businesses;
pub mod changes;
pub(crate) mod importing;
pub mod known_devices;
pub mod limits;
pub mod notify;
pub mod offline_keys;
pub mod once;
pub mod password;
pub mod people;
pub mod push;
mod queue;
pub mod revoked;
pub mod sessions;
pub mod shown;
pub mod signed_in;
pub mod site;
pub mod tokens;
pub mod uploads;

pub use actor::Actor;

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::people::{Person, Role};
use limits::Trying;
use notify::{Notifier, Outbox};
use password::Passwords;
use push::{Push, PushSettings};
use signed_in::Identities;
use std::sync::Arc;
use std::time::Duration;

/// What this floor keeps in memory.
pub(crate) struct State {
    passwords: Passwords,
    site: site::Cache,
    identities: Identities,
    outbox: Outbox,
    push: Push,
    trying: Trying,
    legacy_window: Option<Duration>,
}

impl State {
    pub(crate) fn new(
        passwords: Passwords,
        notifier: Option<Arc<dyn Notifier>>,
        push: Option<PushSettings>,
        slow_down_step: Duration,
        legacy_window: Option<Duration>,
    ) -> Self {
        Self {
            passwords,
            site: site::Cache::default(),
            identities: Identities::default(),
            outbox: Outbox::new(notifier),
            push: Push::new(push),
            trying: Trying::new(slow_down_step),
            legacy_window,
        }
    }
}

impl Backend {
    /// Whether there is a way to tell people something, such as the code for a new password.
    pub fn can_notify(&self) -> bool {
        self.outbox().has_notifier()
    }

    /// For how long an address that signed in may speak for its owner without a token; `None`: never, which is how it should be.
    pub fn legacy_window(&self) -> Option<Duration> {
        self.0.identity.legacy_window
    }

    pub(crate) fn legacy_window_ms(&self) -> Option<i64> {
        self.legacy_window()
            .map(|window| i64::try_from(window.as_millis()).unwrap_or(i64::MAX))
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.identity.passwords
    }

    pub(crate) fn site(&self) -> &site::Cache {
        &self.0.identity.site
    }

    pub(crate) fn identities(&self) -> &Identities {
        &self.0.identity.identities
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.identity.outbox
    }

    pub(crate) fn push(&self) -> &Push {
        &self.0.identity.push
    }

    pub(crate) fn trying(&self) -> &Trying {
        &self.0.identity.trying
    }
}

/// Refuses everybody who has none of these roles.
pub(crate) fn require(who: &Person, roles: &[Role]) -> Result<()> {
    if !who.active {
        return Err(Refusal::NotSignedIn);
    }
    if roles.contains(&who.role) {
        Ok(())
    } else {
        Err(Refusal::NotYours)
    }
}
