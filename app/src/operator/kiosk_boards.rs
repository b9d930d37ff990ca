//! The form for the lock boards of a kiosk.

use super::parts::Section;
use crate::context;
use crate::entry::{self, ActForm, Entry};
use crate::functions::kiosk_boards::SetBoards;
use crate::i18n::{Locale, td_string};
use crate::ui::field::Field;
use domain::boards::{AdaptersText, Kind, Settings, WiresText, Wiring};
use domain::ids::Yid;
use leptos::prelude::*;

/// Which boards a kiosk has, and how they are connected.
pub(super) fn boards_form(yid: Yid, wiring: Option<&Wiring>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SetBoards>(), entry::entry::<SetBoards>());
    let mut hidden = vec![("yid", yid.to_string())];
    hidden.extend(wiring.map(|wiring| ("shown_for", word(&wiring.boards.kind))));
    let kind = wiring.map(|wiring| word(&wiring.boards.kind)).unwrap_or_default();
    let mut kinds = vec![(String::new(), td_string!(locale, operator.boards_none).to_owned())];
    kinds.extend(Kind::ALL.iter().map(|kind| (word(kind), kind.name().to_owned())));
    let details = wiring.map(|wiring| details(locale, &entry, wiring));
    view! {
        <Section title=td_string!(locale, operator.boards) testid="boards">
            <p>{td_string!(locale, operator.boards_hint)}</p>
            <ActForm of hidden class="flex flex-col gap-3">
                {choose(&entry, "kind", td_string!(locale, operator.boards_kind), &kind, kinds)}
                {details}
                <button class="btn self-start">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </Section>
    }
    .into_any()
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

/// A labelled choice with its error below it.
fn choose(
    entry: &Entry,
    name: &'static str,
    label: &'static str,
    value: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    let problem = entry.problem(name);
    let chosen = entry.value_or(name, value);
    let problem_id = format!("{name}-problem");
    let invalid = problem.is_some();
    let described = invalid.then(|| problem_id.clone());
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <div class="flex flex-col gap-1">
            <label for=name class="font-medium">{label}</label>
            <select
                id=name
                name=name
                class=if invalid { "select select-lg w-full select-error" } else { "select select-lg w-full" }
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
            {problem.map(|text| view! { <p id=problem_id class="text-error text-sm" role="alert">{text}</p> })}
        </div>
    }
    .into_any()
}
