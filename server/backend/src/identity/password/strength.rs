//! Whether a new password can be guessed, for people who choose one here.
//!
//! The estimate is `zxcvbn`'s: common passwords, names, dates, keyboard walks, repetitions and sequences, and what an attacker who knows
//! the person would try first. It knows no Korean and no Chinese, so words of both as they are typed on a Latin keyboard are added.

use super::validate;
use crate::Result;
use domain::error::{Problem, Refusal};
use domain::ids::Phone;
use domain::text;
use zxcvbn::Score;

/// A password must withstand guessing through the sign-in page, which is slowed down: a million guesses and more.
const WEAKEST: Score = Score::Two;
/// What lies behind this number of characters does not make a password weaker; judging takes longer with each.
const JUDGED: usize = 64;
/// Digits of the own number that make a password a guess.
const OWN_DIGITS: usize = 6;

/// Words people of both countries choose: Korean typed without switching the input method, romanised Chinese, lucky numbers, and what
/// this product is called.
const COMMON: [&str; 64] = [
    "latchkey",
    "locker",
    "guard",
    "meter",
    "kiosk",
    "operator",
    "admin1234",
    "password1",
    "passw0rd",
    "qwer1234",
    "asdf1234",
    "1q2w3e4r",
    "q1w2e3r4",
    "1qaz2wsx",
    "zaq12wsx",
    "abcd1234",
    "abc12345",
    "a1234567",
    "aa123456",
    "a123456789",
    "dkssud",
    "dkssudgktpdy",
    "tkfkd",
    "tkfkdgo",
    "tkfkdgodyd",
    "rkskekfk",
    "rlaclaks",
    "qlqjs",
    "qlalfqjsgh",
    "wjdtns",
    "dksehlwy",
    "gksrnr",
    "eoqkr",
    "sarang",
    "saranghae",
    "annyeong",
    "hanguk",
    "daehan",
    "seoul",
    "woaini",
    "woaini1314",
    "woaini520",
    "5201314",
    "1314520",
    "520520",
    "7758521",
    "7758258",
    "147258369",
    "159357",
    "zhongguo",
    "beijing",
    "shanghai",
    "mima",
    "mima123",
    "wodemima",
    "woshishui",
    "nihao",
    "nihao123",
    "tianya",
    "qq123456",
    "wang1234",
    "zhang123",
    "li123456",
    "88888888",
];

/// Judges the new password of one person.
pub struct Check {
    own: Vec<String>,
    digits: String,
}

impl Check {
    /// For a person with this number and name.
    pub fn of(phone: &Phone, name: &str) -> Self {
        let name = text::name(name).to_lowercase();
        let own = name
            .split(' ')
            .map(str::to_owned)
            .chain([name.replace(' ', ""), phone.to_string()]);
        Self {
            own: own.filter(|word| !word.is_empty()).collect(),
            digits: phone.to_string(),
        }
    }

    /// Rejects a password for `field` that is too short, too long, or that somebody could guess ([`Problem::Guessable`]).
    pub fn new_password(&self, field: &str, password: &str) -> Result<()> {
        validate(field, password)?;
        if self.is_guessable(password) {
            return Err(Refusal::field(field, Problem::Guessable));
        }
        Ok(())
    }

    fn is_guessable(&self, password: &str) -> bool {
        let judged: String = text::identifier(password).chars().take(JUDGED).collect();
        if self.is_mostly_own_number(&judged) {
            return true;
        }
        let known: Vec<&str> = self.own.iter().map(String::as_str).chain(COMMON).collect();
        zxcvbn::zxcvbn(&judged, &known).score() < WEAKEST
    }

    /// Six or more digits of the own number in a row, with little else.
    fn is_mostly_own_number(&self, password: &str) -> bool {
        let digits: String = text::digits(password).chars().filter(char::is_ascii_digit).collect();
        let starts = 0..digits.len().saturating_sub(OWN_DIGITS - 1);
        let own = starts
            .into_iter()
            .any(|at| self.digits.contains(&digits[at..at + OWN_DIGITS]));
        own && password
            .chars()
            .filter(|c| !c.is_ascii_digit() && !matches!(c, '-' | ' ' | '.'))
            .count()
            < 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<()> {
        Check::of(&Phone("01022223333".to_owned()), "김서연 Kim Seoyeon").new_password("new", password)
    }

    #[test]
    fn a_password_that_can_be_guessed_is_rejected() {
        for weak in [
            "password",
            "Password1",
            "p@ssw0rd",
            "12345678",
            "1234567890",
            "11111111",
            "abcdefgh",
            "qwertyui",
            "qwer1234",
            "1q2w3e4r",
            "01022223333",
            "010-2222-3333",
            "22223333a",
            "20240101",
            "dkssudgktpdy",
            "woaini1314",
            "5201314520",
            "latchkey1",
            "seoyeon1",
            "ａａａａａａａａ",
            "aaaaaaaabbbb",
            "iloveyou",
        ] {
            assert_eq!(judge(weak), Err(Refusal::field("new", Problem::Guessable)), "{weak}");
        }
    }

    #[test]
    fn a_password_that_cannot_be_guessed_is_accepted() {
        for strong in [
            "correct horse",
            "latchkey-demo",
            "kqw7-m2xp-9fhs-t4za",
            "보라색 우산 세 개",
            "紫色雨伞三把很好",
            "Tr0ub4dor&3x",
            "mango-tunnel-42",
            "lantern-meadow-71",
            "0102222 lantern fox",
            "x9!Kd02m",
        ] {
            assert_eq!(judge(strong), Ok(()), "{strong}");
        }
    }

    #[test]
    fn the_length_is_checked_first() {
        assert_eq!(judge(""), Err(Refusal::field("new", Problem::Required)));
        assert_eq!(judge("short"), Err(Refusal::field("new", Problem::TooShort { min: 8 })));
        assert_eq!(
            judge(&"x".repeat(301)),
            Err(Refusal::field("new", Problem::TooLong { max: 300 }))
        );
    }
}
