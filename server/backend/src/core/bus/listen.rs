//! Hearing what other nodes say, over a connection of its own. It is asked something every second, so that a network that is cut is
//! noticed here first.

use super::{CHANNEL, Hearing, Hint};
use crate::WeakBackend;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// A connection that was silent for so long is tried.
const SILENT: Duration = Duration::from_millis(700);
/// It answers within this or is lost.
const ANSWERS_WITHIN: Duration = Duration::from_millis(1_000);
const CONNECTS_WITHIN: Duration = Duration::from_secs(2);
const AFTER_A_FAILURE: Duration = Duration::from_millis(250);

/// Why nothing is heard.
type Lost = sqlx::Error;

pub(super) async fn listen(backend: WeakBackend, url: String, hearing: impl Hearing) {
    let Ok(options) = PgConnectOptions::from_str(&url) else {
        // The backend could not have been opened with it.
        return;
    };
    let options = options.application_name("latchkey-bus");
    loop {
        let lost = match begin(&options).await {
            Ok(listener) => hear(&backend, listener, &hearing).await,
            Err(lost) => Some(lost),
        };
        let Some(b) = backend.upgrade().filter(|b| !b.db().is_closed()) else {
            return;
        };
        if let Some(lost) = lost {
            tracing::debug!(error = %lost, "the connection to the other nodes is lost");
        }
        let health = b.db().health().clone();
        drop(b);
        health.suspect();
        sleep(AFTER_A_FAILURE).await;
        // At once when the database is back; and now and then, for the backend may be gone before.
        let _up = timeout(Duration::from_secs(2), health.until_up()).await;
    }
}

async fn begin(options: &PgConnectOptions) -> Result<PgListener, Lost> {
    let connect = async {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECTS_WITHIN)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    };
    timeout(CONNECTS_WITHIN, connect)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Listens until the connection is lost; `None`: until the backend is gone.
async fn hear(backend: &WeakBackend, mut listener: PgListener, hearing: &impl Hearing) -> Option<Lost> {
    let b = backend.upgrade()?;
    if hearing.begins(&b).await.is_err() {
        return Some(sqlx::Error::WorkerCrashed);
    }
    // What was said before this was not heard.
    hearing.heard(&b, Hint::Everything);
    drop(b);
    loop {
        match timeout(SILENT, listener.try_recv()).await {
            Ok(Ok(Some(said))) => {
                let b = backend.upgrade()?;
                for hint in hints(said.payload(), &b.bus().0.run) {
                    hearing.heard(&b, hint);
                }
            }
            Ok(Ok(None)) => return Some(sqlx::Error::WorkerCrashed),
            Ok(Err(error)) => return Some(error),
            Err(_silent) => {
                if backend.upgrade()?.db().is_closed() {
                    return None;
                }
                let tried = sqlx::query("SELECT 1").persistent(false).execute(&mut listener);
                match timeout(ANSWERS_WITHIN, tried).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => return Some(error),
                    Err(_late) => return Some(sqlx::Error::PoolTimedOut),
                }
            }
        }
    }
}

/// What was said, unless by ourselves (`run`). What cannot be read is passed over: another version may say more than this one knows.
pub(super) fn hints(said: &str, run: &str) -> Vec<Hint> {
    let Some((from, list)) = said.split_once(' ') else {
        return Vec::new();
    };
    if from == run {
        return Vec::new();
    }
    let list: Vec<serde_json::Value> = serde_json::from_str(list).unwrap_or_default();
    list.into_iter()
        .filter_map(|hint| serde_json::from_value(hint).ok())
        .collect()
}
