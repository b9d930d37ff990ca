//! Passwords of doors.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{DoorPassword, GuardId, ServiceNumb};
use domain::guard::span::{CivilMinute, Span};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::list;

/// Makes a password for somebody: for one of the usual spans, or from `start_time` until `end_time`, in the door's zone; its digits are
/// made up where none are given. Leads to the password.
#[server(prefix = "/do/owner", endpoint = "add-password", protocol = Call)]
pub async fn add_password(
    guard_id: GuardId,
    span: Span,
    start_time: Option<CivilMinute>,
    end_time: Option<CivilMinute>,
    // Not named as a password, so that they stay in the form when that is refused.
    digits: Option<DoorPassword>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::owner::span;
    use crate::pages::at;
    use backend::guard::{passwords, service_numb};
    use domain::people::Role;

    let request = context::request();
    let backend = &request.backend;
    let who = request.require(Role::Owner)?;
    let (from, until) = span::chosen(&request, span, start_time, end_time)?;
    let password = match digits {
        Some(digits) => digits,
        None => passwords::generate(backend)?,
    };
    let number = service_numb(backend, who)?;
    let new = passwords::NewPassword {
        service_numb: number.clone(),
        password,
        from,
        until,
    };
    passwords::add(backend, who, &guard_id, new).await?;
    go_to(&at::owner_password(&guard_id, &number));
    Ok(())
}

/// Ends a password before its time.
#[server(prefix = "/do/owner", endpoint = "cancel-password", protocol = Call)]
pub async fn cancel_password(guard_id: GuardId, service_numb: ServiceNumb) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::pages::at;
    use crate::ui::notice::with_notice;
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
