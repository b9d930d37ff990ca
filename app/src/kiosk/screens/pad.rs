//! The number pad. What stands on it is the shell's, because the keyboard types on it as well.

use super::super::shell::Shell;
use super::button::{Button, live};
use crate::i18n::{Locale, td_string};
use leptos::prelude::*;

/// What a pad asks for.
#[derive(Clone, Copy)]
pub struct Ask {
    /// What people read above it.
    pub label: &'static str,
    /// What its button says.
    pub action: &'static str,
    /// How many digits it takes at least and at most.
    pub length: (usize, usize),
    /// Dots instead of digits?
    pub hidden: bool,
}

/// The pad; `entered` is called with what was typed.
pub fn pad(shell: Shell, locale: Locale, ask: Ask, entered: impl Fn(String) + Copy + Send + Sync + 'static) -> AnyView {
    let ready = move || shell.pad.with(|pad| (ask.length.0..=ask.length.1).contains(&pad.len()));
    let enter = move || {
        if ready() {
            let typed = shell.pad.get_untracked();
            shell.pad.set(String::new());
            entered(typed);
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
    let type_one = move |digit: char| {
        if shell.pad.with_untracked(String::len) < ask.length.1 {
            shell.type_digit(digit);
        }
    };
    let digit = move |digit: char| Button::key(format!("pad-{digit}"), digit.to_string()).view(move || type_one(digit));
    let shown = move || {
        shell.pad.with(|pad| {
            let pad: String = pad.chars().take(ask.length.1).collect();
            if ask.hidden { "●".repeat(pad.len()) } else { pad }
        })
    };
    view! {
        <div class="flex w-full max-w-md flex-col gap-3" role="group" aria-label=ask.label data-testid="pad">
            <p class="font-semibold" aria-hidden="true">{ask.label}</p>
            <div class="bg-base-100 border-base-content/60 rounded-field flex h-18 items-center justify-center border-2 px-4">
                <output class="text-4xl tracking-[0.3em] tabular-nums" aria-hidden="true" data-testid="pad-shown">{live(move || Some(shown().into_any()))}</output>
                <span class="sr-only" aria-live="polite">
                    {live(move || Some((td_string!(locale, kiosk.digits_typed, count = shell.pad.with(String::len))).into_any()))}
                </span>
            </div>
            <div class="grid grid-cols-3 gap-3">
                {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(digit).collect_view()}
                {Button::key("pad-clear", td_string!(locale, kiosk.clear_digits)).view(move || shell.pad.set(String::new()))}
                {digit('0')}
                {Button::key("pad-erase", "⌫").spoken(td_string!(locale, kiosk.delete_digit)).view(move || shell.erase_digit())}
            </div>
            {Button::main("pad-enter", ask.action).disabled(Signal::derive(move || !ready())).view(enter)}
        </div>
    }
    .into_any()
}
