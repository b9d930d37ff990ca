//! People who may sign in.

use crate::{Actor, Backend, Result};
use domain::error::Refusal;
use domain::ids::Phone;
use domain::locker::orders::Page;
use domain::people::{Person, Role};

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

/// Checks phone number and password. An unknown number, a wrong password and a person who may not sign in get the same answer
/// after the same time; failures slow down the number and the address (`address`: the caller's IP).
pub async fn sign_in(b: &Backend, phone: &str, password: &str, address: &str) -> Result<Person> {
    Err(Refusal::Internal)
}

/// The person with this number, whether or not they may sign in.
pub async fn get(b: &Backend, phone: &Phone) -> Result<Option<Person>> {
    Err(Refusal::Internal)
}

/// Operators: everybody whose number begins with `query` or whose name contains it, by number.
pub async fn list(b: &Backend, who: &Person, query: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Person>> {
    Err(Refusal::Internal)
}

/// Adds a person.
pub async fn add(b: &Backend, who: &Actor, new: NewPerson) -> Result<Person> {
    Err(Refusal::Internal)
}

/// Lets a person sign in or no longer; the latter ends their sessions and tokens. Nobody does this to themselves.
pub async fn set_active(b: &Backend, who: &Actor, phone: &Phone, active: bool) -> Result<Person> {
    Err(Refusal::Internal)
}

/// An operator gives a person a new password, which ends that person's sessions and tokens.
pub async fn set_password(b: &Backend, who: &Actor, phone: &Phone, new: &str) -> Result<()> {
    Err(Refusal::Internal)
}

/// A person changes their own password. Their sessions and tokens end; the caller signs them in anew.
pub async fn change_password(b: &Backend, who: &Person, current: &str, new: &str) -> Result<()> {
    Err(Refusal::Internal)
}

/// Whether there is an operator; without one the set-up page is open.
pub async fn any_operator(b: &Backend) -> Result<bool> {
    Err(Refusal::Internal)
}
