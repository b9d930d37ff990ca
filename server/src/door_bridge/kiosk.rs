//! A kiosk's lock boards, for browsers without Web Serial and for boards whose coils stay powered until told otherwise: this process goes on when a
//! page is killed, and switches them off. The page reaches it over a WebSocket on loopback.

mod session;

use crate::guard_sim::SimError;
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use clap::Args;
use domain::boards::driver::{BRIDGE_PORT, TOKEN_DIGITS};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tracing::{info, warn};

/// The pause after a wrong number, for everybody who connects.
const WRONG: Duration = Duration::from_secs(1);

/// The lock boards of the kiosk on this machine
#[derive(Args, Debug)]
#[command(
    after_help = "DIR/kiosk.token holds the number that is typed at the kiosk's staff area; it is made at the first start.\n\
    Which boards hang on which adapter is set on the operator's page or at the kiosk; an adapter without a path there has the one given here."
)]
pub struct Options {
    /// The address of the kiosk's page, such as https://locks.example; pages of other addresses are refused
    #[arg(long, value_name = "URL")]
    pub origin: String,
    /// Where the number is kept
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// A serial port, such as /dev/serial/by-id/usb-FTDI_…; once for each adapter of the settings, in their order
    #[arg(long = "adapter", value_name = "PATH")]
    pub adapters: Vec<String>,
    /// Where to listen; on loopback
    #[arg(long, value_name = "IP:PORT", default_value_t = SocketAddr::from(([127, 0, 0, 1], BRIDGE_PORT)))]
    pub listen: SocketAddr,
}

/// What all connections share.
struct Shared {
    origin: String,
    token: String,
    adapters: Vec<String>,
    clock: Arc<dyn Clock>,
    /// Held by the page that has the doors.
    doors: Mutex<()>,
    /// Held for a while after a wrong number.
    wrong: Mutex<()>,
}

/// Listening, and not yet speaking to any board.
pub struct Bridge {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Bridge {
    /// Reads or makes the number and takes the port.
    ///
    /// # Errors
    /// What on the command line or on the disk keeps it from running.
    pub async fn open(options: Options) -> Result<Self, SimError> {
        if !options.listen.ip().is_loopback() {
            return Err(SimError::option(
                "listen",
                "an address of this machine alone, such as 127.0.0.1",
            ));
        }
        let origin = origin(&options.origin)?;
        let file = options.state.join("kiosk.token");
        let token = token(&file)?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|error| SimError::option("listen", error.to_string()))?;
        info!(file = %file.display(), "the number for the kiosk's staff area stands in this file");
        Ok(Self {
            listener,
            shared: Arc::new(Shared {
                origin,
                token,
                adapters: options.adapters,
                clock: Arc::new(SystemClock),
                doors: Mutex::new(()),
                wrong: Mutex::new(()),
            }),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Runs until a signal, or until `end` says so; then every coil is off.
    ///
    /// # Errors
    /// None today.
    pub async fn run(self, mut end: watch::Receiver<bool>) -> Result<(), SimError> {
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = self.listener.accept() => {
                    sessions.spawn(session::serve(stream, self.shared.clone(), end.clone()));
                }
                Some(_) = sessions.join_next() => {}
                () = session::ended(&mut end) => break,
            }
        }
        while sessions.join_next().await.is_some() {}
        Ok(())
    }
}

/// Runs until the process is told to end.
///
/// # Errors
/// What keeps it from running.
pub async fn run(options: Options) -> Result<(), SimError> {
    let bridge = Bridge::open(options).await?;
    let (told, end) = watch::channel(false);
    let running = tokio::spawn(bridge.run(end));
    stopped().await;
    let _ = told.send(true);
    match running.await {
        Ok(ended) => ended,
        Err(error) => {
            warn!(%error, "the bridge ended badly");
            Ok(())
        }
    }
}

/// Until the process is interrupted, or told to terminate as by systemd.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// As browsers send it: scheme, host and port, without a path.
fn origin(url: &str) -> Result<String, SimError> {
    let bad = || SimError::option("origin", "https://HOST[:PORT], as in the kiosk's address line");
    let uri: http::Uri = url.trim_end_matches('/').parse().map_err(|_no_address| bad())?;
    match (uri.scheme_str(), uri.authority(), uri.path()) {
        (Some(scheme @ ("http" | "https")), Some(host), "/" | "") => Ok(format!("{scheme}://{host}")),
        _ => Err(bad()),
    }
}

fn failed(path: &Path, why: impl ToString) -> SimError {
    SimError::State {
        path: path.display().to_string(),
        why: why.to_string(),
    }
}

/// The number, made where there is none, for the owner of the process alone to read.
fn token(path: &Path) -> Result<String, SimError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let token = text.trim();
            let sound = token.len() == TOKEN_DIGITS && token.bytes().all(|byte| byte.is_ascii_digit());
            sound
                .then(|| token.to_owned())
                .ok_or_else(|| failed(path, format!("{TOKEN_DIGITS} digits, or no such file: then it is made")))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let token = digits(&SystemRng);
            write(path, &token).map_err(|error| failed(path, error))?;
            Ok(token)
        }
        Err(error) => Err(failed(path, error)),
    }
}

fn write(path: &Path, token: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{token}")?;
    file.sync_all()
}

/// Evenly distributed digits.
fn digits(rng: &dyn Rng) -> String {
    let mut text = String::new();
    while text.len() < TOKEN_DIGITS {
        let mut byte = [0];
        rng.fill(&mut byte);
        if byte[0] < 250 {
            text.push(char::from(b'0' + byte[0] % 10));
        }
    }
    text
}

impl Shared {
    /// Is this the number? Compared without telling by the time how much of it is right; a wrong one costs everybody a pause, because the number is short.
    async fn knows(&self, token: &str) -> bool {
        let wait = self.wrong.lock().await;
        let same = token.len() == self.token.len()
            && token
                .bytes()
                .zip(self.token.bytes())
                .fold(0, |differs, (one, other)| differs | (one ^ other))
                == 0;
        if !same {
            tokio::time::sleep(WRONG).await;
        }
        drop(wait);
        same
    }
}
