//! Pages and their actions: who is asking, whether the page is theirs, and the page that says why not.

use crate::edge::{self, Refused, RequestId};
use crate::state::AppState;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use backend::sessions::{self, PERSON_KEY};
use backend::{Backend, signed_in, site};
use domain::error::Refusal;
use domain::ids::{Millis, Phone};
use domain::people::Person;
use domain::site::Site;
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use islands::act::Draw;
use islands::addresses::at;
use islands::context::RequestContext;
use islands::fields::{KeptForm, MAX_FORM_BYTES};
use islands::i18n::{self, Locale};
use islands::links;
use islands::{act, addresses, call, doors};
use std::sync::Arc;
use tower_sessions::Session;

/// A session in use is prolonged when this old, not at every request.
const RENEW_AFTER_MS: i64 = 60 * 60 * 1000;
const RENEWED_KEY: &str = "renewed";

/// What the middleware needs.
#[derive(Clone)]
pub struct Setting {
    /// The use cases, and what else is shared.
    pub state: AppState,
    /// For showing why a page is not shown.
    pub draw: Draw,
}

/// The middleware that adds the context, and turns away who may not be here.
pub async fn guard(State(setting): State<Setting>, session: Session, mut request: Request, next: Next) -> Response {
    let kept = match kept(&mut request).await {
        Ok(kept) => kept,
        Err(status) => return status.into_response(),
    };
    let person = signed_in(&setting.state.backend, &session).await;
    if let Ok(Some(person)) = &person {
        edge::note_role(request.extensions(), person.role.as_str());
    }
    let route = request.extensions().get::<MatchedPath>().cloned();
    let function = route
        .as_ref()
        .is_some_and(|route| route.as_str().starts_with(doors::CALLS));
    let called = act::is_from_a_script(request.headers()) || (function && !act::is_from_a_page(request.headers()));
    // Pages are drawn without it as well: the database may be away.
    let settings = site::current(&setting.state.backend).await.unwrap_or_default();
    let mut context = context(&setting.state, &request, person.clone().unwrap_or_default(), settings);
    let turned_away = match (request.extensions().get::<Refused>(), person) {
        (Some(Refused(refusal)), _) => Some(refusal.clone()),
        (None, Err(refusal)) => Some(refusal),
        // A function's door is opened where it is called.
        (None, Ok(_)) if function => None,
        (None, Ok(person)) => may_enter(route.as_ref().map(MatchedPath::as_str), person.as_deref()).err(),
    };
    let (signed_in, site) = (context.person.is_some(), context.site.clone());
    let may_come_back = request.method() == Method::GET && !called;
    context.kept = kept;
    let headers = request.headers().clone();
    let mut response = match turned_away {
        None => {
            request.extensions_mut().insert(context.clone());
            next.run(request).await
        }
        Some(refusal) if called => call::refusal(&islands::refused::Refused::of(context.locale, &refusal)),
        // A form that was sent after the session ended is kept on the page that asks to sign in.
        Some(Refusal::NotSignedIn) if context.kept.is_none() => links::see_other(&sign_in_for(&request)),
        Some(refusal) => {
            context.refused = Some(islands::refused::Refused::of(context.locale, &refusal));
            show(&setting.draw, context.clone(), headers.clone()).await
        }
    };
    // The page of a form asks the database too; one that does not need it keeps what was typed.
    let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    if unavailable && !called && context.kept.is_some() && context.refused.is_none() {
        context.refused = Some(islands::refused::Refused::of(context.locale, &Refusal::Unavailable));
        response = show(&setting.draw, context, headers).await;
    }
    let caching = caching(signed_in, may_come_back && is_page(&response), &site);
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(caching));
    response
}

/// What a browser may keep of an answer. A page of somebody who is signed in may come back from the browser's back-forward cache, which asks
/// nobody, only where signing out empties that cache: browsers heed `Clear-Site-Data` from an address they trust, and from no other. What is
/// shown once says `no-store` itself ([`islands::context::keep_nowhere`]).
fn caching(signed_in: bool, may_come_back: bool, site: &str) -> &'static str {
    match signed_in {
        false => "no-cache",
        true if may_come_back && is_trusted(site) => "private, no-cache",
        true => "no-store",
    }
}

/// Not a file, nor a script's answer.
fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Is this an address browsers trust: over TLS, or this machine's own?
fn is_trusted(site: &str) -> bool {
    let Some(host) = site.strip_prefix("http://") else {
        return site.starts_with("https://");
    };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_own = |address: std::net::IpAddr| address.is_loopback();
    name == "localhost" || name.parse().is_ok_and(is_own)
}

/// The body of a form, which the request keeps as well: for when it cannot be answered now.
async fn kept(request: &mut Request) -> Result<Option<KeptForm>, StatusCode> {
    if !is_form(request) {
        return Ok(None);
    }
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let limit = usize::try_from(MAX_FORM_BYTES).unwrap_or(usize::MAX);
    let body = to_bytes(body, limit).await.map_err(|_cut| StatusCode::BAD_REQUEST)?;
    *request.body_mut() = Body::from(body.clone());
    Ok(Some(KeptForm(body)))
}

/// A form without files. One that is too large has no length any more, and is refused by the one who reads it.
fn is_form(request: &Request) -> bool {
    let text = |name| {
        let value: Option<&HeaderValue> = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let length: Option<u64> = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let is_form = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    request.method() == Method::POST && is_form && length.is_some_and(|length| length <= MAX_FORM_BYTES)
}

/// Who the session is of; prolongs it now and then.
pub async fn signed_in(backend: &Backend, session: &Session) -> Result<Option<Arc<Person>>, Refusal> {
    let Some(phone) = session.get::<String>(PERSON_KEY).await.map_err(sessions::refusal)? else {
        return Ok(None);
    };
    let person = signed_in::person(backend, &Phone(phone)).await?;
    let Some(person) = person.filter(|person| person.active) else {
        return Ok(None);
    };
    let renewed = session.get::<i64>(RENEWED_KEY).await.map_err(sessions::refusal)?;
    let now = backend.now();
    if renewed.is_none_or(|at| now.since(Millis(at)) > RENEW_AFTER_MS) {
        session.insert(RENEWED_KEY, now.0).await.map_err(sessions::refusal)?;
    }
    Ok(Some(person))
}

/// Asked about the route that answers, not about the path: one that fits no route shows no page but that it is none.
fn may_enter(route: Option<&str>, person: Option<&Person>) -> Result<(), Refusal> {
    let door = addresses::door(route.ok_or(Refusal::Unknown)?);
    door.ok_or(Refusal::NotYours)?.opens(person)
}

/// The sign-in page that leads back here; back to the page, not to an action.
fn sign_in_for(request: &Request) -> String {
    let back = match (request.method(), request.uri().path_and_query()) {
        (&Method::GET, Some(whole)) => whole.as_str(),
        _ => request.uri().path(),
    };
    let next: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("{}?next={next}", at::sign_in())
}

fn context(state: &AppState, request: &Request, person: Option<Arc<Person>>, settings: Arc<Site>) -> RequestContext {
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let id = request.extensions().get::<RequestId>();
    RequestContext {
        backend: state.backend.clone(),
        person,
        locale: wished(request.headers())
            .or(i18n::parse(&settings.language))
            .unwrap_or(Locale::en),
        request_id: id.map_or(Arc::from("-"), |RequestId(id)| id.clone()),
        path: Arc::from(request.uri().path()),
        query: Arc::new(query.into_owned().collect()),
        answered: None,
        refused: None,
        kept: None,
        set_up: state.set_up.clone(),
        demo: state.demo,
        site: edge::site_address(request.extensions()).unwrap_or_default().into(),
        settings,
    }
}

/// The language for the sender of these headers.
pub fn locale(headers: &HeaderMap) -> Locale {
    wished(headers).unwrap_or(Locale::en)
}

/// The language of ours that the request asks for.
fn wished(headers: &HeaderMap) -> Option<Locale> {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(i18n::COOKIE)?.strip_prefix('='));
    i18n::choose(chosen, header(ACCEPT_LANGUAGE))
}

/// The page that says why.
async fn show(draw: &Draw, context: RequestContext, headers: HeaderMap) -> Response {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers;
    request.extensions_mut().insert(context);
    (draw.0)(request).await
}

/// The same without rendering, for when that failed.
pub fn bare(refusal: &Refusal, locale: Locale, request_id: &str) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = islands::words::bare_page(locale, refusal, request_id);
    (status, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_come_back_where_signing_out_empties_what_was_kept() {
        for site in [
            "https://locks.example",
            "http://localhost:3000",
            "http://127.0.0.1:80",
            "http://[::1]:3000",
        ] {
            assert_eq!(caching(true, true, site), "private, no-cache", "{site}");
            assert_eq!(caching(true, false, site), "no-store", "{site}");
        }
        for site in [
            "http://locks.lan",
            "http://192.168.0.7:3000",
            "http://localhost.example",
            "",
        ] {
            assert_eq!(caching(true, true, site), "no-store", "{site}");
            assert_eq!(caching(false, true, site), "no-cache", "{site}");
        }
    }

    #[test]
    fn an_address_that_is_not_listed_is_nobodys() {
        assert_eq!(may_enter(Some("/sign-in"), None), Ok(()));
        assert_eq!(may_enter(Some("/account"), None), Err(Refusal::NotSignedIn));
        assert_eq!(may_enter(Some("/owner/{nothing}"), None), Err(Refusal::NotYours));
        assert_eq!(may_enter(None, None), Err(Refusal::Unknown));
    }

    #[test]
    fn the_way_back_is_kept_whole() {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/staff/orders?customerNo=1&x=%26".parse().unwrap();
        assert_eq!(
            sign_in_for(&request),
            "/sign-in?next=%2Fstaff%2Forders%3FcustomerNo%3D1%26x%3D%2526"
        );
        *request.method_mut() = Method::POST;
        assert_eq!(sign_in_for(&request), "/sign-in?next=%2Fstaff%2Forders");
    }

    #[test]
    fn the_language_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=b; langx=en; lang=zh"));
        assert_eq!(locale(&headers), Locale::zh);
    }
}
