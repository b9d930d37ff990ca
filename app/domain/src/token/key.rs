//! The keys made from a kiosk's secret.

use super::{Random, hs256};
use crate::error::Refusal;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;

const INFO: &[u8] = b"latchkey/qr/aes-256-gcm/v1";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Signs, verifies, encrypts and decrypts the tokens of one kiosk. Cheap to clone; prints nothing of the secret.
#[derive(Clone)]
pub struct TokenKey(Arc<Keys>);

struct Keys {
    signing: EncodingKey,
    verifying: DecodingKey,
    cipher: Aes256Gcm,
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

impl TokenKey {
    /// From the bytes of the kiosk's secret, in the text form in which it is typed in.
    pub fn new(secret: &[u8]) -> Self {
        hs256::install();
        let mut aes_key = aes_gcm::Key::<Aes256Gcm>::default();
        // Expanding to 32 bytes cannot fail: the limit of HKDF is 255 times the hash's length.
        let _within_limit = Hkdf::<Sha256>::new(None, secret).expand(INFO, &mut aes_key);
        Self(Arc::new(Keys {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            cipher: Aes256Gcm::new(&aes_key),
        }))
    }

    /// The signature of `message`, base64url.
    pub(super) fn sign(&self, message: &str) -> Result<String, Refusal> {
        crypto::sign(message.as_bytes(), &self.0.signing, Algorithm::HS256).map_err(|_| Refusal::Internal)
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, message: &str, signature: &str) -> Result<(), Refusal> {
        match crypto::verify(signature, message.as_bytes(), &self.0.verifying, Algorithm::HS256) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Refusal::CodeDamaged),
        }
    }

    /// The signature of `message` itself.
    pub(super) fn mac(&self, message: &str) -> Result<[u8; 32], Refusal> {
        let signature = URL_SAFE_NO_PAD.decode(self.sign(message)?);
        let bytes = signature.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(Refusal::Internal)
    }

    /// base64url of nonce, ciphertext and tag.
    // Once in a wasm file, not at every use: the cipher's rounds are several kilobytes.
    #[inline(never)]
    pub(super) fn encrypt(&self, plain: &[u8], associated: &str, random: &mut Random) -> Result<String, Refusal> {
        let mut nonce = Nonce::<Aes256Gcm>::default();
        random(&mut nonce);
        let mut sealed = Vec::with_capacity(NONCE_BYTES + plain.len() + TAG_BYTES);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .0
            .cipher
            .encrypt_inout_detached(&nonce, associated.as_bytes(), (&mut sealed[NONCE_BYTES..]).into())
            .map_err(|_| Refusal::Internal)?;
        sealed.extend_from_slice(&tag);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The inverse of [`TokenKey::encrypt`].
    #[inline(never)]
    pub(super) fn decrypt(&self, sealed: &str, associated: &str) -> Result<Vec<u8>, Refusal> {
        let damaged = |_| Refusal::CodeDamaged;
        let mut sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Refusal::CodeDamaged)?;
        let (nonce, rest) = sealed
            .split_first_chunk_mut::<NONCE_BYTES>()
            .ok_or(Refusal::CodeDamaged)?;
        let (text, tag) = rest.split_last_chunk_mut::<TAG_BYTES>().ok_or(Refusal::CodeDamaged)?;
        let nonce = Nonce::<Aes256Gcm>::from(*nonce);
        let tag = Tag::<Aes256Gcm>::from(*tag);
        self.0
            .cipher
            .decrypt_inout_detached(&nonce, associated.as_bytes(), text.into(), &tag)
            .map_err(damaged)?;
        let end = sealed.len() - TAG_BYTES;
        sealed.truncate(end);
        sealed.drain(..NONCE_BYTES);
        Ok(sealed)
    }
}
