//! A certificate and its key as they stand in files, and what is wrong with them.

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no certificate. Each names the file at fault.
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
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    Content {
        /// Which.
        path: String,
        /// What is wrong with it, and what helps.
        problem: String,
    },
    /// The certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Make(#[from] rcgen::Error),
}

impl TlsError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.display().to_string();
        Self::Io { path, source }
    }

    fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content {
            path: path.display().to_string(),
            problem: problem.into(),
        }
    }
}

/// The content of two files.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    pub(super) certificate: Vec<u8>,
    key: Vec<u8>,
    files: (PathBuf, PathBuf),
}

impl Pem {
    /// Reads both files.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let content = |path: &Path| std::fs::read(path).map_err(|source| TlsError::io(path, source));
        Ok(Self {
            certificate: content(certificate)?,
            key: content(key)?,
            files: (certificate.to_owned(), key.to_owned()),
        })
    }

    /// As a listener needs it.
    pub fn config(&self) -> Result<RustlsConfig, TlsError> {
        self.server_config().map(RustlsConfig::from_config)
    }

    pub(super) fn server_config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let (chain, key) = (self.chain()?, self.private_key()?);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (certificate_file, key_file) = (&self.files.0, &self.files.1);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => TlsError::content(
                    key_file,
                    format!(
                        "this is not the private key of the first certificate in {}; of a chain, the server's own certificate stands first",
                        certificate_file.display()
                    ),
                ),
                rustls::Error::InvalidCertificate(cause) => {
                    TlsError::content(certificate_file, format!("the certificate cannot be read: {cause:?}"))
                }
                other => TlsError::content(key_file, format!("the private key cannot be used: {other}")),
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let path = &self.files.0;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::content(path, damaged(&error)))?;
        if !chain.is_empty() {
            return Ok(chain);
        }
        let problem = if holds(&self.certificate, "PRIVATE KEY") {
            "holds a private key and no certificate; --tls-cert and --tls-key may be swapped"
        } else {
            no_pem(&self.certificate).unwrap_or("holds no certificate")
        };
        Err(TlsError::content(path, problem))
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        let path = &self.files.1;
        // The two forms in which a key is encrypted.
        if holds(&self.key, "ENCRYPTED PRIVATE KEY") || holds(&self.key, "Proc-Type: 4,ENCRYPTED") {
            let file = path.display();
            let problem = format!(
                "the private key is encrypted, and a server cannot ask for its password; write it without one: openssl pkey -in {file} -out NEW-FILE"
            );
            return Err(TlsError::content(path, problem));
        }
        PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| {
            let problem = match error {
                PemError::NoItemsFound if holds(&self.key, "CERTIFICATE") => {
                    "holds a certificate and no private key; --tls-cert and --tls-key may be swapped".to_owned()
                }
                PemError::NoItemsFound => no_pem(&self.key).unwrap_or("holds no private key").to_owned(),
                other => damaged(&other),
            };
            TlsError::content(path, problem)
        })
    }
}

fn holds(content: &[u8], words: &str) -> bool {
    content.windows(words.len()).any(|window| window == words.as_bytes())
}

fn damaged(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { .. } => "the file is damaged: its last section has no END line".to_owned(),
        PemError::IllegalSectionStart { .. } => "the file is damaged: a line of dashes is not complete".to_owned(),
        other => format!("the file is damaged: {other}"),
    }
}

/// What is in a file without any section of PEM.
fn no_pem(content: &[u8]) -> Option<&'static str> {
    if content.is_empty() {
        Some("the file is empty")
    } else if content.starts_with(&[0x30]) {
        Some("is in DER form, and PEM is needed; openssl converts it with -inform DER")
    } else if !holds(content, "-----BEGIN") {
        Some("is not in PEM form")
    } else {
        None
    }
}
