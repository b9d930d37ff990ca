//! Certificates: given ones, or one made for a local network and kept in the data directory.

use axum_server::tls_rustls::RustlsConfig;
use domain::ids::Millis;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use std::net::SocketAddr;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// Longer ones are refused by phones.
const VALID_DAYS: i64 = 825;
/// A certificate that ends sooner is made anew at the start.
const RENEW_DAYS: i64 = 30;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Where certificate and key are.
pub struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
    named: String,
}

impl Pem {
    /// From two files.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: std::fs::read(certificate).map_err(|source| io(certificate, source))?,
            key: std::fs::read(key).map_err(|source| io(key, source))?,
            named: certificate.display().to_string(),
        })
    }

    /// The certificate of a local network for these names: the one kept in `data`, or a new one where that does not fit (any more).
    pub fn self_signed(data: &Path, names: &[String], now: Millis) -> Result<Self, TlsError> {
        let (certificate, key) = (data.join("tls-self-signed.crt"), data.join("tls-self-signed.key"));
        if let Ok(kept) = Self::read(&certificate, &key)
            && still_fits(&kept.certificate, names, now)
        {
            return Ok(kept);
        }
        let (certificate_pem, key_pem) = make(names, now)?;
        write_private(&key, key_pem.as_bytes())?;
        std::fs::write(&certificate, &certificate_pem).map_err(|source| io(&certificate, source))?;
        Self::read(&certificate, &key)
    }

    /// As the listener needs it.
    pub async fn config(self) -> Result<RustlsConfig, TlsError> {
        // An earlier installed provider is as good: only ring is compiled in.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let named = self.named;
        RustlsConfig::from_pem(self.certificate, self.key)
            .await
            .map_err(|source| TlsError::Io { path: named, source })
    }
}

/// The names a self-signed certificate is for: this machine's own, where it listens, and what it is called by others.
pub fn local_names(listen: SocketAddr, advertise: Option<&str>) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let listening = (!listen.ip().is_unspecified()).then(|| listen.ip().to_string());
    for name in listening.into_iter().chain(advertise.map(str::to_owned)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// First line of the certificate's file; readers of PEM skip it.
fn heading(names: &[String], until: Millis) -> String {
    format!("made by latchkey for {} until {}", names.join(","), until.to_iso())
}

fn still_fits(certificate: &[u8], names: &[String], now: Millis) -> bool {
    let text = String::from_utf8_lossy(certificate);
    let Some((about, until)) = text.lines().next().and_then(|line| line.rsplit_once(' ')) else {
        return false;
    };
    Millis::from_iso(until).is_some_and(|until| {
        let expected = heading(names, until);
        expected.strip_suffix(&until.to_iso()).map(str::trim_end) == Some(about)
            && until.since(now) > RENEW_DAYS * 86_400_000
    })
}

fn make(names: &[String], now: Millis) -> Result<(String, String), TlsError> {
    let at = OffsetDateTime::from_unix_timestamp(now.0 / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let until = at.saturating_add(Duration::days(VALID_DAYS));
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    params.not_before = at.saturating_sub(Duration::days(1));
    params.not_after = until;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Latchkey");
    let certificate = params.self_signed(&key)?;
    let heading = heading(names, Millis(until.unix_timestamp().saturating_mul(1000)));
    Ok((format!("{heading}\n{}", certificate.pem()), key.serialize_pem()))
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> TlsError {
    TlsError::Io {
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    #[test]
    fn a_kept_certificate_is_used_again_until_it_is_about_to_end_or_the_names_change() {
        let data = tempfile::tempdir().unwrap();
        let names = local_names("0.0.0.0:2017".parse().unwrap(), Some("locker.example"));
        let first = Pem::self_signed(data.path(), &names, NOW).unwrap().certificate;
        let again = |names: &[String], now| Pem::self_signed(data.path(), names, now).unwrap().certificate;
        assert_eq!(again(&names, NOW.plus(86_400_000)), first);
        let later = again(&names, NOW.plus(800 * 86_400_000));
        assert_ne!(later, first);
        let other = local_names("192.168.0.9:2017".parse().unwrap(), None);
        assert_ne!(again(&other, NOW.plus(800 * 86_400_000)), later);
    }

    #[tokio::test]
    async fn the_listener_takes_what_was_made() {
        let data = tempfile::tempdir().unwrap();
        let pem = Pem::self_signed(data.path(), &["localhost".to_owned()], NOW).unwrap();
        assert!(pem.config().await.is_ok());
    }
}
