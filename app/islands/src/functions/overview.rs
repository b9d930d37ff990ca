//! The whole deployment at once, on an operator's first page.

use crate::call::Call;
use crate::refused::Refused;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{door_alarms, first_steps, latest, quarters};

/// Hides the first steps from all operators. Leads to the first page.
#[server(prefix = "/do/operator", endpoint = "hide-first-steps", protocol = Call)]
pub async fn hide_first_steps() -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::locker::overview;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    overview::hide_first_steps(&request.backend, who).await?;
    go_to(&at::operator());
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::overview;
    use domain::error::Refusal;
    use domain::ids::Millis;
    use domain::locker::history::Evidence;
    use domain::locker::overview::{FirstSteps, KioskAlarm, Quarter};

    /// What of a working deployment is there.
    pub async fn first_steps() -> Result<FirstSteps, Refusal> {
        let (backend, who) = asker()?;
        overview::first_steps(&backend, &who).await
    }

    /// What happened between two moments, by quarters of an hour.
    pub async fn quarters(from: Millis, until: Millis) -> Result<Vec<Quarter>, Refusal> {
        let (backend, who) = asker()?;
        overview::quarters(&backend, &who, from, until).await
    }

    /// What doors of kiosks did lately that somebody has to look into.
    pub async fn door_alarms(limit: u32) -> Result<Vec<KioskAlarm>, Refusal> {
        let (backend, who) = asker()?;
        overview::door_alarms(&backend, &who, limit).await
    }

    /// What happened last to any order, the newest first.
    pub async fn latest(limit: u32) -> Result<Vec<Evidence>, Refusal> {
        let (backend, who) = asker()?;
        overview::latest(&backend, &who, limit).await
    }
}
