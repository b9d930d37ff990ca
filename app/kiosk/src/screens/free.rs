//! J and L: whose meter, which free compartment.

use super::super::shell::Shell;
use super::button::{Button, alert, live, text};
use super::pad::{Ask, pad};
use super::{drawn_doors, frame, heading};
use domain::ids::{CustomerNo, Port, ThingsSq};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::kiosk::{Input, Kiosk, Named, Purpose};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::Cabinet;
use islands::ui::glyph;
use leptos::prelude::*;

/// J: the order's or the customer's number.
pub fn name_return(shell: Shell, locale: Locale) -> AnyView {
    let by_order = RwSignal::new(true);
    let bad = RwSignal::new(false);
    let asked = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().is_some_and(|k| k.asked.is_some()))
    });
    let entered = move |text: String| {
        let named = if by_order.get_untracked() {
            ThingsSq::parse(&text).map(Named::Order)
        } else {
            CustomerNo::parse(&text).map(Named::Customer)
        };
        bad.set(named.is_none());
        if let Some(named) = named {
            shell.send(Input::NameReturn(named));
        }
    };
    let kind = move |order: bool, text: &'static str| {
        let chosen = Signal::derive(move || by_order.get() == order);
        Button::choice(if order { "by-order" } else { "by-customer" }, text, chosen).view(move || by_order.set(order))
    };
    let ask = Ask {
        label: td_string!(locale, kiosk.number),
        action: td_string!(locale, kiosk.next),
        length: (1, 64),
        hidden: false,
    };
    let pad = pad(shell, locale, ask, entered);
    // A keyboard may type what the screen has no keys for.
    shell.pad_takes.set((ask.length.1, true));
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.name_return_title))}
            {text("", td_string!(locale, kiosk.name_return_hint))}
            <div class="join" role="group" aria-label=td_string!(locale, kiosk.number)>
                {kind(true, td_string!(locale, kiosk.by_order))}
                {kind(false, td_string!(locale, kiosk.by_customer))}
            </div>
            <div aria-live="assertive">
                {live(move || match (asked.get(), bad.get()) {
                    (true, _) => Some(text("", td_string!(locale, kiosk.checking))),
                    (false, true) => Some(alert("alert-error", glyph::WARNING, td_string!(locale, kiosk.bad_number), "bad-number", None)),
                    (false, false) => None,
                })}
            </div>
            <div>{frame::back(shell, locale)}</div>
        </div>
        <div class="kiosk-do">{pad}</div>
    }
    .into_any()
}

/// J, L: the free doors, those of adequate size to be tapped.
pub fn choose_free(shell: Shell, locale: Locale, purpose: Purpose, size: i64) -> AnyView {
    let (deposit, whose) = match purpose {
        Purpose::Deposit => (true, None),
        Purpose::Return { whose: Some(name), .. } => (false, Some(td_string!(locale, kiosk.return_of, name = name))),
        Purpose::Return { whose: None, .. } => (false, Some(td_string!(locale, kiosk.return_not_checked).to_owned())),
    };
    // Boards go and come back while somebody chooses.
    let free = Memo::new(move |_| {
        let free = |kiosk: &Kiosk| -> Vec<(Port, String)> {
            let doors = kiosk.free_doors(size);
            doors.map(|door| (door.port, door.label.clone())).collect()
        };
        shell.kiosk.with(|kiosk| kiosk.as_ref().map(free)).unwrap_or_default()
    });
    let is_free = move |port: Port| free.with_untracked(|free| free.iter().any(|(free, _)| *free == port));
    let largest = shell
        .with_kiosk(|kiosk| {
            let usable = kiosk
                .doors
                .iter()
                .filter(|door| door.status != CompartmentStatus::Joined);
            usable.map(|door| door.size).max()
        })
        .flatten()
        .unwrap_or(1);
    let tap = Callback::new(move |port: Port| {
        if is_free(port) {
            shell.send(Input::Choose(port));
        }
    });
    let first = move || {
        let first = free.with(|free| free.first().cloned());
        Some(match first {
            Some((port, label)) => {
                Button::main("open-first", td_string!(locale, kiosk.open_door, label = label.clone()))
                    .icon(glyph::DOOR_OPEN)
                    .about(label)
                    .view(move || shell.send(Input::Choose(port)))
                    .into_any()
            }
            None => alert(
                "alert-warning",
                glyph::WARNING,
                td_string!(locale, kiosk.none_free),
                "none-free",
                None,
            ),
        })
    };
    let doors = move || {
        free.track();
        let doors = shell
            .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| is_free(door.port)))
            .unwrap_or_default();
        Some(view! { <Cabinet locale=locale doors=doors large=true plain=true on_tap=tap/> }.into_any())
    };
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.choose_free_title))}
            {whose.map(|whose| view! { <p data-testid="whose">{whose}</p> })}
            {(largest > 1).then(|| sizes(shell, locale, size, largest))}
        </div>
        <div class="kiosk-do">
            {live(first)}
            <div class="kiosk-deeds">
                {frame::back(shell, locale)}
                {deposit.then(|| leave(shell, locale))}
            </div>
        </div>
        <div class="kiosk-pic">{live(doors)}</div>
    }
    .into_any()
}

fn leave(shell: Shell, locale: Locale) -> AnyView {
    Button::large("to-staff-area", td_string!(locale, kiosk.staff_area))
        .icon(glyph::BADGE)
        .view(move || shell.send(Input::StaffArea))
}

fn sizes(shell: Shell, locale: Locale, size: i64, largest: i64) -> AnyView {
    let buttons: Vec<_> = (1..=largest.min(4))
        .map(|wanted| {
            let word = match wanted {
                1 => td_string!(locale, kiosk.size_1),
                2 => td_string!(locale, kiosk.size_2),
                3 => td_string!(locale, kiosk.size_3),
                _ => td_string!(locale, kiosk.size_4),
            };
            Button::choice(format!("size-{wanted}"), word, Signal::stored(wanted == size))
                .view(move || shell.send(Input::NeedSize(wanted)))
        })
        .collect();
    view! {
        <div class="flex flex-col gap-2">
            {text("font-semibold", td_string!(locale, kiosk.size_title))}
            <div class="join join-wrap" role="group" aria-label=td_string!(locale, kiosk.size_title)>{buttons}</div>
        </div>
    }
    .into_any()
}
