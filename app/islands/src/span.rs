//! From when until when a grant is good, reckoned in the door's zone.

use crate::context::{self, RequestContext};
use crate::fields::Wrong;
use crate::i18n::td_string;
use crate::refused::Refused;
use domain::error::{Problem, Refusal};
use domain::guard::span::{CivilMinute, Span};
use domain::ids::Millis;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// Name of the fields, and of their problems.
pub const FROM: &str = "start_time";
/// See [`FROM`].
pub const UNTIL: &str = "end_time";

const FORMAT: &str = "%Y-%m-%dT%H:%M";

/// From when until when a usual span is, asked at `now`; `None` for one's own.
fn usual(span: Span, now: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
    let now = minute(now, zone)?;
    let (from, until) = match span {
        Span::Hour => (now.clone(), now.checked_add(1.hour()).ok()?),
        Span::Today => (now.clone(), midnight(&now.checked_add(1.day()).ok()?)?),
        Span::Weekend => weekend(&now)?,
        Span::Month => (now.clone(), now.checked_add(1.month()).ok()?),
        Span::Own => return None,
    };
    Some((millis(&from), millis(&until)))
}

/// From when until when: a usual span, or the minutes given.
pub fn chosen(
    request: &RequestContext,
    span: Span,
    start_time: Option<CivilMinute>,
    end_time: Option<CivilMinute>,
) -> Result<(Millis, Millis), Refused> {
    if span == Span::Own {
        return own(request, start_time, end_time);
    }
    Ok(usual(span, context::now(), &context::zone()).ok_or(Refusal::Internal)?)
}

/// The minutes given, in the door's zone, checked as the messages check them.
pub fn own(
    request: &RequestContext,
    start_time: Option<CivilMinute>,
    end_time: Option<CivilMinute>,
) -> Result<(Millis, Millis), Refused> {
    let zone = context::local_zone();
    let mut wrong = Vec::new();
    let mut read = |field: &str, given: Option<Option<Millis>>| {
        let at = given.map(|at| at.ok_or(Problem::Form));
        at.unwrap_or(Err(Problem::Required)).map_err(|problem| {
            let field = field.to_owned();
            wrong.push(Wrong { field, problem });
        })
    };
    let from = read(FROM, start_time.map(|minute| minute.to_millis(&zone)));
    let until = read(UNTIL, end_time.map(|minute| minute.end_to_millis(&zone)));
    let (Ok(from), Ok(until)) = (from, until) else {
        return Err(Refused::of_arguments(request.locale, wrong));
    };
    ends_after(from, until, context::now()).map_err(|refusal| {
        Refused::of(request.locale, &refusal).in_words(td_string!(request.locale, owner_grant.end_before_start))
    })?;
    Ok((from, until))
}

/// A span ends after it begins and after now.
fn ends_after(from: Millis, until: Millis, now: Millis) -> Result<(), Refusal> {
    if until <= from || until <= now {
        return Err(Refusal::field(UNTIL, Problem::Contradicts));
    }
    Ok(())
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
pub fn minute(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    let whole = at.0.div_euclid(60_000).saturating_mul(60_000);
    Some(Timestamp::from_millisecond(whole).ok()?.to_zoned(zone.clone()))
}

fn millis(at: &Zoned) -> Millis {
    Millis(at.timestamp().as_millisecond())
}

/// A minute as an input of a browser has it.
pub fn for_input(at: &Zoned) -> String {
    at.strftime(FORMAT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::DateTime;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn at(text: &str) -> Millis {
        let civil: DateTime = text.parse().unwrap();
        millis(&civil.to_zoned(zone()).unwrap())
    }

    fn span(span: Span, now: &str) -> (String, String) {
        let now = at(now).plus(41_000);
        let (from, until) = usual(span, now, &zone()).unwrap();
        let text = |at| for_input(&minute(at, &zone()).unwrap());
        (text(from), text(until))
    }

    #[test]
    fn usual_spans_end_where_people_expect() {
        let is = |usual, from: &str, until: &str| {
            // A Friday.
            let made = span(usual, "2026-01-30T22:15");
            assert_eq!(made, (from.to_owned(), until.to_owned()));
        };
        is(Span::Hour, "2026-01-30T22:15", "2026-01-30T23:15");
        is(Span::Today, "2026-01-30T22:15", "2026-01-31T00:00");
        is(Span::Weekend, "2026-01-31T00:00", "2026-02-02T00:00");
        is(Span::Month, "2026-01-30T22:15", "2026-02-28T22:15");
    }

    #[test]
    fn of_a_weekend_that_began_the_rest_is_meant() {
        let sunday = span(Span::Weekend, "2026-02-01T09:00");
        assert_eq!(sunday, ("2026-02-01T09:00".to_owned(), "2026-02-02T00:00".to_owned()));
    }

    #[test]
    fn a_span_ends_after_it_begins_and_after_now() {
        let now = at("2026-01-30T12:00");
        let refused = Err(Refusal::field(UNTIL, Problem::Contradicts));
        assert_eq!(ends_after(at("2026-02-01T10:00"), at("2026-02-01T10:00"), now), refused);
        assert_eq!(ends_after(at("2026-01-01T10:00"), at("2026-01-30T12:00"), now), refused);
        assert_eq!(ends_after(at("2026-01-01T10:00"), at("2026-01-30T12:01"), now), Ok(()));
    }
}
