//! Where somebody is signed in, on `/account`, and how one of those browsers is signed out from here.

use crate::entry::{self, ActForm};
use crate::error::loaded;
use domain::sessions::Listed;
use islands::context;
use islands::date::{date_time, zone};
use islands::functions::sessions::{self, EndSession};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The section of the account page.
#[component]
pub fn Sessions() -> impl IntoView {
    let here = sessions::here();
    loaded(sessions::own(), move |listed| show(&listed, here.as_deref()))
}

fn show(listed: &[Listed], here: Option<&str>) -> AnyView {
    let locale = context::locale();
    let rows: Vec<_> = listed.iter().map(|session| row(session, here)).collect();
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="my-sessions" data-testid="sessions">
            <h2 id="my-sessions" class="text-lg font-semibold">{td_string!(locale, auth.sessions)}</h2>
            <p class="text-sm opacity-75">{td_string!(locale, auth.sessions_hint)}</p>
            <ul class="divide-base-300 divide-y">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(session: &Listed, here: Option<&str>) -> AnyView {
    let (locale, zone) = (context::locale(), zone());
    let is_here = here == Some(session.handle.as_str());
    let browser = if session.browser.is_empty() {
        td_string!(locale, auth.session_unknown).to_owned()
    } else {
        session.browser.clone()
    };
    let began = session.began.map(|at| date_time(locale, at, &zone));
    let label = format!("{}: {browser}", td_string!(locale, auth.session_end));
    let (of, hidden) = (entry::of::<EndSession>(), vec![("session", session.handle.clone())]);
    let button = view! {
        <ActForm of hidden>
            <button class="btn btn-outline" aria-label=label data-testid="end-session">{td_string!(locale, auth.session_end)}</button>
        </ActForm>
    };
    view! {
        <li class="flex flex-wrap items-center justify-between gap-2 py-3" data-testid="session" data-here=is_here.then_some("true")>
            <span class="flex min-w-0 flex-col">
                <span class="font-medium">{browser} {is_here.then(|| view! { " " <span class="badge badge-soft">{td_string!(locale, auth.session_here)}</span> })}</span>
                {began.map(|at| view! { <span class="text-sm opacity-75">{td_string!(locale, auth.session_began)} " " {at}</span> })}
                <span class="text-sm opacity-75">{td_string!(locale, auth.session_ends)} " " {date_time(locale, session.ends, &zone)}</span>
            </span>
            {(!is_here).then_some(button)}
        </li>
    }
    .into_any()
}
