//! What every code needs of its kiosk, kept in memory: the opened key first of all.

use crate::core::bus::Hint;
use crate::core::db::scope::after_commit;
use crate::core::db::{read_sound, row, sql};
use crate::core::recent::Recent;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::token::TokenKey;
use std::sync::Arc;

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

/// Kiosks by number.
pub(crate) type Cache = Recent<i64, Arc<Known>>;

/// To be called after every change of a kiosk.
pub(crate) fn changed(b: &Backend, yid: Yid) {
    let b = b.clone();
    after_commit(move || {
        b.known().forget(&yid.0);
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
    if let Some(known) = b.known().get(&yid.0, now) {
        return Ok(known);
    }
    let reading = b.known().reading(now);
    row! {
        struct Row {
            name: String,
            address: String,
            secret: String,
            applied_date: i64,
        }
    }
    let row: Option<Row> = read_sound!(b, ["secret"], |[secret]| {
        let kiosk = sql!(
            "SELECT name, address, {secret} AS secret, applied_date FROM kiosks WHERE yid = $1" { secret: sealed(secret) },
            yid.0
        );
        b.db().read().try_optional(kiosk).await
    })?;
    let row = row.ok_or(Refusal::CodeForeign)?;
    let known = Arc::new(Known {
        key: open_secret(b, yid, &row.secret).map(|secret| TokenKey::new(secret.as_bytes())),
        name: row.name,
        address: row.address,
        applied_date: Millis(row.applied_date),
    });
    b.known().keep(yid.0, known.clone(), reading);
    Ok(known)
}
