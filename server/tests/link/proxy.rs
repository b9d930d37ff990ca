//! A network that breaks where it is told to: in front of a frame, inside it, behind it. Or one over which nothing comes any more, for as
//! long as it is told so.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// On the way from the guard to the server.
    pub up: bool,
    /// In which text frame of that direction, from 1.
    pub frame: usize,
    pub at: At,
}

/// Where in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// How many bytes go through.
    Byte(usize),
    Middle,
    /// All but the last byte go through.
    LastByte,
    /// All of it goes through, and nothing after it.
    After,
}

impl At {
    fn bytes(self, length: usize) -> usize {
        match self {
            Self::Byte(bytes) => bytes.min(length),
            Self::Middle => length / 2,
            Self::LastByte => length - 1,
            Self::After => length,
        }
    }
}

#[derive(Default)]
struct Plan {
    upstream: Option<SocketAddr>,
    next: Option<Cut>,
    cuts: usize,
}

/// The network.
pub struct Proxy {
    pub address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

/// A network for anything that goes over TCP. Cut off it swallows nothing and closes nothing: there is silence.
pub struct Cable {
    pub address: SocketAddr,
    is_whole: watch::Sender<bool>,
    upstream: Arc<Mutex<SocketAddr>>,
}

impl Cable {
    pub async fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let is_whole = watch::Sender::new(true);
        let watched = is_whole.subscribe();
        let upstream = Arc::new(Mutex::new(upstream));
        let leads_to = upstream.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = *leads_to.lock().unwrap();
                tokio::spawn(carry(client, upstream, watched.clone()));
            }
        });
        Self {
            address,
            is_whole,
            upstream,
        }
    }

    /// Connections from now on come out there.
    pub fn lead_to(&self, upstream: SocketAddr) {
        *self.upstream.lock().unwrap() = upstream;
    }

    pub fn cut(&self) {
        self.is_whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.is_whole.send_replace(true);
    }
}

async fn carry(client: TcpStream, upstream: SocketAddr, mut is_whole: watch::Receiver<bool>) {
    if is_whole.wait_for(|is_whole| *is_whole).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        hand_on(from_client, to_server, is_whole.clone()),
        hand_on(from_server, to_client, is_whole)
    );
}

async fn hand_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut is_whole: watch::Receiver<bool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if is_whole.wait_for(|is_whole| *is_whole).await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

impl Proxy {
    pub async fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Arc::new(Mutex::new(Plan {
            upstream: Some(upstream),
            ..Plan::default()
        }));
        tokio::spawn(accept(listener, plan.clone()));
        Self { address, plan }
    }

    /// The server is elsewhere now.
    pub fn redirect(&self, upstream: SocketAddr) {
        self.plan.lock().unwrap().upstream = Some(upstream);
    }

    /// The next connection breaks there.
    pub fn cut_next(&self, cut: Cut) {
        self.plan.lock().unwrap().next = Some(cut);
    }

    /// The number of connections that broke.
    pub fn cuts(&self) -> usize {
        self.plan.lock().unwrap().cuts
    }
}

async fn accept(listener: TcpListener, plan: Arc<Mutex<Plan>>) {
    while let Ok((guard, _)) = listener.accept().await {
        let (upstream, cut) = {
            let mut plan = plan.lock().unwrap();
            (plan.upstream.unwrap(), plan.next.take())
        };
        // A server that is not there (yet) is what it is to a guard: no connection.
        let Ok(server) = TcpStream::connect(upstream).await else {
            continue;
        };
        for stream in [&guard, &server] {
            stream.set_nodelay(true).unwrap();
        }
        let (from_guard, to_guard) = guard.into_split();
        let (from_server, to_server) = server.into_split();
        let broken = Arc::new(Notify::new());
        for (up, from, to) in [(true, from_guard, to_server), (false, from_server, to_guard)] {
            let (plan, broken) = (plan.clone(), broken.clone());
            let cut = cut.filter(|cut| cut.up == up);
            tokio::spawn(async move {
                tokio::select! {
                    () = pump(from, to, cut, &plan) => {}
                    () = broken.notified() => {}
                }
                // Wakes the other direction, whether it waits already or will.
                broken.notify_one();
            });
        }
    }
}

/// Hands on until one side ends, or the cut comes.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, cut: Option<Cut>, plan: &Mutex<Plan>) {
    let mut buffer = Vec::new();
    let (mut upgraded, mut frames) = (false, 0);
    while matches!(from.read_buf(&mut buffer).await, Ok(1..)) {
        loop {
            let (length, is_text) = if upgraded {
                let Some(frame) = frame(&buffer) else { break };
                frame
            } else {
                let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                    break;
                };
                upgraded = true;
                (head + 4, false)
            };
            let whole: Vec<u8> = buffer.drain(..length).collect();
            frames += usize::from(is_text);
            let cut = cut.filter(|cut| is_text && cut.frame == frames);
            let through = cut.map_or(length, |cut| cut.at.bytes(length));
            if to.write_all(&whole[..through]).await.is_err() {
                return;
            }
            if cut.is_some() {
                plan.lock().unwrap().cuts += 1;
                return;
            }
        }
    }
}

/// Length and kind of the WebSocket frame the bytes begin with, if it is all there.
fn frame(bytes: &[u8]) -> Option<(usize, bool)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (head, payload) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (
            10,
            usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?,
        ),
        short => (2, usize::from(short)),
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let length = head + mask + payload;
    (bytes.len() >= length).then_some((length, first & 0x0f == 1))
}
