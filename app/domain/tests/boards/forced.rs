//! Doors that open without being asked, and readings that only look so.

use super::bench::*;
use super::*;
use domain::boards::bus::{BoardState, Report};

const A: Port = Port { jumper: 2, serial: 1 };

fn is_forced(port: Port) -> impl Fn(&Report) -> bool {
    move |report| *report == Report::Forced { port }
}

#[test]
fn a_door_opened_by_nobody_is_forced_once() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.door(A).open = true;
        bench.until(8_000, is_forced(A));
        bench.run(60_000);
        assert_eq!(bench.count(forced), 1, "{kind:?}");
        bench.close(A);
        bench.run(8_000);
        bench.door(A).open = true;
        bench.until(8_000, is_forced(A));
    }
}

#[test]
fn one_wrong_look_is_not_forced() {
    let mut bench = Bench::ready(Kind::Oto);
    let seen = bench.written.len();
    while bench.written.len() == seen {
        bench.run(5);
    }
    // A reply with the right sum and another content, once.
    bench.faults.deaf = true;
    bench.run(2_100);
    bench.noise(&sums::with_crc(&[2, 1, 1, 1, 0]));
    bench.faults.deaf = false;
    bench.run(30_000);
    assert!(!bench.has(forced));
}

#[test]
fn an_opened_door_is_not_forced_even_when_it_opens_late() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.open(1, A);
        bench.until(3_000, opened);
        bench.run(30_000);
        bench.close(A);
        bench.until(3_000, closed);
        assert!(!bench.has(forced), "{kind:?}");

        bench.run(20_000);
        bench.door(A).jammed = true;
        bench.open(2, A);
        bench.until(12_000, |report| matches!(report, Report::NotOpened { .. }));
        bench.run(3_000);
        // Somebody pulls after all.
        bench.door(A).open = true;
        bench.run(30_000);
        assert!(!bench.has(forced), "{kind:?}");
    }
}

#[test]
fn nothing_is_forced_within_ten_seconds_of_a_start_and_then_it_is() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.connect();
        bench.run(6_000);
        bench.door(A).open = true;
        bench.run(2_500);
        assert!(!bench.has(forced), "{kind:?}");
        // It is not forgotten: after that time it is what it is.
        bench.run(12_000);
        assert_eq!(bench.count(forced), 1, "{kind:?}");
    }
}

#[test]
fn a_door_found_open_after_a_reconnect_is_read_and_not_forced() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.lose();
        bench.door(A).open = true;
        bench.connect();
        bench.run(30_000);
        assert!(!bench.has(forced), "{kind:?}");
        assert_eq!(bench.bus.reads(A), Some(true), "{kind:?}");
    }
}

#[test]
fn half_a_board_that_turns_at_once_is_a_fault_of_the_board() {
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| codec(*kind).asks_boards() && *kind != Kind::OtoSingle)
    {
        let mut bench = Bench::ready(kind);
        for serial in 1..=4 {
            bench.door(port(2, serial)).contact = Contact::ReadsOpen;
        }
        bench.until(5_000, board_is(2, BoardState::Garbled));
        bench.run(30_000);
        assert!(!bench.has(forced), "{kind:?}");
        // In the end that is how they read.
        assert_eq!(bench.bus.board(2), Some(BoardState::Ok), "{kind:?}");
        assert_eq!(bench.bus.reads(port(2, 1)), Some(true), "{kind:?}");
    }
}

#[test]
fn half_a_board_that_turns_for_a_moment_changes_nothing() {
    let mut bench = Bench::ready(Kind::Oto);
    for serial in 1..=8 {
        bench.door(port(2, serial)).contact = Contact::ReadsOpen;
    }
    bench.until(5_000, board_is(2, BoardState::Garbled));
    for serial in 1..=8 {
        bench.door(port(2, serial)).contact = Contact::Works;
    }
    bench.until(5_000, board_is(2, BoardState::Ok));
    bench.run(30_000);
    assert_eq!(bench.story(), []);
    assert_eq!(bench.bus.reads(A), Some(false));
}

#[test]
fn a_door_that_is_forced_while_another_is_opened_is_noticed() {
    for kind in [Kind::Oto, Kind::Xor8a, Kind::Cu16] {
        let mut bench = Bench::ready(kind);
        bench.open(1, A);
        bench.until(2_000, opened);
        bench.door(port(1, 3)).open = true;
        bench.until(8_000, is_forced(port(1, 3)));
    }
}
