//! The penalty of a masked symbol (ISO/IEC 18004, 7.8.3), on whole rows of bits at once.
//!
//! A run of five or more gives three points and one for each module over five; a block of two by two of one colour
//! three; a finder-like 1:1:3:1:1 with four light modules before or after it (the quiet zone counts as light) forty; every
//! full 5 % by which the share of dark modules differs from one half gives ten.

/// A row of modules, the leftmost in the lowest bit; bits beyond the width are clear.
type Row<const WORDS: usize> = [u64; WORDS];

/// Rows that a finder-like pattern and the light before and after it reach beyond one row.
const AROUND: usize = 4;
const MAX_WIDTH: usize = 177;

/// The penalty of a symbol of `width` rows.
pub(super) fn score<const WORDS: usize>(modules: &[Row<WORDS>], width: usize) -> u32 {
    let inside = low_bits(width);
    let joints = low_bits(width - 1);
    // Light rows around the symbol, so that looking beyond its edge needs no care.
    let mut rows = [[0; WORDS]; MAX_WIDTH + 2 * AROUND + 3];
    rows[AROUND..AROUND + width].copy_from_slice(modules);
    let mut score = 0;
    let mut dark = 0;
    let mut above = Above::new();
    for y in AROUND..AROUND + width {
        let row = rows[y];
        let beside = and(not(xor(row, right(row, 1))), joints);
        score += runs(beside) + finders_in(row);
        let same = if y + 1 < AROUND + width {
            and(not(xor(row, rows[y + 1])), inside)
        } else {
            [0; WORDS]
        };
        score += above.add(beside, same);
        if y + 7 <= AROUND + width {
            score += finders_down(&rows, y);
        }
        dark += count(row);
    }
    let total = (width * width) as u32;
    score + (dark * 20).abs_diff(total * 10) / total * 10
}

/// Points for the runs of one row, from which modules equal their right neighbours.
fn runs<const WORDS: usize>(beside: Row<WORDS>) -> u32 {
    let twice = and(beside, right(beside, 1));
    let five = and(twice, right(twice, 2));
    run_points(five, and(five, not(left(five, 1))))
}

/// `fives`: where five equal modules begin; `firsts`: those of them at the beginning of a run.
fn run_points<const WORDS: usize>(fives: Row<WORDS>, firsts: Row<WORDS>) -> u32 {
    if is_clear(fives) {
        return 0;
    }
    count(fives) + 2 * count(firsts)
}

/// What the rows above say about runs downwards and about blocks.
struct Above<const WORDS: usize> {
    /// Modules equal to the one below, of this row and the three above, the latest last.
    same: [Row<WORDS>; 4],
    fives: Row<WORDS>,
    /// Modules equal to their right neighbour and to the one below.
    corner: Row<WORDS>,
}

impl<const WORDS: usize> Above<WORDS> {
    fn new() -> Self {
        Self {
            same: [[0; WORDS]; 4],
            fives: [0; WORDS],
            corner: [0; WORDS],
        }
    }

    fn add(&mut self, beside: Row<WORDS>, same: Row<WORDS>) -> u32 {
        let blocks = count(and(self.corner, beside));
        self.corner = and(beside, same);
        self.same = [self.same[1], self.same[2], self.same[3], same];
        let fives = and(and(self.same[0], self.same[1]), and(self.same[2], self.same[3]));
        let firsts = and(fives, not(self.fives));
        self.fives = fives;
        blocks * 3 + run_points(fives, firsts)
    }
}

fn finders_in<const WORDS: usize>(row: Row<WORDS>) -> u32 {
    let light = not(row);
    let dark = and(and(row, right(row, 2)), and(right(row, 3), right(row, 4)));
    let found = and(and(dark, right(row, 6)), and(right(light, 1), right(light, 5)));
    if is_clear(found) {
        return 0;
    }
    let before = or(left(row, 1), left(row, 2));
    let after = or(right(row, 7), right(row, 8));
    let crowded = and(or(before, left(before, 2)), or(after, right(after, 2)));
    40 * count(and(found, not(crowded)))
}

fn finders_down<const WORDS: usize>(rows: &[Row<WORDS>], y: usize) -> u32 {
    let dark = and(and(rows[y], rows[y + 2]), and(rows[y + 3], rows[y + 4]));
    let found = and(and(dark, rows[y + 6]), not(or(rows[y + 1], rows[y + 5])));
    if is_clear(found) {
        return 0;
    }
    let any = |four: &[Row<WORDS>]| or(or(four[0], four[1]), or(four[2], four[3]));
    let crowded = and(any(&rows[y - 4..y]), any(&rows[y + 7..y + 11]));
    40 * count(and(found, not(crowded)))
}

fn low_bits<const WORDS: usize>(bits: usize) -> Row<WORDS> {
    std::array::from_fn(|word| match bits.saturating_sub(word * 64) {
        0 => 0,
        some @ 1..64 => (1 << some) - 1,
        _ => u64::MAX,
    })
}

fn and<const WORDS: usize>(a: Row<WORDS>, b: Row<WORDS>) -> Row<WORDS> {
    std::array::from_fn(|word| a[word] & b[word])
}

fn or<const WORDS: usize>(a: Row<WORDS>, b: Row<WORDS>) -> Row<WORDS> {
    std::array::from_fn(|word| a[word] | b[word])
}

fn xor<const WORDS: usize>(a: Row<WORDS>, b: Row<WORDS>) -> Row<WORDS> {
    std::array::from_fn(|word| a[word] ^ b[word])
}

fn not<const WORDS: usize>(a: Row<WORDS>) -> Row<WORDS> {
    a.map(|word| !word)
}

/// Each module takes the place of the one `by` to its left: what stands at the right comes in view.
fn right<const WORDS: usize>(row: Row<WORDS>, by: u32) -> Row<WORDS> {
    std::array::from_fn(|word| {
        let next = row.get(word + 1).map_or(0, |next| next << (64 - by));
        row[word] >> by | next
    })
}

/// The opposite of [`right`].
fn left<const WORDS: usize>(row: Row<WORDS>, by: u32) -> Row<WORDS> {
    std::array::from_fn(|word| {
        let last = word.checked_sub(1).map_or(0, |last| row[last] >> (64 - by));
        row[word] << by | last
    })
}

fn count<const WORDS: usize>(row: Row<WORDS>) -> u32 {
    row.iter().map(|word| word.count_ones()).sum()
}

fn is_clear<const WORDS: usize>(row: Row<WORDS>) -> bool {
    row.iter().all(|&word| word == 0)
}
