//! Who is signed in, kept in memory for a moment: sessions, bearer tokens, people and owners as they were read last.
//!
//! Every request asks for them, and they seldom change. A change counts at once at the node that made it, at other nodes when they hear of it, and
//! nowhere later than two seconds afterwards. Nobody is rejected by what is kept here: that is read again first. It is for letting somebody in; what decides about money or doors inside a
//! transaction is read there again.

use crate::core::bus::Hint;
use crate::core::db::Tx;
use crate::core::db::scope::after_commit;
use crate::core::recent::Recent;
use crate::identity::access::OwnerRow;
use crate::identity::people;
use crate::identity::sessions::Stored;
use crate::identity::tokens::{Bearer, Known};
use crate::{Backend, Result};
use domain::ids::{Phone, Yid};
use domain::people::Person;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Identities {
    /// By the hash of the cookie's value.
    pub(crate) sessions: Recent<String, Arc<Stored>>,
    /// By the hash of the token.
    pub(crate) bearers: Recent<String, Arc<Known>>,
    /// By number.
    pub(crate) people: Recent<String, Arc<Person>>,
    /// By number.
    pub(crate) owners: Recent<String, Arc<OwnerRow>>,
}

impl Identities {
    /// Everything about a person.
    pub(crate) fn forget(&self, phone: &Phone) {
        self.sessions
            .forget_where(|stored| stored.phone.as_ref() == Some(phone));
        self.bearers
            .forget_where(|known| matches!(&known.bearer, Bearer::Person(person) if person.phone == *phone));
        self.people.forget(phone.as_str());
        self.owners.forget(phone.as_str());
    }

    /// The tokens of a kiosk.
    pub(crate) fn forget_kiosk(&self, yid: Yid) {
        self.bearers
            .forget_where(|known| matches!(known.bearer, Bearer::Kiosk(of) if of == yid));
    }

    /// When changes may have been missed.
    pub(crate) fn forget_all(&self) {
        self.sessions.forget_all();
        self.bearers.forget_all();
        self.people.forget_all();
        self.owners.forget_all();
    }
}

/// The person with this number, for letting them in; [`people::get`] for everything else.
#[crate::boxed]
pub async fn person(b: &Backend, phone: &Phone) -> Result<Option<Arc<Person>>> {
    let (people, now) = (&b.identities().people, b.now());
    if let Some(person) = people.get(phone.as_str(), now) {
        return Ok(Some(person));
    }
    let reading = people.reading(now);
    let person = people::get(b, phone).await?.map(Arc::new);
    // Somebody who is let in again must not wait.
    if let Some(person) = person.as_ref().filter(|person| person.active) {
        people.keep(phone.0.clone(), person.clone(), reading);
    }
    Ok(person)
}

/// To be called after a change of a person, their sessions, tokens or row as an owner, once it is committed.
pub(crate) fn changed(b: &Backend, phone: &Phone) {
    let (b, phone) = (b.clone(), phone.clone());
    after_commit(move || {
        b.identities().forget(&phone);
        b.bus().tell(Hint::Identity(phone));
    });
}

/// The same for a change in a transaction, for when that is over.
pub(crate) fn changes(b: &Backend, tx: &mut Tx, phone: &Phone) {
    let (b, phone) = (b.clone(), phone.clone());
    tx.when_over(move || changed(&b, &phone));
}

/// To be called after a change of a kiosk's token, once it is committed.
pub(crate) fn kiosk_changed(b: &Backend, yid: Yid) {
    let b = b.clone();
    after_commit(move || {
        b.identities().forget_kiosk(yid);
        b.bus().tell(Hint::Kiosk(yid));
    });
}

/// The same for a change in a transaction, for when that is over.
pub(crate) fn kiosk_changes(b: &Backend, tx: &mut Tx, yid: Yid) {
    let b = b.clone();
    tx.when_over(move || kiosk_changed(&b, yid));
}

/// The same as [`changes`] for a change that concerns everybody.
pub(crate) fn everybody_changes(b: &Backend, tx: &mut Tx) {
    let b = b.clone();
    tx.when_over(move || {
        b.identities().forget_all();
        b.bus().tell(Hint::Everything);
    });
}
