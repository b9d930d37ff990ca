//! Files of rows that an operator imports: what they are, how far they have come, and why rows were refused, put together by reason.

use crate::error::{Problem, Refusal};
use crate::ids::Millis;
use crate::locker::orders::RowError;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// Orders.
    Orders,
    /// Devices for the inventory.
    Guards,
}

impl ImportKind {
    /// As in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Guards => "guards",
        }
    }

    /// The inverse of [`ImportKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Orders, Self::Guards]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Names a file that was sent, 1 to 32 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct UploadId(String);

impl UploadId {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UploadId {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match text.len() {
            0 => Err(Problem::Required),
            1..=32 if text.bytes().all(fits) => Ok(Self(text)),
            _ => Err(Problem::Form),
        }
    }
}

/// A file that was sent for importing and is kept for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Names it.
    pub id: UploadId,
    /// What is in it.
    pub kind: ImportKind,
    /// Its name on the sender's device.
    pub name: String,
    /// The encoding it is read in; `None`: detected.
    pub encoding: Option<String>,
    /// When it was sent.
    pub made_at: Millis,
    /// Rows that make sense; 0 until importing began.
    pub rows: u32,
    /// How many of them, from the first on, have been processed.
    pub done: u32,
    /// Rows that became new records.
    pub added: u32,
    /// Rows whose record moved on from A to B.
    pub updated: u32,
    /// When importing began; `None`: not yet.
    pub begun_at: Option<Millis>,
}

impl Upload {
    /// Importing began and is not finished.
    pub fn is_unfinished(&self) -> bool {
        self.begun_at.is_some() && self.done < self.rows
    }

    /// Importing is finished.
    pub fn is_finished(&self) -> bool {
        self.begun_at.is_some() && self.done >= self.rows
    }
}

/// Refused rows with one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The reason, that of the first row.
    pub refusal: Refusal,
    /// How many rows.
    pub count: usize,
    /// The values that were refused, the most frequent first, and at most [`Group::VALUES`] of them.
    pub values: Vec<GroupValue>,
    /// How many different values there are.
    pub different: usize,
    /// The first rows, at most [`Group::LINES`], by their numbers.
    pub lines: Vec<u64>,
}

impl Group {
    /// Most values of a reason that are kept.
    pub const VALUES: usize = 50;
    /// Most line numbers of a reason or value that are kept.
    pub const LINES: usize = 5;
}

/// Refused rows with one reason and one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupValue {
    /// What stood in the file.
    pub text: String,
    /// How many rows.
    pub count: usize,
    /// The first of them, by their numbers.
    pub lines: Vec<u64>,
}

/// Refused rows by reason, the most frequent reason first.
pub fn grouped(errors: &[RowError]) -> Vec<Group> {
    let mut groups: Vec<(Group, HashMap<&str, usize>)> = Vec::new();
    for error in errors {
        let place = groups
            .iter()
            .position(|(group, _)| same_reason(&group.refusal, &error.refusal));
        let place = place.unwrap_or_else(|| {
            let group = Group {
                refusal: error.refusal.clone(),
                count: 0,
                values: Vec::new(),
                different: 0,
                lines: Vec::new(),
            };
            groups.push((group, HashMap::new()));
            groups.len() - 1
        });
        if let Some((group, values)) = groups.get_mut(place) {
            add(group, values, error);
        }
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(group, _)| group).collect();
    for group in &mut groups {
        group.different = group.values.len();
        group.values.sort_by_key(|value| std::cmp::Reverse(value.count));
        group.values.truncate(Group::VALUES);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

fn add<'e>(group: &mut Group, values: &mut HashMap<&'e str, usize>, error: &'e RowError) {
    group.count += 1;
    note(&mut group.lines, error.line);
    let Some(text) = error.value.as_deref() else { return };
    let place = *values.entry(text).or_insert_with(|| {
        group.values.push(GroupValue {
            text: text.to_owned(),
            count: 0,
            lines: Vec::new(),
        });
        group.values.len() - 1
    });
    if let Some(value) = group.values.get_mut(place) {
        value.count += 1;
        note(&mut value.lines, error.line);
    }
}

fn note(lines: &mut Vec<u64>, line: u64) {
    if lines.len() < Group::LINES {
        lines.push(line);
    }
}

/// Rows with other numbers of cells are one reason, whatever the numbers.
fn same_reason(one: &Refusal, other: &Refusal) -> bool {
    match (one, other) {
        (Refusal::Malformed { .. }, Refusal::Malformed { .. }) => true,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: u64, field: &str, problem: Problem, value: &str) -> RowError {
        RowError {
            line,
            refusal: Refusal::field(field, problem),
            value: Some(value.to_owned()),
        }
    }

    #[test]
    fn equal_refusals_are_one_group_with_their_values_counted() {
        let mut errors: Vec<RowError> = (2..502)
            .map(|line| refused(line, "business", Problem::Unknown, "한빛"))
            .collect();
        errors.push(refused(502, "business", Problem::Unknown, "대성"));
        errors.push(refused(503, "customerNo", Problem::Required, ""));
        for line in [504, 505] {
            let detail = format!("{line} cells where the header has 7");
            errors.push(RowError {
                line,
                refusal: Refusal::malformed(detail),
                value: None,
            });
        }
        let groups = grouped(&errors);
        let counts: Vec<(usize, usize)> = groups.iter().map(|group| (group.count, group.different)).collect();
        assert_eq!(counts, [(501, 2), (2, 0), (1, 1)]);
        let values: Vec<(&str, usize)> = groups[0]
            .values
            .iter()
            .map(|value| (value.text.as_str(), value.count))
            .collect();
        assert_eq!(values, [("한빛", 500), ("대성", 1)]);
        assert_eq!(groups[0].lines, [2, 3, 4, 5, 6]);
        assert_eq!(groups[0].values[1].lines, [502]);
    }

    #[test]
    fn many_values_of_one_reason_are_counted_and_not_all_kept() {
        let errors: Vec<RowError> = (0..1_000)
            .map(|line| refused(line, "business", Problem::Unknown, &line.to_string()))
            .collect();
        let groups = grouped(&errors);
        assert_eq!((groups[0].different, groups[0].values.len()), (1_000, Group::VALUES));
    }

    #[test]
    fn an_id_is_safe_in_an_address() {
        assert!(UploadId::try_from("Ab-_9".to_owned()).is_ok());
        for wrong in ["", "a/b", "a b", "가", &"a".repeat(33)] {
            assert!(UploadId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
