//! K and M: what is taken out.

use super::super::shell::Shell;
use super::super::words;
use super::button::{Button, alert, live, text};
use super::pad::{Ask, lettered};
use super::{frame, heading};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::kiosk::{Door, Input, Kiosk};
use domain::order::sort_by_numbers;
use islands::i18n::{Locale, td_string};
use islands::ui::glyph::{self, Glyph};
use leptos::prelude::*;

/// K: a code, or label and password. One is asked for after the other, each with a pad of its own, so that no digit gets into the wrong one.
pub fn pick_up(shell: Shell, locale: Locale) -> AnyView {
    let label = RwSignal::new(None::<String>);
    let labels = shell.with_kiosk(labels).unwrap_or_default();
    // In the order of the boards.
    let mut letters: Vec<char> = Vec::new();
    for letter in labels.iter().flat_map(|label| label.chars()) {
        if !letter.is_ascii_digit() && !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    Effect::new(move |_| {
        let typed = shell.pad.get().to_ascii_uppercase();
        // As soon as no other label can be meant.
        if label.get_untracked().is_none() && only_one(&labels, &typed) {
            shell.pad.set(String::new());
            label.set(Some(typed));
        }
    });
    let entered = Callback::new(move |typed: String| match label.get_untracked() {
        None => label.set(Some(typed)),
        Some(label) => shell.send(Input::TakeByPassword { label, pwd: typed }),
    });
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.pick_up_title))}
            {text("", td_string!(locale, kiosk.pick_up_scan))}
            {text("", td_string!(locale, kiosk.pick_up_type))}
            <div>{frame::back(shell, locale)}</div>
        </div>
        <div class="kiosk-do">
            {live(move || {
                let chosen = label.get();
                let (about, action, length) = match chosen {
                    None => (td_string!(locale, kiosk.label), td_string!(locale, kiosk.next), (1, 16)),
                    Some(_) => (td_string!(locale, kiosk.password), td_string!(locale, kiosk.open), (4, 12)),
                };
                let ask = Ask { label: about, action, length, hidden: false };
                let other = chosen.as_ref().map(|chosen| {
                    Button::large("other-door", td_string!(locale, kiosk.other_door, label = chosen.clone())).about(chosen.clone()).view(move || {
                        shell.pad.set(String::new());
                        label.set(None);
                    })
                });
                let letters: &[char] = if chosen.is_none() { &letters } else { &[] };
                Some(view! { {other} {lettered(shell, locale, ask, letters, entered)} }.into_any())
            })}
        </div>
    }
    .into_any()
}

/// What is written on the doors, in capitals.
fn labels(kiosk: &Kiosk) -> Vec<String> {
    let doors = kiosk
        .doors
        .iter()
        .filter(|door| door.status != CompartmentStatus::Joined);
    doors.map(|door| door.label.trim().to_ascii_uppercase()).collect()
}

/// Is this a label, and the beginning of no other?
fn only_one(labels: &[String], typed: &str) -> bool {
    let mut begin_so = labels.iter().filter(|label| label.starts_with(typed));
    begin_so.next().is_some_and(|label| label == typed) && begin_so.next().is_none()
}

/// Rows shown at once.
const AT_ONCE: usize = 6;

/// M: returns and overdue deposits, oldest first.
pub fn choose_take(shell: Shell, locale: Locale) -> AnyView {
    let doors = shell
        .with_kiosk(|kiosk| {
            let mut doors: Vec<Door> = kiosk.retrievable(shell.now.get_untracked()).cloned().collect();
            sort_by_numbers(&mut doors, |door| (door.stored_at.map_or(i64::MIN, |at| at.0), 0));
            doors
        })
        .unwrap_or_default();
    let (nothing, all) = (doors.is_empty(), doors.len());
    let from = RwSignal::new(0);
    let more = move || {
        let next = from.get_untracked() + AT_ONCE;
        from.set(if next < all { next } else { 0 });
    };
    let shown = move || {
        let rows = doors.iter().skip(from.get()).take(AT_ONCE);
        let rows: Vec<_> = rows.map(|door| row(shell, locale, door)).collect();
        Some(view! { <ul class="kiosk-list">{rows}</ul> }.into_any())
    };
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.choose_take_title))}
            {nothing.then(|| alert("", glyph::CHECK, td_string!(locale, kiosk.none_to_take), "none-to-take", None))}
        </div>
        <div class="kiosk-do kiosk-wide">
            {live(shown)}
            <div class="kiosk-deeds">
                {frame::back(shell, locale)}
                {Button::large("to-staff-area", td_string!(locale, kiosk.staff_area)).icon(glyph::BADGE).view(move || shell.send(Input::StaffArea))}
                {(all > AT_ONCE).then(|| Button::large("more", td_string!(locale, kiosk.others, count = all - AT_ONCE)).view(more))}
            </div>
        </div>
    }
    .into_any()
}

fn row(shell: Shell, locale: Locale, door: &Door) -> AnyView {
    let port = door.port;
    let (icon, kind) = if door.kind == Some(ContentKind::Return) {
        (glyph::RETURN, td_string!(locale, kiosk.kind_return))
    } else {
        (glyph::OVERDUE, td_string!(locale, kiosk.kind_overdue))
    };
    let (whose, since) = (words::whose(locale, door), words::since(locale, door));
    let inside = view! {
        <span class="text-4xl font-bold tabular-nums">{door.label.clone()}</span>
        <span class="flex min-w-0 flex-col text-lg font-normal">
            <span class="flex items-center gap-2 font-semibold"><Glyph paths=icon/> {kind}</span>
            <span class="truncate">{whose}</span>
            <span class="truncate">{since}</span>
        </span>
    }
    .into_any();
    let class = "btn btn-xl bg-base-100 border-primary h-auto w-full justify-start gap-4 border-2 px-4 py-2 text-left";
    let button =
        Button::free(class, format!("take-{}", door.label), inside).view(move || shell.send(Input::Choose(port)));
    view! { <li>{button}</li> }.into_any()
}
