//! The form for the lock boards of a kiosk.

use super::parts::Section;
use crate::entry::{self, ActForm, Entry};
use crate::ui::field::Field;
use crate::ui::parts::Select;
use domain::boards::{AdaptersText, Kind, Settings, WiresText, Wiring};
use domain::ids::{Port, Yid};
use islands::context;
use islands::functions::kiosk_boards::SetBoards;
use islands::i18n::{Locale, td_string};
use islands::ui::boards::fault_text;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// Which boards a kiosk has, and how they are connected. What was stored may not fit any more: the layout changes, and so do versions.
pub(super) fn boards_form(yid: Yid, wiring: Option<&Wiring>, layout: &[Port]) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SetBoards>(), entry::entry::<SetBoards>());
    let refused = entry.is_refused().then(|| typed(&entry)).flatten();
    let judged = refused.as_ref().or(wiring);
    let fault = judged.and_then(|wiring| Some(fault_text(locale, wiring, wiring.check(layout).err()?)));
    let fault = fault.map(|why| {
        let general = td_string!(locale, kiosk.link_faulty);
        let text = if why == general {
            why
        } else {
            format!("{general} {why}")
        };
        view! {
            <div role="note" class="alert alert-warning items-start" data-testid="boards-fault">
                <Icon name="warning"/>
                <p>{text}</p>
            </div>
        }
    });
    let mut hidden = vec![("yid", yid.to_string())];
    hidden.extend(wiring.map(|wiring| ("shown_for", word(&wiring.boards.kind))));
    let kind = wiring.map(|wiring| word(&wiring.boards.kind)).unwrap_or_default();
    let mut kinds = vec![(String::new(), td_string!(locale, operator.boards_none).to_owned())];
    kinds.extend(Kind::ALL.iter().map(|kind| (word(kind), kind.name().to_owned())));
    let details = wiring.map(|wiring| details(locale, &entry, wiring));
    view! {
        <Section title=td_string!(locale, operator.boards) testid="boards">
            <p>{td_string!(locale, operator.boards_hint)}</p>
            {fault}
            <ActForm of hidden class="flex flex-col gap-4">
                {choose(&entry, "kind", td_string!(locale, operator.boards_kind), &kind, kinds)}
                {details}
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
}

/// What was typed and refused, as [`crate::functions::kiosk_boards::set_boards`] reads it. `None` where a line cannot be read, which its field reports.
fn typed(entry: &Entry) -> Option<Wiring> {
    let kind = chosen(entry, "kind")?;
    let mut wiring = Wiring::of(kind);
    if chosen(entry, "shown_for").is_some_and(|shown: Kind| shown != kind) {
        return Some(wiring);
    }
    let (adapters, wires) = (entry.value("adapters"), entry.value("wires"));
    if !adapters.is_empty() {
        AdaptersText(wiring.adapters) = AdaptersText::try_from(adapters).ok()?;
    }
    WiresText(wiring.wires) = WiresText::try_from(wires).ok()?;
    let boards = &mut wiring.boards;
    boards.baud = number(entry, "baud").unwrap_or(boards.baud);
    boards.doors = number(entry, "doors").unwrap_or(boards.doors);
    boards.open_ms = number(entry, "open_ms").unwrap_or(boards.open_ms);
    boards.byte_order = chosen(entry, "byte_order").unwrap_or(boards.byte_order);
    boards.echo = chosen(entry, "echo").unwrap_or(boards.echo);
    boards.ask_one_door = number(entry, "ask_one_door").unwrap_or(boards.ask_one_door);
    boards.acknowledges = number(entry, "acknowledges").unwrap_or(boards.acknowledges);
    Some(wiring)
}

fn chosen<T: serde::de::DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    // An empty word is no choice, and not an unknown one.
    let word = Some(entry.value(name)).filter(|word| !word.is_empty())?;
    serde_json::from_value(serde_json::Value::String(word)).ok()
}

fn number<T: std::str::FromStr>(entry: &Entry, name: &str) -> Option<T> {
    entry.value(name).parse().ok()
}

fn details(locale: Locale, entry: &Entry, wiring: &Wiring) -> AnyView {
    let Settings {
        baud,
        doors,
        inverted,
        byte_order,
        echo,
        open_ms,
        contacts,
        ask_one_door,
        acknowledges,
        kind: _,
    } = wiring.boards.clone();
    let adapters = String::from(AdaptersText(wiring.adapters.clone()));
    let wires = String::from(WiresText(wiring.wires.clone()));
    let text = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let yes_no = || {
        vec![
            text("true", td_string!(locale, operator.yes)),
            text("false", td_string!(locale, operator.no)),
        ]
    };
    let via = vec![
        text("browser", td_string!(locale, operator.boards_via_browser)),
        text("bridge", td_string!(locale, operator.boards_via_bridge)),
    ];
    let orders = vec![
        text("last-first", td_string!(locale, operator.boards_last_first)),
        text("first-first", td_string!(locale, operator.boards_first_first)),
    ];
    let echoes = vec![
        text("ask", td_string!(locale, operator.boards_echo_ask)),
        text("yes", td_string!(locale, operator.yes)),
        text("no", td_string!(locale, operator.no)),
    ];
    view! {
        {choose(entry, "via", td_string!(locale, operator.boards_via), &word(&wiring.via), via)}
        <Field entry=entry.clone() name="adapters" label=td_string!(locale, operator.boards_adapters) hint=td_string!(locale, operator.boards_adapters_hint) autocomplete="off" value=adapters/>
        <Field entry=entry.clone() name="baud" label=td_string!(locale, operator.boards_baud) inputmode="numeric" autocomplete="off" value=baud.to_string()/>
        <Field entry=entry.clone() name="doors" label=td_string!(locale, operator.boards_doors) inputmode="numeric" autocomplete="off" value=doors.to_string()/>
        <Field entry=entry.clone() name="open_ms" label=td_string!(locale, operator.boards_open_ms) inputmode="numeric" autocomplete="off" value=open_ms.to_string()/>
        {choose(entry, "contacts", td_string!(locale, operator.boards_contacts), &contacts.to_string(), yes_no())}
        {choose(entry, "inverted", td_string!(locale, operator.boards_inverted), &inverted.to_string(), yes_no())}
        {choose(entry, "acknowledges", td_string!(locale, operator.boards_acknowledges), &acknowledges.to_string(), yes_no())}
        {choose(entry, "byte_order", td_string!(locale, operator.boards_byte_order), &word(&byte_order), orders)}
        {choose(entry, "ask_one_door", td_string!(locale, operator.boards_one_door), &ask_one_door.to_string(), yes_no())}
        {choose(entry, "echo", td_string!(locale, operator.boards_echo), &word(&echo), echoes)}
        <Field entry=entry.clone() name="wires" label=td_string!(locale, operator.boards_wires) hint=td_string!(locale, operator.boards_wires_hint) autocomplete="off" value=wires optional=true/>
    }
    .into_any()
}

/// The word of a choice, as forms and settings have it.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn choose(
    entry: &Entry,
    name: &'static str,
    label: &'static str,
    value: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    view! { <Select entry=entry.clone() name label options value/> }.into_any()
}
