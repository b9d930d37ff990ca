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
            let start = self.next(from, y, true);
            from = self.next(start, y, false);
            (start < from).then_some((start, from - start))
        })
    }

    /// The first column from `from` on whose module in row `y` is dark, or is not; the width where there is none.
    fn next(&self, from: usize, y: usize, dark: bool) -> usize {
        let Some(row) = self.modules.chunks_exact(self.words).nth(y) else {
            return self.width;
        };
        for (at, &word) in row.iter().enumerate().skip(from / 64) {
            let wanted = if dark { word } else { !word };
            let not_before = if at == from / 64 {
                u64::MAX << (from % 64)
            } else {
                u64::MAX
            };
            if wanted & not_before != 0 {
                return self
                    .width
                    .min(at * 64 + (wanted & not_before).trailing_zeros() as usize);
            }
        }
        self.width
    }

    /// The largest whole module size at which symbol and quiet zone fit into `pixels` by `pixels`; `None` if not even one pixel a module does.
    pub fn placement(&self, pixels: usize) -> Option<Placement> {
        let scale = pixels / (self.width + 2 * QUIET_ZONE);
        (scale > 0).then(|| Placement {
            scale,
            offset: (pixels - scale * self.width) / 2,
        })
    }

    /// `pixels` rows of `pixels` pixels for a 1-bit greyscale image: a set bit is white, the leftmost pixel the highest bit of its
    /// byte, each row in whole bytes. `None` where [`Symbol::placement`] is.
    pub fn to_bitmap(&self, pixels: usize) -> Option<Vec<u8>> {
        let Placement { scale, offset } = self.placement(pixels)?;
        let stride = pixels.div_ceil(8);
        let mut bitmap = Vec::with_capacity(stride * pixels);
        bitmap.resize(stride * offset, u8::MAX);
        for y in 0..self.width {
            let mut row = vec![u8::MAX; stride];
            for (x, run) in self.dark_runs(y) {
                blacken(&mut row, offset + x * scale, run * scale);
            }
            (0..scale).for_each(|_| bitmap.extend_from_slice(&row));
        }
        bitmap.resize(stride * pixels, u8::MAX);
        Some(bitmap)
    }

    /// An SVG image with its quiet zone and white ground, one unit a module.
    pub fn to_svg(&self) -> String {
        let side = (self.width + 2 * QUIET_ZONE).to_string();
        let mut svg = [
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 "#,
            &side,
            " ",
            &side,
            r##"" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h"##,
            &side,
            "v",
            &side,
            r#"H0z"/><path d=""#,
        ]
        .concat();
        for y in 0..self.width {
            for (x, run) in self.dark_runs(y) {
                for (letter, number) in [("M", x + QUIET_ZONE), (" ", y + QUIET_ZONE), ("h", run), ("v1h-", run)] {
                    svg.push_str(letter);
                    push_number(&mut svg, number);
                }
                svg.push('z');
            }
        }
        svg.push_str(r#""/></svg>"#);
        svg
    }
}

impl std::fmt::Debug for Symbol {
    /// Not the modules: they are the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Symbol")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

/// Numbers of a drawing are below 1,000, and a drawing has thousands of them: the general way takes ten times as long.
fn push_number(text: &mut String, number: usize) {
    let digit = |value: usize| char::from(b'0' + (value % 10) as u8);
    if number >= 100 {
        text.push(digit(number / 100));
    }
    if number >= 10 {
        text.push(digit(number / 10));
    }
    text.push(digit(number));
}

/// Clears `length` bits from bit `start` on, the highest bit of a byte being its first.
fn blacken(row: &mut [u8], start: usize, length: usize) {
    let end = start + length;
    for (at, byte) in row.iter_mut().enumerate().take(end.div_ceil(8)).skip(start / 8) {
        let first = start.saturating_sub(at * 8);
        let after = (end - at * 8).min(8);
        *byte &= !((0xff_u16 >> first) & (0xff00_u16 >> after)) as u8;
    }
}
