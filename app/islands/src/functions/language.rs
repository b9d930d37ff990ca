//! The language of the pages.

use crate::call::Call;
use crate::i18n::Locale;
use crate::refused::Refused;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A language of the pages, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 한국어.
    Ko,
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Language {
    /// As texts know it.
    pub fn locale(self) -> Locale {
        match self {
            Self::Ko => Locale::ko,
            Self::Zh => Locale::zh,
            Self::En => Locale::en,
        }
    }
}

/// Keeps the language for a year, and leads back to the page it was chosen on.
#[server(prefix = "/do/anyone", endpoint = "choose-language", protocol = Call)]
pub async fn choose_language(lang: Language, back: Option<String>) -> Result<(), Refused> {
    use crate::act::{go_to, set_cookie};
    use crate::i18n;

    let (name, code) = (i18n::COOKIE, i18n::code(lang.locale()));
    set_cookie(&format!("{name}={code}; Path=/; Max-Age=31536000; SameSite=Lax"));
    go_to(&back.unwrap_or_default());
    Ok(())
}
