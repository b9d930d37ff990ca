//! Sessions of browsers, in the database.

use crate::core::db::scope::after_commit;
use crate::core::db::{Tx, fault, row, sql};
use crate::core::keys::sha256;
use crate::identity::{push, require, revoked, signed_in};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};
pub use domain::sessions::Listed;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use time::OffsetDateTime;
use tower_sessions::session::{self, Id, Record};
use tower_sessions::session_store::{self, Error};

/// The session value that holds the phone number (text) of the person signed in; the store reads it to find a person's sessions.
pub const PERSON_KEY: &str = "phone";
/// The session value that holds when this person signed in ([`Millis`]).
pub const BEGAN_KEY: &str = "began";
/// The session value that holds when it ends however much it is used ([`Millis`]); the store holds to it.
pub const ENDS_KEY: &str = "ends";
/// The session value that holds what people call the browser (text).
pub const BROWSER_KEY: &str = "browser";

const HOUR_MS: i64 = 3_600_000;
/// More sessions of one person are not shown.
const MOST_LISTED: i64 = 50;

/// When a session that begins now ends, however much it is used.
pub fn latest_end(role: Role, now: Millis) -> Millis {
    now.plus(role.session_hours() * HOUR_MS)
}

type Data = HashMap<String, serde_json::Value>;

/// A session as it was read.
pub(crate) struct Stored {
    /// Who is signed in with it.
    pub(crate) phone: Option<Phone>,
    data: Data,
    expires: Millis,
}

/// `tower_sessions` over our database. The cookie's value itself is not stored, only its hash.
#[derive(Clone)]
pub struct SessionStore {
    backend: Backend,
}

impl SessionStore {
    /// A store over this backend.
    pub fn new(b: &Backend) -> Self {
        Self { backend: b.clone() }
    }
}

impl std::fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionStore")
    }
}

/// A record as columns: key, person, data, end. The end is that of its last use, and no later than the one set when it began.
/// The same record has the same data, letter by letter.
fn columns(record: &Record) -> session_store::Result<(String, Option<String>, String, i64)> {
    let data: BTreeMap<_, _> = record.data.iter().collect();
    let data = serde_json::to_string(&data).map_err(|error| Error::Encode(error.to_string()))?;
    let phone = record.data.get(PERSON_KEY).and_then(serde_json::Value::as_str);
    let unused = record.expiry_date.unix_timestamp().saturating_mul(1000);
    let expires = number(&record.data, ENDS_KEY).map_or(unused, |ends| unused.min(ends));
    Ok((sha256(&record.id.to_string()), phone.map(str::to_owned), data, expires))
}

fn number(data: &Data, key: &str) -> Option<i64> {
    data.get(key).and_then(serde_json::Value::as_i64)
}

/// What a store says whose database does not answer.
const AWAY: &str = "the database does not answer";

fn failed(error: sqlx::Error) -> Error {
    Error::Backend(match fault(error) {
        Refusal::Unavailable => AWAY.to_owned(),
        _ => "the session store failed".to_owned(),
    })
}

/// Why a session could not be read or kept.
pub fn refusal(error: session::Error) -> Refusal {
    match error {
        session::Error::Store(Error::Backend(why)) if why == AWAY => Refusal::Unavailable,
        error => fault(error),
    }
}

#[async_trait::async_trait]
impl tower_sessions::SessionStore for SessionStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let (id, phone, data, expires) = columns(record)?;
            let made = self.backend.db().write().try_execute(sql!(
                "INSERT INTO sessions (id, phone, data, expires) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
                id,
                phone,
                data,
                expires,
            )).await
            .map_err(failed)?;
            if made == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Changes what is there and nothing else: a session that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let (id, phone, data, expires) = columns(record)?;
        // Most often only its end is another one, which nobody relies on.
        let prolonged = self
            .backend
            .db()
            .relaxed()
            .try_execute(sql!(
                "UPDATE sessions SET expires = $3 WHERE id = $1 AND data = $2",
                &id,
                &data,
                expires
            ))
            .await
            .map_err(failed)?;
        if prolonged == 0 {
            self.backend
                .db()
                .write()
                .try_execute(sql!(
                    "UPDATE sessions SET phone = $2, data = $3, expires = $4 WHERE id = $1",
                    &id,
                    phone,
                    data,
                    expires
                ))
                .await
                .map_err(failed)?;
        }
        self.changed(id);
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(stored) = self.stored(sha256(&id.to_string())).await? else {
            return Ok(None);
        };
        let expiry_date = OffsetDateTime::from_unix_timestamp(stored.expires.0 / 1000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data: stored.data.clone(),
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let id = sha256(&id.to_string());
        let ended: Option<Option<String>> = self
            .backend
            .db()
            .write()
            .try_optional(sql!("DELETE FROM sessions WHERE id = $1 RETURNING phone", &id))
            .await
            .map_err(failed)?;
        match ended.flatten() {
            Some(phone) => {
                let phone = Phone(phone);
                signed_in::changed(&self.backend, &phone);
                self.end_notifications(&phone, &id).await
            }
            None => {
                self.changed(id);
                Ok(())
            }
        }
    }
}

impl SessionStore {
    /// The session with this hash, unless it has ended.
    async fn stored(&self, id: String) -> session_store::Result<Option<Arc<Stored>>> {
        row! {
            struct Row {
                phone: Option<String>,
                data: String,
                expires: i64,
            }
        }
        let (now, sessions) = (self.backend.now(), &self.backend.identities().sessions);
        if let Some(stored) = sessions.get(&id, now).filter(|stored| stored.expires > now) {
            return Ok(Some(stored));
        }
        let reading = sessions.reading(now);
        let row: Option<Row> = self
            .backend
            .db()
            .read()
            .try_optional(sql!(
                "SELECT phone, data, expires FROM sessions WHERE id = $1 AND expires > $2",
                &id,
                now.0
            ))
            .await
            .map_err(failed)?;
        let Some(Row { phone, data, expires }) = row else {
            return Ok(None);
        };
        let mut data: Data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        // One from before sessions had an end gets one, kept with its next change.
        if data.contains_key(PERSON_KEY) && !data.contains_key(ENDS_KEY) {
            data.insert(ENDS_KEY.to_owned(), latest_end(Role::Staff, now).0.into());
        }
        let stored = Arc::new(Stored {
            phone: phone.map(Phone),
            data,
            expires: Millis(expires),
        });
        sessions.keep(id, stored.clone(), reading);
        Ok(Some(stored))
    }

    /// Of the browser that was signed out.
    async fn end_notifications(&self, phone: &Phone, id: &str) -> session_store::Result<()> {
        let ended = async {
            let mut tx = self.backend.db().begin().await?;
            push::end_of_session(&mut tx, phone, id).await?;
            tx.commit().await
        };
        let refused = |refusal| match refusal {
            Refusal::Unavailable => AWAY.to_owned(),
            _ => "notifications could not be turned off".to_owned(),
        };
        ended.await.map_err(|refusal| Error::Backend(refused(refusal)))
    }

    /// After a change of the session with this hash that other nodes need not know of.
    fn changed(&self, id: String) {
        let backend = self.backend.clone();
        after_commit(move || backend.identities().sessions.forget(&id));
    }
}

/// When each session of a person ends unless it is used before.
pub(crate) async fn ends_of(b: &Backend, phone: &Phone) -> Result<Vec<Millis>> {
    let rows: Vec<i64> = b
        .db()
        .all(sql!(
            "SELECT expires FROM sessions WHERE phone = $1 AND expires > $2 ORDER BY expires DESC",
            phone.as_str(),
            b.now().0
        ))
        .await?;
    Ok(rows.into_iter().map(Millis).collect())
}

/// What names a session in [`Listed`].
pub fn handle(id: &Id) -> String {
    sha256(&id.to_string())
}

/// Where somebody is signed in, the latest first.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person) -> Result<Vec<Listed>> {
    require(who, &Role::ALL)?;
    row! {
        struct Row {
            id: String,
            data: String,
            expires: i64,
        }
    }
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT id, data, expires FROM sessions WHERE phone = $1 AND expires > $2 ORDER BY expires DESC LIMIT $3",
            who.phone.as_str(),
            b.now().0,
            MOST_LISTED
        ))
        .await?;
    let listed = rows.into_iter().map(|row| {
        // One that cannot be read can still be ended.
        let data: Data = serde_json::from_str(&row.data).unwrap_or_default();
        let browser = data
            .get(BROWSER_KEY)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        Listed {
            handle: row.id,
            browser: browser.to_owned(),
            began: number(&data, BEGAN_KEY).map(Millis),
            ends: Millis(row.expires),
        }
    });
    Ok(listed.collect())
}

/// Ends one of their own sessions; [`Refusal::Unknown`] for any other.
#[crate::boxed]
pub async fn end(b: &Backend, who: &Person, handle: &str) -> Result<()> {
    require(who, &Role::ALL)?;
    if !handle
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return Err(Refusal::Unknown);
    }
    let mut tx = b.db().begin().await?;
    let ended = tx
        .execute(sql!(
            "DELETE FROM sessions WHERE id = $1 AND phone = $2",
            handle,
            who.phone.as_str()
        ))
        .await?;
    if ended == 0 {
        return Err(Refusal::Unknown);
    }
    // The phone may be lost: what it holds for kiosks without network is worth nothing either.
    revoked::sign_ins(b, &mut tx, &who.phone, &[handle.to_owned()]).await?;
    push::end_of_session(&mut tx, &who.phone, handle).await?;
    signed_in::changes(b, &mut tx, &who.phone);
    tx.commit().await
}

/// Ends every session of a person.
#[crate::boxed]
pub async fn delete_for(b: &Backend, phone: &Phone) -> Result<()> {
    let mut tx = b.db().begin().await?;
    delete_within(b, &mut tx, phone).await?;
    tx.commit().await
}

pub(crate) async fn delete_within(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    signed_in::changes(b, tx, phone);
    let ended: Vec<String> = tx
        .all(sql!(
            "DELETE FROM sessions WHERE phone = $1 RETURNING id",
            phone.as_str()
        ))
        .await?;
    push::end_of_person(tx, phone).await?;
    revoked::sign_ins(b, tx, phone, &ended).await
}
