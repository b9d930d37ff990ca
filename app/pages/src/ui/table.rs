//! Tables for work: rows of 44 pixels under a head that stays, on a phone a card a row. A row leads to its thing as a whole.
//!
//! The cells of a row say by their class where they stand on a card: `lead` on top, `mark` beside it, `pick` before it, the others below as one
//! line of text. One with nothing in it has the class `none`.

use crate::ui::pager::{CURSOR, PAGE, SORT, changed};
use domain::locker::orders::{Sort, SortBy};
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// The head of a column that a list can be sorted by; `sort` is how it is sorted now, nothing where it has an order of its own.
pub fn sortable(by: SortBy, text: &'static str, class: &'static str, sort: Option<Sort>) -> AnyView {
    let Some(sort) = sort else {
        return view! { <th scope="col" class=class>{text}</th> }.into_any();
    };
    let here = sort.by == by;
    let direction = match (here, sort.descending) {
        (false, _) => None,
        (true, false) => Some("ascending"),
        (true, true) => Some("descending"),
    };
    let arrow = match direction {
        None => "",
        Some("ascending") => " ↑",
        Some(_) => " ↓",
    };
    let to = sort.toggled(by).to_string();
    let href = changed(&[(SORT, &to), (PAGE, ""), (CURSOR, "")]);
    let testid = format!("sort-{}", by.as_str());
    view! {
        <th scope="col" class=class aria-sort=direction>
            <a href=href data-testid=testid>{text}<span aria-hidden="true">{arrow}</span></a>
        </th>
    }
    .into_any()
}

/// What the address asks to sort by, and that there is no such column.
pub fn sort_asked(text: &str) -> (Sort, bool) {
    match Sort::parse(text) {
        Some(sort) => (sort, false),
        None => (Sort::default(), !text.is_empty()),
    }
}

/// Why a list is not sorted as its address asks.
pub fn not_sorted(locale: Locale, unknown: Option<&str>) -> AnyView {
    const SHOWN: usize = 40;
    let text = match unknown {
        Some(column) => {
            let column: String = column.chars().take(SHOWN).collect();
            td_string!(locale, common.no_such_column, column = column).to_string()
        }
        None => td_string!(locale, common.too_many_to_sort).to_owned(),
    };
    view! { <p role="alert" class="alert alert-warning alert-soft py-2" data-testid="not-sorted">{text}</p> }.into_any()
}
