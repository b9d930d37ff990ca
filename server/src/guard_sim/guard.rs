//! One device with its key, clock and disk.

use super::{FIRMWARE, SimError};
use backend::clock::{Clock, Rng};
use domain::guard::device::{Device, Effect, Env, Input, MOST_RECORDS};
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::DeviceKey;
use domain::ids::Millis;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a device keeps what it must not forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Nowhere: it is gone with the program.
    None,
    /// In a file.
    File(PathBuf),
}

/// What stands on the disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    device: Device,
    drift_ms: i64,
}

/// A device in this program.
pub struct SimGuard {
    /// The device itself.
    pub device: Device,
    /// Its clock minus this machine's.
    pub drift_ms: i64,
    key: DeviceKey,
    disk: Disk,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl SimGuard {
    /// As its disk has it, or new from the factory. Does not start it.
    pub fn open(
        guard_id: GuardId,
        key: DeviceKey,
        op_code: Option<OpCode>,
        disk: Disk,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, SimError> {
        let kept = match &disk {
            Disk::None => None,
            Disk::File(path) => read(path)?,
        };
        let mut kept = kept.unwrap_or_else(|| Kept {
            device: Device::new(guard_id.clone(), op_code.clone(), FIRMWARE, MOST_RECORDS),
            drift_ms: 0,
        });
        if kept.device.guard_id != guard_id {
            let other = kept.device.guard_id;
            return Err(SimError::option("state", format!("this is the state of guard {other}")));
        }
        if op_code.is_some() {
            kept.device.op_code = op_code;
        }
        Ok(Self {
            device: kept.device,
            drift_ms: kept.drift_ms,
            key,
            disk,
            clock,
            rng,
        })
    }

    /// The device's clock.
    pub fn now(&self) -> Millis {
        self.clock.now().plus(self.drift_ms)
    }

    /// One step of the device. What it must not forget is kept when this comes back, so the effects may be carried out.
    pub fn step(&mut self, input: Input) -> Result<Vec<Effect>, SimError> {
        let now = self.now();
        let rng = self.rng.clone();
        let mut random = |bytes: &mut [u8]| rng.fill(bytes);
        let mut env = Env {
            now,
            key: &self.key,
            random: &mut random,
        };
        let mut effects = self.device.step(input, &mut env);
        let before = effects.len();
        effects.retain(|effect| *effect != Effect::Persist);
        if effects.len() != before {
            self.keep()?;
        }
        Ok(effects)
    }

    /// The power fails and comes back: all that is left is what was kept.
    pub fn reboot(&mut self) -> Result<(), SimError> {
        let kept = match &self.disk {
            Disk::File(path) => read(path)?,
            // Without a disk the device's own memory stands in for it, as far as it can be written down.
            Disk::None => serde_json::to_string(&self.device)
                .and_then(|text| serde_json::from_str(&text))
                .ok()
                .map(|device| Kept {
                    device,
                    drift_ms: self.drift_ms,
                }),
        };
        if let Some(kept) = kept {
            self.device = kept.device;
        }
        self.start()
    }

    /// The program of the device starts.
    pub fn start(&mut self) -> Result<(), SimError> {
        // It has nothing to do but to keep what it is.
        let _nothing = self.step(Input::Started { clock_kept: true })?;
        Ok(())
    }

    /// Its clock goes wrong by so much more.
    pub fn drift(&mut self, ms: i64) -> Result<(), SimError> {
        self.drift_ms = self.drift_ms.saturating_add(ms);
        self.keep()
    }

    fn keep(&self) -> Result<(), SimError> {
        let Disk::File(path) = &self.disk else {
            return Ok(());
        };
        let failed = |why: String| SimError::State {
            path: path.display().to_string(),
            why,
        };
        let kept = Kept {
            device: self.device.clone(),
            drift_ms: self.drift_ms,
        };
        let text = serde_json::to_string(&kept).map_err(|error| failed(error.to_string()))?;
        // A file that is half written must never stand under the name.
        let beside = path.with_extension("new");
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| failed(error.to_string()))
    }
}

fn read(path: &Path) -> Result<Option<Kept>, SimError> {
    let failed = |why: String| SimError::State {
        path: path.display().to_string(),
        why,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}
