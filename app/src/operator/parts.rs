//! Pieces the operator's pages share.

use crate::context;
use crate::i18n::{Locale, td_string};
use crate::ui::found::OPEN;
use crate::ui::icon::Icon;
use crate::ui::keys::Keys;
use crate::ui::pager::changed_to;
pub use crate::ui::parts::{Fact, Filter, Section, Select, ShownOnce, Up};
use crate::ui::typing::Typing;
use crate::ui::wasm::Preload;
use domain::people::Role;
use leptos::prelude::*;

/// Rows on one page of a list.
pub const ROWS: u32 = 50;

/// What a role is called.
pub fn role_word(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Operator => td_string!(locale, operator.role_operator),
        Role::Staff => td_string!(locale, operator.role_staff),
        Role::Business => td_string!(locale, operator.role_business),
        Role::Owner => td_string!(locale, operator.role_owner),
    }
}

/// The filters of a list and what to search for; a plain `GET` form, so that every result has an address. The list stands in the element
/// `results`, which follows what is typed.
#[component]
pub fn SearchBar(
    /// The query parameter of the text searched for.
    name: &'static str,
    /// What to type.
    #[prop(into)]
    label: String,
    /// Which keyboard a phone shows.
    #[prop(default = "search")]
    inputmode: &'static str,
    /// Most characters worth searching for.
    #[prop(default = 100)]
    max: u32,
    /// What is found alone is opened at once.
    #[prop(optional)]
    opens: bool,
    /// [`Filter`]s beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let value = request.query(name).to_owned();
    let path = request.path.to_string();
    let filtered = request
        .query
        .iter()
        .any(|(name, value)| !value.is_empty() && name != OPEN && !crate::ui::notice::is_notice(name));
    view! {
        <Preload/>
        <Typing/>
        <Keys/>
        <form method="get" class="search-bar" role="search" data-search="" data-testid="search">
            <input type="search" name=name value=value inputmode=inputmode autocomplete="off" maxlength=max placeholder=label.clone() aria-label=label class="input search-text"/>
            {children.map(|children| children())}
            {opens.then(|| view! { <input type="hidden" name=OPEN value="1"/> })}
            <button class="btn search-go"><Icon name="search" class="size-5 shrink-0"/> <span class="max-sm:sr-only">{td_string!(locale, operator.search)}</span></button>
            {filtered.then(|| view! { <a href=path class="btn btn-ghost">{td_string!(locale, operator.show_all)}</a> })}
        </form>
    }
    .into_any()
}

/// The list that is shown, filters included, as a file.
#[component]
pub fn FileLink(
    /// Where the file is.
    path: &'static str,
) -> impl IntoView {
    let text = td_string!(context::locale(), common.as_csv);
    view! {
        <div class="list-line">
            <a class="link flex min-h-11 items-center gap-1" href=changed_to(path) download="" data-testid="export">
                <Icon name="download" class="size-4 shrink-0"/> {text}
            </a>
        </div>
    }
}
