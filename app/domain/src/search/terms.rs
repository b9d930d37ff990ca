//! Texts cut into short terms, so that a table of terms says which texts may hold a word, and where.
//!
//! At every letter of a text begins one term: three letters long where the alphabet is small (digits, Latin letters, initial consonants), two
//! otherwise, shorter where the text ends. A word of a search asks for the terms that begin at its letters: by the whole term, or by its
//! beginning where the word ends first. So whatever holds the word has these terms, at the same distances; a name has terms of its
//! initial consonants besides.

use super::{Folded, Part, fold, initial, is_initial};

/// A place is below this; texts that are longer than all that an order may hold have their end here.
pub const PLACES: u32 = 1 << 12;

/// A term of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// Its letters.
    pub text: String,
    /// Where its first letter is, counted over all the parts.
    pub place: u32,
}

/// What a word asks the table for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lookup {
    /// This term.
    Term(String),
    /// Every term that begins so.
    Beginning(String),
}

/// A lookup, and how far behind the beginning of the word its term begins.
pub type Step = (u32, Lookup);

/// The terms of a thing that consists of these parts.
pub fn of(parts: &[(Part, &str)]) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut base = 0;
    for (part, text) in parts {
        let Folded { chars, .. } = fold(text);
        cut(&chars, base, |_| true, &mut terms);
        if part.is_name() {
            let initials: Vec<char> = chars.iter().map(|c| initial(*c).unwrap_or(*c)).collect();
            cut(&initials, base, is_initial, &mut terms);
        }
        base = base
            .saturating_add(u32::try_from(chars.len()).unwrap_or(PLACES))
            .saturating_add(1);
    }
    terms.retain(|term| term.place < PLACES);
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn cut(chars: &[char], base: u32, begins: fn(char) -> bool, terms: &mut Vec<Term>) {
    let mut place = base;
    for (at, first) in chars.iter().enumerate() {
        if begins(*first) {
            let end = chars.len().min(at + length(*first));
            terms.push(Term {
                text: chars[at..end].iter().collect(),
                place,
            });
        }
        place = place.saturating_add(1);
    }
}

/// How long a term is that begins with this letter.
fn length(first: char) -> usize {
    if first.is_ascii() || is_initial(first) { 3 } else { 2 }
}

/// What a folded word asks for; whatever holds the word has a term for each of these, and never none for a word that is not empty.
pub fn steps(word: &[char]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut offset = 0;
    // An initial consonant may stand for a syllable, so no term contains both initial consonants and other letters.
    for run in word.chunk_by(|a, b| is_initial(*a) == is_initial(*b)) {
        for at in 0..run.len() {
            let rest = &run[at..];
            let whole = length(rest[0]);
            if rest.len() >= whole {
                steps.push((offset, Lookup::Term(rest[..whole].iter().collect())));
            } else {
                steps.push((offset, Lookup::Beginning(rest.iter().collect())));
            }
            offset += 1;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::Needle;
    use super::*;
    use proptest::prelude::*;

    fn has(terms: &[Term], (offset, lookup): &Step, begins: u32) -> bool {
        terms.iter().any(|term| {
            term.place == begins + offset
                && match lookup {
                    Lookup::Term(text) => term.text == *text,
                    Lookup::Beginning(text) => term.text.starts_with(text.as_str()),
                }
        })
    }

    /// Whether there is a place from which every step of the word finds its term.
    fn holds(terms: &[Term], word: &[char]) -> bool {
        let steps = steps(word);
        assert!(!steps.is_empty());
        let mut begins: Vec<u32> = terms.iter().map(|term| term.place).collect();
        begins.dedup();
        begins
            .iter()
            .any(|begin| steps.iter().all(|step| has(terms, step, *begin)))
    }

    #[test]
    fn terms_do_not_cross_from_one_part_into_the_next() {
        let terms = of(&[(Part::CustomerNo, "12-34"), (Part::Name, "김민")]);
        let shown: Vec<(&str, u32)> = terms.iter().map(|term| (term.text.as_str(), term.place)).collect();
        assert_eq!(
            shown,
            [
                ("123", 0),
                ("234", 1),
                ("34", 2),
                ("4", 3),
                ("ㄱㅁ", 5),
                ("ㅁ", 6),
                ("김민", 5),
                ("민", 6)
            ]
        );
    }

    #[test]
    fn a_word_asks_for_whole_terms_and_at_its_end_for_beginnings() {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let term = |text: &str| Lookup::Term(text.to_owned());
        let beginning = |text: &str| Lookup::Beginning(text.to_owned());
        assert_eq!(steps(&chars("1234"))[..2], [(0, term("123")), (1, term("234"))]);
        assert_eq!(steps(&chars("12")), [(0, beginning("12")), (1, beginning("2"))]);
        assert_eq!(
            steps(&chars("김ㅁㅈ")),
            [(0, beginning("김")), (1, beginning("ㅁㅈ")), (2, beginning("ㅈ"))]
        );
        assert_eq!(steps(&chars("로1")), [(0, term("로1")), (1, beginning("1"))]);
    }

    proptest! {
        /// No false negative: the table never hides what is there. And with every step asked for, no false positive either.
        #[test]
        fn terms_find_exactly_what_holds_the_word(
            number in "[0-3a-]{1,8}", name in "[강김구고민ㄱㅁ]{1,4}", address in "[가구 0-2-]{0,12}", typed in "[0-3a가강구김고민ㄱㅁ-]{1,5}"
        ) {
            let parts = [(Part::CustomerNo, number.as_str()), (Part::Name, name.as_str()), (Part::Address, address.as_str())];
            let terms = of(&parts);
            let needle = Needle::parse(&typed);
            prop_assume!(!needle.is_unfindable());
            let by_terms = needle.words().iter().all(|word| holds(&terms, word));
            prop_assert_eq!(by_terms, needle.find(&parts).is_some(), "{:?}", needle);
        }
    }
}
