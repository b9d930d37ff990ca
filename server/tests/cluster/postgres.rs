//! A PostgreSQL of a test's own, to be stopped and started.

use crate::cluster_rig::free_port;
use sqlx::Connection as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A PostgreSQL of the test's own, to be stopped and started.
pub struct OwnPostgres {
    programs: PathBuf,
    data: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let _stopped_already = self.control(&["-m", "immediate", "stop"]);
    }
}

impl OwnPostgres {
    /// `None` where the tests have no PostgreSQL at all.
    pub fn start() -> Option<Self> {
        if std::env::var("LATCHKEY_TEST_POSTGRES").is_err() {
            eprintln!("NOT RUN: set LATCHKEY_TEST_POSTGRES to postgres://USER:PASSWORD@HOST:PORT");
            return None;
        }
        let postgres = Self::without_data();
        let made = postgres
            .program("initdb")
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D"])
            .arg(postgres.directory())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.begin();
        Some(postgres)
    }

    fn without_data() -> Self {
        let data = tempfile::tempdir().unwrap();
        // PostgreSQL does not run as root.
        let user = rustix::process::geteuid().is_root().then(|| account("postgres"));
        std::os::unix::fs::chown(data.path(), user.map(|(user, _)| user), user.map(|(_, group)| group)).unwrap();
        Self {
            programs: programs(),
            data,
            port: free_port(1),
            user,
        }
    }

    /// A replica; from now on nothing is acknowledged that it has not written down.
    pub async fn replica(&self) -> Self {
        let replica = Self::without_data();
        let copied = replica
            .program("pg_basebackup")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"])
            .args(["--checkpoint=fast", "--write-recovery-conf", "-D"])
            .arg(replica.directory())
            .output()
            .unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        replica.begin();
        let mut connection = sqlx::PgConnection::connect(&self.url()).await.unwrap();
        for sql in [
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "SELECT pg_reload_conf()",
        ] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        replica
    }

    /// Makes a replica the one that is written to.
    pub fn promote(&self) {
        assert!(self.control(&["-w", "promote"]));
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// By way of something between.
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("postgres://postgres@{address}/postgres")
    }

    pub fn url(&self) -> String {
        self.url_at(self.address())
    }

    /// Stops it in this way (`fast`, `immediate`).
    pub fn stop(&self, mode: &str) {
        assert!(self.control(&["-m", mode, "-w", "stop"]));
    }

    /// Starts it again; it answers when this comes back.
    pub fn begin(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=200",
            self.port,
            self.data.path().display()
        );
        let log = self.data.path().join("log").display().to_string();
        // A machine that runs everything else at the same time takes its time.
        let begun = self.control(&["-w", "-t", "180", "-l", &log, "-o", &options, "start"]);
        assert!(begun, "{}", std::fs::read_to_string(&log).unwrap_or_default());
    }

    fn directory(&self) -> PathBuf {
        self.data.path().join("pg")
    }

    fn control(&self, arguments: &[&str]) -> bool {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.directory()).args(arguments);
        // It leaves a server behind, which would keep a pipe open.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.data.path());
        if let Some((user, group)) = self.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
            std::os::unix::process::CommandExt::gid(&mut command, group);
        }
        command
    }
}

/// Where the newest PostgreSQL of this machine is; Debian does not put it into the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .max();
    found.unwrap_or_default()
}

/// Number and group of a user of this machine.
fn account(name: &str) -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with(&format!("{name}:")));
    let fields: Vec<&str> = user.expect("a user that may run PostgreSQL").split(':').collect();
    (fields[2].parse().unwrap(), fields[3].parse().unwrap())
}
