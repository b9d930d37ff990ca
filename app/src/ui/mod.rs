//! Pieces that pages share. `qr_scanner` and `qr_view` run in the browser as well, the rest is rendered on the server.

pub mod cabinet;
mod dom;
pub mod fresh;
pub mod glyph;
pub mod hand_over;
pub mod qr_scanner;
pub mod qr_view;
pub mod textarea;

#[cfg(feature = "ssr")]
pub mod date;
#[cfg(feature = "ssr")]
pub mod empty;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod icon;
#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
pub mod status;
#[cfg(feature = "ssr")]
pub mod wasm;
