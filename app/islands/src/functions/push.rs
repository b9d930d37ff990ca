//! Notifications in browsers: on, off, and where they are on. Browsers call these by script alone, since only a script can ask for them.

use crate::call::Call;
use crate::refused::Refused;
use domain::push::{PushAddress, PushKey, PushSecret};
use leptos::prelude::*;

/// Turns notifications on in this browser: `address`, `key` and `secret` are what it gives for being sent something.
#[server(prefix = "/do/account", endpoint = "keep-push", protocol = Call)]
pub async fn keep_push(address: PushAddress, key: PushKey, secret: PushSecret) -> Result<(), Refused> {
    use super::sessions;
    use crate::context;
    use backend::push::{self, Subscription};

    let request = context::request();
    let who = request.person()?;
    let subscription = Subscription { address, key, secret };
    let session = sessions::here().unwrap_or_default();
    push::keep(&request.backend, who, &session, &subscription).await?;
    Ok(())
}

/// Keeps notifications on in the browser with this address, for the session in which it asks. Unknown where they are not on (any more).
#[server(prefix = "/do/account", endpoint = "renew-push", protocol = Call)]
pub async fn renew_push(address: PushAddress) -> Result<(), Refused> {
    use super::sessions;
    use crate::context;
    use backend::push;

    let request = context::request();
    let session = sessions::here().unwrap_or_default();
    push::renew(&request.backend, request.person()?, &session, &address).await?;
    Ok(())
}

/// Turns notifications off in the browser with this address.
#[server(prefix = "/do/account", endpoint = "end-push", protocol = Call)]
pub async fn end_push(address: PushAddress) -> Result<(), Refused> {
    use crate::context;
    use backend::push;

    let request = context::request();
    push::end(&request.backend, request.person()?, &address).await?;
    Ok(())
}

/// Turns notifications off in all of one's browsers. Leads back to the account.
#[server(prefix = "/do/account", endpoint = "end-all-push", protocol = Call)]
pub async fn end_all_push() -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::push;

    let request = context::request();
    push::end_everywhere(&request.backend, request.person()?).await?;
    go_to(&with_notice(&at::account(), "push-off"));
    Ok(())
}

#[cfg(feature = "ssr")]
pub use reads::{count, public_key};

#[cfg(feature = "ssr")]
mod reads {
    use crate::context;
    use crate::functions::asker;
    use backend::push;
    use domain::error::Refusal;

    /// The key that browsers subscribe with; `None`: this deployment sends no notifications.
    pub fn public_key() -> Option<String> {
        push::public_key(&context::request().backend)
    }

    /// In how many browsers the reader has them on.
    pub async fn count() -> Result<i64, Refusal> {
        let (backend, who) = asker()?;
        push::count(&backend, &who).await
    }
}
