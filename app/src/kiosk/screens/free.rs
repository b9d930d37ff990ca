//! J and L: whose meter, which free compartment.

use super::super::shell::Shell;
use super::button::{Button, alert, live, text};
use super::{drawn_doors, frame, heading};
use crate::i18n::{Locale, td_string};
use crate::ui::cabinet::Cabinet;
use crate::ui::glyph;
use domain::ids::{CustomerNo, Port, ThingsSq};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::kiosk::{Input, Named};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

/// J: the order's or the customer's number.
pub fn name_return(shell: Shell, locale: Locale) -> AnyView {
    let by_order = RwSignal::new(true);
    let bad = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = field.get_untracked().map(|input| input.value()).unwrap_or_default();
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
    let digit = move |digit: char| {
        let put = move || {
            if let Some(input) = field.get_untracked() {
                let text = input.value();
                input.set_value(&format!("{text}{digit}"));
            }
        };
        Button::key(format!("number-{digit}"), digit.to_string()).view(put)
    };
    let erase = move || {
        if let Some(input) = field.get_untracked() {
            let mut text = input.value();
            text.pop();
            input.set_value(&text);
        }
    };
    view! {
        {heading(td_string!(locale, kiosk.name_return_title))}
        {text("", td_string!(locale, kiosk.name_return_hint))}
        <form class="flex w-full max-w-xl flex-col gap-4" on:submit=submit>
            <div class="join" role="group" aria-label=td_string!(locale, kiosk.number)>
                {kind(true, td_string!(locale, kiosk.by_order))}
                {kind(false, td_string!(locale, kiosk.by_customer))}
            </div>
            <label class="flex flex-col gap-1">
                <span class="font-semibold">
                    {live(move || Some((if by_order.get() { td_string!(locale, kiosk.by_order) } else { td_string!(locale, kiosk.by_customer) }).into_any()))}
                </span>
                <input node_ref=field type="text" inputmode="none" autocomplete="off" maxlength="64" class="input input-xl h-18 w-full text-3xl" data-testid="number" aria-invalid=move || bad.get().then_some("true")/>
            </label>
            <div aria-live="assertive">
                {live(move || bad.get().then(|| alert("alert-error", glyph::WARNING, td_string!(locale, kiosk.bad_number), "bad-number", None)))}
            </div>
            <div class="grid grid-cols-4 gap-3">
                {['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'].map(digit).collect_view()}
                {Button::key("number-erase", "⌫").spoken(td_string!(locale, kiosk.delete_digit)).view(erase)}
            </div>
            <div class="flex flex-wrap gap-4">
                {frame::back(shell, locale)}
                <button type="submit" class="btn btn-primary btn-xl grow text-2xl" data-testid="next">{td_string!(locale, kiosk.next)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// J, L: the free doors, those of adequate size to be tapped.
pub fn choose_free(shell: Shell, locale: Locale, deposit: bool, size: i64) -> AnyView {
    let doors = shell
        .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| door.is_free_for(size)))
        .unwrap_or_default();
    let free = shell
        .with_kiosk(|kiosk| {
            kiosk
                .free_doors(size)
                .map(|door| (door.port, door.label.clone()))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
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
    let ports: Vec<Port> = free.iter().map(|(port, _)| *port).collect();
    let tap = Callback::new(move |port: Port| {
        if ports.contains(&port) {
            shell.send(Input::Choose(port));
        }
    });
    let first = free.first().cloned();
    view! {
        {heading(td_string!(locale, kiosk.choose_free_title))}
        {(largest > 1).then(|| sizes(shell, locale, size, largest))}
        {match first {
            Some((port, label)) => view! {
                <div class="flex flex-wrap gap-4">
                    {frame::back(shell, locale)}
                    {Button::main("open-first", td_string!(locale, kiosk.open_door, label = label.clone())).icon(glyph::DOOR_OPEN).about(label).wide().view(move || shell.send(Input::Choose(port)))}
                    {deposit.then(|| leave(shell, locale))}
                </div>
            }
            .into_any(),
            None => view! {
                {alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.none_free), "none-free", None)}
                <div class="flex flex-wrap gap-4">{frame::back(shell, locale)}</div>
            }
            .into_any(),
        }}
        <Cabinet locale=locale doors=doors large=true on_tap=tap/>
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
        <div class="flex flex-wrap items-center gap-4">
            {text("font-semibold", td_string!(locale, kiosk.size_title))}
            <div class="join" role="group" aria-label=td_string!(locale, kiosk.size_title)>{buttons}</div>
        </div>
    }
    .into_any()
}
