//! Kiosks, as the operator sets them up.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{Line, Millis, Yid};
use domain::locker::kiosks::PinText;
use domain::token::CodeText;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use reads::{events, get, list, settings, whereabouts, wiring};

/// A code a device enrols with, on its one way to the screen.
#[derive(Clone, Serialize, Deserialize)]
pub struct FreshCode {
    /// Eight digits, good once.
    pub code: String,
    /// When it ends.
    pub expires: Millis,
}

/// A kiosk just added, and the code for its device.
#[derive(Clone, Serialize, Deserialize)]
pub struct AddedKiosk {
    /// Its number.
    pub yid: Yid,
    /// How it is called.
    pub name: String,
    /// For its device.
    pub code: FreshCode,
}

/// Adds a kiosk; its device can enrol at once. `secret`: the one it has already.
#[server(prefix = "/do/operator", endpoint = "add-kiosk", protocol = Call)]
pub async fn add_kiosk(
    yid: i64,
    name: Line,
    address: Option<Line>,
    boards: i64,
    ports: i64,
    secret: Option<CodeText>,
) -> Result<AddedKiosk, Refused> {
    use crate::context;
    use backend::Actor;
    use backend::locker::kiosks::{self, NewKiosk};
    use domain::people::Role;

    let request = context::request();
    let who: Actor = request.require(Role::Operator)?.into();
    let new = NewKiosk {
        yid,
        name: name.0,
        address: address.map(|line| line.0).unwrap_or_default(),
        boards,
        ports,
        secret: secret.map(String::from),
    };
    let kiosk = kiosks::add(&request.backend, &who, new).await?;
    let made = kiosks::enrolment_code(&request.backend, &who, kiosk.yid).await?;
    Ok(AddedKiosk {
        yid: kiosk.yid,
        name: kiosk.name,
        code: FreshCode {
            code: made.code,
            expires: made.expires,
        },
    })
}

/// A code for another device of a kiosk.
#[server(prefix = "/do/operator", endpoint = "enrolment-code", protocol = Call)]
pub async fn enrolment_code(yid: Yid) -> Result<FreshCode, Refused> {
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let made = kiosks::enrolment_code(&request.backend, &who.into(), yid).await?;
    Ok(FreshCode {
        code: made.code,
        expires: made.expires,
    })
}

/// Sets the number that opens the staff's part of a kiosk.
#[server(prefix = "/do/operator", endpoint = "set-pin", protocol = Call)]
pub async fn set_pin(yid: Yid, pin: PinText) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    kiosks::set_pin(&request.backend, who, yid, pin.as_str()).await?;
    body::back_with(yid, "pin-set");
    Ok(())
}

/// Sets after how many days a deposit in a kiosk counts as overdue.
#[server(prefix = "/do/operator", endpoint = "set-overdue", protocol = Call)]
pub async fn set_overdue(yid: Yid, overdue_days: u32) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    kiosks::set_overdue_days(&request.backend, who, yid, overdue_days).await?;
    body::back_with(yid, "saved");
    Ok(())
}

/// Changes what a kiosk is called and where it stands.
#[server(prefix = "/do/operator", endpoint = "edit-kiosk", protocol = Call)]
pub async fn edit_kiosk(yid: Yid, name: Line, address: Option<Line>) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let address = address.map(|line| line.0).unwrap_or_default();
    kiosks::edit(&request.backend, who, yid, name.as_str(), &address).await?;
    body::back_with(yid, "saved");
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::{events, kiosks};
    use domain::boards::Wiring;
    use domain::error::Refusal;
    use domain::ids::Yid;
    use domain::locker::compartments::Compartment;
    use domain::locker::events::KioskEvent;
    use domain::locker::kiosks::{Kiosk, Settings, Whereabouts};
    use domain::locker::orders::Page;

    /// Every kiosk.
    pub async fn list() -> Result<Vec<Kiosk>, Refusal> {
        let (backend, who) = asker()?;
        kiosks::list(&backend, &who).await
    }

    /// A kiosk and its compartments.
    pub async fn get(yid: Yid) -> Result<(Kiosk, Vec<Compartment>), Refusal> {
        let (backend, who) = asker()?;
        kiosks::get(&backend, &who, yid).await
    }

    /// What an operator set for a kiosk.
    pub async fn settings(yid: Yid) -> Result<Settings, Refusal> {
        let (backend, who) = asker()?;
        kiosks::settings(&backend, &who, yid).await
    }

    /// How the lock boards of a kiosk are connected.
    pub async fn wiring(yid: Yid) -> Result<Option<Wiring>, Refusal> {
        let (backend, who) = asker()?;
        kiosks::wiring(&backend, &who, yid).await
    }

    /// Where a kiosk stands.
    pub async fn whereabouts(yid: Yid) -> Result<Whereabouts, Refusal> {
        let (backend, who) = asker()?;
        kiosks::whereabouts(&backend, &who, yid).await
    }

    /// What a kiosk reported, the latest first.
    pub async fn events(yid: Yid, cursor: Option<&str>, limit: u32) -> Result<Page<KioskEvent>, Refusal> {
        let (backend, who) = asker()?;
        events::list(&backend, &who, yid, cursor, limit).await
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::Yid;
    use crate::act::go_to;
    use crate::pages::at;
    use crate::ui::notice::with_notice;

    pub(super) fn back_with(yid: Yid, notice: &str) {
        go_to(&with_notice(&at::operator_kiosk(&yid), notice));
    }
}
