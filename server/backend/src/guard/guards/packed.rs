//! Guards as one row of one text, as orders are packed: the driver's cost for each column of each row is many times that of finding them.

use super::{GuardInfo, default_passwords};
use crate::db::{fault, is_damage, parameters};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::QueryAs;
use std::collections::HashMap;

/// Between fields and between rows. Nothing that is stored of a guard holds these: its texts are refused with control characters other
/// than line breaks.
const FIELD: &str = "\u{1f}";
const ROW: &str = "\u{1e}";
/// Guards of one statement.
const AT_ONCE: usize = 256;

/// The guards of an owner, by bar code.
async fn own(b: &Backend, owner: &Phone) -> Result<Vec<GuardId>> {
    let (text,): (Option<String>,) = sqlx::query_as(
        "SELECT string_agg(guard_id, $2) FROM (SELECT guard_id FROM owner_guards WHERE owner = $1 ORDER BY guard_id) AS mine",
    )
    .bind(owner.as_str())
    .bind(ROW)
    .fetch_one(b.db().read())
    .await
    .map_err(fault)?;
    let text = text.unwrap_or_default();
    let ids = text.split(ROW).filter(|id| !id.is_empty());
    Ok(ids.filter_map(|id| guard_id(b, id)).collect())
}

/// The guards of an owner, each with the node in its row.
pub(super) async fn nodes(b: &Backend, owner: &Phone) -> Result<Vec<(GuardId, Option<String>)>> {
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, places) = among(ids);
        let sql = format!(
            "SELECT string_agg(concat(g.guard_id, ${}, g.node), ${}) FROM guards g WHERE {condition}",
            places + 2,
            places + 3
        );
        let query = sqlx::query_as(&sql).bind(owner.as_str());
        let text = packed(b, bind_ids(query, ids, places)).await.map_err(fault)?;
        for (id, node) in text.split(ROW).filter_map(|line| line.split_once(FIELD)) {
            all.extend(guard_id(b, id).map(|id| (id, some(node).map(str::to_owned))));
        }
    }
    Ok(all)
}

/// The condition that a guard is one of these and its owner's is `$1`, and how many parameters stand for the guards: filled up with the
/// last one, so that there are few different statements, each prepared once.
fn among(ids: &[GuardId]) -> (String, usize) {
    let places = ids.len().next_power_of_two();
    let condition = format!("g.owner = $1 AND g.guard_id IN ({})", parameters(2, places));
    (condition, places)
}

fn bind_ids<'q>(mut query: Packed<'q>, ids: &'q [GuardId], places: usize) -> Packed<'q> {
    for place in 0..places {
        query = query.bind(ids.get(place).or(ids.last()).map(GuardId::as_str));
    }
    query
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
        let (condition, places) = among(ids);
        let sql = packing(&condition, places + 1, &SEALED.map(str::to_owned));
        let query = sqlx::query_as(&sql).bind(owner.as_str());
        let waiting = waiting(b, ids);
        match packed(b, bind_ids(query, ids, places)).await {
            Err(error) if is_damage(&error) => {
                for id in ids {
                    let found = of_damaged(b, id, with_passwords).await?;
                    all.extend(found.filter(|guard| guard.owner == *owner));
                }
            }
            text => all.extend(unpacked(b, &text.map_err(fault)?, &waiting, with_passwords)),
        }
    }
    Ok(all)
}

/// One guard, if somebody has it.
pub(super) async fn of_id(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let sql = packing(OWNED, 1, &SEALED.map(str::to_owned));
    let query = sqlx::query_as(&sql).bind(id.as_str());
    let waiting = waiting(b, std::slice::from_ref(id));
    match packed(b, query).await {
        Err(error) if is_damage(&error) => of_damaged(b, id, with_passwords).await,
        text => Ok(unpacked(b, &text.map_err(fault)?, &waiting, with_passwords).pop()),
    }
}

/// One guard of which something is so damaged that no row comes: with what can be read of it.
async fn of_damaged(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let sql = packing(OWNED, 1, &SEALED.map(|column| b.db().sound(column)));
    let query = sqlx::query_as(&sql).bind(id.as_str());
    let waiting = waiting(b, std::slice::from_ref(id));
    match packed(b, query).await {
        Err(error) if is_damage(&error) => {
            b.damage().note("guards", id);
            Ok(None)
        }
        text => Ok(unpacked(b, &text.map_err(fault)?, &waiting, with_passwords).pop()),
    }
}

const OWNED: &str = "g.guard_id = $1 AND g.owner IS NOT NULL";
/// Columns that hold sealed texts.
const SEALED: [&str; 2] = ["g.default_password1", "g.default_password2"];

/// What these said and may not be written yet. Asked before the database is: what is written in between is in neither otherwise.
fn waiting(b: &Backend, ids: &[GuardId]) -> HashMap<GuardId, Said> {
    let said = |id: &GuardId| Some((id.clone(), b.guards().presence.unwritten(id)?));
    ids.iter().filter_map(said).collect()
}

type Packed<'q> = QueryAs<'q, Any, (Option<String>,), AnyArguments<'q>>;

/// What a statement packed, whose last two parameters are the separators.
async fn packed(b: &Backend, query: Packed<'_>) -> sqlx::Result<String> {
    let query = query.bind(FIELD).bind(ROW);
    let (text,) = query.fetch_one(b.db().read()).await?;
    Ok(text.unwrap_or_default())
}

/// The guards that can be read.
fn unpacked(b: &Backend, text: &str, waiting: &HashMap<GuardId, Said>, with_passwords: bool) -> Vec<GuardInfo> {
    let now = b.now();
    let lines = text.split(ROW).filter(|line| !line.is_empty());
    let all = lines.filter_map(|line| {
        let found = info(b, line, waiting, with_passwords, now);
        if found.is_none() {
            b.damage().note("guards", line.split(FIELD).next().unwrap_or_default());
        }
        found
    });
    all.collect()
}

/// The statement that packs what `condition` with its parameters finds, sealed texts being these expressions.
fn packing(condition: &str, parameters: usize, sealed: &[String; 2]) -> String {
    let (field, row) = (parameters + 1, parameters + 2);
    // What is NULL becomes nothing between two separators.
    let fields = [
        "g.guard_id",
        "g.owner",
        "g.name",
        "g.location",
        "g.comment",
        "g.firmware",
        &sealed[0],
        &sealed[1],
        "g.version",
        "g.owned_since",
        "p.session",
        "p.connected",
        "p.seen_at",
        "p.status",
        "p.clock_uncertainty_ms",
        "p.acked_version",
        "p.acked_at",
    ];
    format!(
        "SELECT string_agg(concat({}), ${row})
         FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE {condition}",
        fields.join(&format!(", ${field}, "))
    )
}

/// `None`: it cannot be read.
fn info(
    b: &Backend,
    line: &str,
    waiting: &HashMap<GuardId, Said>,
    with_passwords: bool,
    now: Millis,
) -> Option<GuardInfo> {
    let fields: Vec<&str> = line.split(FIELD).collect();
    let &[
        id,
        owner,
        name,
        location,
        comment,
        firmware,
        first,
        second,
        version,
        owned_since,
        session,
        connected,
        seen_at,
        status,
        uncertainty,
        acked,
        acked_at,
    ] = fields.as_slice()
    else {
        return None;
    };
    let id = GuardId::parse(id).ok()?;
    let number = |text: &str| match text {
        "" => Some(None),
        digits => digits.parse::<i64>().map(Some).ok(),
    };
    let written = match number(session)? {
        None => None,
        Some(session) => Some(Said {
            session,
            connected: number(connected)? == Some(1),
            seen_at: Millis(number(seen_at)?.unwrap_or_default()),
            status: status_of(number(status)?.unwrap_or_default()),
            clock_uncertainty_ms: number(uncertainty)?,
            acked: number(acked)?.unwrap_or_default(),
            acked_at: number(acked_at)?.map(Millis),
        }),
    };
    let before = waiting.get(&id).copied();
    let before = before.filter(|said| written.is_none_or(|written| said.seen_at >= written.seen_at));
    let said = b.guards().presence.unwritten(&id).or(before).or(written);
    let default_passwords = if with_passwords {
        default_passwords(b, &id, [some(first), some(second)])
    } else {
        [None, None]
    };
    Some(GuardInfo {
        owner: Phone(owner.to_owned()),
        name: GuardName::parse(name).ok()?,
        location: GuardLocation::parse(location).ok()?,
        comment: GuardComment::parse(comment).ok()?,
        status: said.map_or(GuardStatus::NotConnected, |said| said.guard_status(now)),
        default_passwords,
        firmware: firmware.to_owned(),
        owned_since: Millis(number(owned_since)?.unwrap_or_default()),
        seen_at: said.map(|said| said.seen_at),
        desired: number(version)?.unwrap_or_default(),
        acked: said.map_or(0, |said| said.acked),
        acked_at: said.and_then(|said| said.acked_at),
        clock_uncertainty_ms: said.and_then(|said| said.clock_uncertainty_ms),
        id,
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
