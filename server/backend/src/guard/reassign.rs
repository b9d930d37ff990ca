//! Giving a number that somebody registered to the person who holds it. Anybody may register any free number as an owner, so somebody can
//! register one that is not theirs; this is how an operator ends that.

use super::{guards, hub::Live, juniors};
use crate::core::db::{Tx, row, sql};
use crate::identity::password::Turn;
use crate::identity::people::{NewPerson, end_all, failures_of_a_number, validated};
use crate::identity::{Actor, limits, people, require};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::ids::GuardId;
use domain::ids::{BusinessName, Millis, Phone};
pub use domain::people::Reassigned;
use domain::people::{Person, Role};

/// Gives the number of an owner to `new`, in whatever role. Nothing of the earlier holder goes over: their sessions, tokens and codes end,
/// their guards are released as if they had deleted them, their links to superiors and juniors end, and what their guards recorded is shown
/// to nobody any more. A number that is no owner's is [`Problem::Taken`], because its holder was added by an operator; a free one is
/// [`Problem::Unknown`].
#[crate::boxed]
pub async fn reassign(b: &Backend, who: &Actor, new: NewPerson) -> Result<Person> {
    who.require_operator()?;
    let person = validated(b, &new).await?;
    let hash = b.passwords().hash(&new.password, b.rng(), Turn::First).await?;
    let mut tx = juniors::take_forest(b).await?;
    if !replace_holder(b, &mut tx, who, &person, hash).await? {
        tx.rollback().await?;
        let problem = match people::get(b, &person.phone).await? {
            Some(_) => Problem::Taken,
            None => Problem::Unknown,
        };
        return Err(Refusal::field("phone", problem));
    }
    let released = release_guards(b, &mut tx, &person.phone).await?;
    let linked = juniors::end_all_within(b, &mut tx, &person.phone).await?;
    end_all(b, &mut tx, &person.phone).await?;
    forget_holder(&mut tx, &person).await?;
    tx.commit().await?;
    limits::forget(b, failures_of_a_number(&person.phone).key()).await?;
    for guard_id in &released {
        guards::tell(b, guard_id, &person.phone);
    }
    for phone in &linked {
        b.hub().publish(phone, Live::GuardChanged);
    }
    tracing::info!(
        guards = released.len(),
        links = linked.len(),
        "an operator gave a registered number to somebody else"
    );
    Ok(person)
}

/// False where the number is no owner's.
async fn replace_holder(b: &Backend, tx: &mut Tx, who: &Actor, person: &Person, hash: String) -> Result<bool> {
    let replaced = tx.execute(sql!(
        "UPDATE people SET name = $2, role = $3, business = $4, password_hash = $5, active = 1, added_at = $6, reassigned_at = $6,
             reassigned_by = $7
             WHERE phone = $1 AND role = 'owner'",
        person.phone.as_str(),
        person.name.as_str(),
        person.role.as_str(),
        person.business.as_ref().map(BusinessName::as_str),
        hash,
        b.now().0,
        who.phone().map(Phone::as_str),
    )).await?;
    Ok(replaced == 1)
}

async fn release_guards(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<Vec<GuardId>> {
    let rows: Vec<String> = tx
        .all(sql!(
            "SELECT guard_id FROM owner_guards WHERE owner = $1",
            phone.as_str()
        ))
        .await?;
    let mut released = Vec::with_capacity(rows.len());
    for guard_id in rows {
        let Ok(guard_id) = GuardId::parse(&guard_id) else {
            b.damage().note("owner_guards", &guard_id);
            continue;
        };
        if guards::release_within(b, tx, &guard_id, phone).await? {
            released.push(guard_id);
        }
    }
    Ok(released)
}

/// What was stored for the earlier holder and would reach or serve the new one.
async fn forget_holder(tx: &mut Tx, person: &Person) -> Result<()> {
    let phone = person.phone.as_str();
    let owners = if person.role == Role::Owner {
        // The row stays, so that its epoch goes on and no earlier token counts again.
        sql!("UPDATE owners SET imei = '' WHERE phone = $1", phone)
    } else {
        sql!("DELETE FROM owners WHERE phone = $1", phone)
    };
    for forgotten in [
        owners,
        sql!("DELETE FROM reset_codes WHERE phone = $1", phone),
        sql!("DELETE FROM registration_codes WHERE phone = $1", phone),
        sql!("DELETE FROM notifications WHERE phone = $1", phone),
        sql!("DELETE FROM idempotency_keys WHERE who = $1", phone),
    ] {
        tx.execute(forgotten).await?;
    }
    Ok(())
}

/// Operators: whether this number was reassigned, and when last.
#[crate::boxed]
pub async fn reassigned(b: &Backend, who: &Person, phone: &Phone) -> Result<Option<Reassigned>> {
    require(who, &[Role::Operator])?;
    row! {
        struct Row {
            reassigned_at: Option<i64>,
            reassigned_by: Option<String>,
        }
    }
    let row: Option<Row> = b
        .db()
        .optional(sql!(
            "SELECT reassigned_at, reassigned_by FROM people WHERE phone = $1",
            phone.as_str()
        ))
        .await?;
    Ok(row.and_then(|row| {
        Some(Reassigned {
            at: Millis(row.reassigned_at?),
            by: row.reassigned_by.map(Phone),
        })
    }))
}
