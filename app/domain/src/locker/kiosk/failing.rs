//! Boards that do not answer as they should: after a while the server is told, so that an operator learns of it before somebody stands at a door.

use super::{Effect, Env, Kiosk, Screen};
use crate::boards::bus::BoardState;
use crate::ids::Millis;
use crate::locker::events::EventKind;

/// So long it may take a board to come back before it is an event.
const FAILING_MS: i64 = 60_000;

/// A board that does not answer as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    jumper: i64,
    state: BoardState,
    since: Millis,
    told: bool,
}

impl Kiosk {
    /// How a board answers now.
    pub(super) fn board_is(&mut self, jumper: i64, state: BoardState, now: Millis) {
        match self.boards.iter_mut().find(|(board, _)| *board == jumper) {
            Some((_, known)) => *known = state,
            None => self.boards.push((jumper, state)),
        }
        let failing = self.failing.iter_mut().find(|one| one.jumper == jumper);
        match (failing, state) {
            (_, BoardState::Ok) => self.failing.retain(|one| one.jumper != jumper),
            (Some(one), _) => one.state = state,
            (None, _) => self.failing.push(Failing {
                jumper,
                state,
                since: now,
                told: false,
            }),
        }
        self.soak_needs_boards();
    }

    /// Each failure is one event. A technician at the wires sees it on the page, and causes it as well.
    pub(super) fn tell_failing_boards(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        if matches!(self.screen, Screen::Staff { .. }) {
            return Vec::new();
        }
        let at = self.corrected(env.now);
        let mut effects = Vec::new();
        for one in &mut self.failing {
            // The device's clock was set back.
            one.since = one.since.min(env.now);
            if !one.told && env.now.since(one.since) >= FAILING_MS {
                one.told = true;
                let event = self.log.record(at, EventKind::BoardFailed);
                event.detail = Some(format!("{} {}", one.jumper, one.state.word()));
                effects = vec![Effect::Sync];
            }
        }
        effects
    }
}
