//! What cards and passwords have in common (signs 13 to 18): the row, its seal, its version.

use super::guards::{self, GuardInfo};
use crate::core::db::{Tx, fault, read_sound, row, sql};
use crate::core::keys::random_digits;
use crate::identity::require;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::grants::{Addition, Grant, GrantKind, MOST_GRANTS, Series};
use domain::guard::ids::{CardHolder, GuardId, ServiceNumb};
use domain::guard::times::LocalSecond;
pub use domain::guard::unreadable::Unreadable;
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Digits of a service number that come from the phone number, and random ones (SPEC 1).
const PHONE_DIGITS: usize = 11;
const RANDOM_DIGITS: usize = 7;

/// An authorisation to be added.
pub(crate) struct NewGrant {
    pub(crate) service_numb: ServiceNumb,
    pub(crate) content: Content,
    pub(crate) from: Millis,
    pub(crate) until: Millis,
}

/// What is sealed of an authorisation.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    /// What opens. The guard gets this and nothing else.
    #[serde(flatten)]
    pub(crate) kind: GrantKind,
    /// For whom a password is, in its owner's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_whom: Option<CardHolder>,
}

impl From<GrantKind> for Content {
    fn from(kind: GrantKind) -> Self {
        Self { kind, for_whom: None }
    }
}

row! {
    /// A row of `grants`.
    #[derive(Clone, Debug)]
    pub(crate) struct Row {
        pub(crate) service_numb: String,
        pub(crate) content: String,
        pub(crate) starts: i64,
        pub(crate) ends: i64,
        pub(crate) version: i64,
        pub(crate) added_at: i64,
        pub(crate) cancelled_at: Option<i64>,
    }
}

/// The columns of a [`Row`], its content being this expression.
fn columns(content: &str) -> String {
    format!("service_numb, {content} AS content, starts, ends, version, added_at, cancelled_at")
}

/// What is called in a seal, so that a content is worth nothing in another row.
pub(crate) fn context(guard_id: &GuardId, service_numb: &str) -> String {
    // The length in front, because a bar code may hold any character.
    let guard_id = guard_id.as_str();
    format!("grant {} {guard_id} {service_numb}", guard_id.len())
}

impl Row {
    /// `None`: it cannot be read, and neither can the row be named.
    pub(crate) fn service_numb(&self, b: &Backend, guard_id: &GuardId) -> Option<ServiceNumb> {
        let number = ServiceNumb::parse(&self.service_numb).ok();
        if number.is_none() {
            damaged(b, guard_id, &self.service_numb);
        }
        number
    }

    /// `None`: it cannot be read.
    pub(crate) fn content(&self, b: &Backend, guard_id: &GuardId) -> Option<Arc<Content>> {
        open(b, guard_id, &self.service_numb, &self.content)
    }

    /// `None`: it cannot be read.
    pub(crate) fn grant(&self, b: &Backend, guard_id: &GuardId) -> Option<Grant> {
        Some(Grant {
            service_numb: self.service_numb(b, guard_id)?,
            kind: self.content(b, guard_id)?.kind.clone(),
            from: Millis(self.starts),
            until: Millis(self.ends),
            version: self.version,
            cancelled: self.cancelled_at.is_some(),
        })
    }

    /// What is left of one that cannot be read.
    pub(crate) fn unreadable(&self, b: &Backend, guard_id: &GuardId) -> Option<Unreadable> {
        Some(Unreadable {
            service_numb: self.service_numb(b, guard_id)?,
            from: Millis(self.starts),
            until: Millis(self.ends),
        })
    }
}

fn damaged(b: &Backend, guard_id: &GuardId, service_numb: &str) {
    b.damage().note("grants", format_args!("{guard_id} {service_numb}"));
}

fn open(b: &Backend, guard_id: &GuardId, service_numb: &str, sealed: &str) -> Option<Arc<Content>> {
    let content = b.guards().contents.get(sealed, || {
        let json = b.keys().try_open(&context(guard_id, service_numb), sealed)?;
        serde_json::from_slice(&json).map(Arc::new).ok()
    });
    if content.is_none() {
        damaged(b, guard_id, service_numb);
    }
    content
}

/// A fresh service number, as clients make them: local time, the phone number, random digits.
pub fn service_numb(b: &Backend, who: &Person) -> Result<ServiceNumb> {
    let time = LocalSecond::from_millis(b.now(), b.zone()).ok_or(Refusal::Internal)?;
    let phone = who.phone.as_str();
    let phone = &phone[phone.len().saturating_sub(PHONE_DIGITS)..];
    let text = format!("{time}{phone:0>PHONE_DIGITS$}{}", random_digits(b.rng(), RANDOM_DIGITS));
    ServiceNumb::parse(&text).map_err(|problem| Refusal::field("serviceNumb", problem))
}

/// Adds one to a guard of `who`. The same again is no change and no failure.
pub(crate) async fn add(b: &Backend, who: &Person, guard_id: &GuardId, new: NewGrant) -> Result<Addition> {
    require(who, &[Role::Owner])?;
    if new.from >= new.until {
        return Err(Refusal::field("endTime", Problem::Contradicts));
    }
    let now = b.now();
    let impossible = if new.until <= now {
        Some(Refusal::field(
            "endTime",
            Problem::Range {
                min: now.0,
                max: i64::MAX,
            },
        ))
    } else if live(b, guard_id, now).await? >= MOST_GRANTS {
        let max = i64::try_from(MOST_GRANTS).unwrap_or(i64::MAX);
        Some(Refusal::field("guardId", Problem::Range { min: 0, max }))
    } else {
        None
    };
    if let Some(refusal) = impossible {
        // It may be what was added already, asked for again because the answer was lost.
        return repeated(b, who, guard_id, &new).await?.ok_or(refusal);
    }
    let json = serde_json::to_vec(&new.content)
        .map(zeroize::Zeroizing::new)
        .map_err(fault)?;
    let content = b
        .keys()
        .seal(b.rng(), &context(guard_id, new.service_numb.as_str()), &json)?;
    if insert(b, who, guard_id, &new, content, now).await? {
        guards::tell(b, guard_id, &who.phone);
        return Ok(Addition::New);
    }
    let again = repeated(b, who, guard_id, &new).await?;
    again.ok_or_else(|| Refusal::field("serviceNumb", Problem::Taken))
}

/// False: there is one of this number.
async fn insert(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    new: &NewGrant,
    content: String,
    now: Millis,
) -> Result<bool> {
    let mut tx = b.db().begin().await?;
    let Some(version) = raise(&mut tx, who, guard_id).await? else {
        tx.rollback().await?;
        return Err(guards::why_not_theirs(b, guard_id).await);
    };
    let added = tx
        .execute(sql!(
            "INSERT INTO grants (guard_id, service_numb, kind, content, starts, ends, version, added_at, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (guard_id, kind, service_numb) DO NOTHING",
            guard_id.as_str(),
            new.service_numb.as_str(),
            new.content.kind.series().as_str(),
            content,
            new.from.0,
            new.until.0,
            version,
            now.0,
            who.phone.as_str()
        ))
        .await?;
    if added == 0 {
        tx.rollback().await?;
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// The next version of a guard of `who`, whose row is taken with it for the rest of the transaction; `None` if it is not theirs.
async fn raise(tx: &mut Tx, who: &Person, guard_id: &GuardId) -> Result<Option<i64>> {
    let row: Option<i64> = tx
        .optional(sql!(
            "UPDATE guards SET version = version + 1 WHERE guard_id = $1 AND owner = $2 RETURNING version",
            guard_id.as_str(),
            who.phone.as_str()
        ))
        .await?;
    Ok(row)
}

/// How many of a guard neither ended nor were cancelled.
async fn live(b: &Backend, guard_id: &GuardId, now: Millis) -> Result<usize> {
    let count: i64 = b
        .db()
        .one(sql!(
            "SELECT count(*) FROM grants WHERE guard_id = $1 AND ends > $2 AND cancelled_at IS NULL",
            guard_id.as_str(),
            now.0
        ))
        .await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// `Some` if exactly this was added before and stands.
async fn repeated(b: &Backend, who: &Person, guard_id: &GuardId, new: &NewGrant) -> Result<Option<Addition>> {
    if guards::current_owner(b, guard_id).await?.as_ref() != Some(&who.phone) {
        return Err(guards::why_not_theirs(b, guard_id).await);
    }
    let Some(row) = find(b, guard_id, new.content.kind.series(), &new.service_numb).await? else {
        return Ok(None);
    };
    let wanted = Grant {
        service_numb: new.service_numb.clone(),
        kind: new.content.kind.clone(),
        from: new.from,
        until: new.until,
        version: row.version,
        cancelled: false,
    };
    let Some(known) = row.grant(b, guard_id) else {
        return Ok(None);
    };
    let addition = wanted.addition(Some(&known));
    Ok((addition == Addition::Repeated).then_some(addition))
}

/// One of a guard, whatever became of it.
pub(crate) async fn find(
    b: &Backend,
    guard_id: &GuardId,
    series: Series,
    service_numb: &ServiceNumb,
) -> Result<Option<Row>> {
    read_sound!(b, ["content"], |[content]| {
        b.db()
            .read()
            .try_optional(sql!(
                "SELECT {columns} FROM grants WHERE guard_id = $1 AND kind = $2 AND service_numb = $3"
                { columns: one_of([columns("content")], columns(&content)) },
                guard_id.as_str(),
                series.as_str(),
                service_numb.as_str()
            ))
            .await
    })
}

/// Cancels one of a guard of `who`; the row stays. What is cancelled already stays so, and that is no failure.
pub(crate) async fn cancel(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    service_numb: &ServiceNumb,
    series: Series,
) -> Result<()> {
    let kind = series.as_str();
    require(who, &[Role::Owner])?;
    let mut tx = b.db().begin().await?;
    let Some(version) = raise(&mut tx, who, guard_id).await? else {
        tx.rollback().await?;
        return Err(guards::why_not_theirs(b, guard_id).await);
    };
    let cancelled = tx
        .execute(sql!(
            "UPDATE grants SET cancelled_at = $4, version = $5
         WHERE guard_id = $1 AND service_numb = $2 AND kind = $3 AND cancelled_at IS NULL",
            guard_id.as_str(),
            service_numb.as_str(),
            kind,
            b.now().0,
            version
        ))
        .await?;
    if cancelled > 0 {
        tx.commit().await?;
        guards::tell(b, guard_id, &who.phone);
        return Ok(());
    }
    tx.rollback().await?;
    let row: Option<i64> = b
        .db()
        .optional(sql!(
            "SELECT 1 FROM grants WHERE guard_id = $1 AND service_numb = $2 AND kind = $3 AND added_by = $4",
            guard_id.as_str(),
            service_numb.as_str(),
            kind,
            who.phone.as_str()
        ))
        .await?;
    row.map(|_| ()).ok_or(Refusal::field("serviceNumb", Problem::Unknown))
}

/// Ends all that are live, because the guard is deleted.
pub(crate) async fn end_all(tx: &mut Tx, guard_id: &GuardId, version: i64, now: Millis) -> Result<()> {
    tx.execute(sql!(
        "UPDATE grants SET cancelled_at = $3, version = $2 WHERE guard_id = $1 AND cancelled_at IS NULL AND ends > $3",
        guard_id.as_str(),
        version,
        now.0
    ))
    .await?;
    Ok(())
}

/// Those of one kind that are valid now or will be, about to end first, and the guard. For its owner and those above.
pub(crate) async fn list(
    b: &Backend,
    who: &Person,
    of: &Phone,
    guard_id: &GuardId,
    series: Series,
) -> Result<(GuardInfo, Vec<Row>)> {
    let guard = guards::get_of(b, who, of, guard_id).await?;
    Ok((
        guard,
        read_sound!(b, ["content"], |[content]| {
            b.db()
                .read()
                .try_all(sql!(
                    "SELECT {columns} FROM grants WHERE guard_id = $1 AND ends > $2 AND cancelled_at IS NULL AND kind = $3
                     ORDER BY ends, service_numb"
                    { columns: one_of([columns("content")], columns(&content)) },
                    guard_id.as_str(),
                    b.now().0,
                    series.as_str()
                ))
                .await
        })?,
    ))
}

/// What is known of these. What is not known, or cannot be read, is left out.
pub(crate) async fn contents(
    b: &Backend,
    guard_id: &GuardId,
    numbers: &[&ServiceNumb],
) -> Result<HashMap<(Series, ServiceNumb), Arc<Content>>> {
    let Some(last) = numbers.last() else {
        return Ok(HashMap::new());
    };
    row! {
        struct Sealed {
            service_numb: String,
            content: String,
        }
    }
    let places = numbers.len().next_power_of_two();
    let rows = read_sound!(b, ["content"], |[content]| {
        let mut query = sql!(
            "SELECT service_numb, {content} AS content FROM grants WHERE guard_id = $1 AND service_numb IN ({numbers})"
            { content: sealed(content), numbers: list(2, places) },
            guard_id.as_str()
        );
        for place in 0..places {
            query = query.bind(numbers.get(place).unwrap_or(last).as_str());
        }
        b.db().read().try_all::<Sealed>(query).await
    })?;
    let known = rows.into_iter().filter_map(|row| {
        let content = open(b, guard_id, &row.service_numb, &row.content)?;
        Some((
            (content.kind.series(), ServiceNumb::parse(&row.service_numb).ok()?),
            content,
        ))
    });
    Ok(known.collect())
}
