//! Every address of the server in one place: pages and their actions, `/v1`, the files of the site.

use crate::{page, site};
use app::form::Pages;
use axum::{Extension, Router, middleware};
use backend::Backend;
use backend::sessions::SessionStore;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_sessions::SessionManagerLayer;

/// The whole server as one service.
pub fn router(backend: Backend, demo: bool) -> Router {
    let pages = pages();
    let sessions = SessionManagerLayer::new(SessionStore::new(&backend)).with_secure(false);
    let actions = app::app::actions().layer(Extension(Pages(pages.clone())));
    Router::new()
        .merge(pages)
        .merge(actions)
        .layer(middleware::from_fn_with_state(
            page::Setting { backend, demo },
            page::put_context,
        ))
        .layer(sessions)
        .merge(site::router())
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
        .leptos_routes_with_context(&options, routes, page::provide_request, shell)
        .with_state(options)
}
