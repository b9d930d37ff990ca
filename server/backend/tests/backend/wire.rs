//! Between the backend and PostgreSQL: passes everything on, and remembers which statements were executed with which values, by connection.
//! It can be cut: then nothing is passed on and nothing is closed, as when a network fails, until it is mended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a connection asked for.
#[derive(Clone, Debug)]
pub enum Said {
    Begin,
    /// Committed or rolled back.
    End,
    Statement {
        sql: String,
        values: Vec<Option<Vec<u8>>>,
    },
}

type Log = Arc<Mutex<Vec<(usize, Said)>>>;

pub struct Wire {
    port: u16,
    log: Log,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// How often it was cut. What was connected before that stays silent for ever.
    cuts: usize,
    is_cut: bool,
    /// It is cut as soon as a statement with this text is passed on.
    behind: Option<&'static str>,
}

impl State {
    fn cut(&mut self) {
        *self = Self {
            cuts: self.cuts + 1,
            is_cut: true,
            behind: None,
        };
    }
}

impl Wire {
    /// In front of the server of this address.
    pub async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = parts(url).1.to_owned();
        let log = Log::default();
        let noted = log.clone();
        let state = watch::Sender::<State>::default();
        let shared = state.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let (client, _) = listener.accept().await.unwrap();
                let mut mended = shared.subscribe();
                mended.wait_for(|state| !state.is_cut).await.unwrap();
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass_on(connection, client, server, noted.clone(), shared.clone()));
            }
        });
        Self { port, log, state }
    }

    /// The same database by way of here. Without TLS, which could not be read.
    pub fn url(&self, url: &str) -> String {
        let (before, _, behind) = parts(url);
        format!("{before}127.0.0.1:{}{behind}?sslmode=disable", self.port)
    }

    /// From now on nothing comes through.
    pub fn cut(&self) {
        self.state.send_modify(State::cut);
    }

    /// The same, as soon as a statement with this text went to the server.
    pub fn cut_behind(&self, text: &'static str) {
        self.state.send_modify(|state| state.behind = Some(text));
    }

    pub fn is_cut(&self) -> bool {
        self.state.borrow().is_cut
    }

    /// New connections come through again.
    pub fn mend(&self) {
        self.state.send_modify(|state| state.is_cut = false);
    }

    /// What was asked since the last time.
    pub fn take(&self) -> Vec<(usize, Said)> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

/// An address up to the host, host and port, the rest.
fn parts(url: &str) -> (&str, &str, &str) {
    let host = url.rfind('@').map_or("postgres://".len(), |at| at + 1);
    let end = host + url[host..].find('/').unwrap_or(url.len() - host);
    (&url[..host], &url[host..end], &url[end..])
}

async fn pass_on(connection: usize, client: TcpStream, server: TcpStream, log: Log, state: watch::Sender<State>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let cuts = state.borrow().cuts;
    let back = state.clone();
    let back = tokio::spawn(async move { carry(from_server, to_client, || back.borrow().cuts == cuts, |_| {}).await });
    let mut reader = Reader::new(connection, log);
    let is_whole = || state.borrow().cuts == cuts;
    let noted = |bytes: &[u8]| {
        for sql in reader.read(bytes) {
            state.send_if_modified(|state| {
                let is_there = state.behind.is_some_and(|text| sql.contains(text));
                if is_there {
                    state.cut();
                }
                is_there
            });
        }
    };
    carry(from_client, to_server, is_whole, noted).await;
    let _ended = back.await;
}

/// Until one side ends. What comes when the way is cut is lost.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    is_whole: impl Fn() -> bool,
    mut noted: impl FnMut(&[u8]),
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count) = from.read(&mut bytes).await {
        if !is_whole() {
            std::future::pending::<()>().await;
        }
        // Before the other side can answer it.
        noted(&bytes[..count]);
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    let _closed = to.shutdown().await;
}

/// The client's side of the protocol, as far as statements go.
struct Reader {
    connection: usize,
    log: Log,
    pending: Vec<u8>,
    started: bool,
    statements: HashMap<String, String>,
}

impl Reader {
    fn new(connection: usize, log: Log) -> Self {
        Self {
            connection,
            log,
            pending: Vec::new(),
            started: false,
            statements: HashMap::new(),
        }
    }

    /// Answers the statements in it.
    fn read(&mut self, bytes: &[u8]) -> Vec<String> {
        self.pending.extend_from_slice(bytes);
        let mut statements = Vec::new();
        loop {
            // The first message has no type.
            let head = usize::from(self.started);
            let Some(length) = self.pending.get(head..head + 4) else {
                return statements;
            };
            let end = head + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.pending.len() < end {
                return statements;
            }
            let message: Vec<u8> = self.pending.drain(..end).collect();
            if self.started {
                statements.extend(self.message(message[0], &message[5..]));
            }
            self.started = true;
        }
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Option<String> {
        let mut body = Body(body);
        match kind {
            b'Q' => {
                let sql = body.text();
                let said = match sql.split(' ').next().unwrap_or_default() {
                    "BEGIN" => Said::Begin,
                    "COMMIT" | "ROLLBACK" => Said::End,
                    _ => Said::Statement {
                        sql,
                        values: Vec::new(),
                    },
                };
                self.note(said);
            }
            b'P' => {
                let name = body.text();
                self.statements.insert(name, body.text());
            }
            b'B' => {
                let _portal = body.text();
                let sql = self.statements[&body.text()].clone();
                for _ in 0..body.number() {
                    body.number();
                }
                let values = (0..body.number()).map(|_| body.value()).collect();
                self.note(Said::Statement {
                    sql: sql.clone(),
                    values,
                });
                return Some(sql);
            }
            _ => {}
        }
        None
    }

    fn note(&self, said: Said) {
        self.log.lock().unwrap().push((self.connection, said));
    }
}

struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn take(&mut self, count: usize) -> &[u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn text(&mut self) -> String {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap();
        let text = String::from_utf8(self.take(length).to_vec()).unwrap();
        self.take(1);
        text
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        let length = i32::from_be_bytes(self.take(4).try_into().unwrap());
        usize::try_from(length).ok().map(|length| self.take(length).to_vec())
    }
}
