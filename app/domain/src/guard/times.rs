//! The civil times of the messages: `yyyyMMddHHmm` and `yyyyMMddHHmmss`, local in the deployment's zone (SPEC 4.3). Which moment such a
//! time is depends on the zone, so that is asked of a [`Zone`].

#[cfg(not(target_arch = "wasm32"))]
use super::ids::described_text;
use super::ids::{FromText, stored_as_text};
use crate::error::Problem;
use crate::ids::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::{Date, Month, PrimitiveDateTime, Time};

/// The parts of a civil time, in the sizes a zone library takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// 1 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// 0 to 59.
    pub second: i8,
}

/// The zone a deployment lives in.
pub trait Zone {
    /// The moment of a civil time. Of one that a change of the clock repeats it is the first; one that is left out is moved on by the gap.
    fn to_millis(&self, civil: Civil) -> Option<Millis>;
    /// The moment of a civil time at which something ends: of one that a change of the clock repeats it is the last.
    fn end_to_millis(&self, civil: Civil) -> Option<Millis>;
    /// The civil time of a moment.
    fn to_civil(&self, at: Millis) -> Option<Civil>;
}

fn read(text: &str, digits: usize) -> Result<PrimitiveDateTime, Problem> {
    if text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::Form);
    }
    let part = |at: usize, length: usize| {
        text.get(at..at + length)
            .map_or(Ok(0), |part| part.parse::<u16>().map_err(|_| Problem::Form))
    };
    let small = |at| part(at, 2).and_then(|value| u8::try_from(value).map_err(|_| Problem::Form));
    civil(
        i32::from(part(0, 4)?),
        small(4)?,
        small(6)?,
        small(8)?,
        small(10)?,
        if digits > 12 { small(12)? } else { 0 },
    )
}

fn civil(year: i32, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Result<PrimitiveDateTime, Problem> {
    if !(1..=9999).contains(&year) {
        return Err(Problem::Form);
    }
    let month = Month::try_from(month).map_err(|_| Problem::Form)?;
    let date = Date::from_calendar_date(year, month, day).map_err(|_| Problem::Form)?;
    let time = Time::from_hms(hour, minute, second).map_err(|_| Problem::Form)?;
    Ok(PrimitiveDateTime::new(date, time))
}

fn parts(at: PrimitiveDateTime) -> Civil {
    let small = |value: u8| i8::try_from(value).unwrap_or(i8::MAX);
    Civil {
        year: i16::try_from(at.year()).unwrap_or(i16::MAX),
        month: small(at.month().into()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
    }
}

fn from_parts(parts: Civil) -> Option<PrimitiveDateTime> {
    let small = |value: i8| u8::try_from(value).ok();
    civil(
        i32::from(parts.year),
        small(parts.month)?,
        small(parts.day)?,
        small(parts.hour)?,
        small(parts.minute)?,
        small(parts.second)?,
    )
    .ok()
}

/// A text of digits.
#[cfg(not(target_arch = "wasm32"))]
fn digits(pattern: &str, form: &str) -> utoipa::openapi::schema::ObjectBuilder {
    described_text().pattern(Some(pattern)).description(Some(form))
}

macro_rules! local_time {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(PrimitiveDateTime);

        impl $name {
            /// Its parts.
            pub fn civil(self) -> Civil {
                parts(self.0)
            }

            /// The moment of this civil time in `zone`.
            pub fn to_millis(self, zone: &impl Zone) -> Option<Millis> {
                zone.to_millis(self.civil())
            }

            /// The moment of this civil time in `zone`, where something ends at it.
            pub fn end_to_millis(self, zone: &impl Zone) -> Option<Millis> {
                zone.end_to_millis(self.civil())
            }

            /// The civil time of `at` in `zone`, cut to this precision.
            pub fn from_millis(at: Millis, zone: &impl Zone) -> Option<Self> {
                Self::from_civil(zone.to_civil(at)?)
            }
        }

        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, Problem> {
                Self::parse(text)
            }

            #[cfg(not(target_arch = "wasm32"))]
            fn described() -> utoipa::openapi::schema::ObjectBuilder {
                digits($pattern, $form)
            }
        }

        stored_as_text!($name);

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

local_time! {
    /// `startTime`, `endTime` of an authorisation: `yyyyMMddHHmm` (guard-seed, sign 13).
    LocalMinute, "^[0-9]{12}$", "yyyyMMddHHmm in the deployment's zone"
}

impl LocalMinute {
    /// Twelve digits that name a minute of the calendar.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        read(text.trim(), 12).map(Self)
    }

    /// From its parts, the seconds dropped; `None` for a minute that does not exist.
    pub fn from_civil(parts: Civil) -> Option<Self> {
        from_parts(Civil { second: 0, ..parts }).map(Self)
    }
}

impl fmt::Display for LocalMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(f, "{:04}{:02}{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute)
    }
}

local_time! {
    /// `timetag`: `yyyyMMddHHmmss` (guard-seed, sign 2), twelve digits being read as the first second of that minute.
    LocalSecond, "^[0-9]{14}$", "yyyyMMddHHmmss in the deployment's zone"
}

impl LocalSecond {
    /// Fourteen (or twelve) digits that name a second of the calendar.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        read(text, if text.len() == 12 { 12 } else { 14 }).map(Self)
    }

    /// From its parts; `None` for a second that does not exist.
    pub fn from_civil(parts: Civil) -> Option<Self> {
        from_parts(parts).map(Self)
    }

    /// Seconds from `earlier` to this by the calendar, negative when before.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_seconds()
    }
}

impl fmt::Display for LocalSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(
            f,
            "{:04}{:02}{:02}{:02}{:02}{:02}",
            c.year, c.month, c.day, c.hour, c.minute, c.second
        )
    }
}

/// One end of a span of records: 12 or 14 digits (guard-seed, sign 22). Twelve name a whole minute, fourteen a whole second, and
/// the span holds both its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordTime {
    /// Twelve digits.
    Minute(LocalMinute),
    /// Fourteen digits.
    Second(LocalSecond),
}

impl RecordTime {
    /// Twelve or fourteen digits.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.len() == 12 {
            LocalMinute::parse(text).map(Self::Minute)
        } else {
            LocalSecond::parse(text).map(Self::Second)
        }
    }

    /// Its first second.
    pub fn first_second(self) -> LocalSecond {
        match self {
            Self::Minute(minute) => LocalSecond(minute.0),
            Self::Second(second) => second,
        }
    }

    /// Its last second.
    pub fn last_second(self) -> LocalSecond {
        match self {
            Self::Minute(minute) => LocalSecond(minute.0.replace_second(59).unwrap_or(minute.0)),
            Self::Second(second) => second,
        }
    }
}

impl FromText for RecordTime {
    fn from_text(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn described() -> utoipa::openapi::schema::ObjectBuilder {
        digits(
            "^[0-9]{12}([0-9]{2})?$",
            "yyyyMMddHHmm or yyyyMMddHHmmss in the deployment's zone",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in [
            "20260230",
            "202602300000",
            "202613010000",
            "202600010000",
            "202601000000",
            "202601012400",
            "202601012360",
            "00000101000000",
            "20260101000060",
            "2026010100000",
            "2026-01-01 00",
            "２０２６０１０１００００",
            "",
            "+20260101000",
        ] {
            assert_eq!(LocalMinute::parse(text), Err(Problem::Form), "{text}");
            assert_eq!(LocalSecond::parse(text), Err(Problem::Form), "{text}");
            assert_eq!(RecordTime::parse(text), Err(Problem::Form), "{text}");
        }
        assert!(LocalMinute::parse("202402290000").is_ok());
        assert_eq!(LocalMinute::parse("202302290000"), Err(Problem::Form));
    }

    #[test]
    fn the_example_of_the_source_reads_as_it_says() {
        let at = LocalSecond::parse("20170510123030").unwrap();
        let want = Civil {
            year: 2017,
            month: 5,
            day: 10,
            hour: 12,
            minute: 30,
            second: 30,
        };
        assert_eq!(at.civil(), want);
        assert_eq!(at.to_string(), "20170510123030");
    }

    #[test]
    fn twelve_digits_span_their_minute() {
        let end = RecordTime::parse("201705101230").unwrap();
        assert_eq!(end.first_second().to_string(), "20170510123000");
        assert_eq!(end.last_second().to_string(), "20170510123059");
        let end = RecordTime::parse("20170510123007").unwrap();
        assert_eq!(end.last_second(), end.first_second());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_given_back(text in "[0-9]{0,16}|\\PC{0,20}") {
            if let Ok(at) = LocalMinute::parse(&text) {
                prop_assert_eq!(at.to_string(), text.trim());
                prop_assert_eq!(LocalMinute::from_civil(at.civil()), Some(at));
            }
            if let Ok(at) = LocalSecond::parse(&text) {
                prop_assert!(at.to_string().starts_with(text.trim()));
                prop_assert_eq!(LocalSecond::from_civil(at.civil()), Some(at));
            }
        }
    }
}
