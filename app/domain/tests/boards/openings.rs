//! An opening from the tap to the closed door, with every kind of board.

use super::bench::*;
use super::*;
use domain::boards::bus::{Input, Report, Why};
use domain::ids::Millis;

const A: Port = Port { jumper: 2, serial: 1 };

/// A door that works, from released to closed.
fn whole(attempt: u64, port: Port) -> Vec<Report> {
    vec![
        Report::Released { attempt, port },
        Report::Opened {
            attempt,
            port,
            moved: true,
        },
        Report::Closed { attempt, port },
    ]
}

#[test]
fn a_door_is_released_opened_and_closed_with_every_kind_of_board() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.open(7, A);
        bench.until(3_000, opened);
        bench.run(5_000);
        assert!(!bench.has(closed), "{kind:?}");
        bench.close(A);
        bench.until(3_000, closed);
        bench.run(60_000);
        assert_eq!(bench.story(), whole(7, A), "{kind:?}");
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
        assert_eq!(bench.pulses[0].1, A, "{kind:?}");
        assert!(!bench.powered(), "{kind:?}");
    }
}

#[test]
fn the_frame_leaves_at_once_and_closing_is_seen_within_800_ms() {
    for kind in Kind::ALL {
        // Over all moments at which the tap can fall into the turn of questions.
        for shift in 0..40 {
            let mut bench = Bench::ready(kind);
            bench.run(shift * 53);
            let tapped = bench.now;
            bench.open(1, A);
            bench.run(60);
            assert_eq!(bench.pulses.len(), 1, "{kind:?} {shift}: {:?}", bench.written.last());
            assert!(bench.pulses[0].0.since(tapped) <= 50, "{kind:?} {:?}", bench.pulses);
            bench.until(3_000, opened);
            bench.run(shift * 17);
            bench.close(A);
            let shut = bench.now;
            assert!(bench.until(2_000, closed).since(shut) <= 800, "{kind:?}");
        }
    }
}

#[test]
fn a_contact_that_reads_open_never_blocks_an_opening() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.door(A).contact = Contact::ReadsOpen;
        bench.connect();
        bench.run(15_000);
        assert_eq!(bench.bus.reads(A), Some(true), "{kind:?}");
        bench.open(1, A);
        bench.run(60_000);
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
        let opened = Report::Opened {
            attempt: 1,
            port: A,
            moved: false,
        };
        // The contact never moved, so no closing is reported: the person must confirm it.
        assert_eq!(
            bench.story(),
            [Report::Released { attempt: 1, port: A }, opened],
            "{kind:?}"
        );
    }
}

#[test]
fn a_contact_that_reads_open_shortly_after_the_start_is_not_said_to_have_moved() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.connect();
        bench.run(4_000);
        assert_eq!(bench.bus.reads(A), Some(false), "{kind:?}");
        bench.door(A).contact = Contact::ReadsOpen;
        // So early it is not called forced, and the reading is not believed yet.
        bench.run(4_500);
        bench.open(1, A);
        bench.until(3_000, opened);
        assert!(
            bench.has(|report| matches!(report, Report::Opened { moved: false, .. })),
            "{kind:?}: {:?}",
            bench.story()
        );
    }
}

#[test]
fn a_door_that_stood_open_counts_as_closed_once_its_contact_moves() {
    for kind in Kind::ALL {
        let mut bench = Bench::new(kind);
        bench.door(A).open = true;
        bench.connect();
        bench.run(15_000);
        bench.open(1, A);
        bench.run(5_000);
        bench.close(A);
        bench.until(2_000, closed);
        assert!(
            bench.has(|report| matches!(report, Report::Opened { moved: false, .. })),
            "{kind:?}"
        );
    }
}

#[test]
fn a_jammed_door_is_not_opened_and_may_be_tried_again() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.door(A).jammed = true;
        bench.open(1, A);
        bench.until(11_000, not_opened(Why::Jammed));
        assert_eq!(bench.pulses.len(), 1, "{kind:?}: nothing is sent by itself");
        bench.door(A).jammed = false;
        bench.open(2, A);
        bench.until(3_000, opened);
        assert_eq!(bench.pulses.len(), 2, "{kind:?}");
    }
}

#[test]
fn a_lost_acknowledgement_is_unsure_and_the_frame_is_never_sent_again() {
    for kind in Kind::ALL.into_iter().filter(|kind| codec(*kind).acknowledges()) {
        let mut bench = Bench::ready(kind);
        bench.faults.lost_acknowledgements = 1;
        bench.open(1, A);
        bench.until(2_000, unsure);
        // The contact tells what the board did not.
        bench.until(3_000, opened);
        bench.close(A);
        bench.until(3_000, closed);
        bench.run(60_000);
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
    }
}

#[test]
fn unsure_and_still_shut_is_for_the_person_to_say() {
    for kind in Kind::ALL.into_iter().filter(|kind| codec(*kind).acknowledges()) {
        let mut bench = Bench::ready(kind);
        bench.door(A).jammed = true;
        bench.faults.lost_acknowledgements = 1;
        bench.open(1, A);
        bench.until(11_000, not_opened(Why::Unknown));
        bench.run(60_000);
        assert_eq!(bench.count(unsure), 1, "{kind:?}");
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
    }
}

#[test]
fn a_board_that_stays_silent_leaves_it_unknown() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.faults.deaf = true;
        bench.open(1, A);
        bench.until(3_000, unsure);
        bench.until(11_000, not_opened(Why::Unknown));
        assert_eq!(bench.pulses.len(), 1, "{kind:?}");
        assert!(
            !bench.has(opened) && !bench.has(closed) && !bench.has(released),
            "{kind:?}"
        );
    }
}

#[test]
fn a_board_that_never_acknowledges_by_setting_is_not_unsure() {
    let settings = Settings {
        acknowledges: false,
        ..Settings::of(Kind::Wkly)
    };
    let mut bench = Bench::with(settings, vec![A]);
    bench.connect();
    bench.run(15_000);
    bench.reports.clear();
    bench.faults.lost_acknowledgements = u32::MAX;
    bench.open(1, A);
    bench.until(3_000, opened);
    bench.close(A);
    bench.until(3_000, closed);
    assert_eq!(bench.story(), whole(1, A));
}

#[test]
fn without_contacts_an_opening_ends_with_its_acknowledgement() {
    for kind in Kind::ALL {
        let settings = Settings {
            contacts: false,
            ..Settings::of(kind)
        };
        let mut bench = Bench::with(settings, vec![A]);
        bench.connect();
        bench.run(15_000);
        bench.reports.clear();
        bench.open(1, A);
        bench.run(60_000);
        assert_eq!(bench.story(), [Report::Released { attempt: 1, port: A }], "{kind:?}");
        assert!(!bench.powered(), "{kind:?}");
    }
}

#[test]
fn a_relay_that_refuses_is_not_opened() {
    let mut bench = Bench::ready(Kind::Relay);
    bench.faults.deaf = true;
    bench.open(1, A);
    let refusal = sums::with_crc(&[2, 0x85, 2]);
    bench.does(Input::Bytes(&refusal));
    assert!(bench.has(not_opened(Why::Refused)));
}

#[test]
fn bouncing_contacts_count_once_they_are_calm() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        let calm = bench.now.plus(1_500);
        bench.door(A).bounces_until = calm;
        bench.open(1, A);
        bench.run(1_400);
        bench.until(4_000, opened);
        let calm = bench.now.plus(2_000);
        bench.door(A).bounces_until = calm;
        bench.close(A);
        bench.until(5_000, closed);
        assert_eq!((bench.count(opened), bench.count(closed)), (1, 1), "{kind:?}");
    }
}

#[test]
fn one_reading_alone_neither_opens_nor_closes() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.door(A).jammed = true;
        bench.open(1, A);
        bench.until(3_000, released);
        for _ in 0..5 {
            bench.door(A).glitches = 1;
            bench.run(900);
        }
        assert!(!bench.has(opened), "{kind:?}");
        bench.door(A).jammed = false;
        bench.open(2, A);
        bench.until(4_000, opened);
        for _ in 0..5 {
            bench.door(A).glitches = 1;
            bench.run(900);
        }
        assert!(!bench.has(closed), "{kind:?}");
    }
}

#[test]
fn joined_doors_are_two_openings_one_after_the_other() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        let first = port(1, 1);
        let second = kind.joined(first);
        bench.open(5, first);
        bench.open(5, second);
        // The door is one: its second lock holds it.
        bench.run(3_000);
        let pulses: Vec<Port> = bench.pulses.iter().map(|(_, port)| *port).collect();
        assert_eq!(pulses, [first, second], "{kind:?}");
        assert!(bench.count(opened) == 2, "{kind:?}");
    }
}

#[test]
fn never_two_coils_at_once() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.stays_powered()) {
        let mut bench = Bench::ready(kind);
        let (one, other) = (port(1, 1), port(2, 1));
        bench.door(one).jammed = true;
        bench.open(1, one);
        bench.open(2, other);
        for _ in 0..2_000 {
            bench.run(5);
            let coils: u32 = bench.outputs.values().map(|outputs| outputs.count_ones()).sum();
            assert!(coils <= 1, "{kind:?}");
        }
        assert_eq!(bench.pulses.len(), 2, "{kind:?}");
        assert!(
            bench.pulses[1].0.since(bench.pulses[0].0) >= 4_900,
            "after the first coil's time"
        );
    }
}

#[test]
fn an_oto_coil_is_off_as_soon_as_the_door_is_open() {
    let mut bench = Bench::ready(Kind::Oto);
    bench.open(1, A);
    bench.until(2_000, opened);
    bench.run(100);
    assert!(!bench.powered());
    assert!(bench.powered_for[0] <= 600, "{:?}", bench.powered_for);
}

#[test]
fn an_oto_coil_is_never_on_for_longer_than_its_setting() {
    for open_ms in [500, 1_000, 5_000] {
        for contact in [Contact::ReadsClosed, Contact::ReadsOpen] {
            let settings = Settings {
                open_ms,
                ..Settings::of(Kind::Oto)
            };
            let mut bench = Bench::with(settings, vec![A, port(2, 2), port(3, 1)]);
            bench.door(A).contact = contact;
            bench.connect();
            bench.run(15_000);
            bench.open(1, A);
            bench.run(8_000);
            let on = bench.powered_for[0];
            assert!(
                (i64::from(open_ms) - 50..=i64::from(open_ms) + 60).contains(&on),
                "{open_ms}: {on}"
            );
        }
    }
}

#[test]
fn off_is_written_again_until_it_is_acknowledged() {
    for lost in 1..=2 {
        let mut bench = Bench::ready(Kind::Oto);
        bench.open(1, A);
        bench.until(2_000, opened);
        bench.faults.lost_offs = lost;
        bench.run(60);
        // The board heard nothing and says nothing.
        bench.faults.lost_offs = 0;
        bench.run(3_000);
        assert!(!bench.powered());
    }
    let mut bench = Bench::ready(Kind::Oto);
    bench.open(1, A);
    bench.until(2_000, released);
    bench.faults.deaf = true;
    bench.written.clear();
    bench.run(12_000);
    let offs = bench.written.iter().filter(|(_, bytes)| bytes[2] == 2).count();
    assert_eq!(offs, 3, "three times without an answer");
}

#[test]
fn noise_does_not_keep_a_coil_powered() {
    let mut bench = Bench::ready(Kind::Oto);
    bench.door(A).jammed = true;
    bench.open(1, A);
    bench.until(1_000, released);
    let end = bench.now.plus(7_000);
    while bench.now < end {
        bench.run(7);
        bench.noise(&[0x55]);
    }
    assert!(!bench.powered());
    assert!(bench.powered_for[0] <= 5_800, "{:?}", bench.powered_for);
}

#[test]
fn a_second_opening_of_the_same_door_replaces_the_first() {
    let mut bench = Bench::ready(Kind::Xor8a);
    bench.door(A).jammed = true;
    bench.open(1, A);
    bench.run(3_000);
    bench.door(A).jammed = false;
    bench.open(2, A);
    bench.until(3_000, |report| matches!(report, Report::Opened { attempt: 2, .. }));
    bench.close(A);
    bench.until(3_000, |report| matches!(report, Report::Closed { attempt: 2, .. }));
    bench.run(20_000);
    assert!(
        !bench.has(|report| matches!(report, Report::NotOpened { .. })),
        "nobody waits for the first"
    );
}

#[test]
fn a_forgotten_opening_tells_nothing_more() {
    for kind in Kind::ALL {
        let mut bench = Bench::ready(kind);
        bench.open(1, A);
        bench.until(3_000, opened);
        bench.does(Input::Forget { attempt: 1 });
        let told = bench.story().len();
        bench.close(A);
        bench.run(20_000);
        assert_eq!(bench.story().len(), told, "{kind:?}");
        assert_eq!(bench.bus.reads(A), Some(false), "{kind:?}: the door is still watched");
        assert!(!bench.powered());
    }
}

#[test]
fn moments_that_go_back_change_nothing() {
    let mut bench = Bench::ready(Kind::Oto);
    bench.open(1, A);
    bench.now = Millis(5);
    bench.does(Input::Tick);
    assert_eq!(bench.pulses.len(), 1);
}
