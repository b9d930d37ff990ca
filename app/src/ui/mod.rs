//! Pieces that pages share. Those without `ssr` before them run in the browser as well: as islands, and in the kiosk.

#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod act;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
mod again;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod bulk;
pub mod cabinet;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod fresh;
pub mod glyph;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod hand_over;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod keys;
pub mod qr_scanner;
pub mod qr_view;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod sheet;
pub mod textarea;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod typing;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
mod visible;

#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod date;
#[cfg(feature = "ssr")]
pub mod empty;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod found;
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
pub mod table;
#[cfg(feature = "ssr")]
pub mod wasm;
