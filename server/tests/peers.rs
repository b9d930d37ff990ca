//! Programs of other people as peers of ours, in Python: `peers/*.py`, with packages of PyPI that `scripts/test.sh` installs and names in
//! `LATCHKEY_TEST_PYPI`. `LATCHKEY_TEST_WITHOUT_PYPI=1` leaves them out on a machine that cannot have them.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const LONG: Duration = Duration::from_secs(60);

/// A script of `peers/`; it reads and writes JSON objects, one a line.
pub struct Peer {
    child: Child,
    tells: ChildStdin,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Peer {
    /// `None` where packages of PyPI are left out.
    pub fn start(script: &str, arguments: &[&str]) -> Option<Self> {
        if std::env::var("LATCHKEY_TEST_WITHOUT_PYPI").is_ok() {
            return None;
        }
        let packages = std::env::var("LATCHKEY_TEST_PYPI")
            .expect("LATCHKEY_TEST_PYPI names a directory with libosdp and uhppoted, as scripts/test.sh makes it; or set LATCHKEY_TEST_WITHOUT_PYPI=1");
        let mut child = Command::new("python3")
            .arg(format!("{}/tests/peers/{script}", env!("CARGO_MANIFEST_DIR")))
            .args(arguments)
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, hears) = (BufReader::new(child.stdout.take().unwrap()).lines(), said.clone());
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Libraries print as well.
                if let Ok(value) = serde_json::from_str(&line) {
                    hears.lock().unwrap().push(value);
                }
            }
        });
        let tells = child.stdin.take().unwrap();
        Some(Self { child, tells, said })
    }

    pub fn tell(&mut self, what: &Value) {
        writeln!(self.tells, "{what}").unwrap();
        self.tells.flush().unwrap();
    }

    /// Everything it has written so far.
    pub fn said(&self) -> Vec<Value> {
        self.said.lock().unwrap().clone()
    }

    /// The first object it wrote that fits.
    pub async fn says(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let late = Instant::now() + LONG;
        loop {
            if let Some(found) = self.said().into_iter().find(&fits) {
                return found;
            }
            assert!(Instant::now() < late, "never: {what}; it said {:?}", self.said());
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
