//! The zone a deployment lives in.

use domain::guard::times::{Civil, Zone};
use domain::ids::Millis;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// An IANA zone.
#[derive(Clone, Debug)]
pub struct LocalZone(TimeZone);

impl LocalZone {
    /// By its name, such as `Asia/Shanghai`. One that is not known is UTC, and that is logged.
    pub fn named(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or_else(|error| {
            tracing::error!(%error, name, "the time zone is not known; using UTC");
            TimeZone::UTC
        }))
    }
}

impl Zone for LocalZone {
    fn to_millis(&self, civil: Civil) -> Option<Millis> {
        let at = self.0.to_ambiguous_timestamp(date_time(civil)?).compatible().ok()?;
        Some(Millis(at.as_millisecond()))
    }

    fn end_to_millis(&self, civil: Civil) -> Option<Millis> {
        let at = self.0.to_ambiguous_timestamp(date_time(civil)?).later().ok()?;
        Some(Millis(at.as_millisecond()))
    }

    fn to_civil(&self, at: Millis) -> Option<Civil> {
        let at = Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.0.clone());
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
        let at = LocalSecond::parse(local).unwrap().to_millis(&LocalZone::named(zone));
        at.unwrap().to_iso()
    }

    #[test]
    fn local_times_are_moments_of_their_zone() {
        assert_eq!(millis("Asia/Shanghai", "20170510123030"), "2017-05-10T04:30:30.000Z");
        assert_eq!(millis("no such zone", "20170510123030"), "2017-05-10T12:30:30.000Z");
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
                .end_to_millis(&LocalZone::named(zone));
            assert_eq!(end.unwrap().to_iso(), ends, "{zone} {local}");
        }
    }

    #[test]
    fn a_moment_has_its_local_time_again() {
        let zone = LocalZone::named("Asia/Shanghai");
        let at = LocalSecond::parse("20240229235959").unwrap();
        let back = LocalSecond::from_millis(at.to_millis(&zone).unwrap(), &zone);
        assert_eq!(back, Some(at));
    }
}
