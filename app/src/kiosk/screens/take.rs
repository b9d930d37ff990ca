//! K and M: what is taken out.

use super::super::browser;
use super::super::shell::Shell;
use super::button::{Button, alert, text};
use super::pad::{Ask, pad};
use super::{drawn_doors, frame, heading};
use crate::i18n::{Locale, td_string};
use crate::ui::cabinet::Cabinet;
use crate::ui::glyph::{self, Glyph};
use domain::ids::Port;
use domain::locker::compartments::ContentKind;
use domain::locker::kiosk::{Door, Input};
use domain::order::sort_by_numbers;
use leptos::html;
use leptos::prelude::*;

/// K: a code, or label and password.
pub fn pick_up(shell: Shell, locale: Locale) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let ask = Ask {
        label: td_string!(locale, kiosk.password),
        action: td_string!(locale, kiosk.open),
        length: (4, 12),
        hidden: false,
    };
    let entered = move |pwd: String| {
        let label = field.get_untracked().map(|input| input.value()).unwrap_or_default();
        shell.send(Input::TakeByPassword { label, pwd });
    };
    let tap = Callback::new(move |port: Port| {
        let label = shell
            .with_kiosk(|kiosk| kiosk.door(port).map(|door| door.label.clone()))
            .flatten();
        if let (Some(input), Some(label)) = (field.get_untracked(), label) {
            input.set_value(&label);
        }
    });
    let doors = shell
        .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |_| false))
        .unwrap_or_default();
    view! {
        {heading(td_string!(locale, kiosk.pick_up_title))}
        {text("", td_string!(locale, kiosk.pick_up_scan))}
        <section class="flex flex-col gap-4" aria-labelledby="by-password">
            <div class="flex flex-wrap items-start gap-6">
                <div class="flex max-w-md grow flex-col gap-3">
                    <h2 id="by-password" class="text-2xl font-semibold">{td_string!(locale, kiosk.pick_up_type)}</h2>
                    <label class="flex flex-col gap-3">
                        <span class="font-semibold">{td_string!(locale, kiosk.label)}</span>
                        <input node_ref=field type="text" autocomplete="off" autocapitalize="characters" maxlength="16" class="input input-xl h-18 w-full text-4xl uppercase" data-testid="label"/>
                    </label>
                    {text("text-lg", td_string!(locale, kiosk.choose_label_hint))}
                    <div>{frame::back(shell, locale)}</div>
                </div>
                {pad(shell, locale, ask, entered)}
            </div>
            <Cabinet locale=locale doors=doors large=true plain=true on_tap=tap/>
        </section>
    }
    .into_any()
}

/// M: returns and overdue deposits, oldest first.
pub fn choose_take(shell: Shell, locale: Locale) -> AnyView {
    let rows = shell
        .with_kiosk(|kiosk| {
            let mut doors: Vec<Door> = kiosk.retrievable(shell.now.get_untracked()).cloned().collect();
            sort_by_numbers(&mut doors, |door| (door.stored_at.map_or(i64::MIN, |at| at.0), 0));
            doors
        })
        .unwrap_or_default();
    let nothing = rows.is_empty();
    let rows: Vec<_> = rows.into_iter().map(|door| row(shell, locale, &door)).collect();
    view! {
        {heading(td_string!(locale, kiosk.choose_take_title))}
        {nothing.then(|| alert("", glyph::CHECK, td_string!(locale, kiosk.none_to_take), "none-to-take", None))}
        <ul class="flex flex-col gap-3">{rows}</ul>
        <div class="flex flex-wrap gap-4">
            {frame::back(shell, locale)}
            {Button::large("to-staff-area", td_string!(locale, kiosk.staff_area)).icon(glyph::BADGE).view(move || shell.send(Input::StaffArea))}
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
    let whose = match (&door.things_sq, &door.customer_no) {
        (Some(order), _) => Some(td_string!(locale, kiosk.order, number = order.to_string())),
        (None, Some(customer)) => Some(td_string!(locale, kiosk.customer, number = customer.to_string())),
        (None, None) => None,
    };
    let since = door
        .stored_at
        .map(|at| td_string!(locale, kiosk.since, date = browser::local_time(locale, at)));
    let inside = view! {
        <span class="text-4xl font-bold tabular-nums">{door.label.clone()}</span>
        <span class="flex items-center gap-2 text-xl"><Glyph paths=icon/> {kind}</span>
        <span class="flex min-w-0 flex-col text-lg font-normal">
            <span>{whose}</span>
            <span>{since}</span>
        </span>
    }
    .into_any();
    let class =
        "btn btn-xl bg-base-100 border-primary h-auto min-h-24 w-full justify-start gap-6 border-2 p-4 text-left";
    let button =
        Button::free(class, format!("take-{}", door.label), inside).view(move || shell.send(Input::Choose(port)));
    view! { <li>{button}</li> }.into_any()
}
