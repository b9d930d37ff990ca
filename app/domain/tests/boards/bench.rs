//! Lock boards on the work bench: they do what their documents say, with faults to order, and keep account of their coils.

use super::{sums, *};
use domain::boards::bus::{BoardState, Bus, Input, Output, Report, Why};
use domain::ids::Millis;
use std::collections::BTreeMap;

/// What a contact does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    Works,
    /// A cut cable.
    ReadsOpen,
    ReadsClosed,
}

#[derive(Clone, Copy, Debug)]
pub struct Door {
    pub open: bool,
    /// It stays shut when it is released.
    pub jammed: bool,
    pub contact: Contact,
    /// Until then the contact reads the opposite at every other look.
    pub bounces_until: Millis,
    /// How many of the next readings are inverted.
    pub glitches: u32,
    looks: u32,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            open: false,
            jammed: false,
            contact: Contact::Works,
            bounces_until: Millis(0),
            glitches: 0,
            looks: 0,
        }
    }
}

/// What goes wrong on the wire.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The adapter hears itself.
    pub echo: bool,
    /// Nothing comes back.
    pub deaf: bool,
    /// The number of the next replies to openings that are lost.
    pub lost_acknowledgements: u32,
    /// This bit of every reply is wrong, counted from its beginning.
    pub wrong_bit: Option<usize>,
    /// Every reply comes twice.
    pub doubled: bool,
    /// Replies come so much later.
    pub late_ms: i64,
    /// Before every reply.
    pub junk: Vec<u8>,
    /// Only this number of bytes of a reply come.
    pub cut: Option<usize>,
    /// "Off" is not heard by the board, this number of times.
    pub lost_offs: u32,
    /// Replies carry the address of the next board, with a sum that fits.
    pub as_another: bool,
}

pub struct Bench {
    pub bus: Bus,
    pub settings: Settings,
    pub layout: Vec<Port>,
    pub now: Millis,
    pub doors: BTreeMap<Port, Door>,
    /// Boards that are there.
    pub boards: Vec<i64>,
    pub faults: Faults,
    /// OTO: the outputs of each board.
    pub outputs: BTreeMap<i64, u16>,
    /// Every time a coil got power, and which.
    pub pulses: Vec<(Millis, Port)>,
    /// For how long coils of OTO boards were powered, each time.
    pub powered_for: Vec<i64>,
    powered_since: Option<Millis>,
    pub written: Vec<(Millis, Vec<u8>)>,
    pub reports: Vec<(Millis, Report)>,
    pub reopens: u32,
    coming: Vec<(Millis, Vec<u8>)>,
    pub up: bool,
}

impl Bench {
    pub fn new(kind: Kind) -> Self {
        let layout = match kind {
            Kind::OtoSingle => (1..=4).map(|jumper| port(jumper, 1)).collect(),
            _ => (1..=2)
                .flat_map(|jumper| (1..=8).map(move |serial| port(jumper, serial)))
                .collect(),
        };
        Self::with(Settings::of(kind), layout)
    }

    pub fn with(settings: Settings, layout: Vec<Port>) -> Self {
        let mut boards: Vec<i64> = layout.iter().map(|port| port.jumper).collect();
        boards.dedup();
        Self {
            bus: Bus::new(&settings, &layout).unwrap(),
            settings,
            now: Millis(1_000_000),
            doors: layout.iter().map(|port| (*port, Door::default())).collect(),
            layout,
            boards,
            faults: Faults::default(),
            outputs: BTreeMap::new(),
            pulses: Vec::new(),
            powered_for: Vec::new(),
            powered_since: None,
            written: Vec::new(),
            reports: Vec::new(),
            reopens: 0,
            coming: Vec::new(),
            up: false,
        }
    }

    /// Connected, understood, and past the time in which nothing is called forced.
    pub fn ready(kind: Kind) -> Self {
        let mut bench = Self::new(kind);
        bench.connect();
        bench.run(15_000);
        bench.reports.clear();
        bench.written.clear();
        bench
    }

    pub fn connect(&mut self) {
        self.up = true;
        self.does(Input::Up);
    }

    pub fn lose(&mut self) {
        self.up = false;
        self.coming.clear();
        self.does(Input::Lost);
    }

    /// The program is killed and starts again; the boards go on as they are.
    pub fn restart(&mut self) {
        self.bus = Bus::new(&self.settings, &self.layout).unwrap();
        self.coming.clear();
        self.connect();
    }

    pub fn open(&mut self, attempt: u64, port: Port) {
        let asked = self.now;
        self.does(Input::Open { attempt, port, asked });
    }

    pub fn close(&mut self, port: Port) {
        self.door(port).open = false;
    }

    pub fn door(&mut self, port: Port) -> &mut Door {
        self.doors.get_mut(&port).unwrap()
    }

    pub fn noise(&mut self, bytes: &[u8]) {
        self.does(Input::Bytes(bytes));
    }

    pub fn does(&mut self, input: Input<'_>) {
        let outputs = self.bus.step(input, self.now);
        for output in outputs {
            match output {
                Output::Write(frame) => {
                    self.written.push((self.now, frame.bytes().to_vec()));
                    if self.up {
                        self.board_hears(frame.bytes());
                    }
                }
                Output::Report(report) => self.reports.push((self.now, report)),
                Output::Reopen => self.reopens += 1,
            }
        }
    }

    /// Time passes.
    pub fn run(&mut self, millis: i64) {
        let end = self.now.plus(millis);
        loop {
            let comes = self.coming.iter().map(|(at, _)| *at).min();
            let wakes = self.bus.wakes_at();
            let Some(next) = comes.into_iter().chain(wakes).min().filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            if comes.is_some_and(|at| at <= self.now) {
                let at = self.coming.iter().position(|(at, _)| Some(*at) == comes).unwrap();
                let (_, bytes) = self.coming.remove(at);
                self.does(Input::Bytes(&bytes));
            } else {
                self.does(Input::Tick);
            }
        }
    }

    /// Runs until something is reported that fits, or panics.
    pub fn until(&mut self, millis: i64, fits: impl Fn(&Report) -> bool) -> Millis {
        let end = self.now.plus(millis);
        let from = self.reports.len();
        while self.now < end {
            self.run(5);
            if let Some((at, _)) = self.reports[from..].iter().find(|(_, report)| fits(report)) {
                return *at;
            }
        }
        panic!("not reported in {millis} ms: {:?}", self.reports);
    }

    pub fn has(&self, fits: impl Fn(&Report) -> bool) -> bool {
        self.reports.iter().any(|(_, report)| fits(report))
    }

    pub fn count(&self, fits: impl Fn(&Report) -> bool) -> usize {
        self.reports.iter().filter(|(_, report)| fits(report)).count()
    }

    /// Reports about openings only.
    pub fn story(&self) -> Vec<Report> {
        let of_openings = |report: &Report| !matches!(report, Report::Board { .. } | Report::Reads { .. });
        self.reports
            .iter()
            .map(|(_, report)| *report)
            .filter(of_openings)
            .collect()
    }

    pub fn powered(&self) -> bool {
        self.outputs.values().any(|outputs| *outputs != 0)
    }

    fn pulse(&mut self, port: Port) {
        self.pulses.push((self.now, port));
        if let Some(door) = self.doors.get_mut(&port)
            && !door.jammed
        {
            door.open = true;
        }
    }

    fn reads_open(&mut self, port: Port) -> bool {
        let now = self.now;
        let Some(door) = self.doors.get_mut(&port) else {
            return false;
        };
        door.looks += 1;
        if door.glitches > 0 {
            door.glitches -= 1;
            return !door.open;
        }
        match door.contact {
            Contact::ReadsOpen => true,
            Contact::ReadsClosed => false,
            Contact::Works if now < door.bounces_until && door.looks.is_multiple_of(2) => !door.open,
            Contact::Works => door.open,
        }
    }

    /// The contacts of a board, bit n - 1 for door n.
    fn bits(&mut self, jumper: i64) -> u64 {
        (1..=48)
            .filter(|serial| self.reads_open(port(jumper, *serial)))
            .map(|serial| 1 << (serial - 1))
            .sum()
    }

    fn set_outputs(&mut self, jumper: i64, mask: u16) {
        let before = self.outputs.insert(jumper, mask).unwrap_or(0);
        for serial in 1..=16 {
            if mask & !before & (1 << (serial - 1)) != 0 {
                self.pulse(port(jumper, serial));
            }
        }
        match (self.powered_since, self.powered()) {
            (None, true) => self.powered_since = Some(self.now),
            (Some(since), false) => {
                self.powered_for.push(self.now.since(since));
                self.powered_since = None;
            }
            _ => {}
        }
    }

    fn board_hears(&mut self, frame: &[u8]) {
        if self.faults.echo {
            self.coming.push((self.now.plus(8), frame.to_vec()));
        }
        let opening = self.pulses.len();
        let Some((reply, after)) = self.reply(frame) else {
            return;
        };
        let is_opening = self.pulses.len() > opening || after > 100;
        if self.faults.deaf {
            return;
        }
        if is_opening && self.faults.lost_acknowledgements > 0 {
            self.faults.lost_acknowledgements -= 1;
            return;
        }
        self.send_back(reply, after);
    }

    /// The same reply from the next board.
    fn as_another_would(&self, reply: &[u8]) -> Vec<u8> {
        let (at, by) = match self.settings.kind {
            Kind::Xor8a | Kind::Cu48 | Kind::Cu48Counted => (1, 1),
            Kind::Cu16 => (1, 16),
            Kind::Dc12 => (2, 1),
            Kind::Wkly => (5, 1),
            _ => (0, 1),
        };
        let sum = match self.settings.kind {
            Kind::Oto | Kind::OtoSingle | Kind::Relay => 2,
            _ => 1,
        };
        let mut body = reply[..reply.len() - sum].to_vec();
        body[at] += by;
        match self.settings.kind {
            Kind::Oto | Kind::OtoSingle | Kind::Relay => sums::with_crc(&body),
            Kind::Xor8a | Kind::Wkly => sums::with_parity(&body),
            Kind::Dc12 => sums::with_total(&body, 2),
            _ => sums::with_total(&body, 0),
        }
    }

    fn send_back(&mut self, mut reply: Vec<u8>, after: i64) {
        if self.faults.as_another {
            reply = self.as_another_would(&reply);
        }
        if let Some(bit) = self.faults.wrong_bit {
            let bit = bit % (reply.len() * 8);
            reply[bit / 8] ^= 1 << (bit % 8);
        }
        reply.truncate(self.faults.cut.unwrap_or(usize::MAX));
        let at = self.now.plus(after + self.faults.late_ms);
        let bytes = [self.faults.junk.clone(), reply].concat();
        // In two pieces, as browsers hand them over.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        self.coming.push((at, first.to_vec()));
        self.coming.push((at.plus(2), second.to_vec()));
        if self.faults.doubled {
            self.coming.push((at.plus(9), bytes));
        }
    }

    /// What the board answers, and after how many milliseconds.
    fn reply(&mut self, frame: &[u8]) -> Option<(Vec<u8>, i64)> {
        let there = |bench: &Self, board: u8| bench.boards.contains(&i64::from(board));
        match (self.settings.kind, frame) {
            (Kind::Oto | Kind::OtoSingle, &[board, 1, command, low, high, _, _]) if there(self, board) => {
                let jumper = i64::from(board);
                if command == 2 && (low, high) == (0, 0) && self.faults.lost_offs > 0 {
                    self.faults.lost_offs -= 1;
                    return None;
                }
                if command == 2 {
                    self.set_outputs(jumper, u16::from_le_bytes([low, high]));
                    return Some((sums::with_crc(&frame[..5]), 15));
                }
                let [low, high, ..] = self.bits(jumper).to_le_bytes();
                Some((sums::with_crc(&[board, 1, 1, low, high]), 15))
            }
            (Kind::Xor8a, &[0x8A, board, door, 0x11, _]) if there(self, board) => {
                let port = port(i64::from(board), i64::from(door));
                self.pulse(port);
                let level = if self.reads_open(port) { 0x00 } else { 0x11 };
                Some((sums::with_parity(&[0x8A, board, door, level]), 500))
            }
            (Kind::Xor8a, &[0x80, board, 0, 0x33, _]) if there(self, board) => {
                let [one, two, three, ..] = self.bits(i64::from(board)).to_le_bytes();
                Some((sums::with_parity(&[0x80, board, three, two, one, 0x33]), 15))
            }
            (Kind::Xor8a, &[0x80, board, door, 0x33, _]) if there(self, board) => {
                let open = self.reads_open(port(i64::from(board), i64::from(door)));
                let level = if open { 0x00 } else { 0x11 };
                Some((sums::with_parity(&[0x80, board, door, level]), 15))
            }
            (Kind::Cu16, &[2, address, command, 3, _]) if there(self, (address >> 4) + 1) => {
                let jumper = i64::from(address >> 4) + 1;
                if command == 0x31 {
                    self.pulse(port(jumper, i64::from(address & 15) + 1));
                    return None;
                }
                let [low, high, ..] = (!self.bits(jumper)).to_le_bytes();
                Some((sums::with_total(&[2, address, 0x35, low, high, 0, 0, 3], 0), 12))
            }
            (Kind::Cu48 | Kind::Cu48Counted, &[2, board, lock, command, 3, _]) if there(self, board + 1) => {
                let jumper = i64::from(board) + 1;
                if command & 1 == 1 {
                    self.pulse(port(jumper, i64::from(lock) + 1));
                    return None;
                }
                let bytes = (!self.bits(jumper)).to_le_bytes();
                let head: &[u8] = if self.settings.kind == Kind::Cu48 {
                    &[0x65]
                } else {
                    &[0x75, 6]
                };
                let body = [&[2, board, 0], head, &bytes[..6], &[3]].concat();
                Some((sums::with_total(&body, 0), 14))
            }
            (Kind::Dc12, &[0xDC, 2, board, 0x10, 1, door, _]) if there(self, board) => {
                let port = port(i64::from(board), i64::from(door));
                self.pulse(port);
                let open = u8::from(self.reads_open(port));
                Some((sums::with_total(&[0xDC, 0xFE, board, 0x10, 2, door, open], 2), 400))
            }
            (Kind::Dc12, &[0xDC, 2, board, 0x12, 0, _]) if there(self, board) => {
                let [low, high, ..] = self.bits(i64::from(board)).to_le_bytes();
                Some((sums::with_total(&[0xDC, 0xFE, board, 0x12, 2, high, low], 2), 15))
            }
            (Kind::Wkly, &[0x57, 0x4B, 0x4C, 0x59, 9, board, command, door, _]) if there(self, board + 1) => {
                let port = port(i64::from(board) + 1, i64::from(door));
                if command == 0x82 {
                    self.pulse(port);
                }
                let closed = u8::from(!self.reads_open(port));
                let body = [0x57, 0x4B, 0x4C, 0x59, 0x0B, board, command, 0, door, closed];
                Some((sums::with_parity(&body), if command == 0x82 { 400 } else { 15 }))
            }
            (Kind::Relay, &[board, 5, 2, relay, ..]) if there(self, board) => {
                self.pulse(port(i64::from(board), i64::from(relay) + 1));
                Some((frame.to_vec(), 15))
            }
            (Kind::Relay, &[board, 2, ..]) if there(self, board) => {
                let [low, ..] = (!self.bits(i64::from(board))).to_le_bytes();
                Some((sums::with_crc(&[board, 2, 1, low]), 15))
            }
            _ => None,
        }
    }
}

pub fn released(report: &Report) -> bool {
    matches!(report, Report::Released { .. })
}

pub fn opened(report: &Report) -> bool {
    matches!(report, Report::Opened { .. })
}

pub fn closed(report: &Report) -> bool {
    matches!(report, Report::Closed { .. })
}

pub fn unsure(report: &Report) -> bool {
    matches!(report, Report::Unsure { .. })
}

pub fn not_sent(report: &Report) -> bool {
    matches!(report, Report::NotSent { .. })
}

pub fn not_opened(why: Why) -> impl Fn(&Report) -> bool {
    move |report| matches!(report, Report::NotOpened { why: because, .. } if *because == why)
}

pub fn forced(report: &Report) -> bool {
    matches!(report, Report::Forced { .. })
}

pub fn board_is(jumper: i64, state: BoardState) -> impl Fn(&Report) -> bool {
    move |report| *report == Report::Board { jumper, state }
}
