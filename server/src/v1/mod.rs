//! `/v1`, the interface for other programs (SPEC 3.1). Every address once; one file a noun; handlers only translate between
//! HTTP and the use cases.

mod auth;
mod clock;
mod encrypt;
pub mod error;
mod image;
mod json;
mod kiosks;
mod login;
mod openapi;
mod orders;
mod powermeter;
mod qr;
mod segment;
mod sync;

use crate::state::AppState;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Router, middleware};

/// Every address below `/v1` and what answers there.
pub fn addresses() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/QrData", post(qr::read)),
        ("/QrImage/{data}", get(image::draw)),
        ("/Powermeter/OpenToSave/{things_sq}", put(powermeter::complete)),
        ("/SyncData/{yid}", post(sync::apply)),
        ("/Encrypt", post(encrypt::make)),
        ("/Orders", get(orders::search)),
        ("/Login", post(login::sign_in)),
        ("/Logout", post(login::sign_out)),
        ("/Kiosks/Enrol", post(kiosks::enrol)),
        ("/Kiosks/{yid}/Events", post(kiosks::events)),
        ("/Clock", get(clock::now)),
        ("/openapi.json", get(openapi::describe)),
    ]
}

/// Everything below `/v1`.
pub fn router(state: AppState) -> Router {
    addresses()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(error::no_such_address)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(middleware::from_fn(error::speak))
        .with_state(state)
}
