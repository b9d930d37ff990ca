//! Several adapters, joined and swapped doors, and the search for boards.

use super::{sums, *};
use domain::boards::bus::{BoardState, Report};
use domain::boards::cabinet::{Cabinet, Input, Output, Wish};
use domain::boards::{Adapter, Found, ScanWish, Wiring};
use domain::ids::Millis;
use std::collections::BTreeMap;

/// OTO boards on several lines.
struct Lines {
    cabinet: Cabinet,
    now: Millis,
    /// The boards on each line; one that is there twice answers twice.
    boards: Vec<Vec<u8>>,
    outputs: BTreeMap<u8, u16>,
    echo: bool,
    written: Vec<(usize, Vec<u8>)>,
    reports: Vec<Report>,
    found: Vec<Found>,
    coming: Vec<(Millis, usize, Vec<u8>)>,
    opened_at: Vec<(usize, u32)>,
}

impl Lines {
    fn new(wiring: &Wiring, layout: &[Port], boards: Vec<Vec<u8>>) -> Self {
        Self {
            cabinet: Cabinet::new(wiring, layout, false).unwrap(),
            now: Millis(50_000),
            boards,
            outputs: BTreeMap::new(),
            echo: false,
            written: Vec::new(),
            reports: Vec::new(),
            found: Vec::new(),
            coming: Vec::new(),
            opened_at: Vec::new(),
        }
    }

    fn connected(mut self) -> Self {
        for line in 0..self.boards.len() {
            self.does(Input::Up(line));
        }
        self
    }

    fn does(&mut self, input: Input<'_>) {
        for output in self.cabinet.step(input, self.now) {
            match output {
                Output::Write(line, frame) => self.hears(line, frame.bytes()),
                Output::Report(report) => self.reports.push(report),
                Output::Found(found) => self.found.push(found),
                Output::Reopen(line) => {
                    self.opened_at.push((line, self.cabinet.baud(line)));
                    self.does(Input::Lost(line));
                    self.does(Input::Up(line));
                }
            }
        }
    }

    fn hears(&mut self, line: usize, frame: &[u8]) {
        self.written.push((line, frame.to_vec()));
        if self.echo {
            self.coming.push((self.now.plus(8), line, frame.to_vec()));
        }
        let &[board, 1, command, low, high, ..] = frame else {
            return;
        };
        let times = self.boards[line].iter().filter(|one| **one == board).count();
        if command == 2 && times > 0 {
            self.outputs.insert(board, u16::from_le_bytes([low, high]));
        }
        for time in 0..times {
            let at = self.now.plus(15 + 9 * i64::try_from(time).unwrap());
            self.coming
                .push((at, line, sums::with_crc(&[board, 1, command, low, high])));
        }
    }

    fn run(&mut self, millis: i64) {
        let end = self.now.plus(millis);
        loop {
            let comes = self.coming.iter().map(|(at, ..)| *at).min();
            let next = comes.into_iter().chain(self.cabinet.wakes_at()).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            match self.coming.iter().position(|(at, ..)| *at <= self.now) {
                Some(at) => {
                    let (_, line, bytes) = self.coming.remove(at);
                    self.does(Input::Bytes(line, &bytes));
                }
                None => self.does(Input::Tick),
            }
        }
    }

    fn open(&mut self, attempt: u64, doors: &[Port]) {
        let wish = Wish::Open {
            attempt,
            doors: doors.to_vec(),
            asked: self.now,
        };
        self.does(Input::Wish(&wish));
    }

    fn scan(&mut self, kinds: &[Kind], last: i64) {
        let kinds = kinds.to_vec();
        self.does(Input::Wish(&Wish::Scan(ScanWish { kinds, last })));
    }

    /// Frames that power an output.
    fn on(&self) -> Vec<(usize, Vec<u8>)> {
        let powers = |(_, frame): &&(usize, Vec<u8>)| frame[2] == 2 && (frame[3], frame[4]) != (0, 0);
        self.written.iter().filter(powers).cloned().collect()
    }
}

fn three_adapters() -> Wiring {
    let adapter = |first, last| Adapter {
        path: String::new(),
        first,
        last,
    };
    Wiring {
        adapters: vec![adapter(1, 36), adapter(37, 61), adapter(62, 126)],
        ..Wiring::of(Kind::OtoSingle)
    }
}

#[test]
fn a_line_belongs_to_the_adapter_whose_boards_answer_on_it() {
    let layout = [port(1, 1), port(2, 1), port(40, 1), port(100, 1)];
    let boards = vec![vec![100], vec![40], vec![1, 2]];
    let mut lines = Lines::new(&three_adapters(), &layout, boards).connected();
    lines.run(60_000);
    for jumper in [1, 2, 40, 100] {
        assert_eq!(lines.cabinet.board(jumper), Some(BoardState::Ok), "board {jumper}");
    }
    assert!(lines.on().is_empty(), "lines are told apart by questions");
    lines.open(1, &[port(40, 1)]);
    lines.run(1_000);
    let on = lines.on();
    assert_eq!((on.len(), on[0].0, on[0].1[0]), (1, 1, 40));
}

#[test]
fn a_lost_line_is_found_again_under_another_number() {
    let layout = [port(1, 1), port(40, 1)];
    let mut lines = Lines::new(&three_adapters(), &layout, vec![vec![1], vec![40], vec![40]]);
    lines.does(Input::Up(0));
    lines.does(Input::Up(1));
    lines.run(30_000);
    lines.does(Input::Lost(1));
    lines.run(1_000);
    assert_eq!(lines.cabinet.board(40), Some(BoardState::Lost));
    lines.does(Input::Up(2));
    lines.run(60_000);
    assert_eq!(lines.cabinet.board(40), Some(BoardState::Ok));
    assert_eq!(lines.cabinet.board(1), Some(BoardState::Ok), "the other went on");
}

#[test]
fn nothing_opens_when_lines_come_and_go() {
    let layout = [port(1, 1), port(40, 1)];
    let mut lines = Lines::new(&three_adapters(), &layout, vec![vec![1], vec![40]]).connected();
    for _ in 0..5 {
        lines.run(4_000);
        lines.does(Input::Lost(0));
        lines.run(700);
        lines.does(Input::Up(0));
    }
    assert!(lines.on().is_empty());
    let first = lines.written.iter().find(|(line, _)| *line == 0).unwrap();
    assert_eq!(first.1[2..5], [2, 0, 0], "the first frame switches off");
}

#[test]
fn a_door_with_another_lock_is_opened_there_and_named_as_the_layout_has_it() {
    let layout = [port(1, 1), port(1, 2)];
    let mut wiring = Wiring::of(Kind::Oto);
    wiring.swap(port(1, 1), port(1, 2));
    let mut lines = Lines::new(&wiring, &layout, vec![vec![1]]).connected();
    lines.run(12_000);
    lines.open(1, &[port(1, 1)]);
    lines.run(500);
    assert_eq!(lines.on()[0].1[3], 0b10, "the second output");
    let released = Report::Released {
        attempt: 1,
        port: port(1, 1),
    };
    assert!(lines.reports.contains(&released), "{:?}", lines.reports);
}

#[test]
fn an_opening_waits_for_the_answer_that_is_on_its_way_and_no_longer() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1]]).connected();
    lines.run(12_000);
    let asked = lines.written.len();
    while lines.written.len() == asked {
        lines.run(1);
    }
    lines.open(1, &[port(1, 1)]);
    assert!(lines.cabinet.opening_waits() && lines.on().is_empty());
    lines.run(30);
    assert!(!lines.cabinet.opening_waits());
    assert_eq!(lines.on().len(), 1);
}

#[test]
fn joined_doors_open_one_after_the_other() {
    let layout = [port(1, 1), port(1, 2)];
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &layout, vec![vec![1]]).connected();
    lines.run(12_000);
    lines.open(1, &layout);
    lines.run(20_000);
    let masks: Vec<u8> = lines.on().iter().map(|(_, frame)| frame[3]).collect();
    assert_eq!(masks, [0b01, 0b10]);
    assert_eq!(lines.outputs[&1], 0);
}

#[test]
fn a_door_that_is_not_there_is_not_sent() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1]]).connected();
    lines.run(12_000);
    lines.open(1, &[port(1, 2)]);
    let report = Report::NotSent {
        attempt: 1,
        port: port(1, 2),
    };
    assert!(lines.reports.contains(&report));
    assert!(lines.on().is_empty());
}

#[test]
fn a_search_asks_for_status_only_and_finds_every_board() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1, 9, 36, 36]]).connected();
    lines.run(12_000);
    lines.written.clear();
    lines.scan(&[Kind::Oto], 127);
    let began = lines.now;
    while !lines.found.contains(&Found::Done) {
        lines.run(100);
        assert!(lines.now.since(began) <= 30_000, "127 addresses in 30 seconds");
    }
    let of_search = lines.written.iter().filter(|(_, frame)| frame[0] > 1);
    assert!(of_search.clone().count() >= 126);
    assert!(of_search.clone().all(|(_, frame)| frame[2] == 1), "status questions");
    let found: Vec<_> = lines
        .found
        .iter()
        .filter_map(|found| match found {
            Found::Board { jumper, twice, .. } => Some((*jumper, *twice)),
            _ => None,
        })
        .collect();
    assert_eq!(found, [(1, false), (9, false), (36, true)]);
    assert!(!lines.found.contains(&Found::Echo { line: 0 }));
    lines.run(12_000);
    assert_eq!(
        lines.cabinet.board(1),
        Some(BoardState::Ok),
        "the doors are served again"
    );
}

#[test]
fn a_search_waits_for_a_line_that_is_being_opened() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1, 9]]);
    lines.scan(&[Kind::Oto], 20);
    lines.run(2_000);
    assert!(lines.found.is_empty(), "{:?}", lines.found);
    lines.does(Input::Up(0));
    lines.open(1, &[port(1, 1)]);
    lines.run(10_000);
    let boards = lines.found.iter().filter(|one| matches!(one, Found::Board { .. }));
    assert_eq!(boards.count(), 2, "{:?}", lines.found);
    assert!(lines.found.contains(&Found::Done));
    assert!(lines.on().is_empty(), "nothing opens before a search that waits");
}

#[test]
fn a_search_without_any_line_ends_and_finds_nothing() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![]);
    lines.scan(&[Kind::Oto], 20);
    lines.run(6_000);
    assert_eq!(lines.found, [Found::Done]);
}

#[test]
fn an_echo_is_not_taken_for_boards() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1]]).connected();
    lines.echo = true;
    lines.run(12_000);
    lines.scan(&[Kind::Oto], 20);
    lines.run(30_000);
    assert!(lines.found.contains(&Found::Echo { line: 0 }));
    let boards = lines
        .found
        .iter()
        .filter(|found| matches!(found, Found::Board { .. }))
        .count();
    assert_eq!(boards, 1);
}

#[test]
fn nothing_opens_during_a_search_and_a_powered_coil_is_switched_off_before_it() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1), port(1, 2)], vec![vec![1]]).connected();
    lines.run(12_000);
    lines.open(1, &[port(1, 1)]);
    lines.run(300);
    assert_eq!(lines.outputs[&1], 1, "powered");
    lines.scan(&[Kind::Oto], 127);
    assert_eq!(lines.outputs[&1], 0);
    lines.written.clear();
    lines.open(2, &[port(1, 2)]);
    lines.run(1_000);
    assert!(lines.on().is_empty());
    let report = Report::NotSent {
        attempt: 2,
        port: port(1, 2),
    };
    assert!(lines.reports.contains(&report));
    lines.does(Input::Wish(&Wish::StopScan));
    lines.run(15_000);
    lines.open(3, &[port(1, 2)]);
    lines.run(1_000);
    assert_eq!(lines.on().len(), 1);
}

#[test]
fn kerong_boards_are_looked_for_at_both_speeds() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1]]).connected();
    lines.run(5_000);
    lines.scan(&[Kind::Cu16], 3);
    lines.run(10_000);
    let speeds: Vec<u32> = lines.opened_at.iter().map(|(_, baud)| *baud).collect();
    assert_eq!(speeds, [19_200, 9_600, 9_600], "and back to the settings'");
}

#[test]
fn when_the_program_leaves_coils_are_switched_off() {
    let mut lines = Lines::new(&Wiring::of(Kind::Oto), &[port(1, 1)], vec![vec![1]]).connected();
    lines.run(12_000);
    lines.open(1, &[port(1, 1)]);
    lines.run(100);
    assert_eq!(lines.outputs[&1], 1);
    lines.does(Input::Leaving);
    assert_eq!(lines.outputs[&1], 0);
}
