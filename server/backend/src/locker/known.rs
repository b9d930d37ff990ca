//! What every code needs of its kiosk, kept in memory: the opened key first of all.

use crate::bus::Hint;
use crate::db::scope::after_commit;
use crate::db::{read_sound, row, sql};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::token::TokenKey;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Other nodes say when they change a kiosk. Where that is not heard, and when the command line does it, this is how long it may take to be
/// noticed.
const TRUSTED_MS: i64 = 2000;

/// A kiosk as codes need it.
pub(crate) struct Known {
    /// `None`: the secret it comes from cannot be read.
    key: Option<TokenKey>,
    pub(crate) name: String,
    pub(crate) address: String,
    /// Date of the newest state applied.
    pub(crate) applied_date: Millis,
}

impl Known {
    /// What signs and opens its codes. Without it this kiosk's codes are of no use until a device enrols again, which makes another secret.
    pub(crate) fn key(&self) -> Result<&TokenKey> {
        self.key.as_ref().ok_or(Refusal::KioskUnreadable)
    }
}

#[derive(Default)]
pub(crate) struct Cache(RwLock<All>);

#[derive(Default)]
struct All {
    kiosks: HashMap<i64, (Arc<Known>, Millis)>,
    /// How often something was forgotten.
    forgotten: u64,
}

impl Cache {
    fn get(&self, yid: Yid, now: Millis) -> Option<Arc<Known>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (known, read_at) = all.kiosks.get(&yid.0)?;
        (0..TRUSTED_MS).contains(&now.since(*read_at)).then(|| known.clone())
    }

    fn forgotten(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).forgotten
    }

    /// Keeps what was read, unless something was forgotten since `forgotten`: then it may be what was to be forgotten.
    fn put(&self, yid: Yid, known: Arc<Known>, now: Millis, forgotten: u64) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.forgotten == forgotten {
            all.kiosks.insert(yid.0, (known, now));
        }
    }

    /// After a change of a kiosk, here or at another node.
    pub(crate) fn forget(&self, yid: Yid) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.forgotten += 1;
        all.kiosks.remove(&yid.0);
    }

    /// When changes may have been missed.
    pub(crate) fn forget_all(&self) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.forgotten += 1;
        all.kiosks.clear();
    }
}

/// To be called after every change of a kiosk.
pub(crate) fn changed(b: &Backend, yid: Yid) {
    let b = b.clone();
    after_commit(move || {
        b.known().forget(yid);
        b.bus().tell(Hint::Kiosk(yid));
    });
}

/// The secret of a kiosk, if it can be read.
pub(crate) fn open_secret(b: &Backend, yid: Yid, sealed: &str) -> Option<String> {
    let found = b.keys().try_open_text(&secret_context(yid), sealed);
    if found.is_none() {
        b.damage().note("kiosks", format_args!("{yid} secret"));
    }
    found
}

pub(crate) fn secret_context(yid: Yid) -> String {
    format!("kiosk secret {yid}")
}

/// The kiosk; [`Refusal::CodeForeign`] where there is none of this number.
pub(crate) async fn known(b: &Backend, yid: Yid) -> Result<Arc<Known>> {
    let now = b.now();
    if let Some(known) = b.known().get(yid, now) {
        return Ok(known);
    }
    let forgotten = b.known().forgotten();
    row! {
        struct Row {
            name: String,
            address: String,
            secret: String,
            applied_date: i64,
        }
    }
    let row: Option<Row> = read_sound!(b, ["secret"], |[secret]| {
        let sql = format!("SELECT name, address, {secret} AS secret, applied_date FROM kiosks WHERE yid = $1");
        b.db().read().try_optional(sql!(&sql, yid.0)).await
    })?;
    let row = row.ok_or(Refusal::CodeForeign)?;
    let known = Arc::new(Known {
        key: open_secret(b, yid, &row.secret).map(|secret| TokenKey::new(secret.as_bytes())),
        name: row.name,
        address: row.address,
        applied_date: Millis(row.applied_date),
    });
    b.known().put(yid, known.clone(), now, forgotten);
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_it_was_to_be_forgotten_is_not_kept() {
        let known = |name: &str| {
            Arc::new(Known {
                key: Some(TokenKey::new(b"secret")),
                name: name.to_owned(),
                address: String::new(),
                applied_date: Millis(0),
            })
        };
        let (cache, yid, now) = (Cache::default(), Yid(1234), Millis(0));
        let name = || cache.get(yid, now).map(|known| known.name.clone());
        let before = cache.forgotten();
        cache.forget(yid);
        cache.put(yid, known("old"), now, before);
        assert_eq!(name(), None);
        cache.put(yid, known("new"), now, cache.forgotten());
        assert_eq!(name().as_deref(), Some("new"));
        let before = cache.forgotten();
        cache.forget_all();
        cache.put(yid, known("old"), now, before);
        assert_eq!(name(), None);
        cache.put(yid, known("new"), now, cache.forgotten());
        assert!(cache.get(yid, Millis(TRUSTED_MS - 1)).is_some());
        assert!(
            cache.get(yid, Millis(TRUSTED_MS)).is_none(),
            "it is not trusted for longer"
        );
    }
}
