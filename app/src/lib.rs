//! What may run in a browser. Pages are rendered on the server and are forms and tables that work before, or without, wasm;
//! only islands and the kiosk run in the browser as well.
//!
//! A page module is compiled for the server alone: no browser ever renders a page, so its code does not weigh on the wasm file. What
//! runs in a browser lives in `ui` and `kiosk`, and is woken by `style/public/page.js`. What pages and browsers ask of the server are
//! the server functions in `functions`, one file a noun.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

pub mod call;
pub mod functions;
pub mod i18n;
pub mod refused;
pub mod ui;

#[cfg(any(feature = "ssr", feature = "kiosk"))]
pub mod kiosk;

#[cfg(feature = "ssr")]
pub mod act;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod business;
#[cfg(feature = "ssr")]
pub mod code_card;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod doors;
#[cfg(feature = "ssr")]
pub mod entry;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
pub mod home;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
pub mod lists_csv;
#[cfg(feature = "ssr")]
pub mod operator;
#[cfg(feature = "ssr")]
pub mod orders;
#[cfg(feature = "ssr")]
pub mod owner;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod staff;
#[cfg(feature = "ssr")]
pub mod upload;
