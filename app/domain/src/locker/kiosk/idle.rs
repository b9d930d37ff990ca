//! Time passing: reminders at an open door, codes renewed before they expire, and the way home when nobody is there any more.

use super::{Effect, Env, Kiosk, Screen, Sound};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// So long without a touch until the countdown begins.
pub const IDLE_SECONDS: i64 = 45;
/// So long until the start page comes back.
pub const COUNTDOWN_SECONDS: i64 = 10;
/// In the staff area a phone reads a long code meanwhile, and nobody touches the kiosk.
pub(super) const STAFF_IDLE_SECONDS: i64 = 300;
/// "Done" stays for so long before the countdown.
const FINISHED_IDLE_SECONDS: i64 = 5;
/// A reminder to close the door, and again after each such time.
const REMIND_MS: i64 = 30_000;
/// Then nobody is there any more: the door is left half done, and the kiosk serves others.
const ABANDONED_MS: i64 = 300_000;
/// A shown code is renewed at half its life.
const RENEW_MS: i64 = 300_000;

/// How long nobody touched anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Idle {
    /// The last touch, by the device's clock.
    pub since: Millis,
    /// The countdown home, once it runs.
    pub seconds_left: Option<i64>,
}

impl Idle {
    pub(super) fn touch(&mut self, now: Millis) {
        self.since = now;
        self.seconds_left = None;
    }
}

impl Kiosk {
    pub(super) fn tick(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        if env.now < self.idle.since {
            // The device's clock was set back.
            self.idle.touch(env.now);
        }
        match self.screen.clone() {
            Screen::Home => Vec::new(),
            Screen::DoorOpen {
                opened_at, reminders, ..
            } => self.door_still_open(opened_at, reminders, env),
            Screen::Code { port, made_at, .. } => {
                if is_due(made_at, RENEW_MS, env.now) {
                    self.show_code(port, env);
                }
                Vec::new()
            }
            Screen::Staff { made_at, .. } => {
                let effects = if self.is_soaking() {
                    self.soak_tick(env)
                } else {
                    self.count_down(STAFF_IDLE_SECONDS, env);
                    Vec::new()
                };
                if matches!(self.screen, Screen::Staff { .. }) && is_due(made_at, RENEW_MS, env.now) {
                    self.enter_staff_area(env);
                }
                effects
            }
            Screen::Finished { .. } => self.count_down(FINISHED_IDLE_SECONDS, env),
            _ => self.count_down(IDLE_SECONDS, env),
        }
    }

    fn count_down(&mut self, idle_seconds: i64, env: &mut Env<'_>) -> Vec<Effect> {
        let left = idle_seconds + COUNTDOWN_SECONDS - env.now.since(self.idle.since) / 1_000;
        if left <= 0 {
            self.notice = None;
            self.go_home(env);
            return vec![Effect::Sync];
        }
        self.idle.seconds_left = (left <= COUNTDOWN_SECONDS).then_some(left);
        Vec::new()
    }

    fn door_still_open(&mut self, since: Millis, reminded: i64, env: &mut Env<'_>) -> Vec<Effect> {
        let open_for = env.now.since(since);
        let Screen::DoorOpen {
            opened_at, reminders, ..
        } = &mut self.screen
        else {
            return Vec::new();
        };
        if open_for < 0 {
            *opened_at = env.now;
            *reminders = 0;
            return Vec::new();
        }
        if open_for >= ABANDONED_MS {
            self.notice = None;
            self.left_open(env.now);
            self.go_home(env);
            return vec![Effect::Sound(Sound::Reminder), Effect::Sync];
        }
        if open_for / REMIND_MS > reminded {
            *reminders = open_for / REMIND_MS;
            return vec![Effect::Sound(Sound::Reminder)];
        }
        Vec::new()
    }
}

/// Older than `after`, or from the future of a clock that was set back.
fn is_due(made_at: Millis, after: i64, now: Millis) -> bool {
    !(0..after).contains(&now.since(made_at))
}
