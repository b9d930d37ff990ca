//! The same work beside others on the same machine, asked by the same client: nginx, which only sends bytes it has, as the limit, and Node with
//! better-sqlite3 (`peer/server.mjs`) as a peer.

use crate::client::{Load, Request, run};
use crate::guards::{OWNER, sign};
use crate::report::Report;
use crate::world::Server;
use serde::Deserialize;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const LASTS: Duration = Duration::from_secs(5);
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

/// Sign 12 as it was measured just before, answered with this body.
pub async fn sign_12(report: &mut Report, ours: &Load, body: &[u8]) {
    match nginx(body) {
        None => eprintln!("nginx is NOT MEASURED: it is not installed"),
        Some((_files, mut server)) => {
            let load = run(&server, CONNECTIONS, LASTS, |_| Request::get("/guards.json")).await;
            server.stop();
            eprintln!("nginx, the same bytes: {:.0}/s", load.rate);
            report.share("  beside nginx sending the same bytes", 35.0, ours.rate / load.rate);
        }
    }
    if let Some((_files, mut server, entry)) = node() {
        let body = json!({ "sign": 12, "ownerPhoneNumber": OWNER, "token": entry.owner });
        let load = run(&server, CONNECTIONS, LASTS, |_| sign(&body)).await;
        server.stop();
        eprintln!("Node, sign 12: {:.0}/s", load.rate);
        report.at_least_times("  beside Node with better-sqlite3", 9.0, ours.rate / load.rate);
    }
}

/// `POST /v1/QrData` as it was measured just before.
pub async fn qr_data(report: &mut Report, ours: &Load) {
    if let Some((_files, mut server, entry)) = node() {
        let load = run(&server, CONNECTIONS, LASTS, |at| {
            let body = format!("{{\"data\":\"{}\"}}", entry.codes[at]);
            Request::post("/v1/QrData", &body).bearer(&entry.bearer)
        });
        let load = load.await;
        server.stop();
        eprintln!("Node, QrData: {:.0}/s", load.rate);
        report.at_least_times("  beside Node with better-sqlite3", 5.0, ours.rate / load.rate);
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
