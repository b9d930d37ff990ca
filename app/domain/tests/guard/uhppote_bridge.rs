//! A controller that obeys, and one that is lost, reset, doubled, late and an hour off.

use crate::uhppote_rig::*;
use domain::guard::drivers::uhppote::{Controller, Effect, Input};
use domain::guard::link::DoorState;

#[test]
fn cards_become_ours_to_decide_and_events_are_pushed_to_us() {
    let bench = Bench::ready();
    assert!(bench.sim.pc_control && bench.sim.special);
    assert_eq!(bench.presented(), Vec::new());
}

#[test]
fn setup_that_was_lost_is_repeated() {
    let mut bench = Bench::new();
    bench.sim.deaf_to = Some((0xA0, 3));
    bench.run(20_000);
    assert!(bench.sim.pc_control && bench.sim.special);
}

#[test]
fn a_card_is_presented_once_by_a_push_or_without() {
    let mut bench = Bench::ready();
    bench.swipe(1, 10_058_400);
    bench.deliver();
    assert_eq!(bench.presented(), [(1, 10_058_400)], "at once");
    bench.swipe(2, 471_147);
    bench.pushes.clear();
    bench.run(5_200);
    assert_eq!(
        bench.presented().last(),
        Some(&(2, 471_147)),
        "found by asking, while it was fresh"
    );
    assert_eq!(bench.presented().len(), 2);
}

#[test]
fn pushes_out_of_order_doubled_or_of_another_controller_present_nothing_twice() {
    let mut bench = Bench::ready();
    for card in 1..=5 {
        bench.swipe(1, card);
    }
    let mut pushes: Vec<Vec<u8>> = bench.pushes.drain(..).collect();
    pushes.reverse();
    for pushed in pushes.iter().chain(&pushes) {
        bench.does(Input::Pushed(pushed));
    }
    bench.run(10_000);
    assert_eq!(bench.presented(), [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]);
    let mut foreign = pushes[0].clone();
    foreign[4] ^= 1;
    foreign[8] = 99;
    let sent = bench.effects.len();
    bench.does(Input::Pushed(&foreign));
    assert_eq!(bench.effects.len(), sent);
}

#[test]
fn nothing_from_before_the_start_is_presented() {
    let mut bench = Bench::new();
    bench.swipe(1, 7);
    bench.run(12_000);
    assert_eq!(bench.presented(), Vec::new());
    // Nor after a restart that knows how far it was.
    bench.swipe(1, 8);
    bench.deliver();
    bench.restart();
    bench.run(12_000);
    assert_eq!(bench.presented(), [(1, 8)]);
    bench.swipe(1, 9);
    bench.restart();
    bench.now += 60_000;
    bench.run(12_000);
    assert_eq!(bench.presented(), [(1, 8)], "a minute old");
    assert_eq!(bench.happened().last().unwrap().card, 9, "and not forgotten");
}

#[test]
fn it_is_stored_that_an_event_was_handled_before_the_card_is_presented() {
    let mut bench = Bench::ready();
    bench.swipe(3, 5);
    bench.deliver();
    let persisted = bench
        .effects
        .iter()
        .position(|effect| *effect == Effect::Persist { index: 1 });
    let presented = bench
        .effects
        .iter()
        .position(|effect| matches!(effect, Effect::Presented { .. }));
    assert!(persisted.unwrap() < presented.unwrap());
}

#[test]
fn overwritten_events_are_lost_and_a_reset_begins_again() {
    let mut bench = Bench::ready();
    bench.sim.away = true;
    for card in 1..=6 {
        bench.swipe(1, card);
    }
    bench.pushes.clear();
    bench.sim.first = 4;
    bench.run(60_000);
    assert!(bench.has(Effect::Reachable(false)));
    bench.sim.away = false;
    bench.run(12_000);
    assert_eq!(
        bench
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Lost { .. }))
            .count(),
        3
    );
    assert_eq!(bench.happened().len(), 3);

    bench.sim.events.clear();
    (bench.sim.first, bench.sim.next) = (1, 1);
    bench.swipe(1, 77);
    bench.deliver();
    bench.run(4_900);
    assert!(bench.has(Effect::Reset));
    assert!(bench.presented().contains(&(1, 77)) || bench.happened().iter().any(|event| event.card == 77));
    bench.swipe(1, 78);
    bench.deliver();
    assert_eq!(bench.presented().last(), Some(&(1, 78)));
}

/// A controller whose events are near the last number there is, and which was read up to `u32::MAX - 3`.
fn near_the_last_number() -> Bench {
    let mut bench = Bench::new();
    bench.sim.next = u32::MAX - 3;
    bench.swipe(1, 9);
    bench.pushes.clear();
    bench.run(12_000);
    assert_eq!(bench.persisted, Some(u32::MAX - 3));
    bench.effects.clear();
    bench
}

#[test]
fn event_numbers_that_wrap_around_go_on_and_each_card_is_presented_once() {
    let mut bench = near_the_last_number();
    for card in 1..=6 {
        bench.swipe(1, card);
        bench.deliver();
        bench.run(1_000);
    }
    bench.run(12_000);
    // The third has the number that stands for "the newest" in a question.
    assert_eq!(bench.presented(), [(1, 1), (1, 2), (1, 4), (1, 5), (1, 6)]);
    let last = u32::MAX;
    assert!(bench.has(Effect::Lost { from: last, to: last }));
    assert!(!bench.has(Effect::Reset));
    assert_eq!(bench.persisted, Some(3));
    bench.restart();
    bench.run(12_000);
    assert_eq!(bench.presented().len(), 5);
    bench.swipe(1, 7);
    bench.deliver();
    assert_eq!(bench.presented().last(), Some(&(1, 7)));
}

#[test]
fn numbers_that_wrapped_around_while_nobody_read_are_read_to_the_end() {
    let mut bench = near_the_last_number();
    for card in 1..=6 {
        bench.swipe(1, card);
    }
    bench.pushes.clear();
    bench.restart();
    bench.now += 60_000;
    bench.run(12_000);
    let cards: Vec<u32> = bench.happened().iter().map(|event| event.card).collect();
    assert_eq!(cards, [1, 2, 4, 5, 6], "in their order, and too late to open");
    assert_eq!(bench.presented(), Vec::new());
}

#[test]
fn an_opening_whose_event_is_beyond_the_wrap_around_is_found() {
    let mut bench = near_the_last_number();
    for card in 1..=2 {
        bench.swipe(1, card);
    }
    bench.sim.next = 1;
    bench.sim.mute_after = Some((0x40, 1));
    bench.does(Input::Open { door: 2 });
    bench.run(20_000);
    assert_eq!(bench.sim.opened, [2]);
    assert!(bench.has(Effect::Released { door: 2 }));
}

#[test]
fn a_reset_near_the_last_number_is_a_reset() {
    let mut bench = near_the_last_number();
    bench.sim.events.clear();
    bench.sim.next = 1;
    bench.swipe(1, 1);
    bench.swipe(1, 2);
    bench.deliver();
    bench.run(12_000);
    assert!(bench.has(Effect::Reset));
    assert_eq!(bench.presented(), [(1, 1), (1, 2)]);
    assert_eq!(bench.persisted, Some(2));
}

#[test]
fn other_reasons_and_doors_never_present_a_card() {
    let mut bench = Bench::ready();
    for reason in (0..=60).filter(|reason| !matches!(reason, 5 | 6 | 18)) {
        bench.event(1, 1, 1_234, reason);
    }
    bench.event(2, 1, 1_234, 5);
    bench.event(1, 0, 1_234, 5);
    bench.event(1, 5, 1_234, 5);
    bench.deliver();
    bench.run(2_000);
    assert_eq!(bench.presented(), Vec::new());
    assert!(bench.happened().len() > 50);
}

#[test]
fn a_clock_that_is_off_is_set_and_until_then_nothing_is_presented() {
    let mut bench = Bench::new();
    bench.sim.ahead = -3_600;
    bench.run(200);
    bench.swipe(1, 1);
    bench.deliver();
    bench.run(12_000);
    assert_eq!(bench.sim.ahead, 0);
    assert_eq!(bench.sim.time_sets, 1);
    bench.swipe(1, 2);
    bench.deliver();
    assert_eq!(bench.presented().last(), Some(&(1, 2)));
}

#[test]
fn the_night_the_clocks_go_back_shuts_doors_for_seconds_only() {
    let mut bench = Bench::ready();
    // Our zone's hour repeats: the controller, which knows no zone, is an hour ahead.
    bench.sim.ahead = 3_600;
    bench.swipe(1, 1);
    bench.deliver();
    assert_eq!(bench.presented(), Vec::new(), "from the future");
    bench.run(6_000);
    assert_eq!(bench.sim.ahead, 0);
    bench.swipe(1, 2);
    bench.deliver();
    assert_eq!(bench.presented(), [(1, 2)]);
    assert_eq!(bench.sim.time_sets, 1);
}

#[test]
fn a_door_is_opened_once_and_told() {
    let mut bench = Bench::ready();
    bench.does(Input::Open { door: 2 });
    bench.run(20_000);
    assert_eq!(bench.sim.opened, [2]);
    assert!(bench.has(Effect::Released { door: 2 }));
}

#[test]
fn a_command_that_did_not_arrive_is_sent_again() {
    let mut bench = Bench::ready();
    bench.sim.deaf_to = Some((0x40, 1));
    bench.does(Input::Open { door: 2 });
    bench.run(20_000);
    assert_eq!(bench.sim.opened, [2]);
    assert!(bench.has(Effect::Released { door: 2 }));
    bench.sim.deaf_to = Some((0x40, 9));
    bench.does(Input::Open { door: 3 });
    bench.run(30_000);
    assert_eq!(bench.sim.deaf_to, Some((0x40, 7)), "twice in all");
    assert!(bench.has(Effect::NotOpened { door: 3, unsure: true }));
}

#[test]
fn a_command_whose_answer_was_lost_is_found_among_the_events_and_not_repeated() {
    for pushed in [true, false] {
        let mut bench = Bench::ready();
        bench.sim.mute_after = Some((0x40, 1));
        bench.does(Input::Open { door: 2 });
        if pushed {
            bench.deliver();
        }
        bench.run(20_000);
        assert_eq!(bench.sim.opened, [2]);
        assert!(bench.has(Effect::Released { door: 2 }));
    }
}

#[test]
fn a_relay_at_work_is_enough() {
    let mut bench = Bench::ready();
    bench.sim.deaf_to = Some((0x40, 1));
    bench.sim.relays = 0b0010;
    bench.does(Input::Open { door: 2 });
    bench.run(20_000);
    assert!(bench.sim.opened.is_empty());
    assert!(bench.has(Effect::Released { door: 2 }));
}

#[test]
fn when_nobody_answers_afterwards_it_is_unsure_and_not_repeated() {
    let mut bench = Bench::ready();
    bench.sim.mute_after = Some((0x40, 1));
    bench.does(Input::Open { door: 1 });
    bench.sim.away = true;
    bench.run(20_000);
    assert!(bench.has(Effect::NotOpened { door: 1, unsure: true }));
    bench.sim.away = false;
    bench.run(60_000);
    assert_eq!(bench.sim.opened, [1]);
}

#[test]
fn an_opening_that_could_not_be_sent_is_not_sent_later() {
    let mut bench = Bench::ready();
    bench.sim.away = true;
    bench.run(30_000);
    bench.does(Input::Open { door: 1 });
    bench.run(10_000);
    assert!(bench.has(Effect::NotOpened { door: 1, unsure: false }));
    bench.sim.away = false;
    bench.run(60_000);
    assert!(bench.sim.opened.is_empty());
    bench.does(Input::Open { door: 9 });
    bench.run(5_000);
    assert!(bench.has(Effect::NotOpened { door: 9, unsure: false }));
    assert!(bench.sim.opened.is_empty());
}

#[test]
fn a_late_answer_is_not_taken_for_another_requests() {
    let mut bench = Bench::ready();
    let mut status = bench.status();
    status[49] = 0b0010;
    bench.sim.deaf_to = Some((0x40, 1));
    bench.does(Input::Open { door: 2 });
    bench.does(Input::Answer {
        number: 1,
        bytes: &status,
    });
    bench.run(20_000);
    assert_eq!(bench.sim.opened, [2], "the old status did not say that the relay works");
}

#[test]
fn contacts_and_a_power_cut_are_told() {
    let mut bench = Bench::ready();
    bench.sim.open[3] = true;
    bench.run(6_000);
    assert!(bench.has(Effect::Contact { door: 4, open: true }));
    bench.sim.pc_control = false;
    bench.event(3, 0, 0, 28);
    bench.run(12_000);
    assert!(bench.sim.pc_control, "it was told again");
}

#[test]
fn a_forced_or_held_door_and_the_button_inside_are_told_while_they_are_fresh() {
    let mut bench = Bench::ready();
    for (reason, state) in [(20, DoorState::Button), (37, DoorState::Held), (38, DoorState::Forced)] {
        bench.event(3, 2, 0, reason);
        bench.run(6_000);
        assert!(bench.has(Effect::Door { door: 2, state }), "{state:?}");
    }
    // Fetched a minute later it is no news, and what it was at cannot be said.
    let mut bench = Bench::ready();
    bench.sim.away = true;
    bench.event(3, 2, 0, 38);
    bench.run(60_000);
    bench.sim.away = false;
    bench.run(60_000);
    let state = DoorState::Forced;
    assert!(!bench.has(Effect::Door { door: 2, state }));
}

#[test]
fn another_controller_at_the_address_is_named_and_nothing_it_says_counts() {
    const STRANGER: u32 = 423_187_757;
    let mut bench = Bench::ready();
    bench.sim.stranger = Some(STRANGER);
    bench.swipe(1, 1);
    bench.deliver();
    bench.run(30_000);
    assert!(bench.has(Effect::Reachable(false)));
    assert!(bench.has(Effect::Stranger { serial: STRANGER }));
    let named = |bench: &Bench| {
        let strangers = |effect: &&Effect| matches!(effect, Effect::Stranger { .. });
        bench.effects.iter().filter(strangers).count()
    };
    assert_eq!(named(&bench), 1, "once, however often it is asked");
    assert!(bench.presented().is_empty());

    // One that answers to every number is no better.
    let mut answer = bench.status();
    answer[4..8].copy_from_slice(&STRANGER.to_le_bytes());
    bench.bridge = Controller::new(SERIAL, bench.persisted, None);
    bench.effects.clear();
    let sent = |bench: &Bench| {
        let number = |effect: &Effect| match effect {
            Effect::Send { number, .. } => Some(*number),
            _ => None,
        };
        bench.effects.iter().rev().find_map(number).unwrap()
    };
    bench.does(Input::Tick);
    let number = sent(&bench);
    bench.does(Input::Answer { number, bytes: &answer });
    assert_eq!(named(&bench), 1);
    assert!(!bench.has(Effect::Reachable(true)));

    // Its own controller is back.
    bench.sim.stranger = None;
    bench.run(20_000);
    assert!(bench.has(Effect::Reachable(true)));
    assert!(bench.presented().is_empty(), "the card was shown too long ago");
    bench.swipe(1, 2);
    bench.deliver();
    assert_eq!(bench.presented(), [(1, 2)]);
}
