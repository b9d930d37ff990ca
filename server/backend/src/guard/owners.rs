//! Owners: registering, signing in, name, password, and which device is theirs (signs 2, 4, 19, 20, 21, 26). An owner is a person
//! of that role; what is here stands beside.

mod codes;

pub use codes::{request_registration_code, request_reset_code};

use super::hub::Live;
use crate::cluster::nodes;
use crate::core::db::{Tx, fault, row, sql};
use crate::identity::access::{self, Client};
use crate::identity::password::Turn;
use crate::identity::{limits, people, require, sessions, signed_in};
use crate::{Backend, Result};
use codes::Purpose;
use domain::error::{Problem, Refusal};
use domain::guard::grades::Grade;
use domain::guard::ids::{AccessToken, Imei, OwnerName, OwnerPassword, ResetCode};
pub use domain::guard::owners::Devices;
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};

const HOUR_MS: i64 = 3_600_000;
/// Registrations in an hour.
const REGISTRATIONS_OF_A_CALLER: u32 = 10;
const REGISTRATIONS_OF_AN_ADDRESS: u32 = 200;

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

/// Somebody who registers.
#[derive(Clone, Copy, Debug)]
pub struct Registrant<'a> {
    /// How they are called.
    pub name: &'a OwnerName,
    /// Their number.
    pub phone: &'a Phone,
    /// The password they chose.
    pub password: &'a OwnerPassword,
    /// The device they register from; `None`: a browser.
    pub imei: Option<&'a Imei>,
    /// The code that [`request_registration_code`] sent to the number.
    pub code: Option<&'a ResetCode>,
}

/// Registers an owner (sign 2). A number that is known already, in whatever role, is [`Problem::Taken`]. Where numbers are verified, it
/// takes the code that was sent to the number: none is [`Problem::Required`], another one [`Problem::Contradicts`].
pub async fn register(b: &Backend, address: &str, new: Registrant<'_>) -> Result<SignedIn> {
    let phone = new.phone;
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
    let code_hash = match new.code {
        _ if !b.verifies_numbers() => None,
        Some(code) => Some(codes::check(b, Purpose::Register, address, phone, code).await?),
        None => return Err(Refusal::field("code", Problem::Required)),
    };
    let person = Person {
        phone: phone.clone(),
        name: new.name.as_str().to_owned(),
        role: Role::Owner,
        business: None,
        active: true,
    };
    let hash = b.passwords().hash(new.password.as_str(), b.rng(), Turn::Later).await?;
    // The one sign 1 named, as long as no node came or went in between.
    let home = nodes::choice(b, phone.as_str()).await?;
    let mut tx = b.db().begin().await?;
    if let Some(code_hash) = code_hash {
        codes::use_up(&mut tx, Purpose::Register, phone, &code_hash).await?;
    }
    people::insert_within(b, &mut tx, &person, hash).await?;
    let epoch: i64 = tx
        .one(sql!(
            "UPDATE owners SET imei = $2, node = $3 WHERE phone = $1 RETURNING epoch",
            phone.as_str(),
            new.imei.map_or("", Imei::as_str),
            home.map(|home| home.name.to_string())
        ))
        .await?;
    tx.commit().await?;
    Ok(SignedIn {
        person,
        previous_imei: access::imei("")?,
        grade: Grade::Alone,
        token: access::token(b, phone, epoch, Client::of(new.imei))?,
    })
}

/// Signs in: with an `imei` as that device (sign 4), which ends the time of another one; without, as a browser (sign 26).
#[crate::boxed]
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
    tx.commit().await?;
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
    row! {
        struct Row {
            imei: String,
            epoch: i64,
            grade: i64,
        }
    }
    let row: Option<Row> = tx
        .optional(sql!(
            "UPDATE owners SET epoch = epoch WHERE phone = $1 RETURNING imei, epoch, grade",
            phone.as_str()
        ))
        .await?;
    let row = row.ok_or_else(|| fault("an owner without a row of their own"))?;
    let before = Before {
        imei: access::imei(&row.imei)?,
        grade: access::grade(row.grade)?,
    };
    let epoch = row.epoch;
    let epoch = match imei {
        Some(new) if *new != before.imei => {
            signed_in::changes(b, tx, phone);
            tx.execute(sql!(
                "UPDATE owners SET imei = $2, epoch = $3, superseded_at = $4 WHERE phone = $1",
                phone.as_str(),
                new.as_str(),
                epoch + 1,
                b.now().0
            ))
            .await?;
            epoch + 1
        }
        _ => epoch,
    };
    Ok((epoch, before))
}

/// Renames themselves (sign 20).
#[crate::boxed]
pub async fn rename(b: &Backend, who: &Person, name: &OwnerName) -> Result<()> {
    require(who, &[Role::Owner])?;
    b.db()
        .execute(sql!(
            "UPDATE people SET name = $2 WHERE phone = $1",
            who.phone.as_str(),
            name.as_str()
        ))
        .await?;
    signed_in::changed(b, &who.phone);
    b.hub().publish(&who.phone, Live::GuardChanged);
    Ok(())
}

/// Is there an owner of this number who may sign in?
#[crate::boxed]
pub async fn exists(b: &Backend, phone: &Phone) -> Result<bool> {
    let person = people::get(b, phone).await?;
    Ok(person.is_some_and(|person| person.active && person.role == Role::Owner))
}

/// The node in the row of an owner.
pub(crate) async fn node(b: &Backend, phone: &Phone) -> Result<Option<String>> {
    let row: Option<Option<String>> = b
        .db()
        .optional(sql!("SELECT node FROM owners WHERE phone = $1", phone.as_str()))
        .await?;
    Ok(row.flatten())
}

/// Where they are signed in.
#[crate::boxed]
pub async fn devices(b: &Backend, who: &Person) -> Result<Devices> {
    require(who, &[Role::Owner])?;
    row! {
        struct Row {
            imei: String,
            superseded_at: Option<i64>,
        }
    }
    let row: Option<Row> = b
        .db()
        .optional(sql!(
            "SELECT imei, superseded_at FROM owners WHERE phone = $1",
            who.phone.as_str()
        ))
        .await?;
    let row = row.ok_or(Refusal::Unknown)?;
    Ok(Devices {
        imei: access::imei(&row.imei)?,
        took_over_at: row.superseded_at.map(Millis),
        browsers: sessions::ends_of(b, &who.phone).await?,
    })
}

/// Ends all their sessions and tokens, the one that asks included.
#[crate::boxed]
pub async fn sign_out_everywhere(b: &Backend, who: &Person) -> Result<()> {
    require(who, &[Role::Owner])?;
    let mut tx = b.db().begin().await?;
    people::end_all(b, &mut tx, &who.phone).await?;
    tx.commit().await
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
        Proof::Code { code, address } => Some(codes::check(b, Purpose::Reset, address, phone, code).await?),
    };
    let hash = b.passwords().hash(new.as_str(), b.rng(), Turn::First).await?;
    let mut tx = b.db().begin().await?;
    if let Some(code_hash) = code_hash {
        codes::use_up(&mut tx, Purpose::Reset, phone, &code_hash).await?;
    }
    people::store_hash_within(b, &mut tx, phone, hash).await?;
    tx.commit().await?;
    // A person who proved who they are need not wait for the end of their failures.
    limits::forget(b, people::failures_of_a_number(phone).key()).await
}

fn wrong_code() -> Refusal {
    Refusal::field("code", Problem::Contradicts)
}

impl Client {
    fn of(imei: Option<&Imei>) -> Self {
        imei.map_or(Self::Web, |_| Self::Device)
    }
}
