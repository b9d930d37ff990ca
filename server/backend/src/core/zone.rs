//! The zone a deployment lives in.

mod names;

use domain::guard::times::{Civil, Zone};
use domain::ids::Millis;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// An IANA zone.
#[derive(Clone, Debug)]
pub struct LocalZone {
    name: String,
    zone: TimeZone,
}

/// No zone has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {name:?}; {}", advice(.suggestion.as_deref()))]
pub struct UnknownZone {
    /// What was asked for.
    pub name: String,
    /// A zone that exists and is probably meant.
    pub suggestion: Option<String>,
}

fn advice(suggestion: Option<&str>) -> String {
    match suggestion {
        Some(zone) => format!("did you mean {zone}?"),
        None => "zones are called as in the IANA database, such as Asia/Shanghai, Asia/Seoul or UTC".to_owned(),
    }
}

impl LocalZone {
    /// By its IANA name, such as `Asia/Shanghai`, in any case. A name that no zone has is an error: door times in another zone than the one
    /// asked for would be hours off.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let wanted = name.trim();
        // "right/" counts leap seconds, and "Etc/Unknown" is a word for having none.
        let zone = TimeZone::get(wanted)
            .ok()
            .filter(|zone| !zone.is_unknown() && !wanted.contains("right/") && !wanted.contains("posix/"));
        match zone {
            Some(zone) => Ok(Self {
                name: zone.iana_name().unwrap_or(wanted).to_owned(),
                zone,
            }),
            None => Err(UnknownZone {
                name: wanted.to_owned(),
                suggestion: names::suggest(wanted),
            }),
        }
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment at which the day of `now` is over.
    pub fn end_of_day(&self, now: Millis) -> Option<Millis> {
        self.midnight_after(now, 1)
    }

    /// The moment at which the day after the one of `now` is over.
    pub fn end_of_next_day(&self, now: Millis) -> Option<Millis> {
        self.midnight_after(now, 2)
    }

    fn midnight_after(&self, now: Millis, days: i64) -> Option<Millis> {
        let today = Timestamp::from_millisecond(now.0).ok()?.to_zoned(self.zone.clone());
        let after = today.date().checked_add(days.days()).ok()?;
        let end = after.to_zoned(self.zone.clone()).ok()?;
        Some(Millis(end.timestamp().as_millisecond()))
    }

    /// The zone itself.
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
}

impl Zone for LocalZone {
    fn to_millis(&self, civil: Civil) -> Option<Millis> {
        let at = self.zone.to_ambiguous_timestamp(date_time(civil)?).compatible().ok()?;
        Some(Millis(at.as_millisecond()))
    }

    fn end_to_millis(&self, civil: Civil) -> Option<Millis> {
        let at = self.zone.to_ambiguous_timestamp(date_time(civil)?).later().ok()?;
        Some(Millis(at.as_millisecond()))
    }

    fn to_civil(&self, at: Millis) -> Option<Civil> {
        let at = Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.zone.clone());
        Some(Civil {
            year: at.year(),
            month: at.month(),
            day: at.day(),
            hour: at.hour(),
            minute: at.minute(),
            second: at.second(),
        })
    }
}

fn date_time(civil: Civil) -> Option<DateTime> {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil;
    DateTime::new(year, month, day, hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::guard::times::LocalSecond;

    fn millis(zone: &str, local: &str) -> String {
        let at = LocalSecond::parse(local)
            .unwrap()
            .to_millis(&LocalZone::named(zone).unwrap());
        at.unwrap().to_iso()
    }

    #[test]
    fn local_times_are_moments_of_their_zone() {
        assert_eq!(millis("Asia/Shanghai", "20170510123030"), "2017-05-10T04:30:30.000Z");
    }

    #[test]
    fn a_beginning_that_is_left_out_moves_on_and_an_end_that_is_there_twice_is_the_later_one() {
        for (zone, local, begins, ends) in [
            // Left out: an hour later by the clock, never an hour early.
            (
                "Europe/Berlin",
                "20260329023000",
                "2026-03-29T01:30:00.000Z",
                "2026-03-29T01:30:00.000Z",
            ),
            (
                "America/New_York",
                "20260308023000",
                "2026-03-08T07:30:00.000Z",
                "2026-03-08T07:30:00.000Z",
            ),
            (
                "Africa/Cairo",
                "20260424000000",
                "2026-04-23T22:00:00.000Z",
                "2026-04-23T22:00:00.000Z",
            ),
            (
                "Australia/Lord_Howe",
                "20261004021500",
                "2026-10-03T15:45:00.000Z",
                "2026-10-03T15:45:00.000Z",
            ),
            // There twice.
            (
                "Europe/Berlin",
                "20261025023000",
                "2026-10-25T00:30:00.000Z",
                "2026-10-25T01:30:00.000Z",
            ),
            (
                "America/New_York",
                "20261101013000",
                "2026-11-01T05:30:00.000Z",
                "2026-11-01T06:30:00.000Z",
            ),
            // There once.
            (
                "America/New_York",
                "20261101003000",
                "2026-11-01T04:30:00.000Z",
                "2026-11-01T04:30:00.000Z",
            ),
        ] {
            assert_eq!(millis(zone, local), begins, "{zone} {local}");
            let end = LocalSecond::parse(local)
                .unwrap()
                .end_to_millis(&LocalZone::named(zone).unwrap());
            assert_eq!(end.unwrap().to_iso(), ends, "{zone} {local}");
        }
    }

    #[test]
    fn the_end_of_the_next_day_is_a_midnight_also_when_clocks_change() {
        for (zone, now, end) in [
            ("Asia/Seoul", "2026-03-02T14:59:59.000Z", "2026-03-03T15:00:00.000Z"),
            ("Asia/Seoul", "2026-03-02T15:00:00.000Z", "2026-03-04T15:00:00.000Z"),
            // 49 hours: the clocks are put back in the second night.
            ("Europe/Berlin", "2026-10-23T22:00:00.000Z", "2026-10-25T23:00:00.000Z"),
            ("Europe/Berlin", "2026-03-27T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
            // There is no midnight on that day.
            ("Africa/Cairo", "2026-04-22T10:00:00.000Z", "2026-04-23T22:00:00.000Z"),
        ] {
            let zone = LocalZone::named(zone).unwrap();
            let ends = zone.end_of_next_day(Millis::from_iso(now).unwrap());
            assert_eq!(ends.map(Millis::to_iso).as_deref(), Some(end), "{now}");
        }
    }

    #[test]
    fn a_moment_has_its_local_time_again() {
        let zone = LocalZone::named("Asia/Shanghai").unwrap();
        let at = LocalSecond::parse("20240229235959").unwrap();
        let back = LocalSecond::from_millis(at.to_millis(&zone).unwrap(), &zone);
        assert_eq!(back, Some(at));
    }

    #[test]
    fn a_name_without_a_zone_is_an_error_that_suggests_one() {
        for (wrong, meant) in [
            ("Asia/Beijing", Some("Asia/Shanghai")),
            ("beijing", Some("Asia/Shanghai")),
            ("GMT+8", Some("Asia/Shanghai")),
            ("UTC+08:00", Some("Asia/Shanghai")),
            ("+0800", Some("Asia/Shanghai")),
            ("CST", Some("Asia/Shanghai")),
            ("China Standard Time", Some("Asia/Shanghai")),
            ("Asia/Soul", Some("Asia/Seoul")),
            ("KST", Some("Asia/Seoul")),
            ("utc+9", Some("Asia/Seoul")),
            ("GMT-5", Some("Etc/GMT+5")),
            ("Shanghai", Some("Asia/Shanghai")),
            ("Asia/Shangai", Some("Asia/Shanghai")),
            ("Europe/Berln", Some("Europe/Berlin")),
            ("right/Asia/Shanghai", Some("Asia/Shanghai")),
            ("Etc/Unknown", None),
            ("no such zone", None),
            ("../../etc/passwd", None),
            ("", None),
        ] {
            let error = LocalZone::named(wrong).unwrap_err();
            assert_eq!((error.name.as_str(), error.suggestion.as_deref()), (wrong, meant));
            if let Some(meant) = meant {
                assert!(LocalZone::named(meant).is_ok(), "{meant}");
                assert!(error.to_string().contains(meant), "{error}");
            }
        }
    }

    #[test]
    fn a_zone_is_known_by_its_proper_name() {
        let name = |text: &str| LocalZone::named(text).unwrap().name().to_owned();
        assert_eq!(name("Asia/Shanghai"), "Asia/Shanghai");
        assert_eq!(name(" asia/seoul\n"), "Asia/Seoul");
        assert_eq!(name("UTC"), "UTC");
    }
}
