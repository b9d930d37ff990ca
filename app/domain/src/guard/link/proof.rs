//! How guard and node prove to each other that they know the device key, without sending it: HMAC-SHA256 over the role, both sides'
//! nonces and the guard's id, each with its length in front. A proof is good for one connection, and neither side's for the other.

use crate::guard::ids::GuardId;
use crate::token::Random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

const NONCE_BYTES: usize = 32;

/// The key of one device, from the inventory: a text of 12 to 128 printable ASCII characters. Prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceKey(String);

impl DeviceKey {
    /// `None` unless it is 12 to 128 printable ASCII characters without spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (12..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// A new one: 32 random bytes, base64url.
    pub fn generate(random: &mut Random) -> Self {
        Self(random_text(random))
    }

    /// The text, for sealing it at rest.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey")
    }
}

/// A text used once: 32 random bytes, base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    pub fn generate(random: &mut Random) -> Self {
        Self(random_text(random))
    }

    /// Is it as long as ours are? A shorter one could repeat.
    pub fn is_sound(&self) -> bool {
        (NONCE_BYTES..=128).contains(&self.0.len())
    }
}

fn random_text(random: &mut Random) -> String {
    let mut bytes = [0; NONCE_BYTES];
    random(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prover {
    /// The guard, in its hello.
    Device,
    /// The node, in its welcome.
    Node,
}

/// What one connection's proofs are made over.
#[derive(Clone, Copy, Debug)]
pub struct Handshake<'a> {
    /// Which guard.
    pub guard_id: &'a GuardId,
    /// The nonce of the challenge.
    pub node_nonce: &'a Nonce,
    /// The nonce of the hello.
    pub device_nonce: &'a Nonce,
}

impl Handshake<'_> {
    /// The proof, base64url.
    pub fn prove(&self, key: &DeviceKey, prover: Prover) -> String {
        self.mac(key, prover)
            .map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
            .unwrap_or_default()
    }

    /// Is it that side's proof? Compares in constant time.
    pub fn verify(&self, key: &DeviceKey, prover: Prover, proof: &str) -> bool {
        let Ok(proof) = URL_SAFE_NO_PAD.decode(proof) else {
            return false;
        };
        self.mac(key, prover)
            .is_some_and(|mac| mac.verify_slice(&proof).is_ok())
    }

    /// HMAC takes a key of any length, so this is never `None`.
    fn mac(&self, key: &DeviceKey, prover: Prover) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.0.as_bytes()).ok()?;
        let role = match prover {
            Prover::Device => "device",
            Prover::Node => "node",
        };
        for part in [
            super::SUBPROTOCOL,
            role,
            &self.node_nonce.0,
            &self.device_nonce.0,
            self.guard_id.as_str(),
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Some(mac)
    }
}
