//! How a guard's grants come to be what the node says: by versions, each once, in their order.

use super::Device;
use crate::guard::grants::{Grant, Grants, MOST_GRANTS, Series};
use crate::guard::link::{Change, Changes, Settings, Snapshot, Version};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// How many grants that open no more are kept, so that their refusal can be named.
const KEPT_DEAD: usize = 256;

/// A snapshot of which not every part has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    version: Version,
    parts: u32,
    received: u32,
    grants: Vec<Grant>,
}

/// What came of a frame with grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Something changed: store it, then confirm.
    New,
    /// Nothing changed: say where the grants stand.
    Nothing,
    /// More parts are to come.
    Waiting,
    /// More than a guard can hold.
    TooMany,
}

impl Device {
    pub(super) fn apply_changes(&mut self, batch: Changes, now: Millis) -> Applied {
        let held = self.version;
        let follows = batch.epoch == held.epoch && (batch.from..batch.to).contains(&held.number);
        if !follows {
            return Applied::Nothing;
        }
        let mut grants = self.grants.clone();
        for change in batch.changes {
            // A batch that begins before what is held repeats changes that were applied.
            if change.version() > held.number {
                apply(&mut grants, change);
            }
        }
        let version = Version {
            epoch: held.epoch,
            number: batch.to,
        };
        self.adopt(version, grants, now)
    }

    pub(super) fn apply_snapshot(&mut self, staged: &mut Option<Staged>, part: Snapshot, now: Millis) -> Applied {
        if part.part == 1 {
            *staged = Some(Staged {
                version: part.version,
                parts: part.parts,
                received: 0,
                grants: Vec::new(),
            });
        }
        let expected = staged.as_mut().filter(|staged| {
            (staged.version, staged.parts, staged.received + 1) == (part.version, part.parts, part.part)
        });
        let Some(expected) = expected else {
            *staged = None;
            return Applied::Nothing;
        };
        expected.received = part.part;
        expected.grants.extend(part.grants);
        if part.part < part.parts {
            return Applied::Waiting;
        }
        let grants = std::mem::take(&mut expected.grants);
        *staged = None;
        let Settings {
            owned,
            default_passwords,
        } = part.settings;
        let grants = Grants {
            owned,
            default_passwords,
            grants,
        };
        self.adopt(part.version, grants, now)
    }

    fn adopt(&mut self, version: Version, mut grants: Grants, now: Millis) -> Applied {
        self.forget_dead(&mut grants, now);
        if grants.grants.len() > MOST_GRANTS + KEPT_DEAD {
            return Applied::TooMany;
        }
        self.grants = grants;
        self.version = version;
        Applied::New
    }

    /// Of the grants that open no more only the newest stay. While the time is not known, only cancelled ones are known to be dead.
    fn forget_dead(&self, grants: &mut Grants, now: Millis) {
        let time_is_known = self.clock.uncertainty_ms(now).is_some();
        let now = self.clock.corrected(now);
        let is_dead = |grant: &Grant| grant.cancelled || (time_is_known && !grant.is_live(now));
        let mut dead: Vec<i64> = grants
            .grants
            .iter()
            .filter(|grant| is_dead(grant))
            .map(|grant| grant.version)
            .collect();
        if dead.len() > KEPT_DEAD {
            dead.sort_unstable_by(|a, b| b.cmp(a));
            let oldest_kept = dead[KEPT_DEAD - 1];
            grants
                .grants
                .retain(|grant| !is_dead(grant) || grant.version >= oldest_kept);
        }
    }
}

fn apply(grants: &mut Grants, change: Change) {
    let position = |grants: &Grants, number: &_, series: Series| {
        let mut all = grants.grants.iter();
        all.position(|grant| grant.service_numb == *number && grant.kind.series() == series)
    };
    match change {
        Change::Put { grant } => match position(grants, &grant.service_numb, grant.kind.series()) {
            Some(at) => grants.grants[at] = grant,
            None => grants.grants.push(grant),
        },
        Change::Drop { service_numb, kind, .. } => grants
            .grants
            .retain(|grant| grant.service_numb != service_numb || kind.is_some_and(|kind| grant.kind.series() != kind)),
        Change::Settings { settings, .. } => {
            grants.owned = settings.owned;
            grants.default_passwords = settings.default_passwords;
        }
    }
}
