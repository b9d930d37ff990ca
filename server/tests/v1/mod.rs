//! `/v1` as other programs and kiosks see it.

mod deposit;
mod encrypt;
mod idempotency;
pub mod json_schema;
mod kiosk;
pub mod openapi;
mod qr;
mod sync;
