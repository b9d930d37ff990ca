//! The customer numbers somebody opened lately, offered again by the search. Kept in a cookie of half a day that names whose they
//! are, so that they are neither on the server nor shown to the next person at the same browser.

use domain::ids::CustomerNo;
use islands::act::set_cookie;
use islands::context;
use islands::links::encoded;

const NAME: &str = "recent";
const MOST: usize = 5;
const SEPARATOR: char = '!';

/// The numbers, newest first.
pub(super) fn numbers() -> Vec<String> {
    let Some(person) = context::request().person else {
        return Vec::new();
    };
    read(&context::cookie(NAME), person.phone.as_str())
}

/// Puts a number first.
pub fn remember(number: &CustomerNo) {
    let Some(person) = context::request().person else {
        return;
    };
    let value = write(number.as_str(), numbers(), person.phone.as_str());
    set_cookie(&format!(
        "{NAME}={value}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"
    ));
}

fn read(cookie: &str, phone: &str) -> Vec<String> {
    let mut parts = cookie.split(SEPARATOR);
    if parts.next() != Some(phone) {
        return Vec::new();
    }
    parts
        .filter_map(|part| form_urlencoded::parse(part.as_bytes()).next())
        .map(|(number, _)| number.into_owned())
        .take(MOST)
        .collect()
}

fn write(number: &str, mut before: Vec<String>, phone: &str) -> String {
    before.retain(|other| other != number);
    before.truncate(MOST - 1);
    let mut value = format!("{phone}{SEPARATOR}{}", encoded(number));
    for other in before {
        value.push(SEPARATOR);
        value.push_str(&encoded(&other));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_number_stands_first_and_once() {
        let once = write("11", vec!["22".into(), "11".into()], "010");
        assert_eq!(read(&once, "010"), ["11", "22"]);
    }

    #[test]
    fn at_most_five_are_kept_whatever_they_are_made_of() {
        let before = ["a!b", "가", "3", "4", "5"].map(str::to_owned).to_vec();
        let kept = read(&write("0;1", before, "010"), "010");
        assert_eq!(kept, ["0;1", "a!b", "가", "3", "4"]);
    }

    #[test]
    fn somebody_elses_are_not_shown() {
        assert!(read(&write("11", Vec::new(), "010"), "011").is_empty());
    }
}
