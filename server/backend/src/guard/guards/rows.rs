//! Guards as they are read.

use super::{GuardInfo, default_passwords};
use crate::core::db::{Engine, Statement, fault, is_damage, parameters, row, sql};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use std::collections::HashMap;

/// Guards of one statement.
const AT_ONCE: usize = 256;
const GUARDS: &str = "guards g";
const OWNED: &str = "g.guard_id = $1 AND g.owner IS NOT NULL";
const OWN_GUARDS: &str = "owner_guards o JOIN guards g ON g.guard_id = o.guard_id AND g.owner = o.owner";
const OF_OWNER: &str = "o.owner = $1";
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

/// Everything an owner has.
pub(super) async fn of_owner(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    // In a file everything lies together.
    if b.db().engine() == Engine::Sqlite
        && let Some(all) = of_owner_at_once(b, owner, with_passwords).await?
    {
        return Ok(all);
    }
    of_owner_apart(b, owner, with_passwords).await
}

/// In one statement. `None`: something in it is damaged, or what guards said was written while it ran, and may be neither in the rows nor waiting any more.
async fn of_owner_at_once(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Option<Vec<GuardInfo>>> {
    let presence = &b.guards().presence;
    let written = presence.times_written();
    let statement = select(OWN_GUARDS, OF_OWNER, &SEALED.map(str::to_owned)).bind(owner.as_str());
    let rows = match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => return Ok(None),
        rows => rows.map_err(fault)?,
    };
    let reading = Reading {
        b,
        with_passwords,
        before: HashMap::new(),
    };
    let all = reading.readable(rows);
    Ok((presence.times_written() == written).then_some(all))
}

/// In two statements, because what an owner has lies with the owner and what a guard is with the guard.
async fn of_owner_apart(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, values) = among(owner, ids);
        let statement = select(GUARDS, &condition, &SEALED.map(str::to_owned)).bind_all(values);
        let reading = Reading::of(b, ids, with_passwords);
        match b.db().read().try_all(statement).await {
            Err(error) if is_damage(&error) => {
                for id in ids {
                    let found = of_damaged(b, id, with_passwords).await?;
                    all.extend(found.filter(|guard| guard.owner == *owner));
                }
            }
            rows => all.extend(reading.readable(rows.map_err(fault)?)),
        }
    }
    Ok(all)
}

/// One guard, if somebody has it.
pub(super) async fn of_id(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(GUARDS, OWNED, &SEALED.map(str::to_owned)).bind(id.as_str());
    let reading = Reading::of(b, std::slice::from_ref(id), with_passwords);
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => of_damaged(b, id, with_passwords).await,
        rows => Ok(reading.readable(rows.map_err(fault)?).pop()),
    }
}

/// One guard of which something is so damaged that no row comes: with what can be read of it.
async fn of_damaged(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(GUARDS, OWNED, &SEALED.map(|column| b.db().sound(column))).bind(id.as_str());
    let reading = Reading::of(b, std::slice::from_ref(id), with_passwords);
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => {
            b.damage().note("guards", id);
            Ok(None)
        }
        rows => Ok(reading.readable(rows.map_err(fault)?).pop()),
    }
}

/// Guards while they are read.
struct Reading<'a> {
    b: &'a Backend,
    with_passwords: bool,
    /// What they had said before the database was asked and may not have been written by then.
    before: HashMap<GuardId, Said>,
}

impl<'a> Reading<'a> {
    /// To be made before the database is asked: what is written in between is in neither otherwise.
    fn of(b: &'a Backend, ids: &[GuardId], with_passwords: bool) -> Self {
        Self {
            b,
            with_passwords,
            before: b.guards().presence.unwritten(ids),
        }
    }

    /// The guards that can be read.
    fn readable(&self, rows: Vec<GuardRow>) -> Vec<GuardInfo> {
        let (now, damage) = (self.b.now(), self.b.damage());
        let rows = rows.into_iter().filter_map(|row| match GuardId::parse(&row.guard_id) {
            Ok(id) => Some((id, row)),
            Err(_) => {
                damage.note("guards", row.guard_id);
                None
            }
        });
        let rows: Vec<(GuardId, GuardRow)> = rows.collect();
        let since = self.b.guards().presence.unwritten(rows.iter().map(|(id, _)| id));
        let all = rows.into_iter().filter_map(|(id, row)| {
            let since = since.get(&id);
            let found = self.info(id.clone(), row, since, now);
            if found.is_none() {
                damage.note("guards", id);
            }
            found
        });
        all.collect()
    }

    /// A guard that was read, and what it has said `since`. `None`: it cannot be read.
    fn info(&self, id: GuardId, row: GuardRow, since: Option<&Said>, now: Millis) -> Option<GuardInfo> {
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
        let before = self.before.get(&id);
        let before = before.filter(|said| written.is_none_or(|written| said.seen_at >= written.seen_at));
        let said = since.or(before).copied().or(written);
        let default_passwords = if self.with_passwords {
            let sealed = [&row.default_password1, &row.default_password2];
            default_passwords(
                self.b,
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
}

/// The statement that reads what `condition` finds in `tables`, sealed texts being these expressions.
fn select(tables: &str, condition: &str, sealed: &[String; 2]) -> Statement<'static> {
    let [first, second] = sealed;
    sql!(
        "SELECT g.guard_id, g.owner, g.name, g.location, g.comment, g.firmware, {first} AS default_password1,
             {second} AS default_password2, g.version, g.owned_since, p.session, p.connected, p.seen_at, p.status,
             p.clock_uncertainty_ms, p.acked_version, p.acked_at
         FROM {tables} LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE {condition}"
        {
            first: one_of([SEALED[0]], first),
            second: one_of([SEALED[1]], second),
            tables: one_of([GUARDS, GUARDS, OWN_GUARDS], tables),
            condition: one_of([OWNED, OF_AN_OWNER, OF_OWNER], condition),
        }
    )
}
