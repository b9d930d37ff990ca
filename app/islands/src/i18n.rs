//! The three languages. Texts stand in `locales/`, one file a namespace, and are compiled in; `td_string!(locale, staff.title)`
//! fetches one. The locale is always passed as a value, because islands, pages and the offline kiosk know it in different ways.

#[allow(missing_docs, clippy::all, reason = "generated from the locale files by build.rs")]
mod texts {
    include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
}

pub use texts::i18n::*;

/// The name of the cookie that keeps the chosen language.
pub const COOKIE: &str = "lang";

/// Every language with its own name for itself.
pub const LANGUAGES: [(Locale, &str, &str); 3] = [
    (Locale::ko, "ko", "한국어"),
    (Locale::zh, "zh", "中文"),
    (Locale::en, "en", "English"),
];

/// The language with this code, such as `ko`, `zh-CN` or `en_US`.
pub fn parse(code: &str) -> Option<Locale> {
    let primary = code.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES
        .iter()
        .find(|(_, tag, _)| tag.eq_ignore_ascii_case(primary))
        .map(|(locale, _, _)| *locale)
}

/// The code of a language, for `lang` attributes and for handing it to an island.
pub fn code(locale: Locale) -> &'static str {
    match locale {
        Locale::ko => "ko",
        Locale::zh => "zh",
        Locale::en => "en",
    }
}

/// What the language with this code calls itself.
pub fn name_of(code: &str) -> Option<&'static str> {
    let known = parse(code)?;
    let language = LANGUAGES.iter().find(|(locale, ..)| *locale == known);
    language.map(|(_, _, name)| *name)
}

/// Chooses by cookie, then by the browser's `Accept-Language` in its order of preference. `None`: they ask for none of our languages.
pub fn choose(cookie: Option<&str>, accept_language: Option<&str>) -> Option<Locale> {
    if let Some(locale) = cookie.and_then(parse) {
        return Some(locale);
    }
    let mut wishes: Vec<(f32, &str)> = accept_language
        .unwrap_or_default()
        .split(',')
        .filter_map(|item| {
            let mut parts = item.split(';');
            let tag = parts.next()?.trim();
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            (weight > 0.0).then_some((weight, tag))
        })
        .collect();
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.iter().find_map(|(_, tag)| parse(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_wins_over_the_browser() {
        assert_eq!(choose(Some("zh"), Some("ko-KR,ko;q=0.9")), Some(Locale::zh));
    }

    #[test]
    fn the_browsers_most_wanted_language_is_chosen() {
        assert_eq!(choose(None, Some("fr, en;q=0.5, ko;q=0.8")), Some(Locale::ko));
        assert_eq!(choose(Some("xx"), Some("zh-Hans-CN")), Some(Locale::zh));
    }

    #[test]
    fn a_wish_for_another_language_is_none() {
        assert_eq!(choose(None, None), None);
        assert_eq!(choose(None, Some("fr;q=x,,;;")), None);
    }
}
