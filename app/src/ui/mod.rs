//! Pieces that pages share. Islands (`qr_scanner`, `qr_view`) run in the browser, the rest is rendered on the server.

#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod icon;
#[cfg(feature = "ssr")]
pub mod layout;
