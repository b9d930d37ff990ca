//! The whole deployment at once, for an operator's first page.

use super::history;
use crate::core::db::{Statement, readable, row, sql, word};
use crate::core::facts;
use crate::identity::require;
use crate::{Backend, Result};
use domain::ids::{Millis, Yid};
use domain::locker::history::{Evidence, Happening};
use domain::locker::overview::{FirstSteps, KioskAlarm, Quarter};
use domain::people::{Person, Role};

/// In `settings`: the first steps are hidden.
const HIDDEN: &str = "first-steps";

/// Operators: which parts of a working deployment exist.
#[crate::boxed]
pub async fn first_steps(b: &Backend, who: &Person) -> Result<FirstSteps> {
    require(who, &[Role::Operator])?;
    let is_hidden: Option<String> = b.db().optional(facts::read(HIDDEN)).await?;
    if is_hidden.is_some() {
        return Ok(FirstSteps {
            is_hidden: true,
            ..FirstSteps::default()
        });
    }
    let deposit = any(b, sql!("SELECT 1 FROM orders WHERE status IN ('C', 'D') LIMIT 1")).await?;
    let ready = deposit || any(b, sql!("SELECT 1 FROM orders WHERE status = 'B' LIMIT 1")).await?;
    Ok(FirstSteps {
        business: any(b, sql!("SELECT 1 FROM businesses LIMIT 1")).await?,
        kiosk: any(b, sql!("SELECT 1 FROM kiosks LIMIT 1")).await?,
        enrolled: any(b, sql!("SELECT 1 FROM kiosks WHERE enrolled_at IS NOT NULL LIMIT 1")).await?,
        staff: any(b, sql!("SELECT 1 FROM people WHERE role = 'staff' LIMIT 1")).await?,
        business_user: any(b, sql!("SELECT 1 FROM people WHERE role = 'business' LIMIT 1")).await?,
        order: ready || any(b, sql!("SELECT 1 FROM orders LIMIT 1")).await?,
        ready,
        deposit,
        is_hidden: false,
    })
}

async fn any(b: &Backend, asked: Statement<'_>) -> Result<bool> {
    let row: Option<i64> = b.db().optional(asked).await?;
    Ok(row.is_some())
}

/// Operators: hides the first steps from all operators.
#[crate::boxed]
pub async fn hide_first_steps(b: &Backend, who: &Person) -> Result<()> {
    require(who, &[Role::Operator])?;
    let hidden = facts::write_if_absent(HIDDEN, who.phone.as_str());
    b.db().execute(hidden).await?;
    Ok(())
}

/// Operators: what happened between two moments, by quarters of an hour; not what only came with a file.
#[crate::boxed]
pub async fn quarters(b: &Backend, who: &Person, from: Millis, until: Millis) -> Result<Vec<Quarter>> {
    require(who, &[Role::Operator])?;
    row! {
        struct Row {
            quarter: i64,
            what: String,
            number: i64,
        }
    }
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT at / 900000 AS quarter, what, count(*) AS number FROM evidence
             WHERE what <> 'received' AND what <> 'ready' AND id >= $1 AND id < $2 GROUP BY at / 900000, what",
            history::from(from),
            history::from(until)
        ))
        .await?;
    let quarters = rows.into_iter().filter_map(|row| {
        Some(Quarter {
            number: row.quarter,
            what: readable::<Happening>(row.what)?,
            count: u32::try_from(row.number).unwrap_or(u32::MAX),
        })
    });
    Ok(quarters.collect())
}

/// Operators: what happened last to any order, the newest first; not what only came with a file.
#[crate::boxed]
pub async fn latest(b: &Backend, who: &Person, limit: u32) -> Result<Vec<Evidence>> {
    require(who, &[Role::Operator])?;
    history::latest(b, limit).await
}

/// The number of newest events of each kiosk that are looked at.
const LOOKED_AT: i64 = 200;

/// Operators: what doors of kiosks did lately that somebody has to look into, the newest first.
#[crate::boxed]
pub async fn door_alarms(b: &Backend, who: &Person, limit: u32) -> Result<Vec<KioskAlarm>> {
    require(who, &[Role::Operator])?;
    row! {
        struct Row {
            yid: i64,
            label: Option<String>,
            kind: String,
            at: i64,
        }
    }
    let since = b.now().plus(-KioskAlarm::NEWER_THAN_MS);
    let [forced, left_open, not_opened, unsure] = KioskAlarm::KINDS;
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT e.yid, c.label, e.kind, e.at FROM kiosks k
             JOIN events e ON e.yid = k.yid AND e.seq > k.acked_seq - $1
             LEFT JOIN compartments c ON c.yid = e.yid AND c.jumper = e.jumper AND c.serial = e.serial
             WHERE k.retired_at IS NULL AND e.received_at > $2 AND e.kind IN ($3, $4, $5, $6)
             ORDER BY e.received_at DESC, e.yid, e.seq DESC LIMIT $7",
            LOOKED_AT,
            since.0,
            word(forced)?,
            word(left_open)?,
            word(not_opened)?,
            word(unsure)?,
            i64::from(limit)
        ))
        .await?;
    let alarms = rows.into_iter().filter_map(|row| {
        Some(KioskAlarm {
            place: (Yid(row.yid), row.label.unwrap_or_default()),
            what: readable(row.kind)?,
            at: Millis(row.at),
        })
    });
    Ok(alarms.collect())
}
