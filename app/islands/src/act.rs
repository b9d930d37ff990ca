//! The handlers behind every form and every call: they let a request through its function's door, see that a form is answered once, and
//! draw a page again in the answer to a form that was refused.

mod answer;

use crate::call::{self, OnlyRead};
use crate::context::{self, RequestContext};
use crate::doors::{self, Door};
use crate::fields::{DO, Fields, MAX_FORM_BYTES, ONCE};
use crate::i18n::Locale;
use crate::links;
use crate::refused::Refused;
use answer::{Answer, Ended};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use backend::once::{self, Who};
use domain::error::Refusal;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION, REFERER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use leptos::prelude::*;
use leptos::server_fn::axum::{get_server_fn_service, server_fn_paths};
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REDIRECTS: HeaderName = HeaderName::from_static(REDIRECT_HEADER);

/// Renders the page a request asks for. An extension of every request.
#[derive(Clone)]
pub struct Draw(pub Arc<dyn Fn(Request) -> Drawing + Send + Sync>);

/// A page being rendered.
pub type Drawing = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The names that the fields of forms have asked about.
pub type Shown = Arc<Mutex<BTreeSet<String>>>;

/// What a form was answered, on its way back to the person who filled it in.
pub struct Answered {
    /// The path of the function that was called.
    pub function: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the form's fields have asked about.
    pub shown: Shown,
}

/// What came of a form.
pub enum Outcome {
    /// What the function made, as JSON.
    Done(Bytes),
    /// Nothing was changed.
    Refused {
        /// The fields as they were sent, without passwords.
        typed: Vec<(String, String)>,
        /// Why.
        refused: Refused,
    },
}

/// From inside a server function: what it did leads to this address of ours.
pub fn go_to(address: &str) {
    let address = links::local(address).unwrap_or_else(|| "/".to_owned());
    if let (Some(response), Ok(address)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&address)) {
        response.insert_header(LOCATION, address);
        response.insert_header(REDIRECTS, HeaderValue::from_static(""));
    }
}

/// From inside a server function or a page: the browser keeps this cookie.
pub fn set_cookie(cookie: &str) {
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// The one-use key of a form that nobody need be signed in for, and what else is in the form. An extension of the request.
#[derive(Clone)]
struct OnceKey {
    key: String,
    action: String,
    body: Arc<[u8]>,
}

/// A one-use key for a form.
pub fn fresh_key() -> String {
    once::fresh_key(&context::request().backend)
}

/// From inside a public function: does the work of a form once, as every function of a signed-in person is done. `who` sends it.
pub async fn once<T, W>(who: Who<'_>, work: W) -> Result<T, Refusal>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    W: Future<Output = Result<T, Refusal>>,
{
    let Some(OnceKey { key, action, body }) = context::extension() else {
        // A client that sends no key means each request.
        return work.await;
    };
    let request = once::Request {
        who,
        key: &key,
        action: &action,
        body: &body,
    };
    once::run(&context::request().backend, request, work).await
}

/// The addresses of all server functions that have a door, and the one answer of all those that are not there.
pub fn functions() -> Router {
    let paths = server_fn_paths()
        .map(|(path, _)| path)
        .filter(|path| doors::door(path).is_some());
    let any = format!("{}{{*function}}", doors::CALLS);
    let unknown = Router::new().route(&any, axum::routing::post(post_function));
    paths.fold(unknown, |router, path| {
        router.route(path, axum::routing::post(post_function))
    })
}

/// `POST` to a function's own address. A script gets JSON. The form of a page, such as the choice of the language, which stands on every page,
/// is led on, or shown why not. A function
/// that is not there, or is behind no door, is refused as one of another version.
pub async fn post_function(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let page = match Page::of(parts) {
        Ok(page) => page,
        Err(status) => return status.into_response(),
    };
    let function = page.parts.uri.path().to_owned();
    let answer = match read(&page.parts, body).await {
        Ok(fields) => run(&page.parts, &function, &Arc::new(fields)).await,
        Err(refusal) => Err(refusal),
    };
    let locale = page.context.locale;
    if !is_from_a_page(&page.parts.headers) {
        return as_json(locale, answer);
    }
    match answer {
        Ok(answer) if answer.is_success() => answer.leads_to(&answer.address().unwrap_or_default()),
        Ok(answer) => page.instead(answer.refused(locale)).await,
        Err(refusal) => page.instead(Refused::of(locale, &refusal)).await,
    }
}

/// Does a browser send this by itself, so that a person sees the answer?
pub fn is_from_a_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|accepts| accepts.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// Was this sent by a script, which expects the function's own answer?
pub fn is_from_a_script(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT) == Some(&JSON)
}

fn as_json(locale: Locale, answer: Result<Answer, Refusal>) -> Response {
    match answer {
        Ok(answer) => answer.into_response(),
        Err(refusal) => call::refusal(&Refused::of(locale, &refusal)),
    }
}

/// `POST` to a page, by a form: the field `do` names the function. Answers with a redirect, or with the page and what was refused or made;
/// a script that accepts JSON alone gets the function's own answer.
pub async fn post_page(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let page = match Page::of(parts) {
        Ok(page) => page,
        Err(status) => return status.into_response(),
    };
    let locale = page.context.locale;
    let (fields, unread) = match read(&page.parts, body).await {
        Ok(fields) => (Arc::new(fields), None),
        Err(refusal) => (Arc::default(), Some(refusal)),
    };
    let function = fields.text(DO).to_owned();
    let answer = match unread {
        None => run(&page.parts, &function, &fields).await,
        Some(refusal) => Err(refusal),
    };
    if is_from_a_script(&page.parts.headers) {
        return as_json(locale, answer);
    }
    let (status, outcome, headers) = match answer {
        // The session ended since the request came in.
        Err(Refusal::NotSignedIn) => return page.instead(Refused::of(locale, &Refusal::NotSignedIn)).await,
        Err(refusal) => {
            let refused = Refused::of(locale, &refusal);
            (refused.status, refused_outcome(&fields, refused), HeaderMap::new())
        }
        Ok(answer) if answer.is_success() => {
            if let Some(address) = answer.address() {
                return answer.leads_to(&address);
            }
            let headers = answer.kept_headers();
            (200, Outcome::Done(answer.body), headers)
        }
        Ok(answer) => {
            let refused = answer.refused(locale);
            (refused.status, refused_outcome(&fields, refused), answer.kept_headers())
        }
    };
    let mut response = page.draw(function, outcome, status).await;
    response.headers_mut().extend(headers);
    response
}

fn refused_outcome(fields: &Fields, refused: Refused) -> Outcome {
    Outcome::Refused {
        typed: fields.shown_again(),
        refused,
    }
}

/// The page that a form was sent to.
pub struct Page {
    draw: Draw,
    context: RequestContext,
    parts: Parts,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Self::of(parts.clone())
    }
}

impl Page {
    fn of(parts: Parts) -> Result<Self, StatusCode> {
        let draw = parts.extensions.get::<Draw>().cloned();
        let context = parts.extensions.get::<RequestContext>().cloned();
        let (Some(draw), Some(context)) = (draw, context) else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        };
        Ok(Self { draw, context, parts })
    }

    /// Shows the page again, with why the form named so was refused.
    pub async fn refuse(self, form: &str, refused: Refused) -> Response {
        if self.is_for_a_script() {
            return call::refusal(&refused);
        }
        let status = refused.status;
        let outcome = refused_outcome(&Fields::default(), refused);
        self.draw(form.to_owned(), outcome, status).await
    }

    /// What was done leads to this address of ours: a redirect, or for a script that accepts JSON alone the header that says where.
    pub fn leads_to(self, address: &str) -> Response {
        if !self.is_for_a_script() {
            return links::see_other(address);
        }
        let mut response = StatusCode::OK.into_response();
        if let Some(address) = links::local(address).and_then(|address| HeaderValue::try_from(address).ok()) {
            response.headers_mut().insert(LOCATION, address);
            response.headers_mut().insert(REDIRECTS, HeaderValue::from_static(""));
        }
        response
    }

    fn is_for_a_script(&self) -> bool {
        self.parts.headers.get(ACCEPT) == Some(&JSON)
    }

    /// Shows a refusal instead of the page.
    async fn instead(mut self, refused: Refused) -> Response {
        let status = refused.status;
        self.context.refused = Some(refused);
        self.rendered(status).await
    }

    async fn draw(mut self, function: String, outcome: Outcome, status: u16) -> Response {
        self.context.answered = Some(Arc::new(Answered {
            function,
            outcome,
            shown: Shown::default(),
        }));
        self.rendered(status).await
    }

    async fn rendered(self, status: u16) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.parts.uri;
        *request.headers_mut() = self.parts.headers;
        request.headers_mut().remove(CONTENT_LENGTH);
        request.headers_mut().remove(CONTENT_TYPE);
        *request.extensions_mut() = self.parts.extensions;
        request.extensions_mut().insert(self.context);
        let mut response = (self.draw.0)(request).await;
        // A page may send its reader elsewhere, such as to the sign-in.
        if !response.headers().contains_key(LOCATION) {
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        }
        response
    }
}

/// The fields of a request.
async fn read(parts: &Parts, body: Body) -> Result<Fields, Refusal> {
    let limit = usize::try_from(MAX_FORM_BYTES).unwrap_or(usize::MAX);
    let too_large = Refusal::TooLarge {
        max_bytes: MAX_FORM_BYTES,
    };
    let body = to_bytes(body, limit).await.map_err(|_cut| too_large)?;
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    call::fields(kind.unwrap_or_default(), &body)
}

/// Runs a function for people who may, and at most once for the same form.
async fn run(parts: &Parts, function: &str, fields: &Arc<Fields>) -> Result<Answer, Refusal> {
    let context = parts.extensions.get::<RequestContext>().ok_or(Refusal::Internal)?;
    if function.is_empty() {
        return Err(Refusal::malformed("the form does not say what to do"));
    }
    let door = doors::door(function).filter(|_| get_server_fn_service(function, Method::POST).is_some());
    let door = door.ok_or(Refusal::PageOutdated)?;
    door.opens(context.person.as_deref())?;
    let key = fields.text(ONCE);
    if door == Door::Anyone && !key.is_empty() {
        let mut request = request_for(parts, function, fields)?;
        // The function knows by itself who sends it.
        request.extensions_mut().insert(OnceKey {
            key: key.to_owned(),
            action: function.to_owned(),
            body: fields.digestible().into(),
        });
        return answer(request).await;
    }
    let Some(person) = context.person.as_ref().filter(|_| !key.is_empty()) else {
        // A client that sends no key means each request.
        return answer(request_for(parts, function, fields)?).await;
    };
    // Before anything is looked for: a form that was filled in wrongly costs no more than its page.
    let read = answer(only_read(context.clone(), function, fields)?).await?;
    if !read.is_success() {
        return Ok(read);
    }
    let work = answer(request_for(parts, function, fields)?);
    let request = once::Request {
        who: Who::Person(person),
        key,
        action: function,
        body: &fields.digestible(),
    };
    // Only a success is kept; what was refused may be sent again.
    let kept = once::run(&context.backend, request, async { work.await?.kept() }).await;
    match kept {
        Ok(kept) => Ok(kept.into()),
        Err(Ended::Refused(answer)) => Ok(*answer),
        Err(Ended::Failed(refusal)) => Err(refusal),
    }
}

/// The request a function gets: that of the form, to the function's own address, with its fields as they were read.
fn request_for(parts: &Parts, function: &str, fields: &Arc<Fields>) -> Result<Request, Refusal> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = function.parse().map_err(|_| Refusal::Unknown)?;
    *request.headers_mut() = parts.headers.clone();
    *request.extensions_mut() = parts.extensions.clone();
    request.extensions_mut().insert(fields.clone());
    // Where HTML is accepted, leptos answers with redirects of its own.
    request.headers_mut().insert(ACCEPT, JSON);
    request.headers_mut().remove(REFERER);
    Ok(request)
}

/// The request that asks a function only whether it can read these fields. It has nothing else of the form's request, which costs time to copy.
fn only_read(context: RequestContext, function: &str, fields: &Arc<Fields>) -> Result<Request, Refusal> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = function.parse().map_err(|_| Refusal::Unknown)?;
    request.extensions_mut().insert(context);
    request.extensions_mut().insert(fields.clone());
    request.extensions_mut().insert(OnlyRead);
    Ok(request)
}

async fn answer(request: Request) -> Result<Answer, Refusal> {
    let response = leptos_axum::handle_server_fns_with_context(context::provide, request).await;
    let (parts, body) = response.into_response().into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Refusal::Internal)?;
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    })
}
