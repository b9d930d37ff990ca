//! What happens at the door.

use super::{Device, Effect};
use crate::guard::grants::{Decision, Key, Presented, Reason, may_open};
use crate::guard::link::{Attempt, DoorState, Happening};
use crate::ids::Millis;

impl Device {
    /// Opens or not, and records which. It is stored before the door moves.
    pub(super) fn presented(&mut self, presented: &Presented, now: Millis) -> Vec<Effect> {
        let is_password = matches!(presented, Presented::Password { .. });
        if is_password && let Some(seconds) = self.tries.wait_seconds(now) {
            return self.too_many_tries(presented, seconds, now);
        }
        let uncertainty_ms = self.clock.uncertainty_ms(now);
        let decision = may_open(
            &self.grants,
            presented,
            self.clock.corrected(now),
            uncertainty_ms.unwrap_or(i64::MAX),
        );
        let attempt = attempt(presented);
        let (what, seen) = match decision {
            Decision::Open(key) => {
                if is_password {
                    self.tries.right();
                }
                let what = Happening::Opened {
                    attempt,
                    key: key.clone(),
                };
                (what, Effect::OpenDoor { key })
            }
            Decision::Refuse { reason, service_numb } => {
                if reason == Reason::UnknownPassword {
                    self.tries.wrong(now);
                    self.wait_recorded = false;
                }
                let what = Happening::Refused {
                    attempt,
                    reason,
                    service_numb,
                };
                let wait_seconds = None;
                (what, Effect::Refuse { reason, wait_seconds })
            }
        };
        self.happened(what, seen, now)
    }

    fn too_many_tries(&mut self, presented: &Presented, seconds: i64, now: Millis) -> Vec<Effect> {
        let reason = Reason::TooManyTries;
        let seen = Effect::Refuse {
            reason,
            wait_seconds: Some(seconds),
        };
        // Somebody who goes on typing must not fill the memory.
        if std::mem::replace(&mut self.wait_recorded, true) {
            return vec![seen];
        }
        let what = Happening::Refused {
            attempt: attempt(presented),
            reason,
            service_numb: None,
        };
        self.happened(what, seen, now)
    }

    /// Records what the hardware did by itself. Nothing opens now. What no grant (any more) explains is not recorded: nobody could say by what it opened.
    pub(super) fn opened_meanwhile(
        &mut self,
        presented: &Presented,
        at: Millis,
        uncertainty_ms: i64,
        now: Millis,
    ) -> Vec<Effect> {
        let key = match may_open(&self.grants, presented, at, 0) {
            Decision::Open(key) => key,
            Decision::Refuse {
                service_numb: Some(service_numb),
                ..
            } => Key::Grant { service_numb },
            Decision::Refuse { .. } => return Vec::new(),
        };
        let what = Happening::Opened {
            attempt: attempt(presented),
            key,
        };
        self.log.record(at, Some(uncertainty_ms), what);
        let mut effects = vec![Effect::Persist];
        effects.extend(self.send_records(now));
        effects
    }

    /// What the door did by itself, or what a person did to it. It changes nothing about who may open it.
    pub(super) fn door_did(&mut self, state: DoorState, now: Millis) -> Vec<Effect> {
        self.record(Happening::Door { state }, None, now)
    }

    fn happened(&mut self, what: Happening, seen: Effect, now: Millis) -> Vec<Effect> {
        self.record(what, Some(seen), now)
    }

    fn record(&mut self, what: Happening, seen: Option<Effect>, now: Millis) -> Vec<Effect> {
        self.clock.happened(now);
        self.log
            .record(self.clock.corrected(now), self.clock.uncertainty_ms(now), what);
        let mut effects = vec![Effect::Persist];
        effects.extend(seen);
        effects.extend(self.send_records(now));
        effects
    }
}

fn attempt(presented: &Presented) -> Attempt {
    match presented {
        Presented::Card { card_numb, dn_code } => Attempt::Card {
            card_numb: card_numb.clone(),
            dn_code: dn_code.clone(),
        },
        Presented::Password { password } => Attempt::Password {
            masked: password.masked(),
        },
    }
}
