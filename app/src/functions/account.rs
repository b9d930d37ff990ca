//! One's own account: password, name, and where one is signed in.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{OwnerName, OwnerPassword};
use leptos::prelude::*;

/// Changes one's password. Every session ends with it, and this browser gets another one.
#[server(prefix = "/do/account", endpoint = "change-password", protocol = Call)]
pub async fn change_password(
    current_password: OwnerPassword,
    new_password: OwnerPassword,
    repeat_password: OwnerPassword,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::auth::session;
    use crate::context;
    use crate::ui::notice::with_notice;
    use backend::people;
    use domain::error::{Problem, Refusal};

    let request = context::request();
    let who = request.person()?;
    if repeat_password != new_password {
        return Err(Refusal::field("repeat_password", Problem::Differs).into());
    }
    people::change_password(&request.backend, who, current_password.as_str(), new_password.as_str())
        .await
        .map_err(body::as_fields_here)?;
    session::begin_here(who).await?;
    go_to(&with_notice("/account", "password-changed"));
    Ok(())
}

/// Ends one of one's sessions, by its handle. This browser's own ends by signing out.
#[server(prefix = "/do/account", endpoint = "end-session", protocol = Call)]
pub async fn end_session(session: String) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::auth;
    use crate::context;
    use crate::ui::notice::with_notice;
    use backend::sessions;

    let request = context::request();
    let who = request.person()?;
    let own = auth::session::of_this_browser()?;
    if own.id().is_some_and(|id| sessions::handle(&id) == session) {
        own.flush().await.map_err(sessions::refusal)?;
        go_to(&with_notice("/sign-in", "signed-out"));
        return Ok(());
    }
    sessions::end(&request.backend, who, &session).await?;
    go_to(&with_notice("/account", "session-ended"));
    Ok(())
}

/// Changes what an owner is called.
#[server(prefix = "/do/owner", endpoint = "rename", protocol = Call)]
pub async fn rename(name: OwnerName) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::ui::notice::with_notice;
    use backend::guard::owners;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    owners::rename(&request.backend, who, &name).await?;
    go_to(&with_notice("/account", "saved"));
    Ok(())
}

/// Signs an owner out everywhere but in this browser.
#[server(prefix = "/do/owner", endpoint = "sign-out-others", protocol = Call)]
pub async fn sign_out_others() -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::auth::session;
    use crate::context;
    use crate::ui::notice::with_notice;
    use backend::guard::owners;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    owners::sign_out_everywhere(&request.backend, who).await?;
    session::go_on(&session::of_this_browser()?, who).await?;
    go_to(&with_notice("/account", "signed-out-others"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod body {
    use domain::error::Refusal;

    /// The use case calls its values `current` and `new`.
    pub(super) fn as_fields_here(refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Field { field, problem } => Refusal::Field {
                field: format!("{field}_password"),
                problem,
            },
            other => other,
        }
    }
}
