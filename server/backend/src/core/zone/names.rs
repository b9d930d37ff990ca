//! Which zone somebody means who names one that does not exist.

use std::iter;

/// A name this far from a zone's is a slip of the keyboard; a longer way is a guess.
const SLIPS: usize = 2;

/// What people write for a zone, in small letters and digits only.
const WORDS: [(&str, &str); 14] = [
    ("beijing", "Asia/Shanghai"),
    ("peking", "Asia/Shanghai"),
    ("shenzhen", "Asia/Shanghai"),
    ("guangzhou", "Asia/Shanghai"),
    ("china", "Asia/Shanghai"),
    ("chinastandardtime", "Asia/Shanghai"),
    ("cst", "Asia/Shanghai"),
    ("bjt", "Asia/Shanghai"),
    ("busan", "Asia/Seoul"),
    ("korea", "Asia/Seoul"),
    ("koreastandardtime", "Asia/Seoul"),
    ("kst", "Asia/Seoul"),
    ("jst", "Asia/Tokyo"),
    ("coordinateduniversaltime", "UTC"),
];

/// The zone that is probably meant.
pub(super) fn suggest(name: &str) -> Option<String> {
    by_offset(name).or_else(|| by_word(name)).or_else(|| by_likeness(name))
}

/// `GMT+8`, `UTC+08:00`, `+0900`.
fn by_offset(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    let rest = ["ETC/", "UTC", "GMT"]
        .into_iter()
        .fold(name.as_str(), |rest, prefix| rest.strip_prefix(prefix).unwrap_or(rest));
    let east = rest.starts_with('+');
    let digits: String = rest.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits
        .split_at_checked(digits.len().saturating_sub(2))
        .filter(|_| digits.len() > 2)
        .unwrap_or((&digits, "0"));
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    match (hours, east, minutes) {
        (0, _, 0) => Some("UTC".to_owned()),
        (8, true, 0) => Some("Asia/Shanghai".to_owned()),
        (9, true, 0) => Some("Asia/Seoul".to_owned()),
        // The signs of these names are the other way round.
        (1..=14, true, 0) => Some(format!("Etc/GMT-{hours}")),
        (1..=12, false, 0) => Some(format!("Etc/GMT+{hours}")),
        _ => None,
    }
}

fn place(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn by_word(name: &str) -> Option<String> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let (whole, place) = (plain(name), plain(place(name)));
    let known = WORDS.iter().find(|(word, _)| *word == whole || *word == place);
    known.map(|(_, zone)| (*zone).to_owned())
}

fn by_likeness(name: &str) -> Option<String> {
    let wanted = name.to_ascii_lowercase();
    if !(4..=40).contains(&wanted.len()) {
        return None;
    }
    let zones = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
    let distance = |zone: &String| {
        let zone = zone.to_ascii_lowercase();
        let same_place = (place(&zone) == place(&wanted)).then_some(0);
        let names = [
            strsim::osa_distance(&zone, &wanted),
            strsim::osa_distance(place(&zone), &wanted),
        ];
        iter::once(same_place).flatten().chain(names).min()
    };
    let near = zones.filter_map(|zone| distance(&zone).filter(|far| *far <= SLIPS).map(|far| (far, zone)));
    near.min().map(|(_, zone)| zone)
}
