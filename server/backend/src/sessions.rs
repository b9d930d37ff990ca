//! Sessions of browsers, in the database.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Phone;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store;

/// The session value that holds the phone number (text) of the person signed in; the store reads it to find a person's sessions.
pub const PERSON_KEY: &str = "phone";

/// `tower_sessions` over our database.
#[derive(Clone)]
pub struct SessionStore {
    backend: Backend,
}

impl SessionStore {
    /// A store over this backend.
    pub fn new(b: &Backend) -> Self {
        Self { backend: b.clone() }
    }
}

impl std::fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionStore")
    }
}

#[async_trait::async_trait]
impl tower_sessions::SessionStore for SessionStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        Err(session_store::Error::Backend(String::new()))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        Err(session_store::Error::Backend(String::new()))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Err(session_store::Error::Backend(String::new()))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        Err(session_store::Error::Backend(String::new()))
    }
}

/// Ends every session of a person.
pub async fn delete_for(b: &Backend, phone: &Phone) -> Result<()> {
    Err(Refusal::Internal)
}
