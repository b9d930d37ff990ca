//! Pieces that run in the browser as well, as islands and in the kiosk, and with `ssr` before them what they are drawn with on the server.

#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod act;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
mod again;
pub mod boards;
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
pub mod card;
#[cfg(feature = "ssr")]
pub mod head;
#[cfg(feature = "ssr")]
pub mod html;
#[cfg(feature = "ssr")]
pub mod icon;
#[cfg(feature = "ssr")]
pub mod status;
#[cfg(feature = "ssr")]
pub mod wasm;
