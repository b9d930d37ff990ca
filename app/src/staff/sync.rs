//! `/staff/sync`: what a sync changed, and the code that sets that kiosk's clock.

use crate::code_card::Shows;
use crate::context::{self, RequestContext};
use crate::error::loaded;
use crate::i18n::td_string;
use crate::links;
use crate::orders::address;
use crate::staff::ORDERS;
use crate::staff::codes::{self, ClockCard, ToMain};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::status::StatusBadge;
use backend::Backend;
use backend::locker::kiosks::{self, Whereabouts};
use backend::locker::{orders, scans, sync};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::Order;
use domain::people::{Person, Role};
use leptos::prelude::*;

/// More changed orders than this are counted, not listed.
const LISTED: usize = 100;
/// Between the orders in the address; no order has a control character in its key.
const SEPARATOR: &str = "\n";

/// Applies the scan and answers the address of the page that tells what it changed.
pub(super) async fn apply(backend: &Backend, person: &Person, token_id: &str) -> Result<String, Refusal> {
    let outcome = sync::apply_from_scan(backend, person, token_id).await?;
    let changed: Vec<&str> = outcome
        .changed
        .iter()
        .take(LISTED)
        .map(|changed| changed.things_sq.as_str())
        .collect();
    Ok(links::with_query(
        "/staff/sync",
        &[
            ("scan", token_id),
            ("stored", &outcome.stored.to_string()),
            ("completed", &outcome.completed.to_string()),
            ("orders", &changed.join(SEPARATOR)),
        ],
    ))
}

/// What the page shows.
struct Found {
    kiosk: Whereabouts,
    stored: usize,
    completed: usize,
    changed: Vec<Order>,
    clock: Shows,
}

/// The page.
#[component]
pub fn Sync() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let person = request.require(Role::Staff)?;
            let token_id = request.query("scan");
            if token_id.is_empty() {
                return Ok(None);
            }
            find(&request, person, token_id).await.map(Some)
        },
        |found| match found {
            Some(found) => view! { <Synced found/> }.into_any(),
            None => view! { <Nothing/> }.into_any(),
        },
    )
}

async fn find(request: &RequestContext, person: &Person, token_id: &str) -> Result<Found, Refusal> {
    let backend = &request.backend;
    let yid = scans::reopen(backend, person, token_id).await?.yid;
    let mut changed = Vec::new();
    let named = request.query("orders").split(SEPARATOR).filter_map(ThingsSq::parse);
    for things_sq in named.take(LISTED) {
        // Read again, so that the page shows what is, not what its address says.
        changed.push(orders::get(backend, person, &things_sq).await?);
    }
    let count = |name| request.query(name).parse().unwrap_or(0);
    Ok(Found {
        kiosk: kiosks::whereabouts(backend, person, yid).await?,
        stored: count("stored"),
        completed: count("completed"),
        changed,
        clock: codes::clock(backend, person, yid).await?,
    })
}

#[component]
fn Synced(found: Found) -> impl IntoView {
    let locale = context::locale();
    let yid = found.kiosk.yid;
    let count = |number: usize, word: &'static str, testid: &'static str| {
        view! {
            <li class="flex flex-1 flex-col items-center p-2">
                <b class="text-3xl tabular-nums" data-testid=testid>{number}</b>
                <span class="text-sm opacity-75">{word}</span>
            </li>
        }
    };
    let nothing = found.stored + found.completed == 0;
    view! {
        <Layout title=td_string!(locale, staff.synced_title)>
            <section class="card-plain flex flex-col gap-3" role="status" data-testid="sync-done">
                <p class="flex items-center gap-2 font-medium">
                    <Icon name="check" class="text-success size-6 shrink-0"/>
                    {td_string!(locale, staff.synced_kiosk, yid = yid.0).to_string()}
                </p>
                <ul class="flex">
                    {count(found.stored, td_string!(locale, staff.synced_stored), "sync-stored")}
                    {count(found.completed, td_string!(locale, staff.synced_completed), "sync-completed")}
                </ul>
                {nothing.then(|| view! { <p>{td_string!(locale, staff.synced_none)}</p> })}
            </section>
            {(!nothing).then(|| view! { <ChangedOrders rows=found.changed total=found.stored + found.completed/> })}
            <section class="flex flex-col gap-3" aria-labelledby="set-clock">
                <h2 id="set-clock" class="text-lg font-semibold">{td_string!(locale, staff.synced_clock)}</h2>
                <ClockCard shows=found.clock kiosk=found.kiosk/>
            </section>
            <ToMain/>
        </Layout>
    }
    .into_any()
}

#[component]
fn ChangedOrders(rows: Vec<Order>, total: usize) -> impl IntoView {
    let locale = context::locale();
    let more = total.saturating_sub(rows.len());
    let items: Vec<_> = rows
        .into_iter()
        .map(|order| {
            view! {
                <li>
                    <a class="order-row" href=address(ORDERS, &order.things_sq) data-order=order.things_sq.0>
                        <b class="order-no">{order.customer_no.0}</b>
                        <StatusBadge status=order.status/>
                        <span class="order-who">{order.customer_name}</span>
                        {order.place.map(|place| view! { <b class="order-place">{place.label}</b> })}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <section class="flex flex-col gap-2" aria-labelledby="changed">
            <h2 id="changed" class="text-lg font-semibold">{td_string!(locale, staff.synced_changed)}</h2>
            <ul class="order-rows" data-testid="sync-changed">{items}</ul>
            {(more > 0).then(|| view! { <p>{td_string!(locale, staff.synced_more, count = more).to_string()}</p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, staff.sync)>
            <crate::ui::empty::Empty text=td_string!(locale, staff.sync_nothing) icon="sync">
                <a href="/staff/scan" class="btn btn-primary btn-lg"><Icon name="scan"/> {td_string!(locale, staff.scan)}</a>
            </crate::ui::empty::Empty>
        </Layout>
    }
    .into_any()
}
