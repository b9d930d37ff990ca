//! `/staff/sync`: what a sync changed, and the code that sets that kiosk's clock.

use crate::code_card::Shows;
use crate::error::loaded;
use crate::staff::codes::{self, ClockCard, ToMain};
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::Order;
use islands::addresses::at;
use islands::context::{self, RequestContext};
use islands::functions::{deposits, kiosks, orders};
use islands::i18n::td_string;
use islands::synced::{LISTED, SEPARATOR};
use islands::ui::icon::Icon;
use islands::ui::status::StatusBadge;
use leptos::prelude::*;

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
            match request.query_if_any("scan") {
                Some(token_id) => find(&request, token_id).await.map(Some),
                None => Ok(None),
            }
        },
        |found| match found {
            Some(found) => view! { <Synced found/> }.into_any(),
            None => view! { <Nothing/> }.into_any(),
        },
    )
}

async fn find(request: &RequestContext, token_id: &str) -> Result<Found, Refusal> {
    let yid = deposits::scanned_kiosk(token_id).await?;
    let mut changed = Vec::new();
    let named = request.query("orders").split(SEPARATOR).filter_map(ThingsSq::parse);
    for things_sq in named.take(LISTED) {
        // Read again, so that the page shows what is, not what its address says.
        changed.push(orders::get(&things_sq).await?);
    }
    let count = |name| request.query(name).parse().unwrap_or(0);
    Ok(Found {
        kiosk: kiosks::whereabouts(yid).await?,
        stored: count("stored"),
        completed: count("completed"),
        changed,
        clock: codes::clock(yid).await?,
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
            <section class="card-plain flex flex-col gap-4" role="status" data-testid="sync-done">
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
            <section class="flex flex-col gap-4" aria-labelledby="set-clock">
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
                    <a class="order-row" href=at::staff_order(&order.things_sq) data-order=order.things_sq.0>
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
                <a href=at::staff_scan() class="btn btn-primary btn-lg"><Icon name="scan"/> {td_string!(locale, staff.scan)}</a>
            </crate::ui::empty::Empty>
        </Layout>
    }
    .into_any()
}
