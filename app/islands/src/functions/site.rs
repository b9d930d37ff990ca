//! The settings of the whole deployment.

use crate::call::Call;
use crate::functions::language::Language;
use crate::refused::Refused;
use domain::ids::Line;
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
pub use reads::{changes, logo, set_logo};

/// Changes how the deployment is called, and what kiosks and pages show of it. `was`: what the page showed, by the names of the other arguments;
/// where somebody else changed a setting since, nothing is changed, and both values are told.
#[server(prefix = "/do/operator", endpoint = "save-site", protocol = Call)]
pub async fn save_site(
    name: Option<Line>,
    contact: Option<Line>,
    language: Option<Language>,
    overdue_days: u32,
    was: BTreeMap<String, String>,
) -> Result<(), Refused> {
    use crate::context;
    use crate::functions::corrections::changed;
    use crate::functions::text;
    use crate::i18n;
    use backend::site::{self, NewSite};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let new = NewSite {
        name: text(name),
        contact: text(contact),
        language: language
            .map(|language| i18n::code(language.locale()).to_owned())
            .unwrap_or_default(),
        overdue_days,
    };
    let seen = |name: &str| was.get(name).cloned().unwrap_or_default();
    // A script that does not say what it saw means whatever is there.
    let before = was.contains_key("name").then(|| NewSite {
        name: seen("name"),
        contact: seen("contact"),
        language: seen("language"),
        overdue_days: seen("overdue_days").parse().unwrap_or_default(),
    });
    let (now, as_asked) = site::change(&request.backend, &who.into(), before.as_ref(), new).await?;
    if !as_asked {
        let language = i18n::name_of(&now.language).unwrap_or("–");
        let days = now.overdue_days.to_string();
        let fields = [
            ("name", now.name.as_str(), now.name.as_str()),
            ("contact", now.contact.as_str(), now.contact.as_str()),
            ("language", now.language.as_str(), language),
            ("overdue_days", days.as_str(), days.as_str()),
        ];
        let differ = fields.into_iter().filter(|(name, stored, _)| *stored != seen(name));
        let theirs = differ.map(|(name, _, words)| (name, words));
        return Err(changed(request.locale, theirs));
    }
    reads::back();
    Ok(())
}

/// Shows the product's own sign again instead of a picture.
#[server(prefix = "/do/operator", endpoint = "remove-logo", protocol = Call)]
pub async fn remove_logo() -> Result<(), Refused> {
    use crate::context;
    use backend::site;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    site::set_logo(&request.backend, &who.into(), None).await?;
    reads::back();
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context::RequestContext;
    use crate::functions::asker;
    use crate::notice::with_notice;
    use backend::site;
    use domain::error::Refusal;
    use domain::people::Role;
    use domain::site::{Picture, SettingChange};

    /// What was changed, the newest first.
    pub async fn changes() -> Result<Vec<SettingChange>, Refusal> {
        let (backend, who) = asker()?;
        site::changes(&backend, &who).await
    }

    /// The picture at this address.
    pub async fn logo(context: &RequestContext, address: &str) -> Result<(Picture, Vec<u8>), Refusal> {
        site::logo(&context.backend, address).await
    }

    /// Takes this file as the picture.
    pub async fn set_logo(context: &RequestContext, file: &[u8]) -> Result<(), Refusal> {
        let who = context.require(Role::Operator)?;
        site::set_logo(&context.backend, &who.into(), Some(file)).await
    }

    pub(super) fn back() {
        go_to(&with_notice(&at::operator_settings(), "saved"));
    }
}
