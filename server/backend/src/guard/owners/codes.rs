//! One-time codes sent to a number: for a new password (sign 19), and, where numbers are verified, for registering (sign 2).

use super::{exists, wrong_code};
use crate::core::db::{Tx, row, sql};
use crate::core::keys::random_digits;
use crate::identity::limits::Limit;
use crate::identity::notify::{self, Content};
use crate::identity::{limits, people};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::ids::ResetCode;
use domain::ids::Phone;

const HOUR_MS: i64 = 3_600_000;
/// Codes somebody may ask for in an hour.
const CODES_OF_A_CALLER: u32 = 3;
const CODES_OF_AN_ADDRESS: u32 = 30;
const CODE_TRIES_OF_AN_ADDRESS: u32 = 50;

const CODE_DIGITS: usize = 8;
/// Wrong tries that end a code for the caller who asked for it.
const CODE_TRIES: i64 = 5;
/// Wrong tries of another caller with one number, and of all other callers together, while a code counts. Few enough that guessing one of
/// a hundred million codes is hopeless, and enough that it takes a crowd to keep out somebody who asks and answers from two places.
const CODE_TRIES_OF_ANOTHER: u32 = 5;
const CODE_TRIES_OF_OTHERS: u32 = 100;
/// A code that was asked for is not replaced by another caller for so long.
const OTHERS_WAIT_MS: i64 = 5 * 60 * 1000;
const CODE_VALID_MS: i64 = 10 * 60 * 1000;

/// Where the codes of each [`Purpose`] are.
const TABLES: [&str; 2] = ["reset_codes", "registration_codes"];

/// What a code allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new password for an owner.
    Reset,
    /// Registering a number nobody has.
    Register,
}

impl Purpose {
    fn table(self) -> &'static str {
        match self {
            Self::Reset => TABLES[0],
            Self::Register => TABLES[1],
        }
    }

    /// Begins the names of its limits.
    fn limit(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Register => "registration",
        }
    }

    /// What its digests are about.
    fn context(self) -> &'static str {
        match self {
            Self::Reset => "reset code",
            Self::Register => "registration code",
        }
    }
}

/// The stored hash of the code, if it is this one and still counts. For the caller who asked for it, it ends by wrong tries of its own;
/// what others try is counted apart, so they cannot end it.
pub(super) async fn check(
    b: &Backend,
    purpose: Purpose,
    address: &str,
    phone: &Phone,
    code: &ResetCode,
) -> Result<String> {
    let limit = purpose.limit();
    let mut limits = vec![Limit::new(
        format!("{limit}-try/address/{address}"),
        CODE_TRIES_OF_AN_ADDRESS,
        HOUR_MS,
    )];
    let asked_here = asked_by(b, purpose, phone, address)?;
    row! {
        struct Stored {
            code_hash: String,
            asked_by: Option<String>,
        }
    }
    let stored: Option<Stored> = b
        .db()
        .optional(sql!(
            "SELECT code_hash, asked_by FROM {table} WHERE phone = $1 AND tries < $2 AND expires > $3"
            { table: one_of(TABLES, purpose.table()) },
            phone.as_str(),
            CODE_TRIES,
            b.now().0
        ))
        .await?;
    let asker = stored
        .as_ref()
        .is_some_and(|stored| stored.asked_by.as_ref() == Some(&asked_here));
    if !asker {
        let of_caller = format!("{limit}-try/caller/{phone}/{address}");
        limits.push(Limit::new(of_caller, CODE_TRIES_OF_ANOTHER, CODE_VALID_MS));
        limits.push(Limit::new(
            format!("{limit}-try/others/{phone}"),
            CODE_TRIES_OF_OTHERS,
            CODE_VALID_MS,
        ));
    }
    let given = digest(b, purpose, phone, code.as_str())?;
    let (of_task, phone) = (b.clone(), phone.clone());
    let check = async move {
        let right = stored.is_some_and(|stored| stored.code_hash == given) && serves(&of_task, purpose, &phone).await?;
        if !right && asker {
            count_wrong(&of_task, purpose, &phone).await?;
        }
        Ok(right.then_some(given))
    };
    limits::attempt(b, limits, check).await?.ok_or_else(wrong_code)
}

/// Whether a code for this number is worth anything.
async fn serves(b: &Backend, purpose: Purpose, phone: &Phone) -> Result<bool> {
    match purpose {
        Purpose::Reset => exists(b, phone).await,
        // That the number is free is decided by its row.
        Purpose::Register => Ok(true),
    }
}

/// Uses a code up, so that of two who send it one succeeds.
pub(super) async fn use_up(tx: &mut Tx, purpose: Purpose, phone: &Phone, code_hash: &str) -> Result<()> {
    let used = tx
        .execute(sql!(
            "DELETE FROM {table} WHERE phone = $1 AND code_hash = $2" { table: one_of(TABLES, purpose.table()) },
            phone.as_str(),
            code_hash
        ))
        .await?;
    if used == 0 {
        return Err(wrong_code());
    }
    Ok(())
}

async fn count_wrong(b: &Backend, purpose: Purpose, phone: &Phone) -> Result<()> {
    b.db()
        .execute(sql!(
            "UPDATE {table} SET tries = tries + 1 WHERE phone = $1" { table: one_of(TABLES, purpose.table()) },
            phone.as_str()
        ))
        .await?;
    Ok(())
}

/// A caller as it is kept beside the code it asked for.
fn asked_by(b: &Backend, purpose: Purpose, phone: &Phone, address: &str) -> Result<String> {
    b.keys()
        .digest(&format!("{} of {phone} asked by", purpose.context()), address)
}

fn digest(b: &Backend, purpose: Purpose, phone: &Phone, code: &str) -> Result<String> {
    b.keys().digest(&format!("{} {phone}", purpose.context()), code)
}

/// Sends a one-time code for a new password to an owner through the notifier. Neither the answer nor the time it takes says whether there
/// is such an owner.
///
/// A code ends the one before, but not one that somebody else asked for a short while ago: that one was sent to the same person, who can
/// use it, and so nobody can end codes by asking for more.
#[crate::boxed]
pub async fn request_reset_code(b: &Backend, address: &str, phone: &Phone) -> Result<()> {
    count_request(b, Purpose::Reset, address, phone).await?;
    if !b.can_notify() {
        tracing::warn!("a reset code was asked for, but no notifier is set up to send it");
        return Ok(());
    }
    // The same work for every number: a code for nobody is stored, opens nothing, and is not sent.
    let known = exists(b, phone).await?;
    send(b, Purpose::Reset, address, phone, known).await
}

/// Sends the one-time code that registering a number takes where numbers are verified, as [`request_reset_code`] does. A number that is
/// known already is [`Problem::Taken`].
#[crate::boxed]
pub async fn request_registration_code(b: &Backend, address: &str, phone: &Phone) -> Result<()> {
    count_request(b, Purpose::Register, address, phone).await?;
    if people::get(b, phone).await?.is_some() {
        return Err(Refusal::field("phone", Problem::Taken));
    }
    send(b, Purpose::Register, address, phone, true).await
}

async fn count_request(b: &Backend, purpose: Purpose, address: &str, phone: &Phone) -> Result<()> {
    let limit = purpose.limit();
    let by_address = format!("{limit}/address/{address}");
    limits::count(b, &by_address, CODES_OF_AN_ADDRESS, HOUR_MS).await?;
    let by_caller = format!("{limit}/caller/{phone}/{address}");
    limits::count(b, &by_caller, CODES_OF_A_CALLER, HOUR_MS).await
}

async fn send(b: &Backend, purpose: Purpose, address: &str, phone: &Phone, wanted: bool) -> Result<()> {
    let table = purpose.table();
    let code = random_digits(b.rng(), CODE_DIGITS);
    let expires = b.now().plus(CODE_VALID_MS);
    let mut tx = b.db().begin().await?;
    let stored = tx.execute(sql!(
        "INSERT INTO {table} (phone, code_hash, tries, expires, asked_by) VALUES ($1, $2, 0, $3, $4)
         ON CONFLICT (phone) DO UPDATE SET code_hash = excluded.code_hash, tries = 0, expires = excluded.expires, asked_by = excluded.asked_by
         WHERE {table}.asked_by = excluded.asked_by OR {table}.expires <= $5 OR {table}.expires > $3"
        { table: one_of(TABLES, table) },
        phone.as_str(), digest(b, purpose, phone, &code)?, expires.0, asked_by(b, purpose, phone, address)?, expires.plus(-OTHERS_WAIT_MS).0)).await?;
    if stored == 0 {
        return Ok(());
    }
    let content = match purpose {
        Purpose::Reset => Content::ResetCode { code, expires },
        Purpose::Register => Content::RegistrationCode { code, expires },
    };
    notify::enqueue_within(b, &mut tx, phone, &content, wanted).await?;
    tx.commit().await?;
    notify::wake(b);
    Ok(())
}
