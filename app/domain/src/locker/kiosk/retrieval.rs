//! M, staff retrieval (SPEC 3, flow 4): returns and overdue deposits come out.

use super::{Effect, Env, Kiosk, Trouble, Usage};
use crate::ids::Port;

impl Kiosk {
    pub(super) fn open_to_retrieve(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        let now = self.corrected(env.now);
        if !self.door(port).is_some_and(|door| self.is_retrievable(door, now)) {
            return self.refuse(Trouble::NothingStored, Some(port), env.now);
        }
        if self.is_unreachable(port) {
            return self.refuse(Trouble::BoardSilent, Some(port), env.now);
        }
        self.open_door(port, Usage::Retrieval, None, env.now)
    }
}
