//! What a controller answers, and what it pushes unasked.

use super::packet::{START, START_6_62, day, flag, four, moment, number, split_moment, three_bytes};
use super::{Card, Day, DoorMode, Packet, Request};
use crate::guard::link::DoorState;

/// A moment by the controller's clock, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The day.
    pub day: Day,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Moment {
    /// `None` unless a clock shows it.
    pub fn new(day: Day, hour: u8, minute: u8, second: u8) -> Option<Self> {
        (hour < 24 && minute < 60 && second < 60).then_some(Self {
            day,
            hour,
            minute,
            second,
        })
    }
}

/// Who a controller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControllerInfo {
    /// Its serial number.
    pub serial: u32,
    /// IPv4.
    pub address: [u8; 4],
    /// IPv4.
    pub mask: [u8; 4],
    /// IPv4.
    pub gateway: [u8; 4],
    /// Of its network card.
    pub mac: [u8; 6],
    /// Its firmware: `(6, 62)` for 6.62.
    pub version: (u8, u8),
    /// When that was made.
    pub date: Option<Day>,
}

/// Something that happened at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// 1, 2, 3 … until the controller is reset.
    pub index: u32,
    /// 1: a card; 2: a door; 3: an alarm.
    pub kind: u8,
    /// The controller let somebody in.
    pub granted: bool,
    /// Which door.
    pub door: u8,
    /// 1: in, 2: out.
    pub direction: u8,
    /// The card, or a small number for what was none.
    pub card: u32,
    /// When, by its clock; order events by their index instead.
    pub at: Option<Moment>,
    /// Why.
    pub reason: u8,
}

impl Event {
    /// Was a card shown, or its number typed, and left for us to decide (`swiped` under PC control, known to the controller or not)?
    pub fn is_presented(&self) -> bool {
        self.kind == 1 && matches!(self.reason, 5 | 6 | 18)
    }

    /// Did the controller open by itself, by a card of its memory?
    pub fn is_opened_by_memory(&self) -> bool {
        self.kind == 1 && self.granted && self.reason == 1 && (1..=4).contains(&self.door)
    }

    /// What the door did, where the controller judges that: the button inside, open for too long, opened without being unlocked.
    pub fn door_state(&self) -> Option<DoorState> {
        match self.reason {
            20 => Some(DoorState::Button),
            37 => Some(DoorState::Held),
            38 => Some(DoorState::Forced),
            _ => None,
        }
    }

    /// Did our own command open the door?
    pub fn is_opened_by_us(&self) -> bool {
        self.reason == 44
    }
}

/// What is at an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventAt {
    /// This.
    Event(Event),
    /// Something that was overwritten by newer events.
    Overwritten,
    /// Nothing yet.
    Nothing,
}

/// How a controller and its doors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The newest event; `None`: there was none yet.
    pub event: Option<Event>,
    /// Whose contacts read open.
    pub open: [bool; 4],
    /// Whose buttons are pressed.
    pub pressed: [bool; 4],
    /// 0: no error.
    pub error: u8,
    /// Its clock.
    pub clock: Option<Moment>,
    /// One bit a relay.
    pub relays: u8,
    /// One bit an input.
    pub inputs: u8,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To [`Request::Controller`].
    Controller(ControllerInfo),
    /// To [`Request::Time`] and [`Request::SetTime`].
    Time(Moment),
    /// To what is only done or not done.
    Done(bool),
    /// To [`Request::Status`].
    Status(Status),
    /// To [`Request::Card`]; `None`: it does not have it.
    Card(Option<Card>),
    /// To [`Request::SetDoor`].
    Door {
        /// How it is controlled.
        mode: DoorMode,
        /// For how many seconds it opens.
        seconds: u8,
    },
    /// To [`Request::Event`].
    Event(EventAt),
    /// To [`Request::ReadMark`].
    ReadMark(u32),
}

/// A request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// To which controller; 0: to all.
    pub serial: u32,
    /// What was asked.
    pub request: Request,
}

impl Asked {
    /// What `bytes` say to it; `None` unless length, function, serial number and what is echoed fit.
    pub fn read(&self, bytes: &[u8]) -> Option<Reply> {
        let packet: &Packet = bytes.try_into().ok()?;
        let serial = number(packet, 4);
        let whose = serial == self.serial || (self.serial == 0 && serial != 0);
        if packet[0] != START || packet[1] != self.request.function() || !whose {
            return None;
        }
        Some(match self.request {
            Request::Controller => Reply::Controller(controller(packet)),
            Request::Time | Request::SetTime(_) => Reply::Time(moment(packet, 8)?),
            Request::Status => Reply::Status(status(packet)?),
            Request::Card { number: asked } => Reply::Card(card(packet, asked)?),
            Request::SetDoor { door, .. } if packet[8] == door => Reply::Door {
                mode: DoorMode::of(packet[9])?,
                seconds: packet[10],
            },
            Request::SetDoor { .. } => return None,
            Request::Event { index } => Reply::Event(event_at(packet, index)?),
            Request::ReadMark => Reply::ReadMark(number(packet, 8)),
            _ => Reply::Done(flag(packet, 8)?),
        })
    }
}

impl Asked {
    /// The serial number of another controller than `expected` that answers.
    pub fn stranger(&self, expected: u32, bytes: &[u8]) -> Option<u32> {
        let packet: &Packet = bytes.try_into().ok()?;
        let serial = number(packet, 4);
        let is_answer = packet[0] == START && packet[1] == self.request.function();
        (is_answer && serial != 0 && serial != expected).then_some(serial)
    }
}

impl Status {
    /// An event that the controller pushed unasked. It may be lost, late or doubled: a hint to fetch events by their index.
    pub fn pushed(serial: u32, bytes: &[u8]) -> Option<Self> {
        let packet: &Packet = bytes.try_into().ok()?;
        let is_event = matches!(packet[0], START | START_6_62) && packet[1] == Request::Status.function();
        (is_event && number(packet, 4) == serial).then(|| status(packet))?
    }
}

fn controller(packet: &Packet) -> ControllerInfo {
    let four = |at: usize| [packet[at], packet[at + 1], packet[at + 2], packet[at + 3]];
    ControllerInfo {
        serial: number(packet, 4),
        address: four(8),
        mask: four(12),
        gateway: four(16),
        mac: [20, 21, 22, 23, 24, 25].map(|at| packet[at]),
        version: (
            (packet[26] >> 4) * 10 + (packet[26] & 0x0F),
            (packet[27] >> 4) * 10 + (packet[27] & 0x0F),
        ),
        date: day(packet, 28),
    }
}

fn event(packet: &Packet) -> Option<Event> {
    Some(Event {
        index: number(packet, 8),
        kind: packet[12],
        granted: flag(packet, 13)?,
        door: packet[14],
        direction: packet[15],
        card: number(packet, 16),
        at: moment(packet, 20),
        reason: packet[27],
    })
}

fn event_at(packet: &Packet, asked: u32) -> Option<EventAt> {
    match (number(packet, 8), packet[12]) {
        (0, _) => Some(EventAt::Nothing),
        (index, 0xFF) if index == asked => Some(EventAt::Overwritten),
        (index, _) if index == asked => event(packet).map(EventAt::Event),
        _ => None,
    }
}

fn status(packet: &Packet) -> Option<Status> {
    Some(Status {
        event: if number(packet, 8) == 0 {
            None
        } else {
            Some(event(packet)?)
        },
        open: four(packet, 28)?,
        pressed: four(packet, 32)?,
        error: packet[36],
        clock: split_moment(packet, 51, 37),
        relays: packet[49],
        inputs: packet[50],
    })
}

fn card(packet: &Packet, asked: u32) -> Option<Option<Card>> {
    match number(packet, 8) {
        0 => Some(None),
        found if found == asked => Some(Some(Card {
            number: found,
            from: day(packet, 12),
            to: day(packet, 16),
            doors: [packet[20], packet[21], packet[22], packet[23]],
            pin: three_bytes(packet, 24),
        })),
        _ => None,
    }
}
