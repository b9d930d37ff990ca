//! The kiosk's PIN as the server hands it out at enrolment: a hash that the kiosk checks without a network.
//!
//! Text form `pbkdf2-sha256$ROUNDS$SALT$HASH`, salt (16 bytes) and hash (32 bytes) in base64url without padding. PBKDF2, not Argon2id:
//! a PIN of a few digits does not withstand guessing by somebody who has the hash under any KDF, what protects it is the growing delay at the pad;
//! and Argon2 would cost the kiosk's page a tenth of its size.

use crate::error::{Problem, Refusal};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rounds new hashes get: about a tenth of a second on a cheap tablet.
pub const ROUNDS: u32 = 60_000;
/// What a stored hash may ask for at most, so that a damaged one cannot stall the kiosk.
const MOST_ROUNDS: u32 = 2_000_000;
const SCHEME: &str = "pbkdf2-sha256";

/// Refuses what is not 4 to 12 ASCII digits.
pub fn validate(pin: &str) -> Result<(), Refusal> {
    if pin.is_empty() {
        return Err(Refusal::field("pin", Problem::Required));
    }
    if !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::field("pin", Problem::Form));
    }
    match pin.len() {
        0..4 => Err(Refusal::field("pin", Problem::TooShort { min: 4 })),
        4..=12 => Ok(()),
        _ => Err(Refusal::field("pin", Problem::TooLong { max: 12 })),
    }
}

/// The text form of a PIN's hash, with a salt given by the caller.
pub fn hash(pin: &str, salt: [u8; 16]) -> String {
    with_rounds(pin, salt, ROUNDS)
}

/// The same with another number of rounds.
pub fn with_rounds(pin: &str, salt: [u8; 16], rounds: u32) -> String {
    let hash = pbkdf2::pbkdf2_hmac_array::<sha2::Sha256, 32>(pin.as_bytes(), &salt, rounds);
    format!(
        "{SCHEME}${rounds}${}${}",
        URL_SAFE_NO_PAD.encode(salt),
        URL_SAFE_NO_PAD.encode(hash)
    )
}

/// Is this the PIN? A hash that cannot be read matches nothing.
pub fn matches(pin: &str, hash: &str) -> bool {
    read(hash).is_some_and(|(rounds, salt, want)| {
        let got = pbkdf2::pbkdf2_hmac_array::<sha2::Sha256, 32>(pin.as_bytes(), &salt, rounds);
        // Every byte is looked at, so that the time says nothing about how many agree.
        got.iter().zip(&want).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    })
}

fn read(text: &str) -> Option<(u32, Vec<u8>, [u8; 32])> {
    let mut parts = text.split('$');
    let (scheme, rounds, salt, hash) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rounds: u32 = rounds.parse().ok()?;
    let sound = scheme == SCHEME && parts.next().is_none() && (1..=MOST_ROUNDS).contains(&rounds);
    if !sound {
        return None;
    }
    let hash = URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()?;
    Some((rounds, URL_SAFE_NO_PAD.decode(salt).ok()?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_pin_matches() {
        let hash = hash("24680", [7; 16]);
        assert!(hash.starts_with("pbkdf2-sha256$60000$"));
        assert!(matches("24680", &hash));
        assert!(!matches("24681", &hash));
        assert!(!matches("", &hash));
    }

    #[test]
    fn a_known_vector_of_pbkdf2_sha256_holds() {
        // RFC 7914, section 11: P = "passwd", S = "salt", c = 1, first 32 bytes.
        let got = pbkdf2::pbkdf2_hmac_array::<sha2::Sha256, 32>(b"passwd", b"salt", 1);
        assert_eq!(got[..4], [0x55, 0xac, 0x04, 0x6e]);
    }

    #[test]
    fn a_damaged_hash_matches_nothing_and_stalls_nothing() {
        for text in [
            "",
            "$",
            "pbkdf2-sha256$0$AA$AA",
            "pbkdf2-sha256$4000000000$AA$AA",
            "plain$1$AA$AA",
        ] {
            assert!(!matches("24680", text), "{text}");
        }
    }

    #[test]
    fn a_pin_is_four_to_twelve_digits() {
        assert!(validate("1234").is_ok());
        for bad in ["", "123", "1234567890123", "12a4", "１２３４"] {
            assert!(validate(bad).is_err(), "{bad}");
        }
    }
}
