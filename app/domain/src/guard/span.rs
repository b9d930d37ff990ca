//! From when until when somebody may open, as a form of the owner's console says it.

use super::times::{LocalMinute, Zone};
use crate::error::Problem;
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// The usual spans, and a given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// From now on for an hour.
    Hour,
    /// Until midnight.
    Today,
    /// Saturday and Sunday; what is left of them, once they began.
    Weekend,
    /// A month of the calendar.
    Month,
    /// From one given minute until another.
    Own,
}

impl Span {
    /// The spans that are one tap, shortest first.
    pub const USUAL: [Self; 4] = [Self::Hour, Self::Today, Self::Weekend, Self::Month];

    /// In a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Today => "today",
            Self::Weekend => "weekend",
            Self::Month => "month",
            Self::Own => "own",
        }
    }
}

/// A minute on a calendar without its zone, as a `datetime-local` input sends it: `2026-01-30T22:15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilMinute(LocalMinute);

impl CivilMinute {
    /// Reads it; seconds may follow and are dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Required);
        }
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let fits = ["0000-00-00T00:00", "0000-00-00T00:00:00", "0000-00-00T00:00:00.000"].contains(&shape.as_str());
        if !fits {
            return Err(Problem::Form);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).take(12).collect();
        LocalMinute::parse(&digits).map(Self)
    }

    /// The moment something begins at it in `zone`.
    pub fn to_millis(self, zone: &impl Zone) -> Option<Millis> {
        self.0.to_millis(zone)
    }

    /// The moment something ends at it in `zone`.
    pub fn end_to_millis(self, zone: &impl Zone) -> Option<Millis> {
        self.0.end_to_millis(zone)
    }
}

impl TryFrom<String> for CivilMinute {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<CivilMinute> for String {
    fn from(minute: CivilMinute) -> Self {
        let c = minute.0.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}",
            c.year, c.month, c.day, c.hour, c.minute
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_read_as_browsers_send_it() {
        for text in ["2026-01-30T22:15", "2026-01-30T22:15:41", " 2026-01-30T22:15:41.000 "] {
            assert_eq!(String::from(CivilMinute::parse(text).unwrap()), "2026-01-30T22:15");
        }
        for text in [
            "x",
            "2026-02-30T10:00",
            "2026-01-30",
            "2026-01-30 22:15",
            "2026-01-30T24:15",
            "202601302215",
        ] {
            assert_eq!(CivilMinute::parse(text), Err(Problem::Form), "{text}");
        }
        assert_eq!(CivilMinute::parse(" "), Err(Problem::Required));
    }

    #[test]
    fn a_span_is_called_the_same_in_a_form_and_in_json() {
        for span in Span::USUAL.into_iter().chain([Span::Own]) {
            assert_eq!(serde_json::to_value(span).unwrap(), span.as_str());
        }
    }
}
