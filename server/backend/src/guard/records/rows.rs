//! Records as they are read.

use super::{Filter, Info, Record, WAY_DOOR, WAY_LOST, What, number_of};
use crate::core::db::{Conditions, Statement, read_sound, row};
use crate::guard::superiors::OF_THE_HOLDER;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::Reason;
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::guard::link::DoorState;
use domain::ids::{Millis, Phone};

/// Where a record stands among those of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    at: i64,
    guard_id: String,
    seq: i64,
}

impl Place {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            at: record.at.0,
            guard_id: record.guard_id.as_str().to_owned(),
            seq: record.seq,
        }
    }

    fn of_row(row: &RecordRow) -> Self {
        Self {
            at: row.at,
            guard_id: row.guard_id.clone(),
            seq: row.seq,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let parts = || {
            let (at, rest) = text.split_once('.')?;
            let (seq, guard_id) = rest.split_once('.')?;
            Some(Self {
                at: at.parse().ok()?,
                guard_id: GuardId::parse(guard_id).ok()?.as_str().to_owned(),
                seq: seq.parse().ok()?,
            })
        };
        parts().ok_or_else(|| Refusal::malformed("cursor: not one that was given out"))
    }

    pub(super) fn to_text(&self) -> String {
        format!("{}.{}.{}", self.at, self.seq, self.guard_id)
    }
}

/// What is to be read: `filter` but for the person, the cursor and the limit.
pub(super) struct Range<'a> {
    pub(super) owner: &'a Phone,
    pub(super) filter: &'a Filter,
    pub(super) after: Option<Place>,
    pub(super) oldest_first: bool,
    /// The number of records left out before the first.
    pub(super) skip: u64,
    pub(super) limit: usize,
}

/// What was found of a range.
pub(super) struct Found {
    /// Those that can be read, in the order of the range.
    pub(super) rows: Vec<Record>,
    /// How many there are with those that cannot be read.
    pub(super) count: usize,
    /// Where the last of them stands.
    pub(super) last: Option<Place>,
}

row! {
    struct RecordRow {
        guard_id: String,
        seq: i64,
        at: i64,
        way: i64,
        opened: i64,
        reason: Option<String>,
        service_numb: Option<String>,
        info: String,
        uncertainty_ms: Option<i64>,
        received_at: i64,
    }
}

/// The records of a range, in its order.
pub(super) async fn rows(b: &Backend, range: &Range<'_>, with_passwords: bool) -> Result<Found> {
    let rows: Vec<RecordRow> = read_sound!(b, ["info"], |[info]| {
        b.db().read().try_all(statement(range, &info)).await
    })?;
    let (count, last) = (rows.len(), rows.last().map(Place::of_row));
    let readable = rows.into_iter().filter_map(|row| {
        let key = format!("{} {}", row.guard_id, row.seq);
        let found = record(b, row, with_passwords);
        if found.is_none() {
            b.damage().note("records", key);
        }
        found
    });
    Ok(Found {
        rows: readable.collect(),
        count,
        last,
    })
}

/// How many there are in a range, counted up to a bound.
pub(super) async fn count(b: &Backend, range: &Range<'_>, bound: u32) -> Result<u32> {
    let count: i64 = b.db().one(count_statement(range, bound)).await?;
    Ok(u32::try_from(count).unwrap_or(bound))
}

fn count_statement<'a>(range: &'a Range<'_>, bound: u32) -> Statement<'a> {
    let conditions = conditions(range);
    let clause = conditions.clause();
    conditions.statement(format!(
        "SELECT count(*) FROM (SELECT 1 FROM records{clause} LIMIT {bound}) counted"
    ))
}

/// A range of one index in its order, whatever is asked for.
fn statement<'a>(range: &'a Range<'_>, info: &str) -> Statement<'a> {
    let conditions = conditions(range);
    let direction = if range.oldest_first { "ASC" } else { "DESC" };
    let clause = conditions.clause();
    conditions.statement(format!(
        "SELECT guard_id, seq, at, way, opened, reason, service_numb, {info} AS info, uncertainty_ms, received_at FROM records{clause}
         ORDER BY at {direction}, guard_id {direction}, seq {direction} LIMIT {} OFFSET {}",
        range.limit, range.skip
    ))
}

fn conditions<'a>(range: &'a Range<'_>) -> Conditions<'a> {
    let mut conditions = Conditions::default();
    conditions.add("owner = ?", [range.owner.as_str().into()]);
    conditions.add(OF_THE_HOLDER, []);
    let filter = range.filter;
    if let Some(guard) = &filter.guard {
        conditions.add("guard_id = ?", [guard.as_str().into()]);
    }
    if let Some(from) = filter.from {
        conditions.add("at >= ?", [from.0.into()]);
    }
    if let Some(until) = filter.until {
        conditions.add("at < ?", [until.0.into()]);
    }
    if let Some(way) = filter.way {
        conditions.add("way = ?", [number_of(way).into()]);
    }
    match filter.opened {
        Some(true) => conditions.add("opened = 1", []),
        Some(false) => conditions.add("opened = 0 AND way <> ?", [WAY_DOOR.into()]),
        None => {}
    }
    if let Some(place) = &range.after {
        let compare = if range.oldest_first { ">" } else { "<" };
        conditions.add(
            &format!("(at, guard_id, seq) {compare} (?, ?, ?)"),
            [place.at.into(), (&place.guard_id).into(), place.seq.into()],
        );
    }
    conditions
}

/// `None`: it cannot be read at all.
fn record(b: &Backend, row: RecordRow, with_passwords: bool) -> Option<Record> {
    let guard_id = GuardId::parse(&row.guard_id).ok()?;
    let info = Info::open(b, &guard_id, row.seq, &row.info);
    let damaged = info.is_none();
    let info = info.unwrap_or_default();
    let service_numb = row.service_numb.and_then(|text| ServiceNumb::parse(&text).ok());
    let what = if row.way == WAY_LOST {
        What::Lost {
            from: info.lost_from.unwrap_or(row.seq),
        }
    } else if row.way == WAY_DOOR {
        What::Door(DoorState::parse(&row.reason.unwrap_or_default())?)
    } else {
        let by = info.by(row.way, service_numb, with_passwords);
        if row.opened == 1 {
            What::Opened(by)
        } else {
            What::Refused(by, Reason::parse(&row.reason.unwrap_or_default())?)
        }
    };
    Some(Record {
        guard_id,
        seq: row.seq,
        at: Millis(row.at),
        uncertainty_ms: row.uncertainty_ms,
        received_at: Millis(row.received_at),
        what,
        damaged,
    })
}

/// What records may be asked for, each with and without.
#[cfg(test)]
fn every_form() -> Vec<String> {
    let (owner, guard) = (Phone("1".to_owned()), GuardId::parse("G0001").ok());
    let mut texts = Vec::new();
    for (with, opened) in (0..64).flat_map(|with| [None, Some(true), Some(false)].map(|opened| (with, opened))) {
        let filter = Filter {
            guard: guard.clone().filter(|_| with & 1 > 0),
            from: (with & 2 > 0).then_some(Millis(1)),
            until: (with & 4 > 0).then_some(Millis(2)),
            way: (with & 8 > 0).then_some(domain::guard::records::Way::Card),
            opened,
            ..Filter::default()
        };
        let range = Range {
            owner: &owner,
            filter: &filter,
            after: (with & 16 > 0).then(|| Place {
                at: 1,
                guard_id: "G0001".to_owned(),
                seq: 1,
            }),
            oldest_first: with & 32 > 0,
            skip: 0,
            limit: 51,
        };
        texts.extend([statement(&range, "info"), count_statement(&range, 100)].map(|one| one.text().to_owned()));
    }
    texts
}

#[cfg(test)]
crate::core::db::family!(every_form);
