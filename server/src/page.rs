//! Puts into every request of a page or action who is asking and in which language.

use app::context::{Peer, RequestContext};
use app::i18n;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use backend::sessions::PERSON_KEY;
use backend::{Backend, people};
use domain::ids::Phone;
use domain::people::Person;
use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use std::sync::Arc;
use tower_sessions::Session;

/// What every request gets.
#[derive(Clone)]
pub struct Setting {
    /// The use cases.
    pub backend: Backend,
    /// Sample data?
    pub demo: bool,
}

/// The middleware that adds the context.
pub async fn put_context(
    State(setting): State<Setting>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let person = signed_in(&setting.backend, &session).await;
    let headers = request.headers();
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let chosen = header(COOKIE).and_then(|cookies| cookie(cookies, i18n::COOKIE));
    let locale = i18n::choose(chosen, header(ACCEPT_LANGUAGE));
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let context = RequestContext {
        backend: setting.backend,
        person,
        locale,
        request_id: Arc::from("-"),
        path: Arc::from(request.uri().path()),
        query: Arc::new(query),
        submission: None,
        demo: setting.demo,
    };
    request.extensions_mut().insert(context);
    request.extensions_mut().insert(Peer("127.0.0.1".to_owned()));
    next.run(request).await
}

async fn signed_in(backend: &Backend, session: &Session) -> Option<Person> {
    let phone: String = session.get(PERSON_KEY).await.ok()??;
    people::get(backend, &Phone(phone))
        .await
        .ok()?
        .filter(|person| person.active)
}

fn cookie<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Hands the context of the request over to the page being rendered.
pub fn provide_request() {
    if let Some(context) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestContext>().cloned()) {
        provide_context(context);
    }
}
