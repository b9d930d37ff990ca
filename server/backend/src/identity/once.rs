//! Requests that are sent more than once: three taps on a slow line, the Back button, a client that asks again after a lost answer.
//!
//! Such a request has a one-use key: a form gets one with its page ([`fresh_key`]), a program sends the header `Idempotency-Key`. [`run`] does
//! the work of the first request with a key and keeps its result in the same transaction, so either both are there or neither is. Every later
//! request with the same key, at any node and after any crash, gets that first result. The same key with another request is rejected with
//! [`Refusal::KeyReused`]. A request that was refused did nothing and keeps nothing: its key may be used again.

use crate::core::db::{Over, Scope, Tx, fault, sql};
use crate::core::keys::{random_text, sha256};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Phone, Yid};
use domain::people::Person;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const KEY_BYTES: usize = 16;
/// A result is kept for this long.
pub const KEPT_MS: i64 = 24 * 3_600_000;
/// Results kept for one person or kiosk; older ones go.
pub const KEPT_OF_ONE: u32 = 100;

/// A one-use key for a form.
pub fn fresh_key(b: &Backend) -> String {
    random_text::<KEY_BYTES>(b.rng())
}

/// Whose a one-use key is. Nobody else can use it, and nobody else's keys are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A signed-in person.
    Person(&'a Person),
    /// A kiosk.
    Kiosk(Yid),
    /// Nobody is signed in: the number that is registered or asks for a code.
    Phone(&'a Phone),
    /// Nobody is signed in: a text only the sender knows, such as an enrolment code.
    Secret(&'a str),
}

impl Who<'_> {
    fn name(self, b: &Backend) -> Result<String> {
        Ok(match self {
            Self::Person(person) => person.phone.0.clone(),
            Self::Phone(phone) => phone.0.clone(),
            Self::Kiosk(yid) => format!("kiosk/{yid}"),
            Self::Secret(text) => format!("secret/{}", b.keys().digest("idempotency", text)?),
        })
    }
}

/// A request with a one-use key.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who sends it.
    pub who: Who<'a>,
    /// The one-use key.
    pub key: &'a str,
    /// What is asked for, such as an address or the name of a function.
    pub action: &'a str,
    /// Everything else that decides what is done, without the key.
    pub body: &'a [u8],
}

/// Does `work` unless it was done for a request with this key already, and answers the first result.
///
/// What `work` writes is one transaction with the result that is kept; it is committed when `work` has ended well. Where `work` is refused,
/// what it committed itself (such as a counted try) stands. Dropped before the end it leaves nothing behind. `work` must not wait for another
/// task that writes to the database.
pub async fn run<T, E>(
    b: &Backend,
    request: Request<'_>,
    work: impl Future<Output = std::result::Result<T, E>>,
) -> std::result::Result<T, E>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    E: From<Refusal>,
{
    let place = Place::of(b, &request)?;
    if let Some(first) = place.find(b).await? {
        return Ok(first);
    }
    let scope = b.db().scope();
    // On the heap: it may be large, and is moved from one place to another.
    match scope.run(Box::pin(work)).await {
        Ok(result) => {
            let sealed = place.seal(b, &result)?;
            // Goes on when this request is dropped, so that others hear of what was committed.
            let finish = finish(b.clone(), scope, place.clone(), sealed);
            let is_first = crate::core::job::spawn_in_request(finish).await.map_err(fault)??;
            if is_first {
                return Ok(result);
            }
            Ok(place.find(b).await?.ok_or(Refusal::Unavailable)?)
        }
        Err(refused) => {
            give_up(&scope).await?;
            // Another request with this key may be the reason: then its result is the answer.
            match place.find_committed(b).await {
                Ok(Some(first)) => Ok(first),
                _ => Err(refused),
            }
        }
    }
}

/// Commits what was done with the result of it. False: another request with this key was faster, and nothing of this one stands.
async fn finish(b: Backend, scope: Scope, place: Place, sealed: String) -> Result<bool> {
    let mut tx = match scope.end().await.map_err(fault)? {
        Some(tx) => tx,
        None => b.db().begin().await?,
    };
    if !place.keep(&b, &mut tx, sealed).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    tx.commit().await?;
    scope.committed();
    Ok(true)
}

async fn give_up(scope: &Scope) -> Result<()> {
    if let Some(tx) = scope.end().await.map_err(fault)? {
        tx.commit().await?;
    }
    scope.committed();
    Ok(())
}

/// What is named in the seal of a result.
pub(crate) fn context(who: &str, key: &str) -> String {
    format!("idempotency {who}/{key}")
}

/// As kept under seal.
#[derive(Serialize)]
struct Kept<'a, T> {
    request: &'a str,
    result: &'a T,
}

#[derive(Deserialize)]
struct KeptRequest {
    request: String,
}

#[derive(Deserialize)]
struct KeptResult<T> {
    result: T,
}

/// The row of one key.
#[derive(Clone)]
struct Place {
    who: String,
    key: String,
    /// Hash of the request, by which another one with the same key is told apart.
    request: String,
}

impl Place {
    fn of(b: &Backend, request: &Request<'_>) -> Result<Self> {
        let action = format!("{}:{}", request.action.len(), request.action);
        let all = [action.as_bytes(), request.body].concat();
        Ok(Self {
            who: request.who.name(b)?,
            key: sha256(request.key),
            request: sha256(&all),
        })
    }

    fn context(&self) -> String {
        context(&self.who, &self.key)
    }

    async fn find<T: DeserializeOwned>(&self, b: &Backend) -> Result<Option<T>> {
        let sealed = self.sealed(b, b.db().read().into()).await?;
        sealed.map(|sealed| self.open(b, &sealed)).transpose()
    }

    /// The same with what others have written and not committed yet, once it is committed.
    async fn find_committed<T: DeserializeOwned>(&self, b: &Backend) -> Result<Option<T>> {
        let mut tx = b.db().begin().await?;
        let sealed = self.sealed(b, (&mut tx).into()).await?;
        tx.rollback().await?;
        sealed.map(|sealed| self.open(b, &sealed)).transpose()
    }

    async fn sealed(&self, b: &Backend, mut from: Over<'_>) -> Result<Option<String>> {
        let row: Option<String> = from
            .optional(sql!(
                "SELECT result FROM idempotency_keys WHERE who = $1 AND one_use_key = $2 AND ends > $3",
                &self.who,
                &self.key,
                b.now().0
            ))
            .await?;
        Ok(row)
    }

    fn open<T: DeserializeOwned>(&self, b: &Backend, sealed: &str) -> Result<T> {
        let json = b.keys().open(&self.context(), sealed)?;
        let KeptRequest { request } = serde_json::from_slice(&json).map_err(fault)?;
        if request != self.request {
            return Err(Refusal::KeyReused);
        }
        let KeptResult { result } = serde_json::from_slice(&json).map_err(fault)?;
        Ok(result)
    }

    fn seal<T: Serialize>(&self, b: &Backend, result: &T) -> Result<String> {
        let kept = Kept {
            request: &self.request,
            result,
        };
        let json = serde_json::to_vec(&kept).map(zeroize::Zeroizing::new).map_err(fault)?;
        b.keys().seal(b.rng(), &self.context(), &json)
    }

    /// False: there is a result already.
    async fn keep(&self, b: &Backend, tx: &mut Tx, sealed: String) -> Result<bool> {
        let now = b.now();
        let kept = tx.execute(sql!("INSERT INTO idempotency_keys (who, one_use_key, result, made_at, ends) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (who, one_use_key) DO UPDATE SET result = excluded.result, made_at = excluded.made_at, ends = excluded.ends
             WHERE idempotency_keys.ends <= $4", &self.who, &self.key, sealed, now.0, now.plus(KEPT_MS).0)).await?;
        if kept == 0 {
            return Ok(false);
        }
        tx.execute(sql!(
            "DELETE FROM idempotency_keys WHERE who = $1 AND made_at <
                 (SELECT made_at FROM idempotency_keys WHERE who = $1 ORDER BY made_at DESC LIMIT 1 OFFSET $2)",
            &self.who,
            i64::from(KEPT_OF_ONE) - 1
        ))
        .await?;
        Ok(true)
    }
}
