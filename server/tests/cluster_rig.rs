//! Several real servers, each a process of its own, on one throw-away PostgreSQL. They listen on 127.0.0.1, .2, .3 … with one port, so that
//! their advertised hosts are bare hosts and really differ.

use crate::citus;
use crate::harness::{PASSWORD, SIGN_IN};
use crate::link_rig::{self, CODE, Door, id, target};
use crate::owner_messages;
use backend::clock::{Rng, SystemClock, SystemRng};
use backend::guard::guards::{self, Description};
use backend::locker::kiosks::{self, NewKiosk};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, password};
use domain::guard::ids::{GuardComment, GuardLocation, GuardName, OpCode};
use domain::ids::Phone;
use domain::people::{Person, Role};
use serde_json::Value;
use server::guard_sim::Disk;
use sqlx::Connection as _;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// An owner every cluster has.
pub const ZHANG: &str = "13800000001";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Servers on one database, and a look at that database from outside.
pub struct Cluster {
    pub nodes: Vec<Node>,
    /// Not one of the nodes: for preparing and for looking.
    pub backend: Backend,
    pub url: String,
    key: String,
    port: u16,
    data: TempDir,
    throw_away: Option<(String, String)>,
    _turn: OwnedMutexGuard<()>,
}

/// One cluster at a time: together they would take each other's time, and time is what these tests are about.
static TURN: LazyLock<Arc<Mutex<()>>> = LazyLock::new(Arc::default);

/// A throw-away database; `None`, said loudly, where no server is given.
async fn database() -> Option<(String, String)> {
    let Ok(server) = std::env::var("LATCHKEY_TEST_POSTGRES") else {
        eprintln!("NOT RUN: set LATCHKEY_TEST_POSTGRES to postgres://USER:PASSWORD@HOST:PORT");
        return None;
    };
    let mut random = [0; 8];
    SystemRng.fill(&mut random);
    let name = format!("cluster_{:016x}", u64::from_be_bytes(random));
    citus::create(&server, &name).await;
    Some((server, name))
}

/// Below the ports that connections get, so that none takes it before it is used.
const PORTS: Range<u16> = 10_000..20_000;

/// A port that is free on all these hosts.
pub fn free_port(hosts: usize) -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Another process that runs tests begins elsewhere.
    let first = u16::try_from(std::process::id() % u32::from(count)).unwrap_or(0);
    for _ in 0..count {
        let next = GIVEN.fetch_add(1, Ordering::Relaxed) % count;
        let port = PORTS.start + (first + next) % count;
        let listeners: Result<Vec<_>, _> = (1..=hosts)
            .map(|host| std::net::TcpListener::bind((format!("127.0.0.{host}"), port)))
            .collect();
        if listeners.is_ok() {
            return port;
        }
    }
    panic!("no port is free on all of 127.0.0.1 to 127.0.0.{hosts}");
}

impl Cluster {
    /// This number of nodes on a database of the server the tests were given; `None` where there is none.
    pub async fn start(count: usize) -> Option<Self> {
        let (server, name) = database().await?;
        let mut cluster = Self::on(&format!("{server}/{name}"), count).await;
        cluster.throw_away = Some((server, name));
        Some(cluster)
    }

    /// This number of nodes on this database.
    pub async fn on(url: &str, count: usize) -> Self {
        let mut cluster = Self::without_nodes(url, count).await;
        for number in 0..count {
            let node = cluster.node(number, url, &[]);
            cluster.nodes.push(node);
        }
        cluster
    }

    /// The database is prepared; the nodes are to be started one by one.
    pub async fn without_nodes(url: &str, most: usize) -> Self {
        let turn = TURN.clone().lock_owned().await;
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::new(data.path(), Some(url.to_owned()));
        config.password_cost = password::Cost::CHEAP;
        let backend = Backend::open(config).await.unwrap();
        let cluster = Self {
            nodes: Vec::new(),
            backend,
            url: url.to_owned(),
            key: std::fs::read_to_string(data.path().join("master.key")).unwrap(),
            port: free_port(most),
            data,
            throw_away: None,
            _turn: turn,
        };
        cluster.person(ZHANG, Role::Owner).await;
        cluster
    }

    /// Starts a node, named `a`, `b`, `c` … by its number; `url` is how it reaches the database.
    pub fn node(&self, number: usize, url: &str, more: &[&str]) -> Node {
        Node::start(self.command(number, url, more), number)
    }

    /// What starts a node.
    pub fn command(&self, number: usize, url: &str, more: &[&str]) -> Command {
        let host = format!("127.0.0.{}", number + 1);
        let data = self.data.path().join(name(number));
        std::fs::create_dir_all(&data).unwrap();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(data.join("log"))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_")) {
            command.env_remove(name);
        }
        command
            .args([
                "serve",
                "--http",
                &format!("{host}:{}", self.port),
                "--advertise",
                &host,
            ])
            .args(more)
            .env("LATCHKEY_DATA", data)
            .env("LATCHKEY_DATABASE_URL", url)
            .env("LATCHKEY_MASTER_KEY", self.key.trim())
            .env("LATCHKEY_NODE", name(number))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        command
    }

    /// What a node wrote into its log.
    pub fn log(&self, number: usize) -> String {
        std::fs::read_to_string(self.data.path().join(name(number)).join("log")).unwrap_or_default()
    }

    /// Ends the nodes and the database.
    pub async fn end(self) {
        drop(self.nodes);
        self.backend.close().await;
        if let Some((server, name)) = self.throw_away {
            citus::drop(&server, &name).await;
        }
    }

    pub async fn person(&self, phone: &str, role: Role) -> Person {
        let new = NewPerson {
            phone: phone.to_owned(),
            name: "张伟".to_owned(),
            role,
            business: None,
            password: PASSWORD.to_owned(),
        };
        people::add(&self.backend, &Actor::Cli, new).await.unwrap();
        people::get(&self.backend, &Phone(phone.to_owned()))
            .await
            .unwrap()
            .unwrap()
    }

    /// Adds the kiosk 1234.
    pub async fn kiosk(&self) {
        let new = NewKiosk {
            yid: 1234,
            name: "大厅".to_owned(),
            address: "首尔".to_owned(),
            boards: 2,
            ports: 8,
            secret: None,
        };
        kiosks::add(&self.backend, &Actor::Cli, new).await.unwrap();
    }

    pub async fn import(&self, guards: &[String]) {
        link_rig::import(&self.backend, guards).await;
    }

    /// A guard of Zhang at this address, linked once and added.
    pub async fn door(&self, guard: &str, address: SocketAddr) -> Door {
        self.import(&[guard.to_owned()]).await;
        let mut door = Door::new(guard, target(address), Disk::None, Arc::new(SystemClock));
        door.linked().await;
        self.add(guard).await;
        door.until("added", |door| door.runner.guard.device.grants.owned).await;
        door
    }

    /// Zhang adds a guard that was connected once.
    pub async fn add(&self, guard: &str) {
        let about = Description {
            name: GuardName::parse("大门").unwrap(),
            location: GuardLocation::parse("北京").unwrap(),
            comment: GuardComment::parse("").unwrap(),
        };
        let who = people::get(&self.backend, &Phone(ZHANG.to_owned()))
            .await
            .unwrap()
            .unwrap();
        guards::add(&self.backend, &who, &id(guard), &OpCode::parse(CODE).unwrap(), &about)
            .await
            .unwrap();
    }

    /// Sign 4.
    pub fn sign_in(&self, imei: &str) -> Value {
        owner_messages::sign_in(self.backend.zone(), PASSWORD, imei)
    }

    /// Sign 17.
    pub fn password(&self, token: &str, guard: &str, service_numb: &str, digits: &str) -> Value {
        owner_messages::password(self.backend.zone(), token, guard, service_numb, digits)
    }

    /// A token of Zhang.
    pub async fn token(&self, at: &Node) -> String {
        let reply = at.say(&self.sign_in("imei-1")).await;
        assert_eq!(reply["result"], 0, "{reply}");
        reply["token"].as_str().unwrap().to_owned()
    }

    /// Runs SQL beside everybody.
    pub async fn sql(&self, sql: &str) -> Vec<sqlx::any::AnyRow> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    /// The numbers of all records of a guard that are stored, in their order.
    pub async fn stored(&self, guard: &str) -> Vec<i64> {
        use sqlx::Row as _;
        let rows = self
            .sql(&format!(
                "SELECT seq FROM records WHERE guard_id = '{guard}' ORDER BY seq"
            ))
            .await;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn name(number: usize) -> String {
    let letter = u8::try_from(number).unwrap() + b'a';
    char::from(letter).to_string()
}

/// A server process.
pub struct Node {
    child: Child,
    pub address: SocketAddr,
    pub name: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Node {
    pub fn start(mut command: Command, number: usize) -> Self {
        let mut child = command.spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://")?.parse().ok());
        // What it still says must not fill the pipe.
        std::thread::spawn(move || lines.count());
        let Some(address) = address else {
            panic!("node {number} ended before it listened: {:?}", child.wait());
        };
        Self {
            child,
            address,
            name: name(number),
        }
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }

    /// Asks it to stop, and waits until it did.
    pub async fn stop(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        for _ in 0..1_500 {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("node {} does not stop", self.name);
    }

    /// One request; an error where nobody answers.
    pub async fn try_ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
        ask(self.address, method, path, headers, body).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_ask(method, path, headers, body).await.unwrap()
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, &[("cookie", cookie)], "").await
    }

    /// Says a message and answers the reply.
    pub async fn say(&self, message: &Value) -> Value {
        self.try_say(message).await.unwrap()
    }

    pub async fn try_say(&self, message: &Value) -> io::Result<Value> {
        try_say(self.address, message).await
    }

    /// `/v1` with a bearer token.
    pub async fn v1(&self, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        self.ask("POST", path, &headers, &body.to_string()).await
    }

    /// Signs in by the page; answers the cookie.
    pub async fn cookie(&self, phone: &str) -> String {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([SIGN_IN, ("phone", phone), ("password", PASSWORD)])
            .finish();
        let answer = self.ask("POST", "/sign-in", &[("content-type", FORM)], &form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The stream of an owner's news.
    pub async fn live(&self, cookie: &str) -> Live {
        let stream = send(self.address, "GET", "/owner/live", &[("cookie", cookie)], "")
            .await
            .unwrap();
        let mut live = Live(tokio::io::BufReader::new(stream));
        // The first comment: from here on nothing is missed.
        live.line(": listening").await.unwrap();
        live
    }

    /// The status of `/readyz`.
    pub async fn ready(&self) -> u16 {
        self.ask("GET", "/readyz", &[], "").await.status
    }
}

/// The reply to a message; an error where nobody answers.
pub async fn try_say(address: SocketAddr, message: &Value) -> io::Result<Value> {
    let answer = ask(
        address,
        "POST",
        "/",
        &[("content-type", "text/json")],
        &message.to_string(),
    )
    .await?;
    serde_json::from_slice(&answer.body).map_err(|_| io::Error::other(answer.text()))
}

/// One request; an error where nobody answers.
pub async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let exchange = async {
        let mut stream = send(address, method, path, headers, body).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Answer::read(&bytes)
    };
    timeout(Duration::from_secs(30), exchange)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// HTTP/1.0, so that the answer ends with the connection.
async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.0\r\nhost: {address}\r\ncontent-length: {length}\r\n{more}\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    Ok(stream)
}

/// What came back.
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(bytes: &[u8]) -> io::Result<Self> {
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Self {
            status: status.ok_or_else(cut)?,
            head,
            body: bytes[end + 4..].to_vec(),
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// An open stream of news.
pub struct Live(tokio::io::BufReader<TcpStream>);

impl Live {
    /// The next line that begins so, without that; `None` at the end, or where there is none for ten seconds.
    async fn line(&mut self, begin: &str) -> Option<String> {
        let reading = async {
            loop {
                let mut line = String::new();
                if self.0.read_line(&mut line).await.ok()? == 0 {
                    return None;
                }
                if let Some(rest) = line.trim_end().strip_prefix(begin) {
                    return Some(rest.to_owned());
                }
            }
        };
        timeout(Duration::from_secs(10), reading).await.ok()?
    }

    /// The name of the next news.
    pub async fn event(&mut self) -> Option<String> {
        self.line("event: ").await
    }
}
