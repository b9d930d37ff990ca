//! Authorisations by password (signs 16 to 18).

use super::grants;
use crate::core::db::fault;
use crate::core::keys::random_digits;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::{Addition, GrantKind, Series};
use domain::guard::ids::{CardHolder, DoorPassword, GuardId, ServiceNumb};
pub use domain::guard::passwords::{Listed, Password};
use domain::ids::{Millis, Phone};
use domain::people::Person;

/// Digits of a password that is made for somebody.
const GENERATED_DIGITS: usize = 6;

/// A password to be authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// The number of this authorisation; [`super::service_numb`] makes one.
    pub service_numb: ServiceNumb,
    /// The digits; [`generate`] makes some.
    pub password: DoorPassword,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
}

/// A password nobody can guess from another.
pub fn generate(b: &Backend) -> Result<DoorPassword> {
    DoorPassword::parse(&random_digits(b.rng(), GENERATED_DIGITS)).map_err(|_| fault("a password of no digits"))
}

/// Authorises a password for one of the person's guards (sign 17).
#[crate::boxed]
pub async fn add(b: &Backend, who: &Person, guard_id: &GuardId, new: NewPassword) -> Result<Addition> {
    add_for(b, who, guard_id, new, None).await
}

/// The same, and keeps for whom it is. The guard does not hear of that.
#[crate::boxed]
pub async fn add_for(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    new: NewPassword,
    for_whom: Option<CardHolder>,
) -> Result<Addition> {
    let kind = GrantKind::Password { password: new.password };
    let new = grants::NewGrant {
        service_numb: new.service_numb,
        content: grants::Content { kind, for_whom },
        from: new.from,
        until: new.until,
    };
    grants::add(b, who, guard_id, new).await
}

/// Cancels one (sign 18).
#[crate::boxed]
pub async fn cancel(b: &Backend, who: &Person, guard_id: &GuardId, service_numb: &ServiceNumb) -> Result<()> {
    grants::cancel(b, who, guard_id, service_numb, Series::Password).await
}

/// The digits of one that opens now or will, for its owner.
#[crate::boxed]
pub async fn reveal(b: &Backend, who: &Person, guard_id: &GuardId, service_numb: &ServiceNumb) -> Result<DoorPassword> {
    let listed = list(b, who, &who.phone, guard_id).await?;
    let mut passwords = listed.passwords.into_iter();
    let found = passwords.find(|one| one.service_numb == *service_numb);
    found.and_then(|one| one.password).ok_or(Refusal::Unknown)
}

/// The passwords of a guard that open now or will (sign 16). Those above the owner see that there are passwords, not which.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, of: &Phone, guard_id: &GuardId) -> Result<Listed> {
    let (guard, rows) = grants::list(b, who, of, guard_id, Series::Password).await?;
    let own = who.phone == *of;
    let (mut passwords, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match password(b, guard_id, &row, own) {
            Some(password) => passwords.push(password),
            None => unreadable.extend(row.unreadable(b, guard_id)),
        }
    }
    Ok(Listed {
        default_passwords: guard.default_passwords,
        passwords,
        unreadable,
    })
}

/// `None`: it cannot be read.
fn password(b: &Backend, guard_id: &GuardId, row: &grants::Row, own: bool) -> Option<Password> {
    let content = row.content(b, guard_id)?;
    let GrantKind::Password { password } = &content.kind else {
        return None;
    };
    Some(Password {
        service_numb: row.service_numb(b, guard_id)?,
        password: own.then(|| password.clone()),
        for_whom: content.for_whom.clone().filter(|_| own),
        from: Millis(row.starts),
        until: Millis(row.ends),
        version: row.version,
        added_at: Millis(row.added_at),
    })
}
