//! A guard, a node, and the wire between them, frame by frame.

use crate::node::Node;
use domain::guard::device::{Device, Effect, Env, Input};
use domain::guard::grants::{Grant, GrantKind, Presented};
use domain::guard::ids::*;
use domain::guard::link::{DeviceKey, Settings, ToDevice};
use domain::ids::Millis;
use std::collections::VecDeque;

pub const NOON: Millis = Millis(1_800_000_000_000);
pub const HOUR: i64 = 3_600_000;

pub fn digits(text: &str) -> DoorPassword {
    DoorPassword::parse(text).unwrap()
}

pub fn typed(text: &str) -> Input {
    Input::Presented(Presented::Password { password: digits(text) })
}

pub fn password(number: &str, text: &str) -> Grant {
    Grant {
        service_numb: ServiceNumb::parse(number).unwrap(),
        kind: GrantKind::Password { password: digits(text) },
        from: NOON.plus(-HOUR),
        until: NOON.plus(1000 * HOUR),
        version: 0,
        cancelled: false,
    }
}

pub fn owned() -> Settings {
    Settings {
        owned: true,
        default_passwords: [Some(digits("111111")), None],
    }
}

pub struct Rig {
    pub device: Device,
    /// What a power cut leaves.
    disk: String,
    pub node: Node,
    pub key: DeviceKey,
    pub up: VecDeque<String>,
    pub down: VecDeque<String>,
    pub connected: bool,
    /// True time.
    pub now: Millis,
    /// The device's clock minus true time.
    pub skew: i64,
    /// All effects of the last input, of which the shell may have been killed in the middle.
    pub effects: Vec<Effect>,
    seed: u8,
}

impl Rig {
    pub fn with_memory(most: usize) -> Self {
        let key = DeviceKey::parse("a-device-key-of-the-inventory").unwrap();
        let device = Device::new(
            GuardId::parse("G0001").unwrap(),
            OpCode::parse("123456").ok(),
            "1.0",
            most,
        );
        let mut rig = Self {
            disk: serde_json::to_string(&device).unwrap(),
            device,
            node: Node::new(&key),
            key,
            up: VecDeque::new(),
            down: VecDeque::new(),
            connected: false,
            now: NOON,
            skew: 0,
            effects: Vec::new(),
            seed: 0,
        };
        let _not_connected = rig.node.set(owned());
        rig
    }

    pub fn new() -> Self {
        Self::with_memory(1_000)
    }

    pub fn linked() -> Self {
        let mut rig = Self::new();
        rig.connect();
        rig.settle();
        rig
    }

    fn random(seed: &mut u8) -> impl FnMut(&mut [u8]) + '_ {
        |bytes| {
            *seed = seed.wrapping_add(1);
            bytes.fill(*seed);
        }
    }

    /// One input, all effects carried out.
    pub fn does(&mut self, input: Input) {
        self.does_until_killed(input, usize::MAX);
    }

    /// One input; the power fails after this number of effects. Nothing but what was stored is left then.
    pub fn does_until_killed(&mut self, input: Input, after: usize) {
        let now = self.now.plus(self.skew);
        let mut random = Self::random(&mut self.seed);
        let mut env = Env {
            now,
            key: &self.key,
            random: &mut random,
        };
        let effects = self.device.step(input, &mut env);
        drop(random);
        self.effects = effects.into_iter().take(after).collect();
        for effect in &self.effects {
            match effect {
                Effect::Persist => self.disk = serde_json::to_string(&self.device).unwrap(),
                Effect::Send(frame) if self.connected => self.up.push_back(frame.to_json()),
                Effect::Disconnect { .. } => {
                    self.connected = false;
                    self.node.disconnected();
                }
                _ => {}
            }
        }
        if after != usize::MAX {
            self.reboot();
        }
    }

    pub fn reboot(&mut self) {
        self.cut();
        self.device = serde_json::from_str(&self.disk).unwrap();
        self.does(Input::Started { clock_kept: true });
    }

    pub fn connect(&mut self) {
        if !self.connected {
            self.up.clear();
            self.down.clear();
            self.connected = true;
            self.does(Input::LinkUp);
            let frames = self.node.connected(&mut Self::random(&mut self.seed));
            self.node_says(frames);
        }
    }

    /// The wire is cut; whatever was on it is gone.
    pub fn cut(&mut self) {
        self.connected = false;
        self.up.clear();
        self.down.clear();
        self.node.disconnected();
        self.does(Input::LinkDown);
    }

    pub fn node_says(&mut self, frames: Vec<ToDevice>) {
        if self.connected {
            self.down.extend(frames.iter().map(ToDevice::to_json));
        }
    }

    /// One frame arrives at the node.
    pub fn deliver_up(&mut self) -> bool {
        let Some(frame) = self.up.pop_front() else { return false };
        let guard_id = self.device.guard_id.clone();
        let frames = self.node.hears(&frame, &guard_id, self.now);
        self.node_says(frames);
        true
    }

    /// One frame arrives at the guard.
    pub fn deliver_down(&mut self, killed_after: usize) -> bool {
        let Some(frame) = self.down.pop_front() else {
            return false;
        };
        self.does_until_killed(Input::Frame(frame), killed_after);
        true
    }

    /// Until nothing is on the wire any more.
    pub fn settle(&mut self) {
        for _ in 0..100_000 {
            if !self.deliver_up() && !self.deliver_down(usize::MAX) {
                return;
            }
        }
        panic!("the two never stop talking");
    }

    pub fn wait(&mut self, ms: i64) {
        self.now = self.now.plus(ms);
        self.does(Input::Tick);
    }

    pub fn opened(&self) -> bool {
        self.effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenDoor { .. }))
    }

    pub fn grants_converged(&self) -> bool {
        let sorted = |grants: &[Grant]| {
            let mut grants = grants.to_vec();
            grants.sort_by(|a, b| a.service_numb.cmp(&b.service_numb));
            grants
        };
        self.device.version == self.node.version
            && self.node.acknowledged == self.node.version
            && Settings::of(&self.device.grants) == Settings::of(&self.node.grants)
            && sorted(&self.device.grants.grants) == sorted(&self.node.grants.grants)
    }

    /// The numbers the node has, those given up included: from 1 on, each once.
    pub fn numbers_have_no_gap(&self) -> bool {
        let mut next = 1;
        self.node.stored.iter().all(|record| {
            let follows = record.first() <= next && record.seq >= next;
            next = record.seq + 1;
            follows
        })
    }
}
