//! Codes that a phone shows and a kiosk reads, as pictures: drawn here, because what draws them weighs more than an island that shows them.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{ThingsSq, Yid};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use body::{clock, pass, take};

/// The code that sets a kiosk's clock, as SVG.
#[server(prefix = "/do/staff", endpoint = "clock-code", protocol = Call)]
pub async fn clock_code(yid: Yid) -> Result<String, Refused> {
    body::draw(domain::people::Role::Staff, body::CodeRequest::SyncDate { yid }).await
}

/// The code that opens a kiosk's staff area in the caller's name, as SVG.
#[server(prefix = "/do/staff", endpoint = "pass-code", protocol = Call)]
pub async fn pass_code(yid: Yid) -> Result<String, Refused> {
    body::draw(domain::people::Role::Staff, body::CodeRequest::StaffPass { yid }).await
}

/// The code that opens the compartment of one of the caller's own stored orders, as SVG.
#[server(prefix = "/do/business", endpoint = "take-code", protocol = Call)]
pub async fn take_code(yid: Yid, things_sq: ThingsSq) -> Result<String, Refused> {
    let request = body::CodeRequest::OpenToTake {
        yid,
        things_sq: Some(things_sq),
        claimed: body::Claimed::default(),
    };
    body::draw(domain::people::Role::Business, request).await
}

#[cfg(feature = "ssr")]
mod body {
    pub(super) use backend::locker::codes::{Claimed, CodeRequest};

    use super::Refused;
    use crate::context;
    use crate::functions::asker;
    use crate::ui::qr_view;
    use backend::locker::codes;
    use domain::error::Refusal;
    use domain::ids::{ThingsSq, Yid};
    use domain::locker::codes::{PassCode, TakeCode};
    use domain::people::Role;

    /// The text of the code that sets a kiosk's clock.
    pub async fn clock(yid: Yid) -> Result<String, Refusal> {
        let (backend, who) = asker()?;
        codes::make(&backend, &who, CodeRequest::SyncDate { yid }).await
    }

    /// The code that opens a kiosk's staff area in the reader's name.
    pub async fn pass(yid: Yid) -> Result<PassCode, Refusal> {
        let (backend, who) = asker()?;
        codes::pass(&backend, &who, yid).await
    }

    /// The code that opens the compartment of one of the reader's own stored orders, and the password for those who type.
    pub async fn take(things_sq: &ThingsSq) -> Result<TakeCode, Refusal> {
        let (backend, who) = asker()?;
        codes::take_code(&backend, &who, things_sq).await
    }

    pub(super) async fn draw(role: Role, wanted: CodeRequest) -> Result<String, Refused> {
        let request = context::request();
        let who = request.require(role)?;
        let token = codes::make(&request.backend, who, wanted).await?;
        Ok(qr_view::svg(&token))
    }
}
