//! What a device may say that makes no sense, or too much of it; and that the description for makers of devices is true.

use crate::link_rig::*;
use domain::guard::grants::Reason;
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::proof::{Handshake, Prover};
use domain::guard::link::{
    Attempt, DeviceKey, FromDevice, Happening, Hello, MAX_FRAME_BYTES, MAX_RECORDS, Nonce, Record, Status, ToDevice,
    Version,
};
use domain::ids::Millis;
use http::Request;
use server::guard_sim::{Target, Wire, WireError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// A socket that is no state machine: it says what it is told to.
pub struct Raw(pub Wire);

impl Raw {
    async fn open(node: &Node) -> (Self, Nonce) {
        Self::at(&node.target()).await
    }

    async fn at(target: &Target) -> (Self, Nonce) {
        let mut wire = target.connect().await.unwrap();
        let ToDevice::Challenge { nonce } = ToDevice::parse(&wire.receive().await.unwrap()).unwrap() else {
            panic!("no challenge");
        };
        (Self(wire), nonce)
    }

    async fn admitted(node: &Node, guard: &str) -> Self {
        Self::admitted_at(&node.target(), guard).await
    }

    pub async fn admitted_at(target: &Target, guard: &str) -> Self {
        let (mut raw, node_nonce) = Self::at(target).await;
        raw.say(&hello(guard, &node_nonce)).await;
        assert!(matches!(raw.hear().await, ToDevice::Welcome(_)));
        raw
    }

    pub async fn say(&mut self, frame: &FromDevice) {
        self.0.send(frame.to_json()).await.unwrap();
    }

    async fn hear(&mut self) -> ToDevice {
        ToDevice::parse(&self.0.receive().await.unwrap()).unwrap()
    }

    /// The close code that comes after whatever else comes.
    async fn closed(mut self) -> u16 {
        loop {
            match self.0.receive().await {
                Ok(_) => {}
                Err(WireError::Closed(code)) => return code,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

pub fn hello(guard: &str, node_nonce: &Nonce) -> FromDevice {
    let (guard_id, nonce) = (id(guard), Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(9)));
    let handshake = Handshake {
        guard_id: &guard_id,
        node_nonce,
        device_nonce: &nonce,
    };
    FromDevice::Hello(Box::new(Hello {
        proof: handshake.prove(&DeviceKey::parse(KEY).unwrap(), Prover::Device),
        guard_id: guard_id.clone(),
        nonce,
        op_code: OpCode::parse(CODE).ok(),
        firmware: "raw".to_owned(),
        status: Status::Working,
        version: Version::default(),
        last_record: 0,
        sent: Millis(0),
    }))
}

fn record(seq: i64) -> Record {
    Record {
        seq,
        at: Millis(1_800_000_000_000),
        uncertainty_ms: Some(5),
        what: Happening::Refused {
            attempt: Attempt::Password {
                masked: "****".to_owned(),
            },
            reason: Reason::UnknownPassword,
            service_numb: None,
        },
    }
}

pub fn records(from: i64, count: usize) -> FromDevice {
    FromDevice::Records {
        records: (from..).take(count).map(record).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_has_a_close_code_and_harms_nobody_else() {
    let node = Node::start().await;
    node.import(&["G1"]).await;
    let mut other = node.door("G2").await;
    let text = |text: &str| Message::Text(text.into());
    let large = format!("{{\"type\":\"{}\"}}", "x".repeat(MAX_FRAME_BYTES));
    let many = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    for (message, code) in [
        (text("not JSON"), 4000),
        (text(""), 4000),
        (text("[]"), 4000),
        (text("{\"type\":7}"), 4000),
        (text(&many), 4000),
        (text(r#"{"type":"applied","version":{"epoch":-1,"number":0}}"#), 4000),
        (text(r#"{"type":"applied","version":{"epoch":1e99,"number":0}}"#), 4000),
        (text(&records(1, MAX_RECORDS + 1).to_json()), 4000),
        (text(r#"{"type":"heartbeat","sent":1}"#), 4000),
        (text(&large), 1009),
        (Message::Binary(b"{}".to_vec().into()), 1003),
    ] {
        let mut raw = Raw::admitted(&node, "G1").await;
        raw.0.send_raw(message.clone()).await.unwrap();
        assert_eq!(raw.closed().await, code, "{:.80}", format!("{message:?}"));
    }
    // A second hello; something else in the place of the first; a gap inside a frame.
    let mut raw = Raw::admitted(&node, "G1").await;
    raw.say(&hello("G1", &Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(1))))
        .await;
    assert_eq!(raw.closed().await, 4000);
    let (mut raw, _) = Raw::open(&node).await;
    raw.say(&records(1, 1)).await;
    assert_eq!(raw.closed().await, 4000);
    let mut raw = Raw::admitted(&node, "G1").await;
    let gap = FromDevice::Records {
        records: vec![record(1), record(3)],
    };
    raw.say(&gap).await;
    assert_eq!(raw.closed().await, 4000);
    assert!(node.stored("G1").await.is_empty());
    // A proof for another challenge.
    let (mut raw, _) = Raw::open(&node).await;
    raw.say(&hello("G1", &Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(1))))
        .await;
    assert_eq!(raw.closed().await, 4001);
    assert!(other.runner.guard.device.is_connected());
    other.card().await;
    other.converged(&node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_device_may_say_is_ignored() {
    let node = Node::start().await;
    node.import(&["G1"]).await;
    let mut raw = Raw::admitted(&node, "G1").await;
    raw.0
        .send(r#"{"type":"weather","rain":true}"#.to_owned())
        .await
        .unwrap();
    let heartbeat = r#"{"type":"heartbeat","sent":7,"uncertaintyMs":null,"status":"working","version":{"epoch":0,"number":0},"rain":true}"#;
    raw.0.send(heartbeat.to_owned()).await.unwrap();
    loop {
        match raw.hear().await {
            ToDevice::Heartbeat { echo, .. } => break assert_eq!(echo, Millis(7)),
            ToDevice::Snapshot(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_repeated_without_doubles_and_not_stored_behind_a_gap() {
    let node = Node::start().await;
    node.import(&["G1"]).await;
    let mut raw = Raw::admitted(&node, "G1").await;
    for (from, count, through) in [(1, 3, 3), (1, 3, 3), (2, 4, 5), (7, 2, 5), (6, 64, 69), (1, 10, 69)] {
        raw.say(&records(from, count)).await;
        let answer = loop {
            match raw.hear().await {
                ToDevice::RecordsStored { through } => break through,
                ToDevice::Snapshot(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(answer, through, "{count} from {from}");
    }
    assert!(without_a_gap(&node.stored("G1").await));
    assert_eq!(node.stored("G1").await.len(), 69);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_socket_and_one_without_websocket_are_closed() {
    let node = Node::at_pace(quick()).await;
    let (raw, _) = Raw::open(&node).await;
    let begun = Instant::now();
    assert_eq!(raw.closed().await, 4003);
    assert!(begun.elapsed() < Duration::from_secs(3));
    for (protocol, status) in [(None, "400"), (Some("other.v1"), "400")] {
        let mut request = Request::get("/v1/link").header("host", "x");
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            request = request.header(name, value);
        }
        if let Some(protocol) = protocol {
            request = request.header("sec-websocket-protocol", protocol);
        }
        assert_eq!(answer(&node, &request.body(()).unwrap()).await, status);
    }
    let plain = Request::get("/v1/link").header("host", "x").body(()).unwrap();
    assert_eq!(answer(&node, &plain).await, "400");
    let post = Request::post("/v1/link").header("host", "x").body(()).unwrap();
    assert_eq!(answer(&node, &post).await, "405");
    while node.links.open() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "a socket stays open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The status of an answer.
pub async fn answer(node: &Node, request: &Request<()>) -> String {
    let mut stream = tokio::net::TcpStream::connect(node.address).await.unwrap();
    let headers: String = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    let head = format!("{} {} HTTP/1.1\r\n{headers}\r\n", request.method(), request.uri());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

#[test]
fn the_description_for_makers_of_devices_is_true() {
    let text = include_str!("../../../docs/LINK.md");
    let (mut from_guard, mut from_node) = (Vec::new(), Vec::new());
    for part in text.split("```json ").skip(1) {
        let (whose, rest) = part.split_once('\n').unwrap();
        let json = rest.split("```").next().unwrap();
        match whose {
            "guard" => {
                let frame = FromDevice::parse(json).unwrap_or_else(|fault| panic!("{fault}: {json}"));
                assert_eq!(frame.to_json(), json.trim());
                from_guard.push(frame);
            }
            "node" => {
                let frame = ToDevice::parse(json).unwrap_or_else(|fault| panic!("{fault}: {json}"));
                assert_eq!(frame.to_json(), json.trim());
                from_node.push(frame);
            }
            other => panic!("{other}"),
        }
    }
    for reason in Reason::ALL {
        assert!(text.contains(&format!("`{}`", reason.as_str())), "{reason:?}");
    }
    for kind in ["hello", "applied", "records", "heartbeat", "goodbye"] {
        assert!(
            from_guard
                .iter()
                .any(|frame| frame.to_json().contains(&format!("\"type\":\"{kind}\"")))
        );
    }
    for kind in [
        "challenge",
        "welcome",
        "changes",
        "snapshot",
        "records-stored",
        "heartbeat",
        "goodbye",
    ] {
        assert!(
            from_node
                .iter()
                .any(|frame| frame.to_json().contains(&format!("\"type\":\"{kind}\"")))
        );
    }
    let (FromDevice::Hello(hello), ToDevice::Challenge { nonce }, ToDevice::Welcome(welcome)) =
        (&from_guard[0], &from_node[0], &from_node[1])
    else {
        panic!("not in this order");
    };
    let guard_id: &GuardId = &hello.guard_id;
    let handshake = Handshake {
        guard_id,
        node_nonce: nonce,
        device_nonce: &hello.nonce,
    };
    let key = DeviceKey::parse(KEY).unwrap();
    assert_eq!(handshake.prove(&key, Prover::Device), hello.proof);
    assert_eq!(handshake.prove(&key, Prover::Node), welcome.proof);
}
