//! Guards as they are read.

use super::{GuardInfo, ListedGuard, default_passwords};
use crate::core::db::{Cells, Engine, Group, Statement, fault, is_damage, parameters, row, sql};
use crate::guard::presence::{Said, status_of};
use crate::{Backend, Result};
use domain::guard::ids::{DoorPassword, GuardComment, GuardId, GuardLocation, GuardName};
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
        firmware: String,
        version: i64,
        clock_uncertainty_ms: Option<i64>,
        acked_version: Option<i64>,
        acked_at: Option<i64>,
        ..told: Told,
    }
}

row! {
    /// A guard as sign 12 tells it.
    struct ListedRow {
        guard_id: String,
        ..told: Told,
    }
}

/// The columns of a guard that sign 12 needs.
struct Told {
    name: String,
    location: String,
    comment: String,
    default_password1: Option<String>,
    default_password2: Option<String>,
    owned_since: Option<i64>,
    session: Option<i64>,
    connected: Option<i64>,
    seen_at: Option<i64>,
    status: Option<i64>,
}

impl Group for Told {
    const COLUMNS: &'static [&'static str] = &[
        "name",
        "location",
        "comment",
        "default_password1",
        "default_password2",
        "owned_since",
        "session",
        "connected",
        "seen_at",
        "status",
    ];

    fn read(cells: &Cells<'_>, first: usize) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            name: cells.get(first)?,
            location: cells.get(first + 1)?,
            comment: cells.get(first + 2)?,
            default_password1: cells.get(first + 3)?,
            default_password2: cells.get(first + 4)?,
            owned_since: cells.get(first + 5)?,
            session: cells.get(first + 6)?,
            connected: cells.get(first + 7)?,
            seen_at: cells.get(first + 8)?,
            status: cells.get(first + 9)?,
        })
    }
}

impl Told {
    /// What it said last, as far as it is in these columns.
    fn said(&self) -> Option<Said> {
        let (status, fault) = status_of(self.status.unwrap_or_default());
        Some(Said {
            session: self.session?,
            connected: self.connected == Some(1),
            seen_at: Millis(self.seen_at.unwrap_or_default()),
            status,
            fault,
            clock_uncertainty_ms: None,
            acked: 0,
            acked_at: None,
        })
    }

    /// The guard, which `said` this last. `None`: it cannot be read.
    fn guard(&self, reading: &Reading<'_>, id: GuardId, said: Option<Said>, now: Millis) -> Option<ListedGuard> {
        let sealed = [&self.default_password1, &self.default_password2];
        Some(ListedGuard {
            name: GuardName::parse(&self.name).ok()?,
            location: GuardLocation::parse(&self.location).ok()?,
            comment: GuardComment::parse(&self.comment).ok()?,
            status: said.map_or(GuardStatus::NotConnected, |said| said.guard_status(now)),
            default_passwords: reading.default_passwords(&id, sealed),
            id,
        })
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

/// Everything an owner has as sign 12 tells it, in the order it was added: in one statement, because in a file everything lies together. `None`: there is more
/// than one place, something is damaged, or what guards said was written while it ran and may be neither in the rows nor waiting any more.
pub(super) async fn listed_at_once(
    b: &Backend,
    owner: &Phone,
    with_passwords: bool,
) -> Result<Option<Vec<ListedGuard>>> {
    if b.db().engine() != Engine::Sqlite {
        return Ok(None);
    }
    let presence = &b.guards().presence;
    let written = presence.times_written();
    let statement = sql!(
        "SELECT g.guard_id, g.name, g.location, g.comment, g.default_password1, g.default_password2, g.owned_since,
             p.session, p.connected, p.seen_at, p.status
         FROM owner_guards o JOIN guards g ON g.guard_id = o.guard_id AND g.owner = o.owner
             LEFT JOIN presence p ON p.guard_id = g.guard_id
         WHERE o.owner = $1",
        owner.as_str(),
    );
    let rows: Vec<ListedRow> = match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => return Ok(None),
        rows => rows.map_err(fault)?,
    };
    let reading = Reading {
        b,
        with_passwords,
        before: HashMap::new(),
    };
    let mut all = reading.readable(rows);
    all.sort_by(|(one, a), (other, b)| (one, &a.id).cmp(&(other, &b.id)));
    let all = all.into_iter().map(|(_, guard)| guard).collect();
    Ok((presence.times_written() == written).then_some(all))
}

/// Everything an owner has. Asked twice, because what an owner has lies with the owner and what a guard is with the guard.
pub(super) async fn of_owner(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let mut all = Vec::new();
    for ids in own(b, owner).await?.chunks(AT_ONCE) {
        let (condition, values) = among(owner, ids);
        let statement = select(&condition, &SEALED.map(str::to_owned)).bind_all(values);
        let reading = Reading::of(b, ids, with_passwords);
        match b.db().read().try_all(statement).await {
            Err(error) if is_damage(&error) => {
                for id in ids {
                    let found = of_damaged(b, id, with_passwords).await?;
                    all.extend(found.filter(|guard| guard.owner == *owner));
                }
            }
            rows => all.extend(reading.readable::<GuardRow>(rows.map_err(fault)?)),
        }
    }
    Ok(all)
}

/// One guard, if somebody has it.
pub(super) async fn of_id(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(OWNED, &SEALED.map(str::to_owned)).bind(id.as_str());
    let reading = Reading::of(b, std::slice::from_ref(id), with_passwords);
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => of_damaged(b, id, with_passwords).await,
        rows => Ok(reading.readable::<GuardRow>(rows.map_err(fault)?).pop()),
    }
}

/// One guard of which something is so damaged that no row comes: with what can be read of it.
async fn of_damaged(b: &Backend, id: &GuardId, with_passwords: bool) -> Result<Option<GuardInfo>> {
    let statement = select(OWNED, &SEALED.map(|column| b.db().sound(column))).bind(id.as_str());
    let reading = Reading::of(b, std::slice::from_ref(id), with_passwords);
    match b.db().read().try_all(statement).await {
        Err(error) if is_damage(&error) => {
            b.damage().note("guards", id);
            Ok(None)
        }
        rows => Ok(reading.readable::<GuardRow>(rows.map_err(fault)?).pop()),
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
    fn readable<R: Readable>(&self, rows: Vec<R>) -> Vec<R::Guard> {
        let (now, damage) = (self.b.now(), self.b.damage());
        let rows = rows.into_iter().filter_map(|row| match GuardId::parse(row.guard_id()) {
            Ok(id) => Some((id, row)),
            Err(_) => {
                damage.note("guards", row.guard_id());
                None
            }
        });
        let rows: Vec<(GuardId, R)> = rows.collect();
        let since = self.b.guards().presence.unwritten(rows.iter().map(|(id, _)| id));
        let all = rows.into_iter().filter_map(|(id, row)| {
            let said = self.newest(&id, row.written(), since.get(&id));
            let found = row.guard(self, id.clone(), said, now);
            if found.is_none() {
                damage.note("guards", id);
            }
            found
        });
        all.collect()
    }

    /// What a guard said last, of what is written and what it said before the database was asked and `since`.
    fn newest(&self, id: &GuardId, written: Option<Said>, since: Option<&Said>) -> Option<Said> {
        let before = self.before.get(id);
        let before = before.filter(|said| written.is_none_or(|written| said.seen_at >= written.seen_at));
        since.or(before).copied().or(written)
    }

    fn default_passwords(&self, id: &GuardId, sealed: [&Option<String>; 2]) -> [Option<DoorPassword>; 2] {
        if !self.with_passwords {
            return [None, None];
        }
        let sealed = sealed.map(|text| text.as_deref().filter(|text| !text.is_empty()));
        default_passwords(self.b, id, sealed)
    }
}

/// A row that becomes a guard.
trait Readable {
    type Guard;

    fn guard_id(&self) -> &str;

    /// What is written of what it said.
    fn written(&self) -> Option<Said>;

    /// The guard, which `said` this last. `None`: it cannot be read.
    fn guard(self, reading: &Reading<'_>, id: GuardId, said: Option<Said>, now: Millis) -> Option<Self::Guard>;
}

impl Readable for GuardRow {
    type Guard = GuardInfo;

    fn guard_id(&self) -> &str {
        &self.guard_id
    }

    fn written(&self) -> Option<Said> {
        Some(Said {
            clock_uncertainty_ms: self.clock_uncertainty_ms,
            acked: self.acked_version.unwrap_or_default(),
            acked_at: self.acked_at.map(Millis),
            ..self.told.said()?
        })
    }

    fn guard(self, reading: &Reading<'_>, id: GuardId, said: Option<Said>, now: Millis) -> Option<GuardInfo> {
        let listed = self.told.guard(reading, id, said, now)?;
        Some(GuardInfo {
            id: listed.id,
            owner: Phone(self.owner),
            name: listed.name,
            location: listed.location,
            comment: listed.comment,
            status: listed.status,
            default_passwords: listed.default_passwords,
            firmware: self.firmware,
            owned_since: Millis(self.told.owned_since.unwrap_or_default()),
            seen_at: said.map(|said| said.seen_at),
            desired: self.version,
            acked: said.map_or(0, |said| said.acked),
            acked_at: said.and_then(|said| said.acked_at),
            clock_uncertainty_ms: said.and_then(|said| said.clock_uncertainty_ms),
        })
    }
}

impl Readable for ListedRow {
    /// With when it was added.
    type Guard = (Option<i64>, ListedGuard);

    fn guard_id(&self) -> &str {
        &self.guard_id
    }

    fn written(&self) -> Option<Said> {
        self.told.said()
    }

    fn guard(self, reading: &Reading<'_>, id: GuardId, said: Option<Said>, now: Millis) -> Option<Self::Guard> {
        let listed = self.told.guard(reading, id, said, now)?;
        Some((self.told.owned_since, listed))
    }
}

/// The statement that reads what `condition` finds, sealed texts being these expressions.
fn select(condition: &str, sealed: &[String; 2]) -> Statement<'static> {
    let [first, second] = sealed;
    sql!(
        "SELECT g.guard_id, g.owner, g.firmware, g.version, p.clock_uncertainty_ms, p.acked_version, p.acked_at, g.name, g.location,
             g.comment, {first} AS default_password1, {second} AS default_password2, g.owned_since, p.session, p.connected, p.seen_at,
             p.status
         FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE {condition}"
        {
            first: one_of([SEALED[0]], first),
            second: one_of([SEALED[1]], second),
            condition: one_of([OWNED, OF_AN_OWNER], condition),
        }
    )
}
