//! Records as one row of one text, as orders are packed: one question may bring ten thousand of them.

use super::{Filter, Info, Record, WAY_LOST, What};
use crate::db::fault;
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

/// The records of a range, in its order.
pub(super) async fn rows(b: &Backend, range: &Range<'_>, with_passwords: bool) -> Result<Vec<Record>> {
    let (sql, values) = statement(range);
    let mut query = sqlx::query_as::<_, (Option<String>,)>(&sql);
    for value in values {
        query = match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        };
    }
    let (text,) = query.fetch_one(b.db().read()).await.map_err(fault)?;
    let text = text.unwrap_or_default();
    text.split(ROW)
        .filter(|line| !line.is_empty())
        .map(|line| record(b, line, with_passwords))
        .collect()
}

/// A range of one index in its order, whatever is asked for.
fn statement(range: &Range<'_>) -> (String, Vec<Value>) {
    let mut values = vec![Value::Text(range.owner.0.clone())];
    let mut conditions = vec!["owner = $1".to_owned()];
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
        condition("way = ?", vec![Value::Number(way.number())]);
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
        "SELECT guard_id, seq, at, way, opened, reason, service_numb, info, uncertainty_ms, received_at FROM records
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

fn record(b: &Backend, line: &str, with_passwords: bool) -> Result<Record> {
    let mut fields = line.split(FIELD);
    let mut next = || {
        fields
            .next()
            .ok_or_else(|| fault("a record with a control character in it"))
    };
    let number = |text: &str| text.parse::<i64>().map_err(fault);
    let guard_id = GuardId::parse(next()?).map_err(|_| fault("a record without a proper bar code"))?;
    let seq = number(next()?)?;
    let at = Millis(number(next()?)?);
    let way = number(next()?)?;
    let opened = next()? == "1";
    let reason = next()?;
    let service_numb = Some(next()?).filter(|text| !text.is_empty());
    let info = Info::open(b, &guard_id, seq, next()?)?;
    let uncertainty_ms = Some(next()?).filter(|text| !text.is_empty()).map(number).transpose()?;
    let received_at = Millis(number(next()?)?);
    let service_numb = service_numb
        .map(|text| ServiceNumb::parse(text).map_err(|_| fault("a record with an improper service number")))
        .transpose()?;
    let what = if way == WAY_LOST {
        What::Lost {
            from: info.lost_from.unwrap_or(seq),
        }
    } else {
        let by = info.by(way, service_numb, with_passwords);
        if opened {
            What::Opened(by)
        } else {
            let reason = Reason::parse(reason).ok_or_else(|| fault(format!("unknown reason {reason}")))?;
            What::Refused(by, reason)
        }
    };
    Ok(Record {
        guard_id,
        seq,
        at,
        uncertainty_ms,
        received_at,
        what,
    })
}
