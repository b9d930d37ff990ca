//! The node's side of the link, as small as it can be and still be faithful: what it stores survives, what it talks does not.

use domain::guard::grants::{Grant, Grants};
use domain::guard::ids::GuardId;
use domain::guard::link::proof::{Handshake, Prover};
use domain::guard::link::*;
use domain::ids::Millis;

/// Changes a frame, fewer than it could carry, so that batches are split.
const BATCH: usize = 3;

pub struct Node {
    pub key: DeviceKey,
    pub version: Version,
    pub grants: Grants,
    /// The version of the settings.
    settings_version: i64,
    /// Every record stored, in the order of arrival.
    pub stored: Vec<Record>,
    pub stored_through: i64,
    /// What the guard confirmed.
    pub acknowledged: Version,
    pub last_heartbeat: Option<Option<i64>>,
    /// The node's clock minus true time.
    pub clock_wrong_by: i64,
    pub clock_epoch: i64,
    /// It takes records of what the door did, as nodes of this version do.
    pub door_records: bool,
    nonce: Option<Nonce>,
    admitted: bool,
}

impl Node {
    pub fn new(key: &DeviceKey) -> Self {
        Self {
            key: key.clone(),
            version: Version { epoch: 1, number: 0 },
            grants: Grants::default(),
            settings_version: 0,
            stored: Vec::new(),
            stored_through: 0,
            acknowledged: Version::default(),
            last_heartbeat: None,
            clock_wrong_by: 0,
            clock_epoch: 0,
            door_records: false,
            nonce: None,
            admitted: false,
        }
    }

    pub fn put(&mut self, mut grant: Grant) -> Vec<ToDevice> {
        self.version.number += 1;
        grant.version = self.version.number;
        self.grants.grants.retain(|had| had.service_numb != grant.service_numb);
        self.grants.grants.push(grant);
        self.push()
    }

    pub fn cancel(&mut self, number: &str) -> Vec<ToDevice> {
        let found = self
            .grants
            .grants
            .iter()
            .find(|grant| grant.service_numb.as_str() == number)
            .cloned();
        found.map_or_else(Vec::new, |grant| {
            self.put(Grant {
                cancelled: true,
                ..grant
            })
        })
    }

    pub fn set(&mut self, settings: Settings) -> Vec<ToDevice> {
        self.version.number += 1;
        self.settings_version = self.version.number;
        self.grants.owned = settings.owned;
        self.grants.default_passwords = settings.default_passwords;
        self.push()
    }

    /// As after `restore`: the history is another one, and the newest records are gone.
    pub fn restored_without(&mut self, records: usize) {
        self.version.epoch += 1;
        self.stored.truncate(self.stored.len().saturating_sub(records));
        self.stored_through = self.stored.last().map_or(0, |record| record.seq);
        self.disconnected();
    }

    pub fn disconnected(&mut self) {
        self.nonce = None;
        self.admitted = false;
    }

    pub fn connected(&mut self, random: &mut dyn FnMut(&mut [u8])) -> Vec<ToDevice> {
        let nonce = Nonce::generate(&mut |bytes: &mut [u8]| random(bytes));
        self.nonce = Some(nonce.clone());
        self.admitted = false;
        vec![ToDevice::Challenge { nonce }]
    }

    fn push(&self) -> Vec<ToDevice> {
        if self.admitted {
            self.delivery(Version {
                number: self.version.number - 1,
                ..self.version
            })
        } else {
            Vec::new()
        }
    }

    fn delivery(&self, held: Version) -> Vec<ToDevice> {
        if held.epoch != self.version.epoch || held.number > self.version.number {
            return Snapshot::frames(self.version, &self.grants);
        }
        let mut changes: Vec<Change> = self
            .grants
            .grants
            .iter()
            .map(|grant| Change::Put { grant: grant.clone() })
            .collect();
        changes.push(Change::Settings {
            settings: Settings::of(&self.grants),
            version: self.settings_version,
        });
        changes.retain(|change| change.version() > held.number);
        changes.sort_by_key(Change::version);
        let mut from = held.number;
        let mut frames = Vec::new();
        let count = changes.chunks(BATCH).len();
        for (n, batch) in changes.chunks(BATCH).enumerate() {
            let to = if n + 1 == count {
                self.version.number
            } else {
                batch[batch.len() - 1].version()
            };
            frames.push(ToDevice::Changes(Box::new(Changes {
                epoch: self.version.epoch,
                from,
                to,
                changes: batch.to_vec(),
            })));
            from = to;
        }
        frames
    }

    pub fn hears(&mut self, text: &str, guard_id: &GuardId, now: Millis) -> Vec<ToDevice> {
        match FromDevice::parse(text).expect("a guard sends good frames") {
            FromDevice::Hello(hello) => self.greeted(&hello, guard_id, now),
            FromDevice::Records { records } if self.admitted => {
                if let Some(new) = after(self.stored_through, &records) {
                    self.stored.extend_from_slice(new);
                    self.stored_through = new.last().map_or(self.stored_through, |record| record.seq);
                }
                vec![ToDevice::RecordsStored {
                    through: self.stored_through,
                }]
            }
            FromDevice::Applied { version } if self.admitted => {
                self.acknowledged = version;
                Vec::new()
            }
            FromDevice::Heartbeat {
                sent,
                uncertainty_ms,
                version,
                ..
            } if self.admitted => {
                self.last_heartbeat = Some(uncertainty_ms);
                let mut frames = vec![ToDevice::Heartbeat {
                    now: now.plus(self.clock_wrong_by),
                    echo: sent,
                    clock_epoch: self.clock_epoch,
                }];
                if version != self.version {
                    frames.extend(self.delivery(version));
                }
                frames
            }
            _ => Vec::new(),
        }
    }

    fn greeted(&mut self, hello: &Hello, guard_id: &GuardId, now: Millis) -> Vec<ToDevice> {
        let Some(node_nonce) = self.nonce.take() else {
            return Vec::new();
        };
        let handshake = Handshake {
            guard_id,
            node_nonce: &node_nonce,
            device_nonce: &hello.nonce,
        };
        if hello.guard_id != *guard_id || !handshake.verify(&self.key, Prover::Device, &hello.proof) {
            return vec![ToDevice::Goodbye {
                reason: GoodbyeReason::NotAdmitted,
                host: None,
            }];
        }
        self.admitted = true;
        self.acknowledged = hello.version;
        let welcome = Welcome {
            proof: handshake.prove(&self.key, Prover::Node),
            now: now.plus(self.clock_wrong_by),
            echo: hello.sent,
            clock_epoch: self.clock_epoch,
            zone: "Asia/Shanghai".to_owned(),
            heartbeat_ms: HEARTBEAT_MS,
            desired: self.version,
            records_stored: self.stored_through,
            door_records: self.door_records,
        };
        let mut frames = vec![ToDevice::Welcome(Box::new(welcome))];
        if hello.version != self.version {
            frames.extend(self.delivery(hello.version));
        }
        frames
    }
}
