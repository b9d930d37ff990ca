//! Staff area, wiring: for the technician who connects lock boards. Everything works without network.

mod frames;
mod link;
mod scan;
mod settings;
mod soak;
mod test;

use crate::screens::button::{live, text};
use crate::shell::Shell;
use domain::locker::kiosk::Kiosk;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// `found`: what the test of a door found.
pub fn wiring(shell: Shell, locale: Locale, found: RwSignal<String>) -> AnyView {
    stack(vec![
        part(td_string!(locale, kiosk.link), "link", link::link(shell, locale)),
        part(
            td_string!(locale, kiosk.set_up),
            "set-up",
            settings::settings(shell, locale),
        ),
        part(td_string!(locale, kiosk.scan), "scan", scan::scan(shell, locale)),
        part(td_string!(locale, kiosk.test), "test", test::test(shell, locale, found)),
        part(td_string!(locale, kiosk.shut), "shut", test::shut(shell, locale)),
        part(td_string!(locale, kiosk.soak), "soak", soak::soak(shell, locale)),
        part(
            td_string!(locale, kiosk.monitor),
            "monitor",
            frames::monitor(shell, locale),
        ),
        part(td_string!(locale, kiosk.help), "help", help(locale)),
    ])
}

/// One below the other. Every number of parts would be a shape of its own.
fn stack(parts: Vec<AnyView>) -> AnyView {
    parts.into_any()
}

/// Buttons beside each other.
fn row(buttons: Vec<AnyView>) -> AnyView {
    view! { <div class="flex flex-wrap gap-3">{buttons}</div> }.into_any()
}

fn part(title: &'static str, testid: &'static str, inside: AnyView) -> AnyView {
    view! {
        <section class="card-plain flex flex-col gap-3" data-testid=format!("wiring-{testid}")>
            <h2 class="text-2xl font-semibold">{title}</h2>
            {inside}
        </section>
    }
    .into_any()
}

/// Drawings without words, each with what it shows below it.
fn help(locale: Locale) -> AnyView {
    let drawing = |src: &'static str, shows: &'static str| {
        let picture = view! { <img class="w-full max-w-3xl" alt="" src=src/> };
        stack(vec![picture.into_any(), text("text-lg", shows)])
    };
    stack(vec![
        drawing("/wiring-bus.svg", td_string!(locale, kiosk.help_text)),
        drawing("/wiring-lock.svg", td_string!(locale, kiosk.help_lock)),
    ])
}

/// One line of a list: what it is about, a word for its state, and what it says.
struct Line {
    testid: String,
    state: &'static str,
    text: String,
}

/// What goes on, with a word for it.
fn told(testid: &'static str, state: &'static str, text: String) -> AnyView {
    view! { <p class="text-lg" data-testid=testid data-state=state>{text}</p> }.into_any()
}

/// What was found out, read aloud when it changes.
fn polite(testid: &'static str, said: RwSignal<String>) -> AnyView {
    view! { <div class="text-lg" data-testid=testid aria-live="polite">{live(move || Some(said.get().into_any()))}</div> }.into_any()
}

/// Counts up when what `read` finds in the kiosk's state changes. A memo for every type would be kilobytes of the wasm file each.
fn changes<T: PartialEq + 'static>(shell: Shell, read: impl Fn(&Kiosk) -> T + 'static) -> RwSignal<u32> {
    let mut last = shell.with_kiosk(&read);
    watch(
        shell,
        Box::new(move |kiosk| {
            let now = Some(read(kiosk));
            let changed = now != last;
            last = now;
            changed
        }),
    )
}

fn watch(shell: Shell, mut has_changed: Box<dyn FnMut(&Kiosk) -> bool>) -> RwSignal<u32> {
    let times = RwSignal::new(0_u32);
    again(Box::new(move || {
        if shell.kiosk.with(|kiosk| kiosk.as_ref().is_some_and(&mut has_changed)) {
            count_up(times);
        }
    }));
    times
}

/// Does it, and again whenever something that it read changed.
fn again(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_| act());
}

fn count_up(times: RwSignal<u32>) {
    times.update(|times| *times = times.wrapping_add(1));
}

/// Boards and how each answers, or what a search found.
fn list(testid: &'static str, lines: impl Iterator<Item = Line>) -> AnyView {
    let lines: Vec<_> = lines
        .map(|line| view! { <li data-testid=line.testid data-state=line.state>{line.text}</li> }.into_any())
        .collect();
    view! { <ul class="text-lg tabular-nums" data-testid=testid aria-live="polite">{lines}</ul> }.into_any()
}
