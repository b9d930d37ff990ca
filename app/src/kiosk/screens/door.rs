//! A door is open; a job is done.

use super::super::shell::Shell;
use super::button::{Button, alert};
use super::{drawn_doors, heading, label_of};
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
        {(reminders > 0).then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.door_reminder), "reminder", None))}
        <div class="kiosk-door" class:kiosk-door-open=move || shell.doors.is_open(port)>
            <span class="kiosk-door-label" aria-hidden="true">{label.clone()}</span>
            {Button::main("close-door", td_string!(locale, kiosk.close_door, label = label.clone())).icon(glyph::DOOR_OPEN).about(label).view(move || shell.doors.close(port))}
        </div>
        <div>
            {Button::large(if giving_up { "go-on" } else { "give-up" }, other).view(move || shell.send(Input::GiveUp(!giving_up)))}
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
            {Button::main("done", td_string!(locale, kiosk.home)).view(move || shell.send(Input::Done))}
        </div>
    }
    .into_any()
}
