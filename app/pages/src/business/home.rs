//! `/business`: the meters that wait for this business, each one tap from its code.

use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::Yid;
use domain::locker::orders::{Order, OrderFilter, OrderStatus};
use islands::addresses::at;
use islands::context;
use islands::date::Time;
use islands::functions::{kiosks, orders};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ROWS: u32 = 20;

/// What the page shows.
struct Waiting {
    rows: Vec<Order>,
    more: bool,
    kiosks: BTreeMap<Yid, String>,
}

/// The page.
#[component]
pub fn Home() -> impl IntoView {
    loaded(waiting(), |waiting| view! { <Shown waiting/> })
}

async fn waiting() -> Result<Waiting, Refusal> {
    let filter = OrderFilter {
        status: Some(OrderStatus::Stored),
        limit: ROWS,
        ..OrderFilter::default()
    };
    let page = orders::search(&filter).await?;
    let places = page.rows.iter().filter_map(|order| order.place.as_ref());
    let numbers: BTreeSet<Yid> = places.map(|place| place.yid).collect();
    let mut names = BTreeMap::new();
    for yid in numbers {
        names.insert(yid, kiosks::whereabouts(yid).await?.name);
    }
    Ok(Waiting {
        rows: page.rows,
        more: page.next.is_some(),
        kiosks: names,
    })
}

#[component]
fn Shown(waiting: Waiting) -> impl IntoView {
    let locale = context::locale();
    let Waiting { rows, more, kiosks } = waiting;
    let stored = links::with_query(&at::business_orders(), &[("status", OrderStatus::Stored.letter())]);
    let list = if rows.is_empty() {
        view! {
            <Empty text=td_string!(locale, business.waiting_none) icon="box">
                <a href=at::business_orders() class="btn btn-outline btn-lg"><Icon name="search"/> {td_string!(locale, business.search_own)}</a>
            </Empty>
        }
        .into_any()
    } else {
        let cards: Vec<_> = rows
            .into_iter()
            .map(|order| {
                let name = order.place.as_ref().and_then(|place| kiosks.get(&place.yid)).cloned();
                view! { <Card order kiosk=name.unwrap_or_default()/> }
            })
            .collect();
        view! { <ul class="flex flex-col gap-4" data-testid="waiting">{cards}</ul> }.into_any()
    };
    view! {
        <Layout title=td_string!(locale, business.home)>
            {list}
            {more.then(|| view! { <a href=stored class="btn btn-outline btn-lg" data-testid="waiting-more">{td_string!(locale, business.waiting_more)}</a> })}
        </Layout>
    }
    .into_any()
}

/// One meter: the label as on the door, whose it is, and the way to its code.
#[component]
fn Card(order: Order, kiosk: String) -> impl IntoView {
    let locale = context::locale();
    let page = at::business_order(&order.things_sq);
    let find = at::business_find(&order.things_sq);
    let number = order.customer_no.0;
    let named = td_string!(locale, business.find_of, number = number.as_str()).to_string();
    let (label, place) = order.place.map_or((String::new(), String::new()), |place| {
        (place.label, kiosk_line(locale, place.yid, &kiosk))
    });
    view! {
        <li class="card-plain flex flex-wrap items-center gap-x-4 gap-y-4" data-order=order.things_sq.0>
            <span class="place-label">{label}</span>
            <div class="flex min-w-0 flex-1 basis-44 flex-col">
                <a href=page class="link link-hover flex min-h-12 flex-wrap items-center gap-x-2 font-semibold">
                    <span class="tabular-nums">{number}</span> <span>{order.customer_name}</span>
                </a>
                <span>{place}</span>
                {order.stored_at.map(|at| view! { <span class="text-sm opacity-75">{td_string!(locale, business.since)} " " <Time at/></span> })}
            </div>
            <a href=find class="btn btn-primary btn-lg w-full" aria-label=named data-testid="find"><Icon name="qr"/> {td_string!(locale, business.find)}</a>
        </li>
    }
    .into_any()
}
