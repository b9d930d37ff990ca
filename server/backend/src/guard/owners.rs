//! Owners: registering, signing in, name, password, and which device is theirs (signs 2, 4, 19, 20, 21, 26). An owner is a person
//! of that role; what is here stands beside.

use super::access::{self, Client};
use super::hub::Live;
use crate::db::{Tx, fault};
use crate::keys::random_digits;
use crate::limits::Limit;
use crate::notify::{self, Content};
use crate::password::Turn;
use crate::{Backend, Result, limits, nodes, people, require, sessions};
use domain::error::{Problem, Refusal};
use domain::guard::grades::Grade;
use domain::guard::ids::{AccessToken, Imei, OwnerName, OwnerPassword, ResetCode};
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};

const HOUR_MS: i64 = 3_600_000;
/// Who registers, or asks for a code, may do so this often an hour.
const REGISTRATIONS_OF_A_CALLER: u32 = 10;
const REGISTRATIONS_OF_AN_ADDRESS: u32 = 200;
const CODES_OF_A_CALLER: u32 = 3;
const CODES_OF_AN_ADDRESS: u32 = 30;
const CODE_TRIES_OF_AN_ADDRESS: u32 = 50;

const CODE_DIGITS: usize = 8;
/// Wrong tries that end a code for the caller who asked for it.
const CODE_TRIES: i64 = 5;
/// Wrong tries of another caller with one number, and of all other callers together, while a code counts. So few that guessing one of
/// a hundred million codes is hopeless, so many that it takes a crowd to keep out somebody who asks and answers from two places.
const CODE_TRIES_OF_ANOTHER: u32 = 5;
const CODE_TRIES_OF_OTHERS: u32 = 100;
/// A code that was asked for is not replaced by another caller for so long.
const OTHERS_WAIT_MS: i64 = 5 * 60 * 1000;
const CODE_VALID_MS: i64 = 10 * 60 * 1000;

/// An owner who has just signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The device of the sign-in before; empty where there was none.
    pub previous_imei: Imei,
    /// Their grade.
    pub grade: Grade,
    /// Speaks for them from now on.
    pub token: AccessToken,
}

/// What allows a new password.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// Their own token or session.
    SignedIn(&'a Person),
    /// The code sent to them, and where it comes from.
    Code {
        /// As typed.
        code: &'a ResetCode,
        /// The caller's address, as limits count it.
        address: &'a str,
    },
}

/// Where an owner is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Devices {
    /// The device of the last sign-in by sign 4; empty where there was none.
    pub imei: Imei,
    /// When it took over from another one.
    pub took_over_at: Option<Millis>,
    /// Browsers signed in to the console, by when each session ends.
    pub browsers: Vec<Millis>,
}

/// Registers an owner (sign 2). A number that is known already, in whatever role, is [`Problem::Taken`].
pub async fn register(
    b: &Backend,
    address: &str,
    name: &OwnerName,
    phone: &Phone,
    password: &OwnerPassword,
    imei: Option<&Imei>,
) -> Result<SignedIn> {
    limits::count(
        b,
        &format!("register/address/{address}"),
        REGISTRATIONS_OF_AN_ADDRESS,
        HOUR_MS,
    )
    .await?;
    limits::count(
        b,
        &format!("register/caller/{phone}/{address}"),
        REGISTRATIONS_OF_A_CALLER,
        HOUR_MS,
    )
    .await?;
    // Looked at first so that a taken number costs no hash; the key decides.
    if people::get(b, phone).await?.is_some() {
        return Err(Refusal::field("phone", Problem::Taken));
    }
    let person = Person {
        phone: phone.clone(),
        name: name.as_str().to_owned(),
        role: Role::Owner,
        business: None,
        active: true,
    };
    let hash = b.passwords().hash(password.as_str(), b.rng(), Turn::Later).await?;
    // The one sign 1 named, as long as no node came or went in between.
    let home = nodes::choice(b, phone.as_str()).await?;
    let mut tx = b.db().begin().await?;
    people::insert_within(b, &mut tx, &person, hash).await?;
    let (epoch,): (i64,) = sqlx::query_as("UPDATE owners SET imei = $2, node = $3 WHERE phone = $1 RETURNING epoch")
        .bind(phone.as_str())
        .bind(imei.map_or("", Imei::as_str))
        .bind(home.map(|home| home.name.to_string()))
        .fetch_one(&mut *tx)
        .await
        .map_err(fault)?;
    tx.commit().await.map_err(fault)?;
    Ok(SignedIn {
        person,
        previous_imei: self::imei("")?,
        grade: Grade::Alone,
        token: access::token(b, phone, epoch, Client::of(imei))?,
    })
}

/// Signs in: with an `imei` as that device (sign 4), which ends the time of another one; without, as a browser (sign 26).
pub async fn sign_in(
    b: &Backend,
    address: &str,
    phone: &Phone,
    password: &OwnerPassword,
    imei: Option<&Imei>,
) -> Result<SignedIn> {
    let person = people::sign_in(b, phone.as_str(), password.as_str(), address).await?;
    if person.role != Role::Owner {
        return Err(Refusal::WrongSignIn);
    }
    let mut tx = b.db().begin().await?;
    let (epoch, before) = take_over(b, &mut tx, phone, imei).await?;
    tx.commit().await.map_err(fault)?;
    if imei.is_some_and(|imei| *imei != before.imei) {
        b.hub().publish(phone, Live::SignedInElsewhere);
    }
    let client = Client::of(imei);
    access::open_window(b, address, phone, epoch, client).await?;
    Ok(SignedIn {
        person,
        previous_imei: before.imei,
        grade: before.grade,
        token: access::token(b, phone, epoch, client)?,
    })
}

struct Before {
    imei: Imei,
    grade: Grade,
}

/// Stores the device and answers the epoch it lives in, and what was there before. Another device than before begins a new epoch.
async fn take_over(b: &Backend, tx: &mut Tx, phone: &Phone, imei: Option<&Imei>) -> Result<(i64, Before)> {
    // Written before it is read, so that of two devices one comes after the other.
    let row: Option<(String, i64, i64)> =
        sqlx::query_as("UPDATE owners SET epoch = epoch WHERE phone = $1 RETURNING imei, epoch, grade")
            .bind(phone.as_str())
            .fetch_optional(&mut **tx)
            .await
            .map_err(fault)?;
    let (stored, epoch, grade) = row.ok_or_else(|| fault("an owner without a row of their own"))?;
    let before = Before {
        imei: self::imei(&stored)?,
        grade: self::grade(grade)?,
    };
    let epoch = match imei {
        Some(new) if *new != before.imei => {
            sqlx::query("UPDATE owners SET imei = $2, epoch = $3, superseded_at = $4 WHERE phone = $1")
                .bind(phone.as_str())
                .bind(new.as_str())
                .bind(epoch + 1)
                .bind(b.now().0)
                .execute(&mut **tx)
                .await
                .map_err(fault)?;
            epoch + 1
        }
        _ => epoch,
    };
    Ok((epoch, before))
}

/// Renames themselves (sign 20).
pub async fn rename(b: &Backend, who: &Person, name: &OwnerName) -> Result<()> {
    require(who, &[Role::Owner])?;
    sqlx::query("UPDATE people SET name = $2 WHERE phone = $1")
        .bind(who.phone.as_str())
        .bind(name.as_str())
        .execute(b.db().write())
        .await
        .map_err(fault)?;
    b.hub().publish(&who.phone, Live::GuardChanged);
    Ok(())
}

/// Is there an owner of this number who may sign in?
pub async fn exists(b: &Backend, phone: &Phone) -> Result<bool> {
    let person = people::get(b, phone).await?;
    Ok(person.is_some_and(|person| person.active && person.role == Role::Owner))
}

/// The node in the row of an owner.
pub(crate) async fn node(b: &Backend, phone: &Phone) -> Result<Option<String>> {
    let row: Option<(Option<String>,)> = sqlx::query_as("SELECT node FROM owners WHERE phone = $1")
        .bind(phone.as_str())
        .fetch_optional(b.db().read())
        .await
        .map_err(fault)?;
    Ok(row.and_then(|(node,)| node))
}

/// Where they are signed in.
pub async fn devices(b: &Backend, who: &Person) -> Result<Devices> {
    require(who, &[Role::Owner])?;
    let row: Option<(String, Option<i64>)> = sqlx::query_as("SELECT imei, superseded_at FROM owners WHERE phone = $1")
        .bind(who.phone.as_str())
        .fetch_optional(b.db().read())
        .await
        .map_err(fault)?;
    let (stored, took_over_at) = row.ok_or(Refusal::Unknown)?;
    Ok(Devices {
        imei: imei(&stored)?,
        took_over_at: took_over_at.map(Millis),
        browsers: sessions::ends_of(b, &who.phone).await?,
    })
}

/// Ends all their sessions and tokens, the one that asks included.
pub async fn sign_out_everywhere(b: &Backend, who: &Person) -> Result<()> {
    require(who, &[Role::Owner])?;
    let mut tx = b.db().begin().await?;
    people::end_all(&mut tx, &who.phone).await?;
    tx.commit().await.map_err(fault)
}

/// Sets a new password (sign 19), which ends all sessions and tokens.
pub async fn reset_password(b: &Backend, phone: &Phone, new: &OwnerPassword, proof: Proof<'_>) -> Result<()> {
    let code_hash = match proof {
        Proof::SignedIn(who) => {
            require(who, &[Role::Owner])?;
            if who.phone != *phone {
                return Err(Refusal::NotYours);
            }
            None
        }
        Proof::Code { code, address } => Some(check_code(b, address, phone, code).await?),
    };
    let hash = b.passwords().hash(new.as_str(), b.rng(), Turn::First).await?;
    let mut tx = b.db().begin().await?;
    if let Some(code_hash) = code_hash {
        // Used up here, so that of two who send it one succeeds.
        let used = sqlx::query("DELETE FROM reset_codes WHERE phone = $1 AND code_hash = $2")
            .bind(phone.as_str())
            .bind(code_hash)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        if used.rows_affected() == 0 {
            return Err(wrong_code());
        }
    }
    people::store_hash_within(&mut tx, phone, hash).await?;
    tx.commit().await.map_err(fault)?;
    // Whoever has proved who they are need not wait for the end of their failures.
    limits::forget(b, people::failures_of_a_number(phone).key()).await
}

fn wrong_code() -> Refusal {
    Refusal::field("code", Problem::Contradicts)
}

/// The stored hash of the code, if it is this one and still counts. For the caller who asked for it, it ends by wrong tries of its own;
/// what others try is counted apart, so they cannot end it.
async fn check_code(b: &Backend, address: &str, phone: &Phone, code: &ResetCode) -> Result<String> {
    let mut limits = vec![Limit::new(
        format!("reset-try/address/{address}"),
        CODE_TRIES_OF_AN_ADDRESS,
        HOUR_MS,
    )];
    let asked_here = asked_by(b, phone, address)?;
    let stored: Option<(String, Option<String>)> =
        sqlx::query_as("SELECT code_hash, asked_by FROM reset_codes WHERE phone = $1 AND tries < $2 AND expires > $3")
            .bind(phone.as_str())
            .bind(CODE_TRIES)
            .bind(b.now().0)
            .fetch_optional(b.db().read())
            .await
            .map_err(fault)?;
    let asker = stored
        .as_ref()
        .is_some_and(|(_, asked_by)| asked_by.as_ref() == Some(&asked_here));
    if !asker {
        let of_caller = format!("reset-try/caller/{phone}/{address}");
        limits.push(Limit::new(of_caller, CODE_TRIES_OF_ANOTHER, CODE_VALID_MS));
        limits.push(Limit::new(
            format!("reset-try/others/{phone}"),
            CODE_TRIES_OF_OTHERS,
            CODE_VALID_MS,
        ));
    }
    let given = digest(b, phone, code.as_str())?;
    let (of_task, phone) = (b.clone(), phone.clone());
    let check = async move {
        let right = stored.is_some_and(|(stored, _)| stored == given) && exists(&of_task, &phone).await?;
        if !right && asker {
            count_wrong_code(&of_task, &phone).await?;
        }
        Ok(right.then_some(given))
    };
    limits::attempt(b, limits, check).await?.ok_or_else(wrong_code)
}

async fn count_wrong_code(b: &Backend, phone: &Phone) -> Result<()> {
    sqlx::query("UPDATE reset_codes SET tries = tries + 1 WHERE phone = $1")
        .bind(phone.as_str())
        .execute(b.db().write())
        .await
        .map_err(fault)?;
    Ok(())
}

/// A caller as it is kept beside the code it asked for.
fn asked_by(b: &Backend, phone: &Phone, address: &str) -> Result<String> {
    b.keys().digest(&format!("reset code of {phone} asked by"), address)
}

fn digest(b: &Backend, phone: &Phone, code: &str) -> Result<String> {
    b.keys().digest(&format!("reset code {phone}"), code)
}

/// Sends a one-time code to an owner through the notifier. Neither the answer nor the time it takes says whether there is such an owner.
///
/// A code ends the one before, but not one that somebody else asked for a short while ago: that one was sent to the same person, who can
/// use it, and so nobody can end codes by asking for more.
pub async fn request_reset_code(b: &Backend, address: &str, phone: &Phone) -> Result<()> {
    limits::count(b, &format!("reset/address/{address}"), CODES_OF_AN_ADDRESS, HOUR_MS).await?;
    limits::count(
        b,
        &format!("reset/caller/{phone}/{address}"),
        CODES_OF_A_CALLER,
        HOUR_MS,
    )
    .await?;
    if !b.can_notify() {
        tracing::warn!("a reset code was asked for, but no notifier is set up to send it");
        return Ok(());
    }
    // The same work for every number: a code for nobody is stored, opens nothing, and is not sent.
    let known = exists(b, phone).await?;
    let code = random_digits(b.rng(), CODE_DIGITS);
    let expires = b.now().plus(CODE_VALID_MS);
    let mut tx = b.db().begin().await?;
    let stored = sqlx::query(
        "INSERT INTO reset_codes (phone, code_hash, tries, expires, asked_by) VALUES ($1, $2, 0, $3, $4)
         ON CONFLICT (phone) DO UPDATE SET code_hash = excluded.code_hash, tries = 0, expires = excluded.expires, asked_by = excluded.asked_by
         WHERE reset_codes.asked_by = excluded.asked_by OR reset_codes.expires <= $5 OR reset_codes.expires > $3",
    )
    .bind(phone.as_str())
    .bind(digest(b, phone, &code)?)
    .bind(expires.0)
    .bind(asked_by(b, phone, address)?)
    .bind(expires.plus(-OTHERS_WAIT_MS).0)
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    if stored.rows_affected() == 0 {
        return Ok(());
    }
    let content = Content::ResetCode { code, expires };
    notify::enqueue_within(b, &mut tx, phone, &content, known).await?;
    tx.commit().await.map_err(fault)?;
    notify::wake(b);
    Ok(())
}

pub(super) fn imei(stored: &str) -> Result<Imei> {
    Imei::parse(stored).map_err(|problem| fault(format!("a stored imei: {problem:?}")))
}

pub(super) fn grade(stored: i64) -> Result<Grade> {
    Grade::from_number(stored).ok_or_else(|| fault(format!("a stored grade: {stored}")))
}

impl Client {
    fn of(imei: Option<&Imei>) -> Self {
        imei.map_or(Self::Web, |_| Self::Device)
    }
}
