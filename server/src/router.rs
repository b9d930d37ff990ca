//! Every address of the server in one place: pages and their actions, `/v1`, health, the files of the site.

use crate::state::{AppState, Transport};
use crate::{edge, health, link, live, page, session, sign, site, v1};
use app::auth::KnownBrowser;
use app::form::Pages;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use http::HeaderValue;
use http::header::SET_COOKIE;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};

/// The whole server as one service, for a listener of this transport.
pub fn router(state: &AppState, transport: Transport) -> Router {
    let routes = Router::new()
        .merge(site(state))
        .nest("/v1", v1::router(state.clone()))
        .layer(session::Layers::new(&state.backend))
        .layer(middleware::map_response(remember_browser))
        .merge(sign::router(state.clone()))
        .merge(link::router(state.clone()))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready).with_state(state.clone()))
        .merge(site::router())
        .layer(DefaultBodyLimit::max(
            usize::try_from(app::form::MAX_FORM_BYTES).unwrap_or(usize::MAX),
        ));
    edge::around(routes, state, transport)
}

/// Pages, actions, and the page for addresses that are none.
fn site(state: &AppState) -> Router {
    let pages = Pages(pages());
    let setting = page::Setting {
        state: state.clone(),
        pages: pages.clone(),
    };
    Router::new()
        .merge(pages.0.clone())
        .merge(app::app::actions().layer(Extension(pages)))
        .route("/owner/live", get(live::events).with_state(state.clone()))
        .layer(middleware::from_fn_with_state(setting, page::guard))
}

/// The pages alone, rendered on the server.
fn pages() -> Router {
    let options = site::leptos_options();
    let shell = {
        let options = options.clone();
        move || app::app::shell(options.clone())
    };
    let routes = generate_route_list(app::app::App);
    Router::new()
        .leptos_routes_with_context(&options, routes, page::provide_request, shell.clone())
        .fallback(render_app_async_with_context(page::provide_request, shell))
        .with_state(options)
}

/// After the session's cookie: what a browser keeps of who signed in with it.
async fn remember_browser(mut answer: Response) -> Response {
    if let Some(known) = answer.extensions_mut().remove::<KnownBrowser>()
        && let Ok(cookie) = HeaderValue::from_str(&known.cookie())
    {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}
