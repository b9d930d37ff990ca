//! Staff area, wiring: for the technician who connects lock boards. Everything works without network.

mod frames;
mod link;
mod scan;
mod settings;
mod test;

use crate::i18n::{Locale, td_string};
use crate::kiosk::screens::button::text;
use crate::kiosk::shell::Shell;
use leptos::prelude::*;

pub fn wiring(shell: Shell, locale: Locale) -> AnyView {
    view! {
        {part(td_string!(locale, kiosk.link), "link", link::link(shell, locale))}
        {part(td_string!(locale, kiosk.set_up), "set-up", settings::settings(shell, locale))}
        {part(td_string!(locale, kiosk.scan), "scan", scan::scan(shell, locale))}
        {part(td_string!(locale, kiosk.test), "test", test::test(shell, locale))}
        {part(td_string!(locale, kiosk.shut), "shut", test::shut(shell, locale))}
        {part(td_string!(locale, kiosk.monitor), "monitor", frames::monitor(shell, locale))}
        {part(td_string!(locale, kiosk.help), "help", text("text-lg", td_string!(locale, kiosk.help_text)))}
    }
    .into_any()
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

/// One line of a list: what it is about, a word for its state, and what it says.
struct Line {
    testid: String,
    state: &'static str,
    text: String,
}

/// Boards and how each answers, or what a search found.
fn list(testid: &'static str, lines: impl Iterator<Item = Line>) -> AnyView {
    let lines: Vec<_> = lines
        .map(|line| view! { <li data-testid=line.testid data-state=line.state>{line.text}</li> }.into_any())
        .collect();
    view! { <ul class="text-lg tabular-nums" data-testid=testid aria-live="polite">{lines}</ul> }.into_any()
}
