//! From when until when: the words of the presets of a password, and the two fields for a custom span.

use crate::entry::Entry;
use crate::ui::field::Field;
use domain::guard::span::Span;
use domain::ids::Millis;
use islands::context;
use islands::date::{self, door_zone};
use islands::i18n::{Locale, td_string};
use islands::span::{FROM, UNTIL, for_input, minute};
use jiff::ToSpan;
use leptos::prelude::*;

/// A usual span for people.
pub fn word(locale: Locale, span: Span) -> &'static str {
    match span {
        Span::Hour => td_string!(locale, owner_grant.hour),
        Span::Today => td_string!(locale, owner_grant.today),
        Span::Weekend => td_string!(locale, owner_grant.weekend),
        Span::Month => td_string!(locale, owner_grant.month),
        Span::Own => td_string!(locale, owner_grant.own_span),
    }
}

/// The two fields; at first from now on for `days`.
#[component]
pub fn SpanFields(
    /// The form they belong to.
    entry: Entry,
    /// So long at first.
    days: i64,
    /// May they stay empty, because the form has another way to say it?
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let zone = door_zone();
    let now = minute(context::now(), &zone);
    let from = now.as_ref().map_or(String::new(), for_input);
    let until = now
        .and_then(|now| now.checked_add(days.days()).ok())
        .map_or(String::new(), |until| for_input(&until));
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <Field entry=entry.clone() name=FROM label=td_string!(locale, owner_grant.from) kind="datetime-local" value=from optional/>
            <Field entry name=UNTIL label=td_string!(locale, owner_grant.until) kind="datetime-local" value=until optional/>
        </div>
        <p class="text-sm opacity-75">{td_string!(locale, owner_grant.door_zone, zone = context::zone_name()).to_string()}</p>
    }
    .into_any()
}

/// A span in words, for the person who is handed a password.
pub fn in_words(locale: Locale, from: Millis, until: Millis) -> String {
    date::span(locale, from, until, &door_zone())
}
