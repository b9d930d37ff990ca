//! Between the backend and PostgreSQL: passes everything on, and remembers which statements were executed with which values, by connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
}

impl Wire {
    /// In front of the server of this address.
    pub async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = parts(url).1.to_owned();
        let log = Log::default();
        let noted = log.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass_on(connection, client, server, noted.clone()));
            }
        });
        Self { port, log }
    }

    /// The same database by way of here. Without TLS, which could not be read.
    pub fn url(&self, url: &str) -> String {
        let (before, _, behind) = parts(url);
        format!("{before}127.0.0.1:{}{behind}?sslmode=disable", self.port)
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

async fn pass_on(connection: usize, client: TcpStream, server: TcpStream, log: Log) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut reader = Reader::new(connection, log);
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count) = from_client.read(&mut bytes).await {
        if count == 0 || to_server.write_all(&bytes[..count]).await.is_err() {
            break;
        }
        reader.read(&bytes[..count]);
    }
    let _closed = to_server.shutdown().await;
    let _ended = back.await;
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

    fn read(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        loop {
            // The first message has no type.
            let head = usize::from(self.started);
            let Some(length) = self.pending.get(head..head + 4) else {
                return;
            };
            let end = head + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.pending.len() < end {
                return;
            }
            let message: Vec<u8> = self.pending.drain(..end).collect();
            if self.started {
                self.message(message[0], &message[5..]);
            }
            self.started = true;
        }
    }

    fn message(&mut self, kind: u8, body: &[u8]) {
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
                self.note(Said::Statement { sql, values });
            }
            _ => {}
        }
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
