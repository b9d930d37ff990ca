//! Notifications of browsers (Web Push): what a browser gives for them, and what they are about. No words: those are in the browser.

use crate::error::Problem;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of an address; push services have up to 500.
const ADDRESS_MAX: usize = 1_000;
/// Bytes of a public key: an uncompressed point of the curve P-256.
pub const KEY_BYTES: usize = 65;
/// Bytes of the secret that a browser shares with those who may send to it.
pub const SECRET_BYTES: usize = 16;
/// What an uncompressed point begins with.
const UNCOMPRESSED: u8 = 4;
/// Browsers write no padding, and some libraries do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A meter was stored for a business.
    MeterWaits,
    /// A meter was not fetched in time.
    Overdue,
    /// A meter was taken out, most often with a pick-up code.
    CodeUsed,
    /// What was done without network was sent. Never sent by the server: the phone knows it first.
    OutboxSent,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::MeterWaits, Self::Overdue, Self::CodeUsed, Self::OutboxSent];

    /// As stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MeterWaits => "meter-waits",
            Self::Overdue => "overdue",
            Self::CodeUsed => "code-used",
            Self::OutboxSent => "outbox-sent",
        }
    }

    /// The inverse of [`Kind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a browser is reached, as its maker's push service named it: the address of one browser, which nobody else should know. Prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PushAddress(String);

impl PushAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port, as a token for this service names it (RFC 8292).
    pub fn origin(&self) -> &str {
        let host_at = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[host_at..].find('/').map_or(self.0.len(), |at| host_at + at);
        &self.0[..end]
    }

    /// Is it over TLS?
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        let (_, host) = self.origin().split_once("://").unwrap_or_default();
        match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        }
    }
}

impl TryFrom<String> for PushAddress {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::Required);
        }
        if text.len() > ADDRESS_MAX {
            let max = ADDRESS_MAX as u32;
            return Err(Problem::TooLong { max });
        }
        let known = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"#\\\"<>".contains(&byte));
        let address = Self(text);
        // A name before the host would be sent as a password.
        if known && plain && !address.host().is_empty() && !address.origin().contains('@') {
            Ok(address)
        } else {
            Err(Problem::Form)
        }
    }
}

impl From<PushAddress> for String {
    fn from(address: PushAddress) -> Self {
        address.0
    }
}

impl fmt::Debug for PushAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushAddress")
    }
}

fn bytes<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], Problem> {
    if text.is_empty() {
        return Err(Problem::Required);
    }
    let bytes = BASE64.decode(text).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(Problem::Form)
}

/// The public key of a browser: what is sent to it is encrypted for this key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PushKey(pub [u8; KEY_BYTES]);

impl TryFrom<String> for PushKey {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        match bytes(&text)? {
            key if key[0] == UNCOMPRESSED => Ok(Self(key)),
            _ => Err(Problem::Form),
        }
    }
}

impl From<PushKey> for String {
    fn from(key: PushKey) -> Self {
        BASE64.encode(key.0)
    }
}

impl fmt::Debug for PushKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKey")
    }
}

/// The secret of a browser that goes into the encryption as well. Prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PushSecret(pub [u8; SECRET_BYTES]);

impl TryFrom<String> for PushSecret {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        bytes(&text).map(Self)
    }
}

impl From<PushSecret> for String {
    fn from(secret: PushSecret) -> Self {
        BASE64.encode(secret.0)
    }
}

impl fmt::Debug for PushSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<PushAddress, Problem> {
        PushAddress::try_from(text.to_owned())
    }

    #[test]
    fn an_address_names_a_host_and_nothing_that_is_no_address() {
        let ours = address("https://push.example:8443/send/abc?x=1").unwrap();
        assert_eq!(
            (ours.origin(), ours.host()),
            ("https://push.example:8443", "push.example")
        );
        assert!(ours.is_secure());
        let bare = address("http://[::1]:80").unwrap();
        assert_eq!(
            (bare.origin(), bare.host(), bare.is_secure()),
            ("http://[::1]:80", "::1", false)
        );
        assert_eq!(address(""), Err(Problem::Required));
        let long = format!("https://push.example/{}", "x".repeat(ADDRESS_MAX));
        assert_eq!(address(&long), Err(Problem::TooLong { max: 1_000 }));
        for wrong in [
            "push.example",
            "ftp://push.example/",
            "https://",
            "https:///x",
            "https://user:password@push.example/",
            "https://push.example/a b",
            "https://push.example/#part",
            "https://push.example\\@evil.example/",
            "https://푸시.example/",
            "\u{fffd}",
        ] {
            assert_eq!(address(wrong), Err(Problem::Form), "{wrong}");
        }
    }

    #[test]
    fn keys_are_read_with_and_without_padding_and_only_whole() {
        let text = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let key = PushKey::try_from(text.to_owned()).unwrap();
        assert_eq!(PushKey::try_from(format!("{text}=")).as_ref(), Ok(&key));
        assert_eq!(String::from(key), text);
        let compressed = format!("A{}", &text[1..]);
        for wrong in [&text[1..], "x", &compressed, "\u{fffd}"] {
            assert_eq!(PushKey::try_from(wrong.to_owned()), Err(Problem::Form), "{wrong}");
        }
        let secret = PushSecret::try_from("BTBZMqHH6r4Tts7J_aSIgg==".to_owned()).unwrap();
        assert_eq!(String::from(secret.clone()), "BTBZMqHH6r4Tts7J_aSIgg");
        assert_eq!(format!("{secret:?}"), "PushSecret");
        assert_eq!(PushSecret::try_from(String::new()), Err(Problem::Required));
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("other"), None);
    }
}
