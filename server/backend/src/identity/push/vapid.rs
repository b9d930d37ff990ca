//! Who sends, as push services are told (RFC 8292): a token signed by the key whose public half browsers subscribed with.

use crate::Result;
use crate::core::clock::Rng;
use crate::core::db::fault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use domain::ids::Millis;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use zeroize::Zeroizing;

/// A token is good for so long; a day is the most that services take.
const TOKEN_MS: i64 = 12 * 3_600_000;
const PRIVATE_BYTES: usize = 32;

/// The key pair of the deployment, and whom a push service may write to.
pub(super) struct Vapid {
    key: SigningKey,
    public: String,
    contact: String,
}

/// A fresh private key.
pub(super) fn fresh(rng: &dyn Rng) -> SecretKey {
    let mut bytes = Zeroizing::new([0; PRIVATE_BYTES]);
    loop {
        rng.fill(&mut *bytes);
        // All but one in four thousand million are keys.
        if let Ok(key) = SecretKey::from_slice(&*bytes) {
            return key;
        }
    }
}

impl Vapid {
    pub(super) fn new(secret: &SecretKey, contact: &str) -> Self {
        Self {
            key: SigningKey::from(secret),
            public: B64.encode(super::encryption::uncompressed(&secret.public_key())),
            contact: contact.to_owned(),
        }
    }

    /// The public key, as browsers take it.
    pub(super) fn public(&self) -> &str {
        &self.public
    }

    /// The header `Authorization` for the service at this origin.
    pub(super) fn authorization(&self, origin: &str, now: Millis) -> Result<String> {
        let claims = serde_json::json!({
            "aud": origin,
            "exp": now.plus(TOKEN_MS).0.div_euclid(1_000),
            "sub": self.contact,
        });
        let header = B64.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{header}.{}", B64.encode(serde_json::to_vec(&claims).map_err(fault)?));
        let signature: Signature = self.key.sign(signed.as_bytes());
        let signature = B64.encode(signature.to_bytes());
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::SystemRng;
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    #[test]
    fn a_token_is_for_one_service_for_half_a_day_and_signed() {
        let secret = fresh(&SystemRng);
        let vapid = Vapid::new(&secret, "mailto:ops@example.com");
        let header = vapid
            .authorization("https://push.example", Millis(1_772_442_000_000))
            .unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, vapid.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = Signature::from_slice(&B64.decode(signature).unwrap()).unwrap();
        let public = VerifyingKey::from(secret.public_key());
        public.verify(signed.as_bytes(), &signature).unwrap();
        assert!(public.verify(&signed.as_bytes()[1..], &signature).is_err());
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(B64.decode(header).unwrap(), br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims: serde_json::Value = serde_json::from_slice(&B64.decode(claims).unwrap()).unwrap();
        assert_eq!(
            claims,
            serde_json::json!({ "aud": "https://push.example", "exp": 1_772_485_200, "sub": "mailto:ops@example.com" })
        );
    }
}
