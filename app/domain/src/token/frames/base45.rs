//! Base45 (RFC 9285): bytes in the characters QR codes hold most densely, three for two.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Appends the text form of `bytes`. Its last character is never the blank, which some scanners drop.
pub(super) fn encode(bytes: &[u8], text: &mut String) {
    let digit = |value: u32| char::from(ALPHABET[(value % 45) as usize]);
    text.reserve(bytes.len().div_ceil(2) * 3);
    let (pairs, last) = bytes.as_chunks::<2>();
    for &pair in pairs {
        let value = u32::from(u16::from_be_bytes(pair));
        text.extend([digit(value), digit(value / 45), digit(value / 2025)]);
    }
    if let &[byte] = last {
        text.extend([digit(byte.into()), digit(u32::from(byte) / 45)]);
    }
}

/// The inverse of [`encode`]; `None` for anything it did not make.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut value = 0;
        for &byte in group.iter().rev() {
            value = value * 45 + digit(byte)?;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => (36..)
            .zip(&ALPHABET[36..])
            .find(|&(_, &known)| known == byte)
            .map(|(value, _)| value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut text = String::new();
        encode(bytes, &mut text);
        text
    }

    #[test]
    fn examples_of_the_rfc() {
        for (plain, coded) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
        ] {
            assert_eq!(text(plain.as_bytes()), coded);
            assert_eq!(decode(coded).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn every_pair_comes_back_and_never_ends_in_a_blank() {
        for value in 0..=u16::MAX {
            let bytes = value.to_be_bytes();
            assert_eq!(decode(&text(&bytes)).as_deref(), Some(&bytes[..]));
            assert!(!text(&bytes).ends_with(' ') && !text(&bytes[..1]).ends_with(' '));
        }
    }

    #[test]
    fn what_is_not_base45_is_refused() {
        for bad in ["A", "GGW", "::::", "ab0", "0é", ":::"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
