//! The programs themselves: `latchkey serve`, `guard import`, `guard-sim`, as a person or a script drives them.

use crate::link_rig::{CODE, KEY};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tokio::time::Instant;

/// A program whose lines are read as they come.
struct Program {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        if let Some(url) = crate::engine::database_of(data) {
            command.env("LATCHKEY_DATABASE_URL", url);
        }
        let mut process = command
            .args(arguments)
            .env("LATCHKEY_DATA", data)
            .env("LATCHKEY_DEVICE_KEY", KEY)
            .env_remove("LATCHKEY_HTTPS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            input: process.stdin.take(),
            process,
            lines,
            seen: Vec::new(),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line that begins so.
    fn line(&mut self, begin: &str) -> String {
        let late = Instant::now() + Duration::from_secs(30);
        loop {
            let left = late.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line {begin:?} after {:?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.starts_with(begin) {
                return line;
            }
        }
    }

    fn terminate(&mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    fn ends_within(&mut self, seconds: u64) {
        let late = Instant::now() + Duration::from_secs(seconds);
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return assert!(status.success(), "{status}");
            }
            assert!(Instant::now() < late, "still running");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _status = self.process.wait();
    }
}

fn serve(data: &Path, https: bool) -> (Program, String) {
    let mut arguments = vec!["serve", "--http", "127.0.0.1:0"];
    if https {
        arguments.extend(["--https", "127.0.0.1:0", "--tls-self-signed"]);
    }
    let mut server = Program::start(data, &arguments);
    let scheme = if https { "https" } else { "http" };
    let line = server.line(&format!("listening on {scheme}://"));
    (server, line.strip_prefix("listening on ").unwrap().to_owned())
}

fn import(data: &Path, rows: &str) -> String {
    let file = data.join("inventory.csv");
    std::fs::write(&file, format!("guardId,deviceKey\n{rows}")).unwrap();
    let out = crate::process::binary::latchkey(data, &["guard", "import"])
        .arg(&file)
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    )
}

#[test]
fn a_simulated_guard_is_driven_line_by_line() {
    let data = tempfile::tempdir().unwrap();
    let said = import(data.path(), &format!("G1,{KEY}\nG2,short\n"));
    assert!(
        said.contains("1 added, 0 unchanged, 1 refused") && said.contains(":3: deviceKey"),
        "{said}"
    );
    let (mut server, address) = serve(data.path(), true);
    let state = data.path().join("g1.json");
    let arguments = [
        "guard-sim",
        "--server",
        &address,
        "--insecure",
        "--guard-id",
        "G1",
        "--op-code",
        CODE,
        "--state",
        state.to_str().unwrap(),
    ];
    let mut guard = Program::start(data.path(), &arguments);
    assert!(guard.line("guard G1: not linked").contains("records to 0"));
    guard.line("linked");
    guard.say("card 110101199003071234");
    guard.line("refused: unknown-card");
    guard.line("stored: records to 1");
    guard.say("net off");
    guard.line("net off");
    guard.line("not linked: the network is off");
    guard.say("password 471147");
    guard.line("refused: unknown-password");
    guard.say("reboot");
    assert!(guard.line("rebooted").contains("records to 2, stored to 1"));
    guard.say("dance");
    guard.line("error: dance");
    guard.say("net on");
    guard.line("linked");
    guard.line("stored: records to 2");
    guard.say("reboot");
    guard.line("not linked: the power was off");
    guard.line("linked");
    guard.say("drift 90");
    guard.say("status");
    guard.line("linked; version");
    // The server stops while a guard is linked, and the guard comes back to the next one.
    let begun = Instant::now();
    server.terminate();
    server.ends_within(10);
    guard.line("not linked: closed by the server (1001)");
    assert!(begun.elapsed() < Duration::from_secs(10));
    guard.say("quit");
    guard.ends_within(5);
    let kept = std::fs::read_to_string(&state).unwrap();
    assert!(kept.contains("\"confirmed\":2"), "{kept}");
}

#[test]
fn a_fleet_prints_its_inventory_and_lives_by_it() {
    let data = tempfile::tempdir().unwrap();
    let fleet = ["guard-sim", "--count", "20", "--prefix", "SIM"];
    let mut printed = Program::start(data.path(), &[&fleet[..], &["--print-inventory"]].concat());
    let rows: Vec<String> = (1..=20)
        .map(|number| printed.line(&format!("\"SIM-{number:05}\",")))
        .collect();
    let said = import(data.path(), &rows.join("\n"));
    assert!(said.contains("20 added"), "{said}");
    let (_server, address) = serve(data.path(), false);
    let alive = ["--server", &address, "--records-per-minute", "600", "--seconds", "7"];
    let mut fleet = Program::start(data.path(), &[&fleet[..], &alive].concat());
    let line = fleet.line("connected 20 of 20, lost 0");
    assert!(!line.contains("stored 0 "), "{line}");
    fleet.ends_within(20);
}
