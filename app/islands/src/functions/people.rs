//! People, as an operator lets them in and keeps them out.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::OwnerPassword;
use domain::ids::{BusinessName, PersonName, Phone};
use domain::people::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
pub use reads::{get, list, of_these, page, reassigned};

/// Where a password comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The server makes it, and shows it once.
    Generated,
    /// Somebody typed it.
    Typed,
}

impl How {
    /// In a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Typed => "typed",
        }
    }
}

/// Adds a person. Leads to them; their page shows the password for a while where the server made it. `business` counts for business users alone;
/// `reassign`: takes the number from the owner who registered it.
#[server(prefix = "/do/operator", endpoint = "add-person", protocol = Call)]
pub async fn add_person(
    phone: Phone,
    name: PersonName,
    role: Role,
    business: Option<BusinessName>,
    how: Option<How>,
    password: Option<OwnerPassword>,
    reassign: bool,
) -> Result<(), Refused> {
    use crate::context;
    use backend::guard::reassign;
    use backend::people::{self, NewPerson};

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let business = business.filter(|_| role == Role::Business);
    let without_business = role == Role::Business && business.is_none();
    let password = body::chosen(&request, how, password, &[("business", without_business)])?;
    let new = NewPerson {
        phone: phone.0,
        name: name.0,
        role,
        business: business.map(|name| name.0),
        password: password.as_str().to_owned(),
    };
    let person = if reassign {
        reassign::reassign(&request.backend, &who.into(), new).await?
    } else {
        people::add(&request.backend, &who.into(), new).await?
    };
    Ok(body::shown_or_noticed(&request, how, &person.phone, &password, "person-added").await?)
}

/// Renames a person, or moves a business user to another business. `was`: what the page showed, by the names of the other arguments; where
/// somebody else changed the person since, nothing is changed, and both values are told. Leads to them.
#[server(prefix = "/do/operator", endpoint = "correct-person", protocol = Call)]
pub async fn correct_person(
    phone: Phone,
    name: PersonName,
    business: Option<BusinessName>,
    was: BTreeMap<String, String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::functions::corrections::changed;
    use crate::notice::with_notice;
    use backend::people::{self, PersonTexts};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let was = PersonTexts {
        name: was.get("name").cloned().unwrap_or_default(),
        business: was.get("business").filter(|name| !name.is_empty()).cloned(),
    };
    let to = PersonTexts {
        name: name.0,
        business: business.map(|name| name.0),
    };
    let (now, as_asked) = people::correct(&request.backend, &who.into(), &phone, &was, &to).await?;
    if !as_asked {
        let now = PersonTexts::from(&now);
        let business = |texts: &PersonTexts| texts.business.clone().unwrap_or_default();
        let (theirs, before) = (business(&now), business(&was));
        let fields = [
            ("name", now.name.as_str(), was.name.as_str()),
            ("business", theirs.as_str(), before.as_str()),
        ];
        let differ = fields.into_iter().filter(|(_, now, was)| now != was);
        return Err(changed(request.locale, differ.map(|(name, now, _)| (name, now))));
    }
    go_to(&with_notice(&at::operator_person(&phone), "saved"));
    Ok(())
}

/// Gives somebody a new password, which ends their sessions. Leads to them; their page shows the password for a while where the server made it.
#[server(prefix = "/do/operator", endpoint = "new-password-for", protocol = Call)]
pub async fn new_password_for(phone: Phone, how: Option<How>, password: Option<OwnerPassword>) -> Result<(), Refused> {
    use crate::context;
    use backend::people;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let password = body::chosen(&request, how, password, &[])?;
    people::set_password(&request.backend, &who.into(), &phone, password.as_str()).await?;
    Ok(body::shown_or_noticed(&request, how, &phone, &password, "password-set").await?)
}

/// Ends somebody's sessions and lets them sign in no more.
#[server(prefix = "/do/operator", endpoint = "disable-person", protocol = Call)]
pub async fn disable_person(phone: Phone) -> Result<(), Refused> {
    body::set_active(&phone, false, "person-blocked").await
}

/// Lets somebody sign in again.
#[server(prefix = "/do/operator", endpoint = "enable-person", protocol = Call)]
pub async fn enable_person(phone: Phone) -> Result<(), Refused> {
    body::set_active(&phone, true, "person-unblocked").await
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::reassign;
    use backend::people;
    use domain::error::Refusal;
    use domain::ids::Phone;
    use domain::locker::orders::PagePlace;
    use domain::people::{Person, Reassigned, Role};
    use domain::search::Hits;
    use std::collections::{BTreeSet, HashMap};

    /// People found by a text, of one role or of any.
    pub async fn list(
        text: &str,
        role: Option<Role>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Hits<Person>, Refusal> {
        let (backend, who) = asker()?;
        people::list(&backend, &who, text, role, cursor, limit).await
    }

    /// Where a page of everybody begins, and how many there are.
    pub async fn page(role: Option<Role>, page: u64, rows: u32) -> Result<PagePlace, Refusal> {
        let (backend, who) = asker()?;
        people::page(&backend, &who, role, page, rows).await
    }

    /// The person with this number, if there is one.
    pub async fn get(phone: &Phone) -> Result<Option<Person>, Refusal> {
        let (backend, _) = asker()?;
        people::get(&backend, phone).await
    }

    /// The names of those who have these numbers, by number.
    pub async fn of_these(phones: BTreeSet<&Phone>) -> Result<HashMap<String, String>, Refusal> {
        let (backend, _) = asker()?;
        let mut names = HashMap::new();
        for phone in phones {
            if let Some(person) = people::get(&backend, phone).await? {
                names.insert(phone.0.clone(), person.name);
            }
        }
        Ok(names)
    }

    /// That this number was reassigned, if it was.
    pub async fn reassigned(phone: &Phone) -> Result<Option<Reassigned>, Refusal> {
        let (backend, who) = asker()?;
        reassign::reassigned(&backend, &who, phone).await
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::{How, OwnerPassword, Phone, Refused, Role};
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context::{self, RequestContext};
    use crate::fields::Wrong;
    use crate::functions::shown::about_person;
    use crate::notice::with_notice;
    use backend::{password, people, shown};
    use domain::error::{Problem, Refusal};

    /// The password: made here, or the one typed. `missing`: other fields that may be missing as well, so that all are reported at once.
    pub(super) fn chosen(
        request: &RequestContext,
        how: Option<How>,
        typed: Option<OwnerPassword>,
        missing: &[(&str, bool)],
    ) -> Result<OwnerPassword, Refused> {
        let password = if how == Some(How::Typed) {
            typed
        } else {
            Some(OwnerPassword::parse(&password::suggest(&request.backend)).map_err(|_| Refusal::Internal)?)
        };
        let wrong: Vec<Wrong> = missing
            .iter()
            .chain(&[("password", password.is_none())])
            .filter(|(_, missing)| *missing)
            .map(|(field, _)| Wrong {
                field: (*field).to_owned(),
                problem: Problem::Required,
            })
            .collect();
        match password {
            Some(password) if wrong.is_empty() => Ok(password),
            _ => Err(Refused::of_arguments(request.locale, wrong)),
        }
    }

    /// A password made here is shown by the page that this leads to; one that was typed is known already.
    pub(super) async fn shown_or_noticed(
        request: &RequestContext,
        how: Option<How>,
        phone: &Phone,
        password: &OwnerPassword,
        notice: &str,
    ) -> Result<(), Refusal> {
        let (backend, who) = (&request.backend, request.require(Role::Operator)?);
        let about = about_person(phone);
        if how == Some(How::Typed) {
            shown::forget(backend, who, &about).await?;
        } else {
            shown::keep(backend, who, &about, password.as_str()).await?;
        }
        go_to(&with_notice(&at::operator_person(phone), notice));
        Ok(())
    }

    pub(super) async fn set_active(phone: &Phone, active: bool, notice: &str) -> Result<(), Refused> {
        let request = context::request();
        let who = request.require(Role::Operator)?;
        people::set_active(&request.backend, &who.into(), phone, active).await?;
        go_to(&with_notice(&at::operator_person(phone), notice));
        Ok(())
    }
}
