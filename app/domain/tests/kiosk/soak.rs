//! The soak test: every opening is a test opening, and whatever is unexpected ends it.

use crate::doors::wired;
use crate::rig::*;
use domain::boards::bus::{BoardState, Report, Why};
use domain::boards::{Kind, Wiring};
use domain::ids::Port;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{
    Content, Effect, Input, Kiosk, SOAK_OPENINGS_MAX, SOAK_PAUSE_MAX, SOAK_ROUNDS_MAX, Screen, ServerState, Soak,
    SoakEnd, SoakWish, Stage, Tally, Trouble, Usage, Wired,
};

fn wish(doors: &[Port], rounds: u32) -> SoakWish {
    SoakWish {
        doors: doors.to_vec(),
        rounds,
        pause_seconds: 5,
    }
}

/// In the staff area of a kiosk with lock boards, with a soak test begun.
fn soaking(doors: &[Port], rounds: u32) -> Rig {
    let mut rig = wired();
    rig.staff_area().does(Input::Soak(Box::new(wish(doors, rounds))));
    assert!(rig.kiosk.is_soaking());
    rig
}

fn soak(rig: &Rig) -> &Soak {
    rig.kiosk.soak.as_ref().unwrap()
}

/// Ticks until a door is told to open.
fn until_open(rig: &mut Rig) -> Option<Port> {
    for _ in 0..120 {
        rig.idle(1);
        if let Some(port) = rig.opened() {
            return Some(port);
        }
    }
    None
}

fn reports(rig: &mut Rig, report: impl FnOnce(u64) -> Report) {
    let attempt = rig.kiosk.attempts;
    rig.does(Input::Reported(report(attempt)));
}

fn opens(rig: &mut Rig, port: Port) {
    reports(rig, |attempt| Report::Released { attempt, port });
    reports(rig, |attempt| Report::Opened {
        attempt,
        port,
        moved: true,
    });
}

fn closes(rig: &mut Rig, port: Port) {
    reports(rig, |attempt| Report::Closed { attempt, port });
}

#[test]
fn doors_open_one_after_the_other_with_an_event_each_and_every_outcome_is_counted() {
    let mut rig = soaking(&[A1, A2], 2);
    let seq = rig.kiosk.log.last();
    assert_eq!(until_open(&mut rig), Some(A1));
    opens(&mut rig, A1);
    assert_eq!(rig.idle(20).opened(), None, "the next door waits for this one");
    closes(&mut rig, A1);
    assert_eq!(rig.kiosk.test, None, "nobody waits for it any more");
    assert_eq!(rig.idle(4).opened(), None, "the pause");
    assert_eq!(until_open(&mut rig), Some(A2));
    reports(&mut rig, |attempt| Report::NotOpened {
        attempt,
        port: A2,
        why: Why::Jammed,
    });
    assert_eq!((until_open(&mut rig), soak(&rig).round), (Some(A1), 2));
    reports(&mut rig, |attempt| Report::Unsure { attempt, port: A1 });
    reports(&mut rig, |attempt| Report::NotOpened {
        attempt,
        port: A1,
        why: Why::Unknown,
    });
    assert_eq!(until_open(&mut rig), Some(A2));
    opens(&mut rig, A2);
    closes(&mut rig, A2);
    assert_eq!(soak(&rig).ended, Some(SoakEnd::Done));
    let tally = |opened, closed, not_opened, unsure| Tally {
        opened,
        closed,
        not_opened,
        unsure,
    };
    assert_eq!(soak(&rig).tallies, [tally(1, 1, 0, 1), tally(1, 1, 1, 0)]);
    assert_eq!(soak(&rig).total(), tally(2, 2, 1, 1));
    assert_eq!(until_open(&mut rig), None, "it is over");
    let tests = rig.kiosk.log.events().iter().filter(|event| event.seq > seq);
    assert_eq!(tests.filter(|event| event.kind == EventKind::TestOpened).count(), 4);
}

#[test]
fn a_door_that_is_not_closed_or_of_which_nothing_is_heard_is_waited_for_only_so_long() {
    let mut rig = soaking(&[A1], 3);
    until_open(&mut rig);
    opens(&mut rig, A1);
    let attempt = rig.kiosk.attempts;
    rig.idle(29);
    assert!(rig.kiosk.test.is_some());
    rig.idle(2);
    assert_eq!(rig.kiosk.test, None);
    rig.does(Input::Reported(Report::Closed { attempt, port: A1 }));
    assert_eq!(
        (soak(&rig).total().opened, soak(&rig).total().closed),
        (1, 0),
        "too late"
    );
    until_open(&mut rig);
    rig.idle(16);
    assert_eq!(soak(&rig).total().unsure, 1);
    until_open(&mut rig);
    opens(&mut rig, A1);
    closes(&mut rig, A1);
    assert_eq!(soak(&rig).ended, Some(SoakEnd::Done));
}

#[test]
fn a_tap_ends_it_at_once_and_its_opening_is_forgotten() {
    let mut rig = soaking(&[A1, A2], 9);
    until_open(&mut rig);
    let attempt = rig.kiosk.attempts;
    rig.does(Input::Touched);
    assert_eq!(soak(&rig).ended, Some(SoakEnd::Touched));
    assert!(
        rig.effects.contains(&Effect::ForgetOpening(attempt)),
        "its coil goes off"
    );
    assert!(
        matches!(rig.kiosk.screen, Screen::Staff { .. }),
        "the technician goes on"
    );
    opens(&mut rig, A1);
    assert_eq!(until_open(&mut rig), None);
    assert_eq!(
        soak(&rig).total(),
        Tally::default(),
        "what is reported later is not counted"
    );
    rig.does(Input::TestOpen(A2));
    opens(&mut rig, A2);
    let test = rig.kiosk.test.as_ref().unwrap();
    assert_eq!(
        test.stage(),
        Stage::Opened { moved: true },
        "a test by hand is not counted"
    );
}

#[test]
fn it_goes_on_all_night_and_who_touches_it_then_is_not_taken_for_the_technician() {
    let mut rig = soaking(&[A1], 90);
    rig.idle(400);
    assert!(rig.kiosk.is_soaking(), "nobody need touch it");
    rig.does(Input::Tile(Usage::Retrieval));
    assert_eq!(soak(&rig).ended, Some(SoakEnd::Touched));
    assert_eq!((&rig.kiosk.screen, &rig.kiosk.staff), (&Screen::Home, &None));
    let mut rig = soaking(&[A1], 9);
    rig.idle(600);
    assert_eq!(soak(&rig).ended, Some(SoakEnd::Done));
    assert_eq!(rig.kiosk.screen, Screen::Home, "the staff area is left when it is over");
    rig.staff_area();
    assert_eq!(soak(&rig).total().unsure, 9, "the result is still there");
}

#[test]
fn leaving_losing_a_board_new_settings_and_a_restart_end_it() {
    let board = |state| Input::Reported(Report::Board { jumper: 1, state });
    let settings = ServerState {
        wired: Some(Wired {
            revision: 7,
            wiring: Some(Wiring::of(Kind::Cu16)),
        }),
        ..server_state(0, MORNING)
    };
    for (input, why) in [
        (Input::Done, SoakEnd::Touched),
        (board(BoardState::Silent), SoakEnd::BoardLost),
        (board(BoardState::Garbled), SoakEnd::BoardLost),
        (Input::Server(settings), SoakEnd::Rewired),
        (Input::Started, SoakEnd::Restarted),
    ] {
        let mut rig = soaking(&[A1], 9);
        until_open(&mut rig);
        rig.does(input.clone());
        assert_eq!(soak(&rig).ended, Some(why), "{input:?}");
        assert_eq!(rig.kiosk.test, None);
        assert_eq!(until_open(&mut rig), None, "{input:?}");
    }
    let mut rig = soaking(&[A1], 9);
    rig.does(Input::Reported(Report::Board {
        jumper: 2,
        state: BoardState::Lost,
    }));
    assert!(rig.kiosk.is_soaking(), "no door of this board takes part");
    until_open(&mut rig);
    reports(&mut rig, |attempt| Report::NotSent { attempt, port: A1 });
    assert_eq!(soak(&rig).ended, Some(SoakEnd::BoardLost));
}

#[test]
fn only_staff_begin_it_with_empty_doors_of_boards_that_answer() {
    let begin = |rig: &mut Rig, doors: &[Port]| {
        rig.does(Input::Soak(Box::new(wish(doors, 1))));
        (rig.kiosk.is_soaking(), rig.trouble())
    };
    let mut rig = wired();
    assert_eq!(begin(&mut rig, &[A1]), (false, None), "nobody is identified");
    rig.kiosk.wiring = None;
    rig.deposits(A1);
    rig.staff_area();
    assert_eq!(begin(&mut rig, &[A2]), (false, None), "the doors are drawn");
    rig.kiosk.wiring = Some(Wiring::of(Kind::Xor8a));
    assert_eq!(
        begin(&mut rig, &[A2, A1]),
        (false, Some(Trouble::DoorNotFree)),
        "A1 is full"
    );
    assert_eq!(begin(&mut rig, &[NOWHERE]), (false, Some(Trouble::DoorNotFree)));
    rig.does(Input::Reported(Report::Board {
        jumper: 1,
        state: BoardState::Silent,
    }));
    assert_eq!(begin(&mut rig, &[A2]), (false, Some(Trouble::BoardSilent)));
    assert_eq!(begin(&mut rig, &[B1]), (true, None));
    rig.does(Input::Touched);
    if let Some(wiring) = &mut rig.kiosk.wiring {
        wiring.boards.contacts = false;
    }
    assert_eq!(begin(&mut rig, &[B1]), (false, None), "no contact could tell anything");
}

#[test]
fn a_wish_beyond_the_limits_is_refused() {
    let sound = wish(&[A1], SOAK_ROUNDS_MAX);
    assert!(Soak::new(sound.clone(), MORNING).is_some());
    let with = |change: &dyn Fn(&mut SoakWish)| {
        let mut wish = sound.clone();
        change(&mut wish);
        Soak::new(wish, MORNING)
    };
    assert_eq!(with(&|wish| wish.rounds = 0), None);
    assert_eq!(with(&|wish| wish.rounds = SOAK_ROUNDS_MAX + 1), None);
    assert_eq!(with(&|wish| wish.pause_seconds = 0), None);
    assert_eq!(with(&|wish| wish.pause_seconds = SOAK_PAUSE_MAX + 1), None);
    assert_eq!(with(&|wish| wish.doors = Vec::new()), None);
    assert_eq!(with(&|wish| wish.doors = vec![A1; SOAK_OPENINGS_MAX]), None);
}

#[test]
fn a_door_that_is_wanted_otherwise_meanwhile_is_left_out() {
    let mut rig = soaking(&[A1, A2], 2);
    rig.kiosk
        .doors
        .iter_mut()
        .find(|door| door.port == A1)
        .unwrap()
        .unknown_since = Some(MORNING);
    assert_eq!(until_open(&mut rig), Some(A2));
    opens(&mut rig, A2);
    closes(&mut rig, A2);
    rig.kiosk
        .doors
        .iter_mut()
        .find(|door| door.port == A2)
        .unwrap()
        .unknown_since = Some(MORNING);
    assert_eq!(until_open(&mut rig), None);
    assert_eq!(soak(&rig).ended, Some(SoakEnd::NoDoor));
    rig.settles(A1, Content::Empty);
    assert_eq!(until_open(&mut rig), None, "it does not begin again");
}

#[test]
fn a_clock_that_is_set_back_neither_hurries_nor_stops_it() {
    let mut rig = soaking(&[A1], 1);
    rig.wait(-3 * 3_600_000);
    assert_eq!(until_open(&mut rig), Some(A1));
    rig.wait(-3 * 3_600_000).idle(1);
    opens(&mut rig, A1);
    closes(&mut rig, A1);
    assert_eq!(soak(&rig).total().closed, 1);
}

#[test]
fn a_soak_test_that_cannot_be_read_is_left_out_and_the_kiosk_works() {
    let mut rig = soaking(&[A1, A2], 2);
    until_open(&mut rig);
    let text = serde_json::to_value(&rig.kiosk).unwrap();
    let row = text["soak"].as_array().unwrap().clone();
    let read = |row: serde_json::Value| -> Kiosk {
        let mut text = text.clone();
        text["soak"] = row;
        serde_json::from_value(text).unwrap()
    };
    assert_eq!(read(row.clone().into()).soak, rig.kiosk.soak);
    for cut in 0..row.len() {
        let whole = cut > 6 && (cut - 7) % 6 == 0;
        assert_eq!(read(row[..cut].to_vec().into()).soak.is_some(), whole, "{cut}");
    }
    for (at, wrong) in [(0, -1_i64), (2, 1_i64 << 40), (4, 7), (5, 9), (9, -1)] {
        let mut row = row.clone();
        row[at] = wrong.into();
        assert_eq!(read(row.into()).soak, None, "{at}");
    }
}
