//! Codes that must be refused, each for its own reason, changing nothing but the log.

use crate::rig::*;
use domain::ids::Yid;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Kiosk, Screen, Trouble, Usage};
use domain::token::{CompartmentFields, Payload, TokenKey};

/// What a refusal may not change.
fn sound(kiosk: &Kiosk) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        serde_json::to_value(&kiosk.doors).unwrap(),
        kiosk.screen.clone(),
        kiosk.staff.clone(),
        kiosk.clock,
    )
}

#[test]
fn every_bad_code_is_refused_with_its_reason() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    let good = take(A1, &pwd, None);
    let other_key = TokenKey::new(b"another secret of another kiosk.");
    let bent = {
        let code = rig.code(&good);
        let at = code.len() / 2;
        let other = if code.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &code[..at], &code[at + 1..])
    };
    let fields = CompartmentFields {
        serial: 1,
        jumper: 1,
        pwd: pwd.clone(),
        save_date: String::new(),
        label: String::new(),
        things_sq: None,
    };
    let cases = [
        ("not a code at all", "hello".to_owned(), Trouble::CodeDamaged),
        ("one character changed", bent, Trouble::CodeDamaged),
        (
            "another secret",
            rig.code_by(&other_key, YID, &good, MORNING),
            Trouble::CodeDamaged,
        ),
        (
            "another kiosk",
            rig.code_by(&other_key, Yid(1235), &good, MORNING),
            Trouble::CodeForeign,
        ),
        (
            "another kiosk, same secret",
            rig.code_by(&key(), Yid(1235), &good, MORNING),
            Trouble::CodeForeign,
        ),
        (
            "eleven minutes old",
            rig.code_at(&good, MORNING.plus(-11 * MINUTE)),
            Trouble::CodeExpired,
        ),
        (
            "eleven minutes ahead",
            rig.code_at(&good, MORNING.plus(11 * MINUTE)),
            Trouble::CodeFromFuture,
        ),
        (
            "a pass six minutes old",
            rig.code_at(&pass(), MORNING.plus(-6 * MINUTE)),
            Trouble::CodeExpired,
        ),
        (
            "our own OpenToSave",
            rig.code(&Payload::OpenToSave(fields)),
            Trouble::CodeKind,
        ),
        (
            "our own SaveToData",
            rig.code(&Payload::SaveToData(Vec::new())),
            Trouble::CodeKind,
        ),
    ];
    for (what, code, why) in cases {
        let before = sound(&rig.kiosk);
        rig.scans(&code);
        assert_eq!(rig.trouble(), Some(why), "{what}");
        assert_eq!(sound(&rig.kiosk), before, "{what} changed something");
        assert_eq!(rig.event().kind, EventKind::Refused, "{what}");
        assert_eq!(rig.event().detail.as_deref(), Some(why.code()), "{what}");
        assert_eq!(rig.opened(), None, "{what}");
    }
    let code = rig.code(&good);
    rig.scans(&code);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_code_opens_once() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    let code = rig.code(&take(A1, &pwd, None));
    rig.scans(&code)
        .does(Input::GiveUp(true))
        .closes(A1)
        .does(Input::Done)
        .scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeUsed));
    assert_eq!(rig.opened(), None);
}

#[test]
fn a_used_pass_is_still_used_when_the_clock_was_set_back() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.scans(&code)
        .does(Input::Done)
        .wait(2 * DAY)
        .does(Input::Tick)
        .wait(-2 * DAY);
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeUsed));
}

#[test]
fn ten_minutes_either_way_are_fresh_by_the_corrected_clock() {
    let mut rig = Rig::new();
    let pwd = rig.deposits(A1);
    // The device runs 20 minutes ahead; a code from the phone tells it so.
    rig.wait(20 * MINUTE);
    let code = rig.code_at(&take(A1, &pwd, None), MORNING);
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeExpired));
    let clock = rig.code_at(&Payload::SyncDate, MORNING);
    rig.scans(&clock).scans(&code);
    assert_eq!(rig.opened(), Some(A1));
}

#[test]
fn a_code_that_came_at_the_wrong_moment_is_not_used_up() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.tile(Usage::PickUp).scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::CodeKind));
    rig.does(Input::Cancel).tile(Usage::Deposit).scans(&code);
    assert!(matches!(rig.kiosk.screen, Screen::ChooseFree { .. }));
}

#[test]
fn the_same_wrong_code_before_the_camera_is_written_down_once() {
    let mut rig = Rig::new();
    let before = rig.kiosk.log.last();
    for _ in 0..20 {
        rig.wait(100).scans("hello");
        assert_eq!(rig.trouble(), Some(Trouble::CodeDamaged));
    }
    assert_eq!(rig.kiosk.log.last(), before + 1);
    rig.wait(5_000).scans("hello");
    assert_eq!(rig.kiosk.log.last(), before + 2);
}

#[test]
fn huge_and_odd_texts_are_refused_without_harm() {
    let mut rig = Rig::new();
    for text in [
        "\u{0}",
        "....",
        "a.b.c",
        "'; DROP TABLE kiosks; --",
        "<script>alert(1)</script>",
        &"x".repeat(2_000_000),
    ] {
        rig.scans(text);
        assert_eq!(rig.kiosk.screen, Screen::Home);
        assert_eq!(rig.opened(), None);
    }
}
