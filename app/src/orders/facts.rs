//! One order in full.

use crate::context;
use crate::i18n::{Locale, td_string};
use crate::ui::date::{PhoneLink, Time};
use crate::ui::status::StatusBadge;
use domain::ids::Yid;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order, OrderStatus};
use leptos::prelude::*;

/// A kiosk by name and number.
pub fn kiosk_line(locale: Locale, yid: Yid, name: &str) -> String {
    let number = td_string!(locale, orders.kiosk_no, yid = yid.0).to_string();
    if name.is_empty() {
        number
    } else {
        format!("{name} ({number})")
    }
}

/// Everything known about an order, its place first.
#[component]
pub fn Facts(
    /// The order.
    order: Order,
    /// The kiosk it is or was in.
    kiosk: Option<Whereabouts>,
) -> impl IntoView {
    let locale = context::locale();
    view! {
        {order.place.is_some().then(|| view! { <PlaceCard order=order.clone() kiosk/> })}
        <section class="card-plain" aria-labelledby="facts" data-testid="facts">
            <h2 id="facts" class="sr-only">{td_string!(locale, orders.facts)}</h2>
            <dl class="facts">
                <div><dt>{td_string!(locale, orders.customer_no)}</dt><dd class="text-xl font-bold tabular-nums">{order.customer_no.0}</dd></div>
                <div><dt>{td_string!(locale, orders.status)}</dt><dd><StatusBadge status=order.status/></dd></div>
                <div><dt>{td_string!(locale, orders.customer_name)}</dt><dd>{order.customer_name}</dd></div>
                <div><dt>{td_string!(locale, orders.address)}</dt><dd>{order.address}</dd></div>
                <div><dt>{td_string!(locale, orders.meter_kind)}</dt><dd>{order.meter_kind}</dd></div>
                <div><dt>{td_string!(locale, orders.business)}</dt><dd>{order.business.0}</dd></div>
                <div><dt>{td_string!(locale, orders.things_sq)}</dt><dd class="tabular-nums">{order.things_sq.0}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

/// Where the meter is, in letters as large as those on the door.
#[component]
fn PlaceCard(order: Order, kiosk: Option<Whereabouts>) -> impl IntoView {
    let locale = context::locale();
    let place = order.place?;
    let title = if order.status == OrderStatus::Done {
        td_string!(locale, orders.place_was)
    } else {
        td_string!(locale, orders.place)
    };
    let (name, address) = kiosk.map_or((String::new(), String::new()), |kiosk| (kiosk.name, kiosk.address));
    Some(
        view! {
            <section class="card-plain flex flex-col gap-3" aria-labelledby="place" data-testid="place">
                <h2 id="place" class="text-sm font-medium opacity-75">{title}</h2>
                <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                    <p class="place-label"><span class="sr-only">{td_string!(locale, orders.compartment)} " "</span> {place.label}</p>
                    <p class="flex min-w-0 flex-1 basis-44 flex-col">
                        <span class="font-semibold">{kiosk_line(locale, place.yid, &name)}</span>
                        {(!address.is_empty()).then_some(address)}
                    </p>
                </div>
                <dl class="facts">
                    {order.stored_at.map(|at| view! { <div><dt>{td_string!(locale, orders.stored_at)}</dt><dd><Time at full=true/></dd></div> })}
                    {order.stored_by.map(|number| view! { <div><dt>{td_string!(locale, orders.stored_by)}</dt><dd><PhoneLink number/></dd></div> })}
                    {order.done_at.map(|at| view! { <div><dt>{td_string!(locale, orders.done_at)}</dt><dd><Time at full=true/></dd></div> })}
                </dl>
            </section>
        }
        .into_any(),
    )
}
