//! The doors of a kiosk behind one or several adapters: one [`Bus`] for each adapter, and the doors' names translated to the places of their locks.
//!
//! A driver, in the kiosk's page or in a process beside it, has nothing to decide: it opens lines, carries bytes and does what [`Cabinet::step`] answers.
//! Where adapters have no paths, a line belongs to the adapter whose boards answer on it.

use super::bus::{self, BoardState, Bus, Report};
use super::scan::{self, Found, Scan, ScanWish};
use super::{Frame, Wiring, WiringFault};
use crate::ids::{Millis, Port};
use crate::order::sort_by_numbers;
use serde::{Deserialize, Serialize};

/// The most locks that open for one door.
pub const JOINED_MAX: usize = 8;

/// So long a search waits for a line to be opened.
const LINE_MS: i64 = 5_000;
/// After the first line, so long for the others.
const OTHERS_MS: i64 = 500;

/// What the kiosk wants of its doors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// Open a door; several where it is joined to others.
    Open {
        /// The number of the opening; each is greater than those before.
        attempt: u64,
        /// Its doors, one after the other.
        doors: Vec<Port>,
        /// When it was asked.
        asked: Millis,
    },
    /// Nobody waits for this opening any more.
    Forget {
        /// Its number.
        attempt: u64,
    },
    /// Look for boards. Nothing can be opened meanwhile.
    Scan(ScanWish),
    /// Enough of that.
    StopScan,
}

/// What happens to the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A line is open, at the speed of [`Cabinet::baud`].
    Up(usize),
    /// A line is gone or closed.
    Lost(usize),
    /// Bytes came on a line.
    Bytes(usize, &'a [u8]),
    /// The kiosk wants something.
    Wish(&'a Wish),
    /// The program is about to end: coils off, nothing more is opened.
    Leaving,
    /// Time passes; wanted at the moment [`Cabinet::wakes_at`] says.
    Tick,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes to a line.
    Write(usize, Frame),
    /// Close a line, and open it again at the speed of [`Cabinet::baud`].
    Reopen(usize),
    /// Tell the kiosk. Doors are named as the layout has them.
    Report(Report),
    /// Tell the technician.
    Found(Found),
}

/// How far it is known which line is an adapter's.
#[derive(Clone, Debug)]
struct Slot {
    bus: Bus,
    line: Option<usize>,
    /// A board of it answered on this line.
    known: bool,
}

#[derive(Clone, Debug)]
struct Line {
    number: usize,
    up: bool,
    /// Adapters whose boards did not answer on it.
    tried: Vec<usize>,
}

/// The doors of a kiosk.
#[derive(Clone, Debug)]
pub struct Cabinet {
    wiring: Wiring,
    /// Doors of the layout and their locks.
    doors: Vec<(Port, Port)>,
    slots: Vec<Slot>,
    lines: Vec<Line>,
    /// The number of a line is that of its adapter.
    fixed: bool,
    scan: Option<Scan>,
    /// A search that waits for a line to be opened, and until when.
    waiting: Option<(ScanWish, Millis)>,
    now: Millis,
    out: Vec<Output>,
}

impl Cabinet {
    /// The doors of this layout. With `fixed`, a line has the number of its adapter; without, lines and adapters find each other.
    ///
    /// # Errors
    /// What keeps the wiring from being used.
    pub fn new(wiring: &Wiring, layout: &[Port], fixed: bool) -> Result<Self, WiringFault> {
        wiring.check(layout)?;
        let doors: Vec<(Port, Port)> = layout.iter().map(|door| (*door, wiring.lock(*door))).collect();
        let mut slots = Vec::new();
        for adapter in 0..wiring.adapters.len() {
            let locks: Vec<Port> = doors
                .iter()
                .map(|(_, lock)| *lock)
                .filter(|lock| wiring.adapter_of(*lock) == Some(adapter))
                .collect();
            slots.push(Slot {
                bus: Bus::new(&wiring.boards, &locks)?,
                line: None,
                known: false,
            });
        }
        Ok(Self {
            wiring: wiring.clone(),
            doors,
            slots,
            lines: Vec::new(),
            fixed,
            scan: None,
            waiting: None,
            now: Millis::default(),
            out: Vec::new(),
        })
    }

    /// The speed at which a line is to be opened.
    pub fn baud(&self, line: usize) -> u32 {
        let of_scan = self.scan.as_ref().and_then(|scan| scan.baud(line));
        of_scan.unwrap_or(self.wiring.boards.baud)
    }

    /// How a board last answered; `None` before it was asked.
    pub fn board(&self, jumper: i64) -> Option<BoardState> {
        self.slots.iter().find_map(|slot| slot.bus.board(jumper))
    }

    /// The frame of an opening has not been sent: a wire is not free yet.
    pub fn opening_waits(&self) -> bool {
        self.slots.iter().any(|slot| slot.bus.opening_waits())
    }

    /// What a door's contact reads, where that is known.
    pub fn reads(&self, door: Port) -> Option<bool> {
        let lock = self.lock_of(door)?;
        self.slots.iter().find_map(|slot| slot.bus.reads(lock))
    }

    /// One step: what happened goes in, what has to be done comes out.
    pub fn step(&mut self, input: Input<'_>, now: Millis) -> Vec<Output> {
        self.now = self.now.max(now);
        match input {
            Input::Up(line) => self.up(line),
            Input::Lost(line) => self.lost(line),
            Input::Bytes(line, bytes) => self.bytes(line, bytes),
            Input::Wish(wish) => self.wish(wish),
            Input::Leaving => {
                for slot in 0..self.slots.len() {
                    self.of_bus(slot, bus::Input::Leaving);
                }
            }
            Input::Tick => {}
        }
        self.time_passed();
        std::mem::take(&mut self.out)
    }

    /// When the next [`Input::Tick`] is wanted.
    pub fn wakes_at(&self) -> Option<Millis> {
        let of_scan = self.scan.as_ref().and_then(Scan::wakes_at);
        let of_buses = self.slots.iter().filter_map(|slot| slot.bus.wakes_at());
        let of_waiting = self.waiting.as_ref().map(|(_, until)| *until);
        of_buses.chain(of_scan).chain(of_waiting).min()
    }

    fn up(&mut self, line: usize) {
        let was_up = self.lines.iter().any(|one| one.number == line && one.up);
        if was_up {
            self.lost(line);
        }
        match self.lines.iter_mut().find(|one| one.number == line) {
            Some(one) => one.up = true,
            None => self.lines.push(Line {
                number: line,
                up: true,
                tried: Vec::new(),
            }),
        }
        if let Some((_, until)) = &mut self.waiting {
            *until = (*until).min(self.now.plus(OTHERS_MS));
        }
        if let Some(scan) = &mut self.scan {
            scan.up(line, self.now);
        } else {
            self.match_lines();
        }
    }

    fn lost(&mut self, line: usize) {
        if let Some(one) = self.lines.iter_mut().find(|one| one.number == line) {
            one.up = false;
            one.tried.clear();
        }
        if let Some(slot) = self.slot_on(line) {
            (self.slots[slot].line, self.slots[slot].known) = (None, false);
            self.of_bus(slot, bus::Input::Lost);
        }
        if let Some(scan) = &mut self.scan {
            let mut out = Vec::new();
            scan.lost(line, self.now, &mut out);
            self.of_scan(out);
        } else {
            self.match_lines();
        }
    }

    fn bytes(&mut self, line: usize, bytes: &[u8]) {
        if let Some(scan) = &mut self.scan {
            scan.bytes(line, bytes, self.now);
        } else if let Some(slot) = self.slot_on(line) {
            self.of_bus(slot, bus::Input::Bytes(bytes));
        }
    }

    fn wish(&mut self, wish: &Wish) {
        match wish {
            Wish::Open { attempt, doors, asked } => {
                for door in doors.iter().take(JOINED_MAX) {
                    self.open(*attempt, *door, *asked);
                }
            }
            Wish::Forget { attempt } => {
                for slot in 0..self.slots.len() {
                    self.of_bus(slot, bus::Input::Forget { attempt: *attempt });
                }
            }
            Wish::Scan(wish) => self.begin_scan(wish),
            Wish::StopScan => {
                self.waiting = None;
                self.end_scan();
            }
        }
    }

    fn open(&mut self, attempt: u64, door: Port, asked: Millis) {
        let lock = self.lock_of(door);
        let slot = lock.and_then(|lock| self.wiring.adapter_of(lock));
        match (lock, slot) {
            (Some(port), Some(slot)) if self.scan.is_none() && self.waiting.is_none() => {
                self.of_bus(slot, bus::Input::Open { attempt, port, asked });
            }
            _ => self.out.push(Output::Report(Report::NotSent { attempt, port: door })),
        }
    }

    fn time_passed(&mut self) {
        if let Some((wish, _)) = self.waiting.take_if(|(_, until)| self.now >= *until) {
            self.start_scan(&wish);
        }
        if let Some(scan) = &mut self.scan {
            let mut out = Vec::new();
            scan.tick(self.now, &mut out);
            let done = scan.is_done();
            self.of_scan(out);
            if done {
                self.end_scan();
            }
        }
        for slot in 0..self.slots.len() {
            self.of_bus(slot, bus::Input::Tick);
        }
        if !self.fixed && self.scan.is_none() {
            self.give_up_wrong_lines();
            self.match_lines();
        }
    }

    /// One step of an adapter's wire.
    fn of_bus(&mut self, slot: usize, input: bus::Input<'_>) {
        let line = self.slots[slot].line;
        for output in self.slots[slot].bus.step(input, self.now) {
            match (output, line) {
                (bus::Output::Write(frame), Some(line)) => self.out.push(Output::Write(line, frame)),
                (bus::Output::Reopen, Some(line)) => self.out.push(Output::Reopen(line)),
                (bus::Output::Write(_) | bus::Output::Reopen, None) => {}
                (bus::Output::Report(report), _) => {
                    if matches!(
                        report,
                        Report::Board {
                            state: BoardState::Ok,
                            ..
                        }
                    ) {
                        self.slots[slot].known = true;
                    }
                    let report = self.named(report);
                    self.out.push(Output::Report(report));
                }
            }
        }
    }

    fn of_scan(&mut self, outputs: Vec<scan::Output>) {
        self.out.extend(outputs.into_iter().map(|output| match output {
            scan::Output::Write(line, frame) => Output::Write(line, frame),
            scan::Output::Reopen(line, _) => Output::Reopen(line),
            scan::Output::Found(found) => Output::Found(found),
        }));
    }

    /// Every free line to the next adapter that has none.
    fn match_lines(&mut self) {
        for at in 0..self.lines.len() {
            let (line, up) = (self.lines[at].number, self.lines[at].up);
            if !up || self.slot_on(line).is_some() {
                continue;
            }
            let fixed = self.fixed;
            let serves = |slot| {
                self.doors
                    .iter()
                    .any(|(_, lock)| self.wiring.adapter_of(*lock) == Some(slot))
            };
            let free =
                |slot: &usize| self.slots[*slot].line.is_none() && if fixed { *slot == line } else { serves(*slot) };
            let candidates: Vec<usize> = (0..self.slots.len()).filter(free).collect();
            let tried = &self.lines[at].tried;
            // One that is being tried elsewhere may be this line's, once it is given up there.
            let waits = (0..self.slots.len()).any(|slot| {
                let one = &self.slots[slot];
                !one.known && one.line.is_some() && !tried.contains(&slot)
            });
            let next = match (candidates.iter().find(|slot| !tried.contains(slot)), candidates.first()) {
                (Some(untried), _) => *untried,
                (None, Some(first)) if !waits => {
                    self.lines[at].tried.clear();
                    *first
                }
                _ => continue,
            };
            self.slots[next].line = Some(line);
            self.of_bus(next, bus::Input::Up);
        }
    }

    /// Where no board of an adapter answers, it is perhaps another line's.
    fn give_up_wrong_lines(&mut self) {
        let free_line = self
            .lines
            .iter()
            .any(|line| line.up && self.slot_on(line.number).is_none());
        let served = |slot: usize| {
            self.doors
                .iter()
                .any(|(_, lock)| self.wiring.adapter_of(*lock) == Some(slot))
        };
        let free_slot = (0..self.slots.len()).any(|slot| self.slots[slot].line.is_none() && served(slot));
        let undecided = self
            .slots
            .iter()
            .filter(|slot| !slot.known && slot.line.is_some())
            .count();
        if undecided == 0 || (!free_line && !free_slot && undecided < 2) {
            return;
        }
        let wrong = (0..self.slots.len()).find(|slot| {
            let slot = &self.slots[*slot];
            let states: Vec<_> = self
                .doors
                .iter()
                .filter_map(|(_, lock)| slot.bus.board(lock.jumper))
                .collect();
            let silent = |state: &BoardState| *state != BoardState::Ok && *state != BoardState::Lost;
            !slot.known && slot.line.is_some() && !states.is_empty() && states.iter().all(silent)
        });
        let Some(slot) = wrong else { return };
        let line = self.slots[slot].line.take();
        self.of_bus(slot, bus::Input::Lost);
        if let Some(line) = self.lines.iter_mut().find(|one| Some(one.number) == line) {
            line.tried.push(slot);
            // Others are served first.
            let line = line.clone();
            self.lines.retain(|one| one.number != line.number);
            self.lines.push(line);
        }
    }

    /// At once where a line is open. After new settings no line may be open yet.
    fn begin_scan(&mut self, wish: &ScanWish) {
        if self.lines.iter().any(|line| line.up) {
            self.start_scan(wish);
        } else {
            self.waiting = Some((wish.clone(), self.now.plus(LINE_MS)));
        }
    }

    fn start_scan(&mut self, wish: &ScanWish) {
        for slot in 0..self.slots.len() {
            // A coil that is powered is switched off while its line is still there.
            self.of_bus(slot, bus::Input::Leaving);
            (self.slots[slot].line, self.slots[slot].known) = (None, false);
            self.of_bus(slot, bus::Input::Lost);
        }
        let mut lines: Vec<usize> = self.lines.iter().map(|line| line.number).collect();
        sort_by_numbers(&mut lines, |line| (i64::try_from(*line).unwrap_or(i64::MAX), 0));
        let (scan, out) = Scan::new(wish, &lines, self.now);
        self.scan = Some(scan);
        self.of_scan(out);
    }

    /// Every line is opened again, at the speed of the settings.
    fn end_scan(&mut self) {
        if self.scan.take().is_some() {
            let lines = self.lines.iter().map(|line| Output::Reopen(line.number));
            self.out.extend(lines);
        }
    }

    fn slot_on(&self, line: usize) -> Option<usize> {
        self.slots.iter().position(|slot| slot.line == Some(line))
    }

    fn lock_of(&self, door: Port) -> Option<Port> {
        self.doors.iter().find(|(name, _)| *name == door).map(|(_, lock)| *lock)
    }

    /// The same report, with the door's name instead of its lock's place.
    fn named(&self, report: Report) -> Report {
        let name = |lock: Port| {
            self.doors
                .iter()
                .find(|(_, place)| *place == lock)
                .map_or(lock, |(door, _)| *door)
        };
        match report {
            Report::Released { attempt, port } => Report::Released {
                attempt,
                port: name(port),
            },
            Report::Opened { attempt, port, moved } => Report::Opened {
                attempt,
                port: name(port),
                moved,
            },
            Report::Closed { attempt, port } => Report::Closed {
                attempt,
                port: name(port),
            },
            Report::NotOpened { attempt, port, why } => Report::NotOpened {
                attempt,
                port: name(port),
                why,
            },
            Report::Unsure { attempt, port } => Report::Unsure {
                attempt,
                port: name(port),
            },
            Report::NotSent { attempt, port } => Report::NotSent {
                attempt,
                port: name(port),
            },
            Report::Forced { port } => Report::Forced { port: name(port) },
            Report::Reads { port, open } => Report::Reads { port: name(port), open },
            Report::Board { .. } => report,
        }
    }
}
