//! The power goes while the server writes to its SQLite file: what it has confirmed is there afterwards.
//!
//! `power_cut.c` is loaded before the server. It keeps, in another folder, what a disk is certain to have of each database file, and a random part
//! of what the disk was not yet asked to keep.

use crate::cluster_rig::{self, Node as Server};
use crate::engine;
use crate::link_rig::{Door, Node, PASSWORD, target};
use crate::owner_messages;
use crate::process::binary::latchkey;
use backend::LocalZone;
use backend::clock::SystemClock;
use server::guard_sim::Disk;
use sqlx::Connection as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const GUARDS: [&str; 4] = ["G1", "G2", "G3", "G4"];
const SENDERS: usize = 16;
const CUTS: u64 = 3;

fn compiled(into: &Path) -> PathBuf {
    let library = into.join("power_cut.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/power_cut.c");
    let done = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-pthread", source, "-ldl", "-o"])
        .arg(&library)
        .status();
    assert!(done.unwrap().success());
    library
}

/// A server, and a disk that keeps of its database what it must and little more.
struct Machine {
    server: Server,
    zone: LocalZone,
    data: Arc<TempDir>,
    disk: TempDir,
}

impl Machine {
    async fn start(seed: u64) -> Self {
        let node = Node::start().await;
        for guard in GUARDS {
            node.door(guard).await.end().await;
        }
        let zone = node.backend.zone().clone();
        let (data, disk) = (node.stop().await, tempfile::tempdir().unwrap());
        // Closed, the database is one file.
        std::fs::copy(data.path().join("latchkey.db"), disk.path().join("latchkey.db")).unwrap();
        let mut command = latchkey(data.path(), &["serve", "--http", "127.0.0.1:0"]);
        command
            .env("LD_PRELOAD", compiled(disk.path()))
            .env("POWER_CUT_FROM", data.path())
            .env("POWER_CUT_TO", disk.path())
            .env("POWER_CUT_SEED", seed.to_string())
            .stderr(Stdio::null());
        let server = Server::start(command, 0);
        Self {
            server,
            zone,
            data,
            disk,
        }
    }

    /// What the disk has, as the next start of the server finds it.
    async fn after_the_cut(&self) -> sqlx::AnyConnection {
        let files = ["latchkey.db", "latchkey.db-wal", "latchkey.db-shm"].map(|name| self.data.path().join(name));
        for file in &files {
            let _missing = std::fs::remove_file(file);
            let kept = self.disk.path().join(file.file_name().unwrap());
            if kept.exists() {
                std::fs::copy(kept, file).unwrap();
            }
        }
        sqlx::any::install_default_drivers();
        let url = engine::url_of(self.data.path());
        sqlx::AnyConnection::connect(&url).await.unwrap()
    }
}

/// An owner's client.
#[derive(Clone)]
struct Client {
    address: SocketAddr,
    zone: LocalZone,
    token: String,
}

impl Client {
    async fn sign_in(machine: &Machine) -> Self {
        let reply = machine
            .server
            .say(&owner_messages::sign_in(&machine.zone, PASSWORD, "imei-1"))
            .await;
        Self {
            address: machine.server.address,
            zone: machine.zone.clone(),
            token: reply["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Adds passwords, each after the one before it was confirmed, until the server is gone; answers the numbers of those that were confirmed.
    async fn add_passwords(self, sender: usize) -> Vec<String> {
        let (guard, mut confirmed) = (GUARDS[sender % GUARDS.len()], Vec::new());
        for number in 0.. {
            let service_numb = format!("{sender}-{number}");
            let digits = format!("{:08}", 10_000_000 + sender * 100_000 + number);
            let message = owner_messages::password(&self.zone, &self.token, guard, &service_numb, &digits);
            match cluster_rig::try_say(self.address, &message).await {
                Ok(reply) => assert_eq!(reply["result"], 0, "{reply}"),
                Err(_) => break,
            }
            confirmed.push(service_numb);
        }
        confirmed
    }
}

/// A guard at which somebody comes by again and again until the server is gone; answers the last record that was confirmed.
async fn make_records(guard: &'static str, address: SocketAddr) -> (&'static str, i64) {
    let mut door = Door::new(guard, target(address), Disk::None, Arc::new(SystemClock));
    door.linked().await;
    let end = Instant::now() + Duration::from_secs(30);
    while door.runner.guard.device.is_connected() {
        assert!(Instant::now() < end, "the server is still there");
        door.card().await;
        door.live(Duration::from_millis(5)).await;
    }
    (guard, door.runner.guard.device.log.confirmed())
}

async fn texts(connection: &mut sqlx::AnyConnection, sql: &str) -> Vec<String> {
    let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(connection).await.unwrap();
    rows.into_iter().map(|(text,)| text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_before_a_power_cut_is_there_afterwards() {
    let data = tempfile::tempdir().unwrap();
    if engine::database_of(data.path()).is_some() {
        return;
    }
    for seed in 0..CUTS {
        let mut machine = Machine::start(seed).await;
        let client = Client::sign_in(&machine).await;
        let senders: JoinSet<_> = (0..SENDERS)
            .map(|sender| client.clone().add_passwords(sender))
            .collect();
        let guards: JoinSet<_> = GUARDS
            .map(|guard| make_records(guard, client.address))
            .into_iter()
            .collect();
        sleep(Duration::from_millis(1_500 + 700 * seed)).await;
        machine.server.kill();
        let passwords = senders.join_all().await.concat();
        let records = guards.join_all().await;
        assert!(
            passwords.len() > SENDERS && records.iter().all(|(_, last)| *last > 0),
            "{passwords:?} {records:?}"
        );

        let mut disk = machine.after_the_cut().await;
        assert_eq!(texts(&mut disk, "PRAGMA integrity_check").await, ["ok"]);
        let there = texts(&mut disk, "SELECT service_numb FROM grants").await;
        let lost: Vec<&String> = passwords.iter().filter(|numb| !there.contains(numb)).collect();
        assert_eq!(
            lost,
            [] as [&String; 0],
            "{} of {} confirmed grants",
            lost.len(),
            passwords.len()
        );
        for (guard, last) in records {
            let stored = texts(
                &mut disk,
                &format!("SELECT CAST(seq AS TEXT) FROM records WHERE guard_id = '{guard}'"),
            )
            .await;
            let lost: Vec<i64> = (1..=last).filter(|seq| !stored.contains(&seq.to_string())).collect();
            assert_eq!(lost, [0; 0], "records of {guard}, {last} confirmed");
        }
        disk.close().await.unwrap();
        // The program goes on from there.
        let again = Server::start(latchkey(machine.data.path(), &["serve", "--http", "127.0.0.1:0"]), 0);
        assert_eq!(again.ready().await, 200);
    }
}
