//! Certificates: given ones, or one made for a local network and kept in the data directory. Both are looked at again while the server runs,
//! so that a certificate that was replaced, ends soon, or was made at a wrong clock is not served any longer.

mod pem;

pub use pem::{Pem, TlsError};

use axum_server::tls_rustls::RustlsConfig;
use domain::ids::Millis;
use domain::nodes::Host;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration as StdDuration;
use time::{Duration, OffsetDateTime};

/// Longer ones are refused by phones.
const VALID_DAYS: i64 = 825;
/// So much earlier a certificate is good already, for clocks that are behind.
const BEFORE_DAYS: i64 = 1;
/// A certificate that ends sooner is replaced.
const RENEW_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// How often certificates are looked at. Often enough to notice a clock that was set within a minute.
pub const LOOK_EVERY: StdDuration = StdDuration::from_secs(60);

/// Where certificate and key come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Two files.
    Files {
        /// Certificate chain.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// One made here for a local network.
    SelfSigned {
        /// The directory it is kept in.
        data: PathBuf,
        /// Host names and addresses it is for.
        names: Vec<String>,
    },
}

impl Source {
    fn load(&self, now: Millis) -> Result<Pem, TlsError> {
        match self {
            Self::Files { certificate, key } => Pem::read(certificate, key),
            Self::SelfSigned { data, names } => self_signed(data, names, now),
        }
    }
}

/// The certificate that is served, kept up to date.
pub struct Keeper {
    source: Source,
    served: Pem,
    config: RustlsConfig,
    /// What was logged last, so that it is logged once.
    trouble: String,
}

impl Keeper {
    /// Loads it, or says what is wrong with which file.
    pub fn new(source: Source, now: Millis) -> Result<Self, TlsError> {
        let served = source.load(now)?;
        let config = served.config()?;
        let trouble = String::new();
        Ok(Self {
            source,
            served,
            config,
            trouble,
        })
    }

    /// As a listener needs it; replaced in place when the certificate is.
    pub fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Looks whether there is a newer certificate, and serves it; says whether there was. What cannot be served leaves the old one.
    pub fn look(&mut self, now: Millis) -> Result<bool, TlsError> {
        let found = self.source.load(now)?;
        if found == self.served {
            return Ok(false);
        }
        self.config.reload_from_config(found.server_config()?);
        self.served = found;
        Ok(true)
    }

    /// Looks again and again, until the task is ended.
    pub async fn keep(mut self, now: impl Fn() -> Millis, every: StdDuration) {
        loop {
            tokio::time::sleep(every).await;
            let trouble = match self.look(now()) {
                Ok(true) => {
                    tracing::info!("a new certificate is served");
                    String::new()
                }
                Ok(false) => String::new(),
                Err(error) => error.to_string(),
            };
            // Between two files being written they do not fit; then it is one line in the log.
            if !trouble.is_empty() && trouble != self.trouble {
                tracing::warn!(
                    error = trouble,
                    "the certificate on disk cannot be served; the one before is still served"
                );
            }
            self.trouble = trouble;
        }
    }
}

/// The certificate of a local network for these names: the one kept in `data`, or a new one where that does not fit (any more).
fn self_signed(data: &Path, names: &[String], now: Millis) -> Result<Pem, TlsError> {
    let (certificate, key) = (data.join("tls-self-signed.crt"), data.join("tls-self-signed.key"));
    if let Ok(kept) = Pem::read(&certificate, &key)
        && still_fits(&kept.certificate, names, now)
        && kept.server_config().is_ok()
    {
        return Ok(kept);
    }
    let (certificate_pem, key_pem) = make(names, now)?;
    write_private(&key, key_pem.as_bytes())?;
    std::fs::write(&certificate, &certificate_pem).map_err(|source| TlsError::io(&certificate, source))?;
    Pem::read(&certificate, &key)
}

/// The names a self-signed certificate is for: this machine's own, where it listens, and what it is called by others.
pub fn local_names(listen: SocketAddr, advertise: Option<&str>) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let listening = (!listen.ip().is_unspecified()).then(|| listen.ip().to_string());
    let advertised = advertise.and_then(Host::parse);
    let advertised = advertised.map(|host| host.bare().trim_matches(['[', ']']).to_owned());
    for name in listening.into_iter().chain(advertised) {
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
            && until.since(now) > RENEW_DAYS * DAY_MS
            // One that is not good yet was made at a clock that was ahead.
            && until.since(now) <= (VALID_DAYS + BEFORE_DAYS) * DAY_MS
    })
}

fn make(names: &[String], now: Millis) -> Result<(String, String), TlsError> {
    let at = OffsetDateTime::from_unix_timestamp(now.0 / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let until = at.saturating_add(Duration::days(VALID_DAYS));
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    params.not_before = at.saturating_sub(Duration::days(BEFORE_DAYS));
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
        .map_err(|source| TlsError::io(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::SanType;
    use std::fs;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn made(data: &Path, names: &[String], now: Millis) -> Vec<u8> {
        self_signed(data, names, now).unwrap().certificate
    }

    #[test]
    fn a_kept_certificate_is_used_again_until_it_is_about_to_end_or_the_names_change() {
        let data = tempfile::tempdir().unwrap();
        let names = local_names("0.0.0.0:2017".parse().unwrap(), Some("locker.example"));
        let first = made(data.path(), &names, NOW);
        let again = |names: &[String], now| made(data.path(), names, now);
        assert_eq!(again(&names, NOW.plus(DAY_MS)), first);
        assert_eq!(again(&names, NOW.plus(-DAY_MS / 2)), first);
        let later = again(&names, NOW.plus(800 * DAY_MS));
        assert_ne!(later, first);
        let other = local_names("192.168.0.9:2017".parse().unwrap(), None);
        assert_ne!(again(&other, NOW.plus(800 * DAY_MS)), later);
    }

    #[test]
    fn a_certificate_of_a_clock_that_was_ahead_is_replaced() {
        let data = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let ahead = made(data.path(), &names, NOW.plus(400 * DAY_MS));
        assert_ne!(made(data.path(), &names, NOW), ahead);
    }

    #[test]
    fn a_key_that_does_not_fit_the_kept_certificate_leads_to_new_ones() {
        let data = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let first = made(data.path(), &names, NOW);
        let (_, other_key) = make(&names, NOW).unwrap();
        fs::write(data.path().join("tls-self-signed.key"), other_key).unwrap();
        let second = self_signed(data.path(), &names, NOW).unwrap();
        assert!(second.certificate != first && second.config().is_ok());
    }

    #[test]
    fn only_the_host_that_is_advertised_becomes_a_name() {
        let names = |advertise| local_names("0.0.0.0:2017".parse().unwrap(), Some(advertise))[3..].to_vec();
        assert_eq!(names("https://locks.example:2017"), ["locks.example"]);
        assert_eq!(names("locks.example:2017/"), ["locks.example"]);
        assert_eq!(names("[2001:db8::1]:2017"), ["2001:db8::1"]);
        assert_eq!(names("192.168.0.7:2017"), ["192.168.0.7"]);
        let params = CertificateParams::new(names("[2001:db8::1]:2017")).unwrap();
        assert!(matches!(params.subject_alt_names[..], [SanType::IpAddress(_)]));
    }

    #[test]
    fn a_certificate_that_ends_while_the_server_runs_is_replaced() {
        let data = tempfile::tempdir().unwrap();
        let source = Source::SelfSigned {
            data: data.path().to_owned(),
            names: vec!["localhost".to_owned()],
        };
        let mut keeper = Keeper::new(source, NOW).unwrap();
        let served = |keeper: &Keeper| std::sync::Arc::as_ptr(&keeper.config().get_inner());
        let first = served(&keeper);
        assert!(!keeper.look(NOW.plus(794 * DAY_MS)).unwrap());
        assert_eq!(served(&keeper), first);
        assert!(keeper.look(NOW.plus(796 * DAY_MS)).unwrap());
        assert_ne!(served(&keeper), first, "what listeners hold was replaced as well");
        assert!(!keeper.look(NOW.plus(797 * DAY_MS)).unwrap());
    }

    #[test]
    fn files_that_change_are_served_once_they_fit_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("a.crt"), dir.path().join("a.key"));
        let write = |path: &Path, text: &str| fs::write(path, text).unwrap();
        let (first, second) = (
            make(&["a".to_owned()], NOW).unwrap(),
            make(&["b".to_owned()], NOW).unwrap(),
        );
        write(&certificate, &first.0);
        write(&key, &first.1);
        let source = Source::Files {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        let mut keeper = Keeper::new(source, NOW).unwrap();
        assert!(!keeper.look(NOW).unwrap());
        write(&certificate, &second.0);
        assert!(keeper.look(NOW).unwrap_err().to_string().contains("a.key"));
        write(&key, &second.1);
        assert!(keeper.look(NOW).unwrap());
        fs::remove_file(&key).unwrap();
        assert!(keeper.look(NOW).is_err());
        write(&key, &second.1);
        assert!(!keeper.look(NOW).unwrap());
    }

    #[test]
    fn a_wrong_file_is_named_with_what_is_wrong_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = make(&["a".to_owned()], NOW).unwrap();
        let (_, other_key) = make(&["a".to_owned()], NOW).unwrap();
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let old_encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AA\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        let cut = |text: &str| text[..text.len() / 2].to_owned();
        let bad_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bad_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for (certificate, key, file, problem) in [
            (&*certificate, &*other_key, "the.key", "not the private key"),
            (&certificate, &encrypted, "the.key", "encrypted"),
            (&certificate, old_encrypted, "the.key", "encrypted"),
            (&certificate, &certificate, "the.key", "swapped"),
            (&key, &key, "the.crt", "swapped"),
            (&certificate, "", "the.key", "empty"),
            ("", &key, "the.crt", "empty"),
            (&certificate, "0\u{1}", "the.key", "DER"),
            ("hello", &key, "the.crt", "not in PEM form"),
            (&certificate, &cut(&key), "the.key", "damaged"),
            (&cut(&certificate), &key, "the.crt", "damaged"),
            (bad_certificate, &key, "the.crt", "cannot be read"),
            (&certificate, bad_key, "the.key", "cannot be used"),
        ] {
            fs::write(dir.path().join("the.crt"), certificate).unwrap();
            fs::write(dir.path().join("the.key"), key).unwrap();
            let pem = Pem::read(&dir.path().join("the.crt"), &dir.path().join("the.key")).unwrap();
            let error = pem.config().unwrap_err().to_string();
            let begins = format!("{}: ", dir.path().join(file).display());
            assert!(error.starts_with(&begins) && error.contains(problem), "{error}");
        }
        let missing = Pem::read(&dir.path().join("the.crt"), &dir.path().join("none.key"));
        assert!(missing.err().unwrap().to_string().contains("none.key"));
    }

    #[tokio::test]
    async fn the_keeper_looks_by_itself() {
        let data = tempfile::tempdir().unwrap();
        let source = Source::SelfSigned {
            data: data.path().to_owned(),
            names: vec!["localhost".to_owned()],
        };
        let keeper = Keeper::new(source, NOW).unwrap();
        let config = keeper.config();
        let before = config.get_inner();
        let task = tokio::spawn(keeper.keep(|| NOW.plus(-400 * DAY_MS), StdDuration::from_millis(5)));
        while std::sync::Arc::ptr_eq(&config.get_inner(), &before) {
            tokio::time::sleep(StdDuration::from_millis(5)).await;
        }
        task.abort();
    }
}
