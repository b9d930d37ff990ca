//! A guard's socket: TCP, TLS where the address asks for it, WebSocket.

use domain::guard::link::{MAX_FRAME_BYTES, SUBPROTOCOL};
use futures::{SinkExt, StreamExt};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderValue, Uri};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// A machine that is gone says nothing: the next one is tried soon.
const REACH_WITHIN: Duration = Duration::from_secs(4);
const SEND_WITHIN: Duration = Duration::from_secs(15);
const READ_BUFFER_BYTES: usize = 1_024;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The address is none.
    #[error("{0}: not an address such as https://locks.example:2017")]
    Address(String),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// No connection.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No WebSocket.
    #[error("{0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    /// It took too long.
    #[error("no answer")]
    Late,
    /// The other side closed, with this code.
    #[error("closed by the server ({0})")]
    Closed(u16),
}

/// Where a guard connects to.
#[derive(Clone)]
pub struct Target {
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// `http:`, `https:`, `ws:` or `wss:`; `insecure` accepts any certificate.
    pub fn parse(url: &str, insecure: bool) -> Result<Self, WireError> {
        let bad = || WireError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let secure = match uri.scheme_str() {
            Some("https" | "wss") => true,
            Some("http" | "ws") => false,
            _ => return Err(bad()),
        };
        let host = uri.host().ok_or_else(bad)?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tls = secure.then(|| tls(insecure)).transpose()?;
        Ok(Self { host, port, tls })
    }

    /// The same at another host, and port where one is named.
    pub fn at(&self, host: &str) -> Result<Self, WireError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let uri: Uri = format!("{scheme}://{host}/")
            .parse()
            .map_err(|_| WireError::Address(host.to_owned()))?;
        Ok(Self {
            host: uri.host().unwrap_or(host).trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(self.port),
            tls: self.tls.clone(),
        })
    }

    /// Opens a link.
    pub async fn connect(&self) -> Result<Wire, WireError> {
        timeout(CONNECT_WITHIN, Box::pin(self.open()))
            .await
            .map_err(|_late| WireError::Late)?
    }

    async fn open(&self) -> Result<Wire, WireError> {
        let stream = timeout(REACH_WITHIN, TcpStream::connect((self.host.as_str(), self.port)))
            .await
            .map_err(|_late| WireError::Late)??;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let name =
                    ServerName::try_from(self.host.clone()).map_err(|_| WireError::Address(self.host.clone()))?;
                Box::new(TlsConnector::from(config.clone()).connect(name, stream).await?)
            }
        };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let mut request = format!("ws://{host}:{}/v1/link", self.port)
            .into_client_request()
            .map_err(Box::new)?;
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(2 * MAX_FRAME_BYTES)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let (socket, _response) = client_async_with_config(request, stream, Some(config))
            .await
            .map_err(Box::new)?;
        Ok(Wire(Box::new(socket)))
    }
}

/// The same place, whatever certificates are accepted there.
impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        (&self.host, self.port, self.tls.is_some()) == (&other.host, other.port, other.tls.is_some())
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open socket.
pub struct Wire(Box<WebSocketStream<Box<dyn Stream>>>);

impl Wire {
    /// The next frame's text. May be dropped while it waits: nothing is lost.
    pub async fn receive(&mut self) -> Result<String, WireError> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => {
                    return Err(WireError::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Box::new(error).into()),
                None => return Err(WireError::Closed(1006)),
            }
        }
    }

    /// Sends a frame's text.
    pub async fn send(&mut self, text: String) -> Result<(), WireError> {
        match timeout(SEND_WITHIN, self.0.send(Message::Text(text.into()))).await {
            Ok(sent) => Ok(sent.map_err(Box::new)?),
            Err(_late) => Err(WireError::Late),
        }
    }

    /// Sends whatever a test wants the server to see.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), WireError> {
        Ok(self.0.send(message).await.map_err(Box::new)?)
    }

    /// Closes as one should; does not wait for the other side.
    pub async fn close(mut self) {
        // A peer that is gone cannot be told.
        let _told = timeout(SEND_WITHIN, WebSocketStream::close(&mut self.0, None)).await;
    }
}

fn tls(insecure: bool) -> Result<Arc<ClientConfig>, WireError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let config = if insecure {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth()
    } else {
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        builder.with_root_certificates(roots).with_no_client_auth()
    };
    Ok(Arc::new(config))
}

/// Believes every certificate: for `--insecure`. The guard still knows its server by the proof in the welcome.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let shown = |url: &str| Target::parse(url, true).map(|target| target.to_string()).ok();
        assert_eq!(shown("http://127.0.0.1:3000").unwrap(), "http://127.0.0.1:3000");
        assert_eq!(
            shown("wss://locks.example/v1/link").unwrap(),
            "https://locks.example:443"
        );
        assert_eq!(shown("http://[::1]:3000").unwrap(), "http://::1:3000");
        assert!(shown("locks.example").is_none());
        assert!(shown("ftp://locks.example").is_none());
        let target = Target::parse("http://a.example:3000", false).unwrap();
        assert_eq!(target.at("b.example").unwrap().to_string(), "http://b.example:3000");
        assert_eq!(target.at("b.example:81").unwrap().to_string(), "http://b.example:81");
    }
}
