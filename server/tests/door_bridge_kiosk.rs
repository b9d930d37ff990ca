//! `latchkey door-bridge kiosk`: a board on a pty, the bridge, and pages that come and go.

use domain::boards::bus::{BoardState, Report};
use domain::boards::cabinet::Wish;
use domain::boards::driver::{FromBridge, ToBridge};
use domain::boards::{Kind, Wiring};
use domain::ids::{Millis, Port};
use futures::{SinkExt as _, StreamExt as _};
use server::door_bridge::kiosk::{Bridge, Options};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_serial::{SerialPort as _, SerialStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const ORIGIN: &str = "https://locks.example";
const TOKEN: &str = "123456789012";
const A1: Port = Port { jumper: 1, serial: 1 };
const A2: Port = Port { jumper: 1, serial: 2 };
const LONG: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Board {
    /// Outputs that are powered.
    outputs: u16,
    /// Every mask that was not zero, in its order.
    powered: Vec<u16>,
    /// It does not hear this number of "off" frames.
    lost_offs: u32,
    /// Doors that are open, as a mask.
    open: u16,
}

fn crc(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xFFFF_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
        }
    }
    crc.to_le_bytes()
}

impl Board {
    fn hears(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        if frame[0] != 1 || crc(&frame[..5]) != frame[5..7] {
            return None;
        }
        let mask = u16::from_le_bytes([frame[3], frame[4]]);
        let body = if frame[2] == 2 {
            if mask == 0 && self.outputs != 0 && self.lost_offs > 0 {
                self.lost_offs -= 1;
                return None;
            }
            self.outputs = mask;
            self.open |= mask;
            if mask != 0 {
                self.powered.push(mask);
            }
            [1, 1, 2, frame[3], frame[4]]
        } else {
            let [low, high] = self.open.to_le_bytes();
            [1, 1, 1, low, high]
        };
        Some([body.as_slice(), &crc(&body)].concat())
    }
}

struct Rig {
    address: SocketAddr,
    path: String,
    board: Arc<Mutex<Board>>,
    wire: JoinHandle<()>,
    end: watch::Sender<bool>,
    running: JoinHandle<()>,
    _state: TempDir,
}

impl Rig {
    async fn start() -> Self {
        let (mut master, slave) = SerialStream::pair().unwrap();
        let path = slave.name().unwrap();
        // The bridge alone holds this end.
        drop(slave);
        let board = Arc::new(Mutex::new(Board::default()));
        let on_wire = board.clone();
        let wire = tokio::spawn(async move {
            let (mut frame, mut byte) = (Vec::new(), [0]);
            loop {
                // Nothing to read from while nobody holds the other end.
                if !master.read(&mut byte).await.is_ok_and(|length| length == 1) {
                    sleep(Duration::from_millis(20)).await;
                    continue;
                }
                frame.push(byte[0]);
                if frame.len() == 7 {
                    let reply = on_wire.lock().unwrap().hears(&frame);
                    frame.clear();
                    if let Some(reply) = reply {
                        sleep(Duration::from_millis(5)).await;
                        let _ = master.write_all(&reply).await;
                    }
                }
            }
        });
        let state = TempDir::new().unwrap();
        std::fs::write(state.path().join("kiosk.token"), TOKEN).unwrap();
        let bridge = Bridge::open(options(&state, "127.0.0.1:0", &path)).await.unwrap();
        let address = bridge.address().unwrap();
        let (end, ends) = watch::channel(false);
        let running = tokio::spawn(async move { bridge.run(ends).await.unwrap() });
        Self {
            address,
            path,
            board,
            wire,
            end,
            running,
            _state: state,
        }
    }

    async fn page(&self) -> Page {
        Page::open(self.address, ORIGIN, TOKEN).await.unwrap()
    }

    fn board<T>(&self, look: impl FnOnce(&mut Board) -> T) -> T {
        look(&mut self.board.lock().unwrap())
    }

    async fn until(&self, what: &str, fits: impl Fn(&Board) -> bool) {
        let looking = async {
            while !self.board(|board| fits(board)) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(timeout(LONG, looking).await.is_ok(), "{what}");
    }
}

fn options(state: &TempDir, listen: &str, path: &str) -> Options {
    Options {
        origin: ORIGIN.to_owned(),
        state: state.path().to_owned(),
        adapters: vec![path.to_owned()],
        listen: listen.parse().unwrap(),
    }
}

fn wall() -> Millis {
    use backend::clock::{Clock as _, SystemClock};
    SystemClock.now()
}

struct Page(WebSocketStream<TcpStream>);

impl Page {
    async fn open(address: SocketAddr, origin: &str, token: &str) -> Result<Self, Error> {
        Self::with(address, origin, token, Wiring::of(Kind::Oto)).await
    }

    async fn with(address: SocketAddr, origin: &str, token: &str, wiring: Wiring) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/").into_client_request()?;
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = client_async(request, stream).await?;
        let mut page = Self(socket);
        page.say(&ToBridge::Hello {
            token: token.to_owned(),
            wiring: Box::new(wiring),
            layout: vec![A1, A2],
        })
        .await;
        Ok(page)
    }

    async fn say(&mut self, message: &ToBridge) {
        let text = serde_json::to_string(message).unwrap();
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn asks(&mut self, attempt: u64, door: Port, asked: Millis) {
        let doors = vec![door];
        self.say(&ToBridge::Wish(Wish::Open { attempt, doors, asked })).await;
    }

    /// The next message that fits.
    async fn hears<T>(&mut self, what: &str, fits: impl Fn(FromBridge) -> Option<T>) -> T {
        let listening = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        if let Some(found) = fits(serde_json::from_str(&text).unwrap()) {
                            return found;
                        }
                    }
                    Some(Ok(_)) => {}
                    other => panic!("{what}: {other:?}"),
                }
            }
        };
        timeout(LONG, listening).await.unwrap_or_else(|_| panic!("{what}"))
    }

    async fn reports(&mut self, what: &str, fits: impl Fn(Report) -> bool) {
        self.hears(what, |message| match message {
            FromBridge::Report(report) if fits(report) => Some(()),
            _ => None,
        })
        .await;
    }

    async fn ready(&mut self) {
        let ok = Report::Board {
            jumper: 1,
            state: BoardState::Ok,
        };
        self.reports("the board answers", |report| report == ok).await;
    }

    /// The code with which the bridge closes.
    async fn closed(&mut self) -> u16 {
        let listening = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        timeout(LONG, listening).await.unwrap()
    }
}

#[tokio::test]
async fn a_page_opens_a_door_and_hears_what_became_of_it() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    assert!(rig.board(|board| board.powered.is_empty()), "nothing opens by itself");
    page.asks(1, A2, wall()).await;
    page.reports("released", |report| report == Report::Released { attempt: 1, port: A2 })
        .await;
    let opened = |report| {
        matches!(
            report,
            Report::Opened {
                attempt: 1,
                port: A2,
                ..
            }
        )
    };
    page.reports("opened", opened).await;
    rig.until("the coil is off", |board| board.outputs == 0).await;
    rig.board(|board| board.open = 0);
    page.reports("closed", |report| report == Report::Closed { attempt: 1, port: A2 })
        .await;
    assert_eq!(rig.board(|board| board.powered.clone()), [0b10]);
}

#[tokio::test]
async fn the_coil_is_switched_off_when_the_page_is_killed() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    rig.board(|board| board.lost_offs = 1);
    page.asks(1, A1, wall()).await;
    rig.until("powered", |board| board.outputs == 1).await;
    drop(page);
    rig.until("off, although the first was not heard", |board| board.outputs == 0)
        .await;
    let mut next = rig.page_after_the_last().await;
    next.ready().await;
    assert_eq!(
        rig.board(|board| board.powered.clone()),
        [1],
        "and it opens nothing more"
    );
}

#[tokio::test]
async fn the_coil_is_switched_off_when_the_bridge_is_told_to_end() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    page.asks(1, A1, wall()).await;
    rig.until("powered", |board| board.outputs == 1).await;
    rig.end.send(true).unwrap();
    timeout(LONG, rig.running).await.unwrap().unwrap();
    let off = async {
        while rig.board.lock().unwrap().outputs != 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, off).await.unwrap();
}

#[tokio::test]
async fn another_number_is_refused() {
    let rig = Rig::start().await;
    for token in ["123456789013", "", "1234567890123"] {
        let mut page = Page::open(rig.address, ORIGIN, token).await.unwrap();
        assert_eq!(page.closed().await, 4_403, "{token}");
    }
    assert!(rig.board(|board| board.powered.is_empty()));
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    let rig = Rig::start().await;
    for origin in [
        "https://evil.example",
        "http://locks.example",
        "null",
        "https://locks.example.evil",
    ] {
        match Page::open(rig.address, origin, TOKEN).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
            other => panic!("{origin}: {:?}", other.err()),
        }
    }
}

#[tokio::test]
async fn a_second_page_is_refused_until_the_first_is_gone() {
    let rig = Rig::start().await;
    let mut first = rig.page().await;
    first.ready().await;
    let mut second = rig.page().await;
    assert_eq!(second.closed().await, 4_403);
    first.asks(1, A1, wall()).await;
    first
        .reports("released", |report| matches!(report, Report::Released { .. }))
        .await;
    drop(first);
    rig.page_after_the_last().await.ready().await;
}

#[tokio::test]
async fn another_program_does_not_get_the_adapter() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    // Root may open what is held exclusively; the lock of the port says so to everybody.
    let other = SerialStream::open(&tokio_serial::new(&rig.path, 9_600));
    assert!(other.is_err());
}

#[tokio::test]
async fn what_was_asked_ten_seconds_ago_is_not_sent() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    for (attempt, asked) in [(1, wall().plus(-10_000)), (2, wall().plus(60_000))] {
        page.asks(attempt, A1, asked).await;
        let not_sent = Report::NotSent { attempt, port: A1 };
        page.reports("not sent", |report| report == not_sent).await;
    }
    sleep(Duration::from_millis(300)).await;
    assert!(rig.board(|board| board.powered.is_empty()));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused() {
    let rig = Rig::start().await;
    let mut wiring = Wiring::of(Kind::Oto);
    wiring.adapters[0].last = 200;
    let mut page = Page::with(rig.address, ORIGIN, TOKEN, wiring).await.unwrap();
    assert_eq!(page.closed().await, 4_422);
}

#[tokio::test]
async fn a_lost_adapter_is_reported() {
    let rig = Rig::start().await;
    let mut page = rig.page().await;
    page.ready().await;
    rig.wire.abort();
    page.hears("no line is open", |message| {
        (message == FromBridge::Lines(0)).then_some(())
    })
    .await;
    let lost = Report::Board {
        jumper: 1,
        state: BoardState::Lost,
    };
    page.reports("the board is lost", |report| report == lost).await;
}

#[tokio::test]
async fn it_listens_on_this_machine_alone_and_for_a_sound_origin() {
    let state = TempDir::new().unwrap();
    assert!(Bridge::open(options(&state, "0.0.0.0:0", "/dev/null")).await.is_err());
    for origin in ["locks.example", "https://locks.example/kiosk", "ftp://locks.example"] {
        let mut bad = options(&state, "127.0.0.1:0", "/dev/null");
        bad.origin = origin.to_owned();
        assert!(Bridge::open(bad).await.is_err(), "{origin}");
    }
}

#[tokio::test]
async fn the_number_is_made_once_and_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let state = TempDir::new().unwrap();
    let file = state.path().join("kiosk.token");
    let mut numbers = Vec::new();
    for _ in 0..2 {
        drop(Bridge::open(options(&state, "127.0.0.1:0", "/dev/null")).await.unwrap());
        numbers.push(std::fs::read_to_string(&file).unwrap());
    }
    assert_eq!(numbers[0], numbers[1]);
    assert!(numbers[0].trim().len() == 12 && numbers[0].trim().bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

impl Rig {
    /// A page that tries until the one before it is gone.
    async fn page_after_the_last(&self) -> Page {
        for _ in 0..20 {
            let mut page = self.page().await;
            let first = timeout(LONG, page.0.next()).await.unwrap();
            if let Some(Ok(Message::Text(_))) = first {
                return page;
            }
            sleep(Duration::from_millis(200)).await;
        }
        panic!("the bridge stays taken");
    }
}
