//! How many sockets there may be, and how long each may be silent. The bounds are those of the server, only shorter.

use crate::harness::World;
use crate::link::frames::{Raw, hello};
use crate::link_rig::KEY;
use crate::process::binary::{Running, get, latchkey};
use backend::Actor;
use backend::guard::inventory;
use domain::guard::link::ToDevice;
use server::edge::address::{TrustedProxies, network};
use server::edge::bounds::Bounds;
use server::edge::connections::Connections;
use server::edge::counters::Count;
use server::listener::{Listening, listen};
use server::tls::{Keeper, Source};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

/// Longer than any bound here, and shorter than those of the server.
const SOON: Duration = Duration::from_secs(8);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

fn short() -> Bounds {
    let ms = Duration::from_millis;
    Bounds {
        first_byte_within: ms(300),
        head_within: ms(600),
        idle_within: ms(900),
        write_within: ms(700),
        body_pause: ms(400),
        ping_every: ms(400),
        ping_within: ms(400),
        ..Bounds::default()
    }
}

struct Server {
    world: World,
    connections: Connections,
    listening: Listening,
}

impl Server {
    async fn start(bounds: Bounds) -> Self {
        Self::with(bounds, &[], false).await
    }

    async fn with(bounds: Bounds, proxies: &[&str], tls: bool) -> Self {
        let world = World::on_sqlite().await;
        let proxies: Vec<_> = proxies.iter().map(|text| network(text).unwrap()).collect();
        let world = world.with_edge(|edge| {
            edge.bounds = bounds;
            edge.believed.proxies = TrustedProxies::new(proxies);
        });
        let edge = &world.state.edge;
        let connections = Connections::new(
            edge.bounds.clone(),
            edge.believed.proxies.clone(),
            Arc::clone(&edge.counters),
        );
        let data = tempfile::tempdir().unwrap();
        let source = Source::SelfSigned {
            data: data.path().to_owned(),
            names: vec!["localhost".to_owned()],
        };
        let pem = tls.then(|| Keeper::new(source, world.now()).unwrap().config());
        let any = "127.0.0.1:0".parse().unwrap();
        let listening = listen(any, &world.state, &connections, pem).await.unwrap();
        Self {
            world,
            connections,
            listening,
        }
    }

    async fn connect(&self) -> TcpStream {
        from("127.0.0.1", self.listening.address).await
    }

    async fn connect_from(&self, address: &str) -> TcpStream {
        from(address, self.listening.address).await
    }

    fn count(&self, kind: Count) -> u64 {
        self.world.state.edge.counters.get(kind)
    }

    /// A request on a connection of its own, from this address.
    async fn is_served(&self, address: &str) -> bool {
        let mut stream = self.connect_from(address).await;
        if stream.write_all(get("/readyz").as_bytes()).await.is_err() {
            return false;
        }
        rest(&mut stream)
            .await
            .is_some_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    }

    /// Waits until this number is open.
    async fn open(&self, wanted: usize) {
        let late = Instant::now() + SOON;
        while self.connections.open() != wanted {
            assert!(Instant::now() < late, "{} open", self.connections.open());
            sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn from(address: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
    socket.connect(to).await.unwrap()
}

/// Everything until the other side closes; `None` if it does not.
async fn rest(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _end = timeout(SOON, stream.read_to_end(&mut bytes)).await.ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Waits until the other side closes.
async fn closed(stream: &mut TcpStream) {
    rest(stream).await.expect("it is not closed");
}

/// A request whose head has come and whose body has not.
async fn half(server: &Server, address: &str) -> TcpStream {
    let mut stream = server.connect_from(address).await;
    let head = "POST /v1/Login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_says_nothing_is_closed() {
    for tls in [false, true] {
        let server = Server::with(short(), &[], tls).await;
        // From before: the server begins to wait when it accepts.
        let begun = Instant::now();
        let mut silent = server.connect().await;
        closed(&mut silent).await;
        assert!(begun.elapsed() >= short().first_byte_within);
        server.open(0).await;
        assert_eq!(server.count(Count::FirstByteLate), 1, "TLS: {tls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_closes_its_connection() {
    let server = Server::start(short()).await;
    let mut slow = server.connect().await;
    let begun = Instant::now();
    let dripping = async {
        for byte in b"GET / HTTP/1.1\r\nhost: localhost\r\nx: "
            .iter()
            .chain(std::iter::repeat_n(&b'x', 200))
        {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, dripping).await.expect("it is not closed");
    assert!(begun.elapsed() >= short().head_within);
    // The beginning of the preface of HTTP/2, and a whole preface with nothing after it.
    for begin in [&PREFACE[..10], PREFACE] {
        let mut silent = server.connect().await;
        silent.write_all(begin).await.unwrap();
        closed(&mut silent).await;
    }
    server.open(0).await;
    assert!(server.count(Count::HeadLate) >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_kept_for_a_while_and_closed_then() {
    let server = Server::start(short()).await;
    let mut stream = server.connect().await;
    let ask = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    for _ in 0..3 {
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut some = [0; 4096];
        let read = stream.read(&mut some).await.unwrap();
        assert!(some[..read].starts_with(b"HTTP/1.1 200 "));
        sleep(short().idle_within / 3).await;
    }
    closed(&mut stream).await;
    assert_eq!(server.count(Count::IdleEnded), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_is_answered_and_closed() {
    let server = Server::start(short()).await;
    let stream = half(&server, "127.0.0.1").await;
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while writer.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
    });
    let mut answer = Vec::new();
    let _end = timeout(SOON, reader.read_to_end(&mut answer))
        .await
        .expect("it is not closed");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("too-slow"),
        "{answer}"
    );
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(server.count(Count::BodySlow), 1);
    dripping.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_answers_is_let_go() {
    let server = Server::start(short()).await;
    let mut stream = server.connect().await;
    let asks = "GET /sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    let begun = Instant::now();
    while begun.elapsed() < SOON && server.count(Count::WriteStalled) == 0 {
        // Whether it goes through or not: nothing is ever read.
        let _sent = timeout(Duration::from_millis(50), stream.write_all(asks.as_bytes())).await;
    }
    assert_eq!(server.count(Count::WriteStalled), 1);
    server.open(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_sockets_make_place_and_requests_do_not() {
    let bounds = Bounds {
        first_byte_within: Duration::from_secs(60),
        body_pause: Duration::from_secs(60),
        connections: 32,
        per_address: 16,
        ..short()
    };
    let server = Server::start(bounds).await;
    let mut under_way = half(&server, "127.0.0.9").await;
    sleep(Duration::from_millis(200)).await;
    let mut silent = Vec::new();
    for number in 0..200 {
        silent.push(
            server
                .connect_from(["127.0.0.1", "127.0.0.2", "127.0.0.3"][number % 3])
                .await,
        );
        if number % 10 == 9 {
            assert!(server.is_served("127.0.0.1").await, "after {number}");
            assert!(server.is_served("127.0.0.4").await, "after {number}");
        }
        assert!(server.connections.open() <= 32);
    }
    assert!(server.count(Count::ConnectionEvicted) >= 160);
    under_way.write_all(&[b' '; 39]).await.unwrap();
    assert!(rest(&mut under_way).await.unwrap().starts_with("HTTP/1.1 400 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_place_is_refused_and_counted() {
    let bounds = Bounds {
        body_pause: Duration::from_secs(60),
        connections: 6,
        per_address: 4,
        ..short()
    };
    let server = Server::with(bounds, &["127.0.0.7"], false).await;
    let mut kept = Vec::new();
    for _ in 0..4 {
        kept.push(half(&server, "127.0.0.1").await);
    }
    sleep(Duration::from_millis(200)).await;
    assert!(!server.is_served("127.0.0.1").await, "this address has all it may have");
    assert!(server.is_served("127.0.0.2").await);
    assert_eq!(server.count(Count::ConnectionRefused), 1);
    // A trusted proxy stands for many; but there is a limit for all.
    server.open(4).await;
    for _ in 0..2 {
        kept.push(half(&server, "127.0.0.7").await);
    }
    sleep(Duration::from_millis(200)).await;
    assert!(!server.is_served("127.0.0.2").await);
    kept.truncate(3);
    assert!(server.is_served("127.0.0.2").await);
    assert_eq!(server.count(Count::ConnectionRefused), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_count_against_their_address_until_their_guard_is_admitted() {
    let bounds = Bounds {
        per_address: 3,
        idle_within: Duration::from_secs(1),
        ..short()
    };
    let server = Server::start(bounds).await;
    let file: String = (0..4).map(|number| format!("G000{number},{KEY}\n")).collect();
    let file = format!("guardId,deviceKey\n{file}");
    inventory::import_csv(&server.world.backend, &Actor::Cli, file.as_bytes())
        .await
        .unwrap();
    let target = crate::link_rig::target(server.listening.address);
    let mut admitted = Vec::new();
    for number in 0..4 {
        admitted.push(Raw::admitted_at(&target, &format!("G000{number}")).await);
    }
    let mut strangers = Vec::new();
    for _ in 0..3 {
        let mut wire = target.connect().await.unwrap();
        let challenge = ToDevice::parse(&wire.receive().await.unwrap()).unwrap();
        assert!(matches!(challenge, ToDevice::Challenge { .. }));
        strangers.push(wire);
    }
    assert!(!server.is_served("127.0.0.1").await, "three said nothing yet");
    assert!(server.is_served("127.0.0.2").await);
    drop(strangers);
    server.open(4).await;
    assert!(server.is_served("127.0.0.1").await);
    // Longer than any silence HTTP allows, and they are still there.
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(server.world.state.links.open(), 4);
    let nonce = domain::guard::link::Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(1));
    for mut raw in admitted {
        raw.say(&hello("G0000", &nonce)).await;
    }
}

/// A process with few descriptors, its database among them, and more silent sockets than it has.
#[test]
fn silent_sockets_take_no_descriptor_from_the_database() {
    let data = tempfile::tempdir().unwrap();
    let serve = latchkey(data.path(), &["demo", "--http", "127.0.0.1:0"]);
    let mut limited = std::process::Command::new("bash");
    limited
        .args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""])
        .arg(serve.get_program());
    limited.args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let server = Running::start(&mut limited);
    let mut silent = Vec::new();
    for number in 0..300 {
        silent.push(std::net::TcpStream::connect(&server.http).unwrap());
        if number % 20 == 0 {
            assert!(
                server.ask(&get("/readyz")).starts_with("HTTP/1.1 200 "),
                "after {number}"
            );
        }
    }
    let login = r#"{"phoneNumber":"01000000002","password":"latchkey-demo"}"#;
    let length = login.len();
    for _ in 0..10 {
        let answer = server.ask(&format!(
            "POST /v1/Login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{login}"
        ));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    server.terminate();
    let (_, log) = server.ended();
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(
        log.matches("connections without a request were closed").count(),
        1,
        "{log}"
    );
    drop(silent);
}
