//! Bearer tokens: for clients without cookies and for kiosks.
//!
//! `p.PHONE.RANDOM` or `k.YID.RANDOM`: whose it is stands in front, so that it is found beside the person or kiosk it speaks for. Only a
//! hash is stored.

use crate::core::db::{Statement, Tx, row, sql};
use crate::core::keys::{random_text, sha256};
use crate::identity::people::person_in;
use crate::identity::signed_in;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone, Yid};
use domain::people::Person;
use std::sync::Arc;

const VALID_MS: i64 = 30 * 24 * 3_600_000;
const RANDOM_BYTES: usize = 32;
const LONGEST: usize = 128;

/// A fresh bearer token.
#[derive(Clone)]
pub struct Issued {
    /// The text to send as `Authorization: Bearer …`.
    pub token: String,
    /// When it ends.
    pub expires: Millis,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Whom a bearer token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A person.
    Person(Person),
    /// A kiosk.
    Kiosk(Yid),
}

/// A token that was found, and when it ends.
pub(crate) struct Known {
    pub(crate) bearer: Bearer,
    expires: Option<Millis>,
}

enum Owner<'a> {
    Person(&'a str),
    Kiosk(i64),
}

fn owner(token: &str) -> Option<Owner<'_>> {
    if token.len() > LONGEST {
        return None;
    }
    let (kind, rest) = token.split_once('.')?;
    let (whose, _random) = rest.split_once('.')?;
    match kind {
        "p" => Some(Owner::Person(whose)),
        "k" => whose.parse().ok().map(Owner::Kiosk),
        _ => None,
    }
}

/// Makes a token for a person.
#[crate::boxed]
pub async fn issue_for_person(b: &Backend, who: &Person) -> Result<Issued> {
    let token = format!("p.{}.{}", who.phone, random_text::<RANDOM_BYTES>(b.rng()));
    let expires = b.now().plus(VALID_MS);
    b.db()
        .execute(sql!(
            "INSERT INTO person_tokens (phone, id, expires) VALUES ($1, $2, $3)",
            who.phone.as_str(),
            sha256(&token),
            expires.0
        ))
        .await?;
    Ok(Issued { token, expires })
}

/// Ends the tokens of a kiosk.
pub(crate) fn end_of_kiosk(yid: Yid) -> Statement<'static> {
    sql!("DELETE FROM kiosk_tokens WHERE yid = $1", yid.0)
}

/// Makes the only token of a kiosk; earlier ones end.
pub(crate) async fn issue_for_kiosk(b: &Backend, tx: &mut Tx, yid: Yid) -> Result<String> {
    let token = format!("k.{yid}.{}", random_text::<RANDOM_BYTES>(b.rng()));
    signed_in::kiosk_changes(b, tx, yid);
    tx.execute(end_of_kiosk(yid)).await?;
    tx.execute(sql!(
        "INSERT INTO kiosk_tokens (yid, id, made_at) VALUES ($1, $2, $3)",
        yid.0,
        sha256(&token),
        b.now().0
    ))
    .await?;
    Ok(token)
}

/// Whom this token speaks for; [`Refusal::NotSignedIn`] when for nobody (any more).
#[crate::boxed]
pub async fn authenticate(b: &Backend, bearer: &str) -> Result<Bearer> {
    let owner = owner(bearer).ok_or(Refusal::NotSignedIn)?;
    let (id, now, bearers) = (sha256(bearer), b.now(), &b.identities().bearers);
    let ends_later = |known: &Arc<Known>| known.expires.is_none_or(|expires| expires > now);
    if let Some(known) = bearers.get(&id, now).filter(ends_later) {
        return Ok(known.bearer.clone());
    }
    let reading = bearers.reading(now);
    let known = match owner {
        Owner::Person(phone) => of_person(b, phone, &id).await?,
        Owner::Kiosk(yid) => of_kiosk(b, Yid(yid), &id).await?,
    };
    let known = Arc::new(known.ok_or(Refusal::NotSignedIn)?);
    bearers.keep(id, known.clone(), reading);
    Ok(known.bearer.clone())
}

async fn of_person(b: &Backend, phone: &str, id: &str) -> Result<Option<Known>> {
    row! {
        struct Row {
            phone: String,
            name: String,
            role: String,
            business: Option<String>,
            active: i64,
            expires: i64,
        }
    }
    let row: Option<Row> = b
        .db()
        .optional(sql!(
            "SELECT p.phone, p.name, p.role, p.business, p.active, t.expires
             FROM person_tokens t JOIN people p ON p.phone = t.phone
             WHERE t.phone = $1 AND t.id = $2 AND t.expires > $3 AND p.active = 1",
            phone,
            id,
            b.now().0
        ))
        .await?;
    row.map(|row| {
        Ok(Known {
            bearer: Bearer::Person(person_in!(row)?),
            expires: Some(Millis(row.expires)),
        })
    })
    .transpose()
}

async fn of_kiosk(b: &Backend, yid: Yid, id: &str) -> Result<Option<Known>> {
    let row: Option<i64> = b
        .db()
        .optional(sql!(
            "SELECT yid FROM kiosk_tokens WHERE yid = $1 AND id = $2",
            yid.0,
            id
        ))
        .await?;
    Ok(row.map(|yid| Known {
        bearer: Bearer::Kiosk(Yid(yid)),
        expires: None,
    }))
}

/// Ends this token; no matter whether it was one.
#[crate::boxed]
pub async fn revoke(b: &Backend, bearer: &str) -> Result<()> {
    let id = sha256(bearer);
    match owner(bearer) {
        None => {}
        Some(Owner::Person(phone)) => {
            let revoked = sql!("DELETE FROM person_tokens WHERE phone = $1 AND id = $2", phone, id);
            b.db().execute(revoked).await?;
            signed_in::changed(b, &Phone(phone.to_owned()));
        }
        Some(Owner::Kiosk(yid)) => {
            let revoked = sql!("DELETE FROM kiosk_tokens WHERE yid = $1 AND id = $2", yid, id);
            b.db().execute(revoked).await?;
            signed_in::kiosk_changed(b, Yid(yid));
        }
    }
    Ok(())
}

/// Ends every token of a person.
pub(crate) async fn delete_within(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    signed_in::changes(b, tx, phone);
    tx.execute(sql!("DELETE FROM person_tokens WHERE phone = $1", phone.as_str()))
        .await?;
    Ok(())
}
