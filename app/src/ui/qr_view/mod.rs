//! Codes on a screen: pure white ground, quiet zone, screen kept awake. [`LiveCode`] is drawn by the server, needs no script to
//! be read, and is made anew before it ends by [`keep_live`], without leptos: its wasm file has to be small.

mod awake;
#[cfg(feature = "ssr")]
mod card;
mod live;

use domain::qr::{self, Level};

pub use awake::Awake;
#[cfg(feature = "ssr")]
pub use card::LiveCode;
pub use live::keep_live;

/// A text as an SVG image with its quiet zone; empty where it is too long for one code.
pub fn svg(text: &str) -> String {
    qr::encode(text, Level::M).map_or(String::new(), |symbol| symbol.to_svg())
}
