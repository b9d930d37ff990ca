//! One order in full.

use crate::orders::text_name;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order, OrderStatus, OrderText};
use islands::context;
use islands::date::{PhoneLink, Time};
use islands::i18n::td_string;
use islands::ui::status::StatusBadge;
use islands::words::kiosk_line;
use leptos::prelude::*;

/// Everything known about an order, its place first.
#[component]
pub fn Facts(
    /// The order.
    order: Order,
    /// The kiosk it is or was in.
    kiosk: Option<Whereabouts>,
) -> impl IntoView {
    let locale = context::locale();
    let others = OrderText::ALL.into_iter().filter(|text| *text != OrderText::CustomerNo);
    let texts: Vec<_> = others
        .map(|text| view! { <div><dt>{text_name(locale, text)}</dt><dd>{order.text(text).to_owned()}</dd></div> })
        .collect();
    view! {
        {order.place.is_some().then(|| view! { <PlaceCard order=order.clone() kiosk/> })}
        <section class="card-plain" aria-labelledby="facts" data-testid="facts">
            <h2 id="facts" class="sr-only">{td_string!(locale, orders.facts)}</h2>
            <dl class="facts">
                <div><dt>{text_name(locale, OrderText::CustomerNo)}</dt><dd class="text-xl font-bold tabular-nums">{order.customer_no.0.clone()}</dd></div>
                <div><dt>{td_string!(locale, orders.status)}</dt><dd><StatusBadge status=order.status/></dd></div>
                {texts}
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
            <section class="card-plain flex flex-col gap-4" aria-labelledby="place" data-testid="place">
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
