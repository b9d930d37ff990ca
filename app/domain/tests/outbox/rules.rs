//! The rules, one by one.

use crate::world::{START, World};
use domain::ids::Millis;
use domain::outbox::{
    Answer, Decision, Effect, FAILURES_MAX, FORM, Input, KEY_STANDS_MS, Key, Kind, NOT_YET_WAIT_MS, NotTaken,
    ON_ITS_WAY_MS, OVERTAKEN_MAX, Outbox, State, Told, Unreadable, Work,
};
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;

fn work(kind: Kind, about: &str) -> Work {
    Work {
        kind,
        about: about.to_owned(),
        body: "{}".to_owned(),
        after: None,
    }
}

fn key(text: &str) -> Key {
    Key(text.to_owned())
}

fn answered(text: &str, answer: Answer) -> Input {
    Input::Answered { key: key(text), answer }
}

fn refused() -> Answer {
    Answer::Refused {
        reason: "order-status".to_owned(),
        theirs: Some("C".to_owned()),
        values: BTreeMap::new(),
    }
}

fn decided(text: &str, decision: Decision) -> Input {
    Input::Decided {
        key: key(text),
        decision,
    }
}

fn instead(text: &str) -> Decision {
    Decision::Instead {
        key: key(text),
        body: "chosen".to_owned(),
    }
}

#[test]
fn an_entry_is_sent_at_once_and_leaves_when_it_is_confirmed() {
    let mut outbox = Outbox::default();
    let sent = outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None);
    assert_eq!(sent, Ok(vec![Effect::Send(key("a"))]));
    assert_eq!(outbox.step(Input::Tick, START.plus(1_000)), Vec::new());
    let done = outbox.step(answered("a", Answer::Done), START.plus(2_000));
    assert_eq!(done, vec![Effect::Confirmed(key("a"))]);
    assert_eq!((outbox.unsent(), outbox.confirmed()), (0, 1));
}

#[test]
fn the_30_minutes_count_from_the_scan_to_the_choice_and_not_to_the_sending() {
    let mut outbox = Outbox::default();
    outbox.step(Input::Offline, START);
    let deposit = work(Kind::Deposit { scanned_at: START }, "order 1");
    let late = outbox.add(deposit.clone(), key("a"), START.plus(30 * MINUTE + 1), None);
    assert_eq!(late, Err(NotTaken::ScanTooOld));
    assert_eq!(outbox.unsent(), 0);
    assert_eq!(
        outbox.add(deposit, key("a"), START.plus(30 * MINUTE), None),
        Ok(Vec::new())
    );
    let evening = START.plus(9 * 60 * MINUTE);
    assert_eq!(outbox.step(Input::Online, evening), vec![Effect::Send(key("a"))]);
}

#[test]
fn entries_about_the_same_go_one_after_another_and_others_beside_them() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Grant, "guard 1"), key("a"), START, None).unwrap();
    assert_eq!(
        outbox.add(work(Kind::Grant, "guard 1"), key("b"), START, None),
        Ok(Vec::new())
    );
    let other = outbox.add(work(Kind::Grant, "guard 2"), key("c"), START, None);
    assert_eq!(other, Ok(vec![Effect::Send(key("c"))]));
    let done = outbox.step(answered("a", Answer::Done), START);
    assert_eq!(done, vec![Effect::Confirmed(key("a")), Effect::Send(key("b"))]);
}

#[test]
fn a_deposit_waits_for_its_scan() {
    let mut outbox = Outbox::default();
    let mut deposit = work(Kind::Deposit { scanned_at: START }, "order 1");
    deposit.after = Some(key("a"));
    assert_eq!(
        outbox.add(deposit.clone(), key("b"), START, None),
        Err(NotTaken::Unfounded)
    );
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    assert_eq!(outbox.add(deposit, key("b"), START, None), Ok(Vec::new()));
    let done = outbox.step(answered("a", Answer::Done), START);
    assert_eq!(done, vec![Effect::Confirmed(key("a")), Effect::Send(key("b"))]);
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key_and_ever_longer_waits() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Sync, "kiosk 1"), key("a"), START, None).unwrap();
    let mut now = START;
    for wait in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        outbox.step(answered("a", Answer::Lost), now);
        assert_eq!(outbox.next_at(), Some(now.plus(wait)));
        assert_eq!(outbox.step(Input::Tick, now.plus(wait - 1)), Vec::new());
        now = now.plus(wait);
        assert_eq!(outbox.step(Input::Tick, now), vec![Effect::Send(key("a"))]);
    }
    outbox.step(answered("a", Answer::Lost), now);
    assert_eq!(
        outbox.step(Input::Online, now),
        vec![Effect::Send(key("a"))],
        "the network came back: no wait"
    );
}

#[test]
fn a_conflict_keeps_both_truths_until_the_person_decides() {
    let mut outbox = Outbox::default();
    outbox
        .add(work(Kind::Correction, "order 1"), key("a"), START, None)
        .unwrap();
    outbox
        .add(work(Kind::Correction, "order 1"), key("b"), START, None)
        .unwrap();
    let came_back = outbox.step(answered("a", refused()), START);
    assert_eq!(came_back, vec![Effect::Conflict(key("a"))], "what follows it waits");
    let card = outbox.conflicts().next().unwrap();
    let State::Conflict(conflict) = &card.state else {
        panic!("no conflict");
    };
    assert_eq!((card.body.as_str(), conflict.theirs.as_deref()), ("{}", Some("C")));
    for input in [Input::Started, Input::Online, Input::Tick, Input::SignedIn] {
        assert_eq!(outbox.step(input, START.plus(MINUTE)), Vec::new());
    }
    let again = decided("a", Decision::Again);
    assert_eq!(outbox.step(again, START), vec![Effect::Send(key("a"))]);
    outbox.step(answered("a", refused()), START);
    let discard = decided("a", Decision::Discard);
    assert_eq!(outbox.step(discard, START), vec![Effect::Send(key("b"))]);
    assert_eq!((outbox.unsent(), outbox.discarded()), (1, 1));
}

#[test]
fn a_correction_comes_back_with_the_values_of_the_server_and_goes_again_as_the_person_chose() {
    let mut outbox = Outbox::default();
    outbox
        .add(work(Kind::Correction, "order 1"), key("a"), START, None)
        .unwrap();
    let mut second = work(Kind::Correction, "order 1");
    second.after = Some(key("a"));
    outbox.add(second, key("b"), START, None).unwrap();
    let theirs = BTreeMap::from([("texts.address".to_owned(), "부산".to_owned())]);
    let changed = Answer::Refused {
        reason: "changed".to_owned(),
        theirs: None,
        values: theirs.clone(),
    };
    outbox.step(answered("a", changed), START);
    let mut outbox = Outbox::from_text(&outbox.to_text()).unwrap();
    let State::Conflict(conflict) = &outbox.entries()[0].state else {
        panic!("no conflict");
    };
    assert_eq!(conflict.values, theirs);
    let sent = outbox.step(decided("a", instead("c")), START.plus(MINUTE));
    assert_eq!(sent, vec![Effect::Send(key("c"))]);
    let first = &outbox.entries()[0];
    assert_eq!(
        (first.body.as_str(), first.number, first.about.as_str()),
        ("chosen", 1, "order 1")
    );
    assert_eq!(outbox.entry(&key("a")), None);
    let done = outbox.step(answered("c", Answer::Done), START.plus(MINUTE));
    assert_eq!(done, vec![Effect::Confirmed(key("c")), Effect::Send(key("b"))]);
    assert_eq!(outbox.discarded(), 0);
}

#[test]
fn only_a_correction_with_a_conflict_and_a_fresh_key_is_replaced() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Grant, "guard 1"), key("a"), START, None).unwrap();
    outbox
        .add(work(Kind::Correction, "order 1"), key("b"), START, None)
        .unwrap();
    outbox
        .add(work(Kind::Correction, "order 2"), key("c"), START, None)
        .unwrap();
    for name in ["a", "b"] {
        outbox.step(answered(name, refused()), START);
    }
    let before = outbox.clone();
    for (entry, taken) in [("a", "x"), ("b", "c"), ("b", "b"), ("c", "x"), ("none", "x")] {
        assert_eq!(
            outbox.step(decided(entry, instead(taken)), START),
            Vec::new(),
            "{entry}"
        );
        assert_eq!(outbox, before, "{entry} {taken}");
    }
}

#[test]
fn what_builds_on_a_discarded_entry_comes_back_too() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    let mut deposit = work(Kind::Deposit { scanned_at: START }, "order 1");
    deposit.after = Some(key("a"));
    outbox.add(deposit, key("b"), START, None).unwrap();
    outbox.step(answered("a", refused()), START);
    let discard = decided("a", Decision::Discard);
    assert_eq!(outbox.step(discard, START), vec![Effect::Conflict(key("b"))]);
    assert_eq!(outbox.conflicts().count(), 1);
}

#[test]
fn an_entry_at_which_the_server_always_fails_does_not_hold_up_the_others() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    let mut now = START;
    for _ in 1..FAILURES_MAX {
        outbox.step(answered("a", Answer::Failed { wait_ms: None }), now);
        now = now.plus(MINUTE);
        assert_eq!(outbox.step(Input::Tick, now), vec![Effect::Send(key("a"))]);
    }
    let last = outbox.step(answered("a", Answer::Failed { wait_ms: None }), now);
    assert_eq!(last, vec![Effect::Conflict(key("a"))]);
    let again = decided("a", Decision::Again);
    // Whether one of the tries was done is not known, and the key may be forgotten by now.
    assert_eq!(outbox.step(again, now), Vec::new());
    let later = now.plus(ON_ITS_WAY_MS);
    assert_eq!(outbox.step(Input::Tick, later), vec![Effect::Ask(key("a"))]);
}

#[test]
fn a_server_that_asks_to_wait_is_given_the_time() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    outbox.step(answered("a", Answer::Failed { wait_ms: Some(30_000) }), START);
    assert_eq!(outbox.next_at(), Some(START.plus(30_000)));
}

#[test]
fn nothing_is_sent_after_the_session_ended_until_somebody_signs_in() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    assert_eq!(
        outbox.step(answered("a", Answer::SignedOut), START),
        vec![Effect::SignIn]
    );
    assert_eq!(
        outbox.add(work(Kind::Scan, "kiosk 2"), key("b"), START, None),
        Ok(Vec::new())
    );
    assert_eq!(outbox.step(Input::Online, START.plus(MINUTE)), Vec::new());
    assert_eq!(
        outbox.step(Input::SignedIn, START.plus(MINUTE)),
        vec![Effect::Send(key("a")), Effect::Send(key("b"))]
    );
}

#[test]
fn a_result_unknown_for_nearly_a_day_is_asked_for_and_not_sent_again() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    outbox.step(answered("a", Answer::Lost), START);
    outbox.step(Input::Offline, START);
    let early = START.plus(KEY_STANDS_MS - 1);
    assert_eq!(outbox.clone().step(Input::Online, early), vec![Effect::Send(key("a"))]);
    let late = START.plus(KEY_STANDS_MS);
    assert_eq!(outbox.step(Input::Online, late), vec![Effect::Ask(key("a"))]);
    let mut done = outbox.clone();
    let told = |done| Input::Told { key: key("a"), done };
    assert_eq!(done.step(told(Told::Done), late), vec![Effect::Confirmed(key("a"))]);
    assert_eq!(outbox.step(told(Told::NotDone), late), vec![Effect::Send(key("a"))]);
}

#[test]
fn others_wait_before_the_server_forgets_the_key_of_one_whose_result_is_unknown() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 0"), key("a"), START, None).unwrap();
    let mut sent = 0;
    for number in 0..OVERTAKEN_MAX + 5 {
        let name = format!("other {number}");
        let effects = outbox.add(work(Kind::Scan, &name), key(&name), START, None).unwrap();
        if effects.contains(&Effect::Send(key(&name))) {
            sent += 1;
            outbox.step(answered(&name, Answer::Done), START);
        }
    }
    assert_eq!(sent, OVERTAKEN_MAX);
    let effects = outbox.step(answered("a", Answer::Done), START);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Send(_))),
        "{effects:?}"
    );
}

#[test]
fn what_does_not_fit_is_not_taken_and_what_is_there_stays() {
    let mut outbox = Outbox::default();
    outbox.step(Input::Offline, START);
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    let before = outbox.clone();
    let room = outbox.to_text().len() + 10;
    assert_eq!(
        outbox.add(work(Kind::Scan, "kiosk 2"), key("b"), START, Some(room)),
        Err(NotTaken::Full)
    );
    assert_eq!(outbox, before);
    assert_eq!(
        outbox.add(work(Kind::Scan, "kiosk 2"), key("a"), START, None),
        Err(NotTaken::KeyTaken)
    );
}

#[test]
fn what_was_under_way_when_the_page_was_killed_is_sent_again() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    let mut again = Outbox::from_text(&outbox.to_text()).unwrap();
    assert_eq!(again.step(Input::Started, START.plus(1)), vec![Effect::Send(key("a"))]);
}

#[test]
fn a_clock_that_was_set_back_keeps_nothing_in_the_outbox() {
    let mut outbox = Outbox::default();
    outbox.add(work(Kind::Scan, "kiosk 1"), key("a"), START, None).unwrap();
    outbox.step(answered("a", Answer::Lost), START);
    let back = START.plus(-400 * 86_400_000);
    assert_eq!(outbox.step(Input::Tick, back), vec![Effect::Ask(key("a"))]);
}

#[test]
fn the_stored_form_is_this_one_letter_by_letter() {
    let text = concat!(
        r#"{"form":1,"last":2,"started":9,"confirmed":7,"discarded":1,"entries":["#,
        r#"{"key":"a","number":1,"madeAt":1000,"kind":"deposit","scannedAt":900,"about":"order 1","body":"{}","#,
        r#""state":{"waiting":{"notBefore":2000}},"tries":1,"failures":0,"#,
        r#""unknown":{"since":1000,"last":1000,"sends":1,"started":9,"askFirst":false}},"#,
        r#"{"key":"b","number":2,"madeAt":1000,"kind":"scan","about":"kiosk 1","body":"{}","after":"a","#,
        r#""state":{"conflict":{"reason":"order-status","theirs":"C"}},"tries":0,"failures":0}]}"#
    );
    let outbox = Outbox::from_text(text).unwrap();
    assert_eq!(
        outbox.entries()[0].kind,
        Kind::Deposit {
            scanned_at: Millis(900)
        }
    );
    assert_eq!(outbox.to_text(), text);
}

#[test]
fn a_newer_form_is_left_alone_and_a_damaged_one_named() {
    let newer = format!(r#"{{"form":{},"entries":"of another kind"}}"#, FORM + 1);
    assert_eq!(Outbox::from_text(&newer), Err(Unreadable::Newer { form: FORM + 1 }));
    for text in [
        "",
        "{}",
        r#"{"form":1}"#,
        r#"{"form":1,"last":0,"started":0,"confirmed":0,"discarded":0,"entries":[{}]}"#,
    ] {
        assert_eq!(Outbox::from_text(text), Err(Unreadable::Damaged), "{text}");
    }
}

#[test]
fn a_round_of_fifty_deposits_reaches_the_server_once_and_in_order() {
    let mut world = World::new();
    world.network = false;
    world.does(Input::Offline);
    for number in 0..50 {
        let kiosk = format!("kiosk {}", number % 3);
        let scan = world.adds(Kind::Scan, &kiosk, None, true).unwrap();
        let deposit = Kind::Deposit { scanned_at: world.now };
        world
            .adds(deposit, &format!("order {number}"), Some(scan), true)
            .unwrap();
        world.is_killed_in(None);
        world.does(Input::Offline);
        world.waits(MINUTE);
    }
    assert_eq!(world.outbox.unsent(), 100);
    world.all_is_well();
    world.check();
    assert_eq!((world.outbox.unsent(), world.server.effects.len()), (0, 100));
    assert_eq!(world.asked, 0);
}

fn not_yet() -> Answer {
    Answer::NotYet {
        reason: "kiosk-not-heard".to_owned(),
    }
}

#[test]
fn what_the_server_cannot_decide_yet_waits_and_holds_up_nothing_else() {
    let mut outbox = Outbox::default();
    let deposit = work(Kind::Deposit { scanned_at: START }, "order 1");
    outbox.add(deposit, key("a"), START, None).unwrap();
    outbox.step(answered("a", not_yet()), START.plus(10));
    assert_eq!(outbox.entries()[0].not_yet.as_deref(), Some("kiosk-not-heard"));
    assert_eq!(outbox.conflicts().count(), 0);
    let other = outbox.add(work(Kind::Scan, "kiosk 2"), key("b"), START.plus(20), None);
    assert_eq!(other, Ok(vec![Effect::Send(key("b"))]));
    outbox.step(answered("b", Answer::Done), START.plus(30));
    assert_eq!(outbox.step(Input::Tick, START.plus(NOT_YET_WAIT_MS)), Vec::new());
    let sent = outbox.step(Input::Tick, START.plus(10 + NOT_YET_WAIT_MS));
    assert_eq!(sent, vec![Effect::Send(key("a"))]);
    assert_eq!(outbox.entries()[0].not_yet, None);
}

#[test]
fn the_data_of_a_kiosk_let_what_waits_for_a_report_go_at_once() {
    let mut outbox = Outbox::default();
    let deposit = work(Kind::Deposit { scanned_at: START }, "order 1");
    outbox.add(deposit, key("a"), START, None).unwrap();
    outbox.step(answered("a", not_yet()), START.plus(10));
    outbox
        .add(work(Kind::Sync, "kiosk 1"), key("b"), START.plus(20), None)
        .unwrap();
    let effects = outbox.step(answered("b", Answer::Done), START.plus(30));
    assert_eq!(effects, vec![Effect::Confirmed(key("b")), Effect::Send(key("a"))]);
}
