//! `latchkey guard-sim`: a guard without a door, or thousands of them. Real clients of the link: what decides, remembers and repeats is
//! [`domain::guard::device`], as it would be in a device; here are only the clock, the disk, the network and somebody to talk to.

mod command;
mod console;
mod fleet;
mod guard;
mod runner;
mod servers;
mod wire;

pub use command::Command;
pub use guard::{Disk, SimGuard};
pub use runner::{Event, Happened, Runner, Tempo};
pub use servers::Servers;
pub use wire::{Target, Wire, WireError};

use backend::clock::{SystemClock, SystemRng};
use clap::Args;
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::DeviceKey;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A simulated guard, or with --count a fleet of them
#[derive(Args, Debug)]
#[command(
    after_help = "A guard reads commands from standard input, one a line: type `help` to see them.\n\
    A fleet's guards are called PREFIX-00001 and so on. Their keys are made from --device-key, the fleet's secret; \
    with --print-inventory they are printed for `latchkey guard import`."
)]
pub struct GuardSim {
    /// The server, such as https://locks.example:2017; several of them are tried in turn
    #[arg(long = "server", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    servers: Vec<String>,
    /// The guard's bar code
    #[arg(long, value_name = "ID", required_unless_present = "count", conflicts_with = "count")]
    guard_id: Option<String>,
    /// The guard's key in the inventory, or the secret the keys of a fleet are made from
    #[arg(long, value_name = "KEY", env = "LATCHKEY_DEVICE_KEY", hide_env_values = true)]
    device_key: String,
    /// The verification code an owner must give to add the guard
    #[arg(long, value_name = "CODE")]
    op_code: Option<String>,
    /// Where the guard keeps its grants and records; without it they are gone when the program ends
    #[arg(long, value_name = "FILE", conflicts_with = "count")]
    state: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long)]
    insecure: bool,
    /// This number of guards instead of one
    #[arg(long, value_name = "NUMBER")]
    count: Option<u32>,
    /// What the names of a fleet's guards begin with
    #[arg(long, default_value = "SIM", requires = "count")]
    prefix: String,
    /// How often somebody stands at the door of each guard of a fleet
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, requires = "count")]
    records_per_minute: f64,
    /// Guards of a fleet that connect within one second
    #[arg(long, value_name = "NUMBER", default_value_t = 500, requires = "count")]
    connect_per_second: u32,
    /// End after this number of seconds
    #[arg(long, value_name = "NUMBER", requires = "count")]
    seconds: Option<u64>,
    /// How often a fleet says how it is, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = pause, requires = "count")]
    say_every: f64,
    /// Print guardId,deviceKey of a fleet and end
    #[arg(long, requires = "count")]
    print_inventory: bool,
}

/// Why there is no simulated guard (any more).
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Something on the command line.
    #[error("--{option}: {why}")]
    Option {
        /// Which.
        option: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The state could not be read or kept.
    #[error("{path}: {why}")]
    State {
        /// Which file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server cannot be spoken to at all.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl SimError {
    pub(crate) fn option(option: &'static str, why: impl Into<String>) -> Self {
        Self::Option {
            option,
            why: why.into(),
        }
    }
}

/// What a simulated device says of its program.
pub const FIRMWARE: &str = concat!("guard-sim ", env!("CARGO_PKG_VERSION"));

/// Runs until told to end.
pub async fn run(sim: GuardSim) -> Result<(), SimError> {
    let key = DeviceKey::parse(&sim.device_key)
        .ok_or_else(|| SimError::option("device-key", "16 to 128 printable characters"))?;
    let op_code = sim
        .op_code
        .as_deref()
        .map(OpCode::parse)
        .transpose()
        .map_err(|_problem| SimError::option("op-code", "1 to 10 bytes"))?;
    let servers: Vec<Target> = sim
        .servers
        .iter()
        .map(|url| Target::parse(url, sim.insecure))
        .collect::<Result<_, _>>()?;
    let Some(count) = sim.count else {
        let guard_id = GuardId::parse(sim.guard_id.as_deref().unwrap_or_default())
            .map_err(|_problem| SimError::option("guard-id", "1 to 64 characters"))?;
        let disk = sim.state.map_or(Disk::None, Disk::File);
        let guard = SimGuard::open(guard_id, key, op_code, disk, Arc::new(SystemClock), Arc::new(SystemRng))?;
        let runner = Runner::new(guard, beginning_with(&servers, 0)?, Tempo::default());
        return console::run(runner).await;
    };
    let fleet = fleet::Fleet {
        servers,
        secret: key,
        count,
        prefix: sim.prefix,
        op_code,
        records_per_minute: sim.records_per_minute,
        connect_per_second: sim.connect_per_second,
        seconds: sim.seconds,
        say_every: Duration::from_secs_f64(sim.say_every),
    };
    if sim.print_inventory {
        fleet.print_inventory()
    } else {
        fleet.run().await
    }
}

fn pause(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let sensible = (0.1..=3600.0).contains(&seconds);
    sensible.then_some(seconds).ok_or_else(|| "0.1 to 3600".to_owned())
}

/// These servers, beginning with the one whose turn it is. The others follow in both directions by turns, so that not all guards of a server
/// that goes come to the same one.
fn beginning_with(servers: &[Target], turn: usize) -> Result<Servers, SimError> {
    let missing = || SimError::option("server", "at least one");
    let mut all = servers.to_vec();
    all.rotate_left(turn.checked_rem(servers.len()).ok_or_else(missing)?);
    if !(turn / servers.len()).is_multiple_of(2) {
        all[1..].reverse();
    }
    let mut all = all.into_iter();
    let first = all.next().ok_or_else(missing)?;
    Ok(Servers::new(first, all))
}
