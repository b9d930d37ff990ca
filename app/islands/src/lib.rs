//! What pages and the browser share: islands, texts, and the server functions they call.
//!
//! Compiled with `ssr` for the server, where the bodies of the functions run ([`functions`]) and forms are answered ([`act`]); with a role's feature for the
//! wasm file of that role, where islands come to life; and with none of them for the kiosk's.

#![recursion_limit = "512"]

pub mod call;
pub mod functions;
pub mod i18n;
pub mod refused;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod act;
#[cfg(feature = "ssr")]
pub mod addresses;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod date;
#[cfg(feature = "ssr")]
pub mod doors;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod span;
#[cfg(feature = "ssr")]
pub mod synced;
#[cfg(feature = "ssr")]
pub mod words;
