//! Symbols are those the standard asks for, and a reader reads them.

use domain::error::Refusal;
use domain::qr::{Level, Placement, QUIET_ZONE, Symbol, encode};
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::types::Version;

type Modules = Vec<Vec<bool>>;

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

/// Base64url of the given length, different for each length.
fn token_like(length: usize) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    let mut state = length as u64;
    let letters = (0..length).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    });
    // The first letter keeps the text out of the alphanumeric mode.
    std::iter::once('a').chain(letters).take(length).collect()
}

fn modules(symbol: &Symbol) -> Modules {
    let row = |y| (0..symbol.width()).map(|x| symbol.is_dark(x, y)).collect();
    (0..symbol.width()).map(row).collect()
}

/// The crate's own drawing under each mask, in the version and mode of the symbol.
fn candidates(text: &str, level: Level, width: usize) -> Vec<Modules> {
    let version = Version::Normal(i16::try_from((width - 17) / 4).unwrap());
    let mut bits = Bits::new(version);
    if text == text.to_uppercase() {
        bits.push_alphanumeric_data(text.as_bytes()).unwrap();
    } else {
        bits.push_byte_data(text.as_bytes()).unwrap();
    }
    bits.push_terminator(level).unwrap();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level).unwrap();
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    let side = version.width();
    let under = |mask: MaskPattern| {
        let mut canvas = canvas.clone();
        canvas.apply_mask(mask);
        let row = |y| (0..side).map(|x| canvas.get(x, y).is_dark()).collect();
        (0..side).map(row).collect()
    };
    MASKS.map(under).to_vec()
}

/// The rules of ISO/IEC 18004, 7.8.3, word for word, module by module.
fn penalty(modules: &Modules) -> usize {
    let width = modules.len();
    let turned: Modules = (0..width)
        .map(|x| (0..width).map(|y| modules[y][x]).collect())
        .collect();
    let lines: usize = modules
        .iter()
        .chain(&turned)
        .map(|line| runs(line) + finders(line))
        .sum();
    let alike = |x: usize, y: usize| {
        let first = modules[y][x];
        modules[y][x + 1] == first && modules[y + 1][x] == first && modules[y + 1][x + 1] == first
    };
    let blocks = (0..width - 1)
        .flat_map(|y| (0..width - 1).map(move |x| (x, y)))
        .filter(|&(x, y)| alike(x, y))
        .count();
    let dark = modules.iter().flatten().filter(|&&dark| dark).count() as f64;
    let share = dark * 100.0 / (width * width) as f64;
    let steps = ((share - 50.0).abs() / 5.0).floor() as usize;
    lines + 3 * blocks + 10 * steps
}

fn runs(line: &[bool]) -> usize {
    let long = line.chunk_by(|a, b| a == b).map(<[bool]>::len).filter(|&run| run >= 5);
    long.map(|run| 3 + run - 5).sum()
}

fn finders(line: &[bool]) -> usize {
    let pattern = [true, false, true, true, true, false, true];
    let light = |at: isize| usize::try_from(at).ok().and_then(|at| line.get(at)) != Some(&true);
    let counts = |&(at, _): &(usize, &[bool])| {
        let at = at as isize;
        (at - 4..at).all(light) || (at + 7..at + 11).all(light)
    };
    let found = line.windows(7).enumerate().filter(|&(_, window)| window == pattern);
    40 * found.filter(counts).count()
}

fn check_against_the_crate(text: &str, level: Level) {
    let symbol = modules(&encode(text, level).unwrap());
    let candidates = candidates(text, level, symbol.len());
    assert!(candidates.contains(&symbol), "{} characters", text.len());
    let least = candidates.iter().map(penalty).min().unwrap();
    assert_eq!(penalty(&symbol), least, "{} characters", text.len());
}

#[test]
fn the_mask_has_the_least_penalty_in_every_version() {
    for length in (1..2331).step_by(29) {
        check_against_the_crate(&token_like(length), Level::M);
    }
    for level in [Level::L, Level::Q, Level::H] {
        for length in [1, 40, 180, 420, 900] {
            check_against_the_crate(&token_like(length), level);
        }
    }
}

fn read(symbol: &Symbol, scale: usize) -> String {
    let side = (symbol.width() + 2 * QUIET_ZONE) * scale;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
        let (x, y) = (x / scale, y / scale);
        let dark = x >= QUIET_ZONE && y >= QUIET_ZONE && symbol.is_dark(x - QUIET_ZONE, y - QUIET_ZONE);
        if dark { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// The shortest and the longest text of each size of a symbol, and every seventh between them: reading takes milliseconds.
#[test]
fn a_reader_reads_texts_of_every_size() {
    let width = |length: usize| encode(&token_like(length), Level::M).unwrap().width();
    let at_a_limit =
        |length: usize| width(length) != width(length + 1) || length == 1 || width(length) != width(length - 1);
    for length in (1..=1100).filter(|&length| length % 7 == 0 || at_a_limit(length)) {
        let text = token_like(length);
        assert_eq!(read(&encode(&text, Level::M).unwrap(), 2), text, "{length}");
    }
}

#[test]
fn upper_case_texts_use_the_alphanumeric_mode() {
    let text = "LK1:0123456789 $%*+-./:ABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(4);
    let dense = encode(&text, Level::M).unwrap();
    assert!(dense.width() < encode(&text.to_lowercase(), Level::M).unwrap().width());
    assert_eq!(read(&dense, 3), text);
    check_against_the_crate("HELLO WORLD", Level::Q);
}

#[test]
fn other_scripts_are_read_as_utf_8() {
    let text = "계량기 보관함 电表";
    assert_eq!(read(&encode(text, Level::M).unwrap(), 4), text);
}

#[test]
fn the_largest_symbol_is_the_limit() {
    assert_eq!(encode(&token_like(2331), Level::M).unwrap().width(), 177);
    assert_eq!(
        encode(&token_like(2332), Level::M).err(),
        Some(Refusal::TooLarge { max_bytes: 2331 })
    );
}

#[test]
fn a_placement_leaves_the_quiet_zone() {
    let symbol = encode(&token_like(400), Level::M).unwrap();
    assert_eq!(symbol.width(), 77);
    assert_eq!(symbol.placement(400), Some(Placement { scale: 4, offset: 46 }));
    assert_eq!(symbol.placement(85), Some(Placement { scale: 1, offset: 4 }));
    assert_eq!(symbol.placement(84), None);
}

#[test]
fn the_bitmap_draws_exactly_the_dark_modules() {
    for (length, pixels) in [(1, 29), (20, 64), (400, 400), (400, 403), (2300, 1000)] {
        let symbol = encode(&token_like(length), Level::M).unwrap();
        let Placement { scale, offset } = symbol.placement(pixels).unwrap();
        let bitmap = symbol.to_bitmap(pixels).unwrap();
        assert_eq!(bitmap.len(), pixels * pixels.div_ceil(8));
        for y in 0..pixels {
            for x in 0..pixels {
                let inside = x >= offset && y >= offset;
                let dark = inside && symbol.is_dark((x - offset) / scale, (y - offset) / scale);
                let white = bitmap[y * pixels.div_ceil(8) + x / 8] >> (7 - x % 8) & 1 == 1;
                assert_eq!(white, !dark, "{length} {pixels} {x} {y}");
            }
        }
    }
    assert_eq!(encode("a", Level::M).unwrap().to_bitmap(28), None);
}

#[test]
fn the_svg_draws_exactly_the_dark_modules() {
    let symbol = encode("Latchkey", Level::M).unwrap();
    let svg = symbol.to_svg();
    assert!(
        svg.contains(r#"viewBox="0 0 29 29" shape-rendering="crispEdges""#),
        "{svg}"
    );
    let path = svg.rsplit(r#"d=""#).next().unwrap().trim_end_matches(r#""/></svg>"#);
    let mut drawn = vec![vec![false; 21]; 21];
    for run in path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (length, rest) = rest.split_once('v').unwrap();
        assert_eq!(rest, format!("1h-{length}z"));
        let (x, y, length): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
        drawn[y - QUIET_ZONE][x - QUIET_ZONE..][..length].fill(true);
    }
    assert_eq!(drawn, modules(&symbol));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_read_back(text in "[ -~]{1,300}") {
        prop_assert_eq!(read(&encode(&text, Level::M).unwrap(), 3), text);
    }
}
