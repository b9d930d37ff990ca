//! Forms: HTML `POST` to the page's own address. A success redirects (303); a refusal renders the same page again with the
//! error beside its field and everything typed kept. No JavaScript is involved, and nothing typed enters a URL or a session.

use crate::context::RequestContext;
pub use crate::entry::Entry;
use crate::i18n::Locale;
use crate::links;
use crate::refused::Refused;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use backend::once::{self, Who};
use domain::error::Refusal;
use http::request::Parts;
use http::{StatusCode, Uri};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use tower::ServiceExt;

/// Most bytes of a form without files.
pub const MAX_FORM_BYTES: u64 = 1 << 20;

/// The field with the one-use key of a form that makes something.
pub const ONCE: &str = "once";

/// A field with this in its name is never shown again.
const NEVER_KEPT: &str = "password";

/// The pages as a service, for rendering one again after a refused form.
#[derive(Clone)]
pub struct Pages(pub axum::Router);

/// The fields of a submitted form; of a repeated name the last, bytes that are not UTF-8 replaced.
#[derive(Clone, Default)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A field without surrounding white space; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field exactly as sent, for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Every field that may be shown again, by its name.
    pub fn shown_again(&self) -> Vec<(&str, &str)> {
        let fields = self.0.iter().filter(|(name, _)| !name.contains(NEVER_KEPT));
        let mut fields: Vec<(&str, &str)> = fields.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.sort_unstable();
        fields
    }

    /// Everything in the form but its one-use key, as one text that no other form has.
    fn digestible(&self) -> String {
        let fields = self.0.iter().filter(|(name, _)| *name != ONCE);
        let mut fields: Vec<(&str, &str)> = fields.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.sort_unstable();
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish()
    }
}

/// What became of a form, on its way back to the person who filled it in.
pub struct Submission(Outcome);

enum Outcome {
    Refused {
        /// Which form of the page.
        form: &'static str,
        fields: Fields,
        refusal: Refusal,
    },
    /// Something that is shown once, and therefore cannot wait behind a redirect.
    Done(Box<dyn Any + Send + Sync>),
}

/// A form being answered. Extract it last: it consumes the body.
pub struct Form {
    /// Who sent it.
    pub context: RequestContext,
    /// What was typed.
    pub fields: Fields,
    /// The page that shows it again.
    pub page: Again,
}

/// How to show the page again.
pub struct Again {
    pages: Pages,
    uri: Uri,
    headers: http::HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Again {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let pages = parts
            .extensions
            .get::<Pages>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self {
            pages,
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let context = RequestContext::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let page = Again::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        match Bytes::from_request(Request::from_parts(parts, body), state).await {
            Ok(body) => Ok(Self {
                context,
                fields: Fields::parse(&body),
                page,
            }),
            Err(_) => {
                let refusal = Refusal::TooLarge {
                    max_bytes: MAX_FORM_BYTES,
                };
                let refused = Some(refusal.clone());
                let context = RequestContext { refused, ..context };
                Err(page.show(context, "", Fields::default(), refusal).await)
            }
        }
    }
}

impl Form {
    /// Does the work of a form once: the same form sent again with the same one-use key ([`OnceKey`]) does nothing more and gets the answer the
    /// first one got, for a day. See [`once::run`].
    pub async fn once<T, W>(&self, work: impl FnOnce(RequestContext, Fields) -> W) -> Result<T, Refusal>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        W: Future<Output = Result<T, Refusal>>,
    {
        match &self.context.person {
            Some(person) => self.once_by(Who::Person(person), work).await,
            None => work(self.context.clone(), self.fields.clone()).await,
        }
    }

    /// The same for a form that this one sends, who need not be signed in.
    pub async fn once_by<T, W>(
        &self,
        who: Who<'_>,
        work: impl FnOnce(RequestContext, Fields) -> W,
    ) -> Result<T, Refusal>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        W: Future<Output = Result<T, Refusal>>,
    {
        let work = work(self.context.clone(), self.fields.clone());
        let (key, body) = (self.fields.get(ONCE), self.fields.digestible());
        if key.is_empty() {
            // A client that sends no key means each request.
            return work.await;
        }
        let request = once::Request {
            who,
            key,
            action: self.page.uri.path(),
            body: body.as_bytes(),
        };
        once::run(&self.context.backend, request, work).await
    }

    /// Ends the request: to the address given, or back to the form (named as in its [`Entry`]) with the refusal.
    pub async fn answer(self, form: &'static str, outcome: Result<String, Refusal>) -> Response {
        match outcome {
            Ok(address) => links::see_other(&address),
            Err(refusal) => self.page.show(self.context, form, self.fields, refusal).await,
        }
    }
}

impl Again {
    /// A header of the request, where it is text; empty where it is not there.
    pub fn header(&self, name: http::HeaderName) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie that is ASCII; empty where it is not there.
    pub fn cookie(&self, name: &str) -> &str {
        let headers = self.headers.get_all(http::header::COOKIE).iter();
        let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
        let mut texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
        texts
            .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
            .unwrap_or_default()
    }

    /// Renders the page with the refused form in it, with the refusal's status.
    pub async fn show(self, context: RequestContext, form: &'static str, fields: Fields, refusal: Refusal) -> Response {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let outcome = Outcome::Refused { form, fields, refusal };
        self.render(context, outcome, status).await
    }

    /// Renders the page with something in it that is shown this once: see [`done`].
    pub async fn show_done<T: Any + Send + Sync>(self, context: RequestContext, what: T) -> Response {
        self.render(context, Outcome::Done(Box::new(what)), StatusCode::OK)
            .await
    }

    async fn render(self, mut context: RequestContext, outcome: Outcome, status: StatusCode) -> Response {
        context.submission = Some(Arc::new(Submission(outcome)));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request.headers_mut().remove(http::header::CONTENT_LENGTH);
        request.headers_mut().remove(http::header::CONTENT_TYPE);
        request.extensions_mut().insert(context);
        let Ok(mut response) = self.pages.0.oneshot(request).await;
        // A page may send its reader elsewhere, such as to the sign-in.
        if !response.headers().contains_key(http::header::LOCATION) {
            *response.status_mut() = status;
        }
        response
    }
}

/// The one-use key of a form that makes something, hidden in it: see [`Form::once`].
#[component]
pub fn OnceKey() -> impl IntoView {
    let key = once::fresh_key(&crate::context::request().backend);
    view! { <input type="hidden" name=ONCE value=key/> }
}

/// What the action just answered wants shown on the page being rendered, if it is one of these.
pub fn done<T: Any + Clone>() -> Option<T> {
    match &crate::context::request().submission?.0 {
        Outcome::Done(what) => what.downcast_ref::<T>().cloned(),
        Outcome::Refused { .. } => None,
    }
}

impl Entry {
    /// The state of the form with this name on the page being rendered.
    pub fn of(form: &'static str) -> Self {
        let submission = crate::context::request().submission;
        match submission.as_ref().map(|submission| &submission.0) {
            Some(Outcome::Refused {
                form: of,
                fields,
                refusal,
            }) if *of == form => Self::refused(crate::context::locale(), fields, refusal),
            _ => Self::default(),
        }
    }

    fn refused(locale: Locale, fields: &Fields, refusal: &Refusal) -> Self {
        let mut refused = Refused::of(locale, refusal);
        if let (Refusal::Field { field, .. }, [wrong]) = (refusal, &mut refused.fields[..]) {
            wrong.field.clone_from(field);
        }
        let typed = fields.shown_again().into_iter();
        Self {
            typed: typed.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            refused: Some(refused),
            refusal: Some(refusal.clone()),
            ..Self::default()
        }
    }

    /// Why it was refused, for a page that says so in words of its own.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The refusal, where it concerns no field among these.
    pub fn refusal_beside(&self, shown: &[&str]) -> Option<Refusal> {
        match self.refusal.as_ref()? {
            Refusal::Field { field, .. } if shown.contains(&field.as_str()) => None,
            other => Some(other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repeated_field_the_last_counts_and_broken_bytes_are_replaced() {
        let fields = Fields::parse(b"a=1&a=+2+&b=%ff&c");
        assert_eq!(
            (fields.get("a"), fields.raw("a"), fields.get("b"), fields.get("c")),
            ("2", " 2 ", "\u{fffd}", "")
        );
    }

    #[test]
    fn forms_with_other_fields_are_other_forms_whatever_their_one_use_key() {
        let form = |body: &str| Fields::parse(body.as_bytes()).digestible();
        let one = form("once=k&x=1&y=2");
        for same in ["y=2&once=k&x=1", "once=l&x=1&y=2"] {
            assert_eq!(form(same), one, "{same}");
        }
        for other in ["once=k&x=1&y=3", "once=k&x=1", "once=k&x=1%26y%3D2"] {
            assert_ne!(form(other), one, "{other}");
        }
    }

    #[test]
    fn a_password_is_never_shown_again() {
        let fields = Fields::parse(b"new_password=secret&name=Kim");
        let entry = Entry::refused(Locale::en, &fields, &Refusal::Internal);
        assert_eq!(fields.shown_again(), [("name", "Kim")]);
        assert_eq!(
            (entry.value("new_password").as_str(), entry.value("name").as_str()),
            ("", "Kim")
        );
    }
}
