//! A UHPPOTE controller on the loopback, the bridge beside it, and a real server behind.

use crate::link_rig::*;
use backend::LocalZone;
use backend::clock::{Clock as _, SystemClock};
use backend::guard::guards::{self, Description};
use domain::guard::ids::*;
use domain::guard::times::Zone as _;
use server::door_bridge::uhppote::{Bridge, Options};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const SERIAL: u32 = 405_419_896;
const ZONE: &str = "Asia/Shanghai";

#[derive(Default)]
struct Memory {
    /// Door, card and reason of each event, from index 1.
    events: Vec<(u8, u32, u8, [u8; 7])>,
    opened: Vec<u8>,
    pc_control: bool,
    listener: Option<SocketAddr>,
    /// It hears nothing.
    away: bool,
}

/// The controller, by the tables of its public documents.
struct Sim {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    socket: Arc<UdpSocket>,
    task: JoinHandle<()>,
}

fn bcd(number: i32) -> u8 {
    u8::try_from(number / 10 * 16 + number % 10).unwrap()
}

/// Now, as the controller's clock shows it.
fn stamp() -> [u8; 7] {
    let civil = LocalZone::named(ZONE).unwrap().to_civil(SystemClock.now()).unwrap();
    let [century, year] = [civil.year / 100, civil.year % 100].map(|part| bcd(part.into()));
    let [month, day, hour, minute, second] =
        [civil.month, civil.day, civil.hour, civil.minute, civil.second].map(|part| bcd(part.into()));
    [century, year, month, day, hour, minute, second]
}

impl Memory {
    fn write(&self, index: usize, answer: &mut [u8]) {
        let Some((door, card, reason, at)) = index.checked_sub(1).and_then(|at| self.events.get(at)) else {
            return;
        };
        answer[8..12].copy_from_slice(&u32::try_from(index).unwrap().to_le_bytes());
        (answer[12], answer[14], answer[15]) = (if *reason == 44 { 2 } else { 1 }, *door, 1);
        answer[16..20].copy_from_slice(&card.to_le_bytes());
        answer[20..27].copy_from_slice(at);
        answer[27] = *reason;
    }

    fn answer(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut answer = vec![0; 64];
        answer[..8].copy_from_slice(&packet[..8]);
        match packet[1] {
            0x20 => {
                self.write(self.events.len(), &mut answer);
                let now = stamp();
                answer[37..40].copy_from_slice(&now[4..]);
                answer[51..54].copy_from_slice(&now[1..4]);
            }
            0xB0 => {
                let index = u32::from_le_bytes(packet[8..12].try_into().unwrap());
                self.write(usize::try_from(index).unwrap(), &mut answer);
            }
            0x30 => answer[8..15].copy_from_slice(&packet[8..15]),
            other => {
                answer[8] = 1;
                match other {
                    0x40 => {
                        self.opened.push(packet[8]);
                        self.events.push((packet[8], 0, 44, stamp()));
                    }
                    0x90 => {
                        let ip: [u8; 4] = packet[8..12].try_into().unwrap();
                        self.listener = Some((ip, u16::from_le_bytes([packet[12], packet[13]])).into());
                    }
                    0xA0 => self.pc_control = packet[12] == 1,
                    _ => {}
                }
            }
        }
        answer
    }
}

impl Sim {
    async fn start() -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let memory = Arc::new(Mutex::new(Memory::default()));
        let (hears, knows) = (socket.clone(), memory.clone());
        let task = tokio::spawn(async move {
            let mut packet = [0; 100];
            while let Ok((length, from)) = hears.recv_from(&mut packet).await {
                assert_eq!((length, packet[0]), (64, 0x17));
                assert_eq!(packet[4..8], SERIAL.to_le_bytes());
                let answer = {
                    let mut memory = knows.lock().unwrap();
                    (!memory.away).then(|| memory.answer(&packet[..64]))
                };
                if let Some(answer) = answer {
                    hears.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self {
            address: socket.local_addr().unwrap(),
            memory,
            socket,
            task,
        }
    }

    /// A card is held to the reader of a door.
    async fn swipe(&self, door: u8, card: u32) {
        let (pushed, to) = {
            let mut memory = self.memory.lock().unwrap();
            let reason = if memory.pc_control { 5 } else { 6 };
            memory.events.push((door, card, reason, stamp()));
            let mut request = [0; 64];
            (request[0], request[1]) = (0x17, 0x20);
            request[4..8].copy_from_slice(&SERIAL.to_le_bytes());
            let mut pushed = memory.answer(&request);
            pushed[0] = 0x19;
            (pushed, memory.listener)
        };
        if let Some(to) = to {
            self.socket.send_to(&pushed, to).await.unwrap();
        }
    }

    fn opened(&self) -> Vec<u8> {
        self.memory.lock().unwrap().opened.clone()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn options(state: &Path, sim: SocketAddr, node: SocketAddr) -> Options {
    Options {
        controller: format!("{SERIAL}@{sim}"),
        doors: vec!["1=G1".to_owned(), "2=G2".to_owned()],
        state: state.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        zone: ZONE.to_owned(),
        servers: vec![format!("http://{node}")],
        op_code: Some(CODE.to_owned()),
        keypad: true,
        insecure: false,
    }
}

fn keys() -> TempDir {
    let state = tempfile::tempdir().unwrap();
    for guard in ["G1", "G2"] {
        std::fs::write(state.path().join(format!("{guard}.key")), format!("{KEY}\n")).unwrap();
    }
    state
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let late = Instant::now() + Duration::from_secs(30);
    while !done().await {
        assert!(Instant::now() < late, "never: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn add(node: &Node, guard: &str) {
    let about = Description {
        name: GuardName::parse("大门").unwrap(),
        location: GuardLocation::parse("北京").unwrap(),
        comment: GuardComment::parse("").unwrap(),
    };
    let code = OpCode::parse(CODE).unwrap();
    let owner = node.owner().await;
    until("linked", async || {
        guards::add(&node.backend, &owner, &id(guard), &code, &about)
            .await
            .is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_at_a_controller_opens_by_the_grants_of_that_doors_guard_only() {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let (sim, state) = (Sim::start().await, keys());
    let bridge = Bridge::open(options(state.path(), sim.address, node.address))
        .await
        .unwrap();
    let running = tokio::spawn(bridge.run());
    add(&node, "G1").await;
    add(&node, "G2").await;
    node.password("G1", "N1", "471147").await;
    until("opened", async || {
        sim.swipe(1, 471_147).await;
        sleep(Duration::from_millis(200)).await;
        !sim.opened().is_empty()
    })
    .await;
    assert!(sim.opened().iter().all(|door| *door == 1));
    until("recorded", async || !node.stored("G1").await.is_empty()).await;

    // The same digits at the other door, and other digits at this one.
    let before = sim.opened().len();
    sim.swipe(2, 471_147).await;
    sim.swipe(1, 471_148).await;
    until("refused", async || node.stored("G2").await.len() == 1).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(sim.opened().len(), before);
    assert!(!running.is_finished());

    // What was handled is not handled again by the next run, and what comes while nobody is there is not forgotten.
    running.abort();
    let _ended = running.await;
    let (records, events) = (node.stored("G1").await.len(), sim.memory.lock().unwrap().events.len());
    let bridge = Bridge::open(options(state.path(), sim.address, node.address))
        .await
        .unwrap();
    let running = tokio::spawn(bridge.run());
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(node.stored("G1").await.len(), records);
    assert_eq!(
        sim.memory.lock().unwrap().events.len(),
        events,
        "nothing opened at the start"
    );
    sim.swipe(1, 471_147).await;
    until("opened again", async || sim.opened().len() > before).await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_is_away_makes_its_guards_faulty_and_opens_nothing_later() {
    let node = Node::start().await;
    node.import(&["G1", "G2"]).await;
    let (sim, state) = (Sim::start().await, keys());
    let bridge = Bridge::open(options(state.path(), sim.address, node.address))
        .await
        .unwrap();
    let running = tokio::spawn(bridge.run());
    add(&node, "G1").await;
    node.password("G1", "N1", "471147").await;
    until("opened", async || {
        sim.swipe(1, 471_147).await;
        sleep(Duration::from_millis(200)).await;
        !sim.opened().is_empty()
    })
    .await;
    sim.memory.lock().unwrap().away = true;
    let before = sim.opened().len();
    sim.swipe(1, 471_147).await;
    until("faulty", async || {
        node.seen("G1").await.status == domain::guard::messages::guards::GuardStatus::Faulty
    })
    .await;
    sleep(Duration::from_secs(6)).await;
    sim.memory.lock().unwrap().away = false;
    until("working", async || {
        node.seen("G1").await.status == domain::guard::messages::guards::GuardStatus::Working
    })
    .await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(sim.opened().len(), before, "the card was shown too long ago");
    running.abort();
}

#[tokio::test]
async fn options_that_cannot_be_meant_are_refused() {
    let state = keys();
    let (sim, node) = ("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let refused = async |change: &dyn Fn(&mut Options), why: &str| {
        let mut wrong = options(state.path(), sim, node);
        change(&mut wrong);
        let error = Bridge::open(wrong).await.err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(why)),
            "{error:?}: {why}"
        );
    };
    refused(&|o| o.controller = "405419896".to_owned(), "--controller").await;
    refused(&|o| o.controller = "0@127.0.0.1".to_owned(), "--controller").await;
    refused(&|o| o.controller = "1@255.255.255.255".to_owned(), "not of all").await;
    refused(&|o| o.listen = "127.0.0.1:60000".parse().unwrap(), "60000").await;
    refused(&|o| o.zone = "Asia/Beijing".to_owned(), "Asia/Shanghai").await;
    refused(&|o| o.doors = vec!["5=G1".to_owned()], "--door").await;
    refused(&|o| o.doors = vec!["1=G1".to_owned(), "1=G2".to_owned()], "twice").await;
    refused(&|o| o.doors = vec!["1=G1".to_owned(), "2=G1".to_owned()], "twice").await;
    refused(&|o| o.doors = vec!["1=../G1".to_owned()], "file").await;
    refused(&|o| o.doors = vec!["1=G3".to_owned()], "G3.key").await;
    refused(&|o| o.servers = vec!["ftp://locks.example".to_owned()], "ftp").await;
}
