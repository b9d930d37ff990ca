//! What a sync writes, many rows at once.

use super::plan::Content;
use super::{Change, Report, WRITTEN_AT_ONCE};
use crate::core::db::{Tx, sql};
use crate::locker::kiosks::{CompartmentState, kind_word, pwd_context};
use crate::{Backend, Result};
use domain::ids::Yid;
use domain::locker::compartments::CompartmentStatus;
use domain::token::CompartmentRow;

/// C becomes D for those of these that are stored in this kiosk; answers which were.
pub(super) async fn complete_orders(b: &Backend, tx: &mut Tx, yid: Yid, keys: &[&str]) -> Result<Vec<String>> {
    let mut completed = Vec::with_capacity(keys.len());
    for keys in keys.chunks(WRITTEN_AT_ONCE) {
        let mut query = sql!(
            "UPDATE orders SET status = 'D', done_at = $1 WHERE status = 'C' AND yid = $2 AND things_sq IN ({keys}) RETURNING things_sq"
            { keys: list(3, keys.len()) },
            b.now().0,
            yid.0
        )
        .prepared_if(keys.len() == WRITTEN_AT_ONCE);
        for key in keys {
            query = query.bind(*key);
        }
        let rows = tx.all::<String>(query).await?;
        completed.extend(rows);
    }
    Ok(completed)
}

/// Writes what changed, and nothing else, many rows at once.
pub(super) async fn write_compartments(
    b: &Backend,
    tx: &mut Tx,
    report: &Report,
    changes: &[Change<'_>],
) -> Result<()> {
    const COLUMNS: &str =
        "yid, jumper, serial, label, size, status, kind, things_sq, save_date, pwd, state_at, heard_at, wanted";
    const WIDTH: usize = 13;
    let now = b.now().0;
    for changes in changes.chunks(WRITTEN_AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO compartments ({columns}) VALUES {rows}
             ON CONFLICT (yid, jumper, serial) DO UPDATE SET status = excluded.status, kind = excluded.kind,
                 things_sq = excluded.things_sq, save_date = excluded.save_date, pwd = excluded.pwd,
                 state_at = excluded.state_at, heard_at = excluded.heard_at, wanted = excluded.wanted, unknown_since = NULL"
            { columns: text(COLUMNS), rows: rows(changes.len(), WIDTH) }
        )
        .prepared_if(matches!(changes.len(), 1 | WRITTEN_AT_ONCE));
        for Change { state, outcome, wanted } in changes {
            let Content {
                kind,
                things_sq,
                save_date,
                pwd,
            } = &outcome.content;
            let context = pwd_context(report.yid, state.port());
            let seal = |pwd: &String| b.keys().seal(b.rng(), &context, pwd.as_bytes());
            query = query
                .bind(report.yid.0)
                .bind(state.jumper)
                .bind(state.serial)
                .bind(&state.label)
                .bind(state.size)
                .bind(outcome.status.letter())
                .bind(kind.map(kind_word))
                .bind(things_sq.as_deref())
                .bind(save_date.as_deref())
                .bind(pwd.as_ref().map(seal).transpose()?)
                .bind(report.date.0)
                .bind(now)
                .bind(wanted.map(CompartmentStatus::letter));
        }
        tx.execute(query).await?;
    }
    Ok(())
}

/// Notes that this kiosk was heard, as of when, and which compartments with it.
pub(super) async fn note_heard(
    b: &Backend,
    tx: &mut Tx,
    report: &Report,
    rows: &[CompartmentRow],
    states: &[CompartmentState],
) -> Result<()> {
    tx.execute(sql!(
        "UPDATE kiosks SET applied_date = $2 WHERE yid = $1",
        report.yid.0,
        report.date.0
    ))
    .await?;
    let told = |state: &CompartmentState| rows.iter().any(|row| row.port() == state.port());
    if states.iter().all(told) {
        let (yid, now) = (report.yid.0, b.now().0);
        tx.execute(sql!("UPDATE compartments SET heard_at = $2 WHERE yid = $1", yid, now))
            .await?;
        return Ok(());
    }
    for row in rows {
        tx.execute(sql!(
            "UPDATE compartments SET heard_at = $4 WHERE yid = $1 AND jumper = $2 AND serial = $3",
            report.yid.0,
            row.jumper,
            row.serial,
            b.now().0
        ))
        .await?;
    }
    Ok(())
}
