//! From when until when: the presets of a password, and the two fields for a custom span. Everything is reckoned in the
//! door's zone.

use crate::context;
use crate::form::{Entry, Fields};
use crate::i18n::{Locale, td_string};
use crate::ui::date::{self, door_zone};
use crate::ui::field::Field;
use domain::error::{Problem, Refusal};
use domain::ids::Millis;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use leptos::prelude::*;

/// Name of the fields, and of their problems.
pub const FROM: &str = "startTime";
/// See [`FROM`].
pub const UNTIL: &str = "endTime";
/// Value of a choice that means the two fields.
pub const OWN: &str = "own";

const FORMAT: &str = "%Y-%m-%dT%H:%M";

/// A span that is one tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// From now on for an hour.
    Hour,
    /// Until midnight.
    Today,
    /// Saturday and Sunday; what is left of them, once they began.
    Weekend,
    /// A month of the calendar.
    Month,
}

impl Preset {
    /// Every preset, shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Today, Self::Weekend, Self::Month];

    /// In a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Today => "today",
            Self::Weekend => "weekend",
            Self::Month => "month",
        }
    }

    /// For people.
    pub fn word(self, locale: Locale) -> &'static str {
        match self {
            Self::Hour => td_string!(locale, owner_grant.hour),
            Self::Today => td_string!(locale, owner_grant.today),
            Self::Weekend => td_string!(locale, owner_grant.weekend),
            Self::Month => td_string!(locale, owner_grant.month),
        }
    }

    /// From when until when, asked at `now`.
    pub fn span(self, now: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
        let now = minute(now, zone)?;
        let (from, until) = match self {
            Self::Hour => (now.clone(), now.checked_add(1.hour()).ok()?),
            Self::Today => (now.clone(), midnight(&now.checked_add(1.day()).ok()?)?),
            Self::Weekend => weekend(&now)?,
            Self::Month => (now.clone(), now.checked_add(1.month()).ok()?),
        };
        Some((millis(&from), millis(&until)))
    }
}

fn weekend(now: &Zoned) -> Option<(Zoned, Zoned)> {
    let begun = matches!(now.weekday(), Weekday::Saturday | Weekday::Sunday);
    let from = if begun {
        now.clone()
    } else {
        midnight(&now.nth_weekday(1, Weekday::Saturday).ok()?)?
    };
    let monday = now.nth_weekday(1, Weekday::Monday).ok()?;
    Some((from, midnight(&monday)?))
}

fn midnight(day: &Zoned) -> Option<Zoned> {
    day.start_of_day().ok()
}

/// The beginning of this minute.
fn minute(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    let whole = at.0.div_euclid(60_000).saturating_mul(60_000);
    Some(Timestamp::from_millisecond(whole).ok()?.to_zoned(zone.clone()))
}

fn millis(at: &Zoned) -> Millis {
    Millis(at.timestamp().as_millisecond())
}

/// Which end of a span a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where it begins: a time that a change of the clock leaves out moves on, and of two it is the first.
    From,
    /// Where it ends: of two it is the later one.
    Until,
}

/// The moment of what a `datetime-local` input sends.
pub fn parse(text: &str, end: End, zone: &TimeZone) -> Result<Millis, Problem> {
    if text.is_empty() {
        return Err(Problem::Required);
    }
    let civil: DateTime = text.parse().map_err(|_| Problem::Form)?;
    let at = zone.to_ambiguous_timestamp(civil);
    let at = match end {
        End::From => at.compatible(),
        End::Until => at.later(),
    };
    Ok(Millis(at.map_err(|_| Problem::Form)?.as_millisecond()))
}

/// The span the fields say, checked as the messages check it.
pub fn typed(fields: &Fields, now: Millis, zone: &TimeZone) -> Result<(Millis, Millis), Refusal> {
    let read = |name, end| parse(fields.get(name), end, zone).map_err(|problem| Refusal::field(name, problem));
    let (from, until) = (read(FROM, End::From)?, read(UNTIL, End::Until)?);
    if until <= from || until <= now {
        return Err(Refusal::field(UNTIL, Problem::Contradicts));
    }
    Ok((from, until))
}

fn for_input(at: &Zoned) -> String {
    at.strftime(FORMAT).to_string()
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
    let now = minute(request.backend.now(), &zone);
    let from = now.as_ref().map_or(String::new(), for_input);
    let until = now
        .and_then(|now| now.checked_add(days.days()).ok())
        .map_or(String::new(), |until| for_input(&until));
    let explained = matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Contradicts }) if field == UNTIL
    )
    .then(|| td_string!(locale, owner_grant.end_before_start).to_owned());
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <Field entry=entry.clone() name=FROM label=td_string!(locale, owner_grant.from) kind="datetime-local" value=from optional/>
            <Field entry name=UNTIL label=td_string!(locale, owner_grant.until) kind="datetime-local" value=until optional explained/>
        </div>
        <p class="text-sm opacity-75">{td_string!(locale, owner_grant.door_zone, zone = request.backend.time_zone()).to_string()}</p>
    }
    .into_any()
}

/// A span in words, for the person who is handed a password.
pub fn in_words(locale: Locale, from: Millis, until: Millis) -> String {
    date::span(locale, from, until, &door_zone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn at(text: &str) -> Millis {
        parse(text, End::From, &zone()).unwrap()
    }

    fn span(preset: Preset, now: &str) -> (String, String) {
        let now = at(now).plus(41_000);
        let (from, until) = preset.span(now, &zone()).unwrap();
        let text = |at| for_input(&minute(at, &zone()).unwrap());
        (text(from), text(until))
    }

    #[test]
    fn presets_end_where_people_expect() {
        let is = |preset, from: &str, until: &str| {
            // A Friday.
            let made = span(preset, "2026-01-30T22:15");
            assert_eq!(made, (from.to_owned(), until.to_owned()));
        };
        is(Preset::Hour, "2026-01-30T22:15", "2026-01-30T23:15");
        is(Preset::Today, "2026-01-30T22:15", "2026-01-31T00:00");
        is(Preset::Weekend, "2026-01-31T00:00", "2026-02-02T00:00");
        is(Preset::Month, "2026-01-30T22:15", "2026-02-28T22:15");
    }

    #[test]
    fn where_the_clock_changes_a_beginning_moves_on_and_an_end_is_the_later_one() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text: &str, end| parse(text, end, &zone).unwrap().to_iso();
        assert_eq!(at("2026-03-08T02:30", End::From), "2026-03-08T07:30:00.000Z");
        assert_eq!(at("2026-11-01T01:30", End::From), "2026-11-01T05:30:00.000Z");
        assert_eq!(at("2026-11-01T01:30", End::Until), "2026-11-01T06:30:00.000Z");
    }

    #[test]
    fn of_a_weekend_that_began_the_rest_is_meant() {
        let sunday = span(Preset::Weekend, "2026-02-01T09:00");
        assert_eq!(sunday, ("2026-02-01T09:00".to_owned(), "2026-02-02T00:00".to_owned()));
    }

    #[test]
    fn a_span_ends_after_it_begins_and_after_now() {
        let refused = |from: &str, until: &str| {
            let body = format!("{FROM}={from}&{UNTIL}={until}");
            typed(&Fields::parse(body.as_bytes()), at("2026-01-30T12:00"), &zone()).unwrap_err()
        };
        let end = Refusal::field(UNTIL, Problem::Contradicts);
        assert_eq!(refused("2026-02-01T10:00", "2026-02-01T10:00"), end);
        assert_eq!(refused("2026-01-01T10:00", "2026-01-30T12:00"), end);
        assert_eq!(refused("", "2026-01-30T12:00"), Refusal::field(FROM, Problem::Required));
        assert_eq!(refused("2026-02-30T10:00", "x"), Refusal::field(FROM, Problem::Form));
    }
}
