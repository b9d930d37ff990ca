//! The wasm file of the worker `decoder.js`: pixels in, text out. A file of its own, so that no page carries it that has no camera, and
//! the page's own file is ready sooner.

use rqrr::PreparedImage;
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::prelude::wasm_bindgen;

/// One in this many pictures without a code is looked at with black and white exchanged as well: phones with a dark theme or a filter for
/// accessibility show codes so. It shares no factor with the number of sizes in which pictures come, so that all of them have their turn.
const INVERTED_EVERY: u32 = 5;

static PICTURES: AtomicU32 = AtomicU32::new(0);

/// The text of the first code that can be read in a picture of RGBA pixels.
#[wasm_bindgen]
pub fn read_code(pixels: &[u8], width: usize, height: usize) -> Option<String> {
    if width == 0 || pixels.len() != width.checked_mul(height)?.checked_mul(4)? {
        return None;
    }
    let number = PICTURES.fetch_add(1, Ordering::Relaxed);
    let found = decode(width, height, |x, y| grey(pixels, (y * width + x) * 4));
    if found.is_none() && number.is_multiple_of(INVERTED_EVERY) {
        return decode(width, height, |x, y| u8::MAX - grey(pixels, (y * width + x) * 4));
    }
    found
}

fn decode(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> Option<String> {
    PreparedImage::prepare_from_greyscale(width, height, grey)
        .detect_grids()
        .iter()
        .find_map(|grid| Some(grid.decode().ok()?.1))
}

/// Brightness as ITU-R BT.601 weighs the colours, in 256ths.
fn grey(pixels: &[u8], at: usize) -> u8 {
    match pixels.get(at..at + 3) {
        Some([red, green, blue]) => {
            let sum = u32::from(*red) * 77 + u32::from(*green) * 150 + u32::from(*blue) * 29;
            u8::try_from(sum >> 8).unwrap_or(u8::MAX)
        }
        _ => u8::MAX,
    }
}
