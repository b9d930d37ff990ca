//! The program on an SQLite file: a disk without room, a second server, a database that is gone.

use crate::process::binary::{Running, get, latchkey, post, refused};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::Instant;

fn is_sqlite(data: &Path) -> bool {
    crate::engine::database_of(data).is_none()
}

/// A server that is told by the system, instead of being ended by it, when a file may not grow.
fn serve_with_limits(data: &Path) -> Running {
    let plain = latchkey(data, &["demo", "--http", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    Running::start(&mut command)
}

/// No file of this process grows beyond this, as on a disk without room.
fn limit(server: &Running, bytes: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, limit).unwrap();
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// How often something else was answered before it was this.
fn until(what: &str, server: &Running, request: &str, wanted: &str) {
    let late = Instant::now() + Duration::from_secs(5);
    loop {
        let answer = server.ask(request);
        if status(&answer) == wanted {
            return;
        }
        assert!(Instant::now() < late, "{what}: {answer}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_full_disk_is_unavailable_and_over_when_there_is_room() {
    let data = tempfile::tempdir().unwrap();
    if !is_sqlite(data.path()) {
        return;
    }
    let server = serve_with_limits(data.path());
    let ready = get("/readyz");
    // A wrong password is counted, so that it writes.
    let wrong = r#"{"phoneNumber":"01000000002","password":"wrong wrong"}"#;
    let login = post("/v1/Login", "application/json", wrong);
    assert_eq!(status(&server.ask(&login)), "401");
    for round in 0..2 {
        limit(&server, Some(4_096));
        until("it is not noticed", &server, &ready, "503");
        for _ in 0..50 {
            let answer = server.ask(&login);
            assert_eq!(status(&answer), "503", "round {round}: {answer}");
        }
        assert_eq!(status(&server.ask(&ready)), "503");
        limit(&server, None);
        until("it is not over", &server, &ready, "200");
        let answer = server.ask(&login);
        assert!(["401", "429"].contains(&status(&answer)), "round {round}: {answer}");
    }
    server.terminate();
    let (_, log) = server.ended();
    let lines = log
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"));
    assert!(lines.count() < 30, "{log}");
}

#[test]
fn a_second_server_on_a_file_is_refused_and_commands_are_not() {
    let data = tempfile::tempdir().unwrap();
    if !is_sqlite(data.path()) {
        return;
    }
    let server = Running::serve(data.path(), &[]);
    for second in ["serve", "demo"] {
        let output = latchkey(data.path(), &[second, "--http", "127.0.0.1:0"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(said.contains("is in use by another latchkey"), "{said}");
    }
    for beside in [&["business", "add", "한전"][..], &["node", "list"], &["migrate"]] {
        let output = latchkey(data.path(), beside).output().unwrap();
        assert!(
            output.status.success(),
            "{beside:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    server.terminate();
    server.ended();
    // However a server ends, the next one starts.
    drop(Running::serve(data.path(), &[]));
    Running::serve(data.path(), &[]).terminate();
}

#[test]
fn a_database_that_is_gone_stops_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    if !is_sqlite(data.path()) {
        return;
    }
    let server = Running::serve(data.path(), &[]);
    assert_eq!(status(&server.ask(&get("/readyz"))), "200");
    std::fs::remove_file(data.path().join("latchkey.db")).unwrap();
    until("it is not noticed", &server, &get("/readyz"), "503");
    server.terminate();
    server.ended();
    let said = refused(data.path(), &["serve", "--http", "127.0.0.1:0"]);
    assert!(said.contains("--new") && said.contains("latchkey.db"), "{said}");
    let said = refused(data.path(), &["business", "add", "한전"]);
    assert!(said.contains("--new"), "{said}");
    let server = Running::serve(data.path(), &["--new"]);
    assert_eq!(status(&server.ask(&get("/readyz"))), "200");
}
