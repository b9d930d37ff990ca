//! Finding something by any part of what a person remembers of it.
//!
//! A text is compared by its letters and digits alone: separators, full width and capital letters make no difference. A search is words,
//! and finds what holds every one of them somewhere; digits typed in groups are one word. In a name, a Korean initial consonant stands for
//! every syllable that begins with it, so `ㄱㅁㅈ` and `김ㅁㅈ` find 김민준.

pub mod terms;

use serde::{Deserialize, Serialize};

/// The longest search, in characters; what follows is not looked at.
pub const LONGEST: usize = 100;
/// Words that are looked for; further ones are not looked at.
pub const WORDS: usize = 12;

/// The parts of things that are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// The customer number of an order.
    CustomerNo,
    /// The number of an order.
    OrderNo,
    /// A name: of an order's customer, a person, a kiosk, a guard.
    Name,
    /// An address, or where a guard is.
    Address,
    /// The business of an order or a person.
    Business,
    /// A person's phone number.
    Phone,
    /// The number of a kiosk, the bar code of a guard.
    Number,
    /// A remark.
    Comment,
}

impl Part {
    /// Whether initial consonants stand for syllables there.
    pub fn is_name(self) -> bool {
        self == Self::Name
    }
}

/// Where a word of a search was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Found {
    /// In which part.
    pub part: Part,
    /// The first character found, counted in characters of the text as it is shown.
    pub start: u32,
    /// The first character behind it.
    pub end: u32,
}

/// What a search found, and where its words are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit<T> {
    /// The thing.
    pub of: T,
    /// Where each word was found first, in the order of the parts; empty where nothing was looked for.
    pub found: Vec<Found>,
}

/// Hits in the order they are shown in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits<T> {
    /// The hits, at most as many as were asked for.
    pub rows: Vec<Hit<T>>,
    /// Give this back as `cursor` to go on from here; `None`: these were the last.
    ///
    /// With fewer rows than were asked for it means that one answer could not look through everything: what is behind it was not looked at yet.
    pub next: Option<String>,
    /// Some orders were not looked at, because their texts are not prepared for searching yet: after an upgrade, for minutes.
    #[serde(default)]
    pub incomplete: bool,
}

impl<T> Hits<T> {
    /// Rows of a list in which nothing was looked for.
    pub fn unsearched(rows: Vec<T>, next: Option<String>) -> Self {
        let rows = rows.into_iter().map(|of| Hit { of, found: Vec::new() });
        Self {
            rows: rows.collect(),
            next,
            incomplete: false,
        }
    }
}

/// None.
impl<T> Default for Hits<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
            incomplete: false,
        }
    }
}

/// A search, as it was typed and folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needle {
    words: Vec<Vec<char>>,
    /// Something was typed, but no letter and no digit.
    unfindable: bool,
}

impl Needle {
    /// Reads what was typed. Without letters and digits it finds nothing, and everything where nothing was typed.
    pub fn parse(typed: &str) -> Self {
        let typed: String = typed.trim().chars().take(LONGEST).collect();
        let typed = crate::text::composed(&typed);
        let mut words: Vec<Vec<char>> = typed
            .split(|c: char| c.is_whitespace() || c.is_control())
            .map(|word| fold(word).chars)
            .filter(|word| !word.is_empty())
            .collect();
        // Numbers are written in groups.
        if words.iter().flatten().all(char::is_ascii_digit) {
            let joined: Vec<char> = words.concat();
            words = if joined.is_empty() { Vec::new() } else { vec![joined] };
        }
        words.truncate(WORDS);
        let mut kept: Vec<Vec<char>> = Vec::with_capacity(words.len());
        for word in words {
            if !kept.contains(&word) {
                kept.push(word);
            }
        }
        Self {
            unfindable: kept.is_empty() && !typed.is_empty(),
            words: kept,
        }
    }

    /// Whether nothing was typed, so that it finds everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.unfindable
    }

    /// Whether no letter and no digit was typed, so that nothing can be found.
    pub fn is_unfindable(&self) -> bool {
        self.unfindable
    }

    /// The words, folded; none of them is empty.
    pub fn words(&self) -> &[Vec<char>] {
        &self.words
    }

    /// Where every word is in these texts, or `None` if one of them is in none. Of several places the first counts.
    pub fn find(&self, texts: &[(Part, &str)]) -> Option<Vec<Found>> {
        if self.unfindable {
            return None;
        }
        // Only as far as they are looked at.
        let mut folded: Vec<Option<Folded>> = vec![None; texts.len()];
        let mut found = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let place = texts.iter().zip(&mut folded).find_map(|((part, text), folded)| {
                let folded = folded.get_or_insert_with(|| fold(text));
                let (start, end) = folded.find(word, part.is_name())?;
                Some(Found {
                    part: *part,
                    start,
                    end,
                })
            })?;
            found.push(place);
        }
        found.sort_by_key(|found| (found.part, found.start));
        Some(found)
    }
}

/// The letters and digits of a text, and where each came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Small letters, digits, syllables; initial consonants as separate letters.
    pub chars: Vec<char>,
    /// For each of them the character of the text it stands for.
    at: Vec<u32>,
}

impl Folded {
    /// The characters of the text in which `word` is found first.
    fn find(&self, word: &[char], is_name: bool) -> Option<(u32, u32)> {
        let same = |(text, word): (&char, &char)| text == word || (is_name && initial(*text) == Some(*word));
        let fits = |window: &[char]| window.iter().zip(word).all(same);
        let first = self.chars.windows(word.len()).position(fits)?;
        let last = first + word.len() - 1;
        Some((*self.at.get(first)?, *self.at.get(last)? + 1))
    }
}

/// Folds a text for comparison.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded::default();
    folded.chars.reserve(text.len() / 2);
    folded.at.reserve(text.len() / 2);
    for (at, c) in (0..).zip(text.chars()) {
        fold_char(c, &mut |kept| {
            folded.chars.push(kept);
            folded.at.push(at);
        });
    }
    folded
}

fn fold_char(c: char, keep: &mut impl FnMut(char)) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            keep(c.to_ascii_lowercase());
        }
    } else if ('가'..='힣').contains(&c) {
        keep(c);
    } else if let Some(parts) = consonants(c) {
        parts.chars().for_each(keep);
    } else {
        for c in crate::text::compatible(c).chars() {
            match consonants(c) {
                Some(parts) => parts.chars().for_each(&mut *keep),
                None => c.to_lowercase().filter(|c| c.is_alphanumeric()).for_each(&mut *keep),
            }
        }
    }
}

/// The nineteen initial consonants in the order of Unicode's syllables.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];
/// Syllables that begin alike follow each other.
const SYLLABLES_OF_AN_INITIAL: u32 = 588;

/// The initial consonant of a syllable; a consonant that stands alone is its own.
pub fn initial(c: char) -> Option<char> {
    if is_initial(c) {
        return Some(c);
    }
    if !('가'..='힣').contains(&c) {
        return None;
    }
    let index = (u32::from(c) - u32::from('가')) / SYLLABLES_OF_AN_INITIAL;
    INITIALS.get(usize::try_from(index).ok()?).copied()
}

/// Whether this is an initial consonant that stands alone.
pub fn is_initial(c: char) -> bool {
    INITIALS.contains(&c)
}

/// Consonants that stand alone, in their one form; two that an input method drew together, such as ㄳ for ㄱㅅ, are two again.
fn consonants(c: char) -> Option<&'static str> {
    const EACH: [&str; 19] = [
        "ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ", "ㅌ", "ㅍ",
        "ㅎ",
    ];
    const DRAWN_TOGETHER: [(char, &str); 11] = [
        ('ㄳ', "ㄱㅅ"),
        ('ㄵ', "ㄴㅈ"),
        ('ㄶ', "ㄴㅎ"),
        ('ㄺ', "ㄹㄱ"),
        ('ㄻ', "ㄹㅁ"),
        ('ㄼ', "ㄹㅂ"),
        ('ㄽ', "ㄹㅅ"),
        ('ㄾ', "ㄹㅌ"),
        ('ㄿ', "ㄹㅍ"),
        ('ㅀ', "ㄹㅎ"),
        ('ㅄ', "ㅂㅅ"),
    ];
    match c {
        'ㄱ'..='ㅎ' => DRAWN_TOGETHER
            .iter()
            .find_map(|(drawn, parts)| (*drawn == c).then_some(*parts))
            .or_else(|| EACH.get(INITIALS.iter().position(|initial| *initial == c)?).copied()),
        // The same letters where they begin a syllable that was not finished.
        '\u{1100}'..='\u{1112}' => EACH.get(usize::try_from(u32::from(c) - 0x1100).ok()?).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXTS: [(Part, &str); 5] = [
        (Part::CustomerNo, "02-1234-5678"),
        (Part::OrderNo, "T-2026/0017"),
        (Part::Name, "김민준"),
        (Part::Address, "서울특별시 마포구 월드컵북로 396, 101동 1203호"),
        (Part::Business, "（주）한빛전기 Co."),
    ];

    fn found(typed: &str) -> Option<Vec<(Part, String)>> {
        let found = Needle::parse(typed).find(&TEXTS)?;
        let shown = found.into_iter().map(|found| {
            let text = TEXTS.iter().find(|(part, _)| *part == found.part).unwrap().1;
            let (start, end) = (found.start as usize, found.end as usize);
            (found.part, text.chars().take(end).skip(start).collect())
        });
        Some(shown.collect())
    }

    fn one(part: Part, text: &str) -> Option<Vec<(Part, String)>> {
        Some(vec![(part, text.to_owned())])
    }

    #[test]
    fn any_part_of_anything_is_found_and_named() {
        assert_eq!(found("1234"), one(Part::CustomerNo, "1234"));
        assert_eq!(found("5678"), one(Part::CustomerNo, "5678"));
        assert_eq!(found("0017"), one(Part::OrderNo, "0017"));
        assert_eq!(found("민준"), one(Part::Name, "민준"));
        assert_eq!(found("컵북"), one(Part::Address, "컵북"));
        assert_eq!(found("빛전"), one(Part::Business, "빛전"));
        assert_eq!(found("9999"), None);
        assert_eq!(found("민준2"), None);
    }

    #[test]
    fn separators_width_and_capitals_make_no_difference() {
        for typed in [
            "02 1234 5678",
            "０２－１２３４－５６７８",
            "0212345678",
            "02.1234.5678",
            "02\u{2013}12345678",
        ] {
            assert_eq!(found(typed), one(Part::CustomerNo, "02-1234-5678"), "{typed}");
        }
        assert_eq!(found("t20260017"), one(Part::OrderNo, "T-2026/0017"));
        assert_eq!(found("CO"), one(Part::Business, "Co"));
        assert_eq!(found("㈜한빛"), one(Part::Business, "주）한빛"));
        assert_eq!(found("마포구월드컵북로"), one(Part::Address, "마포구 월드컵북로"));
        assert_eq!(
            found("\u{1106}\u{1175}\u{11ab}\u{110c}\u{116e}\u{11ab}"),
            one(Part::Name, "민준")
        );
    }

    #[test]
    fn initial_consonants_stand_for_syllables_of_names() {
        for typed in ["ㄱㅁㅈ", "김ㅁㅈ", "ㄱ민ㅈ", "\u{1100}\u{1106}\u{110c}"] {
            assert_eq!(found(typed), one(Part::Name, "김민준"), "{typed}");
        }
        assert_eq!(found("ㅁㅈ"), one(Part::Name, "민준"));
        assert_eq!(found("ㅅㅇ"), None, "an address is no name");
        // What an input method makes of ㄱ and ㅅ typed one after the other.
        assert!(Needle::parse("ㄳ").find(&[(Part::Name, "고성")]).is_some());
        assert!(Needle::parse("ㄳ").find(&[(Part::Name, "고서")]).is_some());
        assert!(Needle::parse("ㄳ").find(&[(Part::Name, "서고")]).is_none());
    }

    #[test]
    fn every_word_must_be_found_and_digits_in_groups_are_one() {
        let both = found("한빛 1203").unwrap();
        assert_eq!(
            both,
            [(Part::Address, "1203".to_owned()), (Part::Business, "한빛".to_owned())]
        );
        assert_eq!(found("한빛 9999"), None);
        assert_eq!(Needle::parse("12 34").words().len(), 1);
        assert_eq!(Needle::parse("12호 34 12호").words().len(), 2);
        assert!(Needle::parse(" \t").is_empty());
        assert!(Needle::parse("").find(&TEXTS).unwrap().is_empty());
        assert!(Needle::parse(" -.% \t").is_unfindable());
        assert_eq!(found("-"), None, "separators are not looked for");
    }

    #[test]
    fn an_endless_search_is_cut() {
        let long = "가 나 다 라 마 바 사 아 자 차 카 타 파 하 ".repeat(1000);
        assert_eq!(Needle::parse(&long).words().len(), WORDS);
        assert_eq!(Needle::parse(&"9".repeat(100_000)).words()[0].len(), LONGEST);
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_finds_it(text in "[가-힣a-zA-Z0-9 .,()-]{1,40}", from in 0_usize..40, count in 1_usize..40) {
            let part: String = text.chars().skip(from).take(count).collect();
            let needle = Needle::parse(&part);
            prop_assert!(needle.is_unfindable() || needle.find(&[(Part::Address, &text)]).is_some(), "{part:?}");
        }

        #[test]
        fn the_initials_of_a_name_find_it(name in "[가-힣]{1,6}", from in 0_usize..6, count in 1_usize..6) {
            let typed: String = name.chars().skip(from).take(count).filter_map(initial).collect();
            prop_assert!(Needle::parse(&typed).find(&[(Part::Name, &name)]).is_some());
        }

        #[test]
        fn what_was_found_lies_within_the_text(text in "\\PC{0,60}", typed in "\\PC{0,4}") {
            for found in Needle::parse(&typed).find(&[(Part::Name, &text)]).unwrap_or_default() {
                prop_assert!(found.start < found.end);
                prop_assert!(found.end as usize <= text.chars().count());
            }
        }

        #[test]
        fn folding_a_second_time_changes_nothing(text in "\\PC{0,60}") {
            let once: String = fold(&text).chars.into_iter().collect();
            let twice: String = fold(&once).chars.into_iter().collect();
            prop_assert_eq!(once, twice);
        }
    }
}
