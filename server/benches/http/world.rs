//! What is measured: a database with a million orders, and the server as a process.

use crate::client::{Connection, Request};
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use backend::locker::kiosks::{self, NewKiosk};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, businesses};
use domain::ids::{ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::people::Role;
use domain::token::{self, CompartmentFields, CompartmentRow, Payload, TokenKey};
use serde_json::{Value, json};
use sqlx::Connection as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How many orders there are.
pub const ORDERS: usize = 1_000_000;
/// How many beginnings of customer numbers there are, with 100 orders for each.
pub const CUSTOMERS: usize = 10_000;
/// The kiosk of the codes, and the one that syncs.
pub const KIOSK: i64 = 1234;
pub const LARGE_KIOSK: i64 = 1235;
const STAFF: &str = "01000000002";
const PASSWORD: &str = "latchkey-bench";
/// Orders that change with each sync.
const CHANGING: usize = 8;

/// A directory with data, and the keys of its kiosks.
pub struct World {
    data: TempDir,
    key: TokenKey,
    kiosk: String,
}

/// Ways in.
pub struct Entry {
    /// A bearer token of staff.
    pub staff: String,
    /// A session of staff.
    pub cookie: String,
    /// The large kiosk's bearer token.
    pub kiosk: String,
    /// Codes to draw, about 400 characters each.
    pub drawn: Vec<String>,
}

impl World {
    /// Fills a fresh directory.
    pub async fn make() -> Self {
        let data = tempfile::tempdir().unwrap();
        let b = Backend::open(Config::new(data.path(), None)).await.unwrap();
        businesses::add(&b, &Actor::Cli, "한빛전기").await.unwrap();
        let staff = NewPerson {
            phone: STAFF.to_owned(),
            name: "김서연".to_owned(),
            role: Role::Staff,
            business: None,
            password: PASSWORD.to_owned(),
        };
        people::add(&b, &Actor::Cli, staff).await.unwrap();
        let mut enrolled = Vec::new();
        for (yid, boards, ports) in [(KIOSK, 4, 4), (LARGE_KIOSK, 16, 16)] {
            let new = NewKiosk {
                yid,
                name: format!("{yid}호"),
                address: "서울특별시 중구".to_owned(),
                boards,
                ports,
                secret: None,
            };
            kiosks::add(&b, &Actor::Cli, new).await.unwrap();
            let code = kiosks::enrolment_code(&b, &Actor::Cli, Yid(yid)).await.unwrap();
            enrolled.push(kiosks::enrol(&b, &code.code, "127.0.0.1").await.unwrap());
        }
        b.close().await;
        add_orders(&data).await;
        Self {
            data,
            key: TokenKey::new(enrolled[0].secret.as_bytes()),
            kiosk: enrolled[1].token.clone(),
        }
    }

    /// Signs in.
    pub async fn enter(&self, server: &Server) -> Entry {
        let mut connection = Connection::open(server).await;
        let login = json!({ "phoneNumber": STAFF, "password": PASSWORD }).to_string();
        let answer = connection.send(&Request::post("/v1/Login", &login)).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let form = format!("do=/do/anyone/sign-in&phone={STAFF}&password={PASSWORD}");
        let answer = connection.send(&Request::form("/sign-in", &form)).await;
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap();
        Entry {
            staff: body["token"].as_str().unwrap().to_owned(),
            cookie: cookie.to_owned(),
            kiosk: self.kiosk.clone(),
            drawn: self.codes(500),
        }
    }

    /// This number of different codes of deposits.
    pub fn codes(&self, count: usize) -> Vec<String> {
        seal_codes(&self.key, Yid(KIOSK), count)
    }

    /// The body of the sync with this number: all 256 compartments; in turn eight orders are put in, and fetched.
    pub fn rows(&self, at: usize) -> String {
        let put_in = at.is_multiple_of(2);
        let first = at / 2 * CHANGING;
        let rows: Vec<CompartmentRow> = (0..256_usize)
            .map(|port| {
                let changing = port < CHANGING;
                // Every fourth order is ready to be stored.
                let order = changing.then(|| ThingsSq(format!("T{:07}", (first + port) * 4 + 1)));
                let full = if changing { put_in } else { port % 2 == 0 };
                row(port, full, order.filter(|_| put_in))
            })
            .collect();
        json!({ "data": rows }).to_string()
    }
}

/// This number of different codes of deposits at a kiosk.
pub fn seal_codes(key: &TokenKey, kiosk: Yid, count: usize) -> Vec<String> {
    let fields = CompartmentFields {
        serial: 3,
        jumper: 2,
        pwd: "48151".to_owned(),
        save_date: "2026-05-01T10:00:00.000Z".to_owned(),
        label: "B3".to_owned(),
        things_sq: None,
    };
    let payload = Payload::OpenToSave(fields);
    let mut random = |bytes: &mut [u8]| SystemRng.fill(bytes);
    (0..count)
        .map(|_| token::seal(key, kiosk, SystemClock.now(), &payload, &mut random).unwrap())
        .collect()
}

fn row(port: usize, full: bool, things_sq: Option<ThingsSq>) -> CompartmentRow {
    let (jumper, serial) = (port / 16 + 1, port % 16 + 1);
    CompartmentRow {
        jumper: i64::try_from(jumper).unwrap(),
        serial: i64::try_from(serial).unwrap(),
        status: if full {
            CompartmentStatus::Stored
        } else {
            CompartmentStatus::Free
        },
        label: format!("{}{serial}", char::from(b'A' + u8::try_from(jumper - 1).unwrap())),
        pwd: full.then(|| format!("{:05}", 10_000 + port)),
        save_date: full.then(|| "2026-05-01T10:00:00.000Z".to_owned()),
        things_sq,
        kind: full.then_some(ContentKind::Deposit),
    }
}

/// In one statement, because a million rows one by one would take longer than all that is measured.
async fn add_orders(data: &TempDir) {
    let url = format!("sqlite:{}", data.path().join("latchkey.db").display());
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {ORDERS})
         INSERT INTO orders (things_sq, customer_no, customer_name, address, meter_kind, business, status, added_at)
         SELECT printf('T%07d', i), printf('%05d%04d', 10000 + i % {CUSTOMERS}, i / {CUSTOMERS}), '홍길동',
                '서울특별시 중구 세종대로 ' || i, '단상 5(40)A', '한빛전기', substr('ABAB', i % 4 + 1, 1), 1780000000000 FROM n"
    );
    sqlx::query(&sql).execute(&mut connection).await.unwrap();
    sqlx::query("ANALYZE").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The program to measure: what `LATCHKEY_BENCH_SERVER` names, else what this bench was built with.
pub fn program() -> Command {
    let named = std::env::var_os("LATCHKEY_BENCH_SERVER");
    Command::new(named.unwrap_or_else(|| env!("CARGO_BIN_EXE_latchkey").into()))
}

/// The server.
pub struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(world: &World) -> Self {
        Self::on(world.data.path())
    }

    /// The same on other data.
    pub fn on(data: &Path) -> Self {
        Self::with(data, &[])
    }

    /// The same with more settings.
    pub fn with(data: &Path, settings: &[String]) -> Self {
        Self::run(program(), data, settings)
    }

    /// The same where the process may have no more open files than this.
    pub fn with_open_files(data: &Path, most: usize) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]);
        shell.arg(program().get_program());
        Self::run(shell, data, &[])
    }

    fn run(mut command: Command, data: &Path, settings: &[String]) -> Self {
        command
            .args(["serve", "--http", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(settings);
        Self::listening(command)
    }

    /// A server that is running and listens there.
    pub fn of(process: Child, address: SocketAddr) -> Self {
        Self { process, address }
    }

    /// Starts a server of any kind that prints where it listens.
    pub fn listening(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on http://")?.parse().ok())
            .expect("the server does not listen");
        Self { process, address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn stop(&mut self) {
        let _already_gone = self.process.kill();
        let _status = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
