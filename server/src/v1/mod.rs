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
mod once;
mod openapi;
mod orders;
mod powermeter;
mod qr;
mod segment;
mod sync;

use crate::state::AppState;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Router, middleware};

/// Where a device becomes a kiosk, without being signed in.
const ENROL: &str = "/Kiosks/Enrol";

/// The addresses that do something, and take the header `Idempotency-Key`. Signing in and out are not among them: the former may be done twice
/// without harm, and the latter does the same each time.
pub const TAKE_KEYS: [&str; 6] = [
    "/QrData",
    "/Powermeter/OpenToSave/{things_sq}",
    "/SyncData/{yid}",
    "/Encrypt",
    ENROL,
    "/Kiosks/{yid}/Events",
];

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
        (ENROL, post(kiosks::enrol)),
        ("/Kiosks/{yid}/Events", post(kiosks::events)),
        ("/Clock", get(clock::now)),
        ("/openapi.json", get(openapi::describe)),
    ]
}

/// Everything below `/v1`.
pub fn router(state: AppState) -> Router {
    addresses()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            let once = middleware::from_fn_with_state(state.clone(), once::once);
            let methods = if TAKE_KEYS.contains(&path) {
                methods.route_layer(once)
            } else {
                methods
            };
            router.route(path, methods)
        })
        .fallback(error::no_such_address)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(middleware::from_fn(error::speak))
        .with_state(state)
}
