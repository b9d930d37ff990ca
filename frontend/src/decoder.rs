//! What the worker `decoder.js` runs: pixels in, text out.

use rqrr::PreparedImage;
use wasm_bindgen::prelude::wasm_bindgen;

/// The text of the first code that can be read in a picture of RGBA pixels.
#[wasm_bindgen]
pub fn read_code(pixels: &[u8], width: usize, height: usize) -> Option<String> {
    if width == 0 || pixels.len() != width.checked_mul(height)?.checked_mul(4)? {
        return None;
    }
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, |x, y| grey(pixels, (y * width + x) * 4));
    picture
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
