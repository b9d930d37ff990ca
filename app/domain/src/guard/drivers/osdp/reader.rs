//! One reader: what it is asked and when, and what its answers come to.

use super::cards::Typing;
use super::channel::Key;
use super::door::{Contact, Rules};
use super::packet::Packet;
use super::session::{Heard, Session};
use super::{Command, Event, Fault, State};
use crate::ids::Millis;
use crate::token::Random;
use std::collections::VecDeque;

const ACK: u8 = 0x40;
const NAK: u8 = 0x41;
const CAPABILITIES: u8 = 0x46;
const LOCAL: u8 = 0x48;
const INPUTS: u8 = 0x49;
const CARD: u8 = 0x50;
const KEYS: u8 = 0x53;
/// The capability of switching outputs.
const SWITCHES: u8 = 2;

/// How often a reader is asked for news, where the wire has time for it.
const POLL_MS: i64 = 50;
/// How often its contacts are asked, and while a door is open.
const CALM_INPUTS_MS: i64 = 1_000;
const LIVELY_INPUTS_MS: i64 = 200;
/// How often tamper and supply are.
const LOCAL_MS: i64 = 5_000;
/// A reader that has not answered for this long is away. Readers that restart, or are busy with a card, need some seconds.
const AWAY_MS: i64 = 8_000;
/// Pauses between the tries of a reader that does not answer, and of one that is away or refused.
const AGAIN_MS: i64 = 100;
const LATER_MS: i64 = 1_000;
const REFUSED_MS: i64 = 5_000;
/// Three tries at once, then with pauses.
const AT_ONCE: u32 = 3;
/// What was shown longer ago than this opens nothing.
const FRESH_MS: i64 = 5_000;
/// A release that could not be sent for this long is dropped.
const RELEASE_MS: i64 = 3_000;

/// What is done with a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its door is a guard's.
    Door,
    /// It is given its key. It opens nothing and reports nothing.
    Keying,
}

/// A reader as it is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// 0 to 126.
    pub address: u8,
    /// Its own.
    pub key: Key,
    /// The output of its relay.
    pub output: u8,
    /// How long the reader powers it, in tenths of a second.
    pub tenths: u16,
    /// The input of the door's contact.
    pub contact: Option<u8>,
    /// The contact is active while the door is closed.
    pub inverted: bool,
    /// The input of a button inside, which releases the lock.
    pub button: Option<u8>,
    /// A door open for longer is held. Milliseconds.
    pub held_ms: i64,
}

#[derive(Clone, Debug)]
struct Pending {
    frame: Vec<u8>,
    command: Command,
    sent: u32,
}

/// A reader.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    setup: Setup,
    mode: Mode,
    session: Session,
    pending: Option<Pending>,
    /// Not before this.
    due: Millis,
    /// The last answer of any kind; the start of the wire before there was one.
    heard: Millis,
    local_due: Millis,
    inputs_due: Millis,
    answers_inputs: bool,
    /// The first step after the channel stands.
    asks_capabilities: bool,
    /// What it buffered while it was not polled was thrown away.
    is_fresh: bool,
    asked: Option<Millis>,
    shows: VecDeque<Command>,
    typing: Typing,
    contact: Contact,
    pressed: Option<bool>,
    fault: Option<Fault>,
    lacks_output: bool,
    told: Option<State>,
    keyed: bool,
    with_default: bool,
}

impl Reader {
    pub(super) fn new(setup: Setup, mode: Mode) -> Self {
        let rules = Rules {
            held_ms: setup.held_ms,
            pulse_ms: i64::from(setup.tenths) * 100,
        };
        let mut reader = Self {
            session: Session::new(setup.address, setup.key.clone()),
            mode,
            pending: None,
            due: Millis(0),
            heard: Millis(0),
            local_due: Millis(0),
            inputs_due: Millis(0),
            answers_inputs: true,
            asks_capabilities: true,
            is_fresh: false,
            asked: None,
            shows: VecDeque::new(),
            typing: Typing::default(),
            contact: Contact::new(rules),
            pressed: None,
            fault: None,
            lacks_output: false,
            told: None,
            keyed: false,
            with_default: mode == Mode::Keying,
            setup,
        };
        reader.restart(Millis(0));
        reader
    }

    /// The wire is there (again).
    pub(super) fn begin(&mut self, now: Millis, out: &mut Vec<Event>) {
        self.heard = now;
        self.end_session(now, out);
    }

    /// When it may be polled next; `None`: never again.
    pub(super) fn due(&self) -> Option<Millis> {
        (!(self.mode == Mode::Keying && self.keyed)).then_some(self.due)
    }

    /// A release is pending, so it comes first.
    pub(super) fn is_urgent(&self) -> bool {
        self.asked.is_some() && self.session.is_secure() && self.pending.is_none()
    }

    /// When it is to be asked something beside the poll; light and sound are due at once.
    pub(super) fn question_due(&self) -> Option<Millis> {
        let is_ready = self.session.is_secure() && self.pending.is_none() && !self.asks_capabilities;
        if !is_ready || self.mode == Mode::Keying {
            return None;
        }
        if !self.shows.is_empty() {
            return Some(Millis(0));
        }
        let has_inputs = self.setup.contact.is_some() || self.setup.button.is_some();
        Some(if has_inputs && self.answers_inputs {
            self.local_due.min(self.inputs_due)
        } else {
            self.local_due
        })
    }

    /// Its guard decided to open. Only a reader in its secure channel does.
    pub(super) fn open(&mut self, now: Millis) {
        if self.mode == Mode::Door {
            self.asked = Some(now);
            self.due = self.due.min(now);
        }
    }

    /// Its guard decided, and the person is to see and hear it.
    pub(super) fn show(&mut self, granted: bool) {
        self.shows = VecDeque::from([Command::Light { granted }, Command::Sound { granted }]);
    }

    /// The bytes to write now: a command that was not answered as it was, or the next one.
    pub(super) fn write(&mut self, random: &mut Random) -> Vec<u8> {
        if let Some(pending) = &mut self.pending {
            pending.sent += 1;
            return pending.frame.clone();
        }
        let command = self.session.handshake(random).unwrap_or_else(|| self.next());
        self.first_sent(command)
    }

    /// The bytes of the question that [`Self::question_due`] tells of.
    pub(super) fn write_question(&mut self, now: Millis) -> Vec<u8> {
        let question = if let Some(show) = self.shows.pop_front() {
            show
        } else if now >= self.local_due {
            self.local_due = now.plus(LOCAL_MS);
            Command::LocalStatus
        } else {
            self.inputs_due = now.plus(CALM_INPUTS_MS);
            Command::Inputs
        };
        self.first_sent(question)
    }

    fn first_sent(&mut self, command: Command) -> Vec<u8> {
        let frame = self.session.write(&command);
        self.pending = Some(Pending {
            frame: frame.clone(),
            command,
            sent: 1,
        });
        frame
    }

    fn next(&mut self) -> Command {
        if self.mode == Mode::Keying {
            return Command::SetKey(self.setup.key.clone());
        }
        if std::mem::take(&mut self.asks_capabilities) {
            return Command::Capabilities;
        }
        if self.asked.is_some() {
            return Command::Pulse {
                output: self.setup.output,
                tenths: self.setup.tenths,
            };
        }
        Command::Poll
    }

    /// A frame came while its answer was awaited; `true`: this was it.
    pub(super) fn hear(&mut self, packet: &Packet, now: Millis, out: &mut Vec<Event>) -> bool {
        let Some(pending) = &self.pending else { return false };
        match self.session.hear(packet) {
            Heard::Nothing => return false,
            Heard::Busy => {
                self.heard = now;
                self.due = now.plus(AGAIN_MS);
                return true;
            }
            Heard::Step(identity) => {
                self.pending = None;
                self.due = now;
                out.extend(identity.map(Event::Identified));
            }
            Heard::Secured => {
                self.pending = None;
                self.due = now;
                self.secured(out);
            }
            Heard::Answer(code, data) => {
                let command = pending.command.clone();
                self.pending = None;
                // A card must not wait for longer because something else was asked.
                if !command.is_question() {
                    self.due = now.plus(POLL_MS);
                }
                if now.since(self.heard) > FRESH_MS {
                    self.is_fresh = false;
                }
                self.answered(&command, code, &data, now, out);
            }
            Heard::Refused(fault) => {
                if self.mode == Mode::Keying {
                    self.with_default = !self.with_default;
                }
                self.heard = now;
                self.fault = Some(fault);
                self.tell(State::Faulty(fault), out);
                self.end_session(now, out);
                self.due = now.plus(REFUSED_MS);
                return true;
            }
            Heard::Broken => {
                self.end_session(now, out);
                self.due = now.plus(LATER_MS);
                return true;
            }
        }
        self.heard = now;
        true
    }

    fn secured(&mut self, out: &mut Vec<Event>) {
        self.fault = None;
        if self.mode == Mode::Keying {
            if !self.with_default {
                self.keyed = true;
                self.tell(State::Keyed, out);
            }
        } else {
            self.judge(out);
        }
    }

    fn answered(&mut self, command: &Command, code: u8, data: &[u8], now: Millis, out: &mut Vec<Event>) {
        match (command, code) {
            (Command::SetKey(_), ACK) => {
                // The next handshake shows that it has it.
                self.with_default = false;
                self.end_session(now, out);
                self.due = now.plus(AGAIN_MS);
            }
            (Command::SetKey(_), _) => {
                self.tell(State::Faulty(Fault::WrongKey), out);
                self.end_session(now, out);
                self.due = now.plus(REFUSED_MS);
            }
            (Command::Pulse { .. }, code) if code != NAK => {
                self.asked = None;
                self.contact.unlocked(now);
                self.inputs_due = now;
                self.due = now;
                out.push(Event::Released);
                self.reports(code, data, now, out);
            }
            (Command::Pulse { .. }, _) => {
                self.asked = None;
                self.lacks_output = true;
                out.push(Event::NotReleased { unsure: false });
                self.judge(out);
            }
            // Some readers answer only by themselves, at a poll.
            (Command::Inputs, NAK) => self.answers_inputs = false,
            (Command::Capabilities, CAPABILITIES) => {
                let outputs = data
                    .chunks_exact(3)
                    .find(|one| one[0] == SWITCHES)
                    .map_or(0, |one| one[2]);
                self.lacks_output = outputs <= self.setup.output;
                self.judge(out);
            }
            (Command::Poll, ACK) => self.is_fresh = true,
            _ => self.reports(code, data, now, out),
        }
    }

    /// What it reports by itself or when asked.
    fn reports(&mut self, code: u8, data: &[u8], now: Millis, out: &mut Vec<Event>) {
        match (code, data) {
            (LOCAL, [tamper, power, ..]) => {
                self.fault = match (tamper, power) {
                    (0, 0) => None,
                    (0, _) => Some(Fault::Power),
                    _ => Some(Fault::Tampered),
                };
                self.judge(out);
            }
            (INPUTS, inputs) => self.inputs(inputs, now, out),
            // There may be more.
            (CARD | KEYS, _) if !self.is_fresh => self.due = now,
            (CARD, [_, _, low, high, bytes @ ..]) => {
                self.due = now;
                let bits = usize::from(u16::from_le_bytes([*low, *high]));
                self.typing.clear();
                out.push(Event::Card {
                    bytes: bytes.to_vec(),
                    bits,
                });
            }
            (KEYS, [_, count, keys @ ..]) => {
                self.due = now;
                for key in keys.iter().take(usize::from(*count)) {
                    out.extend(self.typing.key(*key, now).map(Event::Typed));
                }
            }
            _ => {}
        }
    }

    fn inputs(&mut self, inputs: &[u8], now: Millis, out: &mut Vec<Event>) {
        let active = |input: Option<u8>| Some(*inputs.get(usize::from(input?))? != 0);
        if let Some(active) = active(self.setup.contact) {
            let (open, sure) = (active != self.setup.inverted, !self.answers_inputs);
            out.extend(self.contact.reads(open, sure, now).map(Event::Door));
            if self.contact.is_lively() {
                self.inputs_due = self.inputs_due.min(now.plus(LIVELY_INPUTS_MS));
            }
        }
        // A button that is pressed as it is first read was not pressed now.
        if let Some(pressed) = active(self.setup.button)
            && self.pressed.replace(pressed) == Some(false)
            && pressed
        {
            out.push(Event::Door(crate::guard::link::DoorState::Button));
            self.open(now);
        }
    }

    /// No answer came in time.
    pub(super) fn silent(&mut self, now: Millis, out: &mut Vec<Event>) {
        let sent = self.pending.as_ref().map_or(0, |pending| pending.sent);
        self.due = now.plus(if sent < AT_ONCE {
            0
        } else {
            AGAIN_MS << (sent - AT_ONCE).min(3)
        });
        if now.since(self.heard) >= AWAY_MS {
            self.end_session(now, out);
            self.fault = Some(Fault::Silent);
            self.tell(State::Faulty(Fault::Silent), out);
            self.due = now.plus(LATER_MS);
        }
    }

    /// Time passes.
    pub(super) fn tick(&mut self, now: Millis, out: &mut Vec<Event>) {
        out.extend(self.contact.tick(now).map(Event::Door));
        if self.asked.is_some_and(|asked| now.since(asked) >= RELEASE_MS) {
            let sent = self.is_releasing();
            self.asked = None;
            out.push(Event::NotReleased { unsure: sent });
            if sent {
                // A repeat of it must not open a door later.
                self.end_session(now, out);
            }
        }
    }

    fn is_releasing(&self) -> bool {
        matches!(
            &self.pending,
            Some(Pending {
                command: Command::Pulse { .. },
                ..
            })
        )
    }

    /// The session is over: what was under way is not sent again.
    fn end_session(&mut self, now: Millis, out: &mut Vec<Event>) {
        if self.is_releasing() && self.asked.take().is_some() {
            out.push(Event::NotReleased { unsure: true });
        }
        self.restart(now);
    }

    fn restart(&mut self, now: Millis) {
        let key = if self.with_default {
            Key::DEFAULT
        } else {
            self.setup.key.clone()
        };
        self.session = Session::new(self.setup.address, key);
        self.pending = None;
        self.due = now;
        (self.local_due, self.inputs_due) = (now, now);
        (self.answers_inputs, self.asks_capabilities, self.is_fresh) = (true, true, false);
        self.typing.clear();
        self.contact.lost();
        self.pressed = None;
        self.shows.clear();
    }

    fn judge(&mut self, out: &mut Vec<Event>) {
        let state = match (self.fault, self.lacks_output) {
            (Some(fault), _) => State::Faulty(fault),
            (None, true) => State::Faulty(Fault::NoOutput),
            (None, false) => State::Working,
        };
        self.tell(state, out);
    }

    fn tell(&mut self, state: State, out: &mut Vec<Event>) {
        if self.told.replace(state) != Some(state) {
            out.push(Event::State(state));
        }
    }
}
