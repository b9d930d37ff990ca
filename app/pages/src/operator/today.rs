//! What happens today: meters in and out by the hour, and what happened last.

use super::parts::Section;
use crate::orders::{Pages, Timeline};
use domain::ids::Millis;
use domain::locker::history::Evidence;
use domain::locker::overview::Quarter;
use islands::context;
use islands::date::{door_zone, number};
use islands::i18n::td_string;
use jiff::Timestamp;
use leptos::prelude::*;

const HOURS: usize = 24;

/// Where today begins at the doors, and now.
pub(super) fn today() -> (Millis, Millis) {
    let now = context::now();
    let local = Timestamp::from_millisecond(now.0).map(|at| at.to_zoned(door_zone()));
    let begins = local.ok().and_then(|local| local.start_of_day().ok());
    let begins = begins.map_or(now, |at| Millis(at.timestamp().as_millisecond()));
    // A clock of a kiosk may be a little ahead.
    (begins, now.plus(Quarter::MS))
}

/// In and out, by the hour of the day at the doors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Hour {
    into: u32,
    out: u32,
}

fn by_hour(quarters: &[Quarter]) -> [Hour; HOURS] {
    let zone = door_zone();
    let mut hours = [Hour::default(); HOURS];
    for quarter in quarters {
        let at = Timestamp::from_millisecond(quarter.number.saturating_mul(Quarter::MS));
        let hour = at.ok().map(|at| at.to_zoned(zone.clone()).hour());
        let hour = hour.and_then(|hour| hours.get_mut(usize::try_from(hour).ok()?));
        match (hour, quarter.is_in()) {
            (Some(hour), Some(true)) => hour.into += quarter.count,
            (Some(hour), Some(false)) => hour.out += quarter.count,
            _ => {}
        }
    }
    hours
}

/// Today's bars with their numbers, and as a table for those who cannot see them.
pub(super) fn chart(quarters: &[Quarter]) -> AnyView {
    let locale = context::locale();
    let hours = by_hour(quarters);
    let sum = |of: fn(&Hour) -> u32| hours.iter().map(of).sum::<u32>();
    let (into, out) = (sum(|hour| hour.into), sum(|hour| hour.out));
    let most = hours.iter().map(|hour| hour.into.max(hour.out)).max().unwrap_or(0);
    let text = td_string!(locale, operator.today_in_out, into = number(into), out = number(out)).to_string();
    let bar = |count: u32, class: &'static str| {
        let height = format!("height:{}%", (100 * count).checked_div(most).unwrap_or(0));
        view! { <span class=class style=height></span> }
    };
    let bars: Vec<_> = hours
        .iter()
        .enumerate()
        .map(|(hour, of)| {
            let mark = (hour % 6 == 0).then(|| view! { <span class="today-mark">{format!("{hour:02}")}</span> });
            view! { <span class="today-hour">{bar(of.into, "today-in")}{bar(of.out, "today-out")}{mark}</span> }
        })
        .collect();
    let rows: Vec<_> = hours
        .iter()
        .enumerate()
        .filter(|(_, of)| **of != Hour::default())
        .map(|(hour, of)| view! { <tr><td>{format!("{hour:02}:00")}</td><td>{of.into}</td><td>{of.out}</td></tr> })
        .collect();
    let (hour_head, in_head, out_head) = (
        td_string!(locale, operator.when),
        td_string!(locale, operator.today_in),
        td_string!(locale, operator.today_out),
    );
    let picture = (most > 0).then(|| {
        view! {
            <div class="today-bars" aria-hidden="true">{bars}</div>
            <p class="flex gap-4 text-sm" aria-hidden="true"><span class="today-key today-key-in">{in_head}</span> <span class="today-key today-key-out">{out_head}</span></p>
            <table class="sr-only"><thead><tr><th>{hour_head}</th><th>{in_head}</th><th>{out_head}</th></tr></thead><tbody>{rows}</tbody></table>
        }
    });
    view! {
        <Section title=td_string!(locale, operator.today) testid="today">
            <p data-testid="today-in-out">{text}</p>
            {picture}
        </Section>
    }
    .into_any()
}

/// What happened last.
pub(super) fn latest(rows: Vec<Evidence>) -> AnyView {
    let locale = context::locale();
    let content = if rows.is_empty() {
        view! { <p>{td_string!(locale, operator.latest_none)}</p> }.into_any()
    } else {
        view! { <Timeline rows pages=Pages::Operator/> }.into_any()
    };
    view! { <Section title=td_string!(locale, operator.latest) testid="latest">{content}</Section> }.into_any()
}
