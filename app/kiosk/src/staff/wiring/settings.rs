//! The settings of the boards, each by a tap.

use super::{again, changes, count_up, polite, row, stack};
use crate::screens::button::{Button, live};
use crate::shell::Shell;
use domain::boards::{AdaptersText, ByteOrder, Echo, Kind, Via, WiresText, Wiring};
use domain::error::Problem;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk};
use islands::i18n::{Locale, td_string};
use islands::ui::boards::fault_text;
use leptos::prelude::*;
use std::cell::RefCell;

/// Speeds that are offered.
const SPEEDS: [u32; 6] = [9_600, 19_200, 38_400, 57_600, 115_200, 4_800];

/// One setting: what it is called, what it is, and what a tap makes of it.
type Setting = (
    &'static str,
    &'static str,
    fn(&Wiring, Locale) -> String,
    fn(&mut Wiring),
);

/// What is being changed and not saved yet.
#[derive(Default)]
struct Draft {
    wiring: Option<Wiring>,
    /// Whether what was typed into each of the two lines cannot be read.
    unread: [bool; 2],
}

thread_local! {
    static DRAFT: RefCell<Draft> = RefCell::default();
}

pub fn settings(shell: Shell, locale: Locale) -> AnyView {
    // Counted up at every change, and when the two lines have to be filled in again.
    let (changed, filled) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let change = move |change: &dyn Fn(&mut Draft)| {
        DRAFT.with_borrow_mut(|draft| change(draft));
        count_up(changed);
    };
    let fill = move |wiring: Option<Wiring>| {
        change(&|draft| (draft.wiring, draft.unread) = (wiring.clone(), [false; 2]));
        count_up(filled);
    };
    // What is changed elsewhere, by the tests below or by the operator, is not written over.
    let wired = changes(shell, |kiosk| kiosk.wiring.clone());
    again(Box::new(move || {
        wired.track();
        fill(shell.with_kiosk(|kiosk| kiosk.wiring.clone()).flatten());
    }));
    let kind = move || {
        changed.track();
        let name = DRAFT.with_borrow(|draft| draft.wiring.as_ref().map(|wiring| wiring.boards.kind.name()));
        let name = name.unwrap_or_else(|| td_string!(locale, kiosk.set_none));
        let text = td_string!(
            locale,
            kiosk.set_is,
            name = td_string!(locale, kiosk.set_kind),
            value = name
        );
        Button::large("set-kind", text).view(move || fill(DRAFT.with_borrow(|draft| after(draft.wiring.as_ref()))))
    };
    let rows = move || {
        changed.track();
        let rows = DRAFT.with_borrow(|draft| -> Option<Vec<AnyView>> {
            let wiring = draft.wiring.as_ref()?;
            let button = |(testid, name, value, next): Setting| {
                let text = td_string!(locale, kiosk.set_is, name = name, value = value(wiring, locale));
                Button::large(testid, text).view(move || {
                    change(&|draft| {
                        if let Some(wiring) = &mut draft.wiring {
                            next(wiring);
                        }
                    });
                })
            };
            Some(all_settings(locale).into_iter().map(button).collect())
        });
        rows.map(row)
    };
    let lines = move || {
        filled.track();
        let wiring = DRAFT.with_borrow(|draft| draft.wiring.clone())?;
        let adapters = line(
            change,
            0,
            ("set-adapters", td_string!(locale, kiosk.set_adapters)),
            AdaptersText(wiring.adapters).into(),
            |wiring, text| AdaptersText::try_from(text).map(|AdaptersText(adapters)| wiring.adapters = adapters),
        );
        let wires = line(
            change,
            1,
            ("set-wires", td_string!(locale, kiosk.set_wires)),
            WiresText(wiring.wires).into(),
            |wiring, text| WiresText::try_from(text).map(|WiresText(wires)| wiring.wires = wires),
        );
        Some(stack(vec![adapters, wires]))
    };
    let fault = RwSignal::new(String::new());
    again(Box::new(move || {
        changed.track();
        let layout = shell.with_kiosk(Kiosk::layout).unwrap_or_default();
        let found = DRAFT.with_borrow(|draft| fault_of(draft, &layout, locale));
        fault.set(found.unwrap_or_default());
    }));
    let bad = Signal::derive(move || fault.with(|fault| !fault.is_empty()));
    let save = move || {
        let wiring = DRAFT.with_borrow(|draft| draft.wiring.clone());
        shell.send(Input::SetWiring(wiring.map(Box::new)));
    };
    stack(vec![
        live(move || Some(kind())),
        live(rows),
        live(lines),
        polite("set-fault", fault),
        Button::main("set-save", td_string!(locale, kiosk.set_save))
            .disabled(bad)
            .view(save),
    ])
}

/// What keeps these settings from being saved.
fn fault_of(draft: &Draft, layout: &[Port], locale: Locale) -> Option<String> {
    if draft.unread != [false; 2] {
        return Some(td_string!(locale, kiosk.fault_text).to_owned());
    }
    let wiring = draft.wiring.as_ref()?;
    Some(fault_text(locale, wiring, wiring.check(layout).err()?))
}

/// A line of text, the `at`th of the two; what is typed into it is read by `read`.
fn line(
    change: impl Fn(&dyn Fn(&mut Draft)) + 'static,
    at: usize,
    (testid, label): (&'static str, &'static str),
    value: String,
    read: fn(&mut Wiring, String) -> Result<(), Problem>,
) -> AnyView {
    let typed = move |text: String| {
        change(&|draft| {
            if let Some(wiring) = &mut draft.wiring {
                draft.unread[at] = read(wiring, text.clone()).is_err();
            }
        });
    };
    view! {
        <label class="flex flex-col gap-1 text-lg">
            {label}
            <input class="input input-lg w-full" data-testid=testid autocomplete="off" value=value on:change=move |event| typed(event_target_value(&event))/>
        </label>
    }
    .into_any()
}

/// The next kind, with the settings of its documents; after the last one, none.
fn after(wiring: Option<&Wiring>) -> Option<Wiring> {
    let next = match wiring {
        None => Some(0),
        Some(wiring) => Kind::ALL
            .iter()
            .position(|kind| *kind == wiring.boards.kind)
            .map_or(Some(0), |at| Some(at + 1)),
    };
    next.and_then(|at| Kind::ALL.get(at)).map(|kind| Wiring::of(*kind))
}

fn all_settings(locale: Locale) -> [Setting; 10] {
    [
        (
            "set-via",
            td_string!(locale, kiosk.set_via),
            |wiring, locale| match wiring.via {
                Via::Browser => td_string!(locale, kiosk.set_via_browser).to_owned(),
                Via::Bridge => td_string!(locale, kiosk.set_via_bridge).to_owned(),
            },
            |wiring| {
                wiring.via = match wiring.via {
                    Via::Browser => Via::Bridge,
                    Via::Bridge => Via::Browser,
                }
            },
        ),
        (
            "set-baud",
            td_string!(locale, kiosk.set_baud),
            |wiring, _| wiring.boards.baud.to_string(),
            |wiring| {
                let at = SPEEDS.iter().position(|speed| *speed == wiring.boards.baud);
                wiring.boards.baud = SPEEDS[at.map_or(0, |at| (at + 1) % SPEEDS.len())];
            },
        ),
        (
            "set-doors",
            td_string!(locale, kiosk.set_doors),
            |wiring, _| wiring.boards.doors.to_string(),
            |wiring| wiring.boards.doors = wiring.boards.doors % wiring.boards.kind.doors().max(1) + 1,
        ),
        (
            "set-open",
            td_string!(locale, kiosk.set_open_ms),
            |wiring, _| wiring.boards.open_ms.to_string(),
            |wiring| {
                let (shortest, longest) = wiring.boards.kind.open_times();
                let next = wiring.boards.open_ms.saturating_add(100);
                wiring.boards.open_ms = if next > longest.min(5_000) { shortest } else { next };
            },
        ),
        (
            "set-contacts",
            td_string!(locale, kiosk.set_contacts),
            |wiring, locale| yes(locale, wiring.boards.contacts),
            |wiring| wiring.boards.contacts = !wiring.boards.contacts,
        ),
        (
            "set-inverted",
            td_string!(locale, kiosk.set_inverted),
            |wiring, locale| yes(locale, wiring.boards.inverted),
            |wiring| wiring.boards.inverted = !wiring.boards.inverted,
        ),
        (
            "set-acknowledges",
            td_string!(locale, kiosk.set_acknowledges),
            |wiring, locale| yes(locale, wiring.boards.acknowledges),
            |wiring| wiring.boards.acknowledges = !wiring.boards.acknowledges,
        ),
        (
            "set-order",
            td_string!(locale, kiosk.set_byte_order),
            |wiring, _| match wiring.boards.byte_order {
                ByteOrder::LastFirst => "… 8–1".to_owned(),
                ByteOrder::FirstFirst => "8–1 …".to_owned(),
            },
            |wiring| {
                wiring.boards.byte_order = match wiring.boards.byte_order {
                    ByteOrder::LastFirst => ByteOrder::FirstFirst,
                    ByteOrder::FirstFirst => ByteOrder::LastFirst,
                }
            },
        ),
        (
            "set-one-door",
            td_string!(locale, kiosk.set_one_door),
            |wiring, locale| yes(locale, wiring.boards.ask_one_door),
            |wiring| wiring.boards.ask_one_door = !wiring.boards.ask_one_door,
        ),
        (
            "set-echo",
            td_string!(locale, kiosk.set_echo),
            |wiring, locale| match wiring.boards.echo {
                Echo::Ask => "?".to_owned(),
                Echo::Yes => yes(locale, true),
                Echo::No => yes(locale, false),
            },
            |wiring| {
                wiring.boards.echo = match wiring.boards.echo {
                    Echo::Ask => Echo::Yes,
                    Echo::Yes => Echo::No,
                    Echo::No => Echo::Ask,
                }
            },
        ),
    ]
}

fn yes(locale: Locale, yes: bool) -> String {
    if yes {
        td_string!(locale, kiosk.yes).to_owned()
    } else {
        td_string!(locale, kiosk.no).to_owned()
    }
}
