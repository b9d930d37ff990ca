//! Records as one row of one text, as orders are packed: one question may bring ten thousand of them.

use super::{Filter, Info, Record, WAY_LOST, What, number_of};
use crate::db::read_sound;
use crate::guard::superiors::OF_THE_HOLDER;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::Reason;
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::ids::{Millis, Phone};

/// Between fields and between rows. Nothing that is stored of a record holds these: bar codes and service numbers are refused with them.
const FIELD: &str = "\u{1f}";
const ROW: &str = "\u{1e}";

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

    /// Of a row that may be damaged.
    fn of_line(line: &str) -> Option<Self> {
        let mut fields = line.split(FIELD);
        Some(Self {
            guard_id: fields.next()?.to_owned(),
            seq: fields.next()?.parse().ok()?,
            at: fields.next()?.parse().ok()?,
        })
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
    pub(super) limit: usize,
}

enum Value {
    Number(i64),
    Text(String),
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

/// The records of a range, in its order.
pub(super) async fn rows(b: &Backend, range: &Range<'_>, with_passwords: bool) -> Result<Found> {
    let (text,) = read_sound!(b, ["info"], |[info]| {
        let (sql, values) = statement(range, &info);
        let mut query = sqlx::query_as::<_, (Option<String>,)>(&sql);
        for value in values {
            query = match value {
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
        }
        query.fetch_one(b.db().read()).await
    })?;
    let text = text.unwrap_or_default();
    let lines: Vec<&str> = text.split(ROW).filter(|line| !line.is_empty()).collect();
    let readable = lines.iter().filter_map(|line| {
        let found = record(b, line, with_passwords);
        if found.is_none() {
            let key: Vec<&str> = line.split(FIELD).take(2).collect();
            b.damage().note("records", key.join(" "));
        }
        found
    });
    Ok(Found {
        rows: readable.collect(),
        count: lines.len(),
        last: lines.last().and_then(|line| Place::of_line(line)),
    })
}

/// A range of one index in its order, whatever is asked for.
fn statement(range: &Range<'_>, info: &str) -> (String, Vec<Value>) {
    let mut values = vec![Value::Text(range.owner.0.clone())];
    let mut conditions = vec!["owner = $1".to_owned(), OF_THE_HOLDER.to_owned()];
    let mut condition = |text: &str, new: Vec<Value>| {
        let mut text = text.to_owned();
        for value in new {
            values.push(value);
            text = text.replacen('?', &format!("${}", values.len()), 1);
        }
        conditions.push(text);
    };
    let filter = range.filter;
    if let Some(guard) = &filter.guard {
        condition("guard_id = ?", vec![Value::Text(guard.as_str().to_owned())]);
    }
    if let Some(from) = filter.from {
        condition("at >= ?", vec![Value::Number(from.0)]);
    }
    if let Some(until) = filter.until {
        condition("at < ?", vec![Value::Number(until.0)]);
    }
    if let Some(way) = filter.way {
        condition("way = ?", vec![Value::Number(number_of(way))]);
    }
    match filter.opened {
        Some(true) => condition("opened = 1", Vec::new()),
        Some(false) => condition("opened = 0", Vec::new()),
        None => {}
    }
    if let Some(place) = &range.after {
        let values = vec![
            Value::Number(place.at),
            Value::Text(place.guard_id.clone()),
            Value::Number(place.seq),
        ];
        let compare = if range.oldest_first { ">" } else { "<" };
        condition(&format!("(at, guard_id, seq) {compare} (?, ?, ?)"), values);
    }
    let direction = if range.oldest_first { "ASC" } else { "DESC" };
    let rows = format!(
        "SELECT guard_id, seq, at, way, opened, reason, service_numb, {info} AS info, uncertainty_ms, received_at FROM records
         WHERE {} ORDER BY at {direction}, guard_id {direction}, seq {direction} LIMIT {}",
        conditions.join(" AND "),
        range.limit
    );
    let sql = packing(&rows, values.len());
    values.extend([FIELD, ROW].map(|text| Value::Text(text.to_owned())));
    (sql, values)
}

fn packing(rows: &str, parameters: usize) -> String {
    let (field, row) = (parameters + 1, parameters + 2);
    // What is NULL becomes nothing between two separators.
    let fields = [
        "guard_id",
        "seq",
        "at",
        "way",
        "opened",
        "reason",
        "service_numb",
        "info",
        "uncertainty_ms",
        "received_at",
    ];
    let line = fields.join(&format!(", ${field}, "));
    format!("SELECT string_agg(concat({line}), ${row}) FROM ({rows}) AS page")
}

/// `None`: it cannot be read at all.
fn record(b: &Backend, line: &str, with_passwords: bool) -> Option<Record> {
    let mut fields = line.split(FIELD);
    let mut next = || fields.next();
    let number = |text: &str| text.parse::<i64>().ok();
    let guard_id = GuardId::parse(next()?).ok()?;
    let seq = number(next()?)?;
    let at = Millis(number(next()?)?);
    let way = number(next()?)?;
    let opened = next()? == "1";
    let reason = next()?;
    let service_numb = Some(next()?).filter(|text| !text.is_empty());
    let info = Info::open(b, &guard_id, seq, next()?);
    let damaged = info.is_none();
    let info = info.unwrap_or_default();
    let uncertainty_ms = match next()? {
        "" => None,
        text => Some(number(text)?),
    };
    let received_at = Millis(number(next()?)?);
    let service_numb = service_numb.and_then(|text| ServiceNumb::parse(text).ok());
    let what = if way == WAY_LOST {
        What::Lost {
            from: info.lost_from.unwrap_or(seq),
        }
    } else {
        let by = info.by(way, service_numb, with_passwords);
        if opened {
            What::Opened(by)
        } else {
            What::Refused(by, Reason::parse(reason)?)
        }
    };
    Some(Record {
        guard_id,
        seq,
        at,
        uncertainty_ms,
        received_at,
        what,
        damaged,
    })
}
