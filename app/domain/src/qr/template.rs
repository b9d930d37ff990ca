//! What is the same in every symbol of a version and level, worked out once: where each bit of data goes, and the eight
//! masks with all function patterns and their format information.

use super::{Level, Symbol, penalty};
use crate::order::sort_by_numbers;
use qrcode::canvas::{Canvas, MaskPattern, Module};
use qrcode::types::Version;
use std::sync::OnceLock;

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

static TEMPLATES: [OnceLock<Template>; 40 * 4] = [const { OnceLock::new() }; 40 * 4];

/// The unchanging part of the symbols of one version and level.
pub(super) struct Template {
    width: usize,
    words: usize,
    /// For each bit of the codewords its place, word of the symbol and bit of that word.
    places: Vec<(u16, u8)>,
    /// The symbol of all-zero codewords under each mask.
    masked: [Vec<u64>; 8],
}

impl Template {
    /// The template of a version, 1 to 40, and level.
    pub(super) fn of(version: Version, level: Level) -> &'static Self {
        let number = match version {
            Version::Normal(number) | Version::Micro(number) => usize::from(number.unsigned_abs()).clamp(1, 40),
        };
        TEMPLATES[(number - 1) * 4 + level as usize].get_or_init(|| Self::new(version, level))
    }

    fn new(version: Version, level: Level) -> Self {
        let mut blank = Canvas::new(version, level);
        blank.draw_all_functional_patterns();
        let side = version.width();
        let width = usize::from(side.unsigned_abs());
        let words = width.div_ceil(64);
        let cells = move || (0..side).flat_map(move |y| (0..side).map(move |x| (x, y)));
        let place = move |x: i16, y: i16| {
            let (x, y) = (x.unsigned_abs(), y.unsigned_abs());
            (y * words as u16 + x / 64, (x % 64) as u8)
        };
        let masked = MASKS.map(|mask| {
            let mut canvas = blank.clone();
            canvas.apply_mask(mask);
            let mut modules = vec![0; width * words];
            for (x, y) in cells().filter(|&(x, y)| canvas.get(x, y).is_dark()) {
                let (word, bit) = place(x, y);
                modules[usize::from(word)] |= 1 << bit;
            }
            modules
        });
        let mut order: Vec<_> = cells().filter(|&(x, y)| blank.get(x, y) == Module::Empty).collect();
        sort_by_numbers(&mut order, |&(x, y)| zigzag(x, y, side));
        let places = order.into_iter().map(|(x, y)| place(x, y)).collect();
        Self {
            width,
            words,
            places,
            masked,
        }
    }

    /// The symbol of these codewords under the mask with the least penalty.
    pub(super) fn fill(&self, data: &[u8], correction: &[u8]) -> Symbol {
        let mut bits = vec![0_u64; self.width * self.words];
        let mut places = self.places.iter();
        for byte in data.iter().chain(correction) {
            for (shift, &(word, bit)) in (0..8).rev().zip(places.by_ref()) {
                bits[usize::from(word)] |= u64::from(byte >> shift & 1) << bit;
            }
        }
        let modules = match self.words {
            1 => self.least::<1>(&bits),
            2 => self.least::<2>(&bits),
            _ => self.least::<3>(&bits),
        };
        Symbol {
            width: self.width,
            words: self.words,
            modules,
        }
    }

    fn least<const WORDS: usize>(&self, bits: &[u64]) -> Vec<u64> {
        let mut best = (u32::MAX, Vec::new());
        for mask in &self.masked {
            let modules: Vec<u64> = mask.iter().zip(bits).map(|(mask, bits)| mask ^ bits).collect();
            let score = penalty::score(modules.as_chunks::<WORDS>().0, self.width);
            if score < best.0 {
                best = (score, modules);
            }
        }
        best.1
    }
}

/// The order in which bits are placed: bands of two columns from the right, the first upwards, the next downwards, and so on;
/// column 6 belongs to no band.
fn zigzag(x: i16, y: i16, side: i16) -> (i64, i64) {
    let band = (side - 1 - x - i16::from(x < 6)) / 2;
    let down = if band % 2 == 0 { side - 1 - y } else { y };
    // Within a band by row, and from right to left in each; no side is as long as 512.
    (i64::from(band), i64::from(down) * 512 - i64::from(x))
}
