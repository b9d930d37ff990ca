//! Around every screen: who and where this is, what was just said, and the countdown home.

use super::super::browser;
use super::super::net::Net;
use super::super::shell::Shell;
use super::super::words;
use super::button::{Button, alert, live};
use domain::locker::kiosk::{Input, Look, Notice, Screen};
use islands::i18n::{LANGUAGES, Locale, td_string};
use islands::ui::glyph::{self, Glyph};
use leptos::prelude::*;

pub fn header(shell: Shell, locale: Locale) -> AnyView {
    let name = shell.with_kiosk(|kiosk| kiosk.name.clone()).unwrap_or_default();
    let clock = move || {
        let now = shell.now.get();
        shell.with_kiosk(|kiosk| browser::time_of_day(kiosk.corrected(now)))
    };
    let at_home = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().is_some_and(|k| k.screen == Screen::Home))
    });
    let look = move |read: fn(&Look) -> &String| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().map(|kiosk| read(&kiosk.look).clone()))
            .unwrap_or_default()
    };
    let logo = move || Some(look(|look| &look.logo)).filter(|logo| !logo.is_empty());
    let contact = move || look(|look| &look.contact);
    view! {
        <header class="kiosk-head">
            // Nothing is drawn for a picture that cannot be had.
            <img class="kiosk-logo" alt="" src=logo/>
            <p class="flex min-w-0 grow flex-col leading-tight">
                <span class="truncate text-2xl font-semibold" data-testid="kiosk-name">{name}</span>
                <span class="truncate text-lg empty:hidden" data-testid="contact">{contact}</span>
                {shell.demo.then(|| view! { <span class="truncate text-lg">{td_string!(locale, kiosk.demo)}</span> })}
            </p>
            {network(shell, locale)}
            <p class="text-3xl font-semibold tabular-nums" data-testid="clock">{clock}</p>
            {languages(shell, locale)}
            {move || at_home.get().then(|| Button::large("staff-area", td_string!(locale, kiosk.staff_area)).icon(glyph::BADGE).view(move || shell.send(Input::StaffArea)))}
        </header>
    }
    .into_any()
}

fn network(shell: Shell, locale: Locale) -> AnyView {
    let net = shell.net;
    view! {
        <p class="flex items-center gap-2 text-lg" data-testid="network" data-state=move || match net.get() {
            Net::Online => "online",
            Net::Offline => "offline",
            Net::Refused => "refused",
        }>
            {live(move || {
                let (paths, text) = match net.get() {
                    Net::Online => (glyph::CHECK, td_string!(locale, kiosk.online)),
                    Net::Offline => (glyph::BLOCKED, td_string!(locale, kiosk.offline)),
                    Net::Refused => (glyph::WARNING, td_string!(locale, kiosk.net_refused)),
                };
                Some(view! { <Glyph paths/> <span class="kiosk-net">{text}</span> }.into_any())
            })}
        </p>
    }
    .into_any()
}

/// The three languages, each by its own name.
pub fn languages(shell: Shell, locale: Locale) -> AnyView {
    let buttons: Vec<_> = LANGUAGES
        .iter()
        .map(|(language, code, name)| {
            let chosen = *language == locale;
            Button::choice(format!("language-{code}"), *name, Signal::stored(chosen))
                .lang(code)
                .view(move || shell.choose_language(*language))
        })
        .collect();
    view! { <div class="join" role="group" aria-label=td_string!(locale, kiosk.choose_language)>{buttons}</div> }
        .into_any()
}

/// What the last step has to say. The region is always there, so that screen readers hear what comes into it.
pub fn notice(shell: Shell, locale: Locale) -> AnyView {
    let notice = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().and_then(|kiosk| kiosk.notice.clone()))
    });
    view! {
        <div class="kiosk-note" aria-live="assertive" aria-atomic="true">
            {live(move || shell.not_stored.get().then(|| said(true, td_string!(locale, kiosk.not_stored).to_owned(), "not-stored")))}
            {live(move || notice.get().map(|notice| match notice {
                Notice::Refused(trouble) => said(true, words::trouble(locale, trouble), trouble.code()),
                Notice::Said(message) => said(false, words::message(locale, &message), "said"),
            }))}
        </div>
    }
    .into_any()
}

fn said(bad: bool, text: String, what: &'static str) -> AnyView {
    let (tone, icon) = if bad {
        ("alert-error", glyph::WARNING)
    } else {
        ("alert-success", glyph::CHECK)
    };
    alert(tone, icon, text, "notice", Some(what))
}

/// The last seconds before the start page comes back.
pub fn countdown(shell: Shell, locale: Locale) -> AnyView {
    let left = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().and_then(|kiosk| kiosk.idle.seconds_left))
    });
    view! {
        {live(move || left.get().map(|seconds| view! {
            <div class="bg-base-100 border-warning fixed inset-x-0 bottom-0 z-20 flex flex-wrap items-center justify-center gap-6 border-t-8 p-6" role="status" data-testid="countdown">
                <p class="text-2xl font-semibold tabular-nums">{td_string!(locale, kiosk.countdown, seconds = seconds)}</p>
                {Button::main("stay", td_string!(locale, kiosk.stay)).view(move || shell.send(Input::Touched))}
            </div>
        }.into_any()))}
    }
    .into_any()
}

/// Back one step, or home.
pub fn back(shell: Shell, locale: Locale) -> AnyView {
    Button::large("back", td_string!(locale, kiosk.back))
        .icon(glyph::ARROW_LEFT)
        .view(move || shell.send(Input::Cancel))
}
