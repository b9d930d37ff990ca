//! The same work beside others on the same machine, asked by the same client in turns: nginx, which only sends bytes it has, as the limit, and Node with
//! better-sqlite3 (`peer/server.mjs`) as a peer.

use crate::client::{Load, Request, run};
use crate::guards::{OWNER, sign};
use crate::report::Report;
use crate::world::Server;
use serde::Deserialize;
use serde_json::json;
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Each is asked this often, in turns: what else the machine does at a time meets all of them.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
const CONNECTIONS: usize = 16;
/// Seals what the peer keeps; nobody else meets it.
const PEER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// What the peer made at its start.
#[derive(Deserialize)]
struct Entry {
    owner: String,
    bearer: String,
    codes: Vec<String>,
}

/// A server, and how it is asked. `make` gets the number of the request.
struct Contender<'a> {
    server: &'a Server,
    make: Box<dyn Fn(usize) -> Request + 'a>,
}

impl<'a> Contender<'a> {
    fn new(server: &'a Server, make: impl Fn(usize) -> Request + 'a) -> Self {
        let next = Cell::new(0);
        let make = Box::new(move |_| make(next.replace(next.get() + 1)));
        Self { server, make }
    }
}

/// All of them in turns; the means of their rounds, and the slowest p99.
async fn in_turns(contenders: &[Contender<'_>]) -> Vec<Load> {
    let mut rounds: Vec<Vec<Load>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (contender, loads) in contenders.iter().zip(&mut rounds) {
            loads.push(run(contender.server, CONNECTIONS, ROUND, &contender.make).await);
        }
    }
    let mean = |loads: &[Load], of: fn(&Load) -> f64| loads.iter().map(of).sum::<f64>() / loads.len() as f64;
    let together = |loads: Vec<Load>| Load {
        rate: mean(&loads, |load| load.rate),
        cost_us: mean(&loads, |load| load.cost_us),
        p99_ms: loads.iter().map(|load| load.p99_ms).fold(0.0, f64::max),
    };
    rounds.into_iter().map(together).collect()
}

/// Sign 12 as `ask` makes it, which our server answers with this body, beside the others.
pub async fn sign_12(report: &mut Report, server: &Server, ask: impl Fn() -> Request, body: &[u8]) {
    let (nginx, node) = (nginx(body), node());
    let mut contenders = vec![Contender::new(server, |_| ask())];
    if let Some((_, nginx)) = &nginx {
        contenders.push(Contender::new(nginx, |_| Request::get("/guards.json")));
    }
    if let Some((_, node, entry)) = &node {
        let body = json!({ "sign": 12, "ownerPhoneNumber": OWNER, "token": entry.owner });
        contenders.push(Contender::new(node, move |_| sign(&body)));
    }
    let mut loads = in_turns(&contenders).await.into_iter();
    let ours = loads.next().unwrap();
    report.rate("sign 12, 20 guards", 8_000.0, &ours);
    report.slowest("  its p99", 15.0, &ours);
    if let Some(load) = nginx.as_ref().and_then(|_| loads.next()) {
        let what = format!("  beside nginx sending the same bytes, {:.0}/s", load.rate);
        report.share(&what, 35.0, ours.rate / load.rate);
    }
    if let Some(load) = loads.next() {
        let what = format!("  beside Node with better-sqlite3, {:.0}/s", load.rate);
        report.at_least_times(&what, 9.0, ours.rate / load.rate);
    }
}

/// `POST /v1/QrData` with these codes, each once.
pub async fn qr_data(report: &mut Report, server: &Server, codes: &[String], bearer: &str) {
    let node = node();
    let read = |codes: &[String], bearer: &str, at: usize| {
        let code = codes.get(at).expect("more codes must be sealed beforehand");
        Request::post("/v1/QrData", &format!("{{\"data\":\"{code}\"}}")).bearer(bearer)
    };
    let mut contenders = vec![Contender::new(server, |at| read(codes, bearer, at))];
    if let Some((_, node, entry)) = &node {
        contenders.push(Contender::new(node, move |at| read(&entry.codes, &entry.bearer, at)));
    }
    let mut loads = in_turns(&contenders).await.into_iter();
    let ours = loads.next().unwrap();
    report.rate("POST /v1/QrData, verified and decoded", 5_000.0, &ours);
    if let Some(load) = loads.next() {
        let what = format!("  beside Node with better-sqlite3, {:.0}/s", load.rate);
        report.at_least_times(&what, 5.0, ours.rate / load.rate);
    }
}

/// One process of nginx that sends these bytes as `/guards.json`.
fn nginx(body: &[u8]) -> Option<(tempfile::TempDir, Server)> {
    let files = tempfile::tempdir().unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let root = files.path().display();
    std::fs::write(files.path().join("guards.json"), body).unwrap();
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let settings = format!(
        "daemon off; master_process off; {user} pid {root}/nginx.pid; error_log stderr crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; open_file_cache max=16;\n\
         client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi; uwsgi_temp_path {root}/uwsgi;\n\
         scgi_temp_path {root}/scgi; types {{ application/json json; }} server {{ listen {port}; root {root}; }} }}\n"
    );
    std::fs::write(files.path().join("nginx.conf"), settings).unwrap();
    let process = Command::new("nginx")
        .arg("-c")
        .arg(files.path().join("nginx.conf"))
        .stderr(Stdio::inherit())
        .spawn()
        .ok()?;
    let server = Server::of(process, port);
    wait_for(port);
    Some((files, server))
}

fn wait_for(address: SocketAddr) {
    for _ in 0..100 {
        if TcpStream::connect(address).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing listens at {address}");
}

/// The peer, where `LATCHKEY_BENCH_NODE` names the folder it is installed in.
fn node() -> Option<(tempfile::TempDir, Server, Entry)> {
    let Some(installed) = std::env::var_os("LATCHKEY_BENCH_NODE") else {
        eprintln!("Node is NOT MEASURED: LATCHKEY_BENCH_NODE names no folder with the peer");
        return None;
    };
    let files = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command
        .arg(Path::new(&installed).join("server.mjs"))
        .arg(files.path())
        .arg(PEER_KEY);
    let server = Server::listening(command);
    let entry = std::fs::read(files.path().join("entry.json")).unwrap();
    Some((files, server, serde_json::from_slice(&entry).unwrap()))
}
