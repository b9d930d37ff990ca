//! The code that guards the one-time set-up page.

use backend::clock::Rng;
use islands::context::SetUp;
use std::sync::Arc;

/// Without letters and digits that are taken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A fresh code, 80 bits in four groups of four, and the guard that accepts it.
pub fn open(rng: &dyn Rng) -> (String, Arc<SetUp>) {
    let mut random = [0; 16];
    rng.fill(&mut random);
    let letters: Vec<char> = random
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let code = groups.join("-");
    (code.clone(), Arc::new(SetUp::new(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(at * 3 % 256).unwrap();
            }
        }
    }

    #[test]
    fn the_code_is_four_groups_of_four_and_is_accepted() {
        let (code, set_up) = open(&Counting);
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        assert!(set_up.accepts(&code));
    }
}
