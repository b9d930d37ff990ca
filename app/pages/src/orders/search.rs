//! Finding orders by any part of them. Everything stands in the URL, and the page is kept lean: it is the one asked for most.

use crate::orders::{Around, Pages, recent, results, table};
use crate::ui::empty::Empty;
use crate::ui::found::{OPEN, TEXT, only};
use crate::ui::pager::{CURSOR, SORT, page_number};
use crate::ui::table::sort_asked;
use domain::ids::{CustomerNo, ThingsSq};
use domain::locker::orders::{Order, OrderStatus, OrderTable, Sort};
use domain::search::LONGEST;
use islands::context::{self, RequestContext};
use islands::functions::orders::{Listed, ROWS};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use islands::ui::status;
use islands::ui::typing::Typing;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

/// Of addresses from before everything was searched: how the customer number begins.
const CUSTOMER_NO: &str = "customerNo";
const STATUS: &str = "status";
const ALL: &str = "all";
/// Asks for a list from which an order is chosen: see [`Search::choosing`].
pub const CHOOSE: &str = "choose";

/// What a search page was asked for.
#[derive(Clone)]
pub struct Search {
    /// Whose list it is.
    pages: Pages,
    text: String,
    customer_no: String,
    status: Option<OrderStatus>,
    cursor: Option<String>,
    page: u64,
    sort: Sort,
    /// A column to sort by that there is not.
    unknown: Option<String>,
    /// A code was scanned, and its order is looked for: typing starts at once.
    scanned: bool,
    /// Where an order that is chosen leads, if not to its page.
    chosen: Option<fn(&ThingsSq) -> String>,
}

impl Search {
    /// From the URL; `at_first` is the status meant where it names none.
    pub fn of(request: &RequestContext, pages: Pages, at_first: Option<OrderStatus>) -> Self {
        let status = match request.query.get(STATUS) {
            Some(text) => OrderStatus::parse(text),
            None => at_first,
        };
        let cursor = request.query(CURSOR);
        let (sort, unknown) = sort_asked(request.query(SORT));
        Self {
            pages,
            text: request.query(TEXT).trim().chars().take(LONGEST).collect(),
            customer_no: request
                .query(CUSTOMER_NO)
                .trim()
                .chars()
                .filter(|c| !c.is_control())
                .take(32)
                .collect(),
            status,
            cursor: (!cursor.is_empty()).then(|| cursor.to_owned()),
            page: page_number(request),
            sort,
            unknown: unknown.then(|| request.query(SORT).to_owned()),
            scanned: at_first.is_some(),
            chosen: None,
        }
    }

    /// Where the address asks for it, orders that are ready lead to this address and not to their page.
    #[must_use]
    pub fn choosing(mut self, request: &RequestContext, leads_to: fn(&ThingsSq) -> String) -> Self {
        self.chosen = (request.query(CHOOSE) == "1").then_some(leads_to);
        self
    }

    fn leads_to(&self, order: &Order) -> String {
        match self.chosen {
            Some(leads_to) if order.status == OrderStatus::Ready => leads_to(&order.things_sq),
            _ => self.pages.order(&order.things_sq),
        }
    }

    fn choose_value(&self) -> &'static str {
        if self.chosen.is_some() { "1" } else { "" }
    }

    /// What to ask for where a text, or the beginning of a number, is searched for: that, a status, where to go on.
    pub fn asked(&self) -> (Option<String>, Option<CustomerNo>, Option<OrderStatus>, Option<String>) {
        let text = (!self.text.is_empty()).then(|| self.text.clone());
        let number = CustomerNo::parse(&self.customer_no);
        (text, number, self.status, self.cursor.clone())
    }

    /// What to ask for where nothing is searched for: the list is a table then.
    pub fn as_table(&self) -> Option<OrderTable> {
        (self.typed().is_empty() && self.cursor.is_none()).then(|| OrderTable {
            status: self.status,
            sort: self.sort,
            page: self.page,
            limit: ROWS,
            ..OrderTable::default()
        })
    }

    /// Where one order alone was found by the form, the answer leads to its page.
    pub fn open_only(&self, listed: &Listed) {
        if let Some(order) = only(&listed.hits) {
            links::redirect(&self.leads_to(order));
        }
    }

    /// An address of before.
    fn is_old(&self) -> bool {
        self.text.is_empty() && !self.customer_no.is_empty()
    }

    /// What stands in the field.
    fn typed(&self) -> &str {
        if self.is_old() { &self.customer_no } else { &self.text }
    }

    fn status_value(&self) -> &'static str {
        self.status.map_or(ALL, OrderStatus::letter)
    }

    fn with_status(&self, status: &str) -> String {
        let name = if self.is_old() { CUSTOMER_NO } else { TEXT };
        let asked = [(name, self.typed()), (STATUS, status), (CHOOSE, self.choose_value())];
        links::with_query(&self.pages.list(), &asked)
    }
}

/// The number, and the statuses as links of one tap.
#[component]
pub fn SearchForm(
    /// What was asked for.
    search: Search,
) -> impl IntoView {
    let locale = context::locale();
    let fresh = search.typed().is_empty() && search.cursor.is_none();
    let chip = |value: &'static str, word: &'static str| {
        let here = search.status_value() == value;
        let class = if here { "chip chip-here" } else { "chip" };
        view! { <li><a class=class href=search.with_status(value) aria-current=here.then_some("true") data-testid=format!("status-{value}")>{word}</a></li> }
    };
    let chips: Vec<_> = std::iter::once(chip(ALL, td_string!(locale, orders.status_all)))
        .chain(OrderStatus::ALL.map(|s| chip(s.letter(), status::word(locale, s))))
        .collect();
    view! {
        <Preload/>
        <Typing/>
        <search class="order-search">
            <form action=search.pages.list() data-search="" data-testid="search-form">
                <label for=TEXT class="sr-only">{td_string!(locale, orders.search_label)}</label>
                <p id="search-hint" class="sr-only">{td_string!(locale, orders.search_hint)}</p>
                <div class="flex gap-2">
                    <input
                        id=TEXT
                        name=TEXT
                        type="search"
                        inputmode="search"
                        enterkeyhint="search"
                        autocomplete="off"
                        maxlength=LONGEST
                        value=search.typed().to_owned()
                        placeholder=td_string!(locale, orders.search_placeholder)
                        title=td_string!(locale, orders.search_hint)
                        autofocus=search.scanned || search.chosen.is_some()
                        aria-describedby="search-hint"
                        class="input input-lg min-w-0 flex-1"
                    />
                    <input type="hidden" name=STATUS value=search.status_value()/>
                    {search.chosen.map(|_| view! { <input type="hidden" name=CHOOSE value="1"/> })}
                    <input type="hidden" name=OPEN value="1"/>
                    <button class="btn btn-primary btn-lg" data-testid="search"><Icon name="search"/> <span class="max-sm:sr-only">{td_string!(locale, orders.search)}</span></button>
                </div>
            </form>
            {fresh.then(|| recent_chips(&search))}
            <nav aria-label=td_string!(locale, orders.status_filter)><ul class="chips chips-line">{chips}</ul></nav>
        </search>
    }
    .into_any()
}

fn recent_chips(search: &Search) -> Option<AnyView> {
    let numbers = recent::numbers();
    if numbers.is_empty() {
        return None;
    }
    let items: Vec<_> = numbers
        .into_iter()
        .map(|number| {
            let asked = [(TEXT, number.as_str()), (STATUS, ALL), (CHOOSE, search.choose_value())];
            let href = links::with_query(&search.pages.list(), &asked);
            view! { <li><a class="chip tabular-nums" href=href>{number}</a></li> }
        })
        .collect();
    let title = td_string!(context::locale(), orders.recent);
    Some(
        view! {
            <nav aria-label=title data-testid="recent">
                <p class="text-sm opacity-75" aria-hidden="true">{title}</p>
                <ul class="chips">{items}</ul>
            </nav>
        }
        .into_any(),
    )
}

/// The rows found, or what to do where there are none.
#[component]
pub fn Results(
    /// What was asked for.
    search: Search,
    /// What was found.
    listed: Listed,
    /// The same list as a file.
    csv: String,
) -> impl IntoView {
    let around = Around {
        heading: Some(td_string!(context::locale(), orders.results)),
        sort: search.sort,
        unknown: search.unknown.clone(),
        page: search.page,
        csv,
        first: None,
    };
    let rows = |listed| table(listed, |order| search.leads_to(order), None);
    results(listed, around, || nothing(&search), rows)
}

fn nothing(search: &Search) -> AnyView {
    let locale = context::locale();
    if search.typed().is_empty() && search.status.is_none() {
        return view! { <Empty text=td_string!(locale, orders.none_at_all) icon="list"/> }.into_any();
    }
    let (href, text) = match search.status {
        Some(_) => (search.with_status(ALL), td_string!(locale, orders.search_all)),
        None => (search.pages.list(), td_string!(locale, orders.show_all)),
    };
    view! {
        <Empty text=td_string!(locale, orders.none_found)>
            <a class="btn btn-outline btn-lg" href=href data-testid="widen">{text}</a>
        </Empty>
    }
    .into_any()
}
