//! The fountain: which pieces a frame is the XOR of, and the equations that give the pieces back.
//!
//! Choosing about half of the pieces and solving by elimination needs fewer frames than the sparse codes made for
//! thousands of pieces; with the tens of pieces of a token, solving costs nothing.

/// Which pieces a frame mixes, a bit each.
pub(super) type Choice = Vec<u64>;

const WORD: usize = 64;

/// The first frames carry one piece each, in order; every other a random choice that follows from its number.
pub(super) fn choice(id: u32, number: u32, pieces: usize) -> Choice {
    let mut chosen = vec![0; pieces.div_ceil(WORD)];
    let ordinal = number as usize;
    if ordinal < pieces {
        chosen[ordinal / WORD] = 1 << (ordinal % WORD);
        return chosen;
    }
    let mut state = u64::from(id) << 32 | u64::from(number);
    while chosen.iter().all(|&word| word == 0) {
        chosen.iter_mut().for_each(|word| *word = split_mix(&mut state));
        if let Some(last) = chosen.last_mut().filter(|_| !pieces.is_multiple_of(WORD)) {
            *last &= (1 << (pieces % WORD)) - 1;
        }
    }
    chosen
}

/// SplitMix64: small, and random enough that the equations are independent.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The XOR of the chosen pieces, which are all of one length.
pub(super) fn mix(chosen: &Choice, pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut mixed = vec![0; pieces.first().map_or(0, Vec::len)];
    for (_, piece) in pieces.iter().enumerate().filter(|&(at, _)| has(chosen, at)) {
        xor(&mut mixed, piece);
    }
    mixed
}

fn has(chosen: &[u64], at: usize) -> bool {
    chosen[at / WORD] >> (at % WORD) & 1 == 1
}

fn xor<T: Copy + std::ops::BitXorAssign>(into: &mut [T], other: &[T]) {
    into.iter_mut().zip(other).for_each(|(into, &other)| *into ^= other);
}

/// The equations so far: at each place one whose first piece is that place.
pub(super) struct Collector {
    piece_bytes: usize,
    known: usize,
    equations: Vec<Option<(Choice, Vec<u8>)>>,
}

impl Collector {
    pub(super) fn new(pieces: usize, piece_bytes: usize) -> Self {
        Self {
            piece_bytes,
            known: 0,
            equations: vec![None; pieces],
        }
    }

    pub(super) fn pieces(&self) -> usize {
        self.equations.len()
    }

    pub(super) fn piece_bytes(&self) -> usize {
        self.piece_bytes
    }

    pub(super) fn complete(&self) -> bool {
        self.known == self.equations.len()
    }

    pub(super) fn progress(&self) -> f64 {
        self.known as f64 / self.equations.len() as f64
    }

    /// Takes what the equations so far say out of this one; what is left, if anything, is new.
    pub(super) fn add(&mut self, mut chosen: Choice, piece: &[u8]) {
        let mut piece = piece.to_vec();
        for at in 0..self.equations.len() {
            if !has(&chosen, at) {
                continue;
            }
            match &self.equations[at] {
                Some((other, other_piece)) => {
                    xor(&mut chosen, other);
                    xor(&mut piece, other_piece);
                }
                None => {
                    self.equations[at] = Some((chosen, piece));
                    self.known += 1;
                    return;
                }
            }
        }
    }

    /// All pieces in a row, once complete. The equations are used up.
    pub(super) fn solve(&mut self) -> Vec<u8> {
        let mut whole = vec![0; self.equations.len() * self.piece_bytes];
        for at in (0..self.equations.len()).rev() {
            let Some((chosen, mut piece)) = self.equations[at].take() else {
                continue;
            };
            for later in (at + 1..self.equations.len()).filter(|&later| has(&chosen, later)) {
                xor(&mut piece, &whole[later * self.piece_bytes..][..self.piece_bytes]);
            }
            whole[at * self.piece_bytes..][..self.piece_bytes].copy_from_slice(&piece);
        }
        self.known = 0;
        whole
    }
}
