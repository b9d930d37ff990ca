//! What is said when the port opens, and how boards come and go.

use super::bench::*;
use super::*;
use domain::boards::Echo;
use domain::boards::bus::{BoardState, Bus, Input, Report};

const A: Port = Port { jumper: 2, serial: 1 };

#[test]
fn nothing_is_said_before_the_port_is_open() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.run(20_000);
        bench.does(Input::Tick);
        assert_eq!(bench.written, [], "{kind:?}");
    }
}

#[test]
fn the_first_frame_to_every_oto_board_is_off() {
    for kind in [Kind::Oto, Kind::OtoSingle] {
        for _ in 0..2 {
            let mut bench = Bench::new(kind);
            bench.connect();
            bench.run(10_000);
            bench.lose();
            bench.run(1_000);
            bench.written.clear();
            bench.connect();
            bench.run(10_000);
            // Before the question about echo, and before anything else.
            let boards = bench.boards.len();
            assert!(
                bench.written[..boards]
                    .iter()
                    .all(|(_, bytes)| bytes[2..5] == [2, 0, 0]),
                "{kind:?}"
            );
            for board in bench.boards.clone() {
                let first = bench
                    .written
                    .iter()
                    .find(|(_, bytes)| i64::from(bytes[0]) == board)
                    .unwrap();
                assert_eq!(first.1[2..5], [2, 0, 0], "{kind:?} {board}");
            }
        }
    }
}

#[test]
fn an_opening_that_waits_for_the_port_comes_after_off_to_every_board() {
    let mut bench = Bench::ready(Kind::Oto);
    bench.lose();
    bench.open(1, A);
    bench.written.clear();
    bench.connect();
    bench.until(3_000, opened);
    let on = bench
        .written
        .iter()
        .position(|(_, bytes)| bytes[2] == 2 && bytes[3] != 0)
        .unwrap();
    for board in bench.boards.clone() {
        let off = |(_, bytes): &(_, Vec<u8>)| i64::from(bytes[0]) == board && bytes[2..5] == [2, 0, 0];
        assert!(bench.written[..on].iter().any(off), "{board}");
    }
}

#[test]
fn boards_that_answer_are_ok_and_their_contacts_are_read() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.door(A).open = true;
        bench.connect();
        bench.run(12_000);
        for jumper in bench.boards.clone() {
            assert!(bench.has(board_is(jumper, BoardState::Ok)), "{kind:?} {jumper}");
            assert_eq!(bench.bus.board(jumper), Some(BoardState::Ok));
        }
        assert_eq!(bench.bus.reads(A), Some(true), "{kind:?}");
        assert_eq!(bench.bus.reads(port(1, 1)), Some(false), "{kind:?}");
        assert_eq!(
            bench.story(),
            [],
            "{kind:?}: an open door at the start is nobody's break-in"
        );
        assert!(
            bench.has(|report| *report == Report::Reads { port: A, open: true }),
            "{kind:?}"
        );
    }
}

#[test]
fn an_adapter_that_hears_itself_is_found_out_and_works() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.faults.echo = true;
        bench.connect();
        bench.run(15_000);
        bench.reports.clear();
        bench.open(1, A);
        bench.until(3_000, opened);
        bench.close(A);
        bench.until(3_000, closed);
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
    }
}

#[test]
fn with_echo_and_no_board_no_door_is_taken_for_closed_or_opened() {
    // On an OTO wire the question reads "all closed", on an 8A wire the opening reads "still shut".
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.faults.echo = true;
        bench.boards.clear();
        bench.connect();
        bench.run(15_000);
        assert_eq!(bench.bus.reads(A), None, "{kind:?}");
        assert_eq!(bench.bus.board(2), Some(BoardState::Silent), "{kind:?}");
        bench.open(1, A);
        bench.until(3_000, unsure);
        bench.run(15_000);
        assert!(
            !bench.has(released) && !bench.has(opened) && !bench.has(closed),
            "{kind:?}"
        );
    }
}

#[test]
fn an_echo_that_the_settings_deny_is_named() {
    for kind in [Kind::Xor8a, Kind::Cu16, Kind::Cu48, Kind::Dc12, Kind::Wkly, Kind::Relay] {
        let settings = Settings {
            echo: Echo::No,
            ..Settings::of(kind)
        };
        let mut bench = Bench::with(settings, vec![A]);
        bench.faults.echo = true;
        bench.boards.clear();
        bench.connect();
        bench.run(15_000);
        assert_eq!(bench.bus.board(2), Some(BoardState::Echo), "{kind:?}");
    }
}

#[test]
fn nothing_is_opened_before_it_is_known_whether_the_adapter_hears_itself() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.connect();
        bench.open(1, A);
        // Something answers for the board that does not exist.
        let end = bench.now.plus(12_000);
        while bench.now < end {
            bench.run(15);
            bench.noise(&[0x13, 0x37]);
        }
        assert_eq!(bench.pulses, [], "{kind:?}");
        assert!(bench.has(not_sent), "{kind:?}");
    }
}

#[test]
fn a_silent_board_is_asked_again_for_ever_and_ever_more_slowly() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.boards.retain(|jumper| *jumper != 2);
        bench.run(10_000);
        assert!(bench.has(board_is(2, BoardState::Silent)), "{kind:?}");
        assert_eq!(bench.bus.reads(A), None, "{kind:?}: its doors are unknown");
        assert_eq!(bench.bus.reads(port(1, 1)), Some(false), "{kind:?}: the others are not");
        bench.run(3_600_000);
        bench.written.clear();
        bench.run(600_000);
        let questions = bench
            .written
            .iter()
            .filter(|(_, bytes)| asks_board_2(kind, bytes))
            .count();
        assert!((15..=25).contains(&questions), "{kind:?}: {questions} in ten minutes");
        bench.boards.push(2);
        bench.until(31_000, board_is(2, BoardState::Ok));
        bench.run(3_000);
        assert_eq!(bench.bus.reads(A), Some(false), "{kind:?}");
    }
}

fn asks_board_2(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::Oto | Kind::OtoSingle | Kind::Relay => bytes[0] == 2,
        Kind::Xor8a => bytes[1] == 2,
        Kind::Cu16 => bytes[1] >> 4 == 1,
        Kind::Cu48 | Kind::Cu48Counted => bytes[1] == 1,
        Kind::Dc12 => bytes[2] == 2,
        Kind::Wkly => bytes[5] == 1,
        Kind::Unknown => false,
    }
}

#[test]
fn a_wire_that_is_dead_as_a_whole_is_opened_again() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.boards.clear();
        bench.run(100_000);
        assert!((1..=3).contains(&bench.reopens), "{kind:?}: {}", bench.reopens);
    }
}

#[test]
fn a_lost_port_makes_every_board_lost_and_every_door_unknown() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.lose();
        bench.run(60_000);
        for jumper in bench.boards.clone() {
            assert_eq!(bench.count(board_is(jumper, BoardState::Lost)), 1, "{kind:?}");
        }
        assert_eq!(bench.bus.reads(A), None);
        assert_eq!(bench.written, [], "{kind:?}");
        bench.connect();
        bench.run(5_000);
        assert_eq!(bench.bus.reads(A), Some(false), "{kind:?}");
    }
}

#[test]
fn oto_boards_up_to_126_are_scanned_within_30_seconds() {
    let layout: Vec<Port> = (1..=126).map(|jumper| port(jumper, 1)).collect();
    let mut bench = Bench::with(Settings::of(Kind::OtoSingle), layout);
    bench.connect();
    bench.run(30_000);
    for jumper in 1..=126 {
        assert_eq!(bench.bus.reads(port(jumper, 1)), Some(false), "{jumper}");
    }
}

#[test]
fn leaving_switches_coils_off_at_once() {
    let mut bench = Bench::ready(Kind::Oto);
    bench.door(A).jammed = true;
    bench.open(1, A);
    bench.open(2, port(1, 1));
    bench.run(500);
    assert!(bench.powered());
    bench.does(Input::Leaving);
    assert!(!bench.powered());
    assert!(bench.has(|report| matches!(report, Report::NotSent { attempt: 2, .. })));
    bench.run(20_000);
    assert_eq!(bench.pulses.len(), 1);
}

#[test]
fn a_bus_without_doors_is_quiet() {
    let mut bus = Bus::new(&Settings::of(Kind::Oto), &[]).unwrap();
    let mut now = domain::ids::Millis(0);
    let mut written = 0;
    bus.step(Input::Up, now);
    for _ in 0..1_000 {
        now = now.plus(20);
        written += bus.step(Input::Tick, now).len();
    }
    // The question about echo, and nothing else.
    assert_eq!(written, 1);
}
