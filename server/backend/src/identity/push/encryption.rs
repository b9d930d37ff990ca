//! The body of a push message: only the browser it is for can read it (RFC 8291, in the form of RFC 8188).

use aes_gcm::aead::Aead;
use aes_gcm::{Aes128Gcm, KeyInit};
use domain::push::{PushKey, PushSecret};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;

/// The largest record; ours has one.
const RECORD_BYTES: u32 = 4_096;
/// Messages are filled up to a multiple of this, so that their lengths tell nothing.
pub(super) const FILLED_TO: usize = 256;
pub(super) const SALT_BYTES: usize = 16;
const CIPHER_KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
/// Behind the text of the last record, before what it is filled up with.
const END: u8 = 2;

/// The point of a browser's key, if it is one.
pub(super) fn point(key: &PushKey) -> Option<PublicKey> {
    PublicKey::from_sec1_bytes(&key.0).ok()
}

/// A public key as it is sent: the uncompressed point.
pub(super) fn uncompressed(key: &PublicKey) -> Vec<u8> {
    key.to_sec1_bytes().to_vec()
}

/// Encrypts for the browser with these keys. `own` and `salt` are random, and used for this message alone.
pub(super) fn encrypt(
    key: &PublicKey,
    secret: &PushSecret,
    own: &SecretKey,
    salt: &[u8; SALT_BYTES],
    plain: &[u8],
    filled_to: usize,
) -> Option<Vec<u8>> {
    let (theirs, ours) = (uncompressed(key), uncompressed(&own.public_key()));
    let shared = own.diffie_hellman(key);
    let info = [b"WebPush: info\0", &theirs[..], &ours[..]].concat();
    let mut material = [0; 32];
    let combined = Hkdf::<Sha256>::new(Some(&secret.0), shared.raw_secret_bytes());
    combined.expand(&info, &mut material).ok()?;
    let derived = Hkdf::<Sha256>::new(Some(salt), &material);
    let (mut cipher_key, mut nonce) = ([0; CIPHER_KEY_BYTES], [0; NONCE_BYTES]);
    derived.expand(b"Content-Encoding: aes128gcm\0", &mut cipher_key).ok()?;
    derived.expand(b"Content-Encoding: nonce\0", &mut nonce).ok()?;
    let mut text = plain.to_vec();
    text.push(END);
    if filled_to > 0 {
        text.resize(text.len().next_multiple_of(filled_to), 0);
    }
    let cipher = Aes128Gcm::new_from_slice(&cipher_key).ok()?;
    let sealed = cipher.encrypt(&nonce.into(), &text[..]).ok()?;
    let mut body = salt.to_vec();
    body.extend(RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(ours.len()).ok()?);
    body.extend(ours);
    body.extend(sealed);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

    fn key() -> PushKey {
        let text = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        PushKey::try_from(text.to_owned()).unwrap()
    }

    fn secret() -> PushSecret {
        PushSecret::try_from("BTBZMqHH6r4Tts7J_aSIgg".to_owned()).unwrap()
    }

    fn own() -> SecretKey {
        SecretKey::from_slice(&B64.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap()).unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_standard_is_encrypted_as_written_there() {
        let salt: [u8; SALT_BYTES] = B64.decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let body = encrypt(&point(&key()).unwrap(), &secret(), &own(), &salt, plain, 0).unwrap();
        assert_eq!(
            B64.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn texts_of_different_lengths_are_equally_long_on_the_way() {
        let length = |plain: &[u8]| {
            let body = encrypt(&point(&key()).unwrap(), &secret(), &own(), &[7; 16], plain, FILLED_TO);
            body.unwrap().len()
        };
        assert_eq!(length(b"{}"), length(&[b'x'; 200]));
        assert!(length(&[b'x'; 256]) > length(&[b'x'; 255]));
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_is_none() {
        let mut wrong = key();
        wrong.0[64] ^= 1;
        assert!(point(&wrong).is_none());
    }
}
