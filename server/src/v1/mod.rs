//! `/v1`, the interface for other programs (SPEC 3.1). Every address once; one file a noun; handlers only translate between
//! HTTP and the use cases.

mod auth;
mod clock;
mod described;
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
use axum::{Router, middleware};
use described::{About, Address, get, post, put};

pub use openapi::document;

/// Where a device becomes a kiosk, without being signed in.
const ENROL: &str = "/Kiosks/Enrol";

/// Every address below `/v1`, what answers there, and how it is described. Those that do something take the header `Idempotency-Key`; signing
/// in and out do not: the former may be done twice without harm, and the latter does the same each time.
pub fn addresses() -> Vec<Address> {
    vec![
        post("/QrData", qr::read, QR_DATA),
        get("/QrImage/{data}", image::draw, QR_IMAGE),
        put("/Powermeter/OpenToSave/{thingsSq}", powermeter::complete, OPEN_TO_SAVE),
        post("/SyncData/{yid}", sync::apply, SYNC_DATA),
        post("/Encrypt", encrypt::make, ENCRYPT),
        get("/Orders", orders::search, ORDERS),
        post("/Login", login::sign_in, LOGIN),
        post("/Logout", login::sign_out, LOGOUT),
        post(ENROL, kiosks::enrol, ENROLMENT),
        post("/Kiosks/{yid}/Events", kiosks::events, EVENTS),
        post("/Kiosks/{yid}/Whose", kiosks::whose, WHOSE),
        get("/Clock", clock::now, About::new("The server's time", "")),
        get(
            "/openapi.json",
            openapi::describe,
            About::new("This description", "").done("OpenAPI 3.1"),
        ),
    ]
}

const QR_DATA: About = About::new(
    "Read a code shown by a kiosk",
    "Staff. Verifies, decrypts, and accepts each code once: `OpenToSave` within 10 minutes of its date, `SaveToData` unless a newer state was \
     applied. Remembers for 30 minutes who scanned it.",
)
.refused(&[404, 409, 410, 422])
.takes_key();

const QR_IMAGE: About = About::new(
    "Draw a code",
    "Whoever may have the code. PNG of 400 by 400 pixels, or SVG by `Accept` or `format`.",
)
.done("The image")
.answers_images()
.query(image::parameters)
.refused(&[404, 410, 413, 422]);

const OPEN_TO_SAVE: About = About::new(
    "Complete a deposit",
    "Staff, for a compartment whose code they scanned within 30 minutes. The order must be B and the compartment free; of two at once one gets 409.",
)
.done("The order, now C")
.refused(&[404, 409, 422])
.takes_key();

const SYNC_DATA: About = About::new(
    "Apply what is in a kiosk's compartments",
    "The kiosk itself, or staff with exactly the rows of a `SaveToData` code they scanned within 30 minutes. Empty compartments complete their \
     orders (D), full ones store them (C). The same again changes nothing.",
)
.refused(&[409, 422])
.takes_key();

const ENCRYPT: About = About::new(
    "Make a code for a kiosk to read",
    "Staff: `SyncDate`, `StaffPass`. Business: `OpenToTake` of an own stored order, named by `thingsSq` or by its compartment. All values come \
     from the server's records; those sent along are only compared.",
)
.refused(&[404, 409, 422])
.takes_key();

const ORDERS: About = About::new(
    "Find orders",
    "Staff: all; business: their own. By the beginning of the customer number, 50 on a page.",
)
.query(orders::parameters)
.refused(&[400, 422]);

const LOGIN: About = About::new(
    "Get a bearer token",
    "Anybody. An unknown number and a wrong password are not told apart; what is no number is 422.",
)
.refused(&[401, 422, 429]);

const LOGOUT: About = About::new("End a bearer token", "").by_bearer_only().refused(&[401]);

const ENROLMENT: About = About::new(
    "Become a kiosk",
    "Whoever holds a fresh enrolment code: 8 digits, good once and for 10 minutes.",
)
.refused(&[404, 429])
.takes_key();

const EVENTS: About = About::new(
    "Hand over events",
    "The kiosk. Numbers have no gap; repeats are ignored, and what lies behind a gap is not stored.",
)
.by_bearer_only()
.refused(&[422])
.takes_key();

const WHOSE: About = About::new(
    "Ask whose an old meter is",
    "The kiosk, before it takes an old meter back. 404 where no order has this number, and where the new meter was not fetched yet and is not in this \
     kiosk. 60 wrong numbers in 10 minutes at most.",
)
.by_bearer_only()
.refused(&[404, 422, 429]);

/// Everything below `/v1`.
pub fn router(state: AppState) -> Router {
    addresses()
        .into_iter()
        .fold(Router::new(), |router, address| {
            let once = middleware::from_fn_with_state(state.clone(), once::once);
            let methods = if address.takes_key {
                address.methods.route_layer(once)
            } else {
                address.methods
            };
            router.route(address.path, methods)
        })
        .fallback(error::no_such_address)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(middleware::from_fn(error::speak))
        .with_state(state)
}
