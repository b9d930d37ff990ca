//! Reads from a statement, as far as ours go, which keys of distributed tables it is about.

use crate::schema::distribution;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A name or word, in small letters.
    Word(String),
    /// `$1` is 1.
    Parameter(usize),
    Literal(String),
    Sign(char),
}

/// The keys a statement names of each distributed table in it; `None`: of this table it names none.
pub fn keys_of(sql: &str, values: &[Option<Vec<u8>>]) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let tokens = tokens(sql);
    let mut found = BTreeMap::new();
    for (table, alias) in tables(&tokens) {
        let Some((column, _)) = distribution(&table) else {
            continue;
        };
        let keys = inserted(&tokens, &table, column, values).or_else(|| compared(&tokens, &alias, column, values, 0));
        found.insert(table, keys);
    }
    found
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        let mut rest = |fits: fn(&char) -> bool| {
            let mut text = String::new();
            while let Some(c) = chars.next_if(fits) {
                text.push(c);
            }
            text
        };
        match c {
            c if c.is_whitespace() => {}
            '$' => tokens.push(Token::Parameter(rest(char::is_ascii_digit).parse().unwrap())),
            '\'' => {
                tokens.push(Token::Literal(rest(|c| *c != '\'')));
                chars.next();
            }
            c if c.is_ascii_digit() => tokens.push(Token::Literal(format!("{c}{}", rest(char::is_ascii_digit)))),
            c if c.is_alphabetic() || c == '_' => {
                let word = format!("{c}{}", rest(|c| c.is_alphanumeric() || *c == '_'));
                tokens.push(Token::Word(word.to_lowercase()));
            }
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn word(token: Option<&Token>) -> Option<&str> {
    match token {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

/// The tables and what they are called there.
fn tables(tokens: &[Token]) -> Vec<(String, String)> {
    let mut tables = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| word(tokens.get(before)));
        if !matches!(word(Some(token)), Some("from" | "join" | "into" | "update"))
            || matches!(before, Some("do" | "for"))
        {
            continue;
        }
        let Some(table) = word(tokens.get(at + 1)) else {
            continue;
        };
        let alias = match word(tokens.get(at + 2)) {
            Some("as") => word(tokens.get(at + 3)),
            Some(
                "where" | "on" | "set" | "join" | "left" | "order" | "group" | "limit" | "values" | "returning"
                | "select" | "for" | "union",
            ) => None,
            other => other,
        };
        tables.push((table.to_owned(), alias.unwrap_or(table).to_owned()));
    }
    tables
}

fn value(token: &Token, values: &[Option<Vec<u8>>]) -> Option<String> {
    match token {
        Token::Literal(text) => Some(text.clone()),
        Token::Parameter(number) => {
            let bytes = values.get(number - 1)?.as_deref()?;
            Some(match std::str::from_utf8(bytes) {
                Ok(text) if !text.contains('\0') => text.to_owned(),
                _ => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
            })
        }
        _ => None,
    }
}

/// The keys of the rows of `INSERT INTO table (…) VALUES (…), (…)`.
fn inserted(tokens: &[Token], table: &str, column: &str, values: &[Option<Vec<u8>>]) -> Option<BTreeSet<String>> {
    let into = tokens
        .windows(2)
        .position(|pair| word(pair.first()) == Some("into") && word(pair.get(1)) == Some(table))?;
    let open = into + 2;
    let close = open + tokens[open..].iter().position(|token| *token == Token::Sign(')'))?;
    let mut columns = tokens[open + 1..close].split(|token| *token == Token::Sign(','));
    let place = columns.position(|name| word(name.first()) == Some(column))?;
    let mut at = close + 2;
    if word(tokens.get(close + 1)) != Some("values") {
        return None;
    }
    let mut keys = BTreeSet::new();
    while tokens.get(at) == Some(&Token::Sign('(')) {
        let end = at + tokens[at..].iter().position(|token| *token == Token::Sign(')'))?;
        let cells: Vec<&[Token]> = tokens[at + 1..end].split(|token| *token == Token::Sign(',')).collect();
        keys.insert(value(cells.get(place)?.first()?, values)?);
        at = end + 2;
    }
    Some(keys)
}

/// The keys the column is compared with: `column = $1`, `alias.column IN ($1, $2)`, or `= b.column` of a table that is compared so.
fn compared(
    tokens: &[Token],
    alias: &str,
    column: &str,
    values: &[Option<Vec<u8>>],
    depth: u8,
) -> Option<BTreeSet<String>> {
    for (at, token) in tokens.iter().enumerate() {
        if word(Some(token)) != Some(column) {
            continue;
        }
        let qualified = at.checked_sub(1).and_then(|dot| tokens.get(dot)) == Some(&Token::Sign('.'));
        let named = at.checked_sub(2).and_then(|name| word(tokens.get(name)));
        if qualified && named != Some(alias) {
            continue;
        }
        match (tokens.get(at + 1), tokens.get(at + 2)) {
            (Some(Token::Sign('=')), Some(Token::Word(other)))
                if depth == 0 && tokens.get(at + 3) == Some(&Token::Sign('.')) =>
            {
                let column = word(tokens.get(at + 4))?;
                if let Some(keys) = compared(tokens, other, column, values, 1) {
                    return Some(keys);
                }
            }
            (Some(Token::Sign('=')), Some(with)) => {
                if let Some(key) = value(with, values) {
                    return Some([key].into());
                }
            }
            (Some(Token::Word(list)), Some(Token::Sign('('))) if list == "in" => {
                let keys = tokens[at + 3..].iter().take_while(|token| **token != Token::Sign(')'));
                let keys: BTreeSet<String> = keys.filter_map(|token| value(token, values)).collect();
                if !keys.is_empty() {
                    return Some(keys);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(sql: &str, values: &[&str]) -> Vec<(String, Option<Vec<String>>)> {
        let values: Vec<_> = values.iter().map(|value| Some(value.as_bytes().to_vec())).collect();
        let keys = keys_of(sql, &values).into_iter();
        keys.map(|(table, keys)| (table, keys.map(|keys| keys.into_iter().collect())))
            .collect()
    }

    fn one(table: &str, keys: Option<&[&str]>) -> Vec<(String, Option<Vec<String>>)> {
        let keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
        vec![(table.to_owned(), keys)]
    }

    #[test]
    fn keys_are_read_from_all_forms_of_statements() {
        assert_eq!(
            keys("SELECT a FROM guards WHERE guard_id = $1", &["G1"]),
            one("guards", Some(&["G1"]))
        );
        assert_eq!(
            keys("SELECT a FROM guards WHERE owner = $1", &["138"]),
            one("guards", None)
        );
        assert_eq!(
            keys(
                "UPDATE guards g SET a = $1 WHERE g.guard_id IN ($2, $3) RETURNING a",
                &["1", "G1", "G2"]
            ),
            one("guards", Some(&["G1", "G2"]))
        );
        assert_eq!(
            keys(
                "INSERT INTO limits (what, tries) VALUES ($1, 1), ($2, 1) ON CONFLICT (what) DO UPDATE SET tries = limits.tries + 1",
                &["a", "b"]
            ),
            one("limits", Some(&["a", "b"]))
        );
        let joined = "SELECT 1 FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE g.guard_id = $1";
        assert_eq!(
            keys(joined, &["G1"]).iter().filter(|(_, keys)| keys.is_some()).count(),
            2
        );
        let apart = "SELECT 1 FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE g.owner = $1";
        assert_eq!(
            keys(apart, &["138"]).iter().filter(|(_, keys)| keys.is_some()).count(),
            0
        );
    }
}
