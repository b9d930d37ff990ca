//! Pieces the operator's pages share.

use crate::owner::Seen;
use crate::ui::empty::Empty;
use crate::ui::found::{OPEN, TEXT};
use crate::ui::pager::{CURSOR, NoSuchPage, Numbered, PAGE, SORT, changed_to, page_number};
pub use crate::ui::parts::{Fact, Filter, Section, Select, Up};
use domain::locker::orders::Count;
use islands::addresses::OPERATOR_LIVE;
use islands::context::{self, RequestContext};
use islands::i18n::td_string;
use islands::ui::fresh::Fresh;
use islands::ui::icon::Icon;
use islands::ui::keys::Keys;
use islands::ui::typing::Typing;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

/// Rows on one page of a list.
pub const ROWS: u32 = 50;

/// Keeps the page up to date: its elements marked `data-live` are renewed when something happens in the deployment.
#[component]
pub fn LiveWork() -> impl IntoView {
    let seen = use_context::<Seen>().map_or(String::new(), |Seen(mark)| mark);
    view! {
        <Preload/>
        <Fresh events=OPERATOR_LIVE.to_owned() seen><span></span></Fresh>
    }
}

/// Does the address ask for a part of the list only?
pub fn is_filtered(request: &RequestContext) -> bool {
    let only_about_the_page = [OPEN, PAGE, CURSOR, SORT];
    request.query.iter().any(|(name, value)| {
        !value.is_empty() && !only_about_the_page.contains(&name.as_str()) && !islands::notice::is_notice(name)
    })
}

/// In place of the rows of a list: what was searched for is not there, or there is nothing at all yet, with the way to the first one.
#[component]
pub fn NoRows(
    /// Nothing was found.
    none_found: &'static str,
    /// There is nothing.
    none_yet: &'static str,
    /// An icon for what the list is of.
    icon: &'static str,
    /// How many rows the list has, where its pages have numbers: then a page that is not there is told from a list with nothing in it.
    #[prop(optional_no_strip)]
    count: Option<Count>,
    /// The way to the first one: its address, icon and words.
    #[prop(optional_no_strip)]
    first: Option<(String, &'static str, &'static str)>,
) -> impl IntoView {
    let request = context::request();
    if let Some(count) = count.filter(|count| count.rows > 0) {
        return view! { <NoSuchPage count rows=ROWS/> }.into_any();
    }
    if is_filtered(&request) {
        let path = request.path.to_string();
        let text = td_string!(request.locale, operator.show_all);
        return view! { <Empty text=none_found><a href=path class="btn btn-outline" data-testid="show-all">{text}</a></Empty> }.into_any();
    }
    let first = first.map(|(href, icon, text)| {
        view! { <a href=href class="btn btn-primary" data-testid="first-one"><Icon name=icon class="size-5 shrink-0"/> {text}</a> }
    });
    view! { <Empty text=none_yet icon=icon>{first}</Empty> }.into_any()
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
    /// The page is there for nothing but the search, and Enter opens what is found first.
    #[prop(optional)]
    autofocus: bool,
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
        .any(|(name, value)| !value.is_empty() && name != OPEN && !islands::notice::is_notice(name));
    view! {
        <Preload/>
        <Typing/>
        <Keys/>
        <form method="get" class="search-bar" role="search" data-search="" data-first=autofocus.then_some("") data-testid="search">
            <input type="search" name=name value=value inputmode=inputmode autocomplete="off" maxlength=max placeholder=label.clone() aria-label=label autofocus=autofocus class="input search-text"/>
            {children.map(|children| children())}
            {opens.then(|| view! { <input type="hidden" name=OPEN value="1"/> })}
            <button class="btn search-go"><Icon name="search" class="size-5 shrink-0"/> <span class="max-sm:sr-only">{td_string!(locale, operator.search)}</span></button>
            {filtered.then(|| view! { <a href=path class="btn btn-ghost">{td_string!(locale, operator.show_all)}</a> })}
        </form>
    }
    .into_any()
}

/// The number of the page that is asked for, where the list is one whose pages have numbers: nothing is searched for in it.
pub fn numbered_page(request: &RequestContext) -> Option<u64> {
    let plain = request.query(TEXT).trim().is_empty() && request.query_if_any(CURSOR).is_none();
    plain.then(|| page_number(request))
}

/// The list that is shown, filters included, as a file; and which of how many rows these are.
#[component]
pub fn FileLink(
    /// Where the file is.
    path: &'static str,
    /// How many rows the list has, where its pages have numbers.
    #[prop(optional_no_strip)]
    count: Option<Count>,
) -> impl IntoView {
    let request = context::request();
    let text = td_string!(request.locale, common.as_csv);
    let page = page_number(&request);
    view! {
        <div class="list-line">
            <a class="link flex min-h-11 items-center gap-1" href=changed_to(path) download="" data-testid="export">
                <Icon name="download" class="size-4 shrink-0"/> {text}
            </a>
            {count.map(|count| view! { <Numbered count page rows=ROWS/> })}
        </div>
    }
}
