//! One controller as a state machine: the bridge decides, the controller obeys.
//!
//! Cards are ours to decide (PC control), as long as something is said to the controller every few seconds. What it pushes is only a hint: events are fetched by
//! their index, each once, in order. An event that is older than [`FRESH_SECONDS`] opens nothing any more, and neither does one whose age cannot be told because
//! the controller's clock is off. An opening that was not answered is looked for, at the relay and among the events, before it may be sent once more.

mod steps;

pub use steps::{Effect, Input};

use super::{Asked, Event, EventAt, Moment, Reply, Request, Status};
use crate::ids::Millis;
use std::collections::VecDeque;

/// A card shown longer ago than this opens nothing any more.
pub const FRESH_SECONDS: i64 = 5;
/// A clock may be off by so much; beyond, it is set.
const CLOCK_SECONDS: i64 = 2;
/// How long an answer may take.
const ANSWER_MS: i64 = 1_000;
/// How often the controller is asked how it is. PC control ends after 30 seconds without a word.
const STATUS_MS: i64 = 5_000;
/// After this number of questions without an answer it is away.
const MISSES: u32 = 3;
/// An opening that could not be sent for so long is not sent any more.
const OPENING_MS: i64 = 5_000;

/// Reasons of events after which the controller has forgotten what it was told.
const POWER_ON: u8 = 28;
const RESET: u8 = 29;
/// In a question this number means "the newest", so the event that has it cannot be asked for.
const NEWEST: u32 = u32::MAX;
/// Numbers that are smaller than the last one by nearly all there are go on after a wrap-around; otherwise the controller was reset. Controllers keep fewer.
const WRAP: u32 = 200_000;
/// An opening whose end cannot be found out for so long is unsure.
const UNSURE_MS: i64 = 15_000;

/// How far an opening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// Its command is to be sent.
    Wanted,
    /// It was not answered: ask for relay and newest event.
    Look,
    /// The relay is off; events up to this one may still tell.
    Read(u32),
}

#[derive(Clone, Copy, Debug)]
struct Door {
    door: u8,
    asked: Millis,
    opening: Opening,
    sent: u32,
    /// The relay was seen at work, or the event of our command.
    done: bool,
}

/// A controller.
#[derive(Clone, Debug)]
pub struct Controller {
    serial: u32,
    /// Where events are pushed to.
    listener: Option<([u8; 4], u16)>,
    /// The last event that was handled; `None` until the first status says where events stand.
    handled: Option<u32>,
    newest: u32,
    pending: Option<(Asked, Millis)>,
    /// How many requests were sent; the number of the last one.
    requests: u64,
    setup: VecDeque<Request>,
    openings: VecDeque<Door>,
    status_due: Option<Millis>,
    misses: u32,
    reachable: Option<bool>,
    /// The last other controller that answered in its place.
    stranger: Option<u32>,
    /// The controller at its address is to be asked for its serial number.
    ask_who: bool,
    clock_sound: bool,
    clock_due: bool,
    contacts: [Option<bool>; 4],
    out: Vec<Effect>,
}

impl Controller {
    /// A controller whose events up to `handled` were handled by an earlier run; `None` if there was none, and then what happened before is not ours.
    pub fn new(serial: u32, handled: Option<u32>, listener: Option<([u8; 4], u16)>) -> Self {
        Self {
            serial,
            listener,
            handled,
            newest: 0,
            pending: None,
            requests: 0,
            setup: VecDeque::new(),
            openings: VecDeque::new(),
            status_due: None,
            misses: 0,
            reachable: None,
            stranger: None,
            ask_who: false,
            clock_sound: false,
            clock_due: false,
            contacts: [None; 4],
            out: Vec::new(),
        }
    }

    /// One step. `now` never goes back; `local` is the time of the deployment's zone.
    pub fn step(&mut self, input: Input<'_>, now: Millis, local: Moment) -> Vec<Effect> {
        match input {
            Input::Answer { number, bytes } if number == self.requests => self.answered(bytes, now, local),
            Input::Answer { .. } => {}
            Input::Pushed(bytes) => self.pushed(bytes),
            Input::Open { door } => self.openings.push_back(Door {
                door,
                asked: now,
                opening: Opening::Wanted,
                sent: 0,
                done: false,
            }),
            Input::Keep(requests) => self.setup.extend(requests),
            Input::Tick => {}
        }
        self.answer_is_late(now);
        self.pass_by_the_last_number();
        self.settle_openings(now);
        self.send_next(now, local);
        std::mem::take(&mut self.out)
    }

    /// It may be lost, late, doubled or out of order, so it only says that there is something to fetch.
    fn pushed(&mut self, bytes: &[u8]) {
        if let Some(event) = Status::pushed(self.serial, bytes).and_then(|status| status.event)
            && is_newer(event.index, self.newest)
        {
            self.newest = event.index;
        }
    }

    fn answered(&mut self, bytes: &[u8], now: Millis, local: Moment) {
        let Some((asked, _)) = self.pending else {
            return;
        };
        if let Some(serial) = asked.stranger(self.serial, bytes) {
            if self.stranger.replace(serial) != Some(serial) {
                self.out.push(Effect::Stranger { serial });
            }
            return;
        }
        let Some(reply) = asked.read(bytes).filter(|_| asked.serial == self.serial) else {
            return;
        };
        let request = asked.request;
        self.pending = None;
        self.misses = 0;
        let was_replaced = self.stranger.take().is_some();
        if self.reachable == Some(true) && was_replaced {
            self.out.push(Effect::Reachable(true));
        }
        if self.reachable != Some(true) {
            self.reachable = Some(true);
            self.out.push(Effect::Reachable(true));
            self.set_up();
        }
        match (request, reply) {
            (Request::Status, Reply::Status(status)) => self.status(&status, local),
            (Request::Event { index }, Reply::Event(at)) => self.event(index, at, local),
            (Request::Open { door }, Reply::Done(done)) => self.opened(door, done),
            (Request::SetTime(_), Reply::Time(_)) => self.status_due = Some(now),
            _ => {}
        }
    }

    /// What is said to a controller once it answers.
    fn set_up(&mut self) {
        self.setup = VecDeque::from([Request::PcControl(true), Request::RecordSpecialEvents(true)]);
        if let Some((address, port)) = self.listener {
            self.setup.push_back(Request::SetListener { address, port });
        }
        self.out.push(Effect::SetUp);
    }

    fn status(&mut self, status: &Status, local: Moment) {
        let index = status.event.map_or(0, |event| event.index);
        match self.handled {
            None => {
                self.handled = Some(index);
                // The next run has to know from where on events are ours, even if none comes in this one.
                self.out.push(Effect::Persist { index });
            }
            // Fewer events than were fetched already.
            Some(handled) if index != handled && !is_newer(index, handled) => self.was_reset(),
            Some(_) => {}
        }
        self.newest = index;
        let off = status.clock.map_or(i64::MAX, |clock| seconds(local) - seconds(clock));
        self.clock_sound = off.abs() <= CLOCK_SECONDS;
        self.clock_due = !self.clock_sound;
        for (door, (known, open)) in (1..).zip(self.contacts.iter_mut().zip(status.open)) {
            if known.replace(open) != Some(open) {
                self.out.push(Effect::Contact { door, open });
            }
        }
        if let Some(one) = self.openings.front_mut()
            && one.opening == Opening::Look
        {
            one.done |= status.relays >> (one.door - 1) & 1 == 1;
            one.opening = Opening::Read(index);
        }
    }

    fn was_reset(&mut self) {
        self.handled = Some(0);
        self.out.push(Effect::Reset);
    }

    /// After 2^32 events their numbers begin again at 1. The last one is passed by.
    fn pass_by_the_last_number(&mut self) {
        if self.handled == Some(NEWEST - 1) && is_newer(self.newest, NEWEST - 1) {
            self.handled = Some(NEWEST);
            self.out.push(Effect::Persist { index: NEWEST });
            self.out.push(Effect::Lost {
                from: NEWEST,
                to: NEWEST,
            });
        }
    }

    fn event(&mut self, index: u32, at: EventAt, local: Moment) {
        let Some(handled) = self.handled.filter(|handled| after(*handled) == index) else {
            return;
        };
        match at {
            // The numbers did not wrap around, so they began again.
            EventAt::Nothing if self.newest < handled => return self.was_reset(),
            EventAt::Nothing => {
                // It said that there was one: a reset since, which the next status shows.
                self.newest = handled;
                return;
            }
            EventAt::Overwritten => {
                self.out.push(Effect::Persist { index });
                self.out.push(Effect::Lost { from: index, to: index });
            }
            EventAt::Event(event) => {
                self.out.push(Effect::Persist { index });
                self.happened(event, local);
            }
        }
        self.handled = Some(index);
    }

    fn happened(&mut self, event: Event, local: Moment) {
        if matches!(event.reason, POWER_ON | RESET) {
            self.set_up();
        }
        if event.is_opened_by_us()
            && let Some(one) = self
                .openings
                .front_mut()
                .filter(|one| one.door == event.door && one.sent > 0)
        {
            one.done = true;
        }
        let age = event.at.map(|at| seconds(local) - seconds(at));
        let fresh = age.is_some_and(|age| (-CLOCK_SECONDS..=FRESH_SECONDS).contains(&age));
        if event.is_presented() && (1..=4).contains(&event.door) && fresh && self.clock_sound {
            self.out.push(Effect::Presented {
                door: event.door,
                card: event.card,
            });
        } else {
            // What is fetched late happened at another time than now.
            if let Some(state) = event.door_state().filter(|_| fresh && self.clock_sound) {
                let door = event.door;
                self.out.push(Effect::Door { door, state });
            }
            self.out.push(Effect::Happened(event));
        }
    }

    fn opened(&mut self, door: u8, done: bool) {
        self.openings.pop_front();
        self.out.push(if done {
            Effect::Released { door }
        } else {
            Effect::NotOpened { door, unsure: false }
        });
    }

    fn answer_is_late(&mut self, now: Millis) {
        let Some((asked, _)) = self.pending.filter(|(_, since)| now.since(*since) >= ANSWER_MS) else {
            return;
        };
        self.pending = None;
        self.misses = self.misses.saturating_add(1);
        if self.misses >= MISSES && self.reachable != Some(false) {
            self.reachable = Some(false);
            self.clock_sound = false;
            self.contacts = [None; 4];
            self.out.push(Effect::Reachable(false));
        }
        match (asked.request, self.openings.front_mut()) {
            (request, _) if request.is_setup() => self.setup.push_front(request),
            // Controllers keep silent towards those who mean another one; who is there instead?
            (Request::Status, None) if self.reachable == Some(false) => self.ask_who = true,
            (Request::Open { .. }, Some(one)) => one.opening = Opening::Look,
            // Whether it opened cannot be seen: it is not sent again.
            (Request::Status, Some(one)) if one.opening == Opening::Look => {
                let door = one.door;
                self.openings.pop_front();
                self.out.push(Effect::NotOpened { door, unsure: true });
            }
            _ => {}
        }
    }

    /// Openings that came to an end without an answer.
    fn settle_openings(&mut self, now: Millis) {
        while let Some(one) = self.openings.front().copied() {
            let door = one.door;
            let read = matches!(one.opening, Opening::Read(index) if self.handled.is_none_or(|handled| !is_newer(index, handled)));
            let too_old = one.opening == Opening::Wanted && one.sent == 0 && now.since(one.asked) >= OPENING_MS;
            if !(1..=4).contains(&door) || too_old {
                self.out.push(Effect::NotOpened { door, unsure: false });
            } else if one.done && one.opening != Opening::Wanted {
                self.out.push(Effect::Released { door });
            } else if read && one.sent < 2 {
                // Neither the relay nor an event knows of it.
                if let Some(one) = self.openings.front_mut() {
                    one.opening = Opening::Wanted;
                }
                return;
            } else if read || now.since(one.asked) >= UNSURE_MS {
                self.out.push(Effect::NotOpened { door, unsure: true });
            } else {
                return;
            }
            self.openings.pop_front();
        }
    }

    fn send_next(&mut self, now: Millis, local: Moment) {
        if self.pending.is_some() {
            return;
        }
        let (serial, request) = if std::mem::take(&mut self.ask_who) {
            (0, Request::Controller)
        } else {
            let Some(request) = self.next_request(now, local) else {
                return;
            };
            (self.serial, request)
        };
        let Some(packet) = request.encode(serial) else {
            return;
        };
        self.pending = Some((Asked { serial, request }, now));
        self.requests += 1;
        let number = self.requests;
        self.out.push(Effect::Send { number, packet });
    }

    fn next_request(&mut self, now: Millis, local: Moment) -> Option<Request> {
        let known = self.reachable == Some(true);
        if let Some(one) = self.openings.front_mut().filter(|_| known) {
            match one.opening {
                Opening::Wanted => {
                    one.sent += 1;
                    return Some(Request::Open { door: one.door });
                }
                Opening::Look => return Some(Request::Status),
                Opening::Read(_) => {}
            }
        }
        if let Some(handled) = self.handled.filter(|handled| known && is_newer(self.newest, *handled)) {
            return Some(Request::Event { index: after(handled) });
        }
        if known && let Some(request) = self.setup.pop_front() {
            return Some(request);
        }
        if known && std::mem::take(&mut self.clock_due) {
            return Some(Request::SetTime(local));
        }
        if self.status_due.is_none_or(|due| now >= due) {
            self.status_due = Some(now.plus(STATUS_MS));
            return Some(Request::Status);
        }
        None
    }
}

/// The number of the event after this one.
fn after(index: u32) -> u32 {
    index.checked_add(1).unwrap_or(1)
}

/// Is `index` the number of an event after `than`? 0 is no event.
fn is_newer(index: u32, than: u32) -> bool {
    index > than || (index > 0 && (NEWEST - than).saturating_add(index) < WRAP)
}

/// A count of seconds, to compare moments of one clock.
fn seconds(moment: Moment) -> i64 {
    let day = time::Month::try_from(moment.day.month)
        .ok()
        .and_then(|month| time::Date::from_calendar_date(i32::from(moment.day.year), month, moment.day.day).ok())
        .map_or(0, |day| i64::from(day.to_julian_day()));
    day * 86_400 + i64::from(moment.hour) * 3_600 + i64::from(moment.minute) * 60 + i64::from(moment.second)
}
