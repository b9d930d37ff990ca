//! People who may sign in.

mod finding;
mod rows;

pub use finding::{list, page};
pub(crate) use rows::{PersonRow, person_in};

use crate::core::db::{Tx, fault, row, sql};
use crate::core::facts;
use crate::core::text::one_line;
use crate::identity::limits::Limit;
use crate::identity::password::{Check, Turn};
use crate::identity::{Actor, access, changes, known_devices, limits, revoked, sessions, signed_in, tokens};
use crate::{Backend, Result};
use domain::changes::{About, Deed, between};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Phone};
use domain::people::{Person, Role};
use domain::phone;
use zeroize::Zeroizing;

/// In `settings`: the phone number of the first operator.
const SET_UP: &str = "set-up";
const NAME_MAX: u32 = 100;
/// Failures within the window after which a caller with one number, or an address with any, must wait for its end.
const FAILURES_OF_A_CALLER: u32 = 5;
const FAILURES_OF_AN_ADDRESS: u32 = 50;
const FAILURE_WINDOW_MS: i64 = 5 * 60 * 1000;
/// Failures with one number, from wherever they come, after which browsers that are not known wait before they are checked.
const FAILURES_OF_A_NUMBER: u32 = 20;

/// A person to be added, as typed.
#[derive(Clone)]
pub struct NewPerson {
    /// Their phone number.
    pub phone: String,
    /// Their name, 1 to 100 characters.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The business of a business user; nothing for every other role.
    pub business: Option<String>,
    /// Their first password, 8 to 300 characters.
    pub password: String,
}

const COLUMNS: &str = "phone, name, role, business, active";

/// Who tries to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The address it comes from, as limits count it.
    pub address: &'a str,
    /// What its browser kept of earlier sign-ins ([`known_devices`]); empty where there is nothing.
    pub kept: &'a str,
}

/// Checks phone number and password for a caller without a browser; see [`sign_in_from`].
#[crate::boxed]
pub async fn sign_in(b: &Backend, phone: &str, password: &str, address: &str) -> Result<Person> {
    sign_in_from(b, phone, password, Caller { address, kept: "" }).await
}

/// Checks phone number and password. An unknown number, a wrong password and a person who may not sign in get the same answer
/// after the same time.
///
/// Failures are counted by number and caller together, so nobody keeps somebody else out, and by address. What fails with one number
/// from many addresses makes browsers that are not known wait longer and longer, and rejects none of them. A text that is no number is
/// [`Problem::Form`] of `phone`, and counts for the address alone.
pub async fn sign_in_from(b: &Backend, phone: &str, password: &str, from: Caller<'_>) -> Result<Person> {
    let by_address = Limit::new(
        format!("sign-in/address/{}", from.address),
        FAILURES_OF_AN_ADDRESS,
        FAILURE_WINDOW_MS,
    );
    // Somebody who was added with their country code before it was understood has it in their key.
    let earlier = phone::unconverted(phone).map(Phone);
    let Some(phone) = Phone::parse(phone) else {
        limits::attempt(b, vec![by_address], async { Ok(None::<()>) }).await?;
        return Err(Refusal::field("phone", Problem::Form));
    };
    let of_number = failures_of_a_number(&phone);
    let (counted, turn, waited) = match known_devices::known(b, &phone, from.kept) {
        Some(device) => {
            let own = Limit::new(
                format!("sign-in/device/{device}"),
                FAILURES_OF_A_CALLER,
                FAILURE_WINDOW_MS,
            );
            (vec![own], Turn::First, None)
        }
        None => {
            let waited = limits::slow_down(b, &of_number).await?;
            let own = Limit::new(
                format!("sign-in/caller/{phone}/{}", from.address),
                FAILURES_OF_A_CALLER,
                FAILURE_WINDOW_MS,
            );
            (vec![own, by_address], Turn::Later, waited)
        }
    };
    let own = counted.first().map(Limit::key).unwrap_or_default().to_owned();
    let (of_task, password) = (b.clone(), Zeroizing::new(password.to_owned()));
    let check = async move {
        let mut known = with_hash(&of_task, &phone).await?;
        if let (None, Some(earlier)) = (&known, earlier.filter(|earlier| *earlier != phone)) {
            known = with_hash(&of_task, &earlier).await?;
        }
        let person = check(&of_task, known, &password, turn).await?;
        match person {
            Some(_) => limits::forget(&of_task, &own).await?,
            None => limits::note_failure(&of_task, &of_number).await?,
        }
        Ok(person)
    };
    let signed_in = limits::attempt(b, counted, check).await;
    drop(waited);
    signed_in?.ok_or(Refusal::WrongSignIn)
}

async fn check(b: &Backend, known: Option<(Person, String)>, password: &str, turn: Turn) -> Result<Option<Person>> {
    let hash = known.as_ref().map(|(_, hash)| hash.as_str());
    let right = b.passwords().matches(password, hash, turn).await?;
    Ok(known.map(|(person, _)| person).filter(|person| right && person.active))
}

/// Failures to sign in with a number, from wherever they come.
pub(crate) fn failures_of_a_number(phone: &Phone) -> Limit {
    Limit::new(
        format!("sign-in/number/{phone}"),
        FAILURES_OF_A_NUMBER,
        FAILURE_WINDOW_MS,
    )
}

/// The person with this number, whether or not they may sign in.
#[crate::boxed]
pub async fn get(b: &Backend, phone: &Phone) -> Result<Option<Person>> {
    b.db()
        .optional::<PersonRow>(sql!(
            "SELECT phone, name, role, business, active FROM people WHERE phone = $1",
            phone.as_str()
        ))
        .await?
        .map(PersonRow::person)
        .transpose()
}

/// Adds a person.
#[crate::boxed]
pub async fn add(b: &Backend, who: &Actor, new: NewPerson) -> Result<Person> {
    let first = matches!(who, Actor::SetUp);
    if !first {
        who.require_operator()?;
    } else if new.role != Role::Operator || any_operator(b).await? {
        return Err(Refusal::NotYours);
    }
    let person = validated(b, &new).await?;
    let hash = b.passwords().hash(&new.password, b.rng(), Turn::First).await?;
    let mut tx = b.db().begin().await?;
    if first {
        // Decided by one row, so that two who set up at the same moment do not both become operators.
        let claim = tx
            .execute(facts::write_if_absent(SET_UP, person.phone.as_str()))
            .await?;
        if claim == 0 {
            return Err(Refusal::NotYours);
        }
    }
    insert_within(b, &mut tx, &person, hash).await?;
    changes::note(b, &mut tx, &about(&person.phone), Deed::Added, who, &[]).await?;
    tx.commit().await?;
    Ok(person)
}

/// Whose changes these are.
fn about(phone: &Phone) -> About {
    About::Person(phone.clone())
}

/// Adds a person whose password was hashed before: a hash takes longer than everything else of the sample data, where all have one password.
pub(crate) async fn add_hashed(b: &Backend, new: &NewPerson, hash: String) -> Result<()> {
    let person = validated(b, new).await?;
    let mut tx = b.db().begin().await?;
    insert_within(b, &mut tx, &person, hash).await?;
    tx.commit().await.map_err(fault)
}

/// Writes a person whose values have been checked; the key decides whether the number is taken.
pub(crate) async fn insert_within(b: &Backend, tx: &mut Tx, person: &Person, hash: String) -> Result<()> {
    let added = tx
        .execute(sql!(
            "INSERT INTO people (phone, name, role, business, password_hash, active, added_at)
         VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (phone) DO NOTHING",
            person.phone.as_str(),
            person.name.as_str(),
            person.role.as_str(),
            person.business.as_ref().map(BusinessName::as_str),
            hash,
            b.now().0
        ))
        .await?;
    if added == 0 {
        return Err(Refusal::field("phone", Problem::Taken));
    }
    let bus = b.bus().clone();
    tx.when_over(move || bus.work_changed());
    if person.role == Role::Owner {
        tx.execute(sql!(
            "INSERT INTO owners (phone, imei, epoch, ended_epoch, grade) VALUES ($1, '', 1, 0, 0)",
            person.phone.as_str()
        ))
        .await?;
    }
    Ok(())
}

pub(crate) async fn validated(b: &Backend, new: &NewPerson) -> Result<Person> {
    if new.phone.trim().is_empty() {
        return Err(Refusal::field("phone", Problem::Required));
    }
    let phone = Phone::parse(&new.phone).ok_or_else(|| Refusal::field("phone", Problem::Form))?;
    let name = one_line("name", &new.name, NAME_MAX, false)?;
    let business = business_of(b, new.role, new.business.as_deref()).await?;
    Check::of(&phone, &name).new_password("password", &new.password)?;
    Ok(Person {
        phone,
        name,
        role: new.role,
        business,
        active: true,
    })
}

/// The business that was given for somebody of this role, if it is one they may have.
async fn business_of(b: &Backend, role: Role, given: Option<&str>) -> Result<Option<BusinessName>> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    match (role, given) {
        (Role::Business, None) => Err(Refusal::field("business", Problem::Required)),
        (Role::Business, Some(text)) => {
            let business = BusinessName::parse(text).ok_or_else(|| Refusal::field("business", Problem::Form))?;
            if !crate::identity::businesses::exists(b, &business).await? {
                return Err(Refusal::field("business", Problem::Unknown));
            }
            Ok(Some(business))
        }
        (_, Some(_)) => Err(Refusal::field("business", Problem::Contradicts)),
        (_, None) => Ok(None),
    }
}

/// What an operator may correct of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonTexts {
    /// Their name, 1 to 100 characters.
    pub name: String,
    /// The business of a business user; nothing for every other role.
    pub business: Option<String>,
}

impl From<&Person> for PersonTexts {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            business: person.business.as_ref().map(|name| name.0.clone()),
        }
    }
}

/// Renames a person, or moves a business user to another business, which revokes the vouchers they made, as long as they are what the operator
/// saw (`was`). Answers the person as they are, and whether that is what was asked for: `false` where somebody else changed them since.
#[crate::boxed]
pub async fn correct(
    b: &Backend,
    who: &Actor,
    phone: &Phone,
    was: &PersonTexts,
    to: &PersonTexts,
) -> Result<(Person, bool)> {
    who.require_operator()?;
    let role = get(b, phone).await?.ok_or(Refusal::Unknown)?.role;
    let name = one_line("name", &to.name, NAME_MAX, false)?;
    let business = match (&to.business, &was.business) {
        // They may stay with a business that is retired.
        (Some(same), Some(before)) if same == before => Some(BusinessName(same.clone())),
        _ => business_of(b, role, to.business.as_deref()).await?,
    };
    let to = PersonTexts {
        name,
        business: business.map(|name| name.0),
    };
    let text = |business: &Option<String>| business.clone().unwrap_or_default();
    let corrected = sql!(
        "UPDATE people SET name = $2, business = $3 WHERE phone = $1 AND name = $4 AND COALESCE(business, '') = $5 RETURNING {columns}"
        { columns: text(COLUMNS) },
        phone.as_str(),
        &to.name,
        &to.business,
        &was.name,
        text(&was.business)
    );
    let mut tx = b.db().begin().await?;
    let Some(row) = tx.optional::<PersonRow>(corrected).await? else {
        let now = within(&mut tx, phone).await?;
        tx.rollback().await?;
        let as_asked = PersonTexts::from(&now) == to;
        return Ok((now, as_asked));
    };
    let person = row.person()?;
    let (before, after) = (text(&was.business), text(&to.business));
    let values = between([("name", &was.name, &to.name), ("business", &before, &after)]);
    if !values.is_empty() {
        changes::note(b, &mut tx, &about(phone), Deed::Corrected, who, &values).await?;
    }
    if before != after {
        // They were made for orders that are not theirs any more.
        revoked::vouchers_of(b, &mut tx, phone).await?;
    }
    signed_in::changes(b, &mut tx, phone);
    tx.commit().await?;
    Ok((person, true))
}

/// The person with this number, as they are at this moment.
async fn within(tx: &mut Tx, phone: &Phone) -> Result<Person> {
    let row = sql!("SELECT {columns} FROM people WHERE phone = $1" { columns: text(COLUMNS) }, phone.as_str());
    let row: Option<PersonRow> = tx.optional(row).await?;
    row.ok_or(Refusal::Unknown)?.person()
}

/// Lets a person sign in or no longer; the latter ends their sessions and tokens. Nobody does this to themselves.
#[crate::boxed]
pub async fn set_active(b: &Backend, who: &Actor, phone: &Phone, active: bool) -> Result<Person> {
    who.require_operator()?;
    if who.phone() == Some(phone) {
        return Err(Refusal::NotYours);
    }
    let mut tx = b.db().begin().await?;
    let row: Option<PersonRow> = tx
        .optional(sql!(
            "UPDATE people SET active = $2 WHERE phone = $1 RETURNING {columns}" { columns: text(COLUMNS) },
            phone.as_str(),
            i64::from(active)
        ))
        .await?;
    let person = row.ok_or(Refusal::Unknown)?.person()?;
    let deed = if active { Deed::Unblocked } else { Deed::Blocked };
    changes::note(b, &mut tx, &about(phone), deed, who, &[]).await?;
    signed_in::changes(b, &mut tx, phone);
    if active {
        revoked::take_back(&mut tx, phone).await?;
    } else {
        end_all(b, &mut tx, phone).await?;
        revoked::person(b, &mut tx, phone).await?;
    }
    tx.commit().await?;
    Ok(person)
}

/// An operator gives a person a new password, which ends that person's sessions and tokens.
#[crate::boxed]
pub async fn set_password(b: &Backend, who: &Actor, phone: &Phone, new: &str) -> Result<()> {
    who.require_operator()?;
    let person = get(b, phone).await?.ok_or(Refusal::Unknown)?;
    store_password(b, &person, "password", new, Some(who)).await
}

/// A person changes their own password. Their sessions and tokens end; the caller signs them in again.
#[crate::boxed]
pub async fn change_password(b: &Backend, who: &Person, current: &str, new: &str) -> Result<()> {
    Check::of(&who.phone, &who.name).new_password("new", new)?;
    // Apart from signing in: a person who gets here has a session, so nobody else can use up these tries.
    let limit = Limit::new(
        format!("change-password/{}", who.phone),
        FAILURES_OF_A_CALLER,
        FAILURE_WINDOW_MS,
    );
    let (of_task, phone, current) = (b.clone(), who.phone.clone(), Zeroizing::new(current.to_owned()));
    let check = async move {
        let known = with_hash(&of_task, &phone).await?;
        check(&of_task, known, &current, Turn::First).await
    };
    if limits::attempt(b, vec![limit], check).await?.is_none() {
        return Err(Refusal::field("current", Problem::WrongPassword));
    }
    store_password(b, who, "new", new, None).await
}

/// Whether there is an operator; without one the set-up page is open.
#[crate::boxed]
pub async fn any_operator(b: &Backend) -> Result<bool> {
    let row: Option<i64> = b
        .db()
        .optional(sql!("SELECT 1 FROM people WHERE role = 'operator' LIMIT 1"))
        .await?;
    Ok(row.is_some())
}

/// The names of these people.
pub(crate) async fn names(b: &Backend, phones: &[String]) -> Result<std::collections::HashMap<String, String>> {
    if phones.is_empty() {
        return Ok(std::collections::HashMap::new());
    }
    let mut query = sql!(
        "SELECT phone, name FROM people WHERE phone IN ({phones})"
        { phones: list(1, phones.len()) }
    )
    .once();
    for phone in phones {
        query = query.bind(phone);
    }
    row! {
        struct Named {
            phone: String,
            name: String,
        }
    }
    let rows: Vec<Named> = b.db().all(query).await?;
    Ok(rows.into_iter().map(|row| (row.phone, row.name)).collect())
}

async fn with_hash(b: &Backend, phone: &Phone) -> Result<Option<(Person, String)>> {
    row! {
        struct WithHash {
            phone: String,
            name: String,
            role: String,
            business: Option<String>,
            active: i64,
            password_hash: String,
        }
    }
    let row: Option<WithHash> = b
        .db()
        .optional(sql!(
            "SELECT phone, name, role, business, active, password_hash FROM people WHERE phone = $1",
            phone.as_str()
        ))
        .await?;
    row.map(|row| {
        let person = person_in!(row)?;
        Ok((person, row.password_hash))
    })
    .transpose()
}

/// `by`: the operator who gives it to them.
async fn store_password(b: &Backend, person: &Person, field: &str, new: &str, by: Option<&Actor>) -> Result<()> {
    Check::of(&person.phone, &person.name).new_password(field, new)?;
    let hash = b.passwords().hash(new, b.rng(), Turn::First).await?;
    let mut tx = b.db().begin().await?;
    store_hash_within(b, &mut tx, &person.phone, hash).await?;
    if let Some(operator) = by {
        changes::note(b, &mut tx, &about(&person.phone), Deed::PasswordSet, operator, &[]).await?;
    }
    tx.commit().await
}

/// A new password's hash; whatever the old one had opened ends.
pub(crate) async fn store_hash_within(b: &Backend, tx: &mut Tx, phone: &Phone, hash: String) -> Result<()> {
    let stored = tx
        .execute(sql!(
            "UPDATE people SET password_hash = $2 WHERE phone = $1",
            phone.as_str(),
            hash
        ))
        .await?;
    if stored == 0 {
        return Err(Refusal::Unknown);
    }
    end_all(b, tx, phone).await
}

/// Ends every session and token of a person.
pub(crate) async fn end_all(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<()> {
    sessions::delete_within(b, tx, phone).await?;
    tokens::delete_within(b, tx, phone).await?;
    access::end_within(b, tx, phone).await
}
