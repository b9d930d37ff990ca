//! Nothing opens by itself, nothing opens twice, and a reply proves nothing unless everything fits.

use super::bench::*;
use super::*;
use domain::boards::bus::{BoardState, Input, Report};

const A: Port = Port { jumper: 2, serial: 1 };
const B: Port = Port { jumper: 1, serial: 1 };

fn on_frames(bench: &Bench) -> usize {
    bench.pulses.len()
}

/// An opening of which no answer fits: sent once, and of the door nothing is reported.
fn is_told_nothing(bench: &mut Bench, what: &str) {
    bench.open(1, A);
    bench.run(12_000);
    bench.close(A);
    bench.run(3_000);
    assert!(
        !bench.has(released) && !bench.has(opened) && !bench.has(closed),
        "{what}"
    );
    assert_eq!(on_frames(bench), 1, "{what}");
    assert!(!bench.powered(), "{what}");
}

#[test]
fn nothing_opens_at_a_start_a_reload_or_a_reconnect() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        for _ in 0..5 {
            bench.restart();
            bench.run(3_000);
            bench.lose();
            bench.run(3_000);
            bench.connect();
            bench.run(30_000);
        }
        assert_eq!(on_frames(&bench), 0, "{kind:?}");
    }
}

#[test]
fn killed_at_any_moment_of_an_opening_no_coil_stays_powered_and_nothing_opens_again() {
    for kind in [Kind::Oto, Kind::OtoSingle, Kind::Xor8a, Kind::Cu16] {
        for at in 0..150 {
            let mut bench = Bench::ready(kind);
            bench.door(A).jammed = at % 2 == 0;
            bench.open(1, A);
            bench.run(at * 50);
            let before = on_frames(&bench);
            bench.restart();
            bench.run(600);
            assert!(!bench.powered(), "{kind:?}, killed after {} ms", at * 50);
            bench.run(20_000);
            assert_eq!(on_frames(&bench), before, "{kind:?}, killed after {} ms", at * 50);
        }
    }
}

#[test]
fn an_old_opening_is_never_sent() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        for age in [10_000, 60_000, i64::MAX / 2, -1, -60_000] {
            let asked = bench.now.plus(-age);
            bench.does(Input::Open {
                attempt: 1,
                port: A,
                asked,
            });
        }
        bench.run(20_000);
        assert_eq!(on_frames(&bench), 0, "{kind:?}");
        assert_eq!(bench.count(not_sent), 5, "{kind:?}");
    }
}

#[test]
fn an_opening_that_could_not_leave_is_sent_within_ten_seconds_or_not_at_all() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.lose();
        bench.open(1, A);
        bench.run(4_000);
        bench.connect();
        bench.until(6_000, opened);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");

        bench.lose();
        bench.open(2, B);
        bench.until(10_100, not_sent);
        bench.connect();
        bench.run(30_000);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
    }
}

#[test]
fn an_opening_whose_frame_left_before_the_port_was_lost_is_unsure_and_not_repeated() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.door(A).jammed = true;
        bench.open(1, A);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
        bench.lose();
        assert!(bench.has(unsure), "{kind:?}");
        bench.connect();
        bench.run(30_000);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
    }
}

#[test]
fn a_number_that_was_overtaken_or_asked_before_opens_nothing() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.open(5, A);
        bench.run(2_000);
        bench.open(5, A);
        bench.open(4, B);
        bench.run(20_000);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
        assert!(
            bench.has(|report| *report == Report::NotSent { attempt: 4, port: B }),
            "{kind:?}"
        );
    }
}

#[test]
fn a_doubled_message_opens_once_even_when_the_door_is_closed_again() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        let asked = bench.now;
        bench.open(1, A);
        bench.until(3_000, opened);
        bench.close(A);
        bench.until(3_000, closed);
        bench.does(Input::Open {
            attempt: 1,
            port: A,
            asked,
        });
        bench.run(20_000);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
    }
}

#[test]
fn an_opening_from_before_the_start_opens_nothing() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        let asked = bench.now;
        bench.run(100);
        bench.restart();
        bench.does(Input::Open {
            attempt: 1,
            port: A,
            asked,
        });
        bench.run(20_000);
        assert_eq!(on_frames(&bench), 0, "{kind:?}");
        assert_eq!(bench.count(not_sent), 1, "{kind:?}");
    }
}

#[test]
fn a_door_outside_the_layout_opens_nothing() {
    for kind in Kind::ALL {
        // A bench for each: one that waits would keep the next from being sent.
        for wrong in [
            port(0, 1),
            port(2, 0),
            port(-1, 1),
            port(2, 9),
            port(2, 49),
            port(258, 1),
            port(120, 1),
            port(2, 257),
        ] {
            let mut bench = Bench::ready(kind);
            bench.open(1, wrong);
            bench.run(20_000);
            assert_eq!(on_frames(&bench), 0, "{kind:?} {wrong:?}");
            assert_eq!(bench.count(not_sent), 1, "{kind:?} {wrong:?}");
        }
    }
}

#[test]
fn replies_with_any_bit_wrong_never_move_a_door_or_send_again() {
    for kind in Kind::ALL {
        for bit in 0..13 * 8 {
            let mut bench = Bench::ready(kind);
            bench.faults.wrong_bit = Some(bit);
            is_told_nothing(&mut bench, &format!("{kind:?} {bit}"));
        }
    }
}

#[test]
fn a_board_that_answers_for_another_is_named_and_moves_no_door() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.faults.as_another = true;
        is_told_nothing(&mut bench, &format!("{kind:?}"));
        let named = |report: &Report| {
            let state = BoardState::Garbled;
            *report
                == Report::Board {
                    jumper: A.jumper,
                    state,
                }
        };
        assert!(bench.has(named), "{kind:?}: {:?}", bench.reports);
    }
}

#[test]
fn cut_replies_never_move_a_door() {
    for kind in Kind::ALL {
        for cut in 0..5 {
            let mut bench = Bench::ready(kind);
            bench.faults.cut = Some(cut);
            bench.open(1, A);
            bench.run(15_000);
            assert!(
                !bench.has(released) && !bench.has(opened) && !bench.has(closed),
                "{kind:?} {cut}"
            );
            assert_eq!(on_frames(&bench), 1, "{kind:?} {cut}");
        }
    }
}

#[test]
fn junk_before_and_doubled_replies_change_nothing() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.faults.junk = vec![0xFA, 0xFD, 0x99, 0x99];
        bench.faults.doubled = true;
        bench.open(1, A);
        bench.until(4_000, opened);
        bench.close(A);
        bench.until(4_000, closed);
        bench.run(20_000);
        assert_eq!(on_frames(&bench), 1, "{kind:?}");
        assert_eq!(bench.story().len(), 3, "{kind:?}: {:?}", bench.story());
    }
}

#[test]
fn replies_that_come_too_late_never_send_again() {
    for kind in Kind::ALL {
        for late_ms in [600, 1_600, 5_000] {
            let mut bench = Bench::ready(kind);
            bench.faults.late_ms = late_ms;
            bench.open(1, A);
            bench.run(30_000);
            assert_eq!(on_frames(&bench), 1, "{kind:?} {late_ms}");
            assert!(!bench.has(closed), "{kind:?} {late_ms}: it stands open");
        }
    }
}

#[test]
fn the_late_answer_of_a_look_before_the_opening_is_not_opened() {
    // The door was seen open long ago; the answer to that question arrives now.
    let mut bench = Bench::ready(Kind::Oto);
    bench.door(A).jammed = true;
    bench.open(1, A);
    bench.until(1_000, released);
    let old = sums::with_crc(&[2, 1, 1, 1, 0]);
    bench.noise(&old);
    bench.run(9_000);
    assert!(!bench.has(opened));
    assert_eq!(on_frames(&bench), 1);
}

#[test]
fn noise_for_an_hour_opens_nothing_and_the_wire_recovers() {
    for kind in [Kind::Oto, Kind::Xor8a, Kind::Cu16, Kind::Wkly] {
        let mut bench = Bench::ready(kind);
        let end = bench.now.plus(3_600_000);
        let mut seed = 7_u32;
        bench.open(1, A);
        let openings = on_frames(&bench);
        while bench.now < end {
            bench.run(20);
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bench.noise(&seed.to_be_bytes()[..2]);
        }
        assert_eq!(on_frames(&bench), openings, "{kind:?}");
        assert!(!bench.powered(), "{kind:?}");
        let states = |bench: &Bench| [A, B].map(|door| bench.bus.board(door.jumper));
        assert_eq!(
            states(&bench),
            [Some(BoardState::Garbled); 2],
            "{kind:?}: nobody is offered its doors"
        );
        bench.open(2, B);
        bench.until(40_000, |report| {
            matches!(report, Report::Opened { attempt: 2, .. } | Report::NotSent { .. })
        });
        bench.run(40_000);
        assert_eq!(states(&bench), [Some(BoardState::Ok); 2], "{kind:?}");
        bench.open(3, port(1, 1));
        bench.until(3_000, |report| matches!(report, Report::Opened { attempt: 3, .. }));
    }
}
