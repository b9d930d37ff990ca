//! The master key, what is sealed under it (kiosk secrets, compartment passwords, the content of scanned codes), and the key derived
//! from it that signs owners' tokens.

use crate::Result;
use crate::core::OpenError;
use crate::core::clock::Rng;
use crate::core::db::fault;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use domain::error::Refusal;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Names the environment variable that takes the place of the key file.
pub const MASTER_KEY_VARIABLE: &str = "LATCHKEY_MASTER_KEY";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const SIGNING: &[u8] = b"latchkey/access/hs256/v1";
const CHECK: &str = "key-check";

/// Seals and opens. Several keys may be given, one a line (or separated by commas in the environment): the first seals, each opens
/// what it sealed, so a key can be replaced while old rows still exist.
pub(crate) struct Keys {
    all: Vec<Key>,
    /// The key file, if it was made for this.
    made: Option<PathBuf>,
}

struct Key {
    id: String,
    cipher: Aes256Gcm,
    digest_key: Zeroizing<[u8; KEY_BYTES]>,
    signing: Hmac<Sha256>,
    /// Everything was sealed under a newer one since: what this one signed counts no more. It still opens, for archives and old backups.
    retired: bool,
}

/// Where the key file is.
fn file_in(data_dir: &Path) -> PathBuf {
    data_dir.join("master.key")
}

/// Whether there is a key file, so that there was a deployment.
pub(crate) fn has_file(data_dir: &Path) -> bool {
    file_in(data_dir).exists()
}

/// What becomes of a sealed value when the keys change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resealed {
    /// It is sealed under the first key already.
    Current,
    /// The same under the first key.
    Fresh(String),
    /// No key opens it, and none ever will. It is marked with the first key, so that nobody keeps an older one for its sake.
    Damaged(String),
}

/// Characters of the id of a key, with which every sealed value begins; a point is behind it.
pub(crate) const ID_LENGTH: usize = 8;

impl Keys {
    /// From the environment, else from `master.key` in `data_dir`, which is made when missing.
    pub(crate) fn load(data_dir: &Path, rng: &dyn Rng) -> std::result::Result<Self, OpenError> {
        if let Some(keys) = Self::find(data_dir)? {
            return Ok(keys);
        }
        let path = file_in(data_dir);
        let io = |source| OpenError::Io {
            path: path.display().to_string(),
            source,
        };
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rng.fill(&mut *key);
        let text = Zeroizing::new(format!("{}\n", B64.encode(*key)));
        if write_new(&path, &text, rng).map_err(io)? {
            let keys = Self::parse(&text)?;
            Ok(Self {
                made: Some(path),
                ..keys
            })
        } else {
            // Another process was faster; its key counts.
            Self::parse(&Zeroizing::new(std::fs::read_to_string(&path).map_err(io)?))
        }
    }

    /// The same where there are keys already; `None`: there are none.
    pub(crate) fn find(data_dir: &Path) -> std::result::Result<Option<Self>, OpenError> {
        if let Some(text) = std::env::var_os(MASTER_KEY_VARIABLE).filter(|text| !text.is_empty()) {
            let not_text = |_| OpenError::MasterKey(format!("{MASTER_KEY_VARIABLE} is not text"));
            return Self::parse(&Zeroizing::new(text.into_string().map_err(not_text)?)).map(Some);
        }
        let path = file_in(data_dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&Zeroizing::new(text)).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(OpenError::Io {
                path: path.display().to_string(),
                source,
            }),
        }
    }

    fn parse(text: &str) -> std::result::Result<Self, OpenError> {
        let wrong = || OpenError::MasterKey("expected 32 bytes in base64url, 43 characters".to_owned());
        let all = text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let bytes = Zeroizing::new(B64.decode(line).map_err(|_| wrong())?);
                let bytes: Zeroizing<[u8; KEY_BYTES]> =
                    Zeroizing::new(bytes.as_slice().try_into().map_err(|_| wrong())?);
                let cipher = Aes256Gcm::new_from_slice(&*bytes).map_err(|_| wrong())?;
                let id = B64.encode(&Sha256::digest(*bytes)[..6]);
                let mut derived = Zeroizing::new([0; KEY_BYTES]);
                Hkdf::<Sha256>::new(None, &*bytes)
                    .expand(SIGNING, &mut *derived)
                    .map_err(|_| wrong())?;
                let signing = <Hmac<Sha256> as KeyInit>::new_from_slice(&*derived).map_err(|_| wrong())?;
                Ok(Key {
                    id,
                    cipher,
                    digest_key: bytes,
                    signing,
                    retired: false,
                })
            })
            .collect::<std::result::Result<Vec<_>, OpenError>>()?;
        if all.is_empty() {
            Err(wrong())
        } else {
            Ok(Self { all, made: None })
        }
    }

    /// For each key a value that tells it from others and gives nothing of it away.
    pub(crate) fn checks(&self) -> Result<Vec<String>> {
        self.all.iter().map(|key| key.digest(CHECK, "")).collect()
    }

    /// How each sealed value begins, key by key, the first key first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|key| key.id.as_str())
    }

    /// Lets no key sign any more whose check is not among these.
    pub(crate) fn retire_but(&mut self, known: &[&str]) -> Result<()> {
        for key in &mut self.all {
            let check = key.digest(CHECK, "")?;
            key.retired = !known.contains(&check.as_str());
        }
        Ok(())
    }

    /// The same value under the first key.
    pub(crate) fn reseal(&self, rng: &dyn Rng, context: &str, sealed: &str) -> Result<Resealed> {
        let first = self.ids().next().ok_or(Refusal::Internal)?;
        let (id, rest) = sealed.split_once('.').unwrap_or_default();
        if id == first {
            return Ok(Resealed::Current);
        }
        match self
            .all
            .iter()
            .find(|key| key.id == id)
            .and_then(|key| key.open(context, rest))
        {
            Some(plain) => self.seal(rng, context, &plain).map(Resealed::Fresh),
            None => Ok(Resealed::Damaged(format!("{first}.{rest}"))),
        }
    }

    /// Was this sealed by one of these keys?
    pub(crate) fn sealed(&self, sealed: &str) -> bool {
        let id = sealed.split_once('.').map(|(id, _)| id);
        self.all.iter().any(|key| Some(key.id.as_str()) == id)
    }

    /// Removes the key file again, if it was made for this.
    pub(crate) fn forget_if_just_made(&self) {
        if let Some(path) = &self.made
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(path = %path.display(), %error, "a new master key that is of no use is still there");
        }
    }

    /// `context` says what and whose this is; the same text is needed to open it, so that a row's value is worth nothing in another row.
    pub(crate) fn seal(&self, rng: &dyn Rng, context: &str, plain: &[u8]) -> Result<String> {
        let key = self.all.first().ok_or(Refusal::Internal)?;
        let mut nonce = [0; NONCE_BYTES];
        rng.fill(&mut nonce);
        let payload = Payload {
            msg: plain,
            aad: context.as_bytes(),
        };
        let sealed = key.cipher.encrypt(&nonce.into(), payload).map_err(fault)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{}.{}", key.id, B64.encode(bytes)))
    }

    /// The inverse of [`Keys::seal`].
    pub(crate) fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        let plain = self.try_open(context, sealed);
        plain.ok_or_else(|| fault(format!("a sealed value of {context} cannot be opened")))
    }

    /// The same for a value that may be damaged without that being a fault of the request.
    pub(crate) fn try_open(&self, context: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (id, text) = sealed.split_once('.')?;
        let key = self.all.iter().find(|key| key.id == id)?;
        key.open(context, text)
    }

    /// [`Keys::try_open`] for text.
    pub(crate) fn try_open_text(&self, context: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.try_open(context, sealed)?.to_vec()).ok()
    }

    /// A hash that nobody can compute without the master key, for short codes.
    pub(crate) fn digest(&self, context: &str, text: &str) -> Result<String> {
        self.all.first().ok_or(Refusal::Internal)?.digest(context, text)
    }

    /// HMAC-SHA256 in base64url, under a key derived from the master key for signing alone.
    pub(crate) fn sign(&self, message: &str) -> Result<String> {
        let key = self.all.first().ok_or(Refusal::Internal)?;
        let mac = key.signing.clone().chain_update(message.as_bytes());
        Ok(B64.encode(mac.finalize().into_bytes()))
    }

    /// Did any of these keys sign this? Compares in constant time.
    pub(crate) fn signed(&self, message: &str, signature: &str) -> bool {
        let Ok(signature) = B64.decode(signature) else {
            return false;
        };
        self.all.iter().filter(|key| !key.retired).any(|key| {
            let mac = key.signing.clone().chain_update(message.as_bytes());
            mac.verify_slice(&signature).is_ok()
        })
    }
}

impl Key {
    /// What stands behind the id of this key.
    fn open(&self, context: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = B64.decode(text).ok()?;
        let (nonce, msg) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload {
            msg,
            aad: context.as_bytes(),
        };
        self.cipher.decrypt(&nonce.into(), payload).ok().map(Zeroizing::new)
    }

    fn digest(&self, context: &str, text: &str) -> Result<String> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.digest_key).map_err(fault)?;
        mac.update(context.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        Ok(B64.encode(mac.finalize().into_bytes()))
    }
}

/// Makes a fresh master key and puts it in front of those in the key file; answers where that is. Nodes use it from their next start.
pub fn put_in_front(data_dir: &Path, rng: &dyn Rng) -> std::result::Result<PathBuf, OpenError> {
    if std::env::var_os(MASTER_KEY_VARIABLE).is_some_and(|text| !text.is_empty()) {
        return Err(OpenError::MasterKey(format!(
            "the keys are in {MASTER_KEY_VARIABLE}: put a new one in front there"
        )));
    }
    let path = file_in(data_dir);
    let io = |source| OpenError::Io {
        path: path.display().to_string(),
        source,
    };
    let old = Zeroizing::new(std::fs::read_to_string(&path).map_err(io)?);
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rng.fill(&mut *key);
    let fresh = Zeroizing::new(B64.encode(*key));
    let text = Zeroizing::new(format!("{}\n{}", fresh.as_str(), old.as_str()));
    Keys::parse(&text)?;
    let aside = aside(&path, &text, rng).map_err(io)?;
    std::fs::rename(&aside, &path).map_err(io)?;
    std::fs::File::open(data_dir)
        .and_then(|dir| dir.sync_all())
        .map_err(io)?;
    Ok(path)
}

/// SHA-256 in base64url, for long random texts that are looked up but must not be readable in the database.
pub(crate) fn sha256(text: &(impl AsRef<[u8]> + ?Sized)) -> String {
    B64.encode(Sha256::digest(text.as_ref()))
}

/// `bytes` random bytes as base64url text.
pub(crate) fn random_text<const BYTES: usize>(rng: &dyn Rng) -> String {
    let mut random = Zeroizing::new([0; BYTES]);
    rng.fill(&mut *random);
    B64.encode(*random)
}

/// `count` random decimal digits, each as likely as any other.
pub(crate) fn random_digits(rng: &dyn Rng, count: usize) -> String {
    let mut digits = String::with_capacity(count);
    let mut byte = [0];
    while digits.len() < count {
        rng.fill(&mut byte);
        // 250 is the largest multiple of ten in a byte; what lies above would favour the low digits.
        if byte[0] < 250 {
            digits.push(char::from(b'0' + byte[0] % 10));
        }
    }
    digits
}

/// False when the file exists already. A reader finds the whole file or none.
fn write_new(path: &Path, text: &str, rng: &dyn Rng) -> std::io::Result<bool> {
    let aside = aside(path, text, rng)?;
    let made = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside)?;
    match made {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file beside `path` with this in it, on the disk, for its owner only.
fn aside(path: &Path, text: &str, rng: &dyn Rng) -> std::io::Result<PathBuf> {
    let aside = path.with_extension(format!("new-{}", random_text::<9>(rng)));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    match file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
        Ok(()) => Ok(aside),
        Err(error) => {
            std::fs::remove_file(&aside)?;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::SystemRng;

    fn keys(text: &str) -> Keys {
        Keys::parse(text).unwrap()
    }

    fn one() -> String {
        B64.encode([1; 32])
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_context() {
        let keys = keys(&one());
        let sealed = keys.seal(&SystemRng, "pwd 1234/1/1", b"48213").unwrap();
        assert_eq!(keys.try_open_text("pwd 1234/1/1", &sealed).unwrap(), "48213");
        assert_eq!(keys.try_open_text("pwd 1234/1/2", &sealed), None);
        assert!(!sealed.contains("48213"));
    }

    #[test]
    fn an_old_key_still_opens_after_a_new_one_was_put_in_front() {
        let sealed = keys(&one()).seal(&SystemRng, "x", b"old").unwrap();
        let both = keys(&format!("{}\n{}\n", B64.encode([2; 32]), one()));
        assert_eq!(both.try_open_text("x", &sealed).unwrap(), "old");
        let fresh = both.seal(&SystemRng, "x", b"new").unwrap();
        assert_eq!(keys(&one()).try_open_text("x", &fresh), None);
    }

    #[test]
    fn what_was_signed_is_known_again_also_behind_a_new_key() {
        let signature = keys(&one()).sign("a.b").unwrap();
        let both = keys(&format!("{}\n{}\n", B64.encode([2; 32]), one()));
        assert!(both.signed("a.b", &signature) && !both.signed("a.c", &signature));
        let fresh = both.sign("a.b").unwrap();
        assert!(fresh != signature && both.signed("a.b", &fresh) && !keys(&one()).signed("a.b", &fresh));
        for wrong in ["", "x", &signature[1..], &signature.to_uppercase()] {
            assert!(!both.signed("a.b", wrong), "{wrong}");
        }
    }

    #[test]
    fn a_value_is_sealed_again_under_the_first_key() {
        let sealed = keys(&one()).seal(&SystemRng, "x", b"old").unwrap();
        let both = keys(&format!("{}\n{}\n", B64.encode([2; 32]), one()));
        let Resealed::Fresh(fresh) = both.reseal(&SystemRng, "x", &sealed).unwrap() else {
            panic!("not sealed again")
        };
        let new = keys(&B64.encode([2; 32]));
        assert_eq!(new.try_open_text("x", &fresh).unwrap(), "old");
        assert_eq!(both.reseal(&SystemRng, "x", &fresh).unwrap(), Resealed::Current);
        // What no key opens stays what it is, and names no old key any more.
        let other = if sealed.as_bytes()[20] == b'A' { "B" } else { "A" };
        let broken = format!("{}{other}{}", &sealed[..20], &sealed[21..]);
        for (context, value) in [
            ("y", sealed.as_str()),
            ("x", broken.as_str()),
            ("x", "no seal"),
            ("x", "AAAAAAAA.BBBB"),
        ] {
            let Resealed::Damaged(marked) = both.reseal(&SystemRng, context, value).unwrap() else {
                panic!("{value}")
            };
            assert_eq!(both.reseal(&SystemRng, context, &marked).unwrap(), Resealed::Current);
            assert!(both.open(context, &marked).is_err());
        }
        assert!(both.ids().all(|id| id.len() == ID_LENGTH));
    }

    #[test]
    fn a_retired_key_opens_and_signs_nothing() {
        let signature = keys(&one()).sign("a.b").unwrap();
        let sealed = keys(&one()).seal(&SystemRng, "x", b"old").unwrap();
        let mut both = keys(&format!("{}\n{}\n", B64.encode([2; 32]), one()));
        let checks = both.checks().unwrap();
        both.retire_but(&[&checks[0]]).unwrap();
        assert!(!both.signed("a.b", &signature) && both.signed("a.b", &both.sign("a.b").unwrap()));
        assert_eq!(both.try_open_text("x", &sealed).unwrap(), "old");
        both.retire_but(&[&checks[0], &checks[1]]).unwrap();
        assert!(both.signed("a.b", &signature));
    }

    #[test]
    fn a_fresh_key_stands_in_front_of_those_that_were_there() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            put_in_front(dir.path(), &SystemRng),
            Err(OpenError::Io { .. })
        ));
        let old = Keys::load(dir.path(), &SystemRng).unwrap();
        let path = put_in_front(dir.path(), &SystemRng).unwrap();
        let both = Keys::load(dir.path(), &SystemRng).unwrap();
        assert_eq!(both.all.len(), 2);
        assert!(both.all[0].id != old.all[0].id && both.all[1].id == old.all[0].id);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(matches!(Keys::parse("c2hvcnQ"), Err(OpenError::MasterKey(_))));
        assert!(matches!(Keys::parse("\n"), Err(OpenError::MasterKey(_))));
    }

    #[test]
    #[cfg(unix)]
    fn the_key_file_is_made_once_and_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let sealed = Keys::load(dir.path(), &SystemRng)
            .unwrap()
            .seal(&SystemRng, "x", b"kept")
            .unwrap();
        let mode = std::fs::metadata(dir.path().join("master.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Keys::load(dir.path(), &SystemRng).unwrap();
        assert_eq!(again.try_open_text("x", &sealed).unwrap(), "kept");
    }
}
