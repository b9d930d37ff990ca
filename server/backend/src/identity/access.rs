//! Who speaks for an owner over the 26 messages: tokens signed by the cluster (SPEC 4.2) and, where a deployment has switched it on,
//! the legacy window.
//!
//! A token is a JWT that any node accepts, because its key comes from the master key. It names the epoch of the owner it was made in:
//! another device that signs in begins a new epoch, and the older one ends as soon as sign 21 has said so, or a while later.

use crate::core::db::{Tx, fault, row, sql};
use crate::identity::people::person_in;
use crate::identity::signed_in;
use crate::{Backend, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use domain::error::Refusal;
use domain::guard::grades::Grade;
use domain::guard::ids::{AccessToken, Imei};
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `{"typ":"JWT","alg":"HS256"}`: the only header ever made or accepted.
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";
const VALID_MS: i64 = 30 * 24 * 3_600_000;
/// So long another device's token stays good when it does not ask sign 21.
const SUPERSEDED_GOOD_MS: i64 = 10 * 60 * 1000;

/// An owner who may speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who.
    pub person: Person,
    /// Their grade.
    pub grade: Grade,
    /// The device that signed in last.
    pub imei: Imei,
    /// False: another device has signed in since.
    pub current: bool,
    epoch: i64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    /// Seconds, as JWT has it.
    exp: i64,
    epoch: i64,
    /// Given out to a browser (sign 26), which no device supersedes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    web: bool,
}

impl Claims {
    fn access(&self, b: &Backend, row: &OwnerRow) -> Result<Access> {
        let client = if self.web { Client::Web } else { Client::Device };
        row.access(b.now(), self.epoch, client)
    }
}

/// What a token or a window was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A device, which another one supersedes.
    Device,
    /// A browser.
    Web,
}

/// Signs a token.
pub(crate) fn token(b: &Backend, phone: &Phone, epoch: i64, client: Client) -> Result<AccessToken> {
    let claims = Claims {
        sub: phone.as_str().to_owned(),
        exp: b.now().plus(VALID_MS).0 / 1000,
        epoch,
        web: client == Client::Web,
    };
    let claims = serde_json::to_vec(&claims).map_err(fault)?;
    let message = format!("{HEADER}.{}", B64.encode(claims));
    let signature = b.keys().sign(&message)?;
    AccessToken::parse(&format!("{message}.{signature}")).map_err(|problem| fault(format!("a token: {problem:?}")))
}

/// Whom this token speaks for; [`Refusal::NotSignedIn`] when for nobody (any more).
#[crate::boxed]
pub async fn verify(b: &Backend, token: &AccessToken) -> Result<Access> {
    let claims = read(b, token.as_str()).ok_or(Refusal::NotSignedIn)?;
    OwnerRow::judged(b, &claims.sub, |row| claims.access(b, row)).await
}

/// The same by the row as it is now, for who asks whether another device has signed in.
#[crate::boxed]
pub async fn verify_now(b: &Backend, token: &AccessToken) -> Result<Access> {
    let claims = read(b, token.as_str()).ok_or(Refusal::NotSignedIn)?;
    let row = OwnerRow::read(b, &claims.sub).await?;
    claims.access(b, &row)
}

fn read(b: &Backend, token: &str) -> Option<Claims> {
    let (message, signature) = token.rsplit_once('.')?;
    let claims = message.strip_prefix(HEADER)?.strip_prefix('.')?;
    if !b.keys().signed(message, signature) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&B64.decode(claims).ok()?).ok()?;
    (b.now().0 / 1000 < claims.exp).then_some(claims)
}

/// Sign 21 has told a superseded device: its token, and those before it, are over.
#[crate::boxed]
pub async fn told(b: &Backend, access: &Access) -> Result<()> {
    if access.current {
        return Ok(());
    }
    b.db()
        .execute(sql!(
            "UPDATE owners SET ended_epoch = $2 WHERE phone = $1 AND ended_epoch < $2",
            access.person.phone.as_str(),
            access.epoch
        ))
        .await?;
    signed_in::changed(b, &access.person.phone);
    Ok(())
}

/// Ends every token and window of an owner. For anybody else this does nothing.
pub(crate) async fn end_within(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    signed_in::changes(b, tx, phone);
    for ended in [
        sql!(
            "UPDATE owners SET reset_epoch = epoch, ended_epoch = epoch, epoch = epoch + 1, superseded_at = NULL WHERE phone = $1",
            phone.as_str()
        ),
        sql!("DELETE FROM legacy_windows WHERE phone = $1", phone.as_str()),
    ] {
        tx.execute(ended).await?;
    }
    Ok(())
}

/// Ends every token and window of everybody, because the key that signs them was replaced.
pub(crate) async fn end_everybodys_within(b: &Backend, tx: &mut Tx) -> Result<()> {
    signed_in::everybody_changes(b, tx);
    for ended in [
        sql!("UPDATE owners SET reset_epoch = epoch, ended_epoch = epoch, epoch = epoch + 1, superseded_at = NULL"),
        sql!("DELETE FROM legacy_windows"),
    ] {
        tx.execute(ended).await?;
    }
    Ok(())
}

/// Where the legacy window is on: lets an address that has just signed in speak for that owner for the configured time.
pub(crate) async fn open_window(b: &Backend, address: &str, phone: &Phone, epoch: i64, client: Client) -> Result<()> {
    let Some(window_ms) = b.legacy_window_ms() else {
        return Ok(());
    };
    let now = b.now();
    b.db().execute(sql!(
        "INSERT INTO legacy_windows (phone, address, epoch, made_at, ends) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (phone, address) DO UPDATE SET epoch = excluded.epoch, made_at = excluded.made_at, ends = excluded.ends",
        phone.as_str(),
        address,
        (client == Client::Device).then_some(epoch),
        now.0,
        now.plus(window_ms).0,
    )).await?;
    Ok(())
}

/// Whom an address without a token speaks for, where the legacy window is on and open for it.
#[crate::boxed]
pub async fn by_address(b: &Backend, phone: &Phone, address: &str) -> Result<Access> {
    if b.legacy_window_ms().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    let window: Option<Option<i64>> = b
        .db()
        .optional(sql!(
            "SELECT epoch FROM legacy_windows WHERE phone = $1 AND address = $2 AND ends > $3",
            phone.as_str(),
            address,
            b.now().0
        ))
        .await?;
    let epoch = window.ok_or(Refusal::NotSignedIn)?;
    let judge = |row: &OwnerRow| match epoch {
        Some(epoch) => row.access(b.now(), epoch, Client::Device),
        None => row.access(b.now(), row.epoch, Client::Web),
    };
    OwnerRow::judged(b, phone.as_str(), judge).await
}

row! {
    pub(crate) struct OwnerRow {
        phone: String,
        name: String,
        role: String,
        business: Option<String>,
        active: i64,
        imei: String,
        grade: i64,
        epoch: i64,
        ended_epoch: i64,
        reset_epoch: Option<i64>,
        superseded_at: Option<i64>,
    }
}

impl OwnerRow {
    /// By the row as it was read last, or where that rejects, as it is now: a token may be newer than what was read.
    async fn judged(b: &Backend, phone: &str, judge: impl Fn(&Self) -> Result<Access>) -> Result<Access> {
        let known = b.identities().owners.get(phone, b.now());
        if let Some(access) = known.and_then(|row| judge(&row).ok()) {
            return Ok(access);
        }
        judge(&*Self::read(b, phone).await?)
    }

    /// The row as it is now; [`Refusal::NotSignedIn`] where there is none.
    async fn read(b: &Backend, phone: &str) -> Result<Arc<Self>> {
        let owners = &b.identities().owners;
        let reading = owners.reading(b.now());
        let row: Option<Self> = b
            .db()
            .optional(sql!(
                "SELECT p.phone, p.name, p.role, p.business, p.active,
                    o.imei, o.grade, o.epoch, o.ended_epoch, o.reset_epoch, o.superseded_at
             FROM people p JOIN owners o ON o.phone = p.phone WHERE p.phone = $1",
                phone
            ))
            .await?;
        let row = Arc::new(row.ok_or(Refusal::NotSignedIn)?);
        owners.keep(phone.to_owned(), row.clone(), reading);
        Ok(row)
    }

    /// What was made in `epoch` is worth now.
    fn access(&self, now: Millis, epoch: i64, client: Client) -> Result<Access> {
        let current = self.standing(now, epoch, client).ok_or(Refusal::NotSignedIn)?;
        let person = person_in!(self)?;
        if !person.active || person.role != Role::Owner {
            return Err(Refusal::NotSignedIn);
        }
        Ok(Access {
            person,
            grade: grade(self.grade)?,
            imei: imei(&self.imei)?,
            current,
            epoch,
        })
    }

    /// Current, superseded but still good, or `None`. An epoch that has not begun belongs to a database that was put back.
    fn standing(&self, now: Millis, epoch: i64, client: Client) -> Option<bool> {
        if epoch > self.epoch || self.reset_epoch.is_some_and(|reset| epoch <= reset) {
            return None;
        }
        if client == Client::Web || epoch == self.epoch {
            return Some(true);
        }
        let told = epoch <= self.ended_epoch;
        let lately = self
            .superseded_at
            .is_some_and(|at| now.since(Millis(at)) <= SUPERSEDED_GOOD_MS);
        (!told && lately).then_some(false)
    }
}

/// The stored device of an owner.
pub(crate) fn imei(stored: &str) -> Result<Imei> {
    Imei::parse(stored).map_err(|problem| fault(format!("a stored imei: {problem:?}")))
}

/// The stored grade of an owner.
pub(crate) fn grade(stored: i64) -> Result<Grade> {
    Grade::from_number(stored).ok_or_else(|| fault(format!("a stored grade: {stored}")))
}
