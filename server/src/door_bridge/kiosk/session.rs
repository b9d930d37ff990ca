//! One page at the bridge: let in, served, and its coils switched off when it goes, however it goes.

use super::Shared;
use crate::door_bridge::line::{self, Event, Order};
use domain::boards::Wiring;
use domain::boards::cabinet::{Cabinet, Input, Output, Wish};
use domain::boards::driver::{FromBridge, Seen, ToBridge};
use domain::ids::{Millis, Port};
use futures::stream::SplitStream;
use futures::{SinkExt as _, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use tracing::{info, warn};

/// So long a page may take to say who it is.
const GREETING: Duration = Duration::from_secs(5);
/// The number of messages that may wait for a page; a page that takes none any more is gone.
const WAITING: usize = 1_024;
/// After the page went away, coils are switched off within this time, and their "off" repeated until it is acknowledged.
const LAST: Duration = Duration::from_millis(1_500);
/// The largest message: settings for 256 doors.
const MESSAGE_MAX: usize = 128 * 1024;
/// Another number, or another page has the doors.
const REFUSED: u16 = 4_403;
/// Settings that cannot be used.
const UNUSABLE: u16 = 4_422;

type Socket = WebSocketStream<TcpStream>;

/// One connection, from its handshake to its end.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, mut end: watch::Receiver<bool>) {
    let greeted = tokio::select! {
        greeted = timeout(GREETING, greet(stream, &shared)) => greeted,
        () = ended(&mut end) => return,
    };
    let Ok(Some((mut socket, token, wiring, layout))) = greeted else {
        return;
    };
    if !shared.knows(&token).await {
        warn!("a page with another number was refused");
        return close(&mut socket, REFUSED, "number").await;
    }
    let Ok(_doors) = shared.doors.try_lock() else {
        warn!("a second page was refused");
        return close(&mut socket, REFUSED, "taken").await;
    };
    let cabinet = match Cabinet::new(&wiring, &layout, true) {
        Ok(cabinet) => cabinet,
        Err(fault) => {
            warn!(?fault, "the kiosk's settings cannot be used");
            return close(&mut socket, UNUSABLE, "settings").await;
        }
    };
    info!("a page has the doors");
    Session::begin(cabinet, &wiring, socket, &shared).run(end).await;
    info!("the page is gone, and coils are off");
}

/// Until the process is to end.
pub(super) async fn ended(end: &mut watch::Receiver<bool>) {
    let _ = end.wait_for(|end| *end).await;
}

/// Only pages of the one origin get as far as a message.
async fn greet(stream: TcpStream, shared: &Shared) -> Option<(Socket, String, Wiring, Vec<Port>)> {
    #[expect(clippy::result_large_err, reason = "the type is given by the library")]
    let check = |request: &Request, response: Response| {
        let origin = request.headers().get("origin").and_then(|origin| origin.to_str().ok());
        if origin == Some(&shared.origin) {
            return Ok(response);
        }
        warn!(?origin, "a page of another origin was refused");
        let mut refused = ErrorResponse::new(Some("another origin".to_owned()));
        *refused.status_mut() = http::StatusCode::FORBIDDEN;
        Err(refused)
    };
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(MESSAGE_MAX);
    config.max_frame_size = Some(MESSAGE_MAX);
    let mut socket = accept_hdr_async_with_config(stream, check, Some(config)).await.ok()?;
    let Some(Ok(Message::Text(text))) = socket.next().await else {
        return None;
    };
    match serde_json::from_str(&text) {
        Ok(ToBridge::Hello { token, wiring, layout }) => Some((socket, token, *wiring, layout)),
        _ => None,
    }
}

async fn close(socket: &mut Socket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    };
    let _ = socket.close(Some(frame)).await;
}

struct Session {
    cabinet: Cabinet,
    begun: Instant,
    lines: Vec<mpsc::Sender<Order>>,
    tasks: JoinSet<()>,
    events: mpsc::Receiver<Event>,
    open: Vec<bool>,
    page: mpsc::Sender<FromBridge>,
    /// The page takes no messages any more.
    stuck: bool,
    heard: SplitStream<Socket>,
    clock: Arc<dyn backend::clock::Clock>,
    /// Openings of this page.
    attempts: Vec<u64>,
}

impl Session {
    fn begin(cabinet: Cabinet, wiring: &Wiring, socket: Socket, shared: &Shared) -> Self {
        let (told, events) = mpsc::channel(64);
        let (mut lines, mut tasks) = (Vec::new(), JoinSet::new());
        for (number, adapter) in wiring.adapters.iter().enumerate() {
            let given = shared.adapters.get(number).map_or("", String::as_str);
            let path = if adapter.path.starts_with("/dev/") {
                adapter.path.clone()
            } else {
                given.to_owned()
            };
            let (orders, taken) = mpsc::channel(64);
            lines.push(orders);
            tasks.spawn(line::serve(number, path, cabinet.baud(number), 0, taken, told.clone()));
        }
        let (mut sink, heard) = socket.split();
        let (page, mut messages) = mpsc::channel::<FromBridge>(WAITING);
        // Apart, so that a page that is slow to read keeps no coil powered.
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                let Ok(text) = serde_json::to_string(&message) else {
                    continue;
                };
                if sink.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            let _ = sink.close().await;
        });
        Self {
            cabinet,
            begun: Instant::now(),
            open: vec![false; lines.len()],
            lines,
            tasks,
            events,
            page,
            stuck: false,
            heard,
            clock: shared.clock.clone(),
            attempts: Vec::new(),
        }
    }

    async fn run(mut self, mut end: watch::Receiver<bool>) {
        self.tell(FromBridge::Lines(0));
        while !self.stuck {
            let wakes = self.wakes();
            tokio::select! {
                message = self.heard.next() => match message {
                    Some(Ok(Message::Text(text))) => self.page_says(&text).await,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => break,
                },
                Some(event) = self.events.recv() => self.line_says(event).await,
                () = sleep_until(wakes) => self.does(Input::Tick).await,
                () = ended(&mut end) => break,
            }
        }
        self.switch_off().await;
    }

    /// The page is gone: nobody waits for its openings, and their coils are switched off, as often as it takes.
    async fn switch_off(mut self) {
        for attempt in std::mem::take(&mut self.attempts) {
            self.does(Input::Wish(&Wish::Forget { attempt })).await;
        }
        let until = Instant::now() + LAST;
        while Instant::now() < until {
            let wakes = self.wakes().min(until);
            tokio::select! {
                Some(event) = self.events.recv() => self.line_says(event).await,
                () = sleep_until(wakes) => self.does(Input::Tick).await,
            }
        }
        self.does(Input::Leaving).await;
        self.lines.clear();
        self.events.close();
        while self.tasks.join_next().await.is_some() {}
    }

    fn now(&self) -> Millis {
        Millis(i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn wakes(&self) -> Instant {
        let at = self
            .cabinet
            .wakes_at()
            .map_or(60_000, |at| at.since(self.now()).clamp(1, 60_000));
        Instant::now() + Duration::from_millis(u64::try_from(at).unwrap_or(1))
    }

    async fn page_says(&mut self, text: &str) {
        let Ok(ToBridge::Wish(mut wish)) = serde_json::from_str(text) else {
            warn!("the page said something that is no wish");
            return;
        };
        if let Wish::Open { attempt, asked, .. } = &mut wish {
            // The page has the same clock: what waited somewhere for too long is as old here as it is.
            let age = self.clock.now().since(*asked);
            *asked = self.now().plus(age.saturating_neg());
            self.attempts.push(*attempt);
            let kept = self.attempts.len().saturating_sub(16);
            self.attempts.drain(..kept);
        }
        self.does(Input::Wish(&wish)).await;
    }

    async fn line_says(&mut self, event: Event) {
        match event {
            Event::Up(line) => {
                self.is_open(line, true);
                self.does(Input::Up(line)).await;
            }
            Event::Lost(line) => {
                self.is_open(line, false);
                self.does(Input::Lost(line)).await;
            }
            Event::Bytes(line, bytes) => {
                self.saw(line, false, &bytes);
                self.does(Input::Bytes(line, &bytes)).await;
            }
        }
    }

    fn is_open(&mut self, line: usize, open: bool) {
        if let Some(is) = self.open.get_mut(line) {
            *is = open;
        }
        let open = self.open.iter().filter(|open| **open).count();
        self.tell(FromBridge::Lines(open));
    }

    async fn does(&mut self, input: Input<'_>) {
        let now = self.now();
        for output in self.cabinet.step(input, now) {
            match output {
                Output::Write(line, frame) => {
                    self.saw(line, true, frame.bytes());
                    self.order(line, Order::Write(frame.bytes().to_vec())).await;
                }
                Output::Reopen(line) => {
                    let baud = self.cabinet.baud(line);
                    self.order(line, Order::Reopen(baud)).await;
                }
                Output::Report(report) => self.tell(FromBridge::Report(report)),
                Output::Found(found) => self.tell(FromBridge::Found(found)),
            }
        }
    }

    async fn order(&self, line: usize, order: Order) {
        if let Some(line) = self.lines.get(line) {
            let _ = line.send(order).await;
        }
    }

    fn saw(&mut self, line: usize, sent: bool, bytes: &[u8]) {
        let seen = Seen {
            at: self.clock.now(),
            line,
            sent,
            bytes: bytes.to_vec(),
        };
        self.tell(FromBridge::Seen(seen));
    }

    fn tell(&mut self, message: FromBridge) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.page.try_send(message) {
            self.stuck = true;
        }
    }
}
