//! Who is asking, in which language, and what for: put into every request by the server before a page or action sees it.

use crate::act::Answered;
use crate::fields::KeptForm;
use crate::i18n::Locale;
use crate::refused::Refused;
use axum::extract::FromRequestParts;
use backend::Backend;
use domain::error::Refusal;
use domain::ids::Millis;
use domain::people::{Person, Role};
use domain::site::Site;
use http::StatusCode;
use http::header::{CACHE_CONTROL, COOKIE, HeaderName};
use http::request::Parts;
use jiff::tz::TimeZone;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// One request, as pages and actions see it. Cheap to clone.
#[derive(Clone)]
pub struct RequestContext {
    /// The use cases.
    pub backend: Backend,
    /// Who is signed in.
    pub person: Option<Arc<Person>>,
    /// The language of the answer.
    pub locale: Locale,
    /// Names this request in the log and on error pages.
    pub request_id: Arc<str>,
    /// Path without the query.
    pub path: Arc<str>,
    /// Query parameters; of a repeated one the last.
    pub query: Arc<HashMap<String, String>>,
    /// What the form that was sent to this page was answered.
    pub answered: Option<Arc<Answered>>,
    /// The request must not reach a page: this is shown instead.
    pub refused: Option<Refused>,
    /// A form that could not be answered now, to be sent once more.
    pub kept: Option<KeptForm>,
    /// Open while there was no operator when the server started.
    pub set_up: Option<Arc<SetUp>>,
    /// True: sample data; every page says so.
    pub demo: bool,
    /// The address of this site as the browser knows it, without a path: `https://locks.example`.
    pub site: Arc<str>,
    /// What an operator set for the whole deployment.
    pub settings: Arc<Site>,
}

/// The one-time set-up of the first operator, for somebody who can read the server's console.
pub struct SetUp {
    code: String,
}

impl SetUp {
    /// Guarded by this code.
    pub fn new(code: String) -> Self {
        Self { code }
    }

    /// Is this the code on the console? Blanks, hyphens and capitals do not matter.
    pub fn accepts(&self, code: &str) -> bool {
        let plain = |text: &str| -> Vec<u8> {
            let text = domain::text::compact(text);
            let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
            kept.map(|byte| byte.to_ascii_uppercase()).collect()
        };
        let (given, wanted) = (plain(code), plain(&self.code));
        // Every byte is looked at, so that the time says nothing about how many agree.
        let differ = given.iter().zip(&wanted).fold(0, |differ, (a, b)| differ | (a ^ b));
        !wanted.is_empty() && given.len() == wanted.len() && differ == 0
    }
}

impl RequestContext {
    /// The person signed in.
    pub fn person(&self) -> Result<&Person, Refusal> {
        self.person.as_deref().ok_or(Refusal::NotSignedIn)
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

    /// A query parameter, where it says anything.
    pub fn query_if_any(&self, name: &str) -> Option<&str> {
        Some(self.query(name)).filter(|value| !value.is_empty())
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

/// Something of it. Asked for each row of a page: nothing else of the request is copied.
fn of_request<T>(read: impl Fn(&RequestContext) -> T) -> T {
    with_context(&read).unwrap_or_else(|| read(&request()))
}

/// The page shows a secret: the browser keeps it in no cache, not even for the way back.
pub fn keep_nowhere() {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.insert_header(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    }
}

/// The language of the page being rendered.
pub fn locale() -> Locale {
    of_request(|request| request.locale)
}

/// What the form that was sent to the page being rendered was answered.
pub fn answered() -> Option<Arc<Answered>> {
    of_request(|request| request.answered.clone())
}

/// The address a request came from, as limits count it. An extension of every request.
#[derive(Clone)]
pub struct Peer(pub String);

/// The time.
pub fn now() -> Millis {
    of_request(|request| request.backend.now())
}

/// The zone of the deployment, in which its doors are.
pub fn zone() -> TimeZone {
    of_request(|request| request.backend.zone().time_zone().clone())
}

/// The same zone, for minutes without one.
pub fn local_zone() -> backend::LocalZone {
    of_request(|request| request.backend.zone().clone())
}

/// The name of that zone, such as `Asia/Seoul`.
pub fn zone_name() -> String {
    of_request(|request| request.backend.time_zone().to_owned())
}

/// The address the request being answered came from.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub fn peer() -> Result<String, Refusal> {
    let peer: Peer = extension().ok_or(Refusal::Internal)?;
    Ok(peer.0)
}

/// What the server put into the request being answered.
pub fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    with_context(|parts: &Parts| parts.extensions.get().cloned()).flatten()
}

/// A header of the request being answered, where it is text; empty where it is not there.
pub fn header(name: HeaderName) -> String {
    let value = with_context(|parts: &Parts| parts.headers.get(name)?.to_str().ok().map(str::to_owned));
    value.flatten().unwrap_or_default()
}

/// The value of a cookie of the request being answered; empty where it is not there.
pub fn cookie(name: &str) -> String {
    let value = with_context(|parts: &Parts| {
        let headers = parts.headers.get_all(COOKIE).iter();
        let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
        let mut texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
        let value = texts.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    });
    value.flatten().unwrap_or_default()
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let context = parts.extensions.get::<Self>().cloned();
        context.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Hands the context of the request over to the page being rendered or the function being called.
pub fn provide() {
    if let Some(context) = extension::<RequestContext>() {
        provide_context(Nonce::from_value(context.request_id.clone()));
        provide_context(context);
    }
}

#[cfg(test)]
mod tests {
    use super::SetUp;

    #[test]
    fn only_the_codes_own_letters_count() {
        let set_up = SetUp::new("ABCD-2345".to_owned());
        assert!(set_up.accepts(" abcd 2345 ") && set_up.accepts("ABCD-2345"));
        assert!(set_up.accepts("ＡＢＣＤ－２３４５\u{200b}"));
        for wrong in ["", "ABCD", "ABCD-2346", "ABCD-23455"] {
            assert!(!set_up.accepts(wrong), "{wrong}");
        }
        assert!(!SetUp::new(String::new()).accepts(""));
    }
}
