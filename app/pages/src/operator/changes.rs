//! What was changed of a person, a business or a kiosk: who, when, and the values before and after.

use super::parts::Section;
use domain::changes::{Changed, Deed};
use domain::locker::history::Change;
use islands::context;
use islands::date::Time;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// The list; the newest stands first.
pub(super) fn history(rows: Vec<Changed>) -> AnyView {
    let locale = context::locale();
    let content = if rows.is_empty() {
        view! { <p>{td_string!(locale, operator.changes_none)}</p> }.into_any()
    } else {
        let lines: Vec<_> = rows.into_iter().map(|row| line(locale, row)).collect();
        view! { <ol class="timeline-plain">{lines}</ol> }.into_any()
    };
    view! { <Section title=td_string!(locale, operator.changes) testid="changes">{content}</Section> }.into_any()
}

fn line(locale: Locale, row: Changed) -> AnyView {
    let who = row.who_name.or(row.who.map(|phone| phone.0));
    let who = who.unwrap_or_else(|| td_string!(locale, operator.at_command_line).to_owned());
    let values: Vec<_> = row.values.into_iter().map(|value| shown(locale, value)).collect();
    view! {
        <li data-testid="change">
            <p class="flex flex-wrap items-baseline justify-between gap-x-4"><b>{word(locale, row.deed)}</b> <span class="text-sm"><Time at=row.at/></span></p>
            {(!values.is_empty()).then(|| view! { <ul class="text-sm wrap-anywhere">{values}</ul> })}
            <p class="text-sm opacity-75" dir="auto">{who}</p>
        </li>
    }
    .into_any()
}

fn shown(locale: Locale, value: Change) -> AnyView {
    let name = match value.field.as_str() {
        "name" => td_string!(locale, operator.name),
        "business" => td_string!(locale, operator.business),
        "address" => td_string!(locale, operator.kiosk_address),
        _ => td_string!(locale, operator.overdue_days),
    };
    view! { <li dir="auto">{name} ": " <del>{value.was}</del> " → " <ins>{value.is}</ins></li> }.into_any()
}

fn word(locale: Locale, deed: Deed) -> &'static str {
    match deed {
        Deed::Added => td_string!(locale, operator.deed_added),
        Deed::Corrected => td_string!(locale, operator.deed_corrected),
        Deed::PasswordSet => td_string!(locale, operator.deed_password_set),
        Deed::Blocked => td_string!(locale, operator.deed_blocked),
        Deed::Unblocked => td_string!(locale, operator.deed_unblocked),
        Deed::PinSet => td_string!(locale, operator.deed_pin_set),
        Deed::CodeMade => td_string!(locale, operator.deed_code_made),
        Deed::Retired => td_string!(locale, operator.deed_retired),
        Deed::Restored => td_string!(locale, operator.deed_restored),
    }
}
