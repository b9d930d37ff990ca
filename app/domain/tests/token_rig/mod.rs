//! What tests and benches of tokens seal with.

use domain::token::TokenKey;

pub const SECRET: &[u8] = b"q7Yw2mZr0fJk9cTn4vXs6bHd1gLp8uEa";

pub fn key() -> TokenKey {
    TokenKey::new(SECRET)
}

/// Bytes that look random: the same in every run, and others with another seed.
pub fn random(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed;
    move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}
