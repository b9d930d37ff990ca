//! A door is open; a job is done.

use super::super::shell::Shell;
use super::button::{Button, alert, live};
use super::{drawn_doors, heading, label_of};
use domain::boards::bus::Why;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk, Opening, Stage, Usage};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::Cabinet;
use islands::ui::glyph::{self, Glyph};
use leptos::prelude::*;

/// How far the door is, and what the person may do.
#[derive(Clone, Copy, PartialEq)]
struct Way {
    stage: Stage,
    /// It is drawn, with nothing behind it.
    drawn: bool,
    /// That it is closed is for the person to say.
    takes_word: bool,
    may_try: bool,
}

impl Way {
    fn of(kiosk: &Kiosk) -> Self {
        let drawn = kiosk.is_drawn();
        let stage = kiosk.opening.as_ref().map_or(Stage::Asked, Opening::stage);
        Self {
            stage: if drawn { Stage::Opened { moved: true } } else { stage },
            drawn,
            takes_word: kiosk.takes_word(),
            may_try: !drawn && kiosk.may_try_again(),
        }
    }

    fn word(self) -> &'static str {
        match self.stage {
            Stage::Asked => "asked",
            Stage::Released => "released",
            Stage::Unsure => "unsure",
            Stage::Opened { .. } => "opened",
            Stage::NotOpened(_) => "not-opened",
            Stage::Closed => "closed",
        }
    }
}

/// The cabinet with that door lit, what to do, and the drawn door's own button that closes it. What is shown of a door is what its board reported.
pub fn door_open(shell: Shell, locale: Locale, port: Port, usage: Usage, reminders: i64, giving_up: bool) -> AnyView {
    let label = label_of(shell, port);
    let doors = shell
        .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| door.port == port))
        .unwrap_or_default();
    let way = Memo::new(move |_| shell.kiosk.with(|kiosk| kiosk.as_ref().map(Way::of)));
    let named = label.clone();
    let title = move || {
        let opened = way.get().is_some_and(|way| matches!(way.stage, Stage::Opened { .. }));
        let label = named.clone();
        if opened {
            td_string!(locale, kiosk.door_open_title, label = label)
        } else {
            td_string!(locale, kiosk.door_asked_title, label = label)
        }
    };
    let stage = move || way.get().map(Way::word);
    view! {
        <div class="kiosk-say">
            {live(move || Some(heading(title())))}
            {live(move || way.get().map(|way| view! { <p class="text-3xl font-semibold" data-testid="instruction">{what(locale, way, usage, giving_up)}</p> }.into_any()))}
            {follows(shell, locale)}
            {(reminders > 0).then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.door_reminder), "reminder", None))}
        </div>
        <div class="kiosk-do" data-testid="door" data-stage=stage>
            {live(move || way.get().filter(|way| way.takes_word).map(|way| {
                let text = if way.drawn {
                    td_string!(locale, kiosk.close_door, label = label.clone())
                } else {
                    td_string!(locale, kiosk.i_closed_it).to_owned()
                };
                Button::main("close-door", text).icon(glyph::DOOR_OPEN).about(label.clone()).view(move || shell.send(Input::DoorClosed(port)))
            }))}
            <div class="kiosk-deeds">
                {live(move || way.get().filter(|way| way.may_try).map(|_| {
                    Button::large("try-again", td_string!(locale, kiosk.try_again)).view(move || shell.send(Input::TryAgain))
                }))}
                {live(move || way.get().map(|way| {
                    let text = match way.stage {
                        Stage::NotOpened(_) => td_string!(locale, kiosk.it_stayed_shut),
                        _ if giving_up => td_string!(locale, kiosk.go_on),
                        _ if usage.stores() => td_string!(locale, kiosk.give_up_in),
                        _ => td_string!(locale, kiosk.give_up_out),
                    };
                    Button::large(if giving_up { "go-on" } else { "give-up" }, text).view(move || shell.send(Input::GiveUp(!giving_up)))
                }))}
            </div>
        </div>
        <div class="kiosk-pic" data-stage=stage><Cabinet locale=locale doors=doors large=true plain=true/></div>
    }
    .into_any()
}

/// Of a voucher: who it was passed on to, and how many of its doors are to come.
fn follows(shell: Shell, locale: Locale) -> Option<AnyView> {
    let (name, left) = shell.with_kiosk(|kiosk| {
        let going_on = kiosk.going_on.as_ref()?;
        Some((going_on.name().map(str::to_owned), going_on.doors_left()))
    })??;
    let named = name.map(|name| td_string!(locale, kiosk.voucher_for, name = name));
    let more = (left > 0).then(|| td_string!(locale, kiosk.voucher_more, count = left));
    let texts: Vec<String> = [named, more].into_iter().flatten().collect();
    let text = texts.join(" · ");
    (!text.is_empty()).then(|| view! { <p class="text-2xl" data-testid="voucher-rest">{text}</p> }.into_any())
}

fn what(locale: Locale, way: Way, usage: Usage, giving_up: bool) -> &'static str {
    match way.stage {
        Stage::Asked => return td_string!(locale, kiosk.door_asked),
        Stage::Released => return td_string!(locale, kiosk.door_released),
        Stage::Unsure => return td_string!(locale, kiosk.door_unsure),
        Stage::NotOpened(Why::Unknown) => return td_string!(locale, kiosk.door_unknown),
        Stage::NotOpened(_) => return td_string!(locale, kiosk.door_jammed),
        Stage::Opened { .. } | Stage::Closed => {}
    }
    match (giving_up, usage) {
        (true, usage) if usage.stores() => td_string!(locale, kiosk.giving_up_in),
        (true, _) => td_string!(locale, kiosk.giving_up_out),
        (false, Usage::Deposit) => td_string!(locale, kiosk.put_in),
        (false, Usage::Return) => td_string!(locale, kiosk.put_in_return),
        (false, Usage::PickUp | Usage::Retrieval) => td_string!(locale, kiosk.take_out),
    }
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
        <div class="kiosk-say kiosk-end">
            <span class=if gave_up { "text-base-content" } else { "text-success" }>
                <Glyph paths=if gave_up { glyph::RETURN } else { glyph::CHECK } class="size-28"/>
            </span>
            {heading(text)}
            {Button::main("done", td_string!(locale, kiosk.home)).view(move || shell.send(Input::Done))}
        </div>
    }
    .into_any()
}
