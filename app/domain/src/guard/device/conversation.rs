//! The talk with a node.

use super::applying::{Applied, Staged};
use super::{Device, Effect, Env};
use crate::guard::link::proof::{Handshake, Prover};
use crate::guard::link::{FromDevice, GoodbyeReason, HEARTBEAT_MS, Happening, Hello, Nonce, ToDevice, Welcome};
use crate::ids::Millis;

/// Records that were not confirmed for so long are sent again.
const SEND_AGAIN_MS: i64 = 15_000;
/// After this number of heartbeats without an answer the node is taken for gone: also one that is frozen, whose machine still takes what is sent.
const SILENT_HEARTBEATS: i64 = 2;
/// The welcome may take longer, because a node waits with it for its database.
const WELCOME_WITHIN_MS: i64 = 3 * HEARTBEAT_MS;

/// A clock that moved by less need not be stored at once.
const WORTH_STORING_MS: i64 = 1_000;

/// How far the talk is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Conversation {
    /// There is no socket.
    #[default]
    Down,
    /// The socket is open, the challenge has not come.
    Open {
        /// Since when, by the device's clock.
        since: Millis,
    },
    /// The hello is sent.
    Greeted {
        node_nonce: Nonce,
        device_nonce: Nonce,
        since: Millis,
    },
    /// The node proved itself.
    Welcomed(Box<Talk>),
}

/// The talk after the welcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    heartbeat_ms: i64,
    last_beat: Millis,
    last_heard: Millis,
    /// Records that wait for being confirmed: the last number, and since when.
    in_flight: Option<(i64, Millis)>,
    staged: Option<Staged>,
    /// The node takes records of what the door did.
    door_records: bool,
}

impl Device {
    pub(super) fn link_up(&mut self, now: Millis) -> Vec<Effect> {
        self.conversation = Conversation::Open { since: now };
        Vec::new()
    }

    /// A frame came. One that makes no sense ends the link; one that does not belong here and now is ignored.
    pub(super) fn heard(&mut self, text: &str, env: &mut Env<'_>) -> Vec<Effect> {
        if self.conversation == Conversation::Down {
            return Vec::new();
        }
        let Ok(frame) = ToDevice::parse(text) else {
            return self.hang_up(Some(GoodbyeReason::BadFrame), None);
        };
        if let Conversation::Welcomed(talk) = &mut self.conversation {
            talk.last_heard = env.now;
        }
        match frame {
            ToDevice::Challenge { nonce } => self.challenged(nonce, env),
            ToDevice::Welcome(welcome) => self.welcomed(*welcome, env),
            // Only a node that proved itself may send a guard elsewhere.
            ToDevice::Goodbye { host, .. } => {
                let to = host.filter(|_| self.is_connected());
                self.hang_up(None, to)
            }
            frame if self.is_connected() => self.on_frame(frame, env.now),
            _ => Vec::new(),
        }
    }

    fn challenged(&mut self, node_nonce: Nonce, env: &mut Env<'_>) -> Vec<Effect> {
        if !matches!(self.conversation, Conversation::Open { .. }) {
            return Vec::new();
        }
        let device_nonce = Nonce::generate(env.random);
        let handshake = Handshake {
            guard_id: &self.guard_id,
            node_nonce: &node_nonce,
            device_nonce: &device_nonce,
        };
        let hello = Hello {
            guard_id: self.guard_id.clone(),
            nonce: device_nonce.clone(),
            proof: handshake.prove(env.key, Prover::Device),
            op_code: self.op_code.clone(),
            firmware: self.firmware.clone(),
            status: self.status,
            version: self.version,
            last_record: self.log.last(),
            sent: env.now,
        };
        self.conversation = Conversation::Greeted {
            node_nonce,
            device_nonce,
            since: env.now,
        };
        vec![Effect::Send(FromDevice::Hello(Box::new(hello)))]
    }

    fn welcomed(&mut self, welcome: Welcome, env: &mut Env<'_>) -> Vec<Effect> {
        let Conversation::Greeted {
            node_nonce,
            device_nonce,
            ..
        } = &self.conversation
        else {
            return Vec::new();
        };
        let handshake = Handshake {
            guard_id: &self.guard_id,
            node_nonce,
            device_nonce,
        };
        if !handshake.verify(env.key, Prover::Node, &welcome.proof) {
            return self.hang_up(Some(GoodbyeReason::NotAdmitted), None);
        }
        self.clock.belongs_to(welcome.clock_epoch);
        self.set_clock(welcome.now, welcome.echo, env.now);
        self.log.reconcile(welcome.records_stored);
        self.zone = welcome.zone.chars().take(64).collect();
        self.conversation = Conversation::Welcomed(Box::new(Talk {
            heartbeat_ms: welcome.heartbeat_ms,
            last_beat: env.now,
            last_heard: env.now,
            in_flight: None,
            staged: None,
            door_records: welcome.door_records,
        }));
        let mut effects = vec![Effect::Persist];
        effects.extend(self.send_records(env.now));
        effects
    }

    fn on_frame(&mut self, frame: ToDevice, now: Millis) -> Vec<Effect> {
        match frame {
            ToDevice::Changes(batch) => {
                let applied = self.apply_changes(*batch, now);
                self.confirm_grants(applied)
            }
            ToDevice::Snapshot(part) => {
                let mut staged = self.talk_mut().and_then(|talk| talk.staged.take());
                let applied = self.apply_snapshot(&mut staged, *part, now);
                if let Some(talk) = self.talk_mut() {
                    talk.staged = staged;
                }
                self.confirm_grants(applied)
            }
            ToDevice::RecordsStored { through } => self.records_stored(through, now),
            ToDevice::Heartbeat {
                now: node_now,
                echo,
                clock_epoch,
            } => {
                self.clock.belongs_to(clock_epoch);
                // A clock that keeps time need not be written down every few seconds.
                if self.set_clock(node_now, echo, now) {
                    vec![Effect::Persist]
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        }
    }

    fn confirm_grants(&mut self, applied: Applied) -> Vec<Effect> {
        let confirmation = Effect::Send(FromDevice::Applied { version: self.version });
        match applied {
            Applied::New => vec![Effect::Persist, confirmation],
            Applied::Nothing => vec![confirmation],
            Applied::Waiting => Vec::new(),
            Applied::TooMany => self.hang_up(Some(GoodbyeReason::BadFrame), None),
        }
    }

    fn records_stored(&mut self, through: i64, now: Millis) -> Vec<Effect> {
        if through < self.log.confirmed() {
            // The node lost what it had: a new welcome says where it stands.
            return self.hang_up(Some(GoodbyeReason::BadFrame), None);
        }
        self.log.confirm(through);
        if let Some(talk) = self.talk_mut() {
            talk.in_flight = None;
        }
        let mut effects = vec![Effect::Persist];
        effects.extend(self.send_records(now));
        effects
    }

    /// The next records, unless some are on their way.
    pub(super) fn send_records(&mut self, now: Millis) -> Option<Effect> {
        let mut records = self.log.next_batch();
        let last = records.last()?.seq;
        let talk = self.talk_mut()?;
        if talk.in_flight.is_some() {
            return None;
        }
        if !talk.door_records {
            for record in &mut records {
                // An older node takes them for nonsense, and the numbers must have no gap.
                if matches!(record.what, Happening::Door { .. }) {
                    record.what = Happening::Lost { from: record.seq };
                }
            }
        }
        talk.in_flight = Some((last, now));
        Some(Effect::Send(FromDevice::Records { records }))
    }

    pub(super) fn tick(&mut self, now: Millis) -> Vec<Effect> {
        match &mut self.conversation {
            Conversation::Down => Vec::new(),
            Conversation::Open { since } | Conversation::Greeted { since, .. } => {
                let waited = now.since(*since);
                // A clock that was set back starts the wait again.
                if waited < 0 {
                    *since = now;
                }
                if waited > WELCOME_WITHIN_MS {
                    self.hang_up(Some(GoodbyeReason::Silent), None)
                } else {
                    Vec::new()
                }
            }
            Conversation::Welcomed(talk) => {
                talk.last_heard = talk.last_heard.min(now);
                talk.last_beat = talk.last_beat.min(now);
                if now.since(talk.last_heard) > SILENT_HEARTBEATS * talk.heartbeat_ms {
                    return self.hang_up(Some(GoodbyeReason::Silent), None);
                }
                let again = |(_, since): (i64, Millis)| !(0..SEND_AGAIN_MS).contains(&now.since(since));
                if talk.in_flight.is_some_and(again) {
                    talk.in_flight = None;
                }
                let beat = now.since(talk.last_beat) >= talk.heartbeat_ms;
                let mut effects: Vec<Effect> = self.send_records(now).into_iter().collect();
                if beat {
                    effects.push(self.heartbeat(now));
                }
                effects
            }
        }
    }

    pub(super) fn heartbeat(&mut self, now: Millis) -> Effect {
        if let Some(talk) = self.talk_mut() {
            talk.last_beat = now;
        }
        Effect::Send(FromDevice::Heartbeat {
            sent: now,
            uncertainty_ms: self.clock.uncertainty_ms(now),
            status: self.status,
            fault: self.fault,
            version: self.version,
        })
    }

    /// True: the time became known, or moved by more than is usual.
    fn set_clock(&mut self, node_now: Millis, sent: Millis, now: Millis) -> bool {
        let was_unknown = self.clock.uncertainty_ms(now).is_none();
        let Some(by) = self.clock.set_by(node_now, sent, now) else {
            return false;
        };
        let uncertainty_ms = self.clock.uncertainty_ms(now);
        if was_unknown {
            self.log.date(by, uncertainty_ms);
        }
        (was_unknown && uncertainty_ms.is_some()) || by.saturating_abs() > WORTH_STORING_MS
    }

    fn talk_mut(&mut self) -> Option<&mut Talk> {
        match &mut self.conversation {
            Conversation::Welcomed(talk) => Some(talk),
            _ => None,
        }
    }

    fn hang_up(&mut self, reason: Option<GoodbyeReason>, to: Option<String>) -> Vec<Effect> {
        self.conversation = Conversation::Down;
        let goodbye = reason.map(|reason| Effect::Send(FromDevice::Goodbye { reason }));
        goodbye.into_iter().chain([Effect::Disconnect { to }]).collect()
    }
}
