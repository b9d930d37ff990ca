//! Before it is a kiosk: the enrolment code.

use super::super::browser;
use super::super::net::EnrolProblem;
use super::super::shell::Shell;
use super::button::{alert, live, text};
use super::pad::{Ask, pad};
use super::{frame, heading};
use islands::i18n::{Locale, td_string};
use islands::ui::glyph;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub fn enrol(shell: Shell, locale: Locale) -> AnyView {
    view! {
        <header class="kiosk-head justify-end">{frame::languages(shell, locale)}</header>
        <div class="kiosk-body">
            <main data-testid="enrol">
                <div class="kiosk-say">
                    {heading(td_string!(locale, kiosk.enrol_title))}
                    {text("", td_string!(locale, kiosk.enrol_hint))}
                    {if browser::is_secure() {
                        text("text-lg", td_string!(locale, kiosk.enrol_offline_note))
                    } else {
                        alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.enrol_insecure), "insecure", None)
                    }}
                </div>
                <div class="kiosk-do">{code_pad(shell, locale)}</div>
            </main>
        </div>
    }
    .into_any()
}

/// The pad for the code, and what came of it. The staff area has it as well.
pub fn code_pad(shell: Shell, locale: Locale) -> AnyView {
    let problem = RwSignal::new(None::<EnrolProblem>);
    let working = RwSignal::new(false);
    let ask = Ask {
        label: td_string!(locale, kiosk.enrol_code),
        action: td_string!(locale, kiosk.enrol_button),
        length: (8, 8),
        hidden: false,
    };
    let entered = move |code: String| {
        if working.get_untracked() {
            return;
        }
        working.set(true);
        problem.set(None);
        spawn_local(async move {
            let outcome = shell.enrol(&code).await;
            // The screen is gone once it worked.
            let _ = working.try_set(false);
            let _ = problem.try_set(outcome.err());
        });
    };
    view! {
        <div aria-live="assertive" class="w-full">
            {live(move || working.get().then(|| view! { <p class="text-center" data-testid="enrol-working">{td_string!(locale, kiosk.enrol_working)}</p> }.into_any()))}
            {live(move || problem.get().map(|problem| alert("alert-error", glyph::WARNING, match problem {
                        EnrolProblem::Code => td_string!(locale, kiosk.enrol_error_code),
                        EnrolProblem::TooMany => td_string!(locale, kiosk.enrol_error_tries),
                        EnrolProblem::Network => td_string!(locale, kiosk.enrol_error_network),
                        EnrolProblem::Other => td_string!(locale, kiosk.enrol_error_server),
                    }, "enrol-problem", None)))}
        </div>
        {pad(shell, locale, ask, entered)}
    }
    .into_any()
}
