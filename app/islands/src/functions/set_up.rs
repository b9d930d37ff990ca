//! The first operator, added once by somebody who can read what the server printed when it started.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{OwnerPassword, SetUpCode};
use domain::ids::{PersonName, Phone};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use body::is_open;

/// Adds the first operator and signs them in. Unknown once there is an operator.
#[server(prefix = "/do/anyone", endpoint = "set-up", protocol = Call)]
pub async fn set_up(code: SetUpCode, name: PersonName, phone: Phone, password: OwnerPassword) -> Result<(), Refused> {
    use super::sessions;
    use crate::act::go_to;
    use crate::context;
    use crate::i18n::td_string;
    use backend::people::{self, NewPerson};
    use backend::{Actor, limits};
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let backend = &request.backend;
    if !is_open().await? {
        return Err(Refusal::Unknown.into());
    }
    let is_right = request
        .set_up
        .as_ref()
        .is_some_and(|set_up| set_up.accepts(code.as_str()));
    if !is_right {
        let key = format!("set-up/{}", context::peer()?);
        limits::count(backend, &key, body::TRIES, body::WINDOW_MS).await?;
        let refused = Refused::of(request.locale, &Refusal::field("code", Problem::Contradicts));
        return Err(refused.in_words(td_string!(request.locale, auth.set_up_code_wrong)));
    }
    let new = NewPerson {
        phone: phone.0,
        name: name.0,
        role: Role::Operator,
        business: None,
        password: password.as_str().to_owned(),
    };
    let person = people::add(backend, &Actor::SetUp, new).await?;
    sessions::begin(&person).await?;
    go_to(person.role.home());
    Ok(())
}

#[cfg(feature = "ssr")]
mod body {
    use crate::context;
    use backend::people;
    use domain::error::Refusal;

    /// Tries from one address in a window. The code is too long to be guessed from however many addresses, so others cannot keep out the
    /// person who knows it.
    pub(super) const TRIES: u32 = 20;
    pub(super) const WINDOW_MS: i64 = 15 * 60 * 1000;

    /// Whether the first operator is still to be added.
    pub async fn is_open() -> Result<bool, Refusal> {
        let request = context::request();
        Ok(request.set_up.is_some() && !people::any_operator(&request.backend).await?)
    }
}
