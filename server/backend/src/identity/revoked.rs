//! What was revoked and may still be shown to a kiosk without network: the list that rides in the codes made for kiosks.
//!
//! It need not hold anything for longer than [`LISTED_MS`]: what was made before has ended by itself then, and nothing is made afterwards.

use crate::core::db::{Tx, row, sql};
use crate::identity::require;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};
use domain::token::Revocations;
use domain::token::revoked::{IDS_MAX, IN_CODE_BYTES, LISTED_MS, Subject};

const PERSON: &str = "person";
const SIGN_IN: &str = "sign-in";
const CODE: &str = "code";
const WIDTH: usize = 3;
const AT_ONCE: usize = 50;

row! {
    struct Row {
        kind: String,
        id: String,
    }
}

/// Everything made for this person before is worth nothing at a kiosk that hears of it.
pub(crate) async fn person(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    if matches!(role(tx, phone).await?, Some(Role::Staff | Role::Business)) {
        note(b, tx, PERSON, &[phone.as_str()]).await?;
    }
    Ok(())
}

/// Only staff and businesses show codes to kiosks, and only vouchers name a sign-in: nobody else need be known there.
async fn role(tx: &mut Tx, phone: &Phone) -> Result<Option<Role>> {
    let role: Option<String> = tx
        .optional(sql!("SELECT role FROM people WHERE phone = $1", phone.as_str()))
        .await?;
    Ok(role.and_then(|role| Role::parse(&role)))
}

/// The person is one of ours again. What is made for them from now on counts, and nothing from before.
pub(crate) async fn take_back(tx: &mut Tx, phone: &Phone) -> Result<()> {
    tx.execute(sql!(
        "DELETE FROM revocations WHERE kind = $1 AND id = $2",
        PERSON,
        phone.as_str()
    ))
    .await?;
    Ok(())
}

/// Everything made for these sign-ins of a person, by the hashes of their sessions.
pub(crate) async fn sign_ins(b: &Backend, tx: &mut Tx, phone: &Phone, ids: &[String]) -> Result<()> {
    if ids.is_empty() || role(tx, phone).await? != Some(Role::Business) {
        return Ok(());
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    note(b, tx, SIGN_IN, &ids).await
}

/// One code, by its id.
pub(crate) async fn code(b: &Backend, tx: &mut Tx, id: &str) -> Result<()> {
    note(b, tx, CODE, &[id]).await
}

/// Notes that a person made a voucher with this id, for [`vouchers_of`].
pub(crate) async fn made_voucher(tx: &mut Tx, phone: &Phone, id: &str, ends: Millis) -> Result<()> {
    tx.execute(sql!(
        "INSERT INTO vouchers_made (phone, id, ends) VALUES ($1, $2, $3) ON CONFLICT (phone, id) DO NOTHING",
        phone.as_str(),
        id,
        ends.0
    ))
    .await?;
    Ok(())
}

/// Every voucher this person made that is still good, also those that were passed on. What they make from now on counts.
pub(crate) async fn vouchers_of(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    let ids: Vec<String> = tx
        .all(sql!(
            "DELETE FROM vouchers_made WHERE phone = $1 RETURNING id",
            phone.as_str()
        ))
        .await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    note(b, tx, CODE, &ids).await
}

async fn note(b: &Backend, tx: &mut Tx, kind: &'static str, ids: &[&str]) -> Result<()> {
    for ids in ids.chunks(AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO revocations (kind, id, at) VALUES {rows} ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at"
            { rows: rows(ids.len(), WIDTH) }
        )
        .prepared_if(ids.len() == 1);
        for id in ids {
            query = query.bind(kind).bind(*id).bind(b.now().0);
        }
        tx.execute(query).await?;
    }
    tx.execute(sql!(
        "DELETE FROM revocations WHERE at < $1",
        b.now().plus(-LISTED_MS).0
    ))
    .await?;
    Ok(())
}

/// What was revoked, newest first.
async fn rows(b: &Backend) -> Result<Vec<Row>> {
    b.db()
        .all(sql!(
            "SELECT kind, id FROM revocations WHERE at >= $1 ORDER BY at DESC, kind, id LIMIT $2",
            b.now().plus(-LISTED_MS).0,
            IDS_MAX as i64
        ))
        .await
}

/// The same as subjects; `people` are the phones among them.
fn subjects<'a>(rows: &'a [Row], people: &'a [Phone]) -> Vec<Subject<'a>> {
    let mut people = people.iter();
    rows.iter()
        .filter_map(|row| match row.kind.as_str() {
            PERSON => people.next().map(Subject::Person),
            SIGN_IN => Some(Subject::SignIn(&row.id)),
            CODE => Some(Subject::Code(&row.id)),
            _ => None,
        })
        .collect()
}

fn people(rows: &[Row]) -> Vec<Phone> {
    let people = rows.iter().filter(|row| row.kind == PERSON);
    people.map(|row| Phone(row.id.clone())).collect()
}

/// A list made of it; `None`: nothing is revoked, or there is no room.
async fn listed(b: &Backend, make: impl FnOnce(&[Subject<'_>]) -> Option<Revocations>) -> Result<Option<Revocations>> {
    let rows = rows(b).await?;
    let people = people(&rows);
    let revoked = subjects(&rows, &people);
    if revoked.is_empty() {
        return Ok(None);
    }
    Ok(make(&revoked))
}

/// The newest of it, for a code that has `room` bytes left; `spared`: whose code it is. `None`: nothing is revoked, so that the code stays as it was
/// before there were lists, or there is no room.
pub(crate) async fn newest(b: &Backend, spared: &[Subject<'_>], room: usize) -> Result<Option<Revocations>> {
    listed(b, |revoked| Revocations::newest(b.now(), revoked, spared, room)).await
}

/// All of it, as far as a code that moves has room; `None`: nothing is revoked.
pub(crate) async fn whole(b: &Backend, spared: &[Subject<'_>]) -> Result<Option<Revocations>> {
    listed(b, |revoked| Revocations::moving(b.now(), revoked, spared)).await
}

/// The same for a kiosk that has network now and may have none later.
#[crate::boxed]
pub async fn for_a_kiosk(b: &Backend) -> Result<Option<Revocations>> {
    newest(b, &[], IN_CODE_BYTES).await
}

/// Staff and operators: the whole list, for a kiosk that is to know all of it.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person) -> Result<Revocations> {
    require(who, &[Role::Staff, Role::Operator])?;
    let rows = rows(b).await?;
    let people = people(&rows);
    Revocations::of(b.now(), &subjects(&rows, &people), &[]).ok_or(Refusal::Internal)
}
