//! The browsers in which somebody turned notifications on.

use super::encryption;
use super::service::may_be_sent_to;
use crate::core::db::{Tx, fault, sql};
use crate::core::keys::sha256;
use crate::identity::require;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::Phone;
use domain::people::{Person, Role};
use domain::push::{PushAddress, PushKey, PushSecret};
use serde::{Deserialize, Serialize};

/// Browsers of one person; of more, the one that was not there for longest is forgotten.
const MOST: usize = 10;
/// A browser that does not come back for so long is forgotten.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// What a browser gives for being sent something. It is stored under seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where its push service takes messages for it.
    pub address: PushAddress,
    /// What messages are encrypted for.
    pub key: PushKey,
    /// What goes into the encryption as well.
    pub secret: PushSecret,
}

/// What a browser is called here; nobody finds its address by it.
fn id(address: &PushAddress) -> String {
    sha256(address.as_str())
}

/// For the seal of a subscription.
pub(crate) fn context(phone: &str, id: &str) -> String {
    format!("push subscription {phone}/{id}")
}

/// Turns notifications on in a browser. `session`: the one in which the browser asks, by
/// [`crate::identity::sessions::handle`]; when somebody ends it, they are turned off. They end for the person who had them on in this browser before.
#[crate::boxed]
pub async fn keep(b: &Backend, who: &Person, session: &str, subscription: &Subscription) -> Result<()> {
    require(who, &Role::ALL)?;
    let ready = b.push().ready().ok_or(Refusal::Unknown)?;
    if !may_be_sent_to(&subscription.address, ready.loopback) {
        return Err(Refusal::field("address", Problem::Form));
    }
    if encryption::point(&subscription.key).is_none() {
        return Err(Refusal::field("key", Problem::Form));
    }
    let (phone, id, now) = (who.phone.as_str(), id(&subscription.address), b.now());
    let content = serde_json::to_vec(subscription).map_err(fault)?;
    let content = b.keys().seal(b.rng(), &context(phone, &id), &content)?;
    let mut tx = b.db().begin().await?;
    let others: Vec<String> = tx
        .all(sql!(
            "SELECT phone FROM push_subscriptions WHERE id = $1 AND phone <> $2",
            &id,
            phone
        ))
        .await?;
    for other in others {
        forget_within(&mut tx, &other, &id).await?;
    }
    tx.execute(sql!(
        "INSERT INTO push_subscriptions (phone, id, session, content, made_at, ends) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (phone, id) DO UPDATE SET session = excluded.session, content = excluded.content, ends = excluded.ends",
        phone,
        &id,
        session,
        content,
        now.0,
        now.plus(KEPT_MS).0
    ))
    .await?;
    let all: Vec<String> = tx
        .all(sql!(
            "SELECT id FROM push_subscriptions WHERE phone = $1 ORDER BY ends DESC, id",
            phone
        ))
        .await?;
    for old in all.iter().skip(MOST).filter(|old| **old != id) {
        forget_within(&mut tx, phone, old).await?;
    }
    tx.commit().await
}

/// Keeps them on in a browser that comes back, for the session in which it does. [`Refusal::Unknown`]: they are not on there, or not any more.
#[crate::boxed]
pub async fn renew(b: &Backend, who: &Person, session: &str, address: &PushAddress) -> Result<()> {
    require(who, &Role::ALL)?;
    let now = b.now();
    let renewed = b
        .db()
        .execute(sql!(
            "UPDATE push_subscriptions SET session = $3, ends = $4 WHERE phone = $1 AND id = $2 AND ends > $5",
            who.phone.as_str(),
            id(address),
            session,
            now.plus(KEPT_MS).0,
            now.0
        ))
        .await?;
    if renewed == 1 { Ok(()) } else { Err(Refusal::Unknown) }
}

/// In how many browsers a person has notifications on.
#[crate::boxed]
pub async fn count(b: &Backend, who: &Person) -> Result<i64> {
    require(who, &Role::ALL)?;
    let counted = sql!(
        "SELECT count(*) FROM push_subscriptions WHERE phone = $1 AND ends > $2",
        who.phone.as_str(),
        b.now().0
    );
    b.db().one(counted).await
}

/// Turns them off in the browser with this address, if they are on there.
#[crate::boxed]
pub async fn end(b: &Backend, who: &Person, address: &PushAddress) -> Result<()> {
    require(who, &Role::ALL)?;
    let mut tx = b.db().begin().await?;
    forget_within(&mut tx, who.phone.as_str(), &id(address)).await?;
    tx.commit().await
}

/// Turns them off in all browsers of a person.
#[crate::boxed]
pub async fn end_everywhere(b: &Backend, who: &Person) -> Result<()> {
    require(who, &Role::ALL)?;
    let mut tx = b.db().begin().await?;
    end_of_person(&mut tx, &who.phone).await?;
    tx.commit().await
}

/// The same within a change of the person, such as a new password.
pub(crate) async fn end_of_person(tx: &mut Tx, phone: &Phone) -> Result<()> {
    for ended in [
        sql!("DELETE FROM push_subscriptions WHERE phone = $1", phone.as_str()),
        sql!("DELETE FROM push_sends WHERE phone = $1", phone.as_str()),
    ] {
        tx.execute(ended).await?;
    }
    Ok(())
}

/// Turns them off in the browser of a session that somebody ended.
pub(crate) async fn end_of_session(tx: &mut Tx, phone: &Phone, session: &str) -> Result<()> {
    let ended: Vec<String> = tx
        .all(sql!(
            "SELECT id FROM push_subscriptions WHERE phone = $1 AND session = $2",
            phone.as_str(),
            session
        ))
        .await?;
    for id in ended {
        forget_within(tx, phone.as_str(), &id).await?;
    }
    Ok(())
}

/// Forgets a browser, and what was to be sent to it.
pub(super) async fn forget_within(tx: &mut Tx, phone: &str, id: &str) -> Result<()> {
    for forgotten in [
        sql!("DELETE FROM push_subscriptions WHERE phone = $1 AND id = $2", phone, id),
        sql!(
            "DELETE FROM push_sends WHERE phone = $1 AND subscription = $2",
            phone,
            id
        ),
    ] {
        tx.execute(forgotten).await?;
    }
    Ok(())
}
