//! Staff area, log: what happened here, and what of it the server knows.

use super::super::browser;
use super::super::shell::Shell;
use super::super::words;
use super::button::live;
use domain::locker::events::KioskEvent;
use domain::locker::kiosk::Kiosk;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// More are kept, but nobody reads further at a kiosk.
const SHOWN: usize = 100;

pub fn log(shell: Shell, locale: Locale) -> AnyView {
    let shown = move || shell.kiosk.with(|kiosk| kiosk.as_ref().map(newest));
    view! {
        {live(move || shown().map(|(rows, waiting)| {
            let summary = if waiting == 0 {
                td_string!(locale, kiosk.log_all_confirmed).to_owned()
            } else {
                td_string!(locale, kiosk.log_waiting, count = waiting)
            };
            let rows: Vec<_> = rows.iter().map(|row| line(locale, row)).collect();
            view! {
                <p data-testid="log-waiting" data-count=waiting>{summary}</p>
                    <table class="table text-lg [&_:is(td,th)]:px-2 [&_td]:align-top" data-testid="log">
                        <thead class="text-base-content">
                            <tr>
                                <th scope="col">{td_string!(locale, kiosk.log_number)}</th>
                                <th scope="col">{td_string!(locale, kiosk.log_time)}</th>
                                <th scope="col">{td_string!(locale, kiosk.log_what)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
            }.into_any()
        }))}
    }
    .into_any()
}

struct Row {
    event: KioskEvent,
    label: String,
    confirmed: bool,
}

fn newest(kiosk: &Kiosk) -> (Vec<Row>, usize) {
    let acked = kiosk.log.acked();
    let row = |event: &KioskEvent| Row {
        label: event
            .port
            .and_then(|port| kiosk.door(port))
            .map(|door| door.label.clone())
            .unwrap_or_default(),
        confirmed: event.seq <= acked,
        event: event.clone(),
    };
    let rows = kiosk.log.events().iter().rev().take(SHOWN).map(row).collect();
    (rows, kiosk.log.unconfirmed().len())
}

fn line(locale: Locale, row: &Row) -> AnyView {
    let state = if row.confirmed {
        td_string!(locale, kiosk.confirmed)
    } else {
        td_string!(locale, kiosk.waiting)
    };
    let whose = row.event.actor.as_ref().map(|phone| format!("{phone} · "));
    view! {
        <tr data-seq=row.event.seq>
            <td class="tabular-nums">{row.event.seq}</td>
            <td class="whitespace-nowrap tabular-nums">{browser::local_time(locale, row.event.at)}</td>
            <td class="w-full">
                <b class="mr-2 empty:hidden">{row.label.clone()}</b>
                {words::event(locale, &row.event)}
                <p class="text-lg tabular-nums opacity-80">{whose}{state}</p>
            </td>
        </tr>
    }
    .into_any()
}
