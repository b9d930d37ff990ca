//! Staff area, doors: tapping one tells its story and offers what can be done about it.

use super::super::browser;
use super::super::shell::Shell;
use super::super::words;
use super::button::{Button, alert, live, text};
use super::drawn_doors;
use domain::ids::Port;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::events::KioskEvent;
use domain::locker::kiosk::{Condition, Content, Door, Input};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::{Cabinet, DoorState};
use islands::ui::glyph;
use leptos::prelude::*;

/// How much of a door's past is told.
const TOLD: usize = 6;

pub fn doors(shell: Shell, locale: Locale, chosen: RwSignal<Option<Port>>) -> AnyView {
    let drawn = move || {
        let chosen = chosen.get();
        let now = shell.now.get_untracked();
        shell.kiosk.with(|kiosk| {
            kiosk.as_ref().map(|kiosk| {
                let half_done: Vec<Port> = kiosk.half_done().map(|door| door.port).collect();
                drawn_doors(kiosk, now, |door| {
                    Some(door.port) == chosen || (chosen.is_none() && half_done.contains(&door.port))
                })
            })
        })
    };
    let tap = Callback::new(move |port: Port| chosen.set(Some(port)));
    view! {
        <div aria-live="polite">
            {live(move || Some(match chosen.get() {
                Some(port) => story(shell, locale, port, chosen),
                None => text("", td_string!(locale, kiosk.story_hint)),
            }))}
        </div>
        {live(move || drawn().map(|doors| view! { <Cabinet locale=locale doors=doors large=true on_tap=tap/> }.into_any()))}
    }
    .into_any()
}

fn story(shell: Shell, locale: Locale, port: Port, chosen: RwSignal<Option<Port>>) -> AnyView {
    let told = shell.kiosk.with(|kiosk| {
        let kiosk = kiosk.as_ref()?;
        let door = kiosk.door(port)?.clone();
        let past: Vec<KioskEvent> = kiosk
            .log
            .events()
            .iter()
            .rev()
            .filter(|event| event.port == Some(port))
            .take(TOLD)
            .cloned()
            .collect();
        let overdue = kiosk.is_overdue(&door, kiosk.corrected(shell.now.get_untracked()));
        Some((door, past, overdue))
    });
    let Some((door, past, overdue)) = told else {
        return ().into_any();
    };
    let state = DoorState::from_parts(door.status, door.kind, overdue);
    let nothing = past.is_empty();
    let past: Vec<_> = past
        .iter()
        .map(|event| {
            view! {
                <li class="flex flex-wrap gap-x-4">
                    <span class="tabular-nums">{browser::local_time(locale, event.at)}</span>
                    <span>{words::event(locale, event)}</span>
                    <span>{event.actor.as_ref().map(ToString::to_string)}</span>
                </li>
            }
        })
        .collect();
    view! {
        <div class="card-plain border-primary flex flex-col gap-3 border-2" data-testid="story" data-label=door.label.clone()>
            <div class="flex flex-wrap items-center gap-4">
                <h3 class="grow text-2xl font-bold">{td_string!(locale, kiosk.story_title, label = door.label.clone())} " · " {state.word(locale)}</h3>
                {Button::large("story-close", td_string!(locale, kiosk.story_close)).view(move || chosen.set(None))}
            </div>
            {facts(locale, &door)}
            {deeds(shell, locale, &door)}
            {nothing.then(|| text("", td_string!(locale, kiosk.story_none)))}
            <ul class="flex flex-col gap-1 text-lg" data-testid="story-past">{past}</ul>
        </div>
    }
    .into_any()
}

fn facts(locale: Locale, door: &Door) -> AnyView {
    let (whose, since) = (words::whose(locale, door), words::since(locale, door));
    let warning = match (door.unknown_since, door.status) {
        (Some(since), _) => {
            let date = browser::local_time(locale, since);
            Some(td_string!(locale, kiosk.unknown_since, date = date))
        }
        (None, CompartmentStatus::Storing) => Some(td_string!(locale, kiosk.half_done_in).to_owned()),
        (None, CompartmentStatus::Taking) => Some(td_string!(locale, kiosk.half_done_out).to_owned()),
        _ if door.did_not_open => Some(td_string!(locale, kiosk.did_not_open_note).to_owned()),
        _ => None,
    };
    let sensor = (door.sensed_open == Some(true)).then(|| td_string!(locale, kiosk.sensor_open));
    view! {
        {whose.map(|line| text("", line))}
        {since.map(|line| text("", line))}
        {sensor.map(|line| text("", line))}
        {warning.map(|line| alert("alert-warning", glyph::WARNING, line, "half-done-story", None))}
    }
    .into_any()
}

fn deeds(shell: Shell, locale: Locale, door: &Door) -> AnyView {
    let port = door.port;
    let deed = move |text: &'static str, testid: &'static str, input: fn(Port) -> Input| {
        Button::large(testid, text).view(move || shell.send(input(port)))
    };
    let to_settle = door.unknown_since.is_some()
        || door.did_not_open
        || matches!(door.status, CompartmentStatus::Storing | CompartmentStatus::Taking);
    let buttons = match door.status {
        _ if to_settle => vec![
            deed(td_string!(locale, kiosk.settle_stored), "settle-stored", |port| {
                Input::Settle {
                    port,
                    content: Content::Stored,
                }
            }),
            deed(td_string!(locale, kiosk.settle_empty), "settle-empty", |port| {
                Input::Settle {
                    port,
                    content: Content::Empty,
                }
            }),
        ],
        CompartmentStatus::Free => vec![deed(
            td_string!(locale, kiosk.set_out_of_order),
            "out-of-order",
            |port| Input::SetCondition {
                port,
                condition: Condition::OutOfOrder,
            },
        )],
        CompartmentStatus::OutOfOrder => vec![deed(td_string!(locale, kiosk.set_free), "set-free", |port| {
            Input::SetCondition {
                port,
                condition: Condition::Free,
            }
        })],
        CompartmentStatus::Stored if door.kind == Some(ContentKind::Deposit) && door.pwd.is_some() => {
            vec![deed(
                td_string!(locale, kiosk.show_code_again),
                "show-code",
                Input::ShowCode,
            )]
        }
        _ => Vec::new(),
    };
    view! { <div class="flex flex-wrap gap-4">{buttons}</div> }.into_any()
}
