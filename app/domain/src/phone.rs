//! Phone numbers as people write them, brought into the one form that is a person's key: the digits dialled inside the deployment's
//! countries, and for numbers of other countries the country code and the number.
//!
//! The rules are a table of our own. A library with the metadata of all countries (`phonenumber`) brings megabytes of patterns and a
//! regular-expression engine, and judges which numbers are assigned, which must not decide who may sign in; all that is needed here is
//! which prefixes a country's numbers are dialled with.

use crate::text;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// Fewest and most digits of a number.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=20;
/// After an exit code `00` there are at least this many digits, calling code included; shorter texts are numbers of their own.
const SHORTEST_INTERNATIONAL: usize = 8;

/// A country whose numbers are kept as they are dialled there.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166 code.
    code: &'static str,
    /// Its calling code.
    calling: &'static str,
    /// What is dialled before a number inside the country and left out after the calling code.
    trunk: &'static str,
    /// How many digits a number has after the calling code.
    length: std::ops::RangeInclusive<usize>,
    /// Mobile numbers after the calling code: how they begin, and of how many digits they are.
    mobile: &'static [(&'static str, usize)],
    /// True: mobile numbers are dialled without the trunk prefix.
    mobile_is_bare: bool,
}

const COUNTRIES: [Country; 14] = [
    country(
        "KR",
        "82",
        "0",
        8..=10,
        &[("10", 10), ("11", 9), ("16", 9), ("17", 9), ("18", 9), ("19", 9)],
    ),
    Country {
        mobile_is_bare: true,
        ..country(
            "CN",
            "86",
            "0",
            9..=11,
            &[
                ("13", 11),
                ("14", 11),
                ("15", 11),
                ("16", 11),
                ("17", 11),
                ("18", 11),
                ("19", 11),
            ],
        )
    },
    country("HK", "852", "", 8..=8, &[]),
    country("MO", "853", "", 8..=8, &[]),
    country("TW", "886", "0", 8..=9, &[("9", 9)]),
    country("JP", "81", "0", 9..=10, &[("70", 10), ("80", 10), ("90", 10)]),
    country("SG", "65", "", 8..=8, &[]),
    country("MY", "60", "0", 8..=10, &[("1", 9), ("1", 10)]),
    country("TH", "66", "0", 8..=9, &[("6", 9), ("8", 9), ("9", 9)]),
    country(
        "VN",
        "84",
        "0",
        9..=10,
        &[("3", 9), ("5", 9), ("7", 9), ("8", 9), ("9", 9)],
    ),
    country("ID", "62", "0", 8..=12, &[("8", 10), ("8", 11), ("8", 12)]),
    country("PH", "63", "0", 9..=10, &[("9", 10)]),
    country("DE", "49", "0", 6..=13, &[]),
    country("US", "1", "", 10..=10, &[]),
];

const fn country(
    code: &'static str,
    calling: &'static str,
    trunk: &'static str,
    length: std::ops::RangeInclusive<usize>,
    mobile: &'static [(&'static str, usize)],
) -> Country {
    Country {
        code,
        calling,
        trunk,
        length,
        mobile,
        mobile_is_bare: false,
    }
}

impl Country {
    /// The country of an ISO 3166 code, upper or lower case.
    pub fn of(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(code))
    }

    fn is_mobile(&self, rest: &str) -> bool {
        self.mobile
            .iter()
            .any(|(begins, length)| rest.starts_with(begins) && rest.len() == *length)
    }

    /// `rest` is what follows the calling code: the number as dialled inside the country, if it can be one.
    fn national(&self, rest: &str) -> Option<String> {
        // Some write the trunk prefix all the same: +82 (0)10-….
        let rest = rest.strip_prefix(self.trunk).unwrap_or(rest);
        if !self.length.contains(&rest.len()) || rest.starts_with('0') {
            return None;
        }
        let bare = self.mobile_is_bare && self.is_mobile(rest);
        Some(if bare {
            rest.to_owned()
        } else {
            format!("{}{rest}", self.trunk)
        })
    }
}

/// The countries of a deployment, whose numbers are kept as they are dialled there. Of two that could both be meant the first counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(Vec<&'static Country>);

impl Default for Home {
    /// Korea and China: the countries both halves of the product come from. Their mobile numbers cannot be taken for each other.
    fn default() -> Self {
        Self(["KR", "CN"].into_iter().filter_map(Country::of).collect())
    }
}

impl FromStr for Home {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let codes = text.split(',').map(str::trim).filter(|code| !code.is_empty());
        let countries: Vec<&'static Country> = codes
            .map(|code| {
                let known: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
                Country::of(code).ok_or_else(|| format!("{code} is not one of {}", known.join(", ")))
            })
            .collect::<Result<_, _>>()?;
        if countries.is_empty() {
            return Err("name at least one country, such as KR".to_owned());
        }
        Ok(Self(countries))
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.0.iter().map(|country| country.code).collect();
        f.write_str(&codes.join(","))
    }
}

static HOME: OnceLock<Home> = OnceLock::new();

/// Sets the deployment's countries, once for the process and before any number is read. A second time, or too late, it changes nothing
/// and answers false.
pub fn set_home(home: Home) -> bool {
    HOME.set(home.clone()).is_ok() || HOME.get() == Some(&home)
}

/// The deployment's countries.
pub fn home() -> &'static Home {
    HOME.get_or_init(Home::default)
}

/// The digits of a number, in the one form; `None` unless 5 to 20 digits remain and nothing else was there but what people set between
/// them.
pub fn parse(text: &str, home: &Home) -> Option<String> {
    let (digits, plus) = dialled(text)?;
    let exit = digits
        .strip_prefix("00")
        .filter(|rest| rest.len() >= SHORTEST_INTERNATIONAL);
    // No calling code begins with 0: there plus or exit code is a mistake of typing.
    let after = exit.or(plus.then_some(digits.as_str()));
    let normal = match after.filter(|after| !after.starts_with('0')) {
        Some(after) => international(after, home),
        // Digits alone are a number as it is, also where they could be a calling code without its plus: so a key is read as itself.
        None => digits,
    };
    DIGITS.contains(&normal.len()).then_some(normal)
}

/// The digits of a number as it was typed, country code included: what its key was before [`parse`] knew countries.
pub fn unconverted(text: &str) -> Option<String> {
    let (digits, _) = dialled(text)?;
    DIGITS.contains(&digits.len()).then_some(digits)
}

/// The digits, and whether a plus stands before them.
fn dialled(text: &str) -> Option<(String, bool)> {
    let text = text::compact(text).to_ascii_lowercase();
    let text = text.strip_prefix("tel:").map_or(text.as_str(), |number| {
        // RFC 3966: parameters follow the number.
        number.split(';').next().unwrap_or_default()
    });
    let mut digits = String::with_capacity(text.len());
    let mut plus = false;
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            '-' | '.' | '(' | ')' | '/' | '·' => {}
            _ => return None,
        }
    }
    Some((digits, plus))
}

/// A number that begins with its calling code.
fn international(digits: &str, home: &Home) -> String {
    let national = home
        .0
        .iter()
        .find_map(|country| country.national(digits.strip_prefix(country.calling)?));
    national.unwrap_or_else(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        parse(text, &Home::default())
    }

    #[test]
    fn a_korean_number_has_one_form_however_it_is_written() {
        for written in [
            "01022223333",
            "010-2222-3333",
            "010 2222 3333",
            "010.2222.3333",
            "(010) 2222-3333",
            "010/2222/3333",
            "+82 10-2222-3333",
            "+821022223333",
            "(+82) 10 2222 3333",
            "+82 (0)10-2222-3333",
            "0082 10 2222 3333",
            "０１０−２２２２−３３３３",
            "＋８２　１０　２２２２　３３３３",
            "\u{202d}010\u{2011}2222\u{2013}3333\u{202c}",
            "\u{200e}+82\u{a0}10 2222 3333",
            "tel:+82-10-2222-3333",
            "TEL:01022223333",
            "tel:010-2222-3333;phone-context=+82",
        ] {
            assert_eq!(normal(written).as_deref(), Some("01022223333"), "{written:?}");
        }
        assert_eq!(normal("+82 2-312-3456").as_deref(), Some("023123456"));
    }

    #[test]
    fn a_chinese_number_has_one_form_however_it_is_written() {
        for written in [
            "13800000001",
            "138 0000 0001",
            "+86 138-0000-0001",
            "0086 13800000001",
            "＋86１３８０００００００１",
        ] {
            assert_eq!(normal(written).as_deref(), Some("13800000001"), "{written:?}");
        }
        assert_eq!(normal("+86 21 5555 6666").as_deref(), Some("02155556666"));
    }

    #[test]
    fn other_countries_keep_their_calling_code() {
        assert_eq!(normal("+81 90-1234-5678").as_deref(), Some("819012345678"));
        assert_eq!(normal("0081 90-1234-5678").as_deref(), Some("819012345678"));
        let japan = "JP".parse::<Home>().unwrap();
        assert_eq!(parse("+81 90-1234-5678", &japan).as_deref(), Some("09012345678"));
        assert_eq!(parse("+82 10-2222-3333", &japan).as_deref(), Some("821022223333"));
        // In China 010 is Beijing, so there a Korean number stays a foreign one.
        let china = "cn".parse::<Home>().unwrap();
        assert_eq!(parse("+82 10-2222-3333", &china).as_deref(), Some("821022223333"));
        assert_eq!(
            parse("+1 (212) 555-0123", &"US".parse().unwrap()).as_deref(),
            Some("2125550123")
        );
    }

    #[test]
    fn what_is_no_number_is_none() {
        for wrong in [
            "",
            "+",
            "1234",
            "010-1234-abcd",
            "a01012345678",
            "01012345678 x2",
            "+82+1022223333",
            "010\n12345678",
            "123456789012345678901",
            "٠١٠١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(normal(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_normal_form_is_read_as_itself() {
        for written in [
            "+82 10-2222-3333",
            "+86 138 0000 0001",
            "+81 90-1234-5678",
            "00000",
            "0000000000001",
            "02-312-3456",
            "+49 30 901820",
            "1588-0000",
            "+86 (0)10 1234 5678",
            "+010-2222-3333",
            "+0082 10 2222 3333",
        ] {
            let once = normal(written).unwrap();
            assert_eq!(normal(&once).as_ref(), Some(&once), "{written:?}");
        }
    }

    #[test]
    fn digits_alone_are_read_as_they_are() {
        for key in ["821022223333", "8613800000001", "819012345678", "12345"] {
            assert_eq!(normal(key).as_deref(), Some(key));
        }
        assert_eq!(unconverted("+82 10-2222-3333").as_deref(), Some("821022223333"));
    }

    #[test]
    fn a_list_of_countries_is_read_from_their_codes() {
        assert_eq!("kr, CN".parse::<Home>().unwrap(), Home::default());
        assert_eq!(Home::default().to_string(), "KR,CN");
        assert!("KR,XX".parse::<Home>().unwrap_err().contains("XX"));
        assert!("".parse::<Home>().is_err());
    }
}
