//! From one page of a list to the next; every page has an address of its own, filters included.

use crate::context;
use crate::i18n::td_string;
use crate::ui::icon::Icon;
use leptos::prelude::*;

/// The query parameter that says where a page of a list begins.
pub const CURSOR: &str = "cursor";

/// Links to the first and the next page; nothing where there is only one.
#[component]
pub fn Pager(
    /// The next page's cursor, as the list said.
    next: Option<String>,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let first = (!request.query(CURSOR).is_empty()).then(|| address(None));
    let next = next.map(|cursor| address(Some(&cursor)));
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="flex justify-between gap-2" aria-label=td_string!(locale, common.pages)>
                {first.map(|href| view! { <a href=href class="btn" rel="first" data-testid="first-page"><Icon name="arrow-left"/> {td_string!(locale, common.first_page)}</a> })}
                {next.map(|href| view! { <a href=href class="btn ml-auto" rel="next" data-testid="next-page">{td_string!(locale, common.next_page)} <Icon name="arrow-right"/></a> })}
            </nav>
        }
    })
}

/// This page's address with another cursor, everything else kept.
fn address(cursor: Option<&str>) -> String {
    let request = context::request();
    let mut kept: Vec<(&str, &str)> = request
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, value)| ![CURSOR, crate::ui::notice::NOTICE].contains(name) && !value.is_empty())
        .collect();
    kept.sort_unstable();
    kept.extend(cursor.map(|cursor| (CURSOR, cursor)));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    if query.is_empty() {
        request.path.to_string()
    } else {
        format!("{}?{query}", request.path)
    }
}
