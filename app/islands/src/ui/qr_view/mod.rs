//! Codes on a screen: pure white ground, quiet zone, screen kept awake. [`Code`] is drawn by the server, needs no script to be read, and is made
//! again before it ends by the island `LiveCode`.

mod awake;
#[cfg(feature = "ssr")]
mod card;
#[cfg(any(feature = "ssr", feature = "staff"))]
mod live;

use domain::qr::{self, Level};

pub use awake::Awake;
#[cfg(feature = "ssr")]
pub use card::Code;
#[cfg(feature = "ssr")]
pub use live::Which;

/// A text as an SVG image with its quiet zone; empty where it is too long for one code.
pub fn svg(text: &str) -> String {
    qr::encode(text, Level::M).map_or(String::new(), |symbol| symbol.to_svg())
}
