//! The Java TEA text form in which sign 26 carries a password (guard-seed, sign 26; SPEC 4.3). It hides nothing from anybody who reads
//! this page: the key is fixed and public. It is read because the field's clients send it.

const KEY: [i32; 4] = [1, 2, 3, 4];
const ROUNDS: i32 = 32;
/// 0x9E3779B9 as the signed word Java knows.
const DELTA: i32 = -0x61C8_8647;
const BLOCK: usize = 8;
/// Longer texts are refused: no password reaches this.
const MOST_CHARACTERS: usize = 6_000;

/// The mixing step; the shift keeps the sign, which is what sets this variant apart.
fn mix(word: i32, sum: i32, left: i32, right: i32) -> i32 {
    (word << 4).wrapping_add(left) ^ word.wrapping_add(sum) ^ (word >> 5).wrapping_add(right)
}

fn encipher(block: [u8; BLOCK]) -> [u8; BLOCK] {
    let (mut y, mut z) = words(block);
    let mut sum = 0i32;
    for _ in 0..ROUNDS {
        sum = sum.wrapping_add(DELTA);
        y = y.wrapping_add(mix(z, sum, KEY[0], KEY[1]));
        z = z.wrapping_add(mix(y, sum, KEY[2], KEY[3]));
    }
    bytes(y, z)
}

fn decipher(block: [u8; BLOCK]) -> [u8; BLOCK] {
    let (mut y, mut z) = words(block);
    let mut sum = DELTA.wrapping_mul(ROUNDS);
    for _ in 0..ROUNDS {
        z = z.wrapping_sub(mix(y, sum, KEY[2], KEY[3]));
        y = y.wrapping_sub(mix(z, sum, KEY[0], KEY[1]));
        sum = sum.wrapping_sub(DELTA);
    }
    bytes(y, z)
}

fn words([a, b, c, d, e, f, g, h]: [u8; BLOCK]) -> (i32, i32) {
    (i32::from_be_bytes([a, b, c, d]), i32::from_be_bytes([e, f, g, h]))
}

fn bytes(y: i32, z: i32) -> [u8; BLOCK] {
    let ([a, b, c, d], [e, f, g, h]) = (y.to_be_bytes(), z.to_be_bytes());
    [a, b, c, d, e, f, g, h]
}

/// `text` in the TEA text form.
pub fn encode(text: &str) -> String {
    let pad = BLOCK - text.len() % BLOCK;
    let mut plain = vec![0u8; pad];
    plain[0] = u8::try_from(pad).unwrap_or(0);
    plain.extend_from_slice(text.as_bytes());
    let (blocks, _) = plain.as_chunks::<BLOCK>();
    let mut out = String::with_capacity(plain.len() * 3);
    for byte in blocks.iter().flat_map(|block| encipher(*block)) {
        let signed = byte.cast_signed();
        out.push_str(&format!("{:02x}{}", signed.unsigned_abs(), i32::from(signed < 0)));
    }
    out
}

/// The text behind a TEA text form; `None` if the text is not in this form, or holds no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    if text.len() > MOST_CHARACTERS {
        return None;
    }
    let (triples, rest) = text.as_bytes().as_chunks::<3>();
    let sealed = triples.iter().map(byte_of).collect::<Option<Vec<u8>>>()?;
    let (blocks, left_over) = sealed.as_chunks::<BLOCK>();
    if !rest.is_empty() || !left_over.is_empty() {
        return None;
    }
    let plain: Vec<u8> = blocks.iter().flat_map(|block| decipher(*block)).collect();
    let pad = usize::from(*plain.first()?);
    if !(1..=BLOCK).contains(&pad) || plain.get(1..pad)?.iter().any(|byte| *byte != 0) {
        return None;
    }
    String::from_utf8(plain.get(pad..)?.to_vec()).ok()
}

/// Two hexadecimal digits of the amount, then the sign; what no byte is written as is refused.
fn byte_of(triple: &[u8; 3]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let amount = u8::try_from(digit(triple[0])? * 16 + digit(triple[1])?).ok()?;
    match (triple[2], amount) {
        (b'0', 0..=127) => Some(amount),
        (b'1', 1..=128) => Some(amount.wrapping_neg()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_the_specification_hold() {
        for (text, form) in [
            ("123456", "4e16702400810101514c04f0"),
            ("abcd1234", "2700304515a02c16411f06e10212403c16104300c14b1031"),
            ("a", "7d03404d06a05d03511406b0"),
        ] {
            assert_eq!(encode(text), form);
            assert_eq!(decode(form).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let good = encode("123456");
        for text in ["", "4e1", "4e16702400810101514c04f", "zz1", &good[..21], "800", "001"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode(&good.replace("4e1", "4e2")), None);
        assert_eq!(decode(&"000".repeat(8)), None);
        assert_eq!(decode(&"0".repeat(9_000)), None);
        assert_eq!(decode("门禁门禁门禁门禁"), None);
    }

    proptest! {
        #[test]
        fn a_text_comes_back(text in "\\PC{0,60}") {
            let form = encode(&text);
            prop_assert!(form.is_ascii());
            prop_assert_eq!(form.len() % 24, 0);
            prop_assert_eq!(decode(&form), Some(text));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9a-f]{0,96}|\\PC{0,60}") {
            decode(&text);
        }
    }
}
