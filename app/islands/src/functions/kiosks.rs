//! Kiosks, as the operator sets them up.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{Line, Yid};
use domain::locker::kiosks::PinText;
use domain::token::CodeText;
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
pub use reads::{events, get, list, settings, whereabouts, wiring};

/// Adds a kiosk; its device can enrol at once. Leads to its page, which shows the code for that. `secret`: the one it has already.
#[server(prefix = "/do/operator", endpoint = "add-kiosk", protocol = Call)]
pub async fn add_kiosk(
    yid: i64,
    name: Line,
    address: Option<Line>,
    boards: i64,
    ports: i64,
    secret: Option<CodeText>,
) -> Result<(), Refused> {
    use crate::context;
    use crate::functions::text;
    use backend::Actor;
    use backend::locker::kiosks::{self, NewKiosk};
    use domain::people::Role;

    let request = context::request();
    let who: Actor = request.require(Role::Operator)?.into();
    let new = NewKiosk {
        yid,
        name: name.0,
        address: text(address),
        boards,
        ports,
        secret: secret.map(String::from),
    };
    let kiosk = kiosks::add(&request.backend, &who, new).await?;
    let made = kiosks::enrolment_code(&request.backend, &who, kiosk.yid).await?;
    body::show_code(kiosk.yid, &made).await?;
    body::back_with(kiosk.yid, "kiosk-added");
    Ok(())
}

/// A code for another device of a kiosk. Leads to its page, which shows it.
#[server(prefix = "/do/operator", endpoint = "enrolment-code", protocol = Call)]
pub async fn enrolment_code(yid: Yid) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let made = kiosks::enrolment_code(&request.backend, &who.into(), yid).await?;
    body::show_code(yid, &made).await?;
    go_to(&at::operator_kiosk(&yid));
    Ok(())
}

/// Sets the number that opens the staff's part of a kiosk. `was.pin`: when the newest change that the page showed was made; where somebody else set
/// the number since, nothing is changed, and the page tells who did and when.
#[server(prefix = "/do/operator", endpoint = "set-pin", protocol = Call)]
pub async fn set_pin(yid: Yid, pin: PinText, was: BTreeMap<String, String>) -> Result<(), Refused> {
    use crate::context;
    use crate::date;
    use crate::functions::corrections::changed_as;
    use crate::i18n::td_string;
    use backend::locker::kiosks;
    use domain::ids::Millis;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    // A script that does not say what it saw means whatever is there.
    let seen = was.get("pin").and_then(|at| at.parse().ok()).map(Millis);
    if let Some(newer) = kiosks::replace_pin(&request.backend, who, yid, seen, pin.as_str()).await? {
        let (locale, name) = (request.locale, newer.who_name.or(newer.who.map(|phone| phone.0)));
        let name = name.unwrap_or_else(|| td_string!(locale, operator.at_command_line).to_owned());
        let time = date::date_time(locale, newer.at, &date::zone());
        let words = td_string!(locale, errors.pin_changed, name = name.as_str(), time = time.as_str()).to_string();
        return Err(changed_as(locale, vec![("pin", words)]));
    }
    body::back_with(yid, "pin-set");
    Ok(())
}

/// Sets after how many days a deposit in a kiosk counts as overdue. `was`: what the page showed; where somebody else changed it since, nothing is
/// changed, and both values are told.
#[server(prefix = "/do/operator", endpoint = "set-overdue", protocol = Call)]
pub async fn set_overdue(yid: Yid, overdue_days: u32, was: BTreeMap<String, String>) -> Result<(), Refused> {
    use crate::context;
    use crate::functions::corrections::changed;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let seen = was.get("overdue_days").and_then(|days| days.parse().ok());
    let (now, as_asked) = kiosks::change_overdue_days(&request.backend, who, yid, seen, overdue_days).await?;
    if !as_asked {
        let theirs = now.to_string();
        return Err(changed(
            request.locale,
            std::iter::once(("overdue_days", theirs.as_str())),
        ));
    }
    body::back_with(yid, "saved");
    Ok(())
}

/// Changes what a kiosk is called and where it stands. `was`: what the page showed, by the names of the other arguments; where somebody else changed
/// the kiosk since, nothing is changed, and both values are told.
#[server(prefix = "/do/operator", endpoint = "edit-kiosk", protocol = Call)]
pub async fn edit_kiosk(
    yid: Yid,
    name: Line,
    address: Option<Line>,
    was: BTreeMap<String, String>,
) -> Result<(), Refused> {
    use crate::context;
    use crate::functions::corrections::changed;
    use backend::locker::kiosks;
    use domain::locker::kiosks::KioskTexts;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let to = KioskTexts {
        name: name.0,
        address: address.map(|line| line.0).unwrap_or_default(),
    };
    let text = |name: &str| was.get(name).cloned().unwrap_or_default();
    // A script that does not send what it saw changes whatever is there.
    let before = was.contains_key("name").then(|| KioskTexts {
        name: text("name"),
        address: text("address"),
    });
    let (now, as_asked) = kiosks::edit(&request.backend, who, yid, before.as_ref(), &to).await?;
    if !as_asked {
        let fields = [
            ("name", now.name.clone(), text("name")),
            ("address", now.address.clone(), text("address")),
        ];
        let differ = fields.iter().filter(|(_, now, was)| now != was);
        let theirs = differ.map(|(name, now, _)| (*name, now.as_str()));
        return Err(changed(request.locale, theirs));
    }
    body::back_with(yid, "saved");
    Ok(())
}

/// Retires a kiosk. Its device is signed out.
#[server(prefix = "/do/operator", endpoint = "retire-kiosk", protocol = Call)]
pub async fn retire_kiosk(yid: Yid) -> Result<(), Refused> {
    use crate::context;
    use crate::i18n::td_string;
    use backend::locker::kiosks;
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    match kiosks::set_retired(&request.backend, who, yid, true).await {
        Ok(()) => body::back_with(yid, "kiosk-retired"),
        Err(refusal) => {
            let not_empty = matches!(
                &refusal,
                Refusal::Field {
                    problem: Problem::Contradicts,
                    ..
                }
            );
            let refused = Refused::of(request.locale, &refusal);
            return Err(if not_empty {
                refused.in_words(td_string!(request.locale, operator.kiosk_not_empty))
            } else {
                refused
            });
        }
    }
    Ok(())
}

/// Restores a retired kiosk; it works once a device has enrolled.
#[server(prefix = "/do/operator", endpoint = "restore-kiosk", protocol = Call)]
pub async fn restore_kiosk(yid: Yid) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    kiosks::set_retired(&request.backend, who, yid, false).await?;
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
    use crate::addresses::at;
    use crate::context;
    use crate::functions::shown::about_kiosk;
    use crate::notice::with_notice;
    use backend::locker::kiosks::EnrolmentCode;
    use backend::shown;
    use domain::error::Refusal;

    /// The kiosk's page shows this code until it ends.
    pub(super) async fn show_code(yid: Yid, made: &EnrolmentCode) -> Result<(), Refusal> {
        let request = context::request();
        let text = format!("{} {}", made.code, made.expires.0);
        shown::keep(&request.backend, request.person()?, &about_kiosk(yid), &text).await
    }

    pub(super) fn back_with(yid: Yid, notice: &str) {
        go_to(&with_notice(&at::operator_kiosk(&yid), notice));
    }
}
