//! Times, phone numbers and counts as people in each language write them. Times are shown in the zone of the reader's browser
//! where it said so (the cookie is set by `page.js`), else in the deployment's.

use crate::context;
use crate::html;
use crate::i18n::{Locale, td_string};
use crate::ui::html::Html;
use domain::ids::{Millis, Phone};
use http::header::COOKIE;
use http::request::Parts;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use leptos::prelude::*;

/// The name of the cookie with the browser's zone, such as `Asia/Seoul`.
pub const ZONE_COOKIE: &str = "zone";

/// The zone for the page being rendered.
pub fn zone() -> TimeZone {
    let from_browser = with_context(|parts: &Parts| {
        let cookies = parts.headers.get(COOKIE)?.to_str().ok()?;
        let wanted = cookies
            .split(';')
            .find_map(|pair| pair.trim().strip_prefix(ZONE_COOKIE)?.strip_prefix('='))?;
        named(&wanted.replace("%2F", "/"))
    });
    from_browser.flatten().unwrap_or_else(door_zone)
}

/// The zone the doors of this deployment are in.
pub fn door_zone() -> TimeZone {
    context::zone()
}

/// A zone by its IANA name.
pub fn named(name: &str) -> Option<TimeZone> {
    let sound = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    sound.then(|| TimeZone::get(name).ok()).flatten()
}

fn local(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()))
}

/// Date and time in full: `2026. 11. 21. 21:23`, `2026年11月21日 21:23`, `21 Nov 2026, 21:23`.
pub fn date_time(locale: Locale, at: Millis, zone: &TimeZone) -> String {
    local(at, zone).map_or(String::new(), |at| in_full(locale, &at))
}

fn in_full(locale: Locale, at: &Zoned) -> String {
    match locale {
        Locale::ko | Locale::zh => format!("{} {}", day(locale, at), clock(at)),
        Locale::en => format!("{}, {}", day(locale, at), clock(at)),
    }
}

/// The last minute of something that ends at a moment: `18:00` for six o'clock, and for midnight `23:59` of the day that is then over.
pub fn last_minute(locale: Locale, end: Millis, zone: &TimeZone) -> String {
    let is_midnight = local(end, zone).is_some_and(|end| (end.hour(), end.minute(), end.second()) == (0, 0, 0));
    let shown = if is_midnight { end.plus(-1) } else { end };
    date_time(locale, shown, zone)
}

/// The day alone.
pub fn date(locale: Locale, at: Millis, zone: &TimeZone) -> String {
    local(at, zone).map_or(String::new(), |at| day(locale, &at))
}

/// As short as it can be: the time today, `yesterday 21:23`, else in full.
pub fn short(locale: Locale, at: Millis, now: Millis, zone: &TimeZone) -> String {
    let (Some(then), Some(today)) = (local(at, zone), local(now, zone)) else {
        return String::new();
    };
    if then.date() == today.date() {
        clock(&then)
    } else if today.date().yesterday().is_ok_and(|day| day == then.date()) {
        td_string!(locale, common.yesterday_at, time = clock(&then)).to_string()
    } else {
        date_time(locale, at, zone)
    }
}

/// The day it is at a moment; `None` where that is outside of all calendars.
pub fn day_of(at: Millis, zone: &TimeZone) -> Option<Date> {
    local(at, zone).map(|at| at.date())
}

/// The day as a heading: today and yesterday by these words, others in full.
pub fn heading(locale: Locale, at: Millis, now: Millis, zone: &TimeZone) -> String {
    let (Some(then), Some(today)) = (local(at, zone), local(now, zone)) else {
        return String::new();
    };
    if then.date() == today.date() {
        td_string!(locale, common.today).to_owned()
    } else if today.date().yesterday().is_ok_and(|day| day == then.date()) {
        td_string!(locale, common.yesterday).to_owned()
    } else {
        day(locale, &then)
    }
}

/// From when until when; a day that is the same is said once.
pub fn span(locale: Locale, from: Millis, until: Millis, zone: &TimeZone) -> String {
    let end = match (local(from, zone), local(until, zone)) {
        (Some(from), Some(until)) if from.date() == until.date() => clock(&until),
        _ => date_time(locale, until, zone),
    };
    format!("{} – {end}", date_time(locale, from, zone))
}

/// As [`short`], with the seconds.
pub fn short_to_the_second(locale: Locale, at: Millis, now: Millis, zone: &TimeZone) -> String {
    let second = local(at, zone).map_or(0, |at| at.second());
    format!("{}:{second:02}", short(locale, at, now, zone))
}

fn clock(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn day(locale: Locale, at: &Zoned) -> String {
    let (year, month, day) = (at.year(), at.month(), at.day());
    match locale {
        Locale::ko => format!("{year}. {month}. {day}."),
        Locale::zh => format!("{year}年{month}月{day}日"),
        Locale::en => at.strftime("%-d %b %Y").to_string(),
    }
}

/// A phone number in the groups people read it in; one of an unknown kind as it is.
pub fn phone(phone: &Phone) -> String {
    let digits = phone.as_str();
    let cut = |at: &[usize], sign: &str| {
        let mut parts = Vec::new();
        let mut rest = digits;
        for &length in at {
            let (part, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
            parts.push(part);
            rest = tail;
        }
        parts.push(rest);
        parts.join(sign)
    };
    match digits.len() {
        // Korean mobile and Seoul numbers begin with 0, Chinese mobile numbers with 1.
        11 if digits.starts_with('0') => cut(&[3, 4], "-"),
        11 if digits.starts_with('1') => cut(&[3, 4], " "),
        10 if digits.starts_with("02") => cut(&[2, 4], "-"),
        10 if digits.starts_with('0') => cut(&[3, 3], "-"),
        9 if digits.starts_with("02") => cut(&[2, 3], "-"),
        _ => digits.to_owned(),
    }
}

/// A count with its thousands set apart, which all three languages do alike: `1,000,000`.
pub fn number(count: impl Into<i64>) -> String {
    let count = count.into();
    let digits = count.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if count < 0 { format!("-{text}") } else { text }
}

/// A moment on a page, with its machine-readable form. Short by default; in full where it stands alone.
#[component]
pub fn Time(
    /// The moment.
    at: Millis,
    /// Always with the day.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let request = context::request();
    let zone = zone();
    let in_full = date_time(request.locale, at, &zone);
    let text = if full {
        in_full.clone()
    } else {
        short(request.locale, at, context::now(), &zone)
    };
    view! { <time datetime=at.to_iso() title=in_full class="whitespace-nowrap tabular-nums">{text}</time> }
}

/// A moment at a door, in the door's zone.
#[component]
pub fn DoorTime(
    /// The moment.
    at: Millis,
    /// With the seconds.
    #[prop(optional)]
    seconds: bool,
) -> impl IntoView {
    let request = context::request();
    let (zone, now) = (door_zone(), context::now());
    let text = if seconds {
        short_to_the_second(request.locale, at, now, &zone)
    } else {
        short(request.locale, at, now, &zone)
    };
    let in_full = date_time(request.locale, at, &zone);
    view! { <time datetime=at.to_iso() title=in_full class="whitespace-nowrap tabular-nums">{text}</time> }
}

/// The time of a moment under a heading that says the day, for a row that is put together as text.
pub fn clock_time(locale: Locale, at: Millis, zone: &TimeZone) -> Html {
    let there = local(at, zone);
    let text = there.as_ref().map(|at| format!("{}:{:02}", clock(at), at.second()));
    let title = there.as_ref().map(|at| in_full(locale, at));
    html!(
        r#"<time datetime="{iso}" title="{title}" class="whitespace-nowrap tabular-nums">{text}</time>"#,
        iso = at.to_iso(),
        title = title,
        text = text
    )
}

/// A phone number that a phone can dial.
#[component]
pub fn PhoneLink(
    /// Whose.
    number: Phone,
) -> impl IntoView {
    view! { <a href=format!("tel:{number}") class="link link-hover whitespace-nowrap tabular-nums">{phone(&number)}</a> }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: Millis = Millis(1_537_167_405_000);

    #[test]
    fn a_moment_is_written_as_each_language_does() {
        let zone = named("Asia/Seoul").unwrap();
        let in_full = |locale| date_time(locale, MORNING, &zone);
        assert_eq!(in_full(Locale::ko), "2018. 9. 17. 15:56");
        assert_eq!(in_full(Locale::zh), "2018年9月17日 15:56");
        assert_eq!(in_full(Locale::en), "17 Sep 2018, 15:56");
    }

    #[test]
    fn today_needs_no_day_and_yesterday_a_word() {
        let zone = named("Asia/Seoul").unwrap();
        let seen = |later: i64| short(Locale::en, MORNING, MORNING.plus(later * 3_600_000), &zone);
        assert_eq!((seen(1).as_str(), seen(12).as_str()), ("15:56", "yesterday 15:56"));
        assert_eq!(seen(48), "17 Sep 2018, 15:56");
    }

    #[test]
    fn a_heading_names_the_day_in_the_zone_of_the_door() {
        let zone = named("Asia/Seoul").unwrap();
        let heading = |later: i64| heading(Locale::en, MORNING, MORNING.plus(later * 3_600_000), &zone);
        assert_eq!(
            [heading(8), heading(9), heading(33)],
            ["Today", "Yesterday", "17 Sep 2018"]
        );
    }

    #[test]
    fn below_a_heading_a_moment_has_no_day() {
        let shown = clock_time(Locale::en, MORNING, &named("Asia/Seoul").unwrap());
        let moment = r#"datetime="2018-09-17T06:56:45.000Z" title="17 Sep 2018, 15:56""#;
        assert!(shown.as_str().starts_with(&format!("<time {moment} ")), "{shown:?}");
        assert!(shown.as_str().ends_with(">15:56:45</time>"), "{shown:?}");
    }

    #[test]
    fn a_span_says_a_day_once() {
        let zone = named("Asia/Shanghai").unwrap();
        let until = |millis| span(Locale::zh, MORNING, MORNING.plus(millis), &zone);
        assert_eq!(until(3_600_000), "2018年9月17日 14:56 – 15:56");
        assert_eq!(until(86_400_000), "2018年9月17日 14:56 – 2018年9月18日 14:56");
        let seconds = short_to_the_second(Locale::zh, MORNING, MORNING, &zone);
        assert_eq!(seconds, "14:56:45");
    }

    #[test]
    fn what_ends_at_six_ends_at_six_and_what_ends_at_midnight_on_the_day_before() {
        let zone = named("Asia/Seoul").unwrap();
        let end = |iso| last_minute(Locale::en, Millis::from_iso(iso).unwrap(), &zone);
        assert_eq!(end("2018-09-17T09:00:00.000Z"), "17 Sep 2018, 18:00");
        assert_eq!(end("2018-09-17T15:00:00.000Z"), "17 Sep 2018, 23:59");
        assert_eq!(end("2018-09-17T15:01:00.000Z"), "18 Sep 2018, 00:01");
        assert_eq!(end("2018-09-17T15:00:30.000Z"), "18 Sep 2018, 00:00");
    }

    #[test]
    fn an_impossible_zone_or_moment_breaks_nothing() {
        assert!(named("../../etc/passwd").is_none());
        assert!(named("Nowhere/Land").is_none());
        assert_eq!(date_time(Locale::ko, Millis(i64::MAX), &TimeZone::UTC), "");
        assert_eq!(day_of(Millis(i64::MAX), &TimeZone::UTC), None);
    }

    #[test]
    fn phone_numbers_are_grouped_by_their_kind() {
        let grouped = |text: &str| phone(&Phone(text.to_owned()));
        assert_eq!(grouped("01000000001"), "010-0000-0001");
        assert_eq!(grouped("13800000001"), "138 0000 0001");
        assert_eq!(
            (grouped("0212345678"), grouped("12345")),
            ("02-1234-5678".to_owned(), "12345".to_owned())
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            (number(0), number(999), number(-1_000_000)),
            ("0".into(), "999".into(), "-1,000,000".into())
        );
    }
}
