//! What a hand scanner types, on devices that are slow, in another language, or have Caps Lock on.

use crate::rig::*;
use domain::ids::Millis;
use domain::locker::kiosk::{Burst, Ended, Input, Key, Scan, Trouble, Usage};

/// A keyboard before the kiosk: how its keys reach the page.
#[derive(Clone, Copy)]
enum Keyboard {
    Plain,
    CapsLock,
    /// The input method takes the letters; only the keys' places are told.
    Korean,
    /// The input method shows what it makes of them.
    KoreanShown,
    /// The layout has other signs on the digits' keys.
    French,
    /// Nothing is told of any key.
    Unidentified,
    /// The scanner itself writes capitals only.
    Capitals,
}

/// The key that types `c` on an American keyboard.
fn place(c: char) -> (String, bool) {
    match c {
        'a'..='z' => (format!("Key{}", c.to_ascii_uppercase()), false),
        'A'..='Z' => (format!("Key{c}"), true),
        '0'..='9' => (format!("Digit{c}"), false),
        '-' => ("Minus".to_owned(), false),
        '_' => ("Minus".to_owned(), true),
        '.' => ("Period".to_owned(), false),
        _ => (String::new(), false),
    }
}

impl Keyboard {
    fn press(self, burst: &mut Burst, c: char, now: Millis) {
        let c = if matches!(self, Self::Capitals) {
            c.to_ascii_uppercase()
        } else {
            c
        };
        let (code, shift) = place(c);
        let swapped = if c.is_ascii_lowercase() {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        };
        let typed = match self {
            Self::Plain | Self::Capitals => c.to_string(),
            Self::CapsLock => swapped.to_string(),
            Self::Korean if c.is_ascii_alphabetic() => String::new(),
            Self::KoreanShown if c.is_ascii_alphabetic() => "ㄷ".to_owned(),
            Self::French if c.is_ascii_digit() => "é".to_owned(),
            Self::Korean | Self::KoreanShown | Self::French => c.to_string(),
            Self::Unidentified => String::new(),
        };
        let code = if matches!(self, Self::Unidentified) { "" } else { &code };
        burst.add(
            Key {
                typed: &typed,
                code,
                shift,
                in_field: false,
            },
            now,
        );
    }
}

fn typed(keyboard: Keyboard, text: &str, every_ms: i64) -> Ended {
    let mut burst = Burst::default();
    let mut now = Millis(1_000_000);
    for c in text.chars() {
        keyboard.press(&mut burst, c, now);
        now = now.plus(every_ms);
    }
    burst.end(now)
}

fn text(text: &str) -> Ended {
    Ended::Scan(Scan::Text(text.to_owned()))
}

fn failed(trouble: Trouble) -> Ended {
    Ended::Scan(Scan::Failed(trouble))
}

fn a_pass() -> String {
    Rig::new().code(&pass())
}

#[test]
fn short_texts_are_told_from_a_persons_by_their_speed() {
    assert_eq!(typed(Keyboard::Plain, "1001", 5), text("1001"));
    assert_eq!(typed(Keyboard::Plain, "246810", 120), Ended::ByHand);
    assert_eq!(typed(Keyboard::Plain, "246810", 60), Ended::ByHand);
    assert_eq!(typed(Keyboard::Plain, "", 1), Ended::ByHand);
    assert_eq!(typed(Keyboard::Plain, "12", 1), Ended::ByHand);
}

#[test]
fn a_code_is_recognised_however_slowly_it_is_typed() {
    let code = a_pass();
    for every_ms in [0, 5, 20, 200, 450, 1_500] {
        assert_eq!(
            typed(Keyboard::Plain, &code, every_ms),
            text(&code),
            "{every_ms} ms a key"
        );
    }
}

#[test]
fn pieces_of_a_code_are_joined_across_pauses_at_any_place() {
    let code = a_pass();
    for pause_at in [1, 2, 3, 20, code.len() / 2, code.len() - 1] {
        let mut burst = Burst::default();
        let mut now = Millis(1_000_000);
        for (at, c) in code.chars().enumerate() {
            now = now.plus(if at == pause_at { 3_500 } else { 8 });
            Keyboard::Plain.press(&mut burst, c, now);
        }
        // The device is busy once more before it hears the end.
        assert_eq!(burst.end(now.plus(5_000)), text(&code), "pause after {pause_at} keys");
    }
}

#[test]
fn another_text_with_a_pause_in_it_is_still_one_scan() {
    let mut burst = Burst::default();
    let mut now = Millis(0);
    for (at, c) in "12345 <b>not a code</b>".chars().enumerate() {
        now = now.plus(if at % 7 == 6 { 900 } else { 90 });
        Keyboard::Plain.press(&mut burst, c, now);
    }
    assert_eq!(burst.end(now), text("12345 <b>not a code</b>"));
}

#[test]
fn a_bar_code_split_by_a_pause_is_whole_or_nothing_and_never_its_end() {
    for (number, whole) in [("21007", false), ("20260001007", true)] {
        let mut burst = Burst::default();
        let mut now = Millis(0);
        for (at, c) in number.chars().enumerate() {
            now = now.plus(if at == 1 { 900 } else { 5 });
            Keyboard::Plain.press(&mut burst, c, now);
        }
        let want = if whole { text(number) } else { Ended::ByHand };
        assert_eq!(burst.end(now), want, "{number}");
    }
}

#[test]
fn a_scan_long_after_other_keys_is_the_scan_alone() {
    let mut burst = Burst::default();
    Keyboard::Plain.press(&mut burst, '7', Millis(0));
    let mut now = Millis(5_000);
    for c in "1001".chars() {
        Keyboard::Plain.press(&mut burst, c, now);
        now = now.plus(1);
    }
    assert_eq!(burst.end(now), text("1001"));
}

#[test]
fn keys_changed_by_caps_lock_an_input_method_or_a_layout_are_read_by_case_or_place() {
    let code = a_pass();
    let keyboards = [
        ("Caps Lock", Keyboard::CapsLock),
        ("an input method", Keyboard::Korean),
        ("Hangul", Keyboard::KoreanShown),
        ("another layout", Keyboard::French),
    ];
    for (what, keyboard) in keyboards {
        assert_eq!(typed(keyboard, &code, 8), text(&code), "{what}");
        assert_eq!(typed(keyboard, &code, 300), text(&code), "{what}, slowly");
    }
    assert_eq!(typed(Keyboard::Korean, "20261007", 5), text("20261007"));
}

#[test]
fn keys_that_cannot_be_read_are_reported_as_the_keyboards_fault() {
    let code = a_pass();
    assert_eq!(typed(Keyboard::Unidentified, &code, 8), failed(Trouble::ScannerKeys));
    assert_eq!(typed(Keyboard::Capitals, &code, 8), failed(Trouble::ScannerKeys));
}

#[test]
fn keys_the_browser_does_not_tell_are_taken_from_the_field_they_typed_into() {
    let code = a_pass();
    let mut burst = Burst::default();
    for c in code.chars() {
        Keyboard::Unidentified.press(&mut burst, c, Millis(0));
        burst.resolve(&c.to_string());
    }
    assert_eq!(burst.end(Millis(10)), text(&code));
}

#[test]
fn a_piece_of_a_code_is_called_a_piece() {
    let code = a_pass();
    for cut in [4, 40, code.len() / 2, code.len() - 1] {
        for keyboard in [Keyboard::Plain, Keyboard::CapsLock, Keyboard::Korean] {
            assert_eq!(
                typed(keyboard, &code[..cut], 8),
                failed(Trouble::CodePartial),
                "{cut} keys"
            );
        }
    }
}

#[test]
fn a_second_reading_after_a_broken_one_counts() {
    let code = a_pass();
    for broken in [5, 36, 40, code.len() - 10] {
        let joined = format!("{}{code}", &code[..broken]);
        assert_eq!(typed(Keyboard::Plain, &joined, 8), text(&code), "after {broken} keys");
    }
}

#[test]
fn a_code_that_nothing_ends_is_taken_once_it_is_whole_and_its_late_end_is_swallowed() {
    let code = a_pass();
    let mut burst = Burst::default();
    for c in code.chars() {
        Keyboard::Plain.press(&mut burst, c, Millis(0));
    }
    assert_eq!(burst.rest(Millis(100)), None);
    assert_eq!(burst.rest(Millis(1_100)), Some(Scan::Text(code)));
    assert_eq!(burst.rest(Millis(2_100)), None, "once");
    assert_eq!(burst.end(Millis(2_200)), Ended::Trailing);
    assert_eq!(burst.end(Millis(9_000)), Ended::ByHand);
}

#[test]
fn a_piece_that_nothing_follows_is_given_up_after_a_while_counted_between_looks() {
    let code = a_pass();
    let mut burst = Burst::default();
    for c in code[..60].chars() {
        Keyboard::Plain.press(&mut burst, c, Millis(0));
    }
    assert!(burst.is_code());
    // A page that was busy for long looks before it hears the keys that wait.
    assert_eq!(burst.rest(Millis(60_000)), None);
    for c in code[60..80].chars() {
        Keyboard::Plain.press(&mut burst, c, Millis(10));
    }
    for second in 61..65 {
        assert_eq!(burst.rest(Millis(second * 1_000)), None, "{second}");
    }
    assert_eq!(burst.rest(Millis(65_000)), Some(Scan::Failed(Trouble::CodePartial)));
    assert!(!burst.is_code());
}

#[test]
fn a_second_end_right_after_the_first_belongs_to_the_scan() {
    let mut burst = Burst::default();
    for c in "1001".chars() {
        Keyboard::Plain.press(&mut burst, c, Millis(0));
    }
    assert_eq!(burst.end(Millis(5)), text("1001"));
    assert_eq!(burst.end(Millis(9)), Ended::Trailing);
    assert_eq!(burst.end(Millis(900)), Ended::ByHand);
}

#[test]
fn what_people_type_into_a_field_is_theirs() {
    let mut burst = Burst::default();
    let mut now = Millis(0);
    for c in "a label of some length".chars() {
        let typed = c.to_string();
        burst.add(
            Key {
                typed: &typed,
                in_field: true,
                ..Key::default()
            },
            now,
        );
        now = now.plus(150);
    }
    assert_eq!(burst.end(now), Ended::ByHand);
}

#[test]
fn the_kiosk_says_scan_again_or_names_the_keyboard_instead_of_a_damaged_code() {
    let mut rig = Rig::new();
    let code = rig.code(&pass());
    rig.does(Input::ScanFailed(Trouble::CodePartial));
    assert_eq!(rig.trouble(), Some(Trouble::CodePartial));
    assert_eq!(rig.event().detail.as_deref(), Some("code-partial"));
    rig.wait(100).does(Input::ScanFailed(Trouble::ScannerKeys));
    assert_eq!(rig.trouble(), Some(Trouble::ScannerKeys));
    rig.scans(&code[..code.len() - 5]);
    assert_eq!(rig.trouble(), Some(Trouble::CodePartial));
    rig.scans(&code.to_ascii_uppercase());
    assert_eq!(rig.trouble(), Some(Trouble::ScannerKeys));
    let swapped: String = code
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    rig.scans(&swapped);
    assert_eq!(
        rig.kiosk.staff.as_ref().and_then(|staff| staff.phone.clone()),
        Some(phone())
    );
}

#[test]
fn a_failed_scan_changes_nothing_at_an_open_door() {
    let mut rig = Rig::new();
    rig.tile(Usage::Deposit).pin().chooses(A1);
    let before = rig.kiosk.log.last();
    rig.does(Input::ScanFailed(Trouble::CodePartial));
    assert_eq!((rig.trouble(), rig.kiosk.log.last()), (None, before));
}
