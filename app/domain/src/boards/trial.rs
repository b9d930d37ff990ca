//! The test of each door: one is told to open, a person says which one did, and the contacts tell the rest. What contradicts the settings is found here:
//! swapped wires, an offset of one, contacts that work the other way round, and the order of status bytes. A contact counts only if it moved and came back.

use super::driver::Seen;
use super::{Answer, ByteOrder, Codec, Kind, Request, Settings, Wiring};
use crate::ids::{Millis, Port};

/// A contact that did not move for so long after its door was told to open does not move. Boards are asked every two seconds.
const UNMOVED_MS: i64 = 8_000;
/// More changes of one board are not kept.
const STATES_MAX: usize = 32;

/// What was found out about the wires of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wires {
    /// The door that was asked opened.
    Right,
    /// These two doors have each other's lock now.
    Swapped(Port, Port),
    /// Every lock of this board is one place off, which the settings say now.
    Offset {
        /// Which board.
        jumper: i64,
    },
    /// Another door opened, and no setting can express that.
    Wrong,
}

/// What was found out about a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// It moved and came back as the settings have it.
    Right,
    /// Nothing moved.
    Unmoved,
    /// The one at this place of the board moved.
    Elsewhere(i64),
    /// It cannot be told: no contacts, no answers, or several moved.
    Untold,
}

/// What a test of a door found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The door that was told to open.
    pub asked: Port,
    /// The wires of its lock.
    pub wires: Wires,
    /// Its contact.
    pub contact: Contact,
    /// Contacts work the other way round than the settings had it.
    pub inverted: bool,
    /// Status bytes come in the other order than the settings had it.
    pub reordered: bool,
    /// The settings as they have to be; `None`: they are right.
    pub wiring: Option<Wiring>,
}

/// The contacts of a board as its answers say, under the order of the settings and under the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    set: u64,
    other: u64,
}

#[derive(Clone, Debug)]
struct Board {
    /// Which one, with `serial: 0`; or the door, where doors are asked one by one.
    key: Port,
    /// Two equal answers are believed.
    known: Option<Reading>,
    candidate: Option<(Reading, Millis)>,
}

/// One door under test.
#[derive(Clone, Debug)]
struct Running {
    asked: Port,
    lock: Port,
    key: Port,
    since: Millis,
    /// The door that opened, as the person says.
    opened: Option<Port>,
    /// How its board read, from before it was told to open.
    states: Vec<Reading>,
}

/// Tests of doors, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    settings: Option<Settings>,
    boards: Vec<Board>,
    running: Option<Running>,
    /// Which door each lock opened, by where the lock is connected.
    found: Vec<(Port, Port)>,
}

impl Trial {
    /// Nobody listens for a while, so what contacts read now is not known. Which door each lock opened is.
    pub fn rest(&mut self) {
        self.boards.clear();
        self.running = None;
    }

    /// A door is told to open.
    pub fn begin(&mut self, wiring: &Wiring, asked: Port, now: Millis) {
        self.with_settings(&wiring.boards);
        let lock = wiring.lock(asked);
        let key = key_of(&wiring.boards, lock);
        let board = self.boards.iter().find(|board| board.key == key);
        self.running = Some(Running {
            asked,
            lock,
            key,
            since: now,
            opened: None,
            states: board.and_then(|board| board.known).into_iter().collect(),
        });
    }

    /// The person says that this door opened.
    pub fn told(&mut self, opened: Port) {
        if let Some(running) = &mut self.running {
            running.opened = Some(opened);
        }
    }

    /// Frames on the wire: a question, and what came after it.
    pub fn heard(&mut self, wiring: &Wiring, layout: &[Port], question: &Seen, came: &Seen) {
        self.with_settings(&wiring.boards);
        let locks: Vec<Port> = layout.iter().map(|door| wiring.lock(*door)).collect();
        let Ok(codec) = Codec::new(&wiring.boards) else {
            return;
        };
        let Some(request) = question.request(&codec, &locks) else {
            return;
        };
        let key = match request {
            Request::Board { jumper } => Port { jumper, serial: 0 },
            Request::Door(lock) => lock,
            Request::Open(_) | Request::Off { .. } => return,
        };
        // An adapter that hears itself gives the question first.
        let bytes = match came.bytes.strip_prefix(question.bytes.as_slice()) {
            Some(rest) if !rest.is_empty() => rest,
            _ => &came.bytes,
        };
        if let Some(reading) = read(&wiring.boards, request, bytes) {
            self.reads(key, reading, came.at);
        }
    }

    /// What was found, once it can be told: when the contact came back, or did not move at all. With `now_or_never` it is not waited for any more.
    pub fn finish(&mut self, wiring: &Wiring, layout: &[Port], now: Millis, now_or_never: bool) -> Option<Verdict> {
        let running = self.running.as_ref()?;
        let opened = running.opened?;
        let moved = running.states.iter().any(|state| Some(state) != running.states.first());
        let back = running.states.last() == running.states.first();
        let told = if moved {
            back
        } else {
            now.since(running.since) >= UNMOVED_MS || running.states.is_empty() || !wiring.boards.contacts
        };
        if !told && !now_or_never {
            return None;
        }
        let running = self.running.take()?;
        Some(self.judge(&running, opened, wiring, layout))
    }

    /// What was heard under other settings says nothing.
    fn with_settings(&mut self, settings: &Settings) {
        if self.settings.as_ref() != Some(settings) {
            self.boards.clear();
            self.running = None;
            self.settings = Some(settings.clone());
        }
    }

    fn reads(&mut self, key: Port, reading: Reading, at: Millis) {
        let place = self.boards.iter().position(|board| board.key == key);
        let place = place.unwrap_or_else(|| {
            self.boards.push(Board {
                key,
                known: None,
                candidate: None,
            });
            self.boards.len() - 1
        });
        let board = &mut self.boards[place];
        if board.known == Some(reading) {
            board.candidate = None;
            return;
        }
        match board.candidate {
            // The same answer, in pieces.
            Some((candidate, since)) if candidate == reading && since == at => return,
            Some((candidate, _)) if candidate == reading => {}
            _ => {
                board.candidate = Some((reading, at));
                return;
            }
        }
        (board.known, board.candidate) = (Some(reading), None);
        if let Some(running) = self.running.as_mut().filter(|one| one.key == key)
            && !running.states.is_empty()
            && running.states.len() < STATES_MAX
        {
            running.states.push(reading);
        }
    }

    fn judge(&mut self, running: &Running, opened: Port, wiring: &Wiring, layout: &[Port]) -> Verdict {
        let mut right = wiring.clone();
        let wires = self.judge_wires(running, opened, &mut right, layout);
        let contact = judge_contact(running, opened, &mut right.boards);
        Verdict {
            asked: running.asked,
            wires,
            contact,
            inverted: right.boards.inverted != wiring.boards.inverted,
            reordered: right.boards.byte_order != wiring.boards.byte_order,
            wiring: (right != *wiring).then_some(right),
        }
    }

    fn judge_wires(&mut self, running: &Running, opened: Port, wiring: &mut Wiring, layout: &[Port]) -> Wires {
        let (asked, lock) = (running.asked, running.lock);
        self.found.retain(|(known, _)| *known != lock);
        self.found.push((lock, opened));
        if opened == asked {
            return Wires::Right;
        }
        if let Some(shifted) = self.shifted(lock, opened, wiring, layout) {
            *wiring = shifted;
            return Wires::Offset { jumper: lock.jumper };
        }
        let mut swapped = wiring.clone();
        swapped.swap(asked, opened);
        if swapped.check(layout).is_err() {
            return Wires::Wrong;
        }
        *wiring = swapped;
        Wires::Swapped(asked, opened)
    }

    /// All locks of the board one place off, if another lock shows it too. Of two swapped wires the second lock opens the first door; here it opens the next
    /// one: lock 1 door 2, lock 2 door 3.
    fn shifted(&self, lock: Port, opened: Port, wiring: &Wiring, layout: &[Port]) -> Option<Wiring> {
        let by = opened.serial - lock.serial;
        if opened.jumper != lock.jumper || by.abs() != 1 {
            return None;
        }
        let here = self.found.iter().filter(|(known, _)| known.jumper == lock.jumper);
        let fits = |(known, door): &&(Port, Port)| door.jumper == known.jumper && door.serial - known.serial == by;
        let next = |(known, _): &(Port, Port)| (known.serial - lock.serial).abs() == 1;
        if !here.clone().any(|one| fits(&one) && next(one)) {
            return None;
        }
        let codec = Codec::new(&wiring.boards).ok()?;
        let doors: Vec<Port> = layout
            .iter()
            .copied()
            .filter(|door| door.jumper == lock.jumper)
            .collect();
        let place = |door: Port| Port {
            serial: door.serial - by,
            ..door
        };
        // A lock that opened otherwise than by the offset: it is none, unless its door has no place by it.
        if here.clone().any(|one| !fits(&one) && codec.has(place(one.1))) {
            return None;
        }
        let mut shifted = wiring.clone();
        shifted.wires.retain(|wire| !doors.contains(&wire.door));
        let of_others: Vec<Port> = layout
            .iter()
            .filter(|door| !doors.contains(door))
            .map(|door| shifted.lock(*door))
            .collect();
        let mut locks: Vec<(Port, Option<Port>)> = doors
            .iter()
            .map(|door| {
                (
                    *door,
                    Some(place(*door)).filter(|lock| codec.has(*lock) && !of_others.contains(lock)),
                )
            })
            .collect();
        // The door at the end has the lock that is left over.
        for at in 0..locks.len() {
            if locks[at].1.is_none() {
                let taken = |lock: &Port| of_others.contains(lock) || locks.iter().any(|(_, one)| *one == Some(*lock));
                let left = doors.iter().copied().find(|lock| !taken(lock))?;
                locks[at].1 = Some(left);
            }
        }
        let moved = locks.into_iter().filter_map(|(door, lock)| Some((door, lock?)));
        shifted.wires.extend(
            moved
                .filter(|(door, lock)| door != lock)
                .map(|(door, lock)| super::Wire { door, lock }),
        );
        shifted.check(layout).is_ok().then_some(shifted)
    }
}

/// Where readings of the board of a lock are kept.
fn key_of(settings: &Settings, lock: Port) -> Port {
    let whole = Codec::new(settings).is_ok_and(|codec| codec.asks_boards());
    if whole { Port { serial: 0, ..lock } } else { lock }
}

/// What an answer says about contacts; one about a single door counts only where boards cannot be asked as a whole.
fn read(settings: &Settings, request: Request, bytes: &[u8]) -> Option<Reading> {
    let codec = Codec::new(settings).ok()?;
    match (request, codec.decode(request, bytes)?) {
        (Request::Board { .. }, Answer::Doors(set)) => {
            let other = Codec::new(&reordered(settings)).ok()?.decode(request, bytes)?;
            let Answer::Doors(other) = other else { return None };
            Some(Reading { set, other })
        }
        (Request::Door(lock), Answer::Door { open }) if !codec.asks_boards() => {
            let set = if open { bit(lock.serial) } else { 0 };
            Some(Reading { set, other: set })
        }
        _ => None,
    }
}

/// The contact of an output is where the output is; where lock wires are swapped, it may be where the door is.
fn judge_contact(running: &Running, opened: Port, settings: &mut Settings) -> Contact {
    let (Some(first), true) = (running.states.first(), settings.contacts) else {
        return Contact::Untold;
    };
    if running.states.iter().all(|state| state == first) {
        return Contact::Unmoved;
    }
    if running.states.last() != Some(first) {
        return Contact::Untold;
    }
    let moved = |of: fn(&Reading) -> u64| {
        running
            .states
            .iter()
            .fold(0, |bits, state| bits | (of(state) ^ of(first)))
    };
    let places = [running.lock.serial]
        .into_iter()
        .chain((opened.jumper == running.lock.jumper).then_some(opened.serial));
    let (set, other) = (moved(|state| state.set), moved(|state| state.other));
    for place in places {
        let was_open = if set == bit(place) {
            first.set & bit(place) != 0
        } else if other == bit(place) {
            *settings = reordered(settings);
            first.other & bit(place) != 0
        } else {
            continue;
        };
        settings.inverted ^= was_open;
        return if place == running.lock.serial {
            Contact::Right
        } else {
            Contact::Elsewhere(place)
        };
    }
    if set.is_power_of_two() {
        Contact::Elsewhere(i64::from(set.trailing_zeros()) + 1)
    } else {
        Contact::Untold
    }
}

fn bit(serial: i64) -> u64 {
    u32::try_from(serial - 1)
        .ok()
        .and_then(|place| 1_u64.checked_shl(place))
        .unwrap_or(0)
}

/// With the other order of status bytes, where boards of this kind have two.
fn reordered(settings: &Settings) -> Settings {
    let mut other = settings.clone();
    if settings.kind == Kind::Xor8a {
        other.byte_order = match settings.byte_order {
            ByteOrder::LastFirst => ByteOrder::FirstFirst,
            ByteOrder::FirstFirst => ByteOrder::LastFirst,
        };
    }
    other
}
