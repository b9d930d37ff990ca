//! Every address of the server in one place: pages and their actions, `/v1`, health, the files of the site.

use crate::state::{AppState, Transport};
use crate::{compress, edge, health, link, live, page, session, sign, site, v1};
use any_spawner::Executor;
use axum::extract::Request;
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use islands::act::{self, Draw, Drawing};
use islands::addresses::{LIVE, OPERATOR_LIVE, PAGES, Page};
use std::sync::Arc;
use tower::ServiceBuilder;

/// The whole server as one service, for a listener of this transport.
pub fn router(state: &AppState, transport: Transport) -> Router {
    let routes = Router::new()
        .merge(site(state))
        .nest("/v1", v1::router(state.clone()))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::map_response(session::first))
                .layer(session::Layers::new(&state.backend)),
        )
        .merge(sign::router(state.clone()))
        .merge(link::router(state.clone()))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready).with_state(state.clone()))
        .merge(site::router());
    edge::around(routes, state, transport)
}

/// Pages, actions, and the page for addresses that are none.
fn site(state: &AppState) -> Router {
    let options = site::leptos_options();
    let render = move |request| pages::render::page(options.clone(), request);
    let draw = Draw(Arc::new(render.clone()));
    let setting = page::Setting {
        state: state.clone(),
        draw: draw.clone(),
    };
    Router::new()
        .merge(pages(render))
        .merge(pages::app::files())
        .merge(act::functions())
        .route(LIVE, get(live::events).with_state(state.clone()))
        .route(OPERATOR_LIVE, get(live::events).with_state(state.clone()))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(compress::gate))
                .layer(compress::layer())
                .layer(middleware::from_fn_with_state(setting, page::guard))
                .layer(Extension(draw)),
        )
}

/// The pages alone, rendered on the server. The routes are made here and not by `leptos_axum`, whose helpers would also give every server
/// function an address, past its door. Which page it is has been decided by then, so pages have no router inside.
fn pages(render: impl Fn(Request) -> Drawing + Clone + Send + Sync + 'static) -> Router {
    let form = post(act::post_page);
    // An error: it is there already, as in a test with several servers.
    let _there = Executor::init_tokio();
    let add = |router: Router, page: &Page| {
        let shown = get(render.clone());
        let has_form = pages::app::calls_functions(page.path);
        router.route(&page.route(), if has_form { shown.merge(form.clone()) } else { shown })
    };
    PAGES.iter().fold(Router::new(), add).fallback(render.clone())
}
