//! The OSDP bridge with a real server. Its readers run on pseudo-terminals, by libosdp, which is an independent implementation.

use crate::link_rig::*;
use crate::peers::Peer;
use backend::guard::{cards, guards};
use domain::guard::drivers::osdp::{Key, Packet};
use domain::guard::ids::*;
use domain::guard::link::DeviceKey;
use domain::guard::messages::guards::GuardStatus;
use serde_json::{Value, json};
use server::door_bridge::osdp::{Bridge, CardNumbers, Options, run};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_serial::{SerialPort as _, SerialStream};

const ADDRESS: u8 = 101;
const CARD: &str = "32721040";
const LONG: Duration = Duration::from_secs(30);

/// A wire between two paths. Unplugged, it carries nothing.
struct Wire {
    bridge: String,
    reader: String,
    plugged: Arc<AtomicBool>,
    tasks: [JoinHandle<()>; 2],
}

async fn carries(mut from: ReadHalf<SerialStream>, mut to: WriteHalf<SerialStream>, plugged: Arc<AtomicBool>) {
    let mut bytes = [0; 256];
    loop {
        match from.read(&mut bytes).await {
            Ok(length) if length > 0 => {
                if plugged.load(Ordering::SeqCst) {
                    let _nobody_there = to.write_all(&bytes[..length]).await;
                }
            }
            // Nothing to read from while nobody holds the other end.
            _ => sleep(Duration::from_millis(10)).await,
        }
    }
}

impl Wire {
    fn new() -> Self {
        let (one, bridge) = SerialStream::pair().unwrap();
        let (other, reader) = SerialStream::pair().unwrap();
        let (bridge, reader) = (bridge.name().unwrap(), reader.name().unwrap());
        let plugged = Arc::new(AtomicBool::new(true));
        let ((from, back), (others, to)) = (split(one), split(other));
        let there = tokio::spawn(carries(from, to, plugged.clone()));
        let back = tokio::spawn(carries(others, back, plugged.clone()));
        Self {
            bridge,
            reader,
            plugged,
            tasks: [there, back],
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn options(state: &Path, wire: &Wire, server: String) -> Options {
    Options {
        ports: vec![wire.bridge.clone()],
        baud: 9_600,
        doors: vec![format!("{ADDRESS}=G1")],
        state: state.to_owned(),
        servers: vec![server],
        op_code: Some(CODE.to_owned()),
        pulse: 3.0,
        output: 0,
        contact: Some(0),
        contact_inverted: false,
        button: Some(1),
        held: 30.0,
        card_numbers: CardNumbers::Facility,
        commission: false,
        insecure: false,
    }
}

/// A directory with the key of G1, and the key of its reader.
fn keys() -> (TempDir, String) {
    let state = tempfile::tempdir().unwrap();
    std::fs::write(state.path().join("G1.key"), format!("{KEY}\n")).unwrap();
    let key = Key::of(&id("G1"), &DeviceKey::parse(KEY).unwrap());
    (state, key.bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn reader(wire: &Wire, key: &str, flags: &str) -> Option<Peer> {
    Peer::start("osdp_reader.py", &[&wire.reader, &ADDRESS.to_string(), key, flags])
}

struct Rig {
    node: Node,
    wire: Wire,
    _state: TempDir,
    key: String,
    running: JoinHandle<()>,
}

impl Rig {
    /// A node whose owner has the guard G1, and a bridge that speaks for it.
    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, where the bridge has other options.
    async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let node = Node::start().await;
        node.import(&["G1"]).await;
        let (wire, (state, key)) = (Wire::new(), keys());
        let mut options = options(state.path(), &wire, format!("http://{}", node.address));
        change(&mut options);
        let bridge = Bridge::open(&options).unwrap();
        let running = tokio::spawn(async move { bridge.run().await.unwrap() });
        let about = guards::Description {
            name: GuardName::parse("大门").unwrap(),
            location: GuardLocation::parse("北京").unwrap(),
            comment: GuardComment::parse("").unwrap(),
        };
        let (code, owner) = (OpCode::parse(CODE).unwrap(), node.owner().await);
        eventually("the guard is linked and added", LONG, async || {
            guards::add(&node.backend, &owner, &id("G1"), &code, &about)
                .await
                .is_ok()
        })
        .await;
        Self {
            node,
            wire,
            _state: state,
            key,
            running,
        }
    }

    fn reader(&self) -> Option<Peer> {
        reader(&self.wire, &self.key, "enforce")
    }

    async fn status(&self, status: GuardStatus) {
        eventually("the guard's status", LONG, async || {
            self.node.seen("G1").await.status == status
        })
        .await;
    }

    /// What the records of the guard say, in their order.
    async fn records(&self) -> Vec<String> {
        self.node.record_kinds("G1").await
    }

    /// Tells the reader all of this, again and again until it is recorded: what happens while a session begins is thrown away, and on a busy machine
    /// sessions break.
    async fn records_after(&self, reader: &mut Peer, told: &[Value], what: &str) {
        eventually(what, LONG, async || {
            for one in told {
                reader.tell(one);
                sleep(Duration::from_millis(400)).await;
            }
            self.records().await.iter().any(|one| one == what)
        })
        .await;
    }

    async fn card_is_authorised(&self, number: &str, bits: &str) {
        let now = self.node.backend.now();
        let new = cards::NewCard {
            service_numb: ServiceNumb::parse("C1").unwrap(),
            name: CardHolder::parse("张伟").unwrap(),
            card_numb: CardNumb::parse(number).unwrap(),
            dn_code: DnCode::parse(bits).unwrap(),
            from: now.plus(-3_600_000),
            until: now.plus(3_600_000),
        };
        cards::add(&self.node.backend, &self.node.owner().await, &id("G1"), new)
            .await
            .unwrap();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Shows or types it until the reader is asked for a pulse: grants take a moment to arrive.
async fn until_released(reader: &mut Peer, what: Value) -> Value {
    let is_output = |said: &Value| said["asked"] == "output";
    let late = Instant::now() + LONG;
    loop {
        reader.tell(&what);
        sleep(Duration::from_millis(500)).await;
        if let Some(output) = reader.said().into_iter().find(is_output) {
            return output;
        }
        assert!(Instant::now() < late, "never released: {:?}", reader.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_and_a_code_at_a_reader_of_libosdp_release_its_door_for_the_time_that_the_reader_measures() {
    let rig = Rig::start().await;
    let Some(mut reader) = rig.reader() else { return };
    reader.says("secure", |said| said["secure"] == true).await;
    rig.status(GuardStatus::Working).await;

    // The number of 26 bits with these bits is facility 100, number 58400.
    rig.card_is_authorised("10058400", CARD).await;
    let output = until_released(&mut reader, json!({"card": CARD, "bits": 26})).await;
    assert_eq!(
        [&output["output_no"], &output["control_code"], &output["timer_count"]],
        [0, 5, 30],
        "on for a time that the reader measures"
    );
    reader.says("green", |said| said["asked"] == "led").await;
    eventually("recorded", LONG, async || {
        rig.records().await.contains(&"opened".to_owned())
    })
    .await;

    // Another card is refused, and the person sees it.
    let before = reader.said().iter().filter(|said| said["asked"] == "output").count();
    rig.records_after(&mut reader, &[json!({"card": "32721080", "bits": 26})], "refused")
        .await;
    assert_eq!(
        reader.said().iter().filter(|said| said["asked"] == "output").count(),
        before
    );

    // The door opens and closes.
    let (shut, open) = (json!({"inputs": [0, 0]}), json!({"inputs": [1, 0]}));
    rig.records_after(&mut reader, &[shut.clone(), open.clone()], "door:opened")
        .await;
    rig.records_after(&mut reader, &[open, shut], "door:closed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_typed_at_a_reader_of_libosdp_opens_key_by_key() {
    let rig = Rig::start().await;
    let Some(mut reader) = rig.reader() else { return };
    reader.says("secure", |said| said["secure"] == true).await;
    rig.node.password("G1", "N1", "471147").await;
    for key in ["4", "7", "1", "1", "4"] {
        reader.tell(&json!({"keys": key}));
        sleep(Duration::from_millis(150)).await;
    }
    let output = until_released(&mut reader, json!({"keys": "*471147#"})).await;
    assert_eq!(output["control_code"], 5);
    eventually("recorded", LONG, async || {
        rig.records().await.contains(&"opened".to_owned())
    })
    .await;
    let before = reader.said().iter().filter(|said| said["asked"] == "output").count();
    rig.records_after(&mut reader, &[json!({"keys": "471148#"})], "refused")
        .await;
    assert_eq!(
        reader.said().iter().filter(|said| said["asked"] == "output").count(),
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_libosdp_with_the_default_key_or_another_one_makes_its_guard_faulty() {
    for key in ["-", "00112233445566778899aabbccddeeff"] {
        let rig = Rig::start().await;
        rig.node.password("G1", "N1", "471147").await;
        let Some(mut reader) = reader(&rig.wire, key, "-") else {
            return;
        };
        rig.status(GuardStatus::Faulty).await;
        reader.tell(&json!({"keys": "471147#"}));
        sleep(Duration::from_secs(3)).await;
        assert!(
            reader
                .said()
                .iter()
                .all(|said| said["asked"].is_null() && said["secure"].is_null())
        );
        assert_eq!(rig.records().await, [""; 0], "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_libosdp_that_is_unplugged_makes_its_guard_faulty_and_opens_nothing_when_it_is_back() {
    let rig = Rig::start().await;
    let Some(mut reader) = rig.reader() else { return };
    reader.says("secure", |said| said["secure"] == true).await;
    rig.node.password("G1", "N1", "471147").await;
    until_released(&mut reader, json!({"keys": "471147#"})).await;
    rig.wire.plugged.store(false, Ordering::SeqCst);
    let before = reader.said().iter().filter(|said| said["asked"] == "output").count();
    reader.tell(&json!({"keys": "471147#"}));
    rig.status(GuardStatus::Faulty).await;
    rig.wire.plugged.store(true, Ordering::SeqCst);
    rig.status(GuardStatus::Working).await;
    sleep(Duration::from_secs(1)).await;
    let outputs = |reader: &Peer| reader.said().iter().filter(|said| said["asked"] == "output").count();
    assert_eq!(outputs(&reader), before, "what was typed meanwhile");
    eventually("it opens again", LONG, async || {
        reader.tell(&json!({"keys": "471147#"}));
        sleep(Duration::from_millis(500)).await;
        outputs(&reader) > before
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_libosdp_is_given_its_key_and_has_it_from_then_on() {
    let (wire, (state, key)) = (Wire::new(), keys());
    let Some(mut fresh) = reader(&wire, "-", "install") else {
        return;
    };
    fresh.says("ready", |said| said["ready"] == true).await;
    let keying = Options {
        commission: true,
        ..options(state.path(), &wire, String::new())
    };
    fresh.tell(&json!({"card": CARD, "bits": 26}));
    tokio::time::timeout(LONG, run(keying)).await.unwrap().unwrap();
    let said = fresh.says("the key", |said| said["asked"] == "keyset").await;
    assert!(said.to_string().contains(&key), "{said}");
    assert!(fresh.said().iter().all(|said| said["asked"] != "output"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_not_there_makes_its_guards_faulty() {
    let rig = Rig::with(|options| options.ports = vec!["/dev/no-such-port".to_owned()]).await;
    rig.status(GuardStatus::Faulty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_characters_of_silence_are_kept_between_an_answer_and_the_next_command() {
    const BAUD: u32 = 1_200;
    let (state, _) = keys();
    let (mut reader, bridge) = SerialStream::pair().unwrap();
    let wire = Wire::new();
    let slow = Options {
        ports: vec![bridge.name().unwrap()],
        baud: BAUD,
        ..options(state.path(), &wire, "http://127.0.0.1:9".to_owned())
    };
    drop(bridge);
    let running = tokio::spawn(Bridge::open(&slow).unwrap().run());
    let mut command = [0; 64];
    let identity = Packet::write(ADDRESS, true, 0, None, (0x45, &[0; 12]), |_| [0; 4]).unwrap();
    // A pty that nobody has open reads as an error.
    while !matches!(reader.read(&mut command).await, Ok(1..)) {
        sleep(Duration::from_millis(10)).await;
    }
    reader.write_all(&identity).await.unwrap();
    let answered = Instant::now();
    reader.read_exact(&mut command[..1]).await.unwrap();
    let silent = answered.elapsed();
    let asked = Duration::from_secs(20) / BAUD;
    assert!((asked..asked * 10).contains(&silent), "{silent:?}, at least {asked:?}");
    running.abort();
}

#[tokio::test]
async fn options_that_cannot_be_meant_are_refused() {
    let (wire, (state, _)) = (Wire::new(), keys());
    let refused = |change: &dyn Fn(&mut Options), why: &str| {
        let mut wrong = options(state.path(), &wire, "http://127.0.0.1:9".to_owned());
        change(&mut wrong);
        let error = Bridge::open(&wrong).err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(why)),
            "{error:?}: {why}"
        );
    };
    refused(&|o| o.doors = vec!["127=G1".to_owned()], "--door");
    refused(&|o| o.doors = vec!["2/5=G1".to_owned()], "--door");
    refused(&|o| o.doors = vec!["0/5=G1".to_owned()], "--door");
    refused(&|o| o.doors = vec!["5".to_owned()], "--door");
    refused(&|o| o.doors = vec!["5=G1".to_owned(), "5=G2".to_owned()], "twice");
    refused(&|o| o.doors = vec!["5=G1".to_owned(), "6=G1".to_owned()], "twice");
    refused(&|o| o.doors = vec!["5=../G1".to_owned()], "file");
    refused(&|o| o.doors = vec!["5=G3".to_owned()], "G3.key");
    refused(&|o| o.servers = vec!["ftp://locks.example".to_owned()], "ftp");
    refused(&|o| o.pulse = 0.0, "--pulse");
    refused(&|o| o.pulse = 601.0, "--pulse");
    refused(&|o| o.held = f64::NAN, "--held");
    refused(&|o| o.button = Some(0), "--button");
    refused(&|o| o.ports.push("/dev/null".to_owned()), "no reader");
    std::fs::write(state.path().join("G1.scbk"), "303132333435363738393a3b3c3d3e3f").unwrap();
    refused(&|_| {}, "default key");
}
