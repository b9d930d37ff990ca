//! The pad: digits, and letters where what is asked for has some. What stands on it is the shell's, because the keyboard types on it as well; so there is
//! one pad at a time, and no field to type into by mistake.

use super::super::shell::Shell;
use super::button::{Button, live};
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// What a pad asks for.
#[derive(Clone, Copy)]
pub struct Ask {
    /// What people read above it.
    pub label: &'static str,
    /// What its button says.
    pub action: &'static str,
    /// How many characters it takes at least and at most.
    pub length: (usize, usize),
    /// Dots instead of digits?
    pub hidden: bool,
}

/// A pad of digits; `entered` is called with what was typed.
pub fn pad(shell: Shell, locale: Locale, ask: Ask, entered: impl Fn(String) + Send + Sync + 'static) -> AnyView {
    lettered(shell, locale, ask, &[], Callback::new(entered))
}

/// The same with a row of letters above the digits.
pub fn lettered(shell: Shell, locale: Locale, ask: Ask, letters: &[char], entered: Callback<String>) -> AnyView {
    shell.pad_takes.set((ask.length.1, !letters.is_empty()));
    let ready = move || shell.pad.with(|pad| pad.len() >= ask.length.0);
    let enter = move || {
        if ready() {
            let typed = shell.pad.get_untracked();
            shell.pad.set(String::new());
            entered.run(typed);
        }
    };
    // Enter on the keyboard; the count stands where it stood when this pad was drawn.
    let seen = shell.pad_enter.get_untracked();
    Effect::new(move |last: Option<u32>| {
        let count = shell.pad_enter.get();
        if count != last.unwrap_or(seen) {
            enter();
        }
        count
    });
    let key = move |key: char| Button::key(format!("pad-{key}"), key.to_string()).view(move || shell.type_key(key));
    let shown = move || {
        shell.pad.with(|pad| {
            if ask.hidden {
                "●".repeat(pad.len())
            } else {
                pad.clone()
            }
        })
    };
    let row: Vec<_> = letters.iter().map(|letter| key(*letter)).collect();
    view! {
        <div class="kiosk-pad" role="group" aria-label=ask.label data-testid="pad">
            <p class="font-semibold" aria-hidden="true">{ask.label}</p>
            <div class="kiosk-shown">
                <output aria-hidden="true" data-testid="pad-shown">{live(move || Some(shown().into_any()))}</output>
                <span class="sr-only" aria-live="polite">
                    {live(move || Some((td_string!(locale, kiosk.digits_typed, count = shell.pad.with(String::len))).into_any()))}
                </span>
            </div>
            <div class="kiosk-letters">{row}</div>
            <div class="kiosk-keys">
                {"123456789".chars().map(key).collect_view()}
                {Button::key("pad-clear", td_string!(locale, kiosk.clear_digits)).view(move || shell.pad.set(String::new()))}
                {key('0')}
                {Button::key("pad-erase", "⌫").spoken(td_string!(locale, kiosk.delete_digit)).view(move || shell.erase_digit())}
            </div>
            {Button::main("pad-enter", ask.action).disabled(Signal::derive(move || !ready())).view(enter)}
        </div>
    }
    .into_any()
}
