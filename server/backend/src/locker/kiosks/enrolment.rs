//! How a device becomes a kiosk.

use super::{replaced, states_within};
use crate::core::db::{Tx, read_sound, row, sql};
use crate::core::keys::{random_digits, random_text};
use crate::identity::limits::Limit;
use crate::identity::{Actor, changes, limits, tokens};
use crate::locker::dates::AHEAD_MS;
use crate::locker::known::{open_secret, secret_context};
use crate::{Backend, Result};
use domain::changes::{About, Deed};
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::locker::kiosk::{Enrolment, EnrolmentDoor, Look};
use domain::text;
use serde::{Deserialize, Serialize};

const DIGITS: usize = 8;
const VALID_MS: i64 = 10 * 60 * 1000;
const FAILURES_OF_AN_ADDRESS: u32 = 20;
/// Wrong codes while one counts, from wherever they come, after which everybody who enrols waits.
const FAILURES_OF_ALL: u32 = 20;
const CONTEXT: &str = "enrolment code";

/// A fresh enrolment code.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolmentCode {
    /// Eight digits, good once.
    pub code: String,
    /// When it ends.
    pub expires: Millis,
}

impl std::fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentCode")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A fresh enrolment code, which ends the one before.
#[crate::boxed]
pub async fn enrolment_code(b: &Backend, who: &Actor, yid: Yid) -> Result<EnrolmentCode> {
    who.require_operator()?;
    let known: Option<i64> = b
        .db()
        .optional(sql!(
            "SELECT yid FROM kiosks WHERE yid = $1 AND retired_at IS NULL",
            yid.0
        ))
        .await?;
    known.ok_or(Refusal::Unknown)?;
    let expires = b.now().plus(VALID_MS);
    loop {
        let code = random_digits(b.rng(), DIGITS);
        let hash = b.keys().digest(CONTEXT, &code)?;
        // A code says by itself which kiosk it is for, so no two kiosks may have the same one.
        let other: Option<i64> = b
            .db()
            .optional(sql!("SELECT yid FROM enrolments WHERE code_hash = $1", &hash))
            .await?;
        if other.is_some() {
            continue;
        }
        let mut tx = b.db().begin().await?;
        tx.execute(sql!(
            "INSERT INTO enrolments (yid, code_hash, tries, expires) VALUES ($1, $2, 0, $3)
             ON CONFLICT (yid) DO UPDATE SET code_hash = excluded.code_hash, tries = 0, expires = excluded.expires",
            yid.0,
            hash,
            expires.0
        ))
        .await?;
        changes::note(b, &mut tx, &About::Kiosk(yid), Deed::CodeMade, who, &[]).await?;
        tx.commit().await?;
        return Ok(EnrolmentCode { code, expires });
    }
}

/// When the open code of a kiosk ends.
pub(super) async fn open_until(b: &Backend, yid: Yid) -> Result<Option<Millis>> {
    let row: Option<i64> = b
        .db()
        .optional(sql!(
            "SELECT expires FROM enrolments WHERE yid = $1 AND expires > $2 AND expires <= $3",
            yid.0,
            b.now().0,
            b.now().plus(VALID_MS + AHEAD_MS).0
        ))
        .await?;
    Ok(row.map(Millis))
}

/// Enrols the device that knows the code. A fresh secret is made unless the kiosk is a legacy one, and an earlier device's
/// token ends; then staff must look into the doors believed free. Wrong codes end no open code, so no stranger keeps a kiosk from enrolling: they are limited by address, and where many are
/// wrong, from wherever they come, everybody waits before a code is looked at.
#[crate::boxed]
pub async fn enrol(b: &Backend, code: &str, address: &str) -> Result<Enrolment> {
    let by_address = Limit::new(format!("enrol/address/{address}"), FAILURES_OF_AN_ADDRESS, VALID_MS);
    let of_all = Limit::new("enrol", FAILURES_OF_ALL, VALID_MS);
    let waited = limits::slow_down(b, &of_all).await?;
    let hash = b.keys().digest(CONTEXT, &text::digits(code))?;
    let of_task = b.clone();
    // It ends by itself where the device hangs up: the secret is told once, so the code is used up either way.
    let check = async move {
        let enrolled = enrol_with(&of_task, hash).await?;
        if enrolled.is_none() {
            limits::note_failure(&of_task, &of_all).await?;
        }
        Ok(enrolled)
    };
    let enrolled = limits::attempt(b, vec![by_address], check).await;
    drop(waited);
    enrolled?.ok_or(Refusal::EnrolmentCode)
}

async fn enrol_with(b: &Backend, hash: String) -> Result<Option<Enrolment>> {
    let mut tx = b.db().begin().await?;
    let opened: Option<i64> = tx
        .optional(sql!(
            "DELETE FROM enrolments WHERE code_hash = $1 AND expires > $2 AND expires <= $3 RETURNING yid",
            hash,
            b.now().0,
            b.now().plus(VALID_MS + AHEAD_MS).0
        ))
        .await?;
    let Some(yid) = opened else {
        return Ok(None);
    };
    let mut enrolled = become_kiosk(b, &mut tx, Yid(yid)).await?;
    tx.commit().await?;
    // A kiosk that misses it here gets it with the answer to its first events.
    enrolled.look = super::look(b).await.unwrap_or_default();
    crate::locker::known::changed(b, Yid(yid));
    b.bus().work_changed();
    Ok(Some(enrolled))
}

row! {
    struct Row {
        name: String,
        address: String,
        pin_hash: Option<String>,
        overdue_days: i64,
        acked_seq: i64,
    }
}

/// The secret a device gets.
struct Secret {
    text: String,
    /// It was given by somebody, and is weak.
    legacy: bool,
}

/// A fresh one, or the given one of a legacy kiosk. Where that cannot be read any more, the kiosk is a legacy one no longer: a fresh secret
/// is what mends it.
async fn secret_of(b: &Backend, tx: &mut Tx, yid: Yid) -> Result<Secret> {
    // Written before it is read, so that of two enrolments one follows the other.
    row! {
        struct Stored {
            legacy: i64,
            secret: String,
        }
    }
    let row: Option<Stored> = read_sound!(b, ["secret"], |[secret]| {
        let stored = sql!(
            "UPDATE kiosks SET yid = yid WHERE yid = $1 RETURNING legacy, {secret} AS secret" { secret: sealed(secret) },
            yid.0
        );
        tx.try_optional(stored).await
    })?;
    let stored = row.ok_or(Refusal::EnrolmentCode)?;
    if stored.legacy != 0 {
        match open_secret(b, yid, &stored.secret) {
            Some(text) => return Ok(Secret { text, legacy: true }),
            None => tracing::warn!(
                yid = yid.0,
                "a legacy kiosk's secret cannot be read: its device gets a fresh one"
            ),
        }
    }
    let text = random_text::<32>(b.rng());
    Ok(Secret { text, legacy: false })
}

async fn become_kiosk(b: &Backend, tx: &mut Tx, yid: Yid) -> Result<Enrolment> {
    let now = b.now();
    let secret = secret_of(b, tx, yid).await?;
    let sealed = b.keys().seal(b.rng(), &secret_context(yid), secret.text.as_bytes())?;
    let row: Option<Row> = tx
        .optional(sql!(
            "UPDATE kiosks SET secret = $2, legacy = $4, enrolled_at = $3, heard_at = $3,
             applied_date = CASE WHEN applied_date > $3 THEN $3 ELSE applied_date END
         WHERE yid = $1 RETURNING name, address, pin_hash, overdue_days, acked_seq",
            yid.0,
            sealed,
            now.0,
            i64::from(secret.legacy)
        ))
        .await?;
    let row = row.ok_or(Refusal::EnrolmentCode)?;
    replaced::begin_again(b, tx, yid, now).await?;
    let states = states_within(b, tx, yid).await?;
    let compartments = states.into_iter().map(|state| {
        let pwd = state.pwd(b, yid);
        EnrolmentDoor::new(state.compartment(b, yid), pwd)
    });
    Ok(Enrolment {
        yid,
        name: row.name,
        address: row.address,
        secret: secret.text,
        token: tokens::issue_for_kiosk(b, tx, yid).await?,
        compartments: compartments.collect(),
        pin: row.pin_hash,
        overdue_days: Some(row.overdue_days.max(0)),
        acked_seq: row.acked_seq,
        date: now,
        wired: super::wiring::wired_within(tx, yid).await?,
        // Filled in afterwards, outside of this transaction.
        look: Look::default(),
    })
}
