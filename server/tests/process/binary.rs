//! The program itself: started, spoken to over its sockets, stopped.

use crate::harness::PASSWORD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const LATCHKEY: &str = env!("CARGO_BIN_EXE_latchkey");
/// SPEC 5: so soon a stop is over.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

pub fn latchkey(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(LATCHKEY);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("LATCHKEY_DATA", data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(url) = crate::engine::database_of(data) {
        command.env("LATCHKEY_DATABASE_URL", url);
    }
    command
}

/// A server that listens on ports of its own.
pub struct Running {
    child: Child,
    /// Host and port.
    pub http: String,
    pub https: Option<String>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut running = Self {
            child: command.spawn().unwrap(),
            http: String::new(),
            https: None,
        };
        let output = running.child.stdout.take().unwrap();
        for line in BufReader::new(output).lines() {
            let line = line.unwrap();
            if let Some(address) = line.strip_prefix("listening on https://") {
                running.https = Some(address.to_owned());
            }
            if let Some(address) = line.strip_prefix("listening on http://") {
                running.http = address.to_owned();
                return running;
            }
        }
        panic!("it ended before it listened");
    }

    pub fn serve(data: &Path, more: &[&str]) -> Self {
        Self::start(latchkey(data, &["serve", "--http", "127.0.0.1:0"]).args(more))
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.http).unwrap();
        stream.set_read_timeout(Some(STOPS_WITHIN)).unwrap();
        stream
    }

    /// Sends a whole request and answers the whole response.
    pub fn ask(&self, request: &str) -> String {
        exchange(&mut self.connect(), request)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A line of what the system knows of its memory, in KB.
    pub fn memory(&self, what: &str) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; answers how long that took and what it logged.
    pub fn ended(mut self) -> (Duration, String) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < 2 * STOPS_WITHIN, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(0));
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (since.elapsed(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn exchange(stream: &mut (impl Read + Write), request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    read_all(stream)
}

fn read_all(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // Not everybody who closes says so in TLS.
    let _end = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

pub fn post(path: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// A response over TLS, by a client that trusts this certificate and no other.
pub fn over_tls(address: &str, certificate: &Path, name: &'static str, request: &str) -> std::io::Result<String> {
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let port = address.rsplit(':').next().unwrap();
    let stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(request.as_bytes())?;
    Ok(read_all(&mut stream))
}

#[test]
fn a_self_signed_certificate_serves_https() {
    let data = tempfile::tempdir().unwrap();
    let tls = [
        "--https",
        "127.0.0.1:0",
        "--tls-self-signed",
        "--advertise",
        "locker.example",
    ];
    let server = Running::serve(data.path(), &tls);
    let certificate = data.path().join("tls-self-signed.crt");
    let https = server.https.clone().unwrap();
    for name in ["localhost", "127.0.0.1", "locker.example"] {
        let answer = over_tls(&https, &certificate, name, &get("/v1/Clock")).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{name}: {answer}");
        assert!(answer.contains("{\"success\":true,\"date\":"), "{answer}");
    }
    assert!(over_tls(&https, &certificate, "other.example", &get("/")).is_err());
    assert!(server.ask(&get("/v1/Clock")).starts_with("HTTP/1.1 200 "));
    server.terminate();
    server.ended();
}

#[test]
fn a_given_certificate_serves_https_and_its_cookies_are_for_tls_only() {
    let data = tempfile::tempdir().unwrap();
    let (certificate, key) = (data.path().join("chain.pem"), data.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["locker.example".to_owned()]).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut command = latchkey(
        data.path(),
        &["demo", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"],
    );
    let server = Running::start(command.arg("--tls-cert").arg(&certificate).arg("--tls-key").arg(&key));
    let form = post(
        "/sign-in",
        "application/x-www-form-urlencoded",
        "do=%2Fdo%2Fanyone%2Fsign-in&phone=01000000002&password=latchkey-demo",
    );
    let https = server.https.clone().unwrap();
    let answer = over_tls(&https, &certificate, "locker.example", &form).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(
        cookie.contains("__Host-latchkey=") && cookie.contains("Secure"),
        "{cookie}"
    );
}

/// What a command says that cannot do what it was asked.
pub fn refused(data: &Path, arguments: &[&str]) -> String {
    let output: Output = latchkey(data, arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?}: {said}");
    assert!(
        output.stdout.is_empty(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(!said.contains("panic"), "{arguments:?}: {said}");
    said
}

#[test]
fn what_cannot_be_served_is_said_and_ends_the_program() {
    let data = tempfile::tempdir().unwrap();
    let path = |name: &str| data.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec!["locker.example".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["locker.example".to_owned()]).unwrap();
    std::fs::write(path("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(path("other.pem"), other.signing_key.serialize_pem()).unwrap();
    std::fs::write(path("text.pem"), "no certificate").unwrap();
    let serve = |certificate: &str, key: &str| {
        let (certificate, key) = (path(certificate), path(key));
        let listen = ["serve", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"];
        refused(
            data.path(),
            &[&listen[..], &["--tls-cert", &certificate, "--tls-key", &key]].concat(),
        )
    };
    for (certificate, key, named) in [
        ("none.pem", "other.pem", "none.pem"),
        ("chain.pem", "none.pem", "none.pem"),
        ("text.pem", "other.pem", "text.pem"),
        ("chain.pem", "text.pem", "text.pem: "),
        ("chain.pem", "other.pem", "other.pem: this is not the private key"),
        ("other.pem", "chain.pem", "swapped"),
    ] {
        let said = serve(certificate, key);
        assert!(
            said.contains(named) && said.trim().lines().count() == 1,
            "{certificate} {key}: {said}"
        );
    }
    let said = refused(
        data.path(),
        &["serve", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"],
    );
    assert!(said.contains("--tls-cert FILE"), "{said}");
    let said = refused(data.path(), &["serve", "--http", "127.0.0.1:0", "--tls-self-signed"]);
    assert!(said.contains("--https"), "{said}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refused(data.path(), &["serve", "--http", &address]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}

/// A request that is under way: its head and half of its body have arrived.
fn half_sent(server: &Running) -> (TcpStream, &'static str) {
    let body = r#"{"phoneNumber":"01000000002","password":"latchkey-demo"}"#;
    let whole = post("/v1/Login", "application/json", body);
    let mut stream = server.connect();
    stream.write_all(&whole.as_bytes()[..whole.len() - 20]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    (stream, &body[body.len() - 20..])
}

fn demo(data: &Path) -> Running {
    Running::start(&mut latchkey(data, &["demo", "--http", "127.0.0.1:0"]))
}

#[test]
fn a_request_under_way_at_a_stop_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let server = demo(data.path());
    let (mut stream, rest) = half_sent(&server);
    let stopping = Instant::now();
    server.terminate();
    std::thread::sleep(Duration::from_millis(500));
    assert!(TcpStream::connect(&server.http).is_err(), "nothing new is accepted");
    let answer = exchange(&mut stream, rest);
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"token\":"),
        "{answer}"
    );
    server.ended();
    assert!(stopping.elapsed() < STOPS_WITHIN, "{:?}", stopping.elapsed());
}

#[test]
fn a_request_that_never_ends_holds_up_no_stop() {
    let data = tempfile::tempdir().unwrap();
    let server = demo(data.path());
    let (stream, _) = half_sent(&server);
    let idle = server.connect();
    server.terminate();
    let (lasted, _) = server.ended();
    assert!(lasted < STOPS_WITHIN, "{lasted:?}");
    drop((stream, idle));
}

#[test]
fn the_log_names_requests_and_no_secret() {
    let data = tempfile::tempdir().unwrap();
    let every_word =
        "trace,sqlx=info,tower_sessions=error,tower_sessions_core=off,hyper=info,hyper_util=info,rustls=info";
    let mut command = latchkey(data.path(), &["demo", "--http", "127.0.0.1:0"]);
    let server = Running::start(command.env("LATCHKEY_LOG", every_word));
    let login = |password: &str| {
        let body = format!(r#"{{"phoneNumber":"01000000002","password":"{password}"}}"#);
        server.ask(&post("/v1/Login", "application/json", &body))
    };
    login(PASSWORD);
    let answer = login("latchkey-demo");
    let token = answer
        .split("\"token\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let with_token = |request: String| request.replacen("\r\n", &format!("\r\nauthorization: Bearer {token}\r\n"), 1);
    let encrypt = post(
        "/v1/Encrypt",
        "application/json",
        r#"{"data":{"cmd":"StaffPass","yid":1234}}"#,
    );
    let made = server.ask(&with_token(encrypt));
    let code = made
        .split("\"data\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    for path in [
        format!("/v1/QrImage/{code}"),
        format!("/v1/qrimage/{code}?x={code}"),
        format!("/v1/QrImage/{code}x"),
    ] {
        server.ask(&with_token(get(&path)));
    }
    server.ask(&with_token(post(
        "/v1/QrData",
        "application/json",
        &format!(r#"{{"data":"{code}"}}"#),
    )));
    let form = "application/x-www-form-urlencoded";
    let signed_in = server.ask(&post(
        "/sign-in",
        form,
        "do=/do/anyone/sign-in&phone=01000000002&password=latchkey-demo",
    ));
    let session = signed_in
        .split("latchkey=")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    server.ask(&post(
        "/sign-in",
        form,
        &format!(
            "do=/do/anyone/sign-in&phone=01000000002&password={}",
            PASSWORD.replace(' ', "+")
        ),
    ));
    server.terminate();
    let (_, log) = server.ended();
    assert!(
        log.contains("route=\"/v1/QrImage/{data}\"") && log.contains("route=\"/v1/Login\""),
        "{log}"
    );
    let (head, _) = code.rsplit_once('.').unwrap();
    for secret in [
        PASSWORD,
        "latchkey-demo",
        &token,
        &session,
        &code,
        &head[head.len() - 40..],
        "$argon2",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}

/// A receiver of webhooks: takes one message and hands over its code.
fn receiver() -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut some) = (String::new(), [0; 1024]);
        while !request.ends_with('}') {
            let read = stream.read(&mut some).unwrap();
            request += std::str::from_utf8(&some[..read]).unwrap();
        }
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            .unwrap();
        assert!(
            request.to_lowercase().contains("x-latchkey-signature: sha256="),
            "{request}"
        );
        let code = request.split("\"code\":\"").nth(1).unwrap();
        code[..8].to_owned()
    });
    (url, thread)
}

#[test]
fn the_26_messages_are_answered_over_tls_and_leave_no_secret_in_the_log() {
    let data = tempfile::tempdir().unwrap();
    let (url, received) = receiver();
    let mut command = latchkey(data.path(), &["serve", "--http", "127.0.0.1:0"]);
    command.args([
        "--https",
        "127.0.0.1:0",
        "--tls-self-signed",
        "--advertise",
        "locker.example",
    ]);
    command.args(["--notify-webhook", &url, "--notify-secret", "hook-secret-31"]);
    let server = Running::start(command.env("LATCHKEY_LOG", "trace,sqlx=info,hyper=info,hyper_util=info,rustls=info"));
    let certificate = data.path().join("tls-self-signed.crt");
    let https = server.https.clone().unwrap();
    let say = |path: &str, body: &str| {
        let request = post(path, "text/json", body);
        let answer = over_tls(&https, &certificate, "localhost", &request).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        answer.split("\r\n\r\n").nth(1).unwrap().to_owned()
    };
    let about = r#""ownerPhoneNumber":"13800000009","timetag":"20260302170000""#;
    assert_eq!(
        say("/", &format!("{{\"sign\":1,{about}}}")),
        r#"{"result":0,"ownerIp":"locker.example"}"#
    );
    let registration =
        format!(r#"{{"sign":2,{about},"ownerName":"张三","ownerPassword":"first-pass-31","imei":"imei-31"}}"#);
    let registered = say("/v1/sign", &registration);
    let token = registered.split("\"token\":\"").nth(1).unwrap().trim_end_matches("\"}");
    let guards = say("/", &format!(r#"{{"sign":" 12",{about},"token":"{token}"}}"#));
    assert_eq!(guards, r#"{"result":0,"guards":[]}"#);
    // Forgotten: asked for without a token, the code comes by the webhook.
    let reset = format!(r#"{{"sign":19,{about},"newPassword":"second-pass-31""#);
    assert_eq!(say("/", &format!("{reset}}}")), r#"{"result":1}"#);
    let code = received.join().unwrap();
    assert_eq!(say("/", &format!(r#"{reset},"code":"{code}"}}"#)), r#"{"result":0}"#);
    let tea = domain::guard::tea::encode("second-pass-31");
    let signed_in = say("/", &format!(r#"{{"sign":26,{about},"ownerPassword":"{tea}"}}"#));
    assert!(signed_in.contains("\\u5f20\\u4e09"), "{signed_in}");
    server.terminate();
    let (_, log) = server.ended();
    for secret in [
        "first-pass-31",
        "second-pass-31",
        token,
        &code,
        &tea,
        "hook-secret-31",
        "$argon2",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
