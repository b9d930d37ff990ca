//! From one page of a list to the next; every page has an address of its own, filters included. Lists that are counted have numbered pages,
//! others go on from a cursor.

use crate::ui::empty::Empty;
use domain::locker::orders::Count;
use islands::context::{self, RequestContext};
use islands::date::number;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The query parameter that says where a page of a list begins.
pub const CURSOR: &str = "cursor";
/// The query parameter with the number of a page.
pub const PAGE: &str = "page";
/// The query parameter with the column a list is sorted by.
pub const SORT: &str = "sort";
/// The most characters of a page number that are shown again.
const SHOWN: usize = 24;

/// Links to the first and the next page; nothing where there is only one.
#[component]
pub fn Pager(
    /// The next page's cursor, as the list said.
    next: Option<String>,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let first = (!request.query(CURSOR).is_empty()).then(|| changed(&[(CURSOR, "")]));
    let next = next.map(|cursor| changed(&[(CURSOR, &cursor)]));
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="flex justify-between gap-2" aria-label=td_string!(locale, common.pages)>
                {first.map(|href| view! { <a href=href class="btn" rel="first" data-testid="first-page"><Icon name="arrow-left"/> {td_string!(locale, common.first_page)}</a> })}
                {next.map(|href| view! { <a href=href class="btn ml-auto" rel="next" data-testid="next-page">{td_string!(locale, common.next_page)} <Icon name="arrow-right"/></a> })}
            </nav>
        }
    })
}

/// The number of the page that the address asks for. What is no number is a page that does not exist.
pub fn page_number(request: &RequestContext) -> u64 {
    match request.query(PAGE) {
        "" => 1,
        // No list has a page 0, nor one with this number.
        text => text.parse().ok().filter(|number| *number > 0).unwrap_or(u64::MAX),
    }
}

/// The number of pages that this number of rows fills.
fn pages(count: Count, rows: u32) -> u32 {
    count.rows.div_ceil(rows.max(1)).max(1)
}

/// Which rows these are of how many, and the ways to the pages before and after.
#[component]
pub fn Numbered(
    /// How many rows there are.
    count: Count,
    /// Which page this is.
    page: u64,
    /// Rows of a page.
    rows: u32,
) -> impl IntoView {
    let locale = context::locale();
    let pages = pages(count, rows);
    let here = u32::try_from(page).ok().filter(|page| *page <= pages)?;
    let first = number((here - 1) * rows + 1);
    let last = number((here * rows).min(count.rows));
    let of = number(count.rows);
    let text = if count.more {
        td_string!(locale, common.rows_of_more, first = first, last = last, count = of).to_string()
    } else {
        td_string!(locale, common.rows_of, first = first, last = last, count = of).to_string()
    };
    let way = |to: u32, icon: &'static str, rel: &'static str, text: &'static str, testid: &'static str| {
        if to == 0 || to > pages {
            return view! { <span class="pager-way" aria-hidden="true"><Icon name=icon class="size-5 shrink-0"/></span> }.into_any();
        }
        let number = if to == 1 { String::new() } else { to.to_string() };
        let href = changed(&[(PAGE, &number), (CURSOR, "")]);
        view! { <a class="pager-way" href=href rel=rel aria-label=text title=text data-testid=testid><Icon name=icon class="size-5 shrink-0"/></a> }.into_any()
    };
    Some(
        view! {
            <nav class="pager" aria-label=td_string!(locale, common.pages)>
                <span class="tabular-nums" data-testid="count">{text}</span>
                {(pages > 1).then(|| view! {
                    {way(here - 1, "arrow-left", "prev", td_string!(locale, common.previous_page), "previous-page")}
                    {way(here + 1, "arrow-right", "next", td_string!(locale, common.next_page), "next-page")}
                })}
            </nav>
        }
        .into_any(),
    )
}

/// In place of the rows of a page that does not exist.
#[component]
pub fn NoSuchPage(
    /// How many rows there are.
    count: Count,
    /// Rows of a page.
    rows: u32,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let last = pages(count, rows);
    let asked: String = request.query(PAGE).chars().take(SHOWN).collect();
    let text = td_string!(locale, common.no_such_page, page = asked, last = number(last)).to_string();
    let href = changed(&[(PAGE, &last.to_string())]);
    view! {
        <Empty text icon="list">
            <a class="btn btn-outline" href=href data-testid="last-page">{td_string!(locale, common.last_page)}</a>
        </Empty>
    }
    .into_any()
}

/// This page's address with these parameters changed, everything else kept; an empty one is left out.
pub fn changed(changes: &[(&str, &str)]) -> String {
    address(&context::request().path, changes)
}

/// The same list at another address, such as that of its file: from its beginning.
pub fn changed_to(path: &str) -> String {
    address(path, &[(PAGE, ""), (CURSOR, ""), (islands::ui::typing::OPEN, "")])
}

fn address(path: &str, changes: &[(&str, &str)]) -> String {
    let request = context::request();
    let kept = request
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let mut all: Vec<(&str, &str)> = kept
        .chain(changes.iter().copied())
        .filter(|(name, value)| !islands::notice::is_notice(name) && !value.is_empty())
        .collect();
    all.sort_unstable();
    islands::links::with_query(path, &all)
}
