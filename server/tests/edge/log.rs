//! A log that nobody takes: the server goes on, and ends as it should.

use crate::cluster_rig::free_port;
use crate::process::binary::{get, latchkey};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than a stop may last.
const SOON: Duration = Duration::from_secs(15);

struct Server {
    child: Child,
    http: String,
    _output: BufReader<ChildStdout>,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Server {
    fn start(log: Stdio, level: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = latchkey(data.path(), &["serve", "--http", "127.0.0.1:0"]);
        let mut child = command.env("LATCHKEY_LOG", level).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let http = loop {
            let mut line = String::new();
            assert!(output.read_line(&mut line).unwrap() > 0, "it ended before it listened");
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                break address.to_owned();
            }
        };
        Self {
            child,
            http,
            _output: output,
            _data: data,
        }
    }

    /// Each of these is logged.
    fn ask(&self, times: usize) {
        for _ in 0..times {
            let mut stream = TcpStream::connect(&self.http).unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream.write_all(get("/v1/nowhere").as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        }
    }

    fn stops(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0), "{status:?}");
                return;
            }
            assert!(begun.elapsed() < SOON, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_closed_pipe_ends_nothing() {
    let mut server = Server::start(Stdio::piped(), "info");
    server.ask(1);
    drop(server.child.stderr.take());
    server.ask(20);
    server.stops();
}

#[test]
fn a_full_disk_ends_nothing() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let server = Server::start(Stdio::from(full), "info");
    server.ask(20);
    server.stops();
}

#[test]
fn a_pipe_that_nobody_reads_holds_nobody_up() {
    // Far more than the 64 KiB a pipe holds, and than the lines that wait.
    let server = Server::start(Stdio::piped(), "trace");
    server.ask(300);
    server.stops();
}

#[test]
fn standard_output_that_nobody_takes_ends_nothing() {
    let data = tempfile::tempdir().unwrap();
    // A port that is free now, because the line that names one cannot be read.
    let free = SocketAddr::from(([127, 0, 0, 1], free_port(1)));
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = latchkey(data.path(), &["serve", "--http", &free.to_string()]);
    let mut child = command.stdout(full).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let mut answer = String::new();
    while begun.elapsed() < SOON && answer.is_empty() {
        if let Ok(mut stream) = TcpStream::connect(free) {
            stream.write_all(get("/readyz").as_bytes()).unwrap();
            stream.read_to_string(&mut answer).unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_command_whose_output_nobody_takes_ends_in_one_line_or_none() {
    let data = tempfile::tempdir().unwrap();
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let add = |name: &'static str| latchkey(data.path(), &["business", "add", name]);
    let ended = add("North").stdout(closed).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""));

    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = add("South").stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("error: ") && said.trim().lines().count() == 1,
        "{said}"
    );
}

/// What is logged of these requests, without colours.
fn logged(requests: &[String]) -> String {
    let mut server = Server::start(Stdio::piped(), "info");
    for request in requests {
        let mut stream = TcpStream::connect(&server.http).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
    }
    let mut log = server.child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    });
    server.stops();
    reading.join().unwrap()
}

#[test]
fn lines_name_the_route_and_never_the_path() {
    let log = logged(&[
        get("/v1/QrImage/a-secret-code"),
        get("/owner/juniors/01099998888"),
        get("/nowhere/01099998888"),
        get("/v1/nowhere/01099998888?phone=01099998888"),
    ]);
    assert!(log.contains("route=\"/v1/QrImage/{data}\""), "{log}");
    assert!(log.contains("method=GET") && log.contains("id="), "{log}");
    assert!(!log.contains("01099998888") && !log.contains("a-secret-code"), "{log}");
}

#[test]
fn lines_that_repeat_themselves_are_counted() {
    let log = logged(&vec![get("/v1/nowhere"); 150]);
    let refused = log
        .lines()
        .filter(|line| line.contains("refused") && line.contains("status=404"))
        .count();
    assert_eq!(refused, 100, "{log}");
    assert!(log.contains("50 more lines like the last ones were left out"), "{log}");
}
