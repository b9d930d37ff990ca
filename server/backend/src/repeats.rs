//! Forms that make something and are sent more than once: three taps on a slow line, a browser that asks again after a lost answer.
//!
//! Each page gives its form a one-use key ([`fresh_key`]). The first request that comes with a key does the work; the others, at whichever
//! node, wait for it and get the same answer. The work goes on when the request that began it is dropped, because a browser drops the
//! first request at the second tap.

use crate::db::fault;
use crate::keys::random_text;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Phone;
use domain::people::Person;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const KEY_BYTES: usize = 16;
/// The answer is kept for so long.
const KEPT_MS: i64 = 10 * 60 * 1000;
/// Work that has no outcome after this time ended with its process; the next request does it.
const ABANDONED_MS: i64 = 30_000;
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A repeat waits for the outcome of the first request so many times [`LOOK_EVERY`].
const LOOKS: u32 = 200;

/// A one-use key for a form.
pub fn fresh_key(b: &Backend) -> String {
    random_text::<KEY_BYTES>(b.rng())
}

/// Does `work` unless the same `form` of `who` did it in the last ten minutes, and answers what it made then. `form` is the one-use key with
/// everything that decides what is made, so that a form that was changed is another one. Work that was refused may be tried again.
pub async fn once<T, W>(b: &Backend, who: &Person, form: &str, work: W) -> Result<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    W: Future<Output = Result<T>> + Send + 'static,
{
    let place = Place {
        phone: who.phone.clone(),
        form: b.keys().digest("form", form)?,
    };
    for _ in 0..LOOKS {
        match place.claim(b).await? {
            Claim::Mine => {
                let b = b.clone();
                let task = tokio::spawn(async move { place.work(&b, work).await });
                return task.await.map_err(fault)?;
            }
            Claim::Done(sealed) => return place.open(b, &sealed),
            Claim::UnderWay => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
    Err(Refusal::Unavailable)
}

/// What is called in the seal of an outcome.
pub(crate) fn context(phone: &str, form: &str) -> String {
    format!("form {phone}/{form}")
}

enum Claim {
    Mine,
    UnderWay,
    Done(String),
}

/// The row of one form.
struct Place {
    phone: Phone,
    form: String,
}

impl Place {
    fn context(&self) -> String {
        context(self.phone.as_str(), &self.form)
    }

    async fn claim(&self, b: &Backend) -> Result<Claim> {
        let now = b.now();
        let claimed = sqlx::query(
            "INSERT INTO form_keys (phone, form, claimed_at, ends) VALUES ($1, $2, $3, $4)
             ON CONFLICT (phone, form) DO UPDATE SET outcome = NULL, claimed_at = excluded.claimed_at, ends = excluded.ends
             WHERE form_keys.ends <= $3 OR (form_keys.outcome IS NULL AND form_keys.claimed_at <= $5)",
        )
        .bind(self.phone.as_str())
        .bind(&self.form)
        .bind(now.0)
        .bind(now.plus(KEPT_MS).0)
        .bind(now.plus(-ABANDONED_MS).0)
        .execute(b.db().write())
        .await
        .map_err(fault)?;
        if claimed.rows_affected() > 0 {
            return Ok(Claim::Mine);
        }
        let row: Option<(Option<String>,)> =
            sqlx::query_as("SELECT outcome FROM form_keys WHERE phone = $1 AND form = $2")
                .bind(self.phone.as_str())
                .bind(&self.form)
                .fetch_optional(b.db().read())
                .await
                .map_err(fault)?;
        // No row: the work was refused in between, so the next look claims it.
        Ok(match row {
            Some((Some(sealed),)) => Claim::Done(sealed),
            _ => Claim::UnderWay,
        })
    }

    async fn work<T: Serialize>(&self, b: &Backend, work: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = work.await;
        let made = outcome.as_ref().ok().map(|made| self.sealed(b, made));
        let kept = match made {
            Some(Ok(sealed)) => self.keep(b, sealed).await,
            Some(Err(refusal)) => Err(refusal),
            None => self.forget(b).await,
        };
        if kept.is_err() {
            tracing::warn!("what a form made could not be noted; the same form sent again would make it again");
        }
        outcome
    }

    fn sealed<T: Serialize>(&self, b: &Backend, made: &T) -> Result<String> {
        let json = serde_json::to_vec(made).map(zeroize::Zeroizing::new).map_err(fault)?;
        b.keys().seal(b.rng(), &self.context(), &json)
    }

    async fn keep(&self, b: &Backend, sealed: String) -> Result<()> {
        sqlx::query("UPDATE form_keys SET outcome = $3 WHERE phone = $1 AND form = $2")
            .bind(self.phone.as_str())
            .bind(&self.form)
            .bind(sealed)
            .execute(b.db().write())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn forget(&self, b: &Backend) -> Result<()> {
        sqlx::query("DELETE FROM form_keys WHERE phone = $1 AND form = $2")
            .bind(self.phone.as_str())
            .bind(&self.form)
            .execute(b.db().write())
            .await
            .map_err(fault)?;
        Ok(())
    }

    fn open<T: DeserializeOwned>(&self, b: &Backend, sealed: &str) -> Result<T> {
        let json = b.keys().open(&self.context(), sealed)?;
        serde_json::from_slice(&json).map_err(fault)
    }
}
