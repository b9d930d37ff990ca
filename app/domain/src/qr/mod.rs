//! QR symbols: text to modules, fast.
//!
//! Bits, error correction and function patterns are the `qrcode` crate's; only the mask is chosen here, by the standard's
//! penalty scores on rows of packed bits, because the crate scores module by module and takes fifty times as long.

mod penalty;
mod template;

use crate::error::Refusal;
use qrcode::bits::Bits;
pub use qrcode::types::EcLevel as Level;
use qrcode::types::{Mode, Version};
use std::fmt::Write as _;
use template::Template;

/// Light modules to leave free on every side.
pub const QUIET_ZONE: usize = 4;

/// A finished symbol.
#[derive(Clone, PartialEq, Eq)]
pub struct Symbol {
    width: usize,
    words: usize,
    /// `words` for every row, the leftmost module in the lowest bit; set is dark.
    modules: Vec<u64>,
}

/// Where and how large to draw a symbol into a square of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Pixels on the side of a module.
    pub scale: usize,
    /// Pixels left free before the first module, left and above; after the last there are as many or one more.
    pub offset: usize,
}

/// Makes the smallest symbol that holds `text`: alphanumeric where all of it allows, else bytes (UTF-8).
pub fn encode(text: &str, level: Level) -> Result<Symbol, Refusal> {
    let alphanumeric = text.bytes().all(is_alphanumeric);
    let mode = if alphanumeric { Mode::Alphanumeric } else { Mode::Byte };
    let version = smallest(mode, text.len(), level)?;
    let mut bits = Bits::new(version);
    let pushed = match mode {
        Mode::Alphanumeric => bits.push_alphanumeric_data(text.as_bytes()),
        _ => bits.push_byte_data(text.as_bytes()),
    };
    pushed
        .and_then(|()| bits.push_terminator(level))
        .and_then(|()| qrcode::ec::construct_codewords(&bits.into_bytes(), version, level))
        .map(|(data, correction)| Template::of(version, level).fill(&data, &correction))
        .map_err(|_| Refusal::Internal)
}

fn is_alphanumeric(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':')
}

fn smallest(mode: Mode, length: usize, level: Level) -> Result<Version, Refusal> {
    let fits = |version: &Version| {
        let needed = 4 + mode.length_bits_count(*version) + mode.data_bits_count(length);
        Bits::new(*version).max_len(level).is_ok_and(|most| needed <= most)
    };
    (1..=40).map(Version::Normal).find(fits).ok_or_else(|| {
        let most = Bits::new(Version::Normal(40)).max_len(level).unwrap_or(0);
        Refusal::TooLarge {
            max_bytes: (most as u64).saturating_sub(20) / 8,
        }
    })
}

impl Symbol {
    /// Modules on a side, quiet zone apart.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether the module in column `x` and row `y` is dark; outside the symbol none is.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.width && self.modules[y * self.words + x / 64] >> (x % 64) & 1 == 1
    }

    /// Runs of dark modules in row `y`: column of the first, and how many.
    pub fn dark_runs(&self, y: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = (from..self.width).find(|&x| self.is_dark(x, y))?;
            let end = (start..self.width).find(|&x| !self.is_dark(x, y)).unwrap_or(self.width);
            from = end;
            Some((start, end - start))
        })
    }

    /// The largest whole module size at which symbol and quiet zone fit into `pixels` by `pixels`; `None` if not even one pixel a module does.
    pub fn placement(&self, pixels: usize) -> Option<Placement> {
        let scale = pixels / (self.width + 2 * QUIET_ZONE);
        (scale > 0).then(|| Placement {
            scale,
            offset: (pixels - scale * self.width) / 2,
        })
    }

    /// An SVG image with its quiet zone and white ground, one unit a module.
    pub fn to_svg(&self) -> String {
        let side = self.width + 2 * QUIET_ZONE;
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d=""##
        );
        for y in 0..self.width {
            for (x, run) in self.dark_runs(y) {
                // Writing to a String cannot fail.
                let _ = write!(svg, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE);
            }
        }
        svg.push_str(r#""/></svg>"#);
        svg
    }
}
