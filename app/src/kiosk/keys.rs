//! The keyboard: a hand scanner types a whole code within a blink and ends it with Enter; people type digits for a pad.

use domain::ids::Millis;
use domain::locker::kiosk::Burst;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// What a key press means to the kiosk.
pub enum Pressed {
    /// A hand scanner's whole text.
    Scan(String),
    /// A digit for the pad.
    Digit(char),
    /// Takes the pad's last digit back.
    Erase,
    /// Ends the pad's input.
    Enter,
    /// Anything else: somebody is there.
    Other,
}

/// Listens to the whole page for as long as it lives.
pub fn listen(heard: impl Fn(Pressed) + 'static) {
    let burst = StoredValue::new_local(Burst::default());
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole milliseconds since the page was opened"
        )]
        let now = Millis(event.time_stamp() as i64);
        if key == "Enter" {
            let scanned = burst.try_update_value(|burst| burst.end(now)).flatten();
            if let Some(text) = scanned {
                event.prevent_default();
                heard(Pressed::Scan(text));
                return;
            }
        } else if key.chars().count() == 1 {
            burst.update_value(|burst| burst.add(&key, now));
        }
        heard(meaning(&event, &key));
    });
    on_cleanup(move || handle.remove());
}

fn meaning(event: &KeyboardEvent, key: &str) -> Pressed {
    let on = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
        .map(|element| element.tag_name());
    // Fields and buttons keep their own keys.
    let own = matches!(on.as_deref(), Some("INPUT" | "TEXTAREA" | "SELECT"));
    let button = matches!(on.as_deref(), Some("BUTTON" | "A" | "SUMMARY"));
    let mut chars = key.chars();
    match (key, chars.next(), chars.next()) {
        _ if own => Pressed::Other,
        ("Backspace", ..) => Pressed::Erase,
        ("Enter", ..) if !button => Pressed::Enter,
        (_, Some(digit), None) if digit.is_ascii_digit() => Pressed::Digit(digit),
        _ => Pressed::Other,
    }
}
