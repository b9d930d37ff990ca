//! Months of `records` and `events` as partitions of their own on PostgreSQL. They are made ahead; what comes for a month that has none
//! stands in the partition DEFAULT until that month is made.

use crate::Result;
use crate::core::db::{Db, Engine, Statement, Tx, sql};
use domain::ids::Millis;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::fmt;
use std::str::FromStr;

/// Months made ahead of the one it is.
const AHEAD: i32 = 1;
/// Rows older than this have a clock that does not know the time; no month is made for them.
const OLDEST: (i16, i8) = (2020, 1);
/// Nobody waits longer than this behind a month being made; the next round tries again.
const WAIT: &str = "SET LOCAL lock_timeout = '2s'";

/// A table that is kept by months, and the column that says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByMonth {
    pub(crate) table: &'static str,
    pub(crate) time: &'static str,
}

pub(crate) const TABLES: [ByMonth; 2] = [
    ByMonth {
        table: "events",
        time: "received_at",
    },
    ByMonth {
        table: "records",
        time: "at",
    },
];

/// A month in UTC, written `2026-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

/// A text that is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a month such as 2026-01")]
pub struct NoMonth;

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> std::result::Result<Self, NoMonth> {
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(NoMonth);
        }
        let year = year.parse().map_err(|_| NoMonth)?;
        let month = month.parse().map_err(|_| NoMonth)?;
        Date::new(year, month, 1).map(Self).map_err(|_| NoMonth)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl Month {
    /// The month of a time; `None` for times no calendar has.
    pub fn of(at: Millis) -> Option<Self> {
        let date = Timestamp::from_millisecond(at.0).ok()?.to_zoned(TimeZone::UTC).date();
        Some(Self(date.first_of_month()))
    }

    /// This number of months later.
    fn later(self, months: i32) -> Self {
        Self(self.0.saturating_add(Span::new().months(months)).first_of_month())
    }

    /// Its first millisecond.
    pub fn start(self) -> Millis {
        let start = self.0.to_zoned(TimeZone::UTC);
        Millis(start.map_or(i64::MAX, |start| start.timestamp().as_millisecond()))
    }

    /// The first millisecond behind it.
    pub fn end(self) -> Millis {
        self.later(1).start()
    }

    pub(crate) fn partition_of(self, table: &str) -> String {
        format!("{table}_{:04}_{:02}", self.0.year(), self.0.month())
    }
}

/// Makes this month and the next one, and those of rows that stand in DEFAULT; several nodes may do so at once. Does nothing on SQLite.
pub(crate) async fn keep(db: &Db, now: Millis) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let Some(this) = Month::of(now) else { return Ok(()) };
    for by in TABLES {
        let made = made(db, by).await?;
        let mut wanted: Vec<Month> = (0..=AHEAD).map(|ahead| this.later(ahead)).collect();
        wanted.extend(waiting(db, by, this.later(AHEAD).end()).await?);
        for month in wanted {
            if !made.contains(&month) {
                make(db, by, month).await?;
            }
        }
    }
    Ok(())
}

/// Makes these months, so that what is about to come needs not stand in DEFAULT first. Does nothing on SQLite.
pub(crate) async fn make_all(db: &Db, by: ByMonth, from: Millis, until: Millis) -> Result<()> {
    let (Some(mut month), Some(last)) = (Month::of(from), Month::of(until)) else {
        return Ok(());
    };
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let made = made(db, by).await?;
    month = month.max(oldest());
    while month <= last {
        if !made.contains(&month) {
            make(db, by, month).await?;
        }
        month = month.later(1);
    }
    Ok(())
}

fn oldest() -> Month {
    Month(Date::constant(OLDEST.0, OLDEST.1, 1))
}

/// The months that have a partition.
pub(crate) async fn made(db: &Db, by: ByMonth) -> Result<Vec<Month>> {
    let rows: Vec<String> = db.all(sql!(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass",
        by.table,
    )).await?;
    let month = |name: &String| {
        let month = name.strip_prefix(by.table)?.strip_prefix('_')?.replace('_', "-");
        month.parse().ok()
    };
    Ok(rows.iter().filter_map(month).collect())
}

/// The months of rows in DEFAULT that are not older than a clock may be, and lie before `until`.
async fn waiting(db: &Db, by: ByMonth, until: Millis) -> Result<Vec<Month>> {
    let ByMonth { table, time } = by;
    let sql = format!("SELECT min({time}) FROM {table}_default WHERE {time} >= $1 AND {time} < $2");
    let mut months = Vec::new();
    let mut from = oldest().start();
    loop {
        let first: Option<i64> = db.one(Statement::new(&sql).bind(from.0).bind(until.0)).await?;
        let Some(month) = first.and_then(|first| Month::of(Millis(first))) else {
            return Ok(months);
        };
        months.push(month);
        from = month.end();
    }
}

/// Makes a month, with what DEFAULT has of it. Only writers of this month and DEFAULT wait meanwhile.
async fn make(db: &Db, by: ByMonth, month: Month) -> Result<()> {
    let ByMonth { table, time } = by;
    let partition = month.partition_of(table);
    let (from, until) = (month.start().0, month.end().0);
    let mut tx = db.begin().await?;
    run(&mut tx, WAIT).await?;
    run(&mut tx, "UPDATE settings SET value = value WHERE name = 'partitions'").await?;
    let there: i64 = tx
        .one(sql!(
            "SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)",
            &partition
        ))
        .await?;
    if there == 0 {
        for sql in [
            format!("LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE"),
            format!("CREATE TABLE {partition} (LIKE {table} INCLUDING ALL)"),
            format!(
                "INSERT INTO {partition} SELECT * FROM {table}_default WHERE {time} >= {from} AND {time} < {until}"
            ),
            format!("DELETE FROM {table}_default WHERE {time} >= {from} AND {time} < {until}"),
            format!("ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ({from}) TO ({until})"),
        ] {
            run(&mut tx, &sql).await?;
        }
    }
    tx.commit().await
}

/// Drops the partition of a month if it has exactly this number of rows, which are only ever added; otherwise answers how many it has. Nobody adds
/// rows to the table meanwhile.
pub(crate) async fn drop_month(db: &Db, by: ByMonth, month: Month, rows: u64) -> Result<std::result::Result<(), u64>> {
    let partition = month.partition_of(by.table);
    let mut tx = db.begin().await?;
    run(&mut tx, WAIT).await?;
    run(&mut tx, &format!("LOCK TABLE ONLY {} IN EXCLUSIVE MODE", by.table)).await?;
    let count: i64 = tx
        .one(Statement::new(format!("SELECT count(*) FROM {partition}")))
        .await?;
    if count.unsigned_abs() != rows {
        tx.rollback().await?;
        return Ok(Err(count.unsigned_abs()));
    }
    run(
        &mut tx,
        &format!("ALTER TABLE {} DETACH PARTITION {partition}", by.table),
    )
    .await?;
    run(&mut tx, &format!("DROP TABLE {partition}")).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn run(tx: &mut Tx, sql: &str) -> Result<()> {
    tx.execute(Statement::new(sql).once()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_and_ends_where_the_calendar_says() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(month.start(), Millis(1_796_083_200_000));
        assert_eq!(month.end(), Millis(1_798_761_600_000));
        assert_eq!(Month::of(month.start()), Some(month));
        assert_eq!(Month::of(month.end()).unwrap().to_string(), "2027-01");
        assert_eq!(Month::of(month.start().plus(-1)).unwrap().to_string(), "2026-11");
        assert_eq!(month.partition_of("records"), "records_2026_12");
        assert_eq!(Month::of(Millis(i64::MAX)), None);
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "26-01",
            "2026-1",
            "2026-01-01",
            "x-01",
        ] {
            assert_eq!(text.parse::<Month>(), Err(NoMonth), "{text}");
        }
    }
}
