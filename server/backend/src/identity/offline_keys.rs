//! The key under which a phone keeps what it needs without network, one for each person and browser.
//!
//! The browser holds it as a key that scripts cannot read out, and forgets it when its person signs out. What it encrypted and nobody has sent yet
//! stays on the phone; beside it lies the same key, sealed by the server for this person alone, which opens it again after they signed in there.

use crate::core::keys::random_text;
use crate::{Backend, Result};
use domain::people::Person;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// Longer texts were not made here.
const SEALED_MAX: usize = 512;

/// A key, and the same sealed.
pub struct OfflineKey {
    /// 32 bytes in base64url. Only for the browser that asked.
    pub key: Zeroizing<String>,
    /// For the browser to keep and to bring back.
    pub sealed: String,
}

/// The key in `sealed`, where it is one of this person's; else a fresh one.
pub fn open(b: &Backend, who: &Person, sealed: &str) -> Result<OfflineKey> {
    let context = format!("offline key {}", who.phone);
    let known = (!sealed.is_empty() && sealed.len() <= SEALED_MAX).then(|| b.keys().try_open_text(&context, sealed));
    if let Some(key) = known.flatten() {
        return Ok(OfflineKey {
            key: Zeroizing::new(key),
            sealed: sealed.to_owned(),
        });
    }
    let key = Zeroizing::new(random_text::<KEY_BYTES>(b.rng()));
    let sealed = b.keys().seal(b.rng(), &context, key.as_bytes())?;
    Ok(OfflineKey { key, sealed })
}
