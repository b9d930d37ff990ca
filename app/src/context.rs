//! Who is asking, in which language, and what for: put into every request by the server before a page or action sees it.

use crate::form::Submission;
use crate::i18n::Locale;
use backend::Backend;
use domain::error::Refusal;
use domain::people::{Person, Role};
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// One request, as pages and actions see it. Cheap to clone.
#[derive(Clone)]
pub struct RequestContext {
    /// The use cases.
    pub backend: Backend,
    /// Who is signed in.
    pub person: Option<Person>,
    /// The language of the answer.
    pub locale: Locale,
    /// Names this request in the log and on error pages.
    pub request_id: Arc<str>,
    /// Path without the query.
    pub path: Arc<str>,
    /// Query parameters; of a repeated one the last.
    pub query: Arc<HashMap<String, String>>,
    /// A refused form, to be shown again with what was typed.
    pub submission: Option<Arc<Submission>>,
    /// True: sample data; every page says so.
    pub demo: bool,
}

impl RequestContext {
    /// The person signed in.
    pub fn person(&self) -> Result<&Person, Refusal> {
        self.person.as_ref().ok_or(Refusal::NotSignedIn)
    }

    /// The person signed in, if they have this role.
    pub fn require(&self, role: Role) -> Result<&Person, Refusal> {
        let person = self.person()?;
        if person.role == role {
            Ok(person)
        } else {
            Err(Refusal::NotYours)
        }
    }

    /// A query parameter; empty where there is none.
    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// The request a page is being rendered for.
///
/// # Panics
/// Outside the rendering of a request, which is a mistake in the program: the server puts the context into every request.
pub fn request() -> RequestContext {
    expect_context::<RequestContext>()
}

/// The language of the page being rendered.
pub fn locale() -> Locale {
    request().locale
}

/// The address a request came from, as limits count it. An extension of every request.
#[derive(Clone)]
pub struct Peer(pub String);
