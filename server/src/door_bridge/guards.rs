//! The guards of a bridge: one for each door, with an id, a key and a state file of its own.

use crate::guard_sim::{Disk, Event, Runner, Servers, SimError, SimGuard, Target, Tempo};
use backend::clock::{SystemClock, SystemRng};
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::DeviceKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing::info;

/// What all guards of a bridge share.
pub(super) struct Guards {
    state: PathBuf,
    servers: Servers,
    op_code: Option<OpCode>,
    firmware: &'static str,
    known: Vec<GuardId>,
}

impl Guards {
    /// With keys and states in `state`.
    ///
    /// # Errors
    /// An invalid server address or verification code.
    pub(super) fn new(
        state: &Path,
        servers: &[String],
        insecure: bool,
        op_code: Option<&str>,
        firmware: &'static str,
    ) -> Result<Self, SimError> {
        let targets: Vec<Target> = servers
            .iter()
            .map(|url| Target::parse(url, insecure))
            .collect::<Result<_, _>>()?;
        let mut targets = targets.into_iter();
        let first = targets
            .next()
            .ok_or_else(|| SimError::option("server", "at least one"))?;
        let op_code = op_code
            .map(OpCode::parse)
            .transpose()
            .map_err(|_problem| SimError::option("op-code", "1 to 10 bytes"))?;
        Ok(Self {
            state: state.to_owned(),
            servers: Servers::new(first, targets),
            op_code,
            firmware,
            known: Vec::new(),
        })
    }

    /// The guard of one more door, as its file has it. It is not started.
    ///
    /// # Errors
    /// A guard that is there already, or whose key or state cannot be read.
    pub(super) fn open(&mut self, guard_id: GuardId) -> Result<Runner, SimError> {
        if self.known.contains(&guard_id) {
            return Err(SimError::option("door", format!("{guard_id} is there twice")));
        }
        let key = device_key(&self.state, &guard_id)?;
        let disk = Disk::File(self.state.join(format!("{guard_id}.json")));
        let mut guard = SimGuard::open(
            guard_id.clone(),
            key,
            self.op_code.clone(),
            disk,
            Arc::new(SystemClock),
            Arc::new(SystemRng),
        )?;
        self.firmware.clone_into(&mut guard.device.firmware);
        self.known.push(guard_id);
        Ok(Runner::new(guard, self.servers.clone(), Tempo::default()))
    }
}

/// A guard's id that can be used as a file name.
///
/// # Errors
/// Any other.
pub(super) fn guard_id(text: &str, wanted: &str) -> Result<GuardId, SimError> {
    let guard_id = GuardId::parse(text).map_err(|_problem| SimError::option("door", wanted))?;
    if guard_id.as_str().contains(['/', '\\', '.']) {
        return Err(SimError::option("door", format!("{text} cannot be a file's name")));
    }
    Ok(guard_id)
}

/// The key of a guard, from its file.
///
/// # Errors
/// A file that is not there, or holds no key.
pub(super) fn device_key(state: &Path, guard_id: &GuardId) -> Result<DeviceKey, SimError> {
    let path = state.join(format!("{guard_id}.key"));
    let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    DeviceKey::parse(text.trim()).ok_or_else(|| failed(&path, "12 to 128 printable characters are a key"))
}

pub(super) fn failed(path: &Path, why: impl ToString) -> SimError {
    SimError::State {
        path: path.display().to_string(),
        why: why.to_string(),
    }
}

/// Logs what a guard did. Card numbers and passwords are not logged.
pub(super) fn log(door: &str, runner: &Runner, was_linked: bool, events: &[Event]) {
    for event in events {
        match event {
            Event::Opened(_) => info!(door, "opens"),
            Event::Refused { reason, .. } => info!(door, reason = reason.as_str(), "refused"),
            Event::Linked => info!(door, "linked"),
            Event::Unlinked { why } => info!(door, why, "not linked"),
            Event::Granted(_) | Event::Stored(_) => {}
        }
    }
    if !was_linked && events.is_empty() && !runner.why().is_empty() {
        tracing::debug!(door, why = runner.why(), "not linked");
    }
}
