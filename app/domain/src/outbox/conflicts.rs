//! What the server refused: it waits for a person, who sends it again, sends something else in its place, or discards it.

use super::{Conflict, Decision, Effect, Entry, Key, Kind, Outbox, State};
use crate::ids::Millis;

impl Outbox {
    pub(super) fn conflict(&mut self, at: usize, conflict: Conflict) -> Vec<Effect> {
        let entry = &mut self.entries[at];
        entry.failures = 0;
        // Others go on meanwhile, as many as like, so that its key may be forgotten before the person decides.
        if let Some(unknown) = &mut entry.unknown {
            unknown.ask_first = true;
        }
        entry.state = State::Conflict(conflict);
        vec![Effect::Conflict(entry.key.clone())]
    }

    pub(super) fn decided(&mut self, key: &Key, decision: Decision, now: Millis) -> Vec<Effect> {
        let Some(at) = self.at(key) else {
            return Vec::new();
        };
        if !matches!(self.entries[at].state, State::Conflict(_)) {
            return Vec::new();
        }
        match decision {
            Decision::Again => self.entries[at].wait(now),
            Decision::Discard => return self.discard(at),
            Decision::Instead { key, body } => self.replace(at, key, body, now),
        }
        Vec::new()
    }

    /// Puts what the person chose in the place of a correction. What was sent before is not done twice by it: the server corrects an order only
    /// while it is as the body says it was.
    fn replace(&mut self, at: usize, key: Key, body: String, now: Millis) {
        if self.entries[at].kind != Kind::Correction || self.entry(&key).is_some() {
            return;
        }
        let chosen = self.entries[at].instead(key.clone(), body, now);
        let replaced = std::mem::replace(&mut self.entries[at], chosen);
        for later in &mut self.entries {
            if later.after.as_ref() == Some(&replaced.key) {
                later.after = Some(key.clone());
            }
        }
    }

    /// What builds on a discarded entry is not discarded with it: it comes back too.
    fn discard(&mut self, at: usize) -> Vec<Effect> {
        let entry = self.entries.remove(at);
        self.discarded += 1;
        let mut effects = Vec::new();
        let builds_on_it = |later: &Entry| later.after.as_ref() == Some(&entry.key);
        for at in 0..self.entries.len() {
            if builds_on_it(&self.entries[at]) {
                self.entries[at].after = None;
                effects.extend(self.conflict(at, Conflict::because("unfounded")));
            }
        }
        effects
    }
}
