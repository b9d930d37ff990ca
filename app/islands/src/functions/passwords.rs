//! Passwords of doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{CardHolder, DoorPassword, GuardId, ServiceNumb};
use domain::guard::span::{CivilMinute, Span};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A password that was just made. Its digits are shown this once, and to its owner on request ([`reveal_password`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadePassword {
    /// Its number.
    pub service_numb: ServiceNumb,
    /// The digits.
    pub digits: DoorPassword,
}

#[cfg(feature = "ssr")]
pub use reads::list;

/// Makes a password for somebody: for one of the usual spans, or from `start_time` until `end_time`, in the door's zone; its digits are
/// made up where none are given. `for_whom`: how its owner tells it from others.
#[server(prefix = "/do/owner", endpoint = "add-password", protocol = Call)]
pub async fn add_password(
    guard_id: GuardId,
    span: Span,
    start_time: Option<CivilMinute>,
    end_time: Option<CivilMinute>,
    // Not named as a password, so that they stay in the form when that is refused.
    digits: Option<DoorPassword>,
    for_whom: Option<CardHolder>,
) -> Result<MadePassword, Refused> {
    use crate::context;
    use crate::span;
    use backend::guard::{passwords, service_numb};
    use domain::people::Role;

    let request = context::request();
    let backend = &request.backend;
    let who = request.require(Role::Owner)?;
    let (from, until) = span::chosen(&request, span, start_time, end_time)?;
    let digits = match digits {
        Some(digits) => digits,
        None => passwords::generate(backend)?,
    };
    let service_numb = service_numb(backend, who)?;
    let new = passwords::NewPassword {
        service_numb: service_numb.clone(),
        password: digits.clone(),
        from,
        until,
    };
    passwords::add_for(backend, who, &guard_id, new, for_whom).await?;
    Ok(MadePassword { service_numb, digits })
}

/// The digits of a password, for its owner who asks for them.
#[server(prefix = "/do/owner", endpoint = "reveal-password", protocol = Call)]
pub async fn reveal_password(guard_id: GuardId, service_numb: ServiceNumb) -> Result<DoorPassword, Refused> {
    use crate::context;
    use backend::guard::passwords;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    Ok(passwords::reveal(&request.backend, who, &guard_id, &service_numb).await?)
}

/// The default passwords of a guard, for its owner who asks for them.
#[server(prefix = "/do/owner", endpoint = "reveal-default-passwords", protocol = Call)]
pub async fn reveal_default_passwords(guard_id: GuardId) -> Result<Vec<DoorPassword>, Refused> {
    use crate::context;
    use backend::guard::guards;
    use domain::error::Refusal;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let guard = guards::get(&request.backend, who, &guard_id).await?;
    if guard.owner != who.phone {
        return Err(Refusal::NotYours.into());
    }
    Ok(guard.default_passwords.into_iter().flatten().collect())
}

/// Ends a password before its time.
#[server(prefix = "/do/owner", endpoint = "cancel-password", protocol = Call)]
pub async fn cancel_password(guard_id: GuardId, service_numb: ServiceNumb) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::passwords;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    passwords::cancel(&request.backend, who, &guard_id, &service_numb).await?;
    go_to(&with_notice(&at::owner_guard(&guard_id), "password-cancelled"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::passwords;
    use domain::error::Refusal;
    use domain::guard::guards::GuardInfo;
    use domain::guard::passwords::Listed;

    /// The passwords that open a guard now or will.
    pub async fn list(guard: &GuardInfo) -> Result<Listed, Refusal> {
        let (backend, who) = asker()?;
        passwords::list(&backend, &who, &guard.owner, &guard.id).await
    }
}
