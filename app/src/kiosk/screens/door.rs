//! A door is open; a job is done.

use super::super::shell::Shell;
use super::{BUTTON, MAIN_BUTTON, drawn_doors, heading, label_of};
use crate::i18n::{Locale, td_string};
use crate::ui::cabinet::Cabinet;
use crate::ui::glyph::{self, Glyph};
use domain::ids::Port;
use domain::locker::kiosk::{Input, Usage};
use leptos::prelude::*;

/// The cabinet with that door lit, what to do, and the drawn door's own button that closes it.
pub fn door_open(shell: Shell, locale: Locale, port: Port, usage: Usage, reminders: i64, giving_up: bool) -> AnyView {
    let label = label_of(shell, port);
    let doors = shell
        .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| door.port == port))
        .unwrap_or_default();
    let what = match (giving_up, usage) {
        (true, usage) if usage.stores() => td_string!(locale, kiosk.giving_up_in),
        (true, _) => td_string!(locale, kiosk.giving_up_out),
        (false, Usage::Deposit) => td_string!(locale, kiosk.put_in),
        (false, Usage::Return) => td_string!(locale, kiosk.put_in_return),
        (false, Usage::PickUp | Usage::Retrieval) => td_string!(locale, kiosk.take_out),
    };
    let other = match (giving_up, usage.stores()) {
        (true, _) => td_string!(locale, kiosk.go_on),
        (false, true) => td_string!(locale, kiosk.give_up_in),
        (false, false) => td_string!(locale, kiosk.give_up_out),
    };
    view! {
        {heading(td_string!(locale, kiosk.door_open_title, label = label.clone()))}
        <p class="text-3xl font-semibold" data-testid="instruction">{what}</p>
        {(reminders > 0).then(|| view! {
            <p class="alert alert-warning text-2xl" role="alert" data-testid="reminder">
                <Glyph paths=glyph::WARNING class="size-9 shrink-0"/> {td_string!(locale, kiosk.door_reminder)}
            </p>
        })}
        <div class="kiosk-door" class:kiosk-door-open=move || shell.doors.is_open(port)>
            <span class="kiosk-door-label" aria-hidden="true">{label.clone()}</span>
            <button type="button" class=format!("{MAIN_BUTTON} w-full") data-testid="close-door" data-label=label.clone() on:click=move |_| shell.doors.close(port)>
                <Glyph paths=glyph::DOOR_OPEN/> {td_string!(locale, kiosk.close_door, label = label.clone())}
            </button>
        </div>
        <div>
            <button type="button" class=BUTTON data-testid=if giving_up { "go-on" } else { "give-up" } on:click=move |_| shell.send(Input::GiveUp(!giving_up))>
                {other}
            </button>
        </div>
        <Cabinet locale=locale doors=doors large=true plain=true/>
    }
    .into_any()
}

pub fn finished(shell: Shell, locale: Locale, port: Port, usage: Usage, gave_up: bool) -> AnyView {
    let label = label_of(shell, port);
    let text = match (gave_up, usage) {
        (true, _) => td_string!(locale, kiosk.finished_gave_up, label = label),
        (false, Usage::Return) => td_string!(locale, kiosk.finished_return, label = label),
        (false, Usage::Deposit) => td_string!(locale, kiosk.finished_deposit, label = label),
        (false, Usage::PickUp | Usage::Retrieval) => td_string!(locale, kiosk.finished_pick_up, label = label),
    };
    view! {
        <div class="m-auto flex max-w-2xl flex-col items-center gap-8 text-center">
            <span class=if gave_up { "text-base-content" } else { "text-success" }>
                <Glyph paths=if gave_up { glyph::RETURN } else { glyph::CHECK } class="size-28"/>
            </span>
            {heading(text)}
            <button type="button" class=MAIN_BUTTON data-testid="done" on:click=move |_| shell.send(Input::Done)>{td_string!(locale, kiosk.home)}</button>
        </div>
    }
    .into_any()
}
