//! Finding rows by any part of their texts where there are too few of them for an index: they are read in the order of their key, some at once, and looked
//! at here.

use crate::Result;
use domain::ids::Phone;
use domain::search::{Found, Needle, Part};

/// How much is read for one answer.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Rows read at once.
    pub(crate) at_once: usize,
    /// How often, at most.
    pub(crate) rounds: usize,
    /// Rows of the answer, at most.
    pub(crate) limit: usize,
}

/// What is looked for: what was typed, and where that is a whole phone number, the number without its country as well.
pub(crate) struct Needles(Vec<Needle>);

impl Needles {
    pub(crate) fn parse(text: &str) -> Self {
        let mut needles = vec![Needle::parse(text)];
        needles.extend(Phone::parse(text).map(|phone| Needle::parse(phone.as_str())));
        Self(needles)
    }

    /// Where it is found in these texts; `None`: it is in none of them.
    pub(crate) fn find(&self, texts: &[(Part, &str)]) -> Option<Vec<Found>> {
        self.0.iter().find_map(|needle| needle.find(texts))
    }

    fn fit_everything(&self) -> bool {
        self.0.first().is_none_or(Needle::is_empty)
    }
}

/// Rows behind `after` in which the needles are found, each with its key, and behind which key to go on.
///
/// `read` answers the next rows behind a key, at most that number of them; `look` answers the key of a row, and what it becomes where it fits.
pub(crate) async fn rows<R, T, F: Future<Output = Result<Vec<R>>>>(
    needles: &Needles,
    after: &str,
    bounds: Bounds,
    read: impl Fn(String, i64) -> F,
    look: impl Fn(R, &Needles) -> (String, Option<T>),
) -> Result<(Vec<(String, T)>, Option<String>)> {
    let at_once = if needles.fit_everything() {
        bounds.limit + 1
    } else {
        bounds.at_once
    };
    let most = i64::try_from(at_once).unwrap_or(i64::MAX);
    let mut after = after.to_owned();
    let mut found: Vec<(String, T)> = Vec::new();
    for _ in 0..bounds.rounds {
        let rows = read(after.clone(), most).await?;
        let last = rows.len() < at_once;
        for row in rows {
            let (key, fitting) = look(row, needles);
            if let Some(fitting) = fitting {
                if found.len() == bounds.limit {
                    let next = found.last().map(|(key, _)| key.clone());
                    return Ok((found, next));
                }
                found.push((key.clone(), fitting));
            }
            after = key;
        }
        if last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(after)))
}
