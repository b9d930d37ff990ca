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
use axum::routing::{get, post, put};
use axum::{Router, middleware};

/// Everything below `/v1`.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/QrData", post(qr::read))
        .route("/QrImage/{data}", get(image::draw))
        .route("/Powermeter/OpenToSave/{things_sq}", put(powermeter::complete))
        .route("/SyncData/{yid}", post(sync::apply))
        .route("/Encrypt", post(encrypt::make))
        .route("/Orders", get(orders::search))
        .route("/Login", post(login::sign_in))
        .route("/Logout", post(login::sign_out))
        .route("/Kiosks/Enrol", post(kiosks::enrol))
        .route("/Kiosks/{yid}/Events", post(kiosks::events))
        .route("/Clock", get(clock::now))
        .route("/openapi.json", get(openapi::describe))
        .fallback(error::no_such_address)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(middleware::from_fn(error::speak))
        .with_state(state)
}
