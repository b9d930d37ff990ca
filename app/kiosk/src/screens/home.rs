//! The start page: four tiles, and the cabinet as it is now.

use super::super::shell::Shell;
use super::button::{Button, alert, live};
use super::{drawn_doors, heading};
use domain::locker::kiosk::{Input, Kiosk, Usage};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::{Cabinet, Door};
use islands::ui::glyph::{self, Glyph};
use leptos::prelude::*;

pub fn home(shell: Shell, locale: Locale) -> AnyView {
    // The server may change doors while nobody stands here.
    let seen = Memo::new(move |_| shell.kiosk.with(|kiosk| kiosk.as_ref().map(|kiosk| see(shell, kiosk))));
    live(move || seen.get().map(|seen| shown(shell, locale, seen)))
}

/// What the page says of the kiosk.
#[derive(Clone, PartialEq)]
struct Seen {
    free: usize,
    half_done: usize,
    /// Doors that cannot be opened, because their board does not answer as it should.
    silent: bool,
    doors: Vec<Door>,
}

fn see(shell: Shell, kiosk: &Kiosk) -> Seen {
    let now = shell.now.get_untracked();
    Seen {
        free: kiosk.offers(Usage::Deposit, now),
        half_done: kiosk.half_done().count(),
        silent: kiosk.doors.iter().any(|door| kiosk.is_unreachable(door.port)),
        doors: drawn_doors(kiosk, now, |_| false),
    }
}

fn shown(shell: Shell, locale: Locale, seen: Seen) -> AnyView {
    let Seen {
        free,
        half_done,
        silent,
        doors,
    } = seen;
    let tiles: Vec<_> = [Usage::PickUp, Usage::Return, Usage::Deposit, Usage::Retrieval]
        .into_iter()
        .map(|usage| tile(shell, locale, usage, free))
        .collect();
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.welcome))}
            {(half_done > 0).then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.half_done_note, count = half_done), "half-done", None))}
            {silent.then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.boards_silent), "boards-silent", None))}
        </div>
        <div class="kiosk-do"><div class="kiosk-tiles">{tiles}</div></div>
        <div class="kiosk-pic"><Cabinet locale=locale doors=doors large=true/></div>
    }
    .into_any()
}

fn tile(shell: Shell, locale: Locale, usage: Usage, free: usize) -> AnyView {
    let (icon, title, hint) = match usage {
        Usage::PickUp => (
            glyph::BOX,
            td_string!(locale, kiosk.tile_pick_up),
            td_string!(locale, kiosk.tile_pick_up_hint).to_owned(),
        ),
        Usage::Return => (
            glyph::RETURN,
            td_string!(locale, kiosk.tile_return),
            td_string!(locale, kiosk.tile_return_hint).to_owned(),
        ),
        Usage::Deposit => (
            glyph::DOOR_OPEN,
            td_string!(locale, kiosk.tile_deposit),
            td_string!(locale, kiosk.count_free, count = free),
        ),
        Usage::Retrieval => (
            glyph::OVERDUE,
            td_string!(locale, kiosk.tile_retrieval),
            td_string!(locale, kiosk.tile_retrieval_hint).to_owned(),
        ),
    };
    let (class, who) = if matches!(usage, Usage::PickUp | Usage::Return) {
        (
            "kiosk-tile bg-primary text-primary-content",
            td_string!(locale, kiosk.for_business),
        )
    } else {
        (
            "kiosk-tile bg-base-100 border-2 border-primary text-base-content",
            td_string!(locale, kiosk.for_staff),
        )
    };
    let inside = view! {
        <Glyph paths=icon class="kiosk-tile-sign"/>
        <span class="flex min-w-0 flex-col gap-1 text-left">
            <span class="text-lg font-semibold">{who}</span>
            <span class="text-3xl font-bold">{title}</span>
            <span class="kiosk-tile-hint text-lg">{hint}</span>
        </span>
    }
    .into_any();
    Button::free(class, format!("tile-{}", usage.letter()), inside).view(move || shell.send(Input::Tile(usage)))
}
