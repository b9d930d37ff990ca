//! Guards as one row of one text, as orders are packed: the driver's cost for each column of each row is many times that of finding them.

use super::{GuardInfo, default_passwords};
use crate::db::{fault, parameters};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};

/// Between fields and between rows. Nothing that is stored of a guard holds these: its texts are refused with control characters other
/// than line breaks.
const FIELD: &str = "\u{1f}";
const ROW: &str = "\u{1e}";

/// The guards of an owner, by bar code.
pub(super) async fn ids(b: &Backend, owner: &Phone) -> Result<Vec<GuardId>> {
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

fn guard_id(text: &str) -> Result<GuardId> {
    GuardId::parse(text).map_err(|_| fault("a guard without a proper bar code"))
}

/// Of these guards those that somebody (or `owner`) has.
pub(super) async fn infos(
    b: &Backend,
    ids: &[GuardId],
    owner: Option<&Phone>,
    with_passwords: bool,
) -> Result<Vec<GuardInfo>> {
    let Some(last) = ids.last() else {
        return Ok(Vec::new());
    };
    // Filled up with the last one, so that there are few different statements, each prepared once.
    let places = ids.len().next_power_of_two();
    let sql = packing(places);
    let mut query = sqlx::query_as::<_, (Option<String>,)>(&sql);
    for place in 0..places {
        query = query.bind(ids.get(place).unwrap_or(last).as_str());
    }
    let (text,) = query
        .bind(owner.map(Phone::as_str))
        .bind(FIELD)
        .bind(ROW)
        .fetch_one(b.db().read())
        .await
        .map_err(fault)?;
    let now = b.now();
    let text = text.unwrap_or_default();
    text.split(ROW)
        .filter(|line| !line.is_empty())
        .map(|line| info(b, line, with_passwords, now))
        .collect()
}

fn packing(places: usize) -> String {
    let (owner, field, row) = (places + 1, places + 2, places + 3);
    let or_empty = |column: &str| format!("COALESCE({column}, '')");
    let number = |column: &str| format!("COALESCE(CAST({column} AS TEXT), '')");
    let fields = [
        "g.guard_id".to_owned(),
        "g.owner".to_owned(),
        "g.name".to_owned(),
        "g.location".to_owned(),
        "g.comment".to_owned(),
        "g.firmware".to_owned(),
        or_empty("g.default_password1"),
        or_empty("g.default_password2"),
        number("g.version"),
        number("g.owned_since"),
        number("p.session"),
        number("p.connected"),
        number("p.seen_at"),
        number("p.status"),
        number("p.clock_uncertainty_ms"),
        number("p.acked_version"),
        number("p.acked_at"),
    ];
    let line = fields.join(&format!(" || ${field} || "));
    format!(
        "SELECT string_agg({line}, ${row}) FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id
         WHERE g.guard_id IN ({}) AND g.owner = COALESCE(${owner}, g.owner)",
        parameters(1, places)
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
