//! The settings of the boards, each by a tap.

use crate::i18n::{Locale, td_string};
use crate::kiosk::screens::button::{Button, live, text};
use crate::kiosk::shell::Shell;
use domain::boards::{AdaptersText, ByteOrder, Echo, Kind, Via, WiresText, Wiring};
use domain::locker::kiosk::{Input, Kiosk};
use leptos::prelude::*;

/// Speeds that are offered.
const SPEEDS: [u32; 6] = [9_600, 19_200, 38_400, 57_600, 115_200, 4_800];

/// One setting: what it is called, what it is, and what a tap makes of it.
type Setting = (
    &'static str,
    &'static str,
    fn(&Wiring, Locale) -> String,
    fn(&mut Wiring),
);

pub fn settings(shell: Shell, locale: Locale) -> AnyView {
    let draft = RwSignal::new(shell.with_kiosk(|kiosk| kiosk.wiring.clone()).flatten());
    let kind = move || {
        draft.with(|draft| match draft {
            Some(wiring) => wiring.boards.kind.name().to_owned(),
            None => td_string!(locale, kiosk.set_none).to_owned(),
        })
    };
    let next_kind = move || draft.update(|draft| *draft = after(draft.as_ref()));
    let rows = move || {
        let wiring = draft.get()?;
        let settings = all_settings(locale);
        let rows: Vec<_> = settings
            .into_iter()
            .map(|(testid, name, value, next)| {
                let value = value(&wiring, locale);
                Button::large(testid, format!("{name}: {value}")).view(move || {
                    draft.update(|draft| {
                        if let Some(wiring) = draft {
                            next(wiring);
                        }
                    });
                })
            })
            .collect();
        Some(view! { <div class="flex flex-wrap gap-3">{rows}</div> }.into_any())
    };
    let lines = move || {
        let wiring = draft.get_untracked()?;
        let (adapters, wires) = (
            String::from(AdaptersText(wiring.adapters)),
            String::from(WiresText(wiring.wires)),
        );
        Some(
            view! {
                {line("set-adapters", adapters, move |text| {
                    if let Ok(AdaptersText(adapters)) = AdaptersText::try_from(text) {
                        draft.update(|draft| if let Some(wiring) = draft { wiring.adapters = adapters });
                    }
                })}
                {line("set-wires", wires, move |text| {
                    if let Ok(WiresText(wires)) = WiresText::try_from(text) {
                        draft.update(|draft| if let Some(wiring) = draft { wiring.wires = wires });
                    }
                })}
            }
            .into_any(),
        )
    };
    let chosen = Memo::new(move |_| draft.with(|draft| draft.as_ref().map(|wiring| wiring.boards.kind)));
    let layout = shell.with_kiosk(Kiosk::layout).unwrap_or_default();
    let faulty =
        Memo::new(move |_| draft.with(|draft| draft.as_ref().is_some_and(|wiring| wiring.check(&layout).is_err())));
    view! {
        {live(move || Some(Button::large("set-kind", format!("{}: {}", td_string!(locale, kiosk.set_kind), kind())).view(next_kind)))}
        {live(rows)}
        {live(move || chosen.get().and_then(|_| lines()))}
        {live(move || faulty.get().then(|| text("text-lg", td_string!(locale, kiosk.link_faulty))))}
        {Button::main("set-save", td_string!(locale, kiosk.set_save)).disabled(Signal::derive(move || faulty.get())).view(move || {
            shell.send(Input::SetWiring(draft.get_untracked().map(Box::new)));
        })}
    }
    .into_any()
}

fn line(testid: &'static str, value: String, changed: impl Fn(String) + 'static) -> AnyView {
    view! {
        <input class="input input-lg w-full" data-testid=testid aria-label=testid autocomplete="off" value=value
            on:change=move |event| changed(event_target_value(&event))/>
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
            .map(|at| at + 1),
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
            |wiring| wiring.boards.doors = wiring.boards.doors % wiring.boards.kind.doors() + 1,
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
