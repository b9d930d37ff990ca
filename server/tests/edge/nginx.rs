//! The example of a proxy in `docs/proxy/nginx.conf`, run by a real nginx in front of the real server. `LATCHKEY_TEST_WITHOUT_NGINX=1` leaves
//! it out on a machine that cannot have one.

use crate::cluster_rig::free_port;
use crate::harness::PASSWORD;
use crate::process::binary::{Running, latchkey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/proxy/nginx.conf");
const NAME: &str = "locks.example";
const SOON: Duration = Duration::from_secs(10);

struct Proxied {
    _server: Running,
    nginx: Child,
    port: u16,
    certificate: CertificateDer<'static>,
    _data: tempfile::TempDir,
}

impl Drop for Proxied {
    fn drop(&mut self) {
        // Its worker ends with it, which it would not at a kill.
        let id = self.nginx.id().to_string();
        let _ended_already = Command::new("kill").args(["-TERM", &id]).status();
        let _reaped = self.nginx.wait();
    }
}

/// The example with this machine's files and ports, and what nginx needs around it.
fn configured(work: &Path, port: u16, upstream: &str) -> String {
    let mut example = std::fs::read_to_string(EXAMPLE).unwrap();
    let work = work.display().to_string();
    for (from, to) in [
        ("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")),
        ("server 127.0.0.1:3000;", format!("server {upstream};")),
        ("/etc/ssl/locks.example.crt", format!("{work}/chain.pem")),
        ("/etc/ssl/locks.example.key", format!("{work}/key.pem")),
    ] {
        assert!(example.contains(from), "the example has no {from}");
        example = example.replace(from, &to);
    }
    let kept: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("    {kind}_temp_path {work}/{kind};\n"))
        .collect();
    // Else its worker is somebody who may not write here.
    let user = if rustix::process::geteuid().is_root() {
        "user root;\n"
    } else {
        ""
    };
    format!(
        "daemon off;\nworker_processes 1;\n{user}pid {work}/nginx.pid;\nerror_log stderr warn;\nevents {{}}\nhttp {{\n    access_log off;\n{kept}{example}}}\n"
    )
}

impl Proxied {
    async fn start() -> Option<Self> {
        if std::env::var("LATCHKEY_TEST_WITHOUT_NGINX").is_ok() {
            return None;
        }
        let data = tempfile::tempdir().unwrap();
        let work = data.path();
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
        std::fs::write(work.join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(work.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let port = free_port(1);
        let url = format!("https://{NAME}:{port}");
        let arguments = [
            "demo",
            "--http",
            "127.0.0.1:0",
            "--trusted-proxies",
            "127.0.0.1",
            "--public-url",
            &url,
        ];
        let server = Running::start(&mut latchkey(&work.join("data"), &arguments));
        let config = work.join("nginx.conf");
        std::fs::write(&config, configured(work, port, &server.http)).unwrap();
        let nginx = Command::new("nginx")
            .arg("-c")
            .arg(&config)
            .arg("-p")
            .arg(work)
            .stdin(Stdio::null())
            .spawn();
        let nginx = nginx.expect("nginx is needed: apt-get install nginx, or LATCHKEY_TEST_WITHOUT_NGINX=1");
        let certificate = CertificateDer::from_pem_file(work.join("chain.pem")).unwrap();
        let mut proxied = Self {
            _server: server,
            nginx,
            port,
            certificate,
            _data: data,
        };
        let late = Instant::now() + SOON;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(proxied.nginx.try_wait().unwrap().is_none(), "nginx ended");
            assert!(Instant::now() < late, "nginx does not listen");
            sleep(Duration::from_millis(20)).await;
        }
        Some(proxied)
    }

    /// A connection from this address.
    async fn connect(&self, from: &str) -> TlsStream<tokio::net::TcpStream> {
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let stream = socket
            .connect(format!("127.0.0.1:{}", self.port).parse().unwrap())
            .await
            .unwrap();
        let name = ServerName::try_from(NAME).unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    /// Sends a request with these headers; answers what comes until the end, or until `until` has come.
    async fn ask(&self, from: &str, head: &str, body: &str, until: Option<&str>) -> String {
        let mut stream = self.connect(from).await;
        let (port, length) = (self.port, body.len());
        let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let sent =
            format!("{first} HTTP/1.1\r\nhost: {NAME}:{port}\r\ncontent-length: {length}\r\n{headers}\r\n\r\n{body}");
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let reading = async {
            let mut some = [0; 4096];
            while until.is_none_or(|until| !answer.contains(until)) {
                match stream.read(&mut some).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => answer += &String::from_utf8_lossy(&some[..read]),
                }
            }
        };
        timeout(SOON, reading).await.expect("the answer does not end");
        answer
    }

    /// A form as a browser sends it from the page, and as a client sends it that pretends to be somebody else.
    async fn sign_in(&self, from: &str, phone: &str, password: &str, forged: &str) -> String {
        let origin = format!("https://{NAME}:{}", self.port);
        let body = format!(
            "do=/do/anyone/sign-in&phone={phone}&password={}",
            password.replace(' ', "+")
        );
        let head = format!(
            "POST /sign-in\r\nconnection: close\r\norigin: {origin}\r\ncontent-type: application/x-www-form-urlencoded{forged}"
        );
        self.ask(from, &head, &body, None).await
    }
}

fn cookie(answer: &str) -> &str {
    let start = answer.find("__Host-latchkey=").expect("a session for TLS only");
    answer[start..].split(';').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_nginx_works() {
    let Some(proxied) = Proxied::start().await else {
        return;
    };
    // A form of the page is taken, and its session is for TLS only.
    let signed_in = proxied.sign_in("127.0.0.3", "01000000002", "latchkey-demo", "").await;
    assert!(signed_in.starts_with("HTTP/1.1 303 "), "{signed_in}");
    assert!(
        signed_in.to_lowercase().contains("strict-transport-security:"),
        "{signed_in}"
    );
    assert!(
        cookie(&signed_in).len() > 30 && signed_in.contains("; Secure"),
        "{signed_in}"
    );

    // One client guesses, and pretends to be a new one each time. It locks out itself and nobody else.
    let mut last = String::new();
    for number in 0..55 {
        let forged = format!("\r\nx-forwarded-for: 192.0.2.{number}\r\nforwarded: for=192.0.2.{number}");
        let phone = format!("0109999{number:04}");
        last = proxied.sign_in("127.0.0.2", &phone, PASSWORD, &forged).await;
    }
    assert!(last.starts_with("HTTP/1.1 429 "), "{last}");
    let others = proxied.sign_in("127.0.0.4", "01000000002", "latchkey-demo", "").await;
    assert!(others.starts_with("HTTP/1.1 303 "), "{others}");

    // A guard's link is passed on.
    let upgrade = "GET /v1/link\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: latchkey.guard.v1";
    let link = proxied.ask("127.0.0.3", upgrade, "", Some("challenge")).await;
    assert!(
        link.starts_with("HTTP/1.1 101 ") && link.contains("challenge"),
        "{link}"
    );

    // And so is what an owner's page listens to, at once.
    let owner = proxied.sign_in("127.0.0.3", "13800000001", "latchkey-demo", "").await;
    let live = format!("GET /owner/live\r\ncookie: {}", cookie(&owner));
    let live = proxied.ask("127.0.0.3", &live, "", Some("listening")).await;
    assert!(
        live.starts_with("HTTP/1.1 200 ") && live.contains("listening"),
        "{live}"
    );
}
