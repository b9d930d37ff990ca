//! What happened to an order: who did it, when, and how we know.

use crate::orders::{Pages, text_name};
use domain::locker::history::{Change, Evidence, Happening, Source};
use domain::locker::orders::OrderText;
use islands::context;
use islands::date::Time;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// What happened, in the reader's language.
fn happening_name(locale: Locale, what: Happening) -> &'static str {
    match what {
        Happening::Received => td_string!(locale, orders.happened_received),
        Happening::Ready => td_string!(locale, orders.happened_ready),
        Happening::Stored => td_string!(locale, orders.happened_stored),
        Happening::Undone => td_string!(locale, orders.happened_undone),
        Happening::Done => td_string!(locale, orders.happened_done),
        Happening::CodeShown => td_string!(locale, orders.happened_code_shown),
        Happening::OpenedToStore => td_string!(locale, orders.happened_opened_to_store),
        Happening::OpenedToTake => td_string!(locale, orders.happened_opened_to_take),
        Happening::Returned => td_string!(locale, orders.happened_returned),
        Happening::Retrieved => td_string!(locale, orders.happened_retrieved),
        Happening::Corrected => td_string!(locale, orders.happened_corrected),
        Happening::Cancelled => td_string!(locale, orders.happened_cancelled),
        Happening::SetBack => td_string!(locale, orders.happened_set_back),
    }
}

fn source_name(locale: Locale, source: Source) -> &'static str {
    match source {
        Source::Server => td_string!(locale, orders.source_server),
        Source::Phone => td_string!(locale, orders.source_phone),
        Source::Kiosk => td_string!(locale, orders.source_kiosk),
    }
}

/// The evidence as a list, in the order given.
#[component]
pub fn Timeline(
    /// The lines.
    rows: Vec<Evidence>,
    /// Each line links to its order there.
    #[prop(optional)]
    pages: Option<Pages>,
) -> impl IntoView {
    let lines: Vec<_> = rows.into_iter().map(|row| line(row, pages)).collect();
    view! { <ol class="timeline-plain" data-testid="history">{lines}</ol> }.into_any()
}

/// The evidence of one order under its heading, on a card.
#[component]
pub fn HistoryCard(
    /// The lines.
    evidence: Vec<Evidence>,
) -> impl IntoView {
    let locale = context::locale();
    let lines = if evidence.is_empty() {
        view! { <p>{td_string!(locale, orders.history_none)}</p> }.into_any()
    } else {
        view! { <Timeline rows=evidence/> }.into_any()
    };
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="history">
            <h2 id="history" class="text-lg font-semibold">{td_string!(locale, orders.history)}</h2>
            {lines}
        </section>
    }
    .into_any()
}

/// What a text was and what it became.
fn change(change: Change) -> AnyView {
    let locale = context::locale();
    let name = OrderText::of_column(&change.field).map(|text| text_name(locale, text));
    view! { <li>{name} ": " <del>{change.was}</del> " → " <ins>{change.is}</ins></li> }.into_any()
}

fn line(row: Evidence, pages: Option<Pages>) -> AnyView {
    let locale = context::locale();
    let order = pages.zip(row.things_sq);
    let kiosk = row
        .yid
        .map(|yid| td_string!(locale, orders.kiosk_no, yid = yid.0).to_string());
    let place: Vec<String> = [kiosk, row.label].into_iter().flatten().collect();
    let who = row.who_name.or(row.who.map(|phone| phone.0));
    let known = source_name(locale, row.source);
    let details: Vec<String> = (!place.is_empty())
        .then(|| place.join(" · "))
        .into_iter()
        .chain(who)
        .chain(std::iter::once(known.to_owned()))
        .collect();
    let why = row
        .reason
        .map(|reason| view! { <p class="text-sm" data-testid="reason">"“" {reason} "”"</p> });
    let changes: Vec<_> = row.changes.into_iter().map(change).collect();
    let number = order.as_ref().map(|(_, things_sq)| things_sq.0.clone());
    let text = view! {
        <p class="flex flex-wrap items-baseline justify-between gap-x-4">
            <span>{number.map(|number| view! { <span class="link tabular-nums">{number}</span> " " })}<b>{happening_name(locale, row.what)}</b></span>
            <span class="text-sm"><Time at=row.at/></span>
        </p>
        {why}
        {(!changes.is_empty()).then(|| view! { <ul class="text-sm" data-testid="changes">{changes}</ul> })}
        <p class="text-sm opacity-75">{details.join(" · ")}</p>
    };
    match order {
        Some((pages, things_sq)) => {
            view! { <li><a class="timeline-link" href=pages.order(&things_sq)>{text}</a></li> }.into_any()
        }
        None => view! { <li>{text}</li> }.into_any(),
    }
}
