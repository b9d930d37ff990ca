//! A client that costs next to nothing: requests as bytes over connections kept open, one thread.

use crate::report::cpu_seconds;
use crate::world::Server;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

/// A request as it goes over the wire.
#[derive(Clone)]
pub struct Request {
    head: String,
    body: String,
}

impl Request {
    pub fn get(path: &str) -> Self {
        Self {
            head: format!("GET {path} HTTP/1.1\r\nHost: latchkey\r\n"),
            body: String::new(),
        }
    }

    pub fn post(path: &str, body: &str) -> Self {
        Self {
            head: format!(
                "POST {path} HTTP/1.1\r\nHost: latchkey\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ),
            body: body.to_owned(),
        }
    }

    pub fn form(path: &str, body: &str) -> Self {
        let mut request = Self::post(path, body);
        request.head = request
            .head
            .replace("application/json", "application/x-www-form-urlencoded");
        request
    }

    pub fn bearer(mut self, token: &str) -> Self {
        self.head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        self
    }

    pub fn cookie(mut self, cookie: &str) -> Self {
        self.head.push_str(&format!("Cookie: {cookie}\r\n"));
        self
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A connection kept open.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub async fn open(server: &Server) -> Self {
        Self::of(TcpStream::connect(server.address()).await.unwrap()).unwrap()
    }

    /// From an address of its own, such as 127.0.1.7, as if from another machine.
    pub async fn from(local: SocketAddr, server: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(local)?;
        Self::of(socket.connect(server).await?)
    }

    fn of(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(1 << 14),
        })
    }

    pub async fn send(&mut self, request: &Request) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// The same where the server may go away.
    pub async fn try_send(&mut self, request: &Request) -> Result<Answer> {
        let mut bytes = Vec::with_capacity(request.head.len() + request.body.len() + 2);
        for part in [request.head.as_str(), "\r\n", request.body.as_str()] {
            bytes.extend_from_slice(part.as_bytes());
        }
        self.stream.write_all(&bytes).await?;
        self.read.clear();
        let head_end = loop {
            self.more().await?;
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.read[..head_end]).into_owned();
        let mut answer = Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body: Vec::new(),
        };
        if let Some(length) = answer.header("content-length") {
            let end = head_end + length.parse::<usize>().unwrap();
            while self.read.len() < end {
                self.more().await?;
            }
            answer.body = self.read[head_end..end].to_vec();
        } else if answer.header("transfer-encoding").is_some() {
            while !self.read.ends_with(b"0\r\n\r\n") {
                self.more().await?;
            }
            answer.body = self.read[head_end..].to_vec();
        }
        Ok(answer)
    }

    async fn more(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
            _ => Ok(()),
        }
    }
}

/// What a load was answered with.
pub struct Load {
    /// Answers in a second.
    pub rate: f64,
    /// The time in milliseconds after which the slowest of a hundred answers came.
    pub p99_ms: f64,
    /// What one answer cost the server's processors, in microseconds. Other work on the machine lowers the rate, and hardly this.
    pub cost_us: f64,
}

/// Sends as fast as answers come over this number of connections, until the time is over. `make` gets the number of the request.
pub async fn run(server: &Server, connections: usize, lasts: Duration, make: impl Fn(usize) -> Request) -> Load {
    run_answered(server, connections, lasts, 200, make).await
}

/// The same where every answer has this status.
pub async fn run_answered(
    server: &Server,
    connections: usize,
    lasts: Duration,
    status: u16,
    make: impl Fn(usize) -> Request,
) -> Load {
    let next = std::cell::Cell::new(0);
    let used = cpu_seconds(server.id());
    let begun = Instant::now();
    let loops = (0..connections).map(|_| async {
        let mut connection = Connection::open(server).await;
        let mut took = Vec::new();
        while begun.elapsed() < lasts {
            let request = make(next.replace(next.get() + 1));
            let sent = Instant::now();
            let answer = connection.send(&request).await;
            took.push(sent.elapsed());
            assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.body));
        }
        took
    });
    let mut took: Vec<Duration> = futures::future::join_all(loops).await.concat();
    let seconds = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    Load {
        rate: took.len() as f64 / seconds,
        cost_us: (cpu_seconds(server.id()) - used) * 1e6 / took.len() as f64,
        p99_ms: took[took.len() * 99 / 100].as_secs_f64() * 1000.0,
    }
}
