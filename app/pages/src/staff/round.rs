//! `/staff/round`: what staff take along for a day without network: kiosks they choose, and the orders that are ready. The part of the page that shows
//! it is kept on the phone (`kept.js`).

use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::{Millis, Yid};
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::Order;
use islands::addresses::at;
use islands::context;
use islands::date::Time;
use islands::functions::kiosks;
use islands::functions::unsent::{self, ROUND_MOST, Round};
use islands::i18n::{Locale, td_string};
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The name of the part, on the phone.
pub(crate) const ROUND: &str = "round";
/// A phone keeps a round for this long.
const KEPT_MS: i64 = 7 * 86_400_000;

/// The query parameter of a chosen kiosk.
fn field(yid: Yid) -> String {
    format!("kiosk.{yid}")
}

/// The page.
#[component]
pub fn TakeRound() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let mut all = kiosks::list().await?;
            all.retain(|kiosk| kiosk.retired_at.is_none());
            let is_chosen = |yid: &Yid| request.query_if_any(&field(*yid)).is_some();
            let chosen: Vec<Yid> = all.iter().map(|kiosk| kiosk.yid).filter(is_chosen).collect();
            let round = if chosen.is_empty() {
                None
            } else {
                Some(unsent::round(&chosen).await?)
            };
            Ok::<_, Refusal>((all, chosen, round))
        },
        |(all, chosen, round)| {
            let locale = context::locale();
            let choice = choice(locale, all, &chosen, round.is_some());
            let taken = round.map(|round| taken(locale, round));
            view! { <Layout title=td_string!(locale, staff.round)>{taken}{choice}</Layout> }
        },
    )
}

/// Which kiosks?
fn choice(locale: Locale, kiosks: Vec<Kiosk>, chosen: &[Yid], taken: bool) -> AnyView {
    if kiosks.is_empty() {
        return view! { <Empty text=td_string!(locale, staff.kiosks_none) icon="cabinet"/> }.into_any();
    }
    let boxes: Vec<_> = kiosks
        .into_iter()
        .map(|kiosk| {
            let checked = chosen.contains(&kiosk.yid);
            view! {
                <label class="flex min-h-12 items-center gap-3">
                    <input type="checkbox" name=field(kiosk.yid) value="1" class="checkbox" checked=checked/>
                    <span class="flex min-w-0 flex-col"><b>{kiosk_line(locale, kiosk.yid, &kiosk.name)}</b> <span class="text-sm opacity-75">{kiosk.address}</span></span>
                </label>
            }
        })
        .collect();
    let form = view! {
        <form method="get" class="flex flex-col gap-4" data-testid="round-form">
            <fieldset class="flex flex-col gap-1">
                <legend class="pb-1 font-medium">{td_string!(locale, staff.round_kiosks)}</legend>
                {boxes}
            </fieldset>
            <button class="btn btn-primary btn-lg" data-testid="round-take"><Icon name="download"/> {td_string!(locale, staff.round_take)}</button>
        </form>
    };
    if taken {
        let text = td_string!(locale, staff.round_other);
        return view! { <details class="card-plain"><summary class="min-h-12 cursor-pointer content-center font-medium">{text}</summary> {form}</details> }.into_any();
    }
    view! { <p>{td_string!(locale, staff.round_what)}</p> {form} }.into_any()
}

/// What is taken along, as it is kept.
fn taken(locale: Locale, round: Round) -> AnyView {
    let now = context::now();
    let until = now.plus(KEPT_MS);
    let places: Vec<_> = round.kiosks.iter().map(|kiosk| place(locale, kiosk)).collect();
    let more = round.more.then(|| {
        let text = td_string!(locale, staff.round_more, count = ROUND_MOST).to_string();
        view! { <p class="text-sm">{text}</p> }
    });
    let none = round
        .orders
        .is_empty()
        .then(|| view! { <p>{td_string!(locale, staff.round_none)}</p> });
    let rows: Vec<_> = round.orders.iter().map(row).collect();
    view! {
        <p role="status" hidden data-kept="" class="flex items-center gap-2" data-testid="round-kept"><Icon name="check"/> {td_string!(locale, staff.round_kept)}</p>
        <section class="flex flex-col gap-4" data-keep=ROUND data-title=td_string!(locale, staff.round) data-as-of=now.0.to_string() data-until=until.0.to_string() data-testid="round">
            <ul class="flex flex-col gap-2" data-testid="round-kiosks">{places}</ul>
            <h2 class="text-lg font-semibold">{td_string!(locale, staff.round_orders)}</h2>
            // For the script that filters, which is there without network only.
            <label hidden data-filter-of="" class="flex flex-col gap-1">
                <span class="font-medium">{td_string!(locale, staff.round_filter)}</span>
                <input type="search" class="input w-full" data-filter="" autocomplete="off"/>
            </label>
            {none}
            <ul class="flex flex-col gap-2" data-testid="round-orders">{rows}</ul>
            {more}
        </section>
    }
    .into_any()
}

fn place(locale: Locale, kiosk: &Kiosk) -> AnyView {
    let line = kiosk_line(locale, kiosk.yid, &kiosk.name);
    let name = line.clone();
    let free = td_string!(
        locale,
        staff.free_of,
        total = kiosk.counts.total,
        free = kiosk.counts.free
    )
    .to_string();
    let heard = kiosk
        .heard_at
        .map(|at: Millis| view! { " · " {td_string!(locale, staff.heard)} " " <Time at/> });
    view! {
        <li class="card-plain flex flex-col" data-kiosk-no=kiosk.yid.0.to_string() data-kiosk-name=name>
            <span class="font-semibold">{line}</span>
            <span>{kiosk.address.clone()}</span>
            <span class="text-sm">{free} {heard}</span>
        </li>
    }
    .into_any()
}

/// One order; a tap leads to its scan, or without network completes the deposit that was scanned.
fn row(order: &Order) -> AnyView {
    let href = links::with_query(&at::staff_scan(), &[("order", order.things_sq.as_str())]);
    let title = format!("{} {}", order.customer_no.as_str(), order.customer_name);
    let more = [order.address.as_str(), &order.meter_kind, order.business.as_str()];
    let more: Vec<&str> = more.into_iter().filter(|part| !part.is_empty()).collect();
    view! {
        <li>
            <a href=href class="card-plain card-link flex flex-col" data-order=order.things_sq.to_string() data-order-title=title.trim().to_owned()>
                <span class="font-semibold">{title.trim().to_owned()}</span>
                <span class="text-sm">{more.join(" · ")}</span>
            </a>
        </li>
    }
    .into_any()
}
