//! Guards as they are read.

use super::{GuardInfo, default_passwords};
use crate::core::db::{Statement, fault, is_damage, parameters, row, sql};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use std::collections::HashMap;

/// Guards of one statement.
const AT_ONCE: usize = 256;
const OWNED: &str = "g.guard_id = $1 AND g.owner IS NOT NULL";
/// Columns that hold sealed texts.
const SEALED: [&str; 2] = ["g.default_password1", "g.default_password2"];

row! {
    /// A guard and what it said last.
    struct GuardRow {
        guard_id: String,
        owner: String,
        name: String,
        location: String,
        comment: String,
        firmware: String,
        default_password1: Option<String>,
        default_password2: Option<String>,
        version: i64,
        owned_since: Option<i64>,
        session: Option<i64>,
        connected: Option<i64>,
        seen_at: Option<i64>,
        status: Option<i64>,
        clock_uncertainty_ms: Option<i64>,
        acked_version: Option<i64>,
        acked_at: Option<i64>,
    }
}

/// The guards of an owner, by bar code.
async fn own(b: &Backend, owner: &Phone) -> Result<Vec<GuardId>> {
    let ids: Vec<String> = b
        .db()
        .all(sql!(
            "SELECT guard_id FROM owner_guards WHERE owner = $1 ORDER BY guard_id",
            owner.as_str(),
        ))
        .await?;
    Ok(ids.iter().filter_map(|id| guard_id(b, id)).collect())
}

/// The guards of an owner, each with the node in its row.
pub(super) async fn nodes(b: &Backend, owner: &Phone) -> Result<Vec<(GuardId, Option<String>)>> {
    row! {
        struct Assigned {
            guard_id: String,
            node: Option<String>,
        }
    }
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, values) = among(owner, ids);
        let assigned = sql!(
            "SELECT g.guard_id, g.node FROM guards g WHERE {condition}"
            { condition: one_of([OF_AN_OWNER], condition) }
        );
        let found: Vec<Assigned> = b.db().all(assigned.bind_all(values)).await?;
        let known = found.into_iter();
        all.extend(known.filter_map(|found| Some((guard_id(b, &found.guard_id)?, found.node))));
    }
    Ok(all)
}

/// What [`among`] makes of one guard, for tests.
#[cfg(test)]
const OF_AN_OWNER: &str = "g.owner = $1 AND g.guard_id IN ($2)";

/// The condition that a guard is one of these and its owner's is `$1`, and its values: filled up with the last one, so that there are few
/// different statements, each prepared once.
fn among<'q>(owner: &'q Phone, ids: &'q [GuardId]) -> (String, Vec<&'q str>) {
    let places = ids.len().next_power_of_two();
    let condition = format!("g.owner = $1 AND g.guard_id IN ({})", parameters(2, places));
    let guards = (0..places).filter_map(|place| ids.get(place).or(ids.last()).map(GuardId::as_str));
    (condition, std::iter::once(owner.as_str()).chain(guards).collect())
}

/// `None`: it cannot be read.
fn guard_id(b: &Backend, text: &str) -> Option<GuardId> {
    let id = GuardId::parse(text).ok();
    if id.is_none() {
        b.damage().note("guards", text);
    }
    id
}

/// Everything an owner has. Asked twice, because what an owner has lies with the owner and what a guard is with the guard.
pub(super) async fn of_owner(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, values) = among(owner, ids);
        let statement = select(&condition, &SEALED.map(str::to_owned)).bind_all(values);
        let waiting = waiting(b, ids);
        match b.db().read().try_all(statement).await {
            Err(error) if is_damage(&error) => {
                for id in ids {
                    let found = of_damaged(b, id, with_passwords).await?;
                    all.extend(found.filter(|guard| guard.owner == *owner));
                }
            }
            rows => all.extend(readable(b, rows.map_err(fault)?, &waiting, with_passwords)),
        }
    }
    Ok(all)
}

/// One guard, if somebody has it.
pub(super) async fn of_id(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(OWNED, &SEALED.map(str::to_owned)).bind(id.as_str());
    let waiting = waiting(b, std::slice::from_ref(id));
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => of_damaged(b, id, with_passwords).await,
        rows => Ok(readable(b, rows.map_err(fault)?, &waiting, with_passwords).pop()),
    }
}

/// One guard of which something is so damaged that no row comes: with what can be read of it.
async fn of_damaged(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(OWNED, &SEALED.map(|column| b.db().sound(column))).bind(id.as_str());
    let waiting = waiting(b, std::slice::from_ref(id));
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => {
            b.damage().note("guards", id);
            Ok(None)
        }
        rows => Ok(readable(b, rows.map_err(fault)?, &waiting, with_passwords).pop()),
    }
}

/// What these said and may not be written yet. Asked before the database is: what is written in between is in neither otherwise.
fn waiting(b: &Backend, ids: &[GuardId]) -> HashMap<GuardId, Said> {
    let said = |id: &GuardId| Some((id.clone(), b.guards().presence.unwritten(id)?));
    ids.iter().filter_map(said).collect()
}

/// The guards that can be read.
fn readable(
    b: &Backend,
    rows: Vec<GuardRow>,
    waiting: &HashMap<GuardId, Said>,
    with_passwords: bool,
) -> Vec<GuardInfo> {
    let now = b.now();
    let all = rows.into_iter().filter_map(|row| {
        let name = row.guard_id.clone();
        let found = info(b, row, waiting, with_passwords, now);
        if found.is_none() {
            b.damage().note("guards", name);
        }
        found
    });
    all.collect()
}

/// The statement that reads what `condition` finds, sealed texts being these expressions.
fn select(condition: &str, sealed: &[String; 2]) -> Statement<'static> {
    let [first, second] = sealed;
    sql!(
        "SELECT g.guard_id, g.owner, g.name, g.location, g.comment, g.firmware, {first} AS default_password1,
             {second} AS default_password2, g.version, g.owned_since, p.session, p.connected, p.seen_at, p.status,
             p.clock_uncertainty_ms, p.acked_version, p.acked_at
         FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE {condition}"
        {
            first: one_of([SEALED[0]], first),
            second: one_of([SEALED[1]], second),
            condition: one_of([OWNED, OF_AN_OWNER], condition),
        }
    )
}

/// `None`: it cannot be read.
fn info(
    b: &Backend,
    row: GuardRow,
    waiting: &HashMap<GuardId, Said>,
    with_passwords: bool,
    now: Millis,
) -> Option<GuardInfo> {
    let id = GuardId::parse(&row.guard_id).ok()?;
    let (status, fault) = status_of(row.status.unwrap_or_default());
    let written = row.session.map(|session| Said {
        session,
        connected: row.connected == Some(1),
        seen_at: Millis(row.seen_at.unwrap_or_default()),
        status,
        fault,
        clock_uncertainty_ms: row.clock_uncertainty_ms,
        acked: row.acked_version.unwrap_or_default(),
        acked_at: row.acked_at.map(Millis),
    });
    let before = waiting.get(&id).copied();
    let before = before.filter(|said| written.is_none_or(|written| said.seen_at >= written.seen_at));
    let said = b.guards().presence.unwritten(&id).or(before).or(written);
    let default_passwords = if with_passwords {
        let sealed = [&row.default_password1, &row.default_password2];
        default_passwords(
            b,
            &id,
            sealed.map(|text| text.as_deref().filter(|text| !text.is_empty())),
        )
    } else {
        [None, None]
    };
    Some(GuardInfo {
        owner: Phone(row.owner),
        name: GuardName::parse(&row.name).ok()?,
        location: GuardLocation::parse(&row.location).ok()?,
        comment: GuardComment::parse(&row.comment).ok()?,
        status: said.map_or(GuardStatus::NotConnected, |said| said.guard_status(now)),
        default_passwords,
        firmware: row.firmware,
        owned_since: Millis(row.owned_since.unwrap_or_default()),
        seen_at: said.map(|said| said.seen_at),
        desired: row.version,
        acked: said.map_or(0, |said| said.acked),
        acked_at: said.and_then(|said| said.acked_at),
        clock_uncertainty_ms: said.and_then(|said| said.clock_uncertainty_ms),
        id,
    })
}
