//! Searching orders by customer number. Everything stands in the URL, and the page is kept lean: it is the one asked for most.

use crate::context::{self, RequestContext};
use crate::i18n::td_string;
use crate::links;
use crate::orders::{address, recent};
use crate::ui::empty::Empty;
use crate::ui::icon::Icon;
use crate::ui::pager::{CURSOR, Pager};
use crate::ui::status;
use domain::ids::CustomerNo;
use domain::locker::orders::{Order, OrderStatus, Page};
use leptos::prelude::*;

const CUSTOMER_NO: &str = "customerNo";
const STATUS: &str = "status";
const ALL: &str = "all";

/// What a search page was asked for.
#[derive(Clone)]
pub struct Search {
    /// The list's own address.
    list: &'static str,
    customer_no: String,
    status: Option<OrderStatus>,
    cursor: Option<String>,
}

impl Search {
    /// From the URL; `at_first` is the status meant where it names none.
    pub fn of(request: &RequestContext, list: &'static str, at_first: Option<OrderStatus>) -> Self {
        let status = match request.query.get(STATUS) {
            Some(text) => OrderStatus::parse(text),
            None => at_first,
        };
        let cursor = request.query(CURSOR);
        Self {
            list,
            customer_no: request
                .query(CUSTOMER_NO)
                .trim()
                .chars()
                .filter(|c| !c.is_control())
                .take(32)
                .collect(),
            status,
            cursor: (!cursor.is_empty()).then(|| cursor.to_owned()),
        }
    }

    /// What to ask for: the beginning of a customer number, a status, where to go on.
    pub fn asked(&self) -> (Option<CustomerNo>, Option<OrderStatus>, Option<String>) {
        (CustomerNo::parse(&self.customer_no), self.status, self.cursor.clone())
    }

    fn status_value(&self) -> &'static str {
        self.status.map_or(ALL, OrderStatus::letter)
    }

    fn with_status(&self, status: &str) -> String {
        links::with_query(self.list, &[(CUSTOMER_NO, &self.customer_no), (STATUS, status)])
    }
}

/// The number, and the statuses as links of one tap.
#[component]
pub fn SearchForm(
    /// What was asked for.
    search: Search,
) -> impl IntoView {
    let locale = context::locale();
    let fresh = search.customer_no.is_empty() && search.cursor.is_none();
    let chip = |value: &'static str, word: &'static str| {
        let here = search.status_value() == value;
        let class = if here { "chip chip-here" } else { "chip" };
        view! { <li><a class=class href=search.with_status(value) aria-current=here.then_some("true") data-testid=format!("status-{value}")>{word}</a></li> }
    };
    let chips: Vec<_> = std::iter::once(chip(ALL, td_string!(locale, orders.status_all)))
        .chain(OrderStatus::ALL.map(|s| chip(s.letter(), status::word(locale, s))))
        .collect();
    view! {
        <search>
            <form action=search.list class="flex flex-col gap-1" data-testid="search-form">
                <label for=CUSTOMER_NO class="font-medium">{td_string!(locale, orders.search_label)}</label>
                <p id="search-hint" class="text-sm opacity-75">{td_string!(locale, orders.search_hint)}</p>
                <div class="flex flex-wrap gap-2">
                    <input
                        id=CUSTOMER_NO
                        name=CUSTOMER_NO
                        type="search"
                        inputmode="numeric"
                        enterkeyhint="search"
                        autocomplete="off"
                        maxlength="32"
                        value=search.customer_no.clone()
                        autofocus=fresh
                        aria-describedby="search-hint"
                        class="input input-lg min-w-0 flex-1 basis-36 tabular-nums"
                    />
                    <input type="hidden" name=STATUS value=search.status_value()/>
                    <button class="btn btn-primary btn-lg" data-testid="search"><Icon name="search"/> {td_string!(locale, orders.search)}</button>
                </div>
            </form>
            {fresh.then(|| recent_chips(&search))}
            <nav aria-label=td_string!(locale, orders.status_filter)><ul class="chips mt-3">{chips}</ul></nav>
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
            let href = links::with_query(search.list, &[(CUSTOMER_NO, &number), (STATUS, ALL)]);
            view! { <li><a class="chip tabular-nums" href=href>{number}</a></li> }
        })
        .collect();
    let title = td_string!(context::locale(), orders.recent);
    Some(
        view! {
            <nav class="mt-3" aria-label=title data-testid="recent">
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
    page: Page<Order>,
) -> impl IntoView {
    let locale = context::locale();
    if page.rows.is_empty() {
        return nothing(&search);
    }
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|order| {
            let href = address(search.list, &order.things_sq);
            let place = order.place.map(|place| {
                let kiosk = td_string!(locale, orders.kiosk_no, yid = place.yid.0).to_string();
                view! { <span class="order-place">{kiosk} " · " <b>{place.label}</b></span> }
            });
            view! {
                <li>
                    <a class="order-row" href=href data-order=order.things_sq.0>
                        <b class="order-no">{order.customer_no.0}</b>
                        <span class="order-status" data-status=order.status.letter()>{status::word(locale, order.status)}</span>
                        <span class="order-who">{order.customer_name} " · " {order.address}</span>
                        <span class="order-what">{order.meter_kind} " · " {order.business.0}</span>
                        {place}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <h2 class="sr-only">{td_string!(locale, orders.results)}</h2>
        <ul class="order-rows" data-testid="orders">{rows}</ul>
        <Pager next=page.next/>
    }
    .into_any()
}

fn nothing(search: &Search) -> AnyView {
    let locale = context::locale();
    if search.customer_no.is_empty() && search.status.is_none() {
        return view! { <Empty text=td_string!(locale, orders.none_at_all) icon="list"/> }.into_any();
    }
    let (href, text) = match search.status {
        Some(_) => (search.with_status(ALL), td_string!(locale, orders.search_all)),
        None => (search.list.to_owned(), td_string!(locale, orders.show_all)),
    };
    view! {
        <Empty text=td_string!(locale, orders.none_found)>
            <a class="btn btn-outline btn-lg" href=href data-testid="widen">{text}</a>
        </Empty>
    }
    .into_any()
}
