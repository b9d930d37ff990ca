//! Businesses, whose users fetch meters.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::BusinessName;
use domain::locker::orders::ReadySoFar;
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
pub use reads::{all_names, becomes, get, list, page};

/// Adds a business. Leads `back`, or to it in the list.
#[server(prefix = "/do/operator", endpoint = "add-business", protocol = Call)]
pub async fn add_business(name: BusinessName, back: Option<String>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::links::with_query;
    use crate::notice::with_notice;
    use backend::businesses;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let added = businesses::add(&request.backend, &who.into(), name.as_str()).await?;
    let list = || with_query(&at::operator_businesses(), &[("q", added.name.as_str())]);
    go_to(&with_notice(&back.unwrap_or_else(list), "business-added"));
    Ok(())
}

/// Adds several businesses, such as all that a file names; one that is there already stays as it is. Leads `back`, or to the list.
#[server(prefix = "/do/operator", endpoint = "add-businesses", protocol = Call)]
pub async fn add_businesses(pick: BTreeMap<BusinessName, String>, back: Option<String>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::businesses;
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?.into();
    if pick.is_empty() {
        return Err(Refusal::field("pick", Problem::Required).into());
    }
    for name in pick.keys() {
        match businesses::add(&request.backend, &who, name.as_str()).await {
            Ok(_)
            | Err(Refusal::Field {
                problem: Problem::Taken,
                ..
            }) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    go_to(&with_notice(
        &back.unwrap_or_else(at::operator_businesses),
        "businesses-added",
    ));
    Ok(())
}

/// Gives a business another name. Leads to it; where it has many orders, to the page that goes on.
#[server(prefix = "/do/operator", endpoint = "rename-business", protocol = Call)]
pub async fn rename_business(name: BusinessName, new_name: BusinessName) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::locker::rename;
    use domain::people::Role;

    /// Batches of orders that are renamed at once; most businesses have fewer.
    const BATCHES: u32 = 10;
    let request = context::request();
    let who = request.require(Role::Operator)?;
    let so_far = rename::business(&request.backend, who, &name, new_name.as_str(), BATCHES).await?;
    go_to(&match so_far.next {
        Some(_) => at::operator_business(&name),
        None => with_notice(&at::operator_business(&new_name), "saved"),
    });
    Ok(())
}

/// Goes on with renaming a business. `brief`: a script shows how far it is and asks again with the `cursor` of the answer. Leads `back` once all its
/// orders have the new name.
#[server(prefix = "/do/operator", endpoint = "go-on-renaming", protocol = Call)]
pub async fn go_on_renaming(
    name: BusinessName,
    cursor: Option<String>,
    brief: bool,
    back: Option<String>,
) -> Result<ReadySoFar, Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::locker::rename;
    use domain::people::Role;

    const BRIEF: u32 = 5;
    const LONG: u32 = 100;
    let request = context::request();
    let who = request.require(Role::Operator)?;
    let mut so_far = rename::go_on(&request.backend, who, &name, if brief { BRIEF } else { LONG }).await?;
    // The cursor is how many were renamed before.
    let before: u32 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    so_far.made = so_far.made.saturating_add(before);
    so_far.next = so_far.next.map(|_| so_far.made.to_string());
    if !brief {
        go_to(&match so_far.next {
            Some(_) => at::operator_business(&name),
            None => back.unwrap_or_else(at::operator_businesses),
        });
    }
    Ok(so_far)
}

/// Retires a business. Leads to it.
#[server(prefix = "/do/operator", endpoint = "retire-business", protocol = Call)]
pub async fn retire_business(name: BusinessName) -> Result<(), Refused> {
    body::set_retired(&name, true, "business-retired").await
}

/// Restores a retired business. Leads to it.
#[server(prefix = "/do/operator", endpoint = "restore-business", protocol = Call)]
pub async fn restore_business(name: BusinessName) -> Result<(), Refused> {
    body::set_retired(&name, false, "saved").await
}

#[cfg(feature = "ssr")]
mod body {
    use super::{BusinessName, Refused};
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::businesses;
    use domain::people::Role;

    pub(super) async fn set_retired(name: &BusinessName, retired: bool, notice: &str) -> Result<(), Refused> {
        let request = context::request();
        let who = request.require(Role::Operator)?;
        businesses::set_retired(&request.backend, who, name, retired).await?;
        go_to(&with_notice(&at::operator_business(name), notice));
        Ok(())
    }
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::businesses;
    use backend::locker::rename;
    use domain::businesses::Business;
    use domain::error::Refusal;
    use domain::ids::BusinessName;
    use domain::locker::orders::{Page, PagePlace};

    /// Businesses whose name holds this text.
    pub async fn list(text: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Business>, Refusal> {
        let (backend, who) = asker()?;
        businesses::list(&backend, &who, text, cursor, limit).await
    }

    /// Where a page of them begins, and how many there are.
    pub async fn page(text: &str, page: u64, rows: u32) -> Result<PagePlace, Refusal> {
        let (backend, who) = asker()?;
        businesses::numbered(&backend, &who, text, page, rows).await
    }

    /// What a business is being renamed to.
    pub async fn becomes(name: &BusinessName) -> Result<Option<BusinessName>, Refusal> {
        let (backend, who) = asker()?;
        rename::becomes(&backend, &who, name).await
    }

    /// One business.
    pub async fn get(name: &BusinessName) -> Result<Business, Refusal> {
        let (backend, who) = asker()?;
        businesses::get(&backend, &who, name).await
    }

    /// The names of all businesses in use, for a choice.
    pub async fn all_names() -> Result<Vec<BusinessName>, Refusal> {
        let (backend, who) = asker()?;
        businesses::all_names(&backend, &who).await
    }
}
