//! Businesses, whose users fetch meters.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::BusinessName;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{all_names, list};

/// Adds a business. Leads to it in the list.
#[server(prefix = "/do/operator", endpoint = "add-business", protocol = Call)]
pub async fn add_business(name: BusinessName) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::links::with_query;
    use crate::pages::at;
    use crate::ui::notice::with_notice;
    use backend::businesses;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let added = businesses::add(&request.backend, &who.into(), name.as_str()).await?;
    let list = with_query(&at::operator_businesses(), &[("q", added.name.as_str())]);
    go_to(&with_notice(&list, "business-added"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::businesses;
    use domain::businesses::Business;
    use domain::error::Refusal;
    use domain::ids::BusinessName;
    use domain::locker::orders::Page;

    /// Businesses whose name holds this text.
    pub async fn list(text: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Business>, Refusal> {
        let (backend, who) = asker()?;
        businesses::list(&backend, &who, text, cursor, limit).await
    }

    /// The names of all businesses, for a choice.
    pub async fn all_names() -> Result<Vec<BusinessName>, Refusal> {
        let (backend, who) = asker()?;
        businesses::all_names(&backend, &who).await
    }
}
