//! What boards report, and what the kiosk makes of it: a frame that was acknowledged is not an open door, an open door is not a closed one.

use crate::rig::*;
use domain::boards::bus::{BoardState, Report, Why};
use domain::boards::{Kind, Wiring};
use domain::ids::Port;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Content, Effect, Input, Kiosk, Screen, Sound, Stage, Trouble, Usage};

/// A kiosk whose doors have lock boards.
pub fn wired() -> Rig {
    let mut rig = Rig::new();
    rig.kiosk.wiring = Some(Wiring::of(Kind::Xor8a));
    rig
}

/// The opening that was begun last.
fn attempt(kiosk: &Kiosk) -> u64 {
    kiosk.attempts
}

fn reports(rig: &mut Rig, report: Report) -> &mut Rig {
    rig.does(Input::Reported(report))
}

fn released(rig: &mut Rig, port: Port) {
    let attempt = attempt(&rig.kiosk);
    reports(rig, Report::Released { attempt, port });
}

fn opened(rig: &mut Rig, port: Port, moved: bool) {
    let attempt = attempt(&rig.kiosk);
    reports(rig, Report::Opened { attempt, port, moved });
}

fn closed(rig: &mut Rig, port: Port) {
    let attempt = attempt(&rig.kiosk);
    reports(rig, Report::Closed { attempt, port });
}

fn not_opened(rig: &mut Rig, port: Port, why: Why) {
    let attempt = attempt(&rig.kiosk);
    reports(rig, Report::NotOpened { attempt, port, why });
}

fn unsure(rig: &mut Rig, port: Port) {
    let attempt = attempt(&rig.kiosk);
    reports(rig, Report::Unsure { attempt, port });
}

fn stage(rig: &Rig) -> Stage {
    rig.kiosk.opening.as_ref().unwrap().stage()
}

fn open_doors(rig: &Rig) -> usize {
    rig.effects
        .iter()
        .filter(|effect| matches!(effect, Effect::OpenDoor(_)))
        .count()
}

#[test]
fn a_door_is_told_to_open_before_anything_else_is_done() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.effects.first(), Some(&Effect::OpenDoor(A1)));
    let attempt = attempt(&rig.kiosk);
    let why = Why::Jammed;
    reports(&mut rig, Report::NotOpened { attempt, port: A1, why });
    rig.does(Input::TryAgain);
    assert_eq!(rig.effects.first(), Some(&Effect::OpenDoor(A1)));
}

#[test]
fn a_door_that_was_released_is_neither_open_nor_closed() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
    assert_eq!(stage(&rig), Stage::Asked);
    released(&mut rig, A1);
    assert_eq!(stage(&rig), Stage::Released);
    rig.closes(A1);
    assert_eq!(
        rig.status(A1),
        CompartmentStatus::Storing,
        "its contact tells, nobody's word"
    );
    opened(&mut rig, A1, true);
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    closed(&mut rig, A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    assert!(matches!(rig.kiosk.screen, Screen::Code { .. }));
    assert!(rig.kiosk.opening.is_none());
}

#[test]
fn every_usage_ends_with_the_contact() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    opened(&mut rig, A1, true);
    closed(&mut rig, A1);
    rig.does(Input::Done);
    let pwd = rig.pwd(A1);
    rig.tile(Usage::PickUp).types("A1", &pwd);
    opened(&mut rig, A1, true);
    closed(&mut rig, A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    rig.does(Input::Done).tile(Usage::Return);
    rig.returns(domain::locker::kiosk::Named::Order(order_no("1007")))
        .chooses(A2);
    opened(&mut rig, A2, true);
    closed(&mut rig, A2);
    assert_eq!(rig.status(A2), CompartmentStatus::Stored);
    rig.does(Input::Done).tile(Usage::Retrieval).pin().chooses(A2);
    opened(&mut rig, A2, true);
    closed(&mut rig, A2);
    assert_eq!(rig.status(A2), CompartmentStatus::Free);
}

#[test]
fn a_contact_that_reads_open_blocks_no_opening_and_then_the_person_is_believed() {
    let mut rig = wired();
    reports(&mut rig, Report::Reads { port: A1, open: true });
    rig.tile(Usage::Deposit).pin().chooses(A1);
    assert_eq!(rig.opened(), Some(A1));
    opened(&mut rig, A1, false);
    assert!(rig.kiosk.takes_word());
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    let kinds = rig.kinds();
    assert!(kinds.contains(&EventKind::DoorSaidClosed), "the log says by whose word");
}

#[test]
fn without_contacts_the_person_is_believed_once_the_lock_was_released() {
    let mut rig = wired();
    if let Some(wiring) = &mut rig.kiosk.wiring {
        wiring.boards.contacts = false;
    }
    rig.tile(Usage::Deposit).pin().chooses(A1).closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Storing, "nothing left yet");
    released(&mut rig, A1);
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn an_answer_that_was_lost_is_never_followed_by_a_second_opening() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    unsure(&mut rig, A1);
    assert_eq!(rig.event().kind, EventKind::DoorUnsure);
    for _ in 0..60 {
        rig.idle(1);
        assert_eq!(open_doors(&rig), 0);
    }
    rig.does(Input::TryAgain);
    assert_eq!(open_doors(&rig), 0, "not while it may still open");
    assert!(rig.kiosk.takes_word());
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn an_unsure_door_whose_contact_moves_goes_on_by_itself() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    unsure(&mut rig, A1);
    opened(&mut rig, A1, true);
    closed(&mut rig, A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn a_jammed_door_is_tried_twice_again_and_then_staff_have_to_look_at_it() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    for _ in 0..2 {
        released(&mut rig, A1);
        not_opened(&mut rig, A1, Why::Jammed);
        let event = rig.event();
        assert_eq!(
            (event.kind, event.detail.as_deref()),
            (EventKind::DoorNotOpened, Some("jammed"))
        );
        rig.does(Input::TryAgain);
        assert_eq!(rig.opened(), Some(A1));
        let event = rig.event();
        assert_eq!(
            (event.kind, event.detail.as_deref()),
            (EventKind::DepositOpened, Some("again"))
        );
    }
    not_opened(&mut rig, A1, Why::Jammed);
    assert_eq!(rig.trouble(), Some(Trouble::DoorFailed));
    assert!(
        matches!(rig.kiosk.screen, Screen::ChooseFree { .. }),
        "another compartment"
    );
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    rig.chooses(A1);
    assert_eq!((rig.trouble(), open_doors(&rig)), (Some(Trouble::DoorNotFree), 0));
    assert_eq!(rig.kiosk.half_done().map(|door| door.port).collect::<Vec<_>>(), [A1]);
    rig.does(Input::StaffArea).settles(A1, Content::Empty);
    assert!(rig.kiosk.free_doors(1).any(|door| door.port == A1));
}

#[test]
fn a_door_that_does_not_open_for_a_pick_up_stays_stored() {
    let mut rig = wired();
    rig.kiosk.wiring = None;
    let pwd = rig.deposits(A1);
    rig.kiosk.wiring = Some(Wiring::of(Kind::Xor8a));
    rig.tile(Usage::PickUp).types("A1", &pwd);
    not_opened(&mut rig, A1, Why::Jammed);
    rig.does(Input::GiveUp(true));
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
    assert!(rig.kiosk.half_done().any(|door| door.port == A1), "on the staff's list");
    assert_eq!(rig.pwd(A1), pwd);
}

#[test]
fn a_door_of_which_nobody_knows_is_asked_about() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    unsure(&mut rig, A1);
    not_opened(&mut rig, A1, Why::Unknown);
    assert!(matches!(rig.kiosk.screen, Screen::DoorOpen { .. }));
    assert!(rig.kiosk.takes_word(), "it opened, and I have closed it");
    assert!(rig.kiosk.may_try_again(), "it did not");
    rig.closes(A1);
    assert_eq!(rig.status(A1), CompartmentStatus::Stored);
}

#[test]
fn what_did_not_leave_ends_the_step() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    let attempt = attempt(&rig.kiosk);
    reports(&mut rig, Report::NotSent { attempt, port: A1 });
    assert_eq!(rig.trouble(), Some(Trouble::DoorFailed));
    assert_eq!(rig.status(A1), CompartmentStatus::Free);
    assert!(
        rig.kiosk.free_doors(1).any(|door| door.port == A1),
        "its lock was not even asked"
    );
}

#[test]
fn a_late_report_is_not_taken_for_another_openings() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    let first = attempt(&rig.kiosk);
    opened(&mut rig, A1, true);
    closed(&mut rig, A1);
    rig.does(Input::OpenAgain);
    assert!(attempt(&rig.kiosk) > first);
    for late in [
        Report::Opened {
            attempt: first,
            port: A1,
            moved: true,
        },
        Report::Closed {
            attempt: first,
            port: A1,
        },
    ] {
        reports(&mut rig, late);
        assert_eq!(stage(&rig), Stage::Asked);
        assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    }
}

#[test]
fn joined_doors_are_one_grant_and_two_locks() {
    let mut rig = wired();
    let a3 = rig.kiosk.doors.iter_mut().find(|door| door.port == A3).unwrap();
    a3.status = CompartmentStatus::Free;
    rig.tile(Usage::Deposit).pin().chooses(A3);
    let locks: Vec<Port> = rig
        .kiosk
        .opening
        .as_ref()
        .unwrap()
        .locks
        .iter()
        .map(|(port, _)| *port)
        .collect();
    assert_eq!(locks, [A3, A4], "A4 is joined to A3");
    let events = rig
        .kinds()
        .iter()
        .filter(|kind| **kind == EventKind::DepositOpened)
        .count();
    assert_eq!((events, open_doors(&rig)), (1, 1));
    opened(&mut rig, A3, true);
    opened(&mut rig, A4, true);
    closed(&mut rig, A3);
    assert_eq!(rig.status(A3), CompartmentStatus::Storing, "the other half is open");
    closed(&mut rig, A4);
    assert_eq!(rig.status(A3), CompartmentStatus::Stored);
}

#[test]
fn a_door_left_open_is_an_event_and_nobody_who_closes_it_later_completes_the_step() {
    let mut rig = wired();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    opened(&mut rig, A1, true);
    let late = attempt(&rig.kiosk);
    rig.idle(301);
    assert!(rig.kinds().contains(&EventKind::DoorLeftOpen));
    assert_eq!(rig.kiosk.screen, Screen::Home);
    reports(
        &mut rig,
        Report::Closed {
            attempt: late,
            port: A1,
        },
    );
    assert_eq!(rig.status(A1), CompartmentStatus::Storing);
    assert!(rig.kiosk.half_done().any(|door| door.port == A1));
}

#[test]
fn a_forced_door_raises_the_alarm_and_is_an_event_of_nobodys() {
    let mut rig = wired();
    rig.staff_area();
    reports(&mut rig, Report::Forced { port: A2 });
    assert_eq!(rig.effects, [Effect::Sound(Sound::Alarm), Effect::Sync]);
    let event = rig.event();
    assert_eq!(
        (event.kind, event.port, event.actor.as_ref()),
        (EventKind::DoorForced, Some(A2), None)
    );
    assert_eq!(rig.door(A2).sensed_open, Some(true));
    assert_eq!(rig.status(A2), CompartmentStatus::Free);
}

#[test]
fn doors_of_a_silent_board_are_not_handed_out() {
    let mut rig = wired();
    rig.kiosk.wiring = None;
    let pwd = rig.deposits(A1);
    rig.kiosk.wiring = Some(Wiring::of(Kind::Xor8a));
    for state in [
        BoardState::Silent,
        BoardState::Garbled,
        BoardState::Echo,
        BoardState::Lost,
    ] {
        reports(&mut rig, Report::Board { jumper: 1, state });
        assert!(rig.kiosk.free_doors(1).all(|door| door.port == B1), "{state:?}");
        rig.tile(Usage::PickUp).types("A1", &pwd);
        assert_eq!((rig.trouble(), open_doors(&rig)), (Some(Trouble::BoardSilent), 0));
        rig.does(Input::Cancel).tile(Usage::Deposit).pin().chooses(A2);
        assert_eq!((rig.trouble(), open_doors(&rig)), (Some(Trouble::BoardSilent), 0));
        rig.does(Input::Cancel);
    }
    reports(
        &mut rig,
        Report::Board {
            jumper: 1,
            state: BoardState::Ok,
        },
    );
    rig.tile(Usage::PickUp).types("A1", &pwd);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_board_that_fails_for_a_minute_is_one_event_until_it_is_back() {
    let mut rig = wired();
    let board = |state| Report::Board { jumper: 2, state };
    let failed = |rig: &Rig| -> Vec<String> {
        let failed = |kind| kind == EventKind::BoardFailed;
        let events = rig.kiosk.log.events().iter().filter(|event| failed(event.kind));
        events.filter_map(|event| event.detail.clone()).collect()
    };
    reports(&mut rig, board(BoardState::Silent));
    rig.idle(59);
    assert!(failed(&rig).is_empty(), "it may come back");
    reports(&mut rig, board(BoardState::Garbled));
    rig.idle(1);
    assert!(rig.effects.contains(&Effect::Sync));
    assert_eq!(failed(&rig), ["2 garbled"]);
    rig.idle(3_600);
    assert_eq!(failed(&rig).len(), 1, "an hour of noise is one failure");
    reports(&mut rig, board(BoardState::Ok));
    rig.idle(70);
    assert_eq!(failed(&rig).len(), 1);
    rig.staff_area();
    reports(&mut rig, board(BoardState::Lost));
    rig.idle(100);
    assert_eq!(failed(&rig).len(), 1, "the technician pulls it out");
    rig.does(Input::Done).idle(1);
    assert_eq!(failed(&rig), ["2 garbled", "2 lost"]);
}

#[test]
fn nothing_opens_after_a_restart_at_any_step() {
    for steps in 0..6 {
        let mut rig = wired();
        let port = A1;
        rig.tile(Usage::Deposit).pin().chooses(port);
        let attempt = attempt(&rig.kiosk);
        let story = [
            Report::Released { attempt, port },
            Report::Unsure { attempt, port },
            Report::Opened {
                attempt,
                port,
                moved: true,
            },
            Report::NotOpened {
                attempt,
                port,
                why: Why::Jammed,
            },
            Report::Closed { attempt, port },
        ];
        for report in &story[..steps.min(story.len())] {
            reports(&mut rig, *report);
        }
        rig.does(Input::Started);
        assert_eq!(open_doors(&rig), 0);
        rig.idle(30);
        for report in story {
            reports(&mut rig, report);
            assert_eq!(open_doors(&rig), 0);
        }
        assert_eq!(rig.kiosk.screen, Screen::Home);
        assert!(rig.kiosk.opening.is_none());
    }
}

#[test]
fn staff_test_empty_doors_only_and_every_test_is_an_event() {
    let mut rig = wired();
    rig.kiosk.wiring = None;
    rig.deposits(A1);
    rig.kiosk.wiring = Some(Wiring::of(Kind::Xor8a));
    rig.does(Input::TestOpen(A2));
    assert_eq!(open_doors(&rig), 0, "nobody is identified");
    rig.staff_area().does(Input::TestOpen(A1));
    assert_eq!((rig.trouble(), open_doors(&rig)), (Some(Trouble::DoorNotFree), 0));
    for port in [A2, A3, A4] {
        rig.does(Input::TestOpen(port));
        assert_eq!(rig.opened(), Some(port));
        assert_eq!(
            (rig.event().kind, rig.event().port),
            (EventKind::TestOpened, Some(port))
        );
    }
    let attempt = attempt(&rig.kiosk);
    reports(
        &mut rig,
        Report::Opened {
            attempt,
            port: A4,
            moved: true,
        },
    );
    assert_eq!(rig.kiosk.test.as_ref().unwrap().stage(), Stage::Opened { moved: true });
    rig.does(Input::Done);
    assert_eq!(rig.kiosk.test, None);
    assert!(rig.effects.contains(&Effect::ForgetOpening(attempt)));
}
