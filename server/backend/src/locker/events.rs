//! Events of kiosks, with numbers that have no gap. What a kiosk sends is stored as it is; what of it is shown as the history of an order is
//! decided in [`story`].

mod story;

use crate::core::db::{Tx, readable, row, sql, word};
use crate::core::paging::{page, page_limit};
use crate::identity::require;
use crate::locker::{history, kiosks};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::orders::Page;
use domain::people::{Person, Role};

/// Taken at once; a kiosk that has more sends the rest after the answer.
const AT_ONCE: usize = 500;
const DETAIL_MAX: usize = 500;
const WIDTH: usize = 10;
const COLUMNS: &str = "yid, seq, at, kind, jumper, serial, things_sq, actor, detail, received_at";

/// Stores what follows without a gap on what is stored; repeats are ignored, and what lies behind a gap is not stored. Answers
/// the number up to which everything is stored.
#[crate::boxed]
pub async fn append(b: &Backend, yid: Yid, mut events: Vec<KioskEvent>) -> Result<i64> {
    if events.iter().any(|event| {
        event
            .detail
            .as_ref()
            .is_some_and(|text| text.chars().count() > DETAIL_MAX)
    }) {
        let max = DETAIL_MAX as u32;
        return Err(Refusal::field("detail", Problem::TooLong { max }));
    }
    events.sort_by_key(|event| event.seq);
    events.dedup_by_key(|event| event.seq);
    let mut tx = b.db().begin().await?;
    row! {
        struct Heard {
            acked_seq: i64,
            enrolled_at: Option<i64>,
            added_at: i64,
        }
    }
    let row: Option<Heard> = tx
        .optional(sql!(
            "UPDATE kiosks SET heard_at = $2 WHERE yid = $1 RETURNING acked_seq, enrolled_at, added_at",
            yid.0,
            b.now().0
        ))
        .await?;
    let Heard {
        acked_seq: before,
        enrolled_at,
        added_at,
    } = row.ok_or(Refusal::Unknown)?;
    let mut acked = before;
    let mut fresh = Vec::new();
    for event in events {
        if event.seq == acked.saturating_add(1) && fresh.len() < AT_ONCE {
            acked = event.seq;
            fresh.push(event);
        }
    }
    store(b, &mut tx, yid, &fresh).await?;
    if let Some(offset) = fresh.iter().rev().find_map(clock_offset) {
        tx.execute(sql!(
            "UPDATE kiosks SET clock_offset_ms = $2 WHERE yid = $1",
            yid.0,
            offset
        ))
        .await?;
    }
    for port in fresh.iter().filter_map(settled) {
        kiosks::looked_into(&mut tx, yid, port).await?;
    }
    let kiosk = story::Teller::new(yid, Millis(enrolled_at.unwrap_or(added_at)), b.now());
    let steps = kiosk.steps(&mut tx, &fresh).await?;
    history::note(b, &mut tx, &steps).await?;
    tx.execute(sql!("UPDATE kiosks SET acked_seq = $2 WHERE yid = $1", yid.0, acked))
        .await?;
    tx.commit().await?;
    Ok(acked)
}

fn clock_offset(event: &KioskEvent) -> Option<i64> {
    let detail = event.detail.as_ref().filter(|_| event.kind == EventKind::ClockSet)?;
    detail.parse().ok()
}

/// The door that staff looked into.
fn settled(event: &KioskEvent) -> Option<Port> {
    event.port.filter(|_| event.kind == EventKind::Settled)
}

async fn store(b: &Backend, tx: &mut Tx, yid: Yid, events: &[KioskEvent]) -> Result<()> {
    for events in events.chunks(50) {
        let mut query = sql!(
            "INSERT INTO events ({columns}) VALUES {rows}"
            { columns: text(COLUMNS), rows: rows(events.len(), WIDTH) }
        )
        .prepared_if(events.len() == 1);
        for event in events {
            query = query
                .bind(yid.0)
                .bind(event.seq)
                .bind(event.at.0)
                .bind(word(event.kind)?)
                .bind(event.port.map(|port| port.jumper))
                .bind(event.port.map(|port| port.serial))
                .bind(event.things_sq.as_ref().map(ThingsSq::as_str))
                .bind(event.actor.as_ref().map(Phone::as_str))
                .bind(event.detail.as_deref())
                .bind(b.now().0);
        }
        tx.execute(query).await?;
    }
    Ok(())
}

row! {
    struct Row {
        seq: i64,
        at: i64,
        kind: String,
        jumper: Option<i64>,
        serial: Option<i64>,
        things_sq: Option<String>,
        actor: Option<String>,
        detail: Option<String>,
    }
}

/// Staff and operators: the events of a kiosk, newest first.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, yid: Yid, cursor: Option<&str>, limit: u32) -> Result<Page<KioskEvent>> {
    require(who, &[Role::Operator, Role::Staff])?;
    let limit = page_limit(limit);
    let before = match cursor {
        None => i64::MAX,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Refusal::malformed("cursor: not one that was given out"))?,
    };
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT seq, at, kind, jumper, serial, things_sq, actor, detail FROM events
         WHERE yid = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
            yid.0,
            before,
            i64::from(limit) + 1
        ))
        .await?;
    // Cut before what cannot be read is left out, so that a page with such a row is not taken for the last one.
    let rows = page(rows, limit, |row: &Row| row.seq.to_string());
    let events = rows.rows.into_iter().filter_map(|row| {
        let seq = row.seq;
        let event = event(row);
        if event.is_none() {
            b.damage().note("events", format_args!("{yid} {seq}"));
        }
        event
    });
    Ok(Page {
        rows: events.collect(),
        next: rows.next,
    })
}

/// `None`: it cannot be read.
fn event(row: Row) -> Option<KioskEvent> {
    Some(KioskEvent {
        seq: row.seq,
        at: Millis(row.at),
        kind: readable(row.kind)?,
        port: row
            .jumper
            .zip(row.serial)
            .map(|(jumper, serial)| Port { jumper, serial }),
        things_sq: row.things_sq.map(ThingsSq),
        actor: row.actor.map(Phone),
        detail: row.detail,
    })
}
