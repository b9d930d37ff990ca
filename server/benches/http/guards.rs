//! The guard half: thousands of linked guards, records through the link, passwords on their way to a door, and the messages owners ask most.

use crate::client::{Connection, Load, Request, run};
use crate::peers;
use crate::report::{Report, memory_mb};
use crate::world::{Server, program};
use backend::clock::{SystemClock, SystemRng};
use backend::guard::guards::{self, Description};
use backend::guard::{inventory, link};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName, OpCode};
use domain::guard::link::{DeviceKey, Hello, Nonce, Status, Version};
use domain::ids::Millis;
use domain::people::{Person, Role};
use serde_json::{Value, json};
use server::guard_sim::{Disk, Event, Runner, SimGuard, Target, Tempo};
use sqlx::Connection as _;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Guards of the fleet.
const FLEET: u32 = 5_000;
/// People at each door of the fleet in a minute: more than is asked for, so that the server decides the rate.
const RECORDS_PER_MINUTE: &str = "90";
/// Guards of the owner.
const OWNED: usize = 20;
pub const OWNER: &str = "13800000001";
pub const PASSWORD: &str = "latchkey-bench";
pub const CODE: &str = "135790";
const SECRET: &str = "the-secret-of-a-whole-fleet";
const LASTS: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 16;

/// Sign 12 alone.
pub async fn measure_list(report: &mut Report) {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path(), None).await;
    let mut server = Server::on(data.path());
    let token = sign_in(&server, OWNER, PASSWORD).await;
    list(report, &server, &token).await;
    server.stop();
}

/// All figures of the guard half, each on a server of its own.
pub async fn measure(report: &mut Report) {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path(), None).await;
    eprintln!("linking {FLEET} guards …");
    fleet(report, data.path()).await;
    let mut server = Server::on(data.path());
    let token = sign_in(&server, OWNER, PASSWORD).await;
    eprintln!("asking as an owner …");
    list(report, &server, &token).await;
    deliver(report, &server, &token).await;
    log_in(report, &server, &token).await;
    server.stop();
}

fn key_of(number: usize) -> String {
    format!("device-key-of-the-owned-guard-{number:02}")
}

fn owned(number: usize) -> GuardId {
    GuardId::parse(&format!("G{number:04}")).unwrap()
}

/// An owner with guards, and a fleet nobody owns, in a fresh database.
pub async fn prepare(data: &Path, database: Option<String>) {
    let b = Backend::open(Config::new(data, database)).await.unwrap();
    let owner = add_owner(&b, OWNER).await;
    let mut rows = latchkey(&["guard-sim", "--count", &FLEET.to_string(), "--print-inventory"]);
    for number in 0..OWNED {
        rows.push_str(&format!("{},{}\n", owned(number), key_of(number)));
    }
    let imported = inventory::import_csv(&b, &Actor::Cli, rows.as_bytes()).await.unwrap();
    assert_eq!(imported.added as usize, FLEET as usize + OWNED);
    for number in 0..OWNED {
        let session = link::connected(&b, &hello(owned(number))).await.unwrap();
        own(&b, &owner, session.guard_id(), CODE).await;
    }
    b.close().await;
}

/// Somebody who may own guards.
pub async fn add_owner(b: &Backend, phone: &str) -> Person {
    let owner = NewPerson {
        phone: phone.to_owned(),
        name: "张伟".to_owned(),
        role: Role::Owner,
        business: None,
        password: PASSWORD.to_owned(),
    };
    people::add(b, &Actor::Cli, owner).await.unwrap()
}

/// Makes a guard that was there once theirs.
pub async fn own(b: &Backend, owner: &Person, guard_id: &GuardId, code: &str) {
    let about = Description {
        name: GuardName::parse(&format!("{guard_id}号楼大门")).unwrap(),
        location: GuardLocation::parse("北京市海淀区中关村大街1号").unwrap(),
        comment: GuardComment::parse("").unwrap(),
    };
    let code = OpCode::parse(code).unwrap();
    guards::add(b, owner, guard_id, &code, &about).await.unwrap();
}

/// As if the device had been there once.
pub fn hello(guard_id: GuardId) -> Hello {
    Hello {
        guard_id,
        nonce: Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(1)),
        proof: String::new(),
        op_code: OpCode::parse(CODE).ok(),
        firmware: "bench".to_owned(),
        status: Status::Working,
        version: Version::default(),
        last_record: 0,
        sent: Millis(0),
    }
}

/// Runs a command and answers what it printed.
pub fn latchkey(arguments: &[&str]) -> String {
    let out = program()
        .args(arguments)
        .env("LATCHKEY_DEVICE_KEY", SECRET)
        .output()
        .unwrap();
    assert!(out.status.success());
    String::from_utf8(out.stdout).unwrap()
}

/// A fleet in a process of its own, and the lines it says.
pub struct Fleet {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    count: u32,
}

impl Fleet {
    fn start(server: &Server, more: &[&str]) -> Self {
        Self::of(FLEET, &[server.address()], more)
    }

    /// This number of guards at these servers.
    pub fn of(count: u32, servers: &[SocketAddr], more: &[&str]) -> Self {
        let mut command = program();
        command.args([
            "guard-sim",
            "--count",
            &count.to_string(),
            "--connect-per-second",
            "1000",
        ]);
        for server in servers {
            command.args(["--server", &format!("http://{server}")]);
        }
        let mut process = command
            .args(["--op-code", CODE])
            .args(more)
            .env("LATCHKEY_DEVICE_KEY", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines, count }
    }

    fn line(&mut self) -> String {
        self.lines.next().and_then(Result::ok).expect("the fleet is gone")
    }

    /// The line that says that all are there.
    pub fn all_linked(&mut self) -> String {
        loop {
            let line = self.line();
            if line.starts_with(&format!("connected {} of ", self.count)) {
                return line;
            }
        }
    }
}

impl Fleet {
    /// Waits for the line that says that one is not there.
    pub fn some_unlinked(&mut self) {
        while self.line().starts_with(&format!("connected {} of ", self.count)) {}
    }

    /// What it said last, after it was told to end.
    pub fn last_line(mut self) -> String {
        let _told = Command::new("kill")
            .args(["-INT", &self.process.id().to_string()])
            .status();
        self.lines.by_ref().map_while(Result::ok).last().unwrap_or_default()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _status = self.process.wait();
    }
}

/// The number after these words.
pub fn number_after(line: &str, words: &str) -> f64 {
    let rest = line.split_once(words).map(|(_, rest)| rest).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().unwrap_or(f64::NAN)
}

async fn fleet(report: &mut Report, data: &Path) {
    let mut server = Server::on(data);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = memory_mb(server.id(), "VmRSS");
    let mut still = Fleet::start(&server, &["--records-per-minute", "0"]);
    still.all_linked();
    // Two rounds of heartbeats, so that every link has done what it does all day.
    tokio::time::sleep(Duration::from_secs(17)).await;
    let each = (memory_mb(server.id(), "VmRSS") - before) * 1024.0 / f64::from(FLEET);
    report.size(&format!("{FLEET} linked guards, each"), 25.0, each);
    drop(still);
    tokio::time::sleep(Duration::from_secs(2)).await;

    let mut busy = Fleet::start(
        &server,
        &["--records-per-minute", RECORDS_PER_MINUTE, "--seconds", "45"],
    );
    busy.all_linked();
    let used = crate::report::cpu_seconds(server.id());
    let lines: Vec<String> = (0..4).map(|_| busy.line()).collect();
    let rates: Vec<f64> = lines.iter().map(|line| number_after(line, " (")).collect();
    let rate = rates.iter().sum::<f64>() / rates.len() as f64;
    let load = Load {
        rate,
        p99_ms: lines.iter().map(|line| number_after(line, "p99 ")).fold(0.0, f64::max),
        cost_us: (crate::report::cpu_seconds(server.id()) - used) * 1e6 / (rate * 20.0),
    };
    report.rate("records stored through the link", 5_000.0, &load);
    // To the last line: every record the fleet was told is stored is there, each once.
    let last = busy.lines.by_ref().map_while(Result::ok).last().unwrap_or_default();
    drop(busy);
    server.stop();
    let confirmed = number_after(&last, ", stored ");
    let (rows, numbers) = stored(&format!("sqlite:{}", data.join("latchkey.db").display())).await;
    assert!(rows as f64 >= confirmed, "{rows} of {confirmed} are there");
    assert_eq!(rows, numbers, "a record is there twice");
}

/// Rows, and the sum of the highest numbers of all guards: the same where no number is missing or twice.
pub async fn stored(database: &str) -> (i64, i64) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(database).await.unwrap();
    let counted = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), CAST(COALESCE(SUM(highest), 0) AS BIGINT)
         FROM (SELECT COUNT(*) AS n, MAX(seq) AS highest FROM records GROUP BY guard_id) AS each_guard",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    counted
}

/// A message.
pub fn sign(body: &Value) -> Request {
    Request::post("/v1/sign", &body.to_string())
}

/// A token.
pub async fn sign_in(server: &Server, phone: &str, password: &str) -> String {
    let body = json!({
        "sign": 4, "ownerPhoneNumber": phone, "ownerPassword": password, "imei": "860000000000001", "timetag": now(),
    });
    let answer = Connection::open(server).await.send(&sign(&body)).await;
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["result"], 0, "{answer}");
    answer["token"].as_str().unwrap().to_owned()
}

fn now() -> &'static str {
    "20261122120000"
}

/// What it answers.
async fn succeeds(server: &Server, request: Request) -> String {
    let answer = Connection::open(server).await.send(&request).await;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(text.starts_with("{\"result\":0"), "{text}");
    text
}

/// Sign 12.
pub fn guards_of_the_owner(token: &str) -> Request {
    sign(&json!({ "sign": 12, "ownerPhoneNumber": OWNER, "token": token }))
}

async fn list(report: &mut Report, server: &Server, token: &str) {
    let answer = succeeds(server, guards_of_the_owner(token)).await;
    peers::sign_12(report, server, || guards_of_the_owner(token), answer.as_bytes()).await;
}

/// Sign 17, each number another one.
pub fn new_password(at: usize, token: &str) -> Request {
    sign(&json!({
        "sign": 17, "ownerPhoneNumber": OWNER, "token": token, "guardId": owned(at % OWNED),
        "password": format!("{:08}", 10_000_000 + at), "serviceNumb": service_numb(at),
        "startTime": "202611220000", "endTime": "202811220000", "timetag": now(),
    }))
}

/// The service number of the password with this number.
pub fn service_numb(at: usize) -> String {
    format!("20261122120000{OWNER}{at:07}")
}

async fn deliver(report: &mut Report, server: &Server, token: &str) {
    let (load, p99_ms) = delivered(server, server, token).await;
    report.rate("sign 17, to linked guards", 1_500.0, &load);
    report.slowest("  delivered to the guard, p99", 200.0, &Load { p99_ms, ..load });
}

/// Adds passwords at one node as fast as it takes them; each is there when its guard, linked to another or the same, has it and would open by it.
/// Answers the adding, and within how many milliseconds 99 of a hundred were there.
pub async fn delivered(added_at: &Server, linked_to: &Server, token: &str) -> (Load, f64) {
    let sent: RefCell<HashMap<String, Instant>> = RefCell::default();
    let took: RefCell<Vec<Duration>> = RefCell::default();
    let mut doors: Vec<Runner> = (0..OWNED).map(|number| door(linked_to, number)).collect();
    for door in &mut doors {
        while !door.guard.device.is_connected() || door.guard.device.version.number == 0 {
            let happened = door.wait().await;
            door.act(happened).await.unwrap();
        }
    }
    // The first fills caches and proves that it works.
    succeeds(added_at, new_password(0, token)).await;
    let living = futures::future::join_all(doors.into_iter().map(|door| live(door, &sent, &took)));
    let adding = run(added_at, CONNECTIONS, LASTS, |at| {
        let at = at + 1;
        sent.borrow_mut().insert(service_numb(at), Instant::now());
        new_password(at, token)
    });
    let load = tokio::select! {
        load = async {
            let load = adding.await;
            // What is still on its way arrives.
            tokio::time::sleep(Duration::from_secs(1)).await;
            load
        } => load,
        _ = living => unreachable!("doors live for ever"),
    };
    let mut took = took.into_inner();
    took.sort_unstable();
    let late = sent.borrow().len();
    assert_eq!(late, 0, "passwords that never arrived");
    let p99_ms = took[took.len() * 99 / 100].as_secs_f64() * 1000.0;
    (load, p99_ms)
}

fn door(server: &Server, number: usize) -> Runner {
    let key = DeviceKey::parse(&key_of(number)).unwrap();
    let target = Target::parse(&format!("http://{}", server.address()), false).unwrap();
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let code = OpCode::parse(CODE).ok();
    let mut guard = SimGuard::open(owned(number), key, code, Disk::None, clock, rng).unwrap();
    guard.start().unwrap();
    Runner::new(guard, target, Tempo::default())
}

async fn live(mut door: Runner, sent: &RefCell<HashMap<String, Instant>>, took: &RefCell<Vec<Duration>>) {
    let mut seen = door.guard.device.version.number;
    loop {
        let happened = door.wait().await;
        let events = door.act(happened).await.unwrap();
        if !events.iter().any(|event| matches!(event, Event::Granted(_))) {
            continue;
        }
        let device = &door.guard.device;
        for grant in device.grants.grants.iter().filter(|grant| grant.version > seen) {
            if let Some(since) = sent.borrow_mut().remove(grant.service_numb.as_str()) {
                took.borrow_mut().push(since.elapsed());
            }
        }
        seen = device.version.number;
    }
}

/// Sign-ins with the real cost of a password, beside what the cores give, and whether others wait for them.
async fn log_in(report: &mut Report, server: &Server, token: &str) {
    let body = json!({
        "sign": 4, "ownerPhoneNumber": OWNER, "ownerPassword": PASSWORD, "imei": "860000000000001", "timetag": now(),
    });
    let possible = hashes_a_second();
    let logins = run(server, 4, LASTS, |_| sign(&body)).await;
    report.rate(
        &format!("sign 4, Argon2id of 19 MiB, 80 % of {possible:.0}/s"),
        possible * 0.8,
        &logins,
    );
    let logins = run(server, 4, LASTS, |_| sign(&body));
    let others = run(server, 2, LASTS, |_| guards_of_the_owner(token));
    let (_, others) = tokio::join!(logins, others);
    report.slowest("  sign 12 beside it, p99", 50.0, &others);
}

/// Argon2id as sign 4 does it, on all cores, with nothing else to do.
fn hashes_a_second() -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads: Vec<_> = (0..cores).map(|_| std::thread::spawn(hashes)).collect();
    let done: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    done as f64 / LASTS.as_secs_f64()
}

fn hashes() -> usize {
    let begun = Instant::now();
    let params = argon2::Params::new(19_456, 2, 1, None).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut out = [0; 32];
    let mut done = 0;
    while begun.elapsed() < LASTS {
        argon2
            .hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes of", &mut out)
            .unwrap();
        done += 1;
    }
    done
}
