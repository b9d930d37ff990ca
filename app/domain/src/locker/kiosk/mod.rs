//! The offline kiosk as a pure state machine: what a cabinet with four usages (J, K, L, M) does, without a screen, a door or a network.
//!
//! [`Kiosk`] is plain data. [`Kiosk::step`] takes one [`Input`] and answers [`Effect`]s; the shell around it stores the new state in one
//! transaction *before* it acts on them, so that a kiosk killed at any moment comes back knowing at least what it had begun. A door is opened only by
//! [`Effect::OpenDoor`], and that comes only together with an event in the log which says on whose grant.

mod burst;
mod clock;
mod codes;
mod deposit;
mod doors;
mod effect;
mod enrol;
mod failing;
mod idle;
mod input;
mod lease;
mod log;
mod opening;
mod pick_up;
pub mod pin;
mod retrieval;
mod returns;
mod shape;
mod soak;
mod soak_row;
mod staff;
mod state;
mod sync;
mod tries;
mod voucher;
mod wire;
mod wired;

pub use burst::{Burst, Ended, Key, Scan};
pub use clock::{Behind, KioskClock};
pub use codes::UsedCodes;
pub use effect::{Effect, Message, Notice, Sound, Trouble};
pub use failing::Failing;
pub use idle::{COUNTDOWN_SECONDS, IDLE_SECONDS, Idle};
pub use input::{Checked, Condition, Content, Env, Input, Named};
pub use lease::{LEASE_MS, Lease};
pub use log::Log;
pub use opening::{Opening, Stage, TRIES_MAX};
pub use soak::{SOAK_OPENINGS_MAX, SOAK_PAUSE_MAX, SOAK_ROUNDS_MAX, Soak, SoakEnd, SoakWish, Tally};
pub use state::{Door, Kiosk, Purpose, Screen, Staff, Synced, Usage, Wants};
pub use tries::Tries;
pub use voucher::{GoingOn, Shown, fits, judge};
pub use wire::{
    Binding, EnrolRequest, Enrolment, EnrolmentDoor, EventsRequest, Look, ServerState, SyncRequest, Wanted, Whose,
};
pub use wired::Wired;

impl Kiosk {
    /// One step: what the world said goes in, what the shell has to do comes out. An input that makes no sense on the current screen
    /// changes nothing.
    pub fn step(&mut self, input: Input, env: &mut Env<'_>) -> Vec<Effect> {
        let something_is_done = input.is_user_action() && !matches!(input, Input::Touched);
        self.look_at_clock(env.now, something_is_done);
        let (told_by_server, last) = (matches!(input, Input::Server(_)), self.log.last());
        let attempt = self.attempt_under_way();
        let mut effects = self.handle(input, env);
        self.end_openings(attempt, &mut effects);
        if !told_by_server && self.log.last() != last {
            self.see_events();
        }
        effects
    }

    fn handle(&mut self, input: Input, env: &mut Env<'_>) -> Vec<Effect> {
        if input.is_user_action() {
            if self.is_soaking() && self.touched_while_soaking(env) {
                return Vec::new();
            }
            self.idle.touch(env.now);
            if !matches!(input, Input::Touched) {
                self.notice = None;
            }
        }
        match input {
            Input::Started => self.started(env),
            Input::Tick => {
                let mut effects = self.tick(env);
                effects.extend(self.tell_failing_boards(env));
                effects
            }
            Input::Touched => Vec::new(),
            Input::Tile(usage) => self.tile(usage, env),
            Input::StaffArea => self.ask_for_staff_area(env),
            Input::Scanned(text) => self.scanned(&text, env),
            Input::ScanFailed(trouble) => self.scan_failed(trouble, env),
            Input::Pin(pin) => self.pin_typed(&pin, env),
            Input::TakeByPassword { label, pwd } => self.take_by_password(&label, &pwd, env),
            Input::NameReturn(named) => self.name_return(named),
            Input::Checked { named, answer } => self.checked(named, answer, env),
            Input::NeedSize(size) => self.need_size(size),
            Input::Choose(port) => self.choose(port, env),
            Input::DoorClosed(port) => self.said_closed(port, env),
            Input::Reported(report) => self.reported(report, env),
            Input::TryAgain => self.try_again(env),
            Input::TestOpen(port) => self.test_open(port, env),
            Input::Soak(wish) => self.start_soak(*wish, env),
            Input::SetWiring(wiring) => self.set_wiring(wiring.map(|wiring| *wiring), env),
            Input::GiveUp(giving_up) => self.give_up(giving_up, env),
            Input::OpenAgain => self.open_again(env),
            Input::ShowCode(port) => self.show_code_again(port, env),
            Input::Settle { port, content } => self.settle(port, content, env),
            Input::SetCondition { port, condition } => self.set_condition(port, condition, env),
            Input::Done => self.done(env),
            Input::Cancel => self.cancel(env),
            Input::Server(state) => self.server(state, env),
            Input::RowsApplied { seq } => self.rows_applied(seq, env),
        }
    }

    fn tile(&mut self, usage: Usage, env: &mut Env<'_>) -> Vec<Effect> {
        if !matches!(
            self.screen,
            Screen::Home | Screen::Finished { .. } | Screen::Code { .. } | Screen::Staff { .. }
        ) {
            return Vec::new();
        }
        match usage {
            Usage::Return | Usage::PickUp => {
                self.staff_out(env);
                self.screen = if usage == Usage::PickUp {
                    Screen::PickUp
                } else {
                    Screen::NameReturn
                };
            }
            Usage::Deposit => self.want(Wants::Deposit),
            Usage::Retrieval => self.want(Wants::Retrieval),
        }
        Vec::new()
    }

    fn choose(&mut self, port: crate::ids::Port, env: &mut Env<'_>) -> Vec<Effect> {
        match self.screen.clone() {
            Screen::ChooseFree { purpose, size } => self.open_to_store(port, purpose, size, env),
            Screen::ChooseTake => self.open_to_retrieve(port, env),
            _ => Vec::new(),
        }
    }

    /// One step back; while a door is open there is none, only [`Input::GiveUp`].
    fn cancel(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        match &self.screen {
            Screen::Home | Screen::DoorOpen { .. } => {}
            Screen::ChooseFree {
                purpose: Purpose::Return { .. },
                ..
            } => self.screen = Screen::NameReturn,
            _ => self.go_home(env),
        }
        Vec::new()
    }

    fn done(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        if matches!(
            self.screen,
            Screen::Code { .. } | Screen::Finished { .. } | Screen::Staff { .. } | Screen::ChooseTake
        ) {
            self.go_home(env);
        }
        Vec::new()
    }

    /// To the start page; a person who was identified no longer is.
    fn go_home(&mut self, env: &mut Env<'_>) {
        self.staff_out(env);
        self.screen = Screen::Home;
        self.asked = None;
        self.idle.touch(env.now);
    }

    /// After a crash, reload or power cut. A door that was open then stays in status D or E until staff have settled it.
    fn started(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        let at = self.corrected(env.now);
        self.log.record(at, crate::locker::events::EventKind::Started);
        self.notice = None;
        self.going_on = None;
        self.end_soak(SoakEnd::Restarted);
        self.go_home(env);
        // What boards said before is not known to hold.
        self.boards.clear();
        self.failing.clear();
        for door in &mut self.doors {
            door.sensed_open = None;
        }
        Vec::new()
    }
}
