//! Card numbers as readers transmit them: bits with a parity at either end, and keys of a keypad.

/// What the bits of a card say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// 26 bits: eight of a facility, sixteen of a number.
    Bits26 {
        /// The facility.
        facility: u8,
        /// The number in it.
        number: u16,
    },
    /// 34 bits: a number of 32.
    Bits34 {
        /// The number.
        number: u32,
    },
}

impl Card {
    /// Reads `count` bits, left-justified in `bytes`; `None` for another number of bits, a wrong parity, or bits set after the last.
    pub fn read(bytes: &[u8], count: usize) -> Option<Self> {
        if !matches!(count, 26 | 34) || bytes.len() != count.div_ceil(8) {
            return None;
        }
        let all = bytes.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        let unused = bytes.len() * 8 - count;
        if all.trailing_zeros() < u32::try_from(unused).ok()? && all & ((1 << unused) - 1) != 0 {
            return None;
        }
        let bits = all >> unused;
        let half = count / 2;
        let (left, right) = (bits >> half, bits & ((1 << half) - 1));
        if !left.count_ones().is_multiple_of(2) || right.count_ones().is_multiple_of(2) {
            return None;
        }
        let [zero, one, two, three, ..] = (bits >> 1).to_le_bytes();
        Some(if count == 26 {
            Self::Bits26 {
                facility: two,
                number: u16::from_le_bytes([zero, one]),
            }
        } else {
            Self::Bits34 {
                number: u32::from_le_bytes([zero, one, two, three]),
            }
        })
    }

    /// The bits, left-justified, with their parity, and how many they are.
    pub fn write(self) -> (Vec<u8>, usize) {
        let (number, inner): (u64, usize) = match self {
            Self::Bits26 { facility, number } => (u64::from(facility) << 16 | u64::from(number), 24),
            Self::Bits34 { number } => (u64::from(number), 32),
        };
        let (left, right) = (number >> (inner / 2), number & ((1 << (inner / 2)) - 1));
        let even = u64::from(left.count_ones() % 2);
        let odd = u64::from(1 - right.count_ones() % 2);
        let count = inner + 2;
        let bits = even << (count - 1) | number << 1 | odd;
        let length = count.div_ceil(8);
        let justified = bits << (length * 8 - count);
        let bytes = justified.to_be_bytes();
        (bytes[bytes.len() - length..].to_vec(), count)
    }

    /// The number that a UHPPOTE controller makes of it: facility × 100000 + number.
    pub fn uhppote(self) -> Option<u32> {
        match self {
            Self::Bits26 { facility, number } => Some(u32::from(facility) * 100_000 + u32::from(number)),
            Self::Bits34 { .. } => None,
        }
    }
}

/// A key of a keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    /// `*`
    Star,
    /// `#`
    Hash,
}

impl Key {
    /// Four bits as they are, or eight with the inverse before them; `None` for anything else.
    pub fn read(value: u16, bits: usize) -> Option<Self> {
        let key = match bits {
            4 if value < 16 => value,
            8 if value < 256 && value >> 4 == !value & 0x0F => value & 0x0F,
            _ => return None,
        };
        match u8::try_from(key).ok()? {
            digit @ 0..=9 => Some(Self::Digit(digit)),
            10 => Some(Self::Star),
            11 => Some(Self::Hash),
            _ => None,
        }
    }
}
