//! The rows of a list of orders with what stands around them, as every role sees it: the line above, what is missing, the way to more.

use crate::ui::found::unfinished;
use crate::ui::pager::{NoSuchPage, Numbered, Pager};
use crate::ui::table::not_sorted;
use domain::locker::orders::Sort;
use islands::context;
use islands::functions::orders::{Listed, ROWS};
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// What stands around the rows.
pub struct Around {
    /// For readers who hear the page; the pages of operators have none.
    pub heading: Option<&'static str>,
    /// The order that was asked for.
    pub sort: Sort,
    /// A column to sort by that does not exist.
    pub unknown: Option<String>,
    /// The number of the page, where the list is a table.
    pub page: u64,
    /// Address of the same list as a file.
    pub csv: String,
    /// What stands first in the line above the rows.
    pub first: Option<AnyView>,
}

/// `nothing`: what to do where there are no rows. `rows`: draws them.
pub fn results(
    listed: Listed,
    around: Around,
    nothing: impl FnOnce() -> AnyView,
    rows: impl FnOnce(Listed) -> AnyView,
) -> AnyView {
    let locale = context::locale();
    let Around {
        heading,
        sort,
        unknown,
        page,
        csv,
        first,
    } = around;
    let (hits, counted) = (&listed.hits, listed.counted);
    let unfinished = unfinished(hits, ROWS as usize);
    let (next, is_empty) = (hits.next.clone(), hits.rows.is_empty());
    let not_sorted = match (&unknown, counted) {
        (Some(column), _) => Some(not_sorted(locale, Some(column))),
        (None, Some(counted)) if counted.sort != sort => Some(not_sorted(locale, None)),
        _ => None,
    };
    let line = (!is_empty).then(|| {
        view! {
            <div class="list-line">
                {first}
                <a class="link flex min-h-11 items-center gap-1" href=csv download="" data-testid="export"><Icon name="download" class="size-4 shrink-0"/> {td_string!(locale, common.as_csv)}</a>
                {counted.map(|counted| view! { <Numbered count=counted.count page rows=ROWS/> })}
            </div>
        }
    });
    let list = match counted {
        Some(counted) if is_empty && counted.count.rows > 0 => {
            view! { <NoSuchPage count=counted.count rows=ROWS/> }.into_any()
        }
        _ if is_empty && unfinished.is_some() => ().into_any(),
        _ if is_empty => nothing(),
        _ => rows(listed),
    };
    view! {
        <div id="results" class="flex flex-col gap-2">
            {heading.map(|heading| view! { <h2 class="sr-only">{heading}</h2> })}
            {not_sorted}
            {unfinished}
            {line}
            {list}
            <Pager next/>
        </div>
    }
    .into_any()
}
