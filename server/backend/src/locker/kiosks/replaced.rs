//! A device that becomes a kiosk in place of an earlier one. The earlier one may have taken in or given out things without network, and told
//! nobody: its storage was cleared, or it broke. So a door that the server believes free may be full.
//!
//! Such doors are handed to the new device as half done (status D), as after a power cut at an open door: the kiosk gives them to nobody until
//! staff looked into them and settled each as empty or stored. A deposit that was settled gets its password and code then, and is completed
//! as usual. What a phone has scanned already is known, and is handed on with its password.

use super::{kind_word, pwd_context};
use crate::core::db::{Tx, sql};
use crate::locker::scans;
use crate::{Backend, Result};
use domain::ids::{Millis, Port, Yid};
use domain::locker::compartments::ContentKind;
use domain::token::CompartmentFields;

/// Prepares the compartments for a device that begins `now`.
pub(super) async fn begin_again(b: &Backend, tx: &mut Tx, yid: Yid, now: Millis) -> Result<()> {
    // The device begins with what is known now, so nothing of this kiosk is known as of a later moment.
    tx.execute(sql!(
        "UPDATE compartments SET state_at = $2 WHERE yid = $1 AND state_at > $2",
        yid.0,
        now.0
    ))
    .await?;
    let earlier: Option<i64> = tx
        .optional(sql!("SELECT made_at FROM kiosk_tokens WHERE yid = $1 LIMIT 1", yid.0))
        .await?;
    let Some(made_at) = earlier else {
        return Ok(());
    };
    know_scanned(b, tx, yid).await?;
    tx.execute(sql!(
        "UPDATE compartments SET unknown_since = COALESCE(unknown_since, heard_at, $2),
             status = CASE WHEN status = 'B' THEN 'D' ELSE status END
         WHERE yid = $1 AND status <> 'C' AND status <> 'X'",
        yid.0,
        made_at
    ))
    .await?;
    Ok(())
}

/// Staff looked into this door, so it is known again.
pub(crate) async fn looked_into(tx: &mut Tx, yid: Yid, port: Port) -> Result<()> {
    tx.execute(sql!(
        "UPDATE compartments SET unknown_since = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3",
        yid.0,
        port.jumper,
        port.serial
    ))
    .await?;
    Ok(())
}

/// Deposits that somebody scanned and nobody completed yet are behind their doors.
async fn know_scanned(b: &Backend, tx: &mut Tx, yid: Yid) -> Result<()> {
    for scan in scans::waiting_within(b, tx, yid).await? {
        let Some(fields) = scan.data::<CompartmentFields>(b) else {
            continue;
        };
        let port = fields.port();
        let pwd = b.keys().seal(b.rng(), &pwd_context(yid, port), fields.pwd.as_bytes())?;
        tx.execute(sql!(
            "UPDATE compartments SET status = 'A', kind = $4, save_date = $5, pwd = $6
             WHERE yid = $1 AND jumper = $2 AND serial = $3 AND status = 'B' AND things_sq IS NULL",
            yid.0,
            port.jumper,
            port.serial,
            kind_word(ContentKind::Deposit),
            &fields.save_date,
            pwd
        ))
        .await?;
    }
    Ok(())
}
