//! Guards as one row of one text, as orders are packed: the driver's cost for each column of each row is many times that of finding them.

use super::{GuardInfo, default_passwords};
use crate::db::{fault, parameters};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::QueryAs;

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
    text.split(ROW).filter(|id| !id.is_empty()).map(guard_id).collect()
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
        let text = packed(b, bind_ids(query, ids, places)).await?;
        for (id, node) in text.split(ROW).filter_map(|line| line.split_once(FIELD)) {
            all.push((guard_id(id)?, some(node).map(str::to_owned)));
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

fn guard_id(text: &str) -> Result<GuardId> {
    GuardId::parse(text).map_err(|_| fault("a guard without a proper bar code"))
}

/// Everything an owner has. Asked twice, because what an owner has lies with the owner and what a guard is with the guard.
pub(super) async fn of_owner(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, places) = among(ids);
        let sql = packing(&condition, places + 1);
        let query = sqlx::query_as(&sql).bind(owner.as_str());
        all.extend(fetch(b, bind_ids(query, ids, places), with_passwords).await?);
    }
    Ok(all)
}

/// One guard, if somebody has it.
pub(super) async fn of_id(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let sql = packing("g.guard_id = $1 AND g.owner IS NOT NULL", 1);
    let query = sqlx::query_as(&sql).bind(id.as_str());
    Ok(fetch(b, query, with_passwords).await?.pop())
}

type Packed<'q> = QueryAs<'q, Any, (Option<String>,), AnyArguments<'q>>;

/// What a statement packed, whose last two parameters are the separators.
async fn packed(b: &Backend, query: Packed<'_>) -> Result<String> {
    let query = query.bind(FIELD).bind(ROW);
    let (text,) = query.fetch_one(b.db().read()).await.map_err(fault)?;
    Ok(text.unwrap_or_default())
}

async fn fetch(b: &Backend, query: Packed<'_>, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let text = packed(b, query).await?;
    let now = b.now();
    text.split(ROW)
        .filter(|line| !line.is_empty())
        .map(|line| info(b, line, with_passwords, now))
        .collect()
}

/// The statement that packs what `condition` with its parameters finds.
fn packing(condition: &str, parameters: usize) -> String {
    let (field, row) = (parameters + 1, parameters + 2);
    // What is NULL becomes nothing between two separators.
    let fields = [
        "g.guard_id",
        "g.owner",
        "g.name",
        "g.location",
        "g.comment",
        "g.firmware",
        "g.default_password1",
        "g.default_password2",
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

fn info(b: &Backend, line: &str, with_passwords: bool, now: Millis) -> Result<GuardInfo> {
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
        return Err(fault("a guard with a control character in it"));
    };
    let id = guard_id(id)?;
    let number = |text: &str| match text {
        "" => Ok(None),
        digits => digits.parse::<i64>().map(Some).map_err(fault),
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
    let said = b.guards().presence.unwritten(&id).or(written);
    let default_passwords = if with_passwords {
        default_passwords(b, &id, [some(first), some(second)])?
    } else {
        [None, None]
    };
    let wrong = |_| fault("a guard whose texts are not as they were checked");
    Ok(GuardInfo {
        owner: Phone(owner.to_owned()),
        name: GuardName::parse(name).map_err(wrong)?,
        location: GuardLocation::parse(location).map_err(wrong)?,
        comment: GuardComment::parse(comment).map_err(wrong)?,
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
