//! The keyboard: hand scanners and people type on the same one. [`Burst`] tells them apart; this file reports keys to it.

use domain::ids::Millis;
use domain::locker::kiosk::{Burst, Ended, Key, Scan};
use js_sys::Reflect;
use leptos::ev;
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// What a key press means to the kiosk.
pub enum Pressed {
    /// A hand scanner's text, or what kept it from being one.
    Scan(Scan),
    /// A character for the pad.
    Key(char),
    /// Takes the pad's last digit back.
    Erase,
    /// Ends the pad's input.
    Enter,
    /// Anything else: somebody is there.
    Other,
}

/// How often is looked for a scan that no key has ended.
const LOOK: Duration = Duration::from_secs(1);

/// Listens to the whole page for as long as it lives.
pub fn listen(heard: impl Fn(Pressed) + 'static) {
    let heard: Rc<dyn Fn(Pressed)> = Rc::new(heard);
    let burst = StoredValue::new_local(Burst::default());
    let keys = {
        let heard = heard.clone();
        window_event_listener(ev::keydown, move |event: KeyboardEvent| {
            if !event.ctrl_key() && !event.alt_key() && !event.meta_key() {
                key_down(&event, burst, &*heard);
            }
        })
    };
    // Where the key itself does not say what it types, the field it typed into does.
    let typed = window_event_listener(ev::beforeinput, move |event| {
        let data = Reflect::get(&event, &"data".into()).unwrap_or_default().as_string();
        if let Some(text) = data {
            burst.update_value(|burst| burst.resolve(&text));
        }
    });
    let look = move || {
        let now = window().performance().map_or(0.0, |performance| performance.now());
        if let Some(scan) = burst.try_update_value(|burst| burst.rest(whole(now))).flatten() {
            heard(Pressed::Scan(scan));
        }
    };
    let looking = set_interval_with_handle(look, LOOK).ok();
    on_cleanup(move || {
        keys.remove();
        typed.remove();
        if let Some(looking) = looking {
            looking.clear();
        }
    });
}

fn key_down(event: &KeyboardEvent, burst: StoredValue<Burst, LocalStorage>, heard: &dyn Fn(Pressed)) {
    let (key, now) = (event.key(), whole(event.time_stamp()));
    if key == "Enter" || key == "Tab" {
        match burst.try_update_value(|burst| burst.end(now)).unwrap_or(Ended::ByHand) {
            Ended::ByHand => {}
            Ended::Trailing => {
                event.prevent_default();
                return;
            }
            Ended::Scan(scan) => {
                event.prevent_default();
                heard(Pressed::Scan(scan));
                return;
            }
        }
    } else if let Some(typed) = typed(&key) {
        let field = field(event);
        let key = Key {
            typed,
            code: &event.code(),
            shift: event.shift_key(),
            in_field: field.is_some(),
        };
        let was_code = burst.with_value(Burst::is_code);
        burst.update_value(|burst| burst.add(key, now));
        if burst.with_value(Burst::is_code) {
            // A code is for the kiosk, wherever the focus is.
            event.prevent_default();
            if let Some(field) = field.filter(|_| !was_code) {
                take_back(&field);
            }
            return heard(Pressed::Other);
        }
    }
    heard(meaning(event, &key));
}

/// What the key types, empty where the browser does not know; `None` for keys that type nothing.
fn typed(key: &str) -> Option<&str> {
    match key {
        "Process" | "Unidentified" | "Dead" => Some(""),
        _ => (key.chars().count() == 1).then_some(key),
    }
}

fn field(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

/// A code was recognised by its third key: the two before it went into the field.
fn take_back(field: &HtmlInputElement) {
    let text = field.value();
    let kept = text.char_indices().rev().nth(1).map_or("", |(at, _)| &text[..at]);
    if text[kept.len()..].eq_ignore_ascii_case("ey") {
        field.set_value(kept);
    }
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
        // A button has the blank key; it has no letters.
        (_, Some(key), None) if key > ' ' => Pressed::Key(key),
        _ => Pressed::Other,
    }
}

/// Whole milliseconds since the page was opened.
fn whole(milliseconds: f64) -> Millis {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds since the page was opened"
    )]
    Millis(milliseconds as i64)
}
