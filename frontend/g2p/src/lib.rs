//! Arithmetic in GF(2^4) and GF(2^8) for the QR decoder `rqrr`.
//!
//! `rqrr` takes it from the crate `g2p`, which writes out whole multiplication tables: 128 KB that hardly compress (84 KB of
//! Brotli, the rest of the decoder is 15 KB). The workspace puts this crate in its place, with the same names as far as `rqrr`
//! uses them, over logarithm tables of 768 bytes.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub, SubAssign};

/// A finite field, as much of it as `rqrr` uses.
pub trait GaloisField:
    Copy
    + PartialEq
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + MulAssign
    + Div<Output = Self>
{
    /// The neutral element of addition.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;
    /// Its powers are all elements but zero.
    const GENERATOR: Self;

    /// This element to the power `exponent`.
    fn pow(self, exponent: usize) -> Self;
}

/// Powers and logarithms of the generator 2.
pub struct Tables {
    /// How many elements there are, but zero.
    order: usize,
    /// The powers, twice over, so that the sum of two logarithms needs no reduction.
    powers: [u8; 512],
    logarithms: [u8; 256],
}

impl Tables {
    /// The tables of GF(2^`bits`) modulo the polynomial given, of which 2 must be a generator.
    pub const fn new(bits: u32, modulus: usize) -> Self {
        let order = (1 << bits) - 1;
        let mut tables = Self {
            order,
            powers: [0; 512],
            logarithms: [0; 256],
        };
        let (mut power, mut exponent) = (1, 0);
        while exponent < 2 * order {
            tables.powers[exponent] = power as u8;
            if exponent < order {
                tables.logarithms[power] = exponent as u8;
            }
            power <<= 1;
            if power > order {
                power ^= modulus;
            }
            exponent += 1;
        }
        tables
    }

    /// The product.
    pub fn multiply(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.powers[self.logarithm(a) + self.logarithm(b)]
    }

    /// The quotient; of zero, and by zero, zero.
    pub fn divide(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.powers[self.logarithm(a) + self.order - self.logarithm(b)]
    }

    /// The power.
    pub fn power(&self, a: u8, exponent: usize) -> u8 {
        match (a, exponent) {
            (_, 0) => 1,
            (0, _) => 0,
            _ => self.powers[self.logarithm(a) * (exponent % self.order) % self.order],
        }
    }

    fn logarithm(&self, a: u8) -> usize {
        usize::from(self.logarithms[usize::from(a)])
    }
}

/// Declares a field: `g2p!(GF16, 4, modulus: 0b1_0011);`
#[macro_export]
macro_rules! g2p {
    ($name:ident, $bits:literal, modulus: $modulus:literal) => {
        /// An element of the field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub u8);

        const _: () = {
            use ::core::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub, SubAssign};

            static TABLES: $crate::Tables = $crate::Tables::new($bits, $modulus);

            impl $crate::GaloisField for $name {
                const ZERO: Self = Self(0);
                const ONE: Self = Self(1);
                const GENERATOR: Self = Self(2);

                fn pow(self, exponent: usize) -> Self {
                    Self(TABLES.power(self.0, exponent))
                }
            }

            #[expect(
                clippy::suspicious_arithmetic_impl,
                reason = "adding in a field of characteristic two is exclusive or"
            )]
            impl Add for $name {
                type Output = Self;
                fn add(self, other: Self) -> Self {
                    Self(self.0 ^ other.0)
                }
            }

            #[expect(
                clippy::suspicious_arithmetic_impl,
                reason = "adding in a field of characteristic two is exclusive or"
            )]
            impl Sub for $name {
                type Output = Self;
                fn sub(self, other: Self) -> Self {
                    Self(self.0 ^ other.0)
                }
            }

            impl Mul for $name {
                type Output = Self;
                fn mul(self, other: Self) -> Self {
                    Self(TABLES.multiply(self.0, other.0))
                }
            }

            impl Div for $name {
                type Output = Self;
                fn div(self, other: Self) -> Self {
                    Self(TABLES.divide(self.0, other.0))
                }
            }

            impl AddAssign for $name {
                fn add_assign(&mut self, other: Self) {
                    *self = *self + other;
                }
            }

            impl SubAssign for $name {
                fn sub_assign(&mut self, other: Self) {
                    *self = *self - other;
                }
            }

            impl MulAssign for $name {
                fn mul_assign(&mut self, other: Self) {
                    *self = *self * other;
                }
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    g2p!(GF16, 4, modulus: 0b1_0011);
    g2p!(GF256, 8, modulus: 0b1_0001_1101);

    /// Multiplication as it is defined: shift, add, reduce.
    fn slow(a: u8, b: u8, bits: u32, modulus: u32) -> u8 {
        let mut product = (0..bits)
            .filter(|bit| b >> bit & 1 == 1)
            .fold(0, |sum, bit| sum ^ u32::from(a) << bit);
        for bit in (bits..2 * bits).rev() {
            if product >> bit & 1 == 1 {
                product ^= modulus << (bit - bits);
            }
        }
        u8::try_from(product).unwrap()
    }

    #[test]
    fn products_are_those_of_the_definition_and_quotients_undo_them() {
        for a in 0..=255 {
            for b in 0..=255 {
                let product = GF256(a) * GF256(b);
                assert_eq!(product.0, slow(a, b, 8, 0b1_0001_1101));
                assert!(b == 0 || product / GF256(b) == GF256(a));
                if a < 16 && b < 16 {
                    assert_eq!((GF16(a) * GF16(b)).0, slow(a, b, 4, 0b1_0011));
                }
            }
        }
    }

    #[test]
    fn powers_are_repeated_products() {
        let mut power = GF256::ONE;
        for exponent in 0..1_000 {
            assert_eq!(GF256::GENERATOR.pow(exponent), power);
            power *= GF256::GENERATOR;
        }
        assert_eq!((GF16::ZERO.pow(0), GF16::ZERO.pow(5)), (GF16::ONE, GF16::ZERO));
    }
}
